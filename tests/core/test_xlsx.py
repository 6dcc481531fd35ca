"""Measured text and plain lists."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from apps.core.xlsx import ListValue, count_lines, sheet_title, text_width, write_table


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
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.oddHeader is not None
    assert sheet.oddHeader.center.text == "社区库/名单"
    assert sheet["A1"].font.bold
    assert (sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight) == (22.5, True)


def test_fits_widths_and_wraps_long_text() -> None:
    sheet = open_list([["甲", "长" * 60]], ["编", "说明"])
    assert [sheet.column_dimensions[letter].width for letter in "AB"] == [8, 44]
    assert sheet.row_dimensions[2].height == 55.5


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
