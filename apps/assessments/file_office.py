"""Word and Excel files (docx, xlsx): a ZIP is measured by what comes out of it, and searched for what acts by itself.

Not looked into: fields of Word and formulas that fetch when a person agrees to it (links between workbooks), pictures on the
web that a document links to instead of holding them.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from apps.assessments.file_signatures import OLD_OFFICE, ZIP, Refused

OFFICE = {
    "word/document.xml": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "xl/workbook.xml": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
}
MAX_UNPACKED = 100 * 2**20
MAX_MEMBERS = 5000
# Lists of many like rows reach 50 to 100; deflate itself ends at 1,032.
MAX_RATIO = 200
_RATIO_COUNTS_FROM = 10 * 2**20
# Read as a whole: parts that say what the others are, and documents inside the document (the figures behind a chart).
_MAX_KEPT = 20 * 2**20
_CHUNK = 64 * 1024
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_DIRECTORY_END = 22
# What may stand behind a part: its sizes once more, where its header leaves them open.
_DESCRIPTOR = 24
_SIZES_FOLLOW = 0x8
_IN_EXTRA = 0xFFFFFFFF

_DAMAGED = "已损坏，打不开。请重新保存后再传。"
_BOMB = "解开后过大，不能接收。请删去多余内容、重新保存后再传。"
_MACRO = "含有宏，不能接收。请另存为不含宏的文件。"
_SMUGGLES = "里面夹带别的内容，不能接收。请用 Office 或 WPS 打开后另存，再传。"
_PASSWORD = "设有密码，审核人打不开，不能接收。请取消密码后再传。"  # noqa: S105
_ACTIVE = "含有 ActiveX 控件，不能接收。请删去控件或另存为 PDF 后再传。"
_OBJECT = "嵌有别的程序的对象（OLE），不能接收。请删去对象或另存为 PDF 后再传。"
_REMOTE = "打开时会从网络读取内容（{}），不能接收。请断开链接或另存为 PDF 后再传。"
_INSERTED = "里面插有网页、RTF 文档、快捷方式或程序，不能接收。请删去插入的文件或另存为 PDF 后再传。"
_DDE = "含有动态数据交换（DDE）链接，不能接收。请用“数据—编辑链接”断开链接，或另存为 PDF 后再传。"
_WEB_QUERY = "含有从网页取数的连接，不能接收。请用“数据—查询和连接”删去连接，或另存为 PDF 后再传。"
_NOT_OFFICE = "是压缩包，不能接收。请解压后逐个上传里面的文件。"
_OTHERS = {
    "ppt/presentation.xml": "是演示文稿，不能接收。请另存为 PDF 后再传。",
    "xl/workbook.bin": "是二进制 Excel 格式（xlsb），不能接收。请另存为 xlsx 后再传。",
    "OFD.xml": "是 OFD 版式文件，不能接收。请转成 PDF 后再传。",
    "content.xml": "是 OpenDocument 格式，不能接收。请另存为 docx、xlsx 或 PDF 后再传。",
}
_TYPES = "[content_types].xml"
_MACRO_TYPES = (b"macroenabled", b"vbaproject", b"macrosheet")
# What Word or Excel fetches while it opens a file, without asking.
_FETCHED = {"attachedtemplate", "oleobject", "frame", "subdocument"}
# Pages and documents of another kind that Word takes into its own while it opens.
_TAKEN_IN = "afchunk"
_FOREIGN_NAMES = (
    *(".lnk", ".url", ".rtf", ".htm", ".html", ".xhtml", ".mht", ".mhtml", ".hta", ".js", ".jse", ".vbs", ".vbe"),
    *(".wsf", ".exe", ".scr", ".bat", ".cmd", ".ps1", ".msi"),
)
_FOREIGN_STARTS = (b"{\\rtf", b"<html", b"<!doctype html", b"l\x00\x00\x00\x01\x14\x02\x00")
# Text within XML never holds the bracket itself.
_FETCHING = re.compile(rb"<(?:[\w.-]{1,40}:)?(ddelink|webpr)[\s/>]")
_FETCHING_LENGTH = 64


@dataclass
class _Budget:
    """What unpacking has come to, of a document and those inside it together."""

    packed: int = 0
    unpacked: int = 0
    members: int = 0

    def spend(self, packed: int, unpacked: int) -> None:
        self.packed += packed
        self.unpacked += unpacked
        is_steep = self.unpacked > _RATIO_COUNTS_FROM and self.unpacked > MAX_RATIO * self.packed
        if self.unpacked > MAX_UNPACKED or is_steep:
            raise Refused(_BOMB)


@dataclass(frozen=True)
class _Document:
    file: IO[bytes]
    size: int
    depth: int = 0
    budget: _Budget = field(default_factory=_Budget)


def judge_office(file: IO[bytes], size: int) -> tuple[str, str]:
    """Return the content type and ending of a ZIP that is a Word or Excel file without anything active; else Refused."""
    return _judge(_Document(file, size))


def _judge(document: _Document) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(document.file) as archive:
            members, directory = archive.infolist(), archive.start_dir
        kind = _kind(members, document)
        for start, member in _laid_out(document, members, directory):
            _check_part(document, member, start)
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, ValueError, EOFError) as error:
        raise Refused(_DAMAGED) from error
    return kind


def _kind(members: list[zipfile.ZipInfo], document: _Document) -> tuple[str, str]:
    names = {member.filename for member in members}
    lowered = [name.lower() for name in names]
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in lowered):
        raise Refused(_MACRO)
    if any("/activex/" in name for name in lowered):
        raise Refused(_ACTIVE)
    if any(member.flag_bits & 1 for member in members):
        raise Refused(_PASSWORD)
    kind = next((kind for part, kind in OFFICE.items() if part in names), None)
    if kind is None:
        raise Refused(next((reason for part, reason in _OTHERS.items() if part in names), _NOT_OFFICE))
    if len(set(lowered)) < len(members) or any(".." in re.split(r"[/\\]", name) for name in names):
        raise Refused(_SMUGGLES)
    if any(name.endswith(_FOREIGN_NAMES) for name in lowered):
        raise Refused(_INSERTED)
    document.budget.members += len(members)
    if document.budget.members > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Refused(_BOMB)
    return kind


def _laid_out(
    document: _Document, members: list[zipfile.ZipInfo], directory: int
) -> Iterator[tuple[int, zipfile.ZipInfo]]:
    """Each part with the place of its data; Refused unless parts, directory and its end fill the file without a gap.

    Between them something for another program could stand; and a directory that tells other than the parts themselves
    shows one program this and another one that.
    """
    document.file.seek(max(document.size - _DIRECTORY_END, 0))
    if not document.file.read(4).startswith(b"PK\x05\x06"):
        raise Refused(_SMUGGLES)
    end = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        gap = member.header_offset - end
        if not 0 <= gap <= (_DESCRIPTOR if end else 0):
            raise Refused(_SMUGGLES)
        document.file.seek(member.header_offset)
        header = _LOCAL_HEADER.unpack(document.file.read(_LOCAL_HEADER.size))
        signature, _, flags, method, _, _, _, packed, unpacked, name_length, extra_length = header
        name = document.file.read(name_length)
        told = member.orig_filename.encode("utf-8" if flags & 0x800 else "cp437")
        if signature != ZIP or (name, method) != (told, member.compress_type):
            raise Refused(_SMUGGLES)
        is_told_later = flags & _SIZES_FOLLOW or packed == _IN_EXTRA
        if not is_told_later and (packed, unpacked) != (member.compress_size, member.file_size):
            raise Refused(_SMUGGLES)
        start = member.header_offset + _LOCAL_HEADER.size + name_length + extra_length
        end = start + member.compress_size
        yield start, member
    if not 0 <= directory - end <= _DESCRIPTOR:
        raise Refused(_SMUGGLES)


def _check_part(document: _Document, member: zipfile.ZipInfo, start: int) -> None:
    name = member.filename.lower()
    content = _content(document, member, start)
    if content.startswith(OLD_OFFICE):
        raise Refused(_OBJECT)
    if content.startswith((b"MZ", b"\x7fELF")):
        raise Refused(_SMUGGLES)
    if content[:_CHUNK].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_FOREIGN_STARTS):
        raise Refused(_INSERTED)
    if content.startswith(ZIP):
        _check_inner(document, content)
    if name.endswith((".xml", ".rels")) and b"<!doctype" in content[:_CHUNK].replace(b"\x00", b"").lower():
        raise Refused(_DAMAGED)
    if name == _TYPES:
        _check_types(content)
    if name.endswith(".rels"):
        _check_relations(content)


def _content(document: _Document, member: zipfile.ZipInfo, start: int) -> bytes:
    """Unpack a part to its end; return the whole of one that is looked into, of another its beginning."""
    name, content, last = member.filename.lower(), bytearray(), b""
    for chunk in _unpacked(document, member, start):
        # In every part, whatever its name: the list of types may call any of them a connection.
        text = last + chunk.replace(b"\x00", b"").lower()
        if (fetching := _FETCHING.search(text)) is not None:
            raise Refused(_DDE if fetching[1] == b"ddelink" else _WEB_QUERY)
        last = text[-_FETCHING_LENGTH:]
        if not content or name == _TYPES or name.endswith(".rels") or content.startswith(ZIP):
            content += chunk
        if len(content) > _MAX_KEPT:
            raise Refused(_BOMB)
    return bytes(content)


def _unpacked(document: _Document, member: zipfile.ZipInfo, start: int) -> Iterator[bytes]:
    """What really comes out of a part, piece by piece; Refused where it is not what the directory tells."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(_DAMAGED)
    unpack = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type == zipfile.ZIP_DEFLATED else None
    length, check, place, left = 0, 0, start, member.compress_size
    while left or (unpack is not None and unpack.unconsumed_tail):
        packed = b""
        if unpack is None or not unpack.unconsumed_tail:
            # Sought each time: whoever takes the pieces reads the same file.
            document.file.seek(place)
            packed = document.file.read(min(_CHUNK, left))
            if not packed:
                raise Refused(_DAMAGED)
            place, left = place + len(packed), left - len(packed)
        chunk = packed if unpack is None else unpack.decompress(unpack.unconsumed_tail or packed, _CHUNK)
        length, check = length + len(chunk), zlib.crc32(chunk, check)
        document.budget.spend(len(packed), len(chunk))
        if chunk:
            yield chunk
        if unpack is not None and unpack.eof and (left or unpack.unused_data):
            raise Refused(_SMUGGLES)
    if (unpack is not None and not unpack.eof) or (length, check) != (member.file_size, member.CRC):
        raise Refused(_DAMAGED)


def _check_inner(document: _Document, content: bytes) -> None:
    """A chart keeps its figures as a workbook of its own; deeper, and anything else, is refused."""
    if document.depth:
        raise Refused(_SMUGGLES)
    try:
        _judge(_Document(BytesIO(content), len(content), document.depth + 1, document.budget))
    except Refused as refused:
        reason = str(refused)
        raise Refused(
            _SMUGGLES if reason not in (_MACRO, _BOMB, _ACTIVE, _OBJECT, _DDE, _WEB_QUERY) else reason
        ) from refused


def _check_types(content: bytes) -> None:
    text = content.replace(b"\x00", b"").lower()
    if any(mark in text for mark in _MACRO_TYPES):
        raise Refused(_MACRO)
    if b"activex" in text:
        raise Refused(_ACTIVE)


def _check_relations(content: bytes) -> None:
    if not content.strip():
        return
    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException) as error:
        raise Refused(_DAMAGED) from error
    for one in root.iter():
        kind = one.get("Type", "").rpartition("/")[2].lower()
        target = one.get("Target", "")
        if kind == _TAKEN_IN:
            raise Refused(_INSERTED)
        if one.get("TargetMode", "").lower() == "external" and _is_fetched(kind, target):
            raise Refused(_REMOTE.format(target[:80]))


def _is_fetched(kind: str, target: str) -> bool:
    """Whether opening reads it from another machine; a picture on the web passes, one on a share would tell who opens it."""
    if kind == "image":
        return _is_remote(target) and not unquote(target).strip().lower().startswith(("http:", "https:"))
    return kind in _FETCHED and _is_remote(target)


def _is_remote(target: str) -> bool:
    """Whether a link leads to another machine; Word notes the template of a document by its place on the own disk."""
    address = unquote(target).strip().replace("\\", "/").lower()
    if address.startswith("file:"):
        slashes = len(address[5:]) - len(address[5:].lstrip("/"))
        return slashes not in (0, 1, 3)
    return address.startswith("//") or re.match(r"[a-z][a-z0-9+.-]+:", address) is not None
