"""附件2 cell by cell, and as LibreOffice prints it."""

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from apps.campaigns.ratios import format_percent
from apps.evaluations.completion_summary import (
    CompletionSummary,
    SummaryRow,
    build_workbook,
)

NOTE = "注：本表由各县市住房城乡建设部门汇总填写，与年度总结评估报告一并于当年10月20日前上报州住房城乡建设局。"
CHUXIONG = SummaryRow("楚雄市", {2021: ["东兴社区", "锦星社区", "彝海社区"], 2022: ["西园社区"]}, {2021: 30, 2022: 31})
YAOAN = SummaryRow(
    "姚安县",
    {2021: ["龙岗社区", "北关社区", "西街社区"], 2022: ["清河社区"] * 5},
    {2021: 13, 2022: 13},
)
YUANMOU = SummaryRow("元谋县", {}, {2021: 13, 2022: 13})
NO_COMMUNITIES = SummaryRow("开发区", {}, {})


SUMMARY = CompletionSummary(
    reporting_unit="楚雄州住房和城乡建设局",
    total_label="楚雄彝族自治州",
    years=(2021, 2022),
    reporting_year=2022,
    rows=(CHUXIONG, YAOAN, YUANMOU, NO_COMMUNITIES),
    note=NOTE,
    filled_on=date(2022, 10, 18),
    contact="建设科 0878-0000000",
)


def save_and_open(workbook: Workbook) -> Workbook:
    buffer = BytesIO()
    workbook.save(buffer)
    return load_workbook(buffer)


def open_sheet(summary: CompletionSummary) -> Worksheet:
    return save_and_open(build_workbook(summary)).worksheets[0]


def values(sheet: Worksheet, row: int) -> list[object]:
    return [cell.value for cell in sheet[row]]


def make_row(label: str, years: Sequence[int], count: int, name: str = "栗子园社区") -> SummaryRow:
    return SummaryRow(label, dict.fromkeys(years, [name] * count), dict.fromkeys(years, 200))


def test_writes_every_cell_of_the_form() -> None:
    sheet = open_sheet(SUMMARY)
    assert [values(sheet, row) for row in range(1, sheet.max_row + 1)] == [
        ["附件2", *[None] * 7],
        ["绿色社区建设任务完成情况汇总表", *[None] * 7],
        [
            "填报单位：楚雄州住房和城乡建设局（盖章）",
            None,
            None,
            "填报时间：2022年10月18日",
            None,
            None,
            None,
            "联系人及联系电话：建设科 0878-0000000",
        ],
        [
            "县（市、区）",
            "2021年绿色社区名单",
            "2021年完成数量",
            "2021年完成比例",
            "2022年绿色社区名单",
            "2022年完成数量",
            "2022年完成比例",
            "合计完成比例",
        ],
        ["楚雄市", "东兴社区、锦星社区、彝海社区", 3, 0.1, "西园社区", 1, 0.0323, 0.129],
        [
            "姚安县",
            "龙岗社区、北关社区、西街社区",
            3,
            0.2308,
            "清河社区、清河社区、清河社区、清河社区、清河社区",
            5,
            0.3846,
            0.6154,
        ],
        ["元谋县", None, 0, 0, None, 0, 0, 0],
        ["开发区", None, 0, "—", None, 0, "—", "—"],
        ["楚雄彝族自治州", "/", 6, 0.1071, "/", 6, 0.1053, 0.2105],
        [NOTE, *[None] * 7],
    ]


def test_formats_counts_as_numbers_and_ratios_as_percentages() -> None:
    sheet = open_sheet(SUMMARY)
    for row in (5, 6, 7, 9):
        formats = [sheet.cell(row, column).number_format for column in (3, 4, 6, 7, 8)]
        assert formats == ["0", "0.00%", "0", "0.00%", "0.00%"]
        kinds = [sheet.cell(row, column).data_type for column in (1, 3, 4, 6, 7, 8)]
        assert kinds == ["s", "n", "n", "n", "n", "n"]


def test_leaves_years_after_reporting_year_blank() -> None:
    sheet = open_sheet(replace(SUMMARY, reporting_year=2021))
    assert values(sheet, 5) == [
        "楚雄市",
        "东兴社区、锦星社区、彝海社区",
        3,
        0.1,
        None,
        None,
        None,
        0.1,
    ]
    assert values(sheet, 8) == ["开发区", None, 0, "—", None, None, None, "—"]
    assert values(sheet, 9) == ["楚雄彝族自治州", "/", 6, 0.1071, "/", None, None, 0.1071]
    assert sheet["E5"].border.left.style == "thin"


def test_repeats_columns_for_three_years() -> None:
    row = SummaryRow(
        "和平区",
        {2020: ["甲社区"], 2021: ["乙社区", "丙社区"], 2022: ["丁社区"]},
        {2020: 8, 2021: 8, 2022: 7},
    )
    sheet = open_sheet(replace(SUMMARY, rows=[row], years=(2020, 2021, 2022)))
    assert values(sheet, 4)[1:10:3] == [f"{year}年绿色社区名单" for year in (2020, 2021, 2022)]
    assert values(sheet, 5) == [
        "和平区",
        "甲社区",
        1,
        0.125,
        "乙社区、丙社区",
        2,
        0.25,
        "丁社区",
        1,
        0.1429,
        0.5714,
    ]
    assert values(sheet, 6)[1:10:3] == ["/", "/", "/"]


def test_writes_total_alone_without_children() -> None:
    sheet = open_sheet(replace(SUMMARY, rows=[]))
    assert values(sheet, 5) == ["楚雄彝族自治州", "/", 0, "—", "/", 0, "—", "—"]
    assert values(sheet, 6)[0] == NOTE


def test_counts_communities_outside_every_row_in_total() -> None:
    direct = SummaryRow("", {2021: ["甲社区"], 2022: ["乙社区", "丙社区"]}, {2021: 4, 2022: 5})
    sheet = open_sheet(replace(SUMMARY, rows=[], direct=direct))
    assert values(sheet, 5) == ["楚雄彝族自治州", "/", 1, 0.25, "/", 2, 0.4, 0.6]


def test_leaves_room_for_handwriting_without_date_and_contact() -> None:
    sheet = open_sheet(replace(SUMMARY, filled_on=None, contact=None))
    assert [value for value in values(sheet, 3) if value] == [
        "填报单位：楚雄州住房和城乡建设局（盖章）",
        "填报时间：",
        "联系人及联系电话：",
    ]
    assert sheet["H3"].alignment.indent == 11


@pytest.mark.parametrize("name", ["=1+1", "+社区", "-社区", "@社区", "#N/A"])
def test_keeps_name_as_text(name: str) -> None:
    row = SummaryRow(name, {2021: [name]}, {2021: 1})
    sheet = open_sheet(replace(SUMMARY, rows=[row], years=[2021], reporting_year=2021))
    for cell in (sheet["A5"], sheet["B5"]):
        assert (cell.value, cell.data_type) == (name, "s")
        assert bool(cell.quotePrefix) is (name != "#N/A")


def test_takes_control_characters_out_of_name() -> None:
    row = SummaryRow("楚雄\n市", {2021: ["甲\x07社区\t", "法脿社区"]}, {2021: 2})
    sheet = open_sheet(replace(SUMMARY, rows=[row], years=[2021], reporting_year=2021))
    assert values(sheet, 5)[:2] == ["楚雄 市", "甲 社区 、法脿社区"]


def test_sets_fonts_alignments_and_merges() -> None:
    sheet = open_sheet(SUMMARY)
    faces = {
        place: (sheet[place].font.name, sheet[place].font.size, sheet[place].alignment.horizontal)
        for place in ("A1", "A2", "A3", "D3", "H3", "A4", "A5", "B5", "C5", "D5", "B9", "A10")
    }
    assert faces == {
        "A1": ("黑体", 16, "left"),
        "A2": ("方正小标宋简体", 22, "center"),
        "A3": ("仿宋", 12, "left"),
        "D3": ("仿宋", 12, "center"),
        "H3": ("仿宋", 12, "right"),
        "A4": ("黑体", 12, "center"),
        "A5": ("仿宋", 12, "center"),
        "B5": ("仿宋", 12, "left"),
        "C5": ("仿宋", 12, "center"),
        "D5": ("仿宋", 12, "center"),
        "B9": ("仿宋", 12, "center"),
        "A10": ("仿宋", 12, "left"),
    }
    assert sorted(str(merged) for merged in sheet.merged_cells.ranges) == ["A10:H10", "A2:H2"]
    assert sheet["B5"].alignment.wrap_text


def test_draws_borders_on_the_grid_only() -> None:
    sheet = open_sheet(SUMMARY)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        for cell in row:
            style = "thin" if 4 <= number <= 9 else None
            border = cell.border
            sides = {side.style for side in (border.left, border.right, border.top, border.bottom)}
            assert sides == {style}, cell.coordinate


def test_sets_page_up_for_a4_landscape() -> None:
    workbook = save_and_open(build_workbook(SUMMARY))
    sheet = workbook.worksheets[0]
    assert sheet.title == "附件2"
    assert str(sheet.page_setup.paperSize) == sheet.PAPERSIZE_A4
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.print_area == "'附件2'!$A$1:$H$10"
    assert sheet.freeze_panes == "A5"
    assert sheet.oddFooter is not None
    assert sheet.oddFooter.center.text == "第 &P 页  共 &N 页"
    assert workbook.properties.title == "绿色社区建设任务完成情况汇总表"
    assert workbook.properties.creator is None


def test_gives_every_row_an_explicit_height() -> None:
    sheet = open_sheet(SUMMARY)
    heights = [sheet.row_dimensions[row].height for row in range(1, sheet.max_row + 1)]
    assert heights == pytest.approx([26, 40, 26, 42, 42, 42, 30.3, 30.3, 30.3, 28])


@pytest.mark.parametrize(
    ("years", "units"),
    [
        ((2021,), [15.5, 49.5, 22, 22, 20]),
        ((2021, 2022), [15.5, 27.75, 12, 12, 27.75, 12, 12, 10]),
        ((2020, 2021, 2022), [15.5, *[20, 12, 12] * 3, 10]),
    ],
)
def test_fits_widths_to_number_of_years(years: tuple[int, ...], units: list[float]) -> None:
    sheet = open_sheet(replace(SUMMARY, rows=[YUANMOU], years=years, reporting_year=years[-1]))
    widths = [sheet.column_dimensions[get_column_letter(column)].width for column in range(1, sheet.max_column + 1)]
    assert widths == pytest.approx(units)


def test_prefers_one_page_to_large_letters() -> None:
    few = open_sheet(replace(SUMMARY, rows=[make_row("楚雄市", (2021, 2022), 3)] * 4))
    more = open_sheet(replace(SUMMARY, rows=[make_row("楚雄市", (2021, 2022), 3)] * 9))
    many = open_sheet(replace(SUMMARY, rows=[make_row("楚雄市", (2021, 2022), 3)] * 30))
    assert [sheet["B5"].font.size for sheet in (few, more, many)] == [12, 10.5, 12]
    assert few.column_dimensions["B"].width < more.column_dimensions["B"].width
    assert few.column_dimensions["B"].width == many.column_dimensions["B"].width


def test_keeps_sixty_names_in_one_row() -> None:
    sheet = open_sheet(replace(SUMMARY, rows=[make_row("楚雄市", (2021, 2022), 60)]))
    assert values(sheet, 5)[0:4] == ["楚雄市", "、".join(["栗子园社区"] * 60), 60, 0.3]
    assert values(sheet, 6)[0] == "楚雄彝族自治州"
    assert (sheet["B5"].font.size, sheet.row_dimensions[5].height) == (10.5, 321)


def test_keeps_sixty_names_in_one_row_with_three_years() -> None:
    years = (2020, 2021, 2022)
    sheet = open_sheet(replace(SUMMARY, rows=[make_row("楚雄市", years, 60)], years=years))
    assert values(sheet, 5)[7] == "、".join(["栗子园社区"] * 60)
    assert values(sheet, 6)[0] == "楚雄彝族自治州"
    assert (sheet["B5"].font.size, sheet.row_dimensions[5].height) == (10.5, 384)


def test_continues_list_that_no_row_can_hold() -> None:
    names = [f"第{number}社区" for number in range(1, 901)]
    row = SummaryRow("南京市", {2021: names, 2022: ["甲社区"]}, {2021: 2000, 2022: 2000})
    sheet = open_sheet(replace(SUMMARY, rows=[row, YAOAN]))
    labels = [cell.value for cell in sheet["A"][4:]]
    end = labels.index("姚安县")
    assert labels[:end] == ["南京市", *["南京市（续）"] * (end - 1)]
    assert values(sheet, 5)[2:] == [900, 0.45, "甲社区", 1, 0.0005, 0.4505]
    parts = [str(sheet.cell(5 + part, 2).value) for part in range(end)]
    assert "、".join(parts).split("、") == names
    for part in range(1, end):
        assert values(sheet, 5 + part)[2:] == [None] * 6
    assert all((sheet.row_dimensions[row].height or 409) <= 190 for row in range(5, 5 + end))


def test_shrinks_zone_line_for_very_long_unit() -> None:
    unit = "莫力达瓦达斡尔族自治旗住房和城乡建设局（保障性住房建设管理办公室）"
    sheet = open_sheet(replace(SUMMARY, reporting_unit=unit))
    cells = [cell for cell in sheet[3] if cell.value]
    assert [cell.value for cell in cells] == [
        f"填报单位：{unit}（盖章）",
        "填报时间：2022年10月18日",
        "联系人及联系电话：建设科 0878-0000000",
    ]
    assert {cell.font.size for cell in cells} == {9}


def test_reports_progress_after_each_row() -> None:
    calls: list[tuple[int, int]] = []
    build_workbook(SUMMARY, on_row=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


@pytest.mark.parametrize(("years", "reporting_year"), [((2022, 2021), 2022), ((2021, 2021), 2021), ((2021,), 2022)])
def test_refuses_years_out_of_order_or_outside(years: tuple[int, ...], reporting_year: int) -> None:
    with pytest.raises(ValueError, match="campaign"):
        replace(SUMMARY, years=years, reporting_year=reporting_year)


figures = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(12, 40) | st.just(0))


@given(st.lists(figures, max_size=6))
def test_totals_counts_and_ratios_of_sums(units: list[tuple[int, int, int]]) -> None:
    rows = [
        SummaryRow(f"第{number}县", {2021: ["甲"] * first, 2022: ["乙"] * second}, {2021: base, 2022: base})
        for number, (first, second, base) in enumerate(units)
    ]
    summary = replace(SUMMARY, rows=rows)
    sheet = build_workbook(summary).worksheets[0]
    last = 5 + len(rows)
    for column in (3, 6):
        total = sum(int(str(sheet.cell(row, column).value)) for row in range(5, last))
        assert sheet.cell(last, column).value == total
    shown = sheet.cell(last, 8).value
    expected = format_percent(summary.cumulative_ratio(rows))
    assert (shown if isinstance(shown, str) else f"{shown:.2%}") == expected


def test_prints_one_page_wide_with_every_name(tmp_path: Path) -> None:
    years = (2020, 2021, 2022)
    names = {year: [f"彝海{year}第{number}社区" for number in range(60)] for year in years}
    large = SummaryRow("楚雄市", names, dict.fromkeys(years, 300))
    summaries = {
        "short": SUMMARY,
        "long": replace(SUMMARY, rows=[large, *[YAOAN] * 9]),
        "three": replace(SUMMARY, rows=[large, *[YAOAN] * 9], years=years),
        "empty": replace(SUMMARY, rows=[]),
    }
    files = []
    for stem, summary in summaries.items():
        files.append(tmp_path / f"{stem}.xlsx")
        build_workbook(summary).save(files[-1])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, *map(str, files)], check=True, capture_output=True, timeout=120)

    pages = {stem: read_pages(tmp_path / f"{stem}.pdf") for stem in summaries}
    assert len(pages["short"]) == len(pages["empty"]) == 1
    for stem, summary in summaries.items():
        for number, page in enumerate(pages[stem], start=1):
            assert "县（市、区）" in page
            assert "合计完成" in page
            assert f"第{number}页共{len(pages[stem])}页" in page
        text = "".join(pages[stem])
        for row in summary.rows:
            for name in (name for year in summary.years for name in row.names(year)):
                assert name in text
        for part in (*summary.zones(), summary.title, summary.note, "楚雄彝族自治州"):
            assert part.replace(" ", "") in text


def read_pages(file: Path) -> list[str]:
    """The text of each page in drawing order, without white space."""
    done = subprocess.run(["pdftotext", "-raw", str(file), "-"], check=True, capture_output=True, text=True)
    return ["".join(page.split()) for page in done.stdout.split("\f")[:-1]]
