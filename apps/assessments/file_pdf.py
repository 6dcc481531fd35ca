"""PDF files: whole, open to everybody, without scripts, programs to start and attached files.

Names are read where they stand in clear and in packed object streams. What a stream of another kind or filter hides is not
found: this keeps out what common programs write, the reader's own sandbox has to hold against the rest.
"""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO

from apps.assessments.file_signatures import HEAD, Refused, check_traces, has_markup

_MAX_UNPACKED = 64 * 2**20
# Readers look for the end mark in the last 1,024 bytes.
_END_REACH = 1024
_BLANKS = b"\x00 \t\r\n\x0c\x1a"
_AGAIN = "请用浏览器或 WPS “打印—另存为 PDF”后再传。"
_ACTIVE = [
    (b"/JavaScript", f"含有脚本，不能接收。{_AGAIN}"),
    (b"/Launch", f"会启动别的程序，不能接收。{_AGAIN}"),
    (b"/EmbeddedFile", f"里面附有别的文件，不能接收。请把附件另外上传，本文件{_AGAIN}"),
    (b"/RichMedia", f"嵌有动画或视频，不能接收。{_AGAIN}"),
]
_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def judge_pdf(content: bytes) -> None:
    """Refused with the reason unless the file, which begins as a PDF, can be taken."""
    if has_markup(content[:HEAD]):
        raise Refused(f"开头夹带网页代码，不能接收。{_AGAIN}")
    body = content.rstrip(_BLANKS)
    if b"%%EOF" not in body[-_END_REACH - len(b"%%EOF") :]:
        raise Refused(f"不完整，或者末尾附有别的内容，不能接收。请重新下载；仍然不行时{_AGAIN}")
    check_traces(BytesIO(content), of_picture=False)
    if _ENCRYPTED.search(content):
        raise Refused(f"设有密码或使用限制，审核人可能打不开，也不能归档。{_AGAIN}")
    for part in (content, *_object_streams(content)):
        _check_names(part)


def _check_names(part: bytes) -> None:
    names = _ESCAPED.sub(lambda escaped: bytes([int(escaped[1], 16)]), part) if b"#" in part else part
    for name, reason in _ACTIVE:
        if name in names:
            raise Refused(reason)


def _object_streams(content: bytes) -> Iterator[bytes]:
    """The packed streams in which newer PDFs keep their dictionaries, unpacked within bounds."""
    left = _MAX_UNPACKED
    for found in re.finditer(rb"/ObjStm\b", content):
        start = content.find(b"stream", found.end())
        end = content.find(b"endstream", start)
        if start < 0 or end < 0 or start - found.end() > HEAD:
            continue
        unpack = zlib.decompressobj()
        try:
            part = unpack.decompress(content[start + len(b"stream") : end].lstrip(b"\r\n"), left)
        except zlib.error:
            continue
        left -= len(part)
        if unpack.unconsumed_tail or left <= 0:
            raise Refused(f"解开后过大，不能接收。{_AGAIN}")
        yield part
