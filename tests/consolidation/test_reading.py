"""附件2 read back: as the product writes it, and with what people do to it."""

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from apps.consolidation.reading import Form, names_in, read_form
from apps.core.errors import InvalidInput
from apps.evaluations.completion_summary import CompletionSummary, SummaryRow, build_workbook
from tests.consolidation.workbooks import HEADER, named, workbook


def listed(form: Form) -> list[tuple[str, dict[int, list[str]]]]:
    return [
        (row.label, {year: [one.written for one in cell.names] for year, cell in row.years.items()})
        for row in form.rows
        if not row.is_total
    ]


def refusal(file: Any) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_form(file)
    return refused.value.message


def test_read_form_reads_what_the_product_writes() -> None:
    rows = (
        SummaryRow("楚雄市", {2021: ["龙江社区（鹿城镇）", "北浦社区"], 2022: ["紫溪社区"]}, {2021: 31, 2022: 31}),
        SummaryRow("姚安县", {2021: ["栗子园社区"] * 300}, {2021: 400, 2022: 400}),
        SummaryRow("元谋县", {}, {2021: 13, 2022: 13}),
    )
    summary = CompletionSummary(
        reporting_unit="楚雄彝族自治州",
        total_label="楚雄彝族自治州",
        years=(2021, 2022),
        reporting_year=2022,
        rows=rows,
        note="注：本表由各县市住房城乡建设部门汇总填写。",
        filled_on=date(2022, 10, 18),
    )
    form = read_form(named(build_workbook(summary), "附件2.xlsx"))
    assert (form.file, form.reporting_unit) == ("附件2.xlsx", "楚雄彝族自治州")
    assert listed(form) == [
        ("楚雄市", {2021: ["龙江社区(鹿城镇)", "北浦社区"], 2022: ["紫溪社区"]}),
        ("姚安县", {2021: ["栗子园社区"] * 300, 2022: []}),
        ("元谋县", {2021: [], 2022: []}),
    ]
    assert [(row.years[2021].count, row.years[2021].ratio) for row in form.rows] == [
        (2, "6.45%"),
        (300, "75.00%"),
        (0, "0.00%"),
        (302, "68.02%"),
    ]
    assert [row.is_total for row in form.rows] == [False, False, False, True]


def test_read_form_finds_a_header_of_two_merged_rows_and_lists_that_go_on() -> None:
    def edit(sheet: Any) -> None:
        sheet.merge_cells("C3:E3")
        sheet.merge_cells("B5:B6")

    rows: list[list[Any]] = [
        ["附件 2"],
        ["填报单位：楚雄市住房和城乡建设局（盖章）"],
        ["序号", "乡镇", "２０２１ 年"],
        [None, None, "绿色社区\n名单", "完成数量（个）", "完成比例"],
        [1, "鹿城镇", "龙江社区，北浦社区", 2, "12.5%"],
        [None, None, "东兴社区"],
        [],
        [2, "紫溪镇", "紫溪社区", "1个", 0.5],
        [None, "紫溪镇（续）", "云甸社区"],
        [None, "合计", "/", 5, "20%"],
        [None, "注：以上为 2021 年数", "不读社区"],
    ]
    form = read_form(workbook(rows, edit=edit))
    assert form.reporting_unit == "楚雄市住房和城乡建设局"
    assert listed(form) == [
        ("鹿城镇", {2021: ["龙江社区", "北浦社区", "东兴社区"]}),
        ("紫溪镇", {2021: ["紫溪社区", "云甸社区"]}),
    ]
    assert [(row.years[2021].count, row.years[2021].ratio) for row in form.rows] == [
        (2, "12.50%"),
        (1, "50.00%"),
        (5, "20.00%"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "东兴社区、锦星社区、彝海社区",
        "东兴社区，锦星社区；彝海社区。",
        "东兴社区, 锦星社区; 彝海社区",
        "东兴社区\n锦星社区\n\n彝海社区",
        "1.东兴社区 2、锦星社区 3）彝海社区",
        "东兴社区　锦星社区/彝海社区",
    ],
)
def test_names_in_takes_every_separator(text: str) -> None:
    assert [one.bare for one in names_in(text)] == ["东兴社区", "锦星社区", "彝海社区"]


def test_names_in_tells_streets_and_codes_apart() -> None:
    found = names_in("龙江社区 （鹿城镇）、紫溪社区(532301104001)、532301101008、110社区")
    assert [(one.bare, one.within, one.code) for one in found] == [
        ("龙江社区", "鹿城镇", ""),
        ("紫溪社区", "", "532301104001"),
        ("", "", "532301101008"),
        ("110社区", "", ""),
    ]


@pytest.mark.parametrize("text", ["", "/", "／", "无", "—", "-", "12"])
def test_names_in_of_nothing_is_nothing(text: str) -> None:
    assert names_in(text) == []


def test_read_form_leaves_a_figure_out_that_is_a_formula_and_refuses_such_a_list() -> None:
    form = read_form(workbook([HEADER, ["楚雄市", "龙江社区", "=1+1", "=C2/31"]]))
    assert (form.rows[0].years[2021].count, form.rows[0].years[2021].ratio) == (None, "")
    assert refusal(workbook([HEADER, ["楚雄市", '=HYPERLINK("http://x","龙江社区")', 1]])).startswith(
        "“楚雄州.xlsx”第 2 行的名称或名单是公式。"
    )


def test_read_form_says_what_a_file_is_that_is_no_form() -> None:
    assert refusal(workbook([["姓名", "电话"], ["甲", "1"]])).startswith("“楚雄州.xlsx”里找不到附件2的表头。")
    assert "各栏都是空的" in refusal(workbook([HEADER, ["楚雄市", "/", 0]]))
    assert "超过 500 行" in refusal(workbook([HEADER, *[["楚雄市", "龙江社区", 1]] * 501]))


def test_read_form_refuses_bombs_and_lies() -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"0" * (30 * 2**20))
    for content, said in ((bomb.getvalue(), "解开后过大"), (b"%PDF-1.4", "不是 Excel 文件"), (b"", "空文件")):
        file = BytesIO(content)
        file.name = "../附件2.xlsx"
        assert said in refusal(file)
