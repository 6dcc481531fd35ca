"""Lists from outside: read as a person reads them, refused in words when they are bombs, lies or something else."""

import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any, cast

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from apps.core import xlsx_import
from apps.core.errors import InvalidInput
from apps.core.xlsx import write_table
from apps.core.xlsx_import import ImportedRow, read_sheet

COLUMNS = ("姓名", "单位代码", "办公电话")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PERSON = ("张三", "532301101000", "0878-3122345")


def book(*rows: Sequence[Any], change: Callable[[Workbook], None] | None = None) -> bytes:
    """A workbook of one sheet with these rows."""
    workbook = Workbook()
    for row in rows:
        workbook.worksheets[0].append(list(row))
    if change is not None:
        change(workbook)
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def repacked(
    content: bytes, *, add: dict[str, bytes] | None = None, edit: dict[str, tuple[str, str]] | None = None
) -> bytes:
    """The same archive with members added, or a pattern in members replaced."""
    buffer = BytesIO()
    edited = set()
    with (
        zipfile.ZipFile(BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            if edit and name in edit:
                text, count = re.subn(*edit[name], part.decode())
                assert count, f"{name} has nothing to replace"
                part = text.encode()
                edited.add(name)
            new.writestr(name, part)
        for name, part in (add or {}).items():
            new.writestr(name, part)
    assert edited == set(edit or {})
    return buffer.getvalue()


def shared(*rows: Sequence[str]) -> bytes:
    """A workbook whose texts stand in one table, as Excel writes them; openpyxl puts them into the cells."""
    content = book(*rows)
    texts = [text for row in rows for text in row]
    numbers = iter(range(len(texts)))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    sheet = re.sub(r't="inlineStr"><is><t>[^<]*</t></is>', lambda _: f't="s"><v>{next(numbers)}</v>', sheet)
    table = "".join(f"<si><t>{text}</t></si>" for text in texts)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    return repacked(
        content,
        add={"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{table}</sst>'.encode()},
        edit={
            "xl/worksheets/sheet1.xml": (r"(?s)\A.*\Z", sheet),
            "[Content_Types].xml": (
                "</Types>",
                f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>',
            ),
        },
    )


def read(content: bytes, **options: Any) -> list[ImportedRow]:
    return read_sheet(SimpleUploadedFile("名单.xlsx", content), columns=COLUMNS, **options)


def refusal(content: bytes, **options: Any) -> str:
    with pytest.raises(InvalidInput) as refused:
        read(content, **options)
    return refused.value.message


def value_of(typed: Any, number_format: str | None = None) -> str:
    """What comes out for a cell that holds `typed`."""

    def style(workbook: Workbook) -> None:
        if number_format:
            workbook.worksheets[0]["B2"].number_format = number_format

    return read(book(COLUMNS, ("张三", typed, ""), change=style))[0].values["单位代码"]


def test_reads_rows_with_their_numbers_and_skips_blank_ones() -> None:
    content = book(COLUMNS, PERSON, (), ("  ", None, ""), ("李四", "532301102000", None), *[(None, "", " ")] * 30)
    assert read(content) == [
        ImportedRow(2, dict(zip(COLUMNS, PERSON, strict=True))),
        ImportedRow(5, {"姓名": "李四", "单位代码": "532301102000", "办公电话": ""}),
    ]


def test_reads_columns_in_any_order_with_optional_ones() -> None:
    content = book((), ("备注", " 办公\n电话", "姓 名", "单位代码"), ("副科", "0878", "张三", "5323"))
    assert read(content, optional=("备注", "邮箱")) == [
        ImportedRow(3, {"备注": "副科", "办公电话": "0878", "姓名": "张三", "单位代码": "5323"})
    ]


def test_reads_what_the_product_exports() -> None:
    assert [row.values for row in read(write_table("名单", COLUMNS, [PERSON]))] == [
        dict(zip(COLUMNS, PERSON, strict=True))
    ]


def test_reads_texts_from_the_shared_table() -> None:
    assert [row.values for row in read(shared(COLUMNS, PERSON))] == [dict(zip(COLUMNS, PERSON, strict=True))]


def test_header_alone_is_an_empty_list() -> None:
    assert read(book(COLUMNS)) == []


@pytest.mark.parametrize(
    ("typed", "number_format", "text"),
    [
        (532301101000, None, "532301101000"),
        (5.32301101e11, None, "532301101000"),
        ("532301101000", None, "532301101000"),
        (999_999_999_999_999, None, "999999999999999"),
        (878, "0000", "0878"),
        (0.1 + 0.2, None, "0.3"),
        (62.50, "0.00", "62.5"),
        (-3, None, "-3"),
        (0, None, "0"),
        (0.6, "0%", "60%"),
        (True, None, "TRUE"),
        (date(2022, 8, 15), None, "2022-08-15"),
        (datetime(2022, 8, 15, 9, 30), None, "2022-08-15 09:30"),  # noqa: DTZ001
        (datetime(2022, 8, 15, 9, 30, 5), None, "2022-08-15 09:30:05"),  # noqa: DTZ001
        (time(9, 30), None, "09:30"),
        ("  两端空格　", None, "两端空格"),
        ("甲\r\n乙_x000D_\n丙\t丁", None, "甲\n乙\n丙 丁"),
        ("甲_x0009_乙_x0007_丙_x005F_x0041_", None, "甲 乙 丙_x0041_"),
        ("张\u202e三\u200b", None, "张三"),
        ("0878-3122345", None, "0878-3122345"),
        ("<b>&amp;", None, "<b>&amp;"),
    ],
)
def test_reads_cells_as_a_person_does(typed: object, number_format: str | None, text: str) -> None:
    assert value_of(typed, number_format) == text


def test_reads_first_visible_sheet() -> None:
    def hide(workbook: Workbook) -> None:
        workbook.create_sheet("说明", 0).append(["请先阅读"])
        workbook["说明"].sheet_state = "hidden"

    assert len(read(book(COLUMNS, PERSON, change=hide))) == 1


def test_size_that_a_sheet_claims_is_not_believed() -> None:
    claims = {"xl/worksheets/sheet1.xml": ('<dimension ref="[^"]*"', '<dimension ref="A1:A1"')}
    assert len(read(repacked(book(COLUMNS, PERSON), edit=claims))) == 1
    claims = {"xl/worksheets/sheet1.xml": ('<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"')}
    assert len(read(repacked(book(COLUMNS, PERSON), edit=claims))) == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [],
            "“名单.xlsx”缺少列：姓名、单位代码、办公电话。第一行应当是表头：姓名、单位代码、办公电话。请按模板填写后再导入。",
        ),
        (
            [("姓名", "办公电话"), PERSON],
            "“名单.xlsx”缺少列：单位代码。第一行应当是表头：姓名、单位代码、办公电话。请按模板填写后再导入。",
        ),
        (
            [(*COLUMNS, "身份证号")],
            "“名单.xlsx”D 列的表头“身份证号”不认识。请改名或删去这一列；可以有：姓名、单位代码、办公电话。",
        ),
        ([(*COLUMNS, "姓名")], "“名单.xlsx”有两列表头都是“姓名”，请删去一列。"),
        (
            [COLUMNS, (*PERSON, None, "备注")],
            "“名单.xlsx”第 2 行 E 列有内容，但这一列没有表头。请补上表头或删去这一列。",
        ),
        (
            [COLUMNS, PERSON, ("王五", 5.32301199001011e17, "")],
            (
                "“名单.xlsx”第 3 行“单位代码”列的数字超过 15 位，表格软件保存时已丢失末尾几位。"
                "请把这一列的单元格格式设为“文本”后重新填写。"
            ),
        ),
        (
            [COLUMNS, ("=A1&B1", "", "")],
            "“名单.xlsx”第 2 行“姓名”列是公式。请复制整张表，用“选择性粘贴—数值”粘回，再导入。",
        ),
        ([COLUMNS, ("张三", "#N/A", "")], "“名单.xlsx”第 2 行“单位代码”列是错误值 #N/A，请改正后再导入。"),
        ([COLUMNS, ("长" * 1001, "", "")], "“名单.xlsx”第 2 行“姓名”列有 1001 字，超过 1000 字。请缩短后再导入。"),
    ],
)
def test_refuses_what_is_wrong_in_the_sheet(rows: Sequence[Sequence[Any]], message: str) -> None:
    assert refusal(book(*rows)) == message


def test_refuses_more_rows_than_allowed() -> None:
    assert len(read(book(COLUMNS, *[PERSON] * 3), max_rows=3)) == 3
    assert refusal(book(COLUMNS, *[PERSON] * 4), max_rows=3) == "“名单.xlsx”超过 3 行。请分成几个文件导入。"


def test_refuses_content_beyond_the_last_column() -> None:
    beyond = [None] * xlsx_import.MAX_COLUMNS
    assert "第 2 行 AY 列有内容" in refusal(book(COLUMNS, [*PERSON, *beyond[3:], "x"]))


def test_row_numbers_beyond_any_sheet_are_refused_soon() -> None:
    far = {"xl/worksheets/sheet1.xml": ('<row r="2"', '<row r="999999999999"')}
    assert refusal(repacked(book(COLUMNS, PERSON), edit=far)) == too_many_rows(3001)


def too_many_rows(last: int) -> str:
    return (
        f"“名单.xlsx”的行数超过 {last} 行（含空行）。请选中最后一条以下的所有行，右键“删除”，保存后再导入；"
        "内容确实较多的，请分成几个文件导入。"
    )


@pytest.mark.parametrize("rows", ["<row/>" * 100_000, '<row r="1048570"/>'])
def test_blank_rows_without_end_are_refused_before_they_are_gone_through(
    rows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[object] = []
    is_filled = xlsx_import._is_filled

    def watched(cell: object) -> bool:
        looked_at.append(cell)
        return bool(is_filled(cell))

    monkeypatch.setattr(xlsx_import, "_is_filled", watched)
    blank = {"xl/worksheets/sheet1.xml": ("</sheetData>", rows + "</sheetData>")}
    assert refusal(repacked(book(COLUMNS, PERSON), edit=blank), max_rows=10) == too_many_rows(1011)
    assert len(looked_at) <= 1011 * (xlsx_import.MAX_COLUMNS + 1)


ONE_ROW_AGAIN = '<row r="1"/>' * 900_000


@pytest.mark.parametrize("size", ['<dimension ref="A1:C2"/>', ""])
def test_one_row_written_again_and_again_is_refused_soon(size: str) -> None:
    again = {
        "xl/worksheets/sheet1.xml": (
            r"(?s)<dimension[^>]*/>(.*)</sheetData>",
            rf"{size}\1{ONE_ROW_AGAIN}</sheetData>",
        )
    }
    content = repacked(book(COLUMNS, PERSON), edit=again)
    began = process_time()
    assert refusal(content) == too_many_rows(3001)
    assert process_time() - began < 1


def test_other_sheets_may_be_long_and_say_nothing_of_their_size() -> None:
    def add_sheet(workbook: Workbook) -> None:
        workbook.create_sheet("单位")

    long = {
        "xl/worksheets/sheet2.xml": (
            r"(?s)<dimension.*</sheetData>|<dimension.*<sheetData ?/>",
            f"<sheetData>{'<row/>' * 5000}</sheetData>",
        )
    }
    content = repacked(book(COLUMNS, PERSON, change=add_sheet), edit=long)
    assert [row.values["姓名"] for row in read(content)] == ["张三"]


def test_reads_over_some_blank_rows() -> None:
    last = {"xl/worksheets/sheet1.xml": ('<row r="2"', '<row r="1002"')}
    assert [row.number for row in read(repacked(book(COLUMNS, PERSON), edit=last))] == [1002]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "“名单.xlsx”是空文件，请重新选择。"),
        (b"a,b\r\n1,2\r\n", "“名单.xlsx”不是 Excel 文件（xlsx）。请用 Excel 或 WPS 另存为 xlsx，再导入。"),
        (OLE, "“名单.xlsx”是旧版 Excel 格式（xls）。请用 Excel 或 WPS 另存为 xlsx，再导入。"),
        (
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "“名单.xlsx”设有打开密码，读不了。请取消密码后另存为 xlsx，再导入。",
        ),
        (b"PK\x03\x04 and nothing else", "“名单.xlsx”已损坏，打不开。请用 Excel 或 WPS 打开后另存为 xlsx，再导入。"),
        (
            b"PK\x03\x04" + bytes(xlsx_import.MAX_BYTES),
            "“名单.xlsx”超过 5 MB。请删去图片和多余的工作表，或者分成几个文件导入。",
        ),
    ],
)
def test_refuses_what_is_no_xlsx(content: bytes, message: str) -> None:
    assert refusal(content) == message


def test_refuses_other_archives() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    assert refusal(buffer.getvalue()) == "“名单.xlsx”不是 xlsx 表格。请用 Excel 或 WPS 另存为 xlsx，再导入。"


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/macrosheets/sheet1.xml"])
def test_refuses_macros(part: str) -> None:
    expected = "“名单.xlsx”含有宏，不能接收。请另存为不含宏的 xlsx，再导入。"
    assert refusal(repacked(book(COLUMNS, PERSON), add={part: b"x"})) == expected


def test_refuses_macro_file_by_its_content_type() -> None:
    as_macro = {
        "[Content_Types].xml": (
            r"openxmlformats-officedocument\.spreadsheetml\.sheet\.main",
            "ms-excel.sheet.macroEnabled.main",
        )
    }
    assert "含有宏" in refusal(repacked(book(COLUMNS, PERSON), edit=as_macro))


def test_refuses_members_with_password() -> None:
    content = bytearray(book(COLUMNS, PERSON))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert "设有密码" in refusal(bytes(content))


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.999])
def test_refuses_file_that_was_cut_off(cut: float) -> None:
    content = book(COLUMNS, PERSON)
    assert "已损坏" in refusal(content[: int(len(content) * cut)])


def test_refuses_broken_xml() -> None:
    broken = {"xl/worksheets/sheet1.xml": ("</sheetData>", "")}
    assert "已损坏" in refusal(repacked(book(COLUMNS, PERSON), edit=broken))
    beyond = {"xl/worksheets/sheet1.xml": ("<v>0</v>", "<v>999</v>")}
    assert "已损坏" in refusal(repacked(shared(COLUMNS, PERSON), edit=beyond))


TOO_MUCH = "“名单.xlsx”解开后过大，不能接收。请只保留要导入的工作表，另存为 xlsx，再导入。"


def test_refuses_bomb_by_what_it_declares() -> None:
    bomb = repacked(book(COLUMNS, PERSON), add={"xl/media/image1.png": bytes(xlsx_import.MAX_UNPACKED)})
    assert len(bomb) < 100_000
    assert refusal(bomb) == TOO_MUCH


def test_refuses_bomb_that_declares_less_than_comes_out() -> None:
    size = xlsx_import.MAX_UNPACKED
    bomb = repacked(book(COLUMNS, PERSON), add={"xl/media/image1.png": bytes(size)})
    lying = bomb.replace(struct.pack("<I", size), struct.pack("<I", 10))
    assert lying != bomb
    with zipfile.ZipFile(BytesIO(lying)) as archive:
        assert archive.getinfo("xl/media/image1.png").file_size == 10
    assert "已损坏" in refusal(lying)


def test_counts_what_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    content = book(COLUMNS, PERSON)
    monkeypatch.setattr(xlsx_import, "_check_members", lambda *_: None)
    monkeypatch.setattr(xlsx_import, "MAX_UNPACKED", 1000)
    assert refusal(content) == TOO_MUCH


def test_refuses_too_many_members() -> None:
    many = {f"xl/media/image{number}.png": b"x" for number in range(xlsx_import.MAX_MEMBERS)}
    assert refusal(repacked(book(COLUMNS, PERSON), add=many)) == TOO_MUCH


def test_refuses_more_elements_than_memory_should_hold() -> None:
    crowd = {"xl/worksheets/sheet1.xml": ("</sheetData>", "<row/>" * (xlsx_import.MAX_TAGS + 1) + "</sheetData>")}
    expected = "“名单.xlsx”的内容过多。请删去多余的工作表、行和列，或者分成几个文件导入。"
    assert refusal(repacked(book(COLUMNS, PERSON), edit=crowd)) == expected


def test_refuses_a_row_longer_than_memory_should_hold() -> None:
    endless = {"xl/worksheets/sheet1.xml": ("</sheetData>", f"<row>{'<c/>' * 20_001}</row></sheetData>")}
    expected = "表格有一行超过 20000 格。请删去右侧多余的列，另存为 xlsx，再导入。"
    assert refusal(repacked(book(COLUMNS, PERSON), edit=endless)) == expected


LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
)
@pytest.mark.parametrize("prologue", [LAUGHS, '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/hostname">]>'])
def test_refuses_entities_in_every_part(part: str, prologue: str) -> None:
    content = repacked(shared(COLUMNS, PERSON), edit={part: (r"\A(<\?xml[^>]*>)?", prologue)})
    assert "已损坏或内容异常" in refusal(content)


def test_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("机密")
    table = f'<!DOCTYPE x [<!ENTITY i SYSTEM "{secret.as_uri()}">]><sst xmlns="{MAIN}"><si><t>&i;</t></si></sst>'
    content = repacked(shared(COLUMNS, PERSON), edit={"xl/sharedStrings.xml": (r"(?s)\A.*\Z", table)})
    message = refusal(content)
    assert "已损坏或内容异常" in message
    assert "机密" not in message


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../名单.xlsx", "名单.xlsx"),
        ("C:\\用户\\名单.xlsx", "名单.xlsx"),
        ("名\u202e单\r\n.xlsx", "名单.xlsx"),
        (None, "文件"),
    ],
)
def test_names_the_file_without_tricks(given: str | None, shown: str) -> None:
    file = BytesIO(b"")
    if given is not None:
        file.name = given
    with pytest.raises(InvalidInput, match=f"^“{shown}”是空文件"):
        read_sheet(file, columns=COLUMNS)


def two_sheets() -> BytesIO:
    workbook = Workbook()
    first = cast(Worksheet, workbook.active)
    first.title = "说明"
    first.append(["随便"])
    second = workbook.create_sheet("名单")
    second.append(["姓名", "年份"])
    second.append(["=1+1", 2022])
    second.append(["长" * 30, None])
    buffer = BytesIO()
    workbook.save(buffer)
    buffer.seek(0)
    return buffer


def test_read_sheet_by_its_name_collects_what_cannot_be_read() -> None:
    rows = read_sheet(two_sheets(), columns=["姓名", "年份"], sheet="名单", max_length=20, collects=True)
    assert [(row.number, row.values) for row in rows] == [
        (2, {"姓名": "", "年份": "2022"}),
        (3, {"姓名": "", "年份": ""}),
    ]
    assert [row.shown for row in rows] == [{"姓名": "=1+1"}, {"姓名": "长" * 20 + "…"}]
    assert rows[0].errors["姓名"].startswith("是公式。")
    assert rows[1].errors == {"姓名": "有 30 字，超过 20 字。请缩短后再导入。"}


def test_read_sheet_tells_of_a_cell_so_that_it_reads_after_the_name_of_its_column() -> None:
    workbook = Workbook()
    sheet = cast(Worksheet, workbook.active)
    sheet.append(["姓名"])
    sheet.append([5.32301199001011e17])
    buffer = BytesIO()
    workbook.save(buffer)
    buffer.seek(0)
    (row,) = read_sheet(buffer, columns=["姓名"], collects=True)
    assert row.errors["姓名"].startswith("数字超过 15 位")


def test_read_sheet_by_a_name_that_is_not_there_says_so() -> None:
    with pytest.raises(InvalidInput, match="没有名为“人员”的工作表"):
        read_sheet(two_sheets(), columns=["姓名"], sheet="人员")
