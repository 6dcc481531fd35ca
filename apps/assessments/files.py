"""What may be attached as evidence, judged by content and never by name."""

import hashlib
import re
import threading
import unicodedata
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageFile

from apps.accounts.models import User
from apps.assessments.file_exif import Shot, shot_of
from apps.assessments.file_office import judge_office
from apps.assessments.file_pdf import judge_pdf
from apps.assessments.file_signatures import (
    ACCEPTED,
    HEAD,
    JPEG,
    OLD_OFFICE,
    PDF,
    PNG,
    WEBP,
    ZIP,
    Refused,
    check_traces,
    hides_pdf,
    old_office_refusal,
    refusal,
)
from apps.core import clock
from apps.core.errors import InvalidInput

__all__ = [
    "ACCEPTED",
    "ONE_AT_A_TIME",
    "PICTURE_FORMATS",
    "PICTURE_TYPES",
    "Judged",
    "judge_file",
    "row_fields",
    "safe_name",
]

# MPO: a JPEG with a second picture behind it (depth, brightness), as many phones make them.
_PICTURES = {
    "JPEG": ("image/jpeg", ".jpg"),
    "MPO": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
    "WEBP": ("image/webp", ".webp"),
}
PICTURE_TYPES = frozenset(content_type for content_type, _ in _PICTURES.values())
# What Pillow may try: its other readers never see a file from outside.
PICTURE_FORMATS = ("JPEG", "PNG", "WEBP")
# A decoded picture takes up to 200 MB: a process holds one at a time.
ONE_AT_A_TIME = threading.Lock()
# Markers of a JPEG that have a length; those inside its data have none.
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
_START_OF_PASS, _END_OF_PICTURE = b"\xff\xda", b"\xff\xd9"
_MAX_PASSES = 100
_DAMAGED = "已损坏或尺寸异常，不能接收。请重新拍摄或保存后再传。"
_NAMED_AS_PICTURE = (".jpg", ".jpeg", ".png", ".webp")
_UNREADABLE = "已损坏或者不是照片，打不开。请重新拍摄或保存后再传。"
# What is said where the content tells nothing.
_UNKNOWN = refusal(b"")


@dataclass(frozen=True)
class Judged:
    """An accepted file: what its content is, the ending it is stored with, its hash and size in bytes, what a camera wrote."""

    content_type: str
    ending: str
    sha256: str
    size: int
    shot: Shot = field(default_factory=Shot)


def row_fields(file: UploadedFile, judged: Judged, *, by: User, unnamed: str = "文件") -> dict[str, Any]:
    """What a row keeps of an accepted file: the file under the name that it is stored with, its own name, kind, size and hash, and
    by whom it was uploaded just now. ``unnamed``: what a file without a name is called."""
    name = safe_name(file.name or unnamed, judged.ending)
    file.name = f"file{judged.ending}"
    return {
        "file": file,
        "name": name,
        "content_type": judged.content_type,
        "size": judged.size,
        "sha256": judged.sha256,
        "uploaded_at": clock.now(),
        "uploaded_by": by,
    }


def judge_file(file: UploadedFile) -> Judged:
    """Look at the content of an upload; InvalidInput with the reason and the way out when it cannot be taken."""
    name = _visible(file.name or "")[:150] or "文件"
    size = file.size or 0
    if size == 0:
        raise InvalidInput(f"“{name}”是空文件，请重新选择。")
    if size > settings.EVIDENCE_MAX_BYTES:
        limit = settings.EVIDENCE_MAX_BYTES // 2**20
        raise InvalidInput(f"“{name}”有 {size / 2**20:.1f} MB，超过 {limit} MB。请压缩后再传。")
    try:
        content_type, ending, shot = _kind_of(file, size)
    except Refused as refused:
        is_damaged = str(refused) == _UNKNOWN and name.lower().endswith(_NAMED_AS_PICTURE)
        raise InvalidInput(f"“{name}”{_UNREADABLE if is_damaged else refused}") from refused
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Judged(content_type, ending, digest.hexdigest(), size, shot)


def safe_name(name: str, ending: str) -> str:
    """Return the uploaded name without invisible and direction-turning characters, with the ending of what the file is."""
    path = PurePath(_visible(name))
    stem = path.stem if path.suffix.lower() in {ending, ".jpeg"} else path.name
    return f"{stem[:150].strip() or '文件'}{ending}"


def _visible(name: str) -> str:
    return "".join(one for one in name if unicodedata.category(one)[0] != "C")


def _kind_of(file: IO[bytes] | UploadedFile, size: int) -> tuple[str, str, Shot]:
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if head.startswith(PDF):
        judge_pdf(file.read())
        return "application/pdf", ".pdf", Shot()
    if head.startswith(ZIP):
        return (*judge_office(file, size), Shot())
    if head.startswith((JPEG, PNG)) or (head.startswith(b"RIFF") and head[8:12] == WEBP):
        return _judge_picture(file)
    if head.startswith(OLD_OFFICE):
        raise Refused(old_office_refusal(file))
    if hides_pdf(head):
        raise Refused("的开头有不属于 PDF 的内容，不能接收。请用浏览器或 WPS “打印—另存为 PDF”后再传。")
    raise Refused(refusal(head))


def _judge_picture(file: IO[bytes] | UploadedFile) -> tuple[str, str, Shot]:
    # WeasyPrint lets the whole process load pictures that were cut off.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(file, formats=PICTURE_FORMATS) as image:
            kind, is_jpeg = _PICTURES[image.format or ""], image.format in {"JPEG", "MPO"}
            pixels = image.width * image.height
            if pixels > (settings.EVIDENCE_MAX_PIXELS if is_jpeg else settings.EVIDENCE_MAX_WHOLE_PIXELS):
                raise Refused(_too_many(pixels))
            if not is_jpeg and getattr(image, "is_animated", False):
                raise Refused("是动图，审核时只能看到一帧，不能接收。请截图后再传。")
            file.seek(0)
            if is_jpeg and _passes(file.read()) > _MAX_PASSES:
                raise Refused(_DAMAGED)
            # Decoding finds a file that was cut off; a JPEG is decoded at an eighth of its size.
            image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
            with ONE_AT_A_TIME:
                image.load()
            # A PNG may have it behind the picture: only what was loaded knows.
            shot = shot_of(image)
    except Image.DecompressionBombError as error:
        # Raised before there is a picture to ask; only the message has the number.
        stated = re.search(r"\((\d+) pixels\)", str(error))
        raise Refused(_too_many(int(stated[1]) if stated else None)) from error
    except (OSError, SyntaxError, ValueError, KeyError) as error:
        raise Refused(_DAMAGED) from error
    check_traces(file)
    return (*kind, shot)


def _too_many(pixels: int | None) -> str:
    many = f"有 {pixels // 10_000} 万像素" if pixels is not None else "像素过多"
    return f"{many}，过大。请缩小后再传。"


def _passes(content: bytes) -> int:
    """How many times decoding goes over the picture: a few in a progressive JPEG, any number in one made to keep it busy."""
    found, at = 0, 2
    while marker := _MARKER.search(content, at):
        at = marker.end()
        if marker[0] == _END_OF_PICTURE:
            break
        found += marker[0] == _START_OF_PASS
        at += int.from_bytes(content[at : at + 2])
    return found
