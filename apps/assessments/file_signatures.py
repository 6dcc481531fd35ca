"""What a file is by its first bytes, why it is not taken, and traces of a second format hidden in it. Knows no uploads."""

import zlib
from collections.abc import Iterator
from typing import IO

JPEG, PNG, WEBP, PDF, ZIP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"WEBP", b"%PDF-", b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ACCEPTED = "照片（JPG、PNG、WebP）、PDF、Word（docx）、Excel（xlsx）"
HEAD = 4096

_INSTEAD = f"可以上传：{ACCEPTED}。"
_AS_PICTURE = "不能接收。请另存为 JPG 或 PNG 后再传。"
_ARCHIVE = "是压缩包，不能接收。请解压后逐个上传里面的文件。" + _INSTEAD
_SVG = f"是 SVG 图片，里面可以藏脚本，{_AS_PICTURE}"
_WEB_PAGE = "是网页，里面可以藏脚本，不能接收。请在浏览器里“打印—另存为 PDF”后再传。"
_PROGRAM = "是程序，不能接收。" + _INSTEAD
_OLD = (
    "是旧版 Office 或 WPS 格式（doc、xls、ppt、wps、et），里面可以藏宏，不能接收。请另存为 docx、xlsx 或 PDF 后再传。"
)
_HEIC = (
    "是 HEIC 照片，多数电脑打不开，不能接收。请在手机“设置—相机”里把照片格式改为 JPG（苹果手机：“格式—兼容性最佳”）"
    "后重拍，或转成 JPG 后再传。"
)
_KNOWN = [
    (b"MZ", _PROGRAM),
    (b"\x7fELF", _PROGRAM),
    (b"#!", _PROGRAM),
    (b"L\x00\x00\x00\x01\x14\x02\x00", _PROGRAM),
    (b"GIF8", f"是 GIF 图片，{_AS_PICTURE}"),
    (b"BM", f"是 BMP 图片，{_AS_PICTURE}"),
    (b"II*\x00", f"是 TIFF 图片或相机原始文件，{_AS_PICTURE}"),
    (b"MM\x00*", f"是 TIFF 图片或相机原始文件，{_AS_PICTURE}"),
    (b"8BPS", f"是 PSD 图片，{_AS_PICTURE}"),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ\x00", _ARCHIVE),
    (b"PK\x05\x06", _ARCHIVE),
    (b"{\\rtf", "是 RTF 文档，不能接收。请另存为 docx 或 PDF 后再传。"),
]
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

# The part of the old container that holds an encrypted document, in small letters.
_ENCRYPTED = "encryptedpackage".encode("utf-16-le")
# A ZIP that can be opened has all three: a part, its entry in the directory, the directory's end.
_ZIP_MARKS = (b"pk\x03\x04", b"pk\x01\x02", b"pk\x05\x06")
_ARCHIVE_MARKS = (b"rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_MARKUP = (b"<script", b"<!doctype html", b"<html>", b"<html ", b"<?php ", b"<?php\n", b"<?php\r")
_CHUNK = 1024 * 1024
# How far into a file readers look for a PDF's header.
_PDF_REACH = 1024


class Refused(Exception):
    """Why a file is not taken, and the way out, as what follows its name: `含有宏，不能接收。…`."""


def refusal(head: bytes) -> str:
    """Return why a file that begins with ``head`` is none of those that are taken."""
    if head.startswith(b"\x1f\x8b") and _text(_gunzipped(head)).find(b"<svg") >= 0:
        return _SVG
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _HEIC_BRANDS:
            return _HEIC
        return f"是 AVIF 图片，{_AS_PICTURE}" if brand in {b"avif", b"avis"} else "是视频，不能接收。" + _INSTEAD
    for signature, reason in _KNOWN:
        if head.startswith(signature):
            return reason
    return _markup_refusal(_text(head)) or "的类型不能接收。" + _INSTEAD


def old_office_refusal(file: IO[bytes]) -> str:
    """Return why a file in the old Office container is not taken: one with a password is put into it whatever its format."""
    if _found(file, [_ENCRYPTED]):
        return "设有打开密码，审核人打不开，不能接收。请取消密码后再传。"
    return _OLD


def has_markup(head: bytes) -> bool:
    """Whether a browser or script engine might take the beginning of a file for its own."""
    text = _text(head)
    return any(mark in text for mark in (*_MARKUP, b"<svg"))


def check_traces(file: IO[bytes], *, of_picture: bool = True) -> None:
    """Refuse a file in which a second one is hidden for another program to find: a ZIP, an archive, a PDF, a script.

    Looks for whole signatures anywhere, so that what phones append to their photos (a second picture, a film, their own
    notes) passes.
    """
    marks = [*_ZIP_MARKS, *_ARCHIVE_MARKS, *([b"%pdf-", *_MARKUP] if of_picture else [])]
    found = _found(file, marks)
    hidden = ""
    if found.issuperset(_ZIP_MARKS) or found & set(_ARCHIVE_MARKS):
        hidden = "压缩包"
    elif b"%pdf-" in found:
        hidden = "PDF 文档"
    elif found & set(_MARKUP):
        hidden = "网页代码"
    if hidden:
        way_out = "请重新拍摄，或截图后再传。" if of_picture else "请用浏览器或 WPS “打印—另存为 PDF”后再传。"
        raise Refused(f"里面夹带{hidden}，不能接收。{way_out}")


def hides_pdf(head: bytes) -> bool:
    """Whether readers would open it as a PDF although it does not begin as one."""
    return PDF in head[1:_PDF_REACH]


def _found(file: IO[bytes], marks: list[bytes]) -> set[bytes]:
    """Which of the ``marks`` (in small letters) occur, whatever the case."""
    found: set[bytes] = set()
    for chunk in _chunks(file, max(map(len, marks))):
        text = chunk.lower()
        found.update(mark for mark in marks if mark not in found and mark in text)
    return found


def _chunks(file: IO[bytes], overlap: int) -> Iterator[bytes]:
    file.seek(0)
    kept = b""
    while chunk := file.read(_CHUNK):
        yield kept + chunk
        kept = (kept + chunk)[-overlap:]
    file.seek(0)


def _text(head: bytes) -> bytes:
    """``head`` as small letters of ASCII, whatever its encoding, without a byte order mark and blanks at its beginning."""
    text = head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return text.replace(b"\x00", b"").lstrip().lower()


def _markup_refusal(text: bytes) -> str:
    if not text.startswith(b"<"):
        return _WEB_PAGE if text.startswith(b"mime-version:") else ""
    if b"<svg" in text:
        return _SVG
    if text.startswith(b"<?xml") and not any(mark in text for mark in _MARKUP):
        return "是 XML 文件，不能接收。" + _INSTEAD
    return _WEB_PAGE


def _gunzipped(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, HEAD)
    except zlib.error:
        return b""
