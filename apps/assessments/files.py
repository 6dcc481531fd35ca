"""What may be attached as evidence, judged by content and never by name."""

import hashlib
import io
import threading
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

from apps.core.errors import InvalidInput

_IMAGES = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "WEBP": ("image/webp", ".webp")}
_OFFICE = {
    "word/document.xml": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "xl/workbook.xml": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
}
_MAX_UNPACKED = 200 * 1024 * 1024
# Types that a browser may show in place.
SHOWN_INLINE = frozenset(content_type for content_type, _ in _IMAGES.values())
_THUMBNAIL_SIZE = (240, 180)
# A decoded picture takes up to 200 MB: a process holds one at a time.
_ONE_AT_A_TIME = threading.Lock()
ACCEPTED = "照片（JPG、PNG、WebP）、PDF、Word（docx）、Excel（xlsx）"


@dataclass(frozen=True)
class Judged:
    """An accepted file: what its content is, the ending it is stored with, its hash and size in bytes."""

    content_type: str
    ending: str
    sha256: str
    size: int


def judge_file(file: UploadedFile) -> Judged:
    """Look at the content of an upload; InvalidInput with the reason when it cannot be taken."""
    name = file.name or "文件"
    size = file.size or 0
    if size == 0:
        raise InvalidInput(f"“{name}”是空文件，请重新选择。")
    if size > settings.EVIDENCE_MAX_BYTES:
        limit = settings.EVIDENCE_MAX_BYTES // 2**20
        raise InvalidInput(f"“{name}”有 {size / 2**20:.1f} MB，超过 {limit} MB。请压缩后再传。")
    content_type, ending = _kind_of(file, name)
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Judged(content_type, ending, digest.hexdigest(), size)


def safe_name(name: str, ending: str) -> str:
    """Return the uploaded name without invisible and direction-turning characters, with the ending of what the file is."""
    visible = "".join(one for one in name if unicodedata.category(one)[0] != "C")
    path = PurePath(visible)
    stem = path.stem if path.suffix.lower() in {ending, ".jpeg"} else path.name
    return f"{stem[:150].strip() or '文件'}{ending}"


def thumbnail(file: IO[bytes]) -> bytes:
    """Return a small JPEG of a judged picture, turned upright."""
    made = io.BytesIO()
    with _ONE_AT_A_TIME, Image.open(file) as image:
        longest = max(_THUMBNAIL_SIZE)
        image.draft("RGB", (longest, longest))
        image.thumbnail((longest, longest))
        upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail(_THUMBNAIL_SIZE)
        upright.save(made, "JPEG", quality=80)
    return made.getvalue()


def _kind_of(file: UploadedFile, name: str) -> tuple[str, str]:
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.startswith(b"%PDF-"):
        return "application/pdf", ".pdf"
    if head.startswith(b"PK\x03\x04"):
        return _office_kind(file, name)
    return _image_kind(file, name)


def _office_kind(file: UploadedFile, name: str) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise InvalidInput(f"“{name}”已损坏，打不开。请重新保存后再传。") from error
    if sum(member.file_size for member in members) > _MAX_UNPACKED:
        raise InvalidInput(f"“{name}”解开后过大，不能接收。")
    names = {member.filename for member in members}
    if any(one.lower().endswith("vbaproject.bin") for one in names):
        raise InvalidInput(f"“{name}”含有宏，不能接收。请另存为不含宏的文件。")
    for part, kind in _OFFICE.items():
        if part in names:
            return kind
    raise InvalidInput(f"“{name}”的类型不能接收。可以上传：{ACCEPTED}。")


def _image_kind(file: UploadedFile, name: str) -> tuple[str, str]:
    try:
        with Image.open(file) as image:
            kind = _IMAGES.get(image.format or "")
            pixels = image.width * image.height
            limit = settings.EVIDENCE_MAX_PIXELS if image.format == "JPEG" else settings.EVIDENCE_MAX_WHOLE_PIXELS
            if kind is not None and pixels <= limit:
                # Decoding finds a file that was cut off; a JPEG is decoded at an eighth of its size.
                image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
                with _ONE_AT_A_TIME:
                    image.load()
    except UnidentifiedImageError as error:
        raise InvalidInput(f"“{name}”的类型不能接收。可以上传：{ACCEPTED}。") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInput(f"“{name}”已损坏或尺寸异常，不能接收。请重新拍摄或保存后再传。") from error
    if kind is None:
        raise InvalidInput(f"“{name}”的图片格式不能接收。可以上传：{ACCEPTED}。")
    if pixels > limit:
        raise InvalidInput(f"“{name}”有 {pixels // 10_000} 万像素，过大。请缩小后再传。")
    return kind
