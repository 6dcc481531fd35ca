"""Word and Excel files: made by real programs' rules, then tampered with one thing at a time."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl.chart import BarChart, Reference
from openpyxl.drawing.image import Image as Drawn
from PIL import Image

from apps.assessments import file_office
from apps.assessments.files import judge_file
from apps.core.errors import InvalidInput

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
DOCX: dict[str, str | bytes] = {"[Content_Types].xml": TYPES, "word/document.xml": "<w:document/>"}
SMUGGLES = "“方案.docx”里面夹带别的内容，不能接收。请用 Office 或 WPS 打开后另存，再传。"
MACRO = "“方案.docx”含有宏，不能接收。请另存为不含宏的文件。"
BOMB = "“方案.docx”解开后过大，不能接收。请删去多余内容、重新保存后再传。"
DAMAGED = "“方案.docx”已损坏，打不开。请重新保存后再传。"
OBJECT = "“方案.docx”嵌有别的程序的对象（OLE），不能接收。请删去对象或另存为 PDF 后再传。"
ACTIVE = "“方案.docx”含有 ActiveX 控件，不能接收。请删去控件或另存为 PDF 后再传。"
INSERTED = "“方案.docx”里面插有网页、RTF 文档、快捷方式或程序，不能接收。请删去插入的文件或另存为 PDF 后再传。"
DDE = "“方案.docx”含有动态数据交换（DDE）链接，不能接收。请用“数据—编辑链接”断开链接，或另存为 PDF 后再传。"
WEB_QUERY = "“方案.docx”含有从网页取数的连接，不能接收。请用“数据—查询和连接”删去连接，或另存为 PDF 后再传。"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def packed(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def relations(kind: str, target: str) -> str:
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" TargetMode="External" Target="{target}"'
        f' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/></Relationships>'
    )


def workbook() -> bytes:
    made = io.BytesIO()
    book = openpyxl.Workbook()
    book.create_sheet().append(["社区", "得分"])
    book.save(made)
    return made.getvalue()


def refusal_of(content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("方案.docx", content))
    return refused.value.message


def test_judge_takes_a_real_workbook_and_a_chart_with_its_figures() -> None:
    assert judge_file(SimpleUploadedFile("台账.xlsx", workbook())).ending == ".xlsx"
    chart = {**DOCX, "word/embeddings/Microsoft_Excel_Sheet1.xlsx": workbook()}
    assert judge_file(SimpleUploadedFile("方案.docx", packed(chart))).ending == ".docx"
    assert judge_file(SimpleUploadedFile("方案.docx", packed(chart, zipfile.ZIP_STORED))).ending == ".docx"


def test_judge_takes_a_file_whose_sizes_follow_its_parts() -> None:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

        def seek(self, *_: int) -> int:
            raise OSError

    made = Unseekable()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in DOCX.items():
            archive.writestr(name, content)
    assert judge_file(SimpleUploadedFile("方案.docx", made.getvalue())).ending == ".docx"


@pytest.mark.parametrize(
    ("part", "content", "message"),
    [
        ("word/vbaProject.bin", OLE2, MACRO),
        ("other/VBAPROJECT.BIN", b"x", MACRO),
        ("xl/macrosheets/sheet1.xml", "<x/>", MACRO),
        ("word/activeX/activeX1.xml", "<x/>", ACTIVE),
        ("word/embeddings/oleObject1.bin", OLE2, OBJECT),
        ("word/media/image1.png", OLE2, OBJECT),
        ("word/media/image1.png", b"MZ" + bytes(100), SMUGGLES),
        ("word/embeddings/a.zip", packed({"x.exe": b"MZ"}), SMUGGLES),
        ("word/embeddings/a.xlsx", packed({"xl/workbook.xml": "", "xl/vbaProject.bin": OLE2}), MACRO),
        ("word/embeddings/a.docx", packed({**DOCX, "word/embeddings/b.docx": packed(DOCX)}), SMUGGLES),
        ("word/afchunk.html", "x", INSERTED),
        ("word/embeddings/报表.LNK", "x", INSERTED),
        ("word/media/image1.png", b"{\\rtf1 x}", INSERTED),
        ("word/media/image1.png", "\ufeff <HTML>x", INSERTED),
        ("word/../../a.xml", "<x/>", SMUGGLES),
        ("word\\..\\a.xml", "<x/>", SMUGGLES),
        ("xl/externalLinks/externalLink1.xml", '<x:ddeLink ddeService="cmd"/>', DDE),
        ("xl/connections.xml", f"<connections>{' ' * 65_500}<connection><webPr url='x'/></connection>", WEB_QUERY),
        ("xl/connections.xml", "<webPr url='x'/>".encode("utf-16"), WEB_QUERY),
        ("word/settings.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', DAMAGED),
        ("word/_rels/settings.xml.rels", "<open>", DAMAGED),
    ],
)
def test_judge_refuses_parts_that_act_or_hide(part: str, content: str | bytes, message: str) -> None:
    assert refusal_of(packed({**DOCX, part: content})) == message


@pytest.mark.parametrize(
    ("types", "message"),
    [
        (
            TYPES.replace("openxmlformats-officedocument.wordprocessingml.document", "ms-word.document.macroEnabled"),
            MACRO,
        ),
        (TYPES.replace("openxmlformats", "ms-office.vbaProject"), MACRO),
        (TYPES.replace("openxmlformats", "ms-office.activeX"), ACTIVE),
        (TYPES.replace("openxmlformats", "ms-office.vbaProject").encode("utf-16"), MACRO),
    ],
)
def test_judge_refuses_macros_told_by_the_list_of_types(types: str | bytes, message: str) -> None:
    assert refusal_of(packed({**DOCX, "[Content_Types].xml": types})) == message


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("attachedTemplate", "http://203.0.113.9/a.dotm"),
        ("attachedTemplate", r"\\203.0.113.9\share\a.dotm"),
        ("attachedTemplate", "file://203.0.113.9/a.dotm"),
        ("attachedTemplate", "file:///%5C%5C203.0.113.9%5Ca.dotm"),
        ("oleObject", "mhtml:http://203.0.113.9/a!x-usc:b"),
        ("frame", "HTTPS://example.org/"),
        ("image", "file://203.0.113.9/a.png"),
        ("image", r"\\203.0.113.9\share\a.png"),
    ],
)
def test_judge_refuses_what_is_fetched_while_opening(kind: str, target: str) -> None:
    message = refusal_of(packed({**DOCX, "word/_rels/settings.xml.rels": relations(kind, target)}))
    assert message == f"“方案.docx”打开时会从网络读取内容（{target}），不能接收。请断开链接或另存为 PDF 后再传。"


@pytest.mark.parametrize("mode", ["External", "Internal"])
def test_judge_refuses_documents_of_another_kind_to_be_taken_in(mode: str) -> None:
    chunk = relations("aFChunk", "media/a.bin").replace("External", mode)
    assert refusal_of(packed({**DOCX, "word/_rels/document.xml.rels": chunk})) == INSERTED


def test_judge_takes_a_workbook_with_chart_picture_and_link() -> None:
    book, picture = openpyxl.Workbook(), io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "PNG")
    sheet = book.worksheets[0]
    sheet.append(["社区", 98])
    sheet["A1"].hyperlink = "https://www.mohurd.gov.cn/"
    sheet["A3"] = "<webPr> 与 <ddeLink> 只是文字"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1))
    sheet.add_chart(chart, "D1")
    sheet.add_image(Drawn(picture), "D20")
    book.save(made := io.BytesIO())
    assert judge_file(SimpleUploadedFile("台账.xlsx", made.getvalue())).ending == ".xlsx"


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("hyperlink", "https://www.mohurd.gov.cn/"),
        ("hyperlink", r"file:///\\server\share\a.docx"),
        ("image", "https://www.mohurd.gov.cn/logo.png"),
        ("image", "file:///C:/Users/wang/a.png"),
        ("attachedTemplate", r"file:///C:\Users\wang\AppData\Roaming\Microsoft\Templates\Normal.dotm"),
        ("attachedTemplate", "C:/Templates/公文.dotx"),
        ("attachedTemplate", "Normal.dotm"),
    ],
)
def test_judge_takes_links_that_wait_for_a_person_or_stay_on_the_disk(kind: str, target: str) -> None:
    parts = {**DOCX, "word/_rels/settings.xml.rels": relations(kind, target)}
    assert judge_file(SimpleUploadedFile("方案.docx", packed(parts))).ending == ".docx"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"ppt/presentation.xml": "x"}, "“方案.docx”是演示文稿，不能接收。请另存为 PDF 后再传。"),
        ({"xl/workbook.bin": "x"}, "“方案.docx”是二进制 Excel 格式（xlsb），不能接收。请另存为 xlsx 后再传。"),
        ({"OFD.xml": "x"}, "“方案.docx”是 OFD 版式文件，不能接收。请转成 PDF 后再传。"),
        ({"mimetype": "x", "content.xml": "x"}, "“方案.docx”是 OpenDocument 格式，不能接收。"),
        ({"META-INF/MANIFEST.MF": "x"}, "“方案.docx”是压缩包，不能接收。请解压后逐个上传里面的文件。"),
    ],
)
def test_judge_names_other_kinds_of_zip(parts: dict[str, str], message: str) -> None:
    assert refusal_of(packed(parts)).startswith(message)


def test_judge_refuses_a_password() -> None:
    content = bytearray(packed(DOCX))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refusal_of(bytes(content)) == "“方案.docx”设有密码，审核人打不开，不能接收。请取消密码后再传。"


def test_judge_refuses_what_is_told_to_unpack_to_too_much() -> None:
    content = bytearray(packed(DOCX))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<L", 300 * 2**20)
    assert refusal_of(bytes(content)) == BOMB


def test_judge_refuses_what_unpacks_to_more_than_it_tells() -> None:
    """The directory tells one byte, and its checksum; a program that believes the stream gets 30 MB."""
    content = bytearray(packed({**DOCX, "word/media/a.png": bytes(30 * 2**20)}))
    at = content.rindex(b"PK\x01\x02")
    checksum_and_sizes = struct.pack("<L", zlib.crc32(b"\x00"))
    content[at + 16 : at + 20] = checksum_and_sizes
    content[at + 24 : at + 28] = struct.pack("<L", 1)
    local = struct.unpack("<L", content[at + 42 : at + 46])[0]
    content[local + 14 : local + 18] = checksum_and_sizes
    content[local + 22 : local + 26] = struct.pack("<L", 1)
    assert refusal_of(bytes(content)) == BOMB


def test_judge_refuses_steep_packing_and_too_many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal_of(packed({**DOCX, "word/media/a.png": bytes(30 * 2**20)})) == BOMB
    monkeypatch.setattr(file_office, "MAX_MEMBERS", 3)
    assert refusal_of(packed({**DOCX, "a": "", "b": ""})) == BOMB


def test_judge_counts_what_inner_documents_unpack_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_office, "MAX_UNPACKED", 200_000)
    inner = packed({"xl/workbook.xml": "x" * 90_000})
    two = {**DOCX, "word/embeddings/a.xlsx": inner, "word/embeddings/b.xlsx": inner}
    assert judge_file(SimpleUploadedFile("方案.docx", packed(two))).ending == ".docx"
    three = {**two, "word/embeddings/c.xlsx": inner}
    assert refusal_of(packed(three)) == BOMB


def test_judge_refuses_a_directory_that_tells_other_than_the_parts() -> None:
    content = packed(DOCX)
    first, second = content.index(b"word/document.xml"), content.rindex(b"word/document.xml")
    assert refusal_of(content[:first] + b"word/vbaProjct.bin"[:17] + content[first + 17 :]) == SMUGGLES
    assert second > first
    sizes = bytearray(content)
    sizes[first - 12 : first - 8] = struct.pack("<L", 1)
    assert refusal_of(bytes(sizes)) == SMUGGLES


def test_judge_refuses_the_same_name_twice() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in [*DOCX.items(), ("WORD/document.xml", "<other/>")]:
            archive.writestr(name, content)
    assert refusal_of(made.getvalue()) == SMUGGLES


def test_judge_refuses_anything_around_or_between_the_parts() -> None:
    whole, other = packed(DOCX), packed({"x.exe": b"MZ"})
    assert refusal_of(other + whole) == SMUGGLES
    assert refusal_of(whole + bytes(100)) == SMUGGLES
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.fp.write(b"%PDF-1.4 hidden between the parts, found by whoever looks for it")  # type: ignore[union-attr]
        archive.start_dir = archive.fp.tell()  # type: ignore[union-attr]
        archive.writestr("word/document.xml", "<w:document/>")
    assert refusal_of(made.getvalue()) == SMUGGLES
    with zipfile.ZipFile(made := io.BytesIO(whole), "a") as archive:
        archive.comment = b"<script>alert(1)</script>"
    assert refusal_of(made.getvalue()) == SMUGGLES


def test_judge_refuses_changed_content() -> None:
    content = bytearray(packed(DOCX, zipfile.ZIP_STORED))
    content[content.index(b"<w:document/>") + 3] ^= 1
    assert refusal_of(bytes(content)) == DAMAGED


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_judge_refuses_packing_that_office_does_not_know(method: int) -> None:
    assert refusal_of(packed(DOCX, method)) == DAMAGED
