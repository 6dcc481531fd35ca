"""PDF files: whole, open to everybody, without scripts, programs to start, forms that send and attached files.

Names are read where they stand in clear and in packed object streams. What a stream of another kind or filter hides is not
found: this keeps out what common programs write, the reader's own sandbox has to hold against the rest. Every search goes
over a file once, however it is made.
"""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import chain

from apps.assessments.file_signatures import HEAD, Refused, check_traces, has_markup

_MAX_UNPACKED = 64 * 2**20
# One holds about a hundred objects: enough for hundreds of thousands.
_MAX_OBJECT_STREAMS = 5000
# Common programs escape only what is not ASCII; chance gives a packed file of 20 MB some thousands.
_MAX_ESCAPES = 200_000
# What may stand behind the packed data of a stream, before its end mark.
_MAX_BEHIND = 1024
# Readers look for the end mark in the last 1,024 bytes.
_END_REACH = 1024
_BLANKS = b"\x00 \t\r\n\x0c\x1a"
_AGAIN = "请用浏览器或 WPS “打印—另存为 PDF”后再传。"
_HIDDEN = f"的内部结构异常，可能藏有别的内容，不能接收。{_AGAIN}"
_ENCRYPTED = f"设有密码或使用限制，审核人可能打不开，也不能归档。{_AGAIN}"
_FORM = f"含有动态表单（XFA），不能接收。{_AGAIN}"
_REMOTE = f"里面的链接会打开别的电脑上的文件，不能接收。请删去链接，或{_AGAIN}"
_ACTIVE = [
    (b"/JavaScript", f"含有脚本，不能接收。{_AGAIN}"),
    (b"/Launch", f"会启动别的程序，不能接收。{_AGAIN}"),
    (b"/EmbeddedFile", f"里面附有别的文件，不能接收。请把附件另外上传，本文件{_AGAIN}"),
    (b"/RichMedia", f"嵌有动画或视频，不能接收。{_AGAIN}"),
    (b"/SubmitForm", f"含有会向外发送内容的表单，不能接收。{_AGAIN}"),
    (b"/ImportData", f"含有会从别的文件取数的表单，不能接收。{_AGAIN}"),
]
# Short names need their value: three letters come up by chance. A comment before the value only serves to hide it.
_HAS_PASSWORD = re.compile(rb"/Encrypt(?:[\s\x00]++\d|[\s\x00]*+(?:<<|%))")
_HAS_FORM = re.compile(rb"/XFA(?:[\s\x00]++\d|[\s\x00]*+[\[%])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_OBJECT_STREAM = re.compile(rb"/ObjStm\b")
# The numbers and places of its objects, with which an object stream that is not packed begins.
_IN_CLEAR = re.compile(rb"\s*\d+\s+\d+\s")
_PATHS = [
    re.compile(key + rb"[\s\x00]*+(?:\(((?:[^()\\]|\\.){0,500}+)|<([0-9A-Fa-f\s]{1,1000}+))", re.DOTALL)
    for key in (b"/F", b"/UF", b"/DOS")
]
_MAX_PATHS = 2000
_BACKSLASH = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ON_THIS_DISK = re.compile(r"/?[a-z]:?/(?!/)|[^/:]*(?:/(?!/)|$)", re.IGNORECASE)


def judge_pdf(content: bytes) -> None:
    """Refused with the reason unless the file, which begins as a PDF, can be taken."""
    if has_markup(content[:HEAD]):
        raise Refused(f"开头夹带网页代码，不能接收。{_AGAIN}")
    body = content.rstrip(_BLANKS)
    if b"%%EOF" not in body[-_END_REACH - len(b"%%EOF") :]:
        raise Refused(f"不完整，或者末尾附有别的内容，不能接收。请重新下载；仍然不行时{_AGAIN}")
    check_traces(BytesIO(content), of_picture=False)
    names = _in_clear(content)
    if _HAS_PASSWORD.search(names):
        raise Refused(_ENCRYPTED)
    # No program spells this name otherwise but to hide it.
    if names.count(b"/ObjStm") != content.count(b"/ObjStm"):
        raise Refused(_HIDDEN)
    parts = [names, *map(_in_clear, _object_streams(content))]
    for part in parts:
        _check_names(part)
    # The path may stand in another object than the link.
    if any(b"/GoToR" in part for part in parts):
        _check_paths(parts)


def _in_clear(part: bytes) -> bytes:
    """``part`` with the escaped letters of names (`/Java#53cript`) as what they stand for."""
    if b"#" not in part:
        return part
    clear, count = _ESCAPED.subn(lambda escaped: bytes([int(escaped[1], 16)]), part, count=_MAX_ESCAPES)
    if count >= _MAX_ESCAPES:
        raise Refused(_HIDDEN)
    return clear


def _check_names(part: bytes) -> None:
    for name, reason in _ACTIVE:
        if name in part:
            raise Refused(reason)
    if _HAS_FORM.search(part):
        raise Refused(_FORM)


def _check_paths(parts: list[bytes]) -> None:
    paths = chain.from_iterable(pattern.finditer(part) for part in parts for pattern in _PATHS)
    for count, found in enumerate(paths):
        if count >= _MAX_PATHS:
            raise Refused(_HIDDEN)
        if _is_elsewhere(found):
            raise Refused(_REMOTE)


def _is_elsewhere(found: re.Match[bytes]) -> bool:
    """Whether a path, written as a text or as hexadecimal digits, leads to another machine."""
    if found[2] is not None:
        digits = b"".join(found[2].split())
        path = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    else:
        path = _BACKSLASH.sub(lambda one: bytes([int(one[1], 8) & 255]) if one[1][:1].isdigit() else one[1], found[1])
    text = path.removeprefix(b"\xfe\xff").replace(b"\x00", b"").decode("latin-1").strip().replace("\\", "/")
    return _ON_THIS_DISK.match(text) is None


def _object_streams(content: bytes) -> Iterator[bytes]:
    """The packed streams in which newer PDFs keep their dictionaries, unpacked within bounds; Refused if one stays shut."""
    left, place, end = _MAX_UNPACKED, 0, 0
    whole = memoryview(content)
    for _ in range(_MAX_OBJECT_STREAMS):
        if (found := _OBJECT_STREAM.search(content, place)) is None:
            return
        start = content.find(b"stream", found.end(), found.end() + HEAD)
        # Texts and comments, of which the dictionary of such a stream has none, could hold a false beginning.
        if start < 0 or any(mark in content[found.end() : start] for mark in (b"(", b"%")):
            raise Refused(_HIDDEN)
        start += len(b"stream")
        start += len(content[start : start + 8]) - len(content[start : start + 8].lstrip(b"\r\n"))
        if end < start and (end := content.find(b"endstream", start)) < 0:
            raise Refused(_HIDDEN)
        place = start
        unpack = zlib.decompressobj()
        try:
            part = unpack.decompress(whole[start:end], left)
        except zlib.error as error:
            if _IN_CLEAR.match(content[start : start + 64]):
                continue
            raise Refused(_HIDDEN) from error
        left -= len(part)
        if unpack.unconsumed_tail or left <= 0:
            raise Refused(f"解开后过大，不能接收。{_AGAIN}")
        # Also keeps the work within bounds: the next search begins behind what was unpacked.
        if len(unpack.unused_data) > _MAX_BEHIND:
            raise Refused(_HIDDEN)
        place = end
        yield part
    if _OBJECT_STREAM.search(content, place):
        raise Refused(_HIDDEN)
