"""The tables of a document as xlsx, read back."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from apps.papers.paper import Annex, Column, Paper, Paragraph, Table
from apps.papers.xlsx import has_tables, to_xlsx
from tests.papers.samples import HARD, NAMES, PAPER, paper_of

_COLUMNS = [Column("单位", 2), Column("认定\n数量"), Column("比例"), Column("文号"), Column("说明", 3, is_text=True)]


def rows_of(paper: Paper) -> dict[str, list[list[object]]]:
    """The cells of each sheet, without those that a merged one covers."""
    book = load_workbook(BytesIO(to_xlsx(paper)))
    return {
        sheet.title: [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
        for sheet in book.worksheets
    }


def test_counts_and_ratios_are_numbers_and_the_rest_is_text() -> None:
    rows = [["楚雄市", "12", "38.71%", "0012", "3"], ["=1+1", "—", "—", "〔2022〕3号", "+1\n二"]]
    found = rows_of(paper_of(Table(_COLUMNS, rows, caption="排名")))
    assert found == {
        "排名": [
            ["排名"],
            ["单位", "认定数量", "比例", "文号", "说明"],
            ["楚雄市", 12, pytest.approx(0.3871), "0012", "3"],
            ["=1+1", "—", "—", "〔2022〕3号", "+1 二"],
        ]
    }
    sheet = load_workbook(BytesIO(to_xlsx(paper_of(Table(_COLUMNS, rows))))).worksheets[0]
    assert (sheet["A4"].data_type, sheet["A4"].quotePrefix, sheet["C3"].number_format) == ("s", True, "0.00%")
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A3", "$2:$2")


def test_tables_of_the_same_columns_stand_on_one_sheet_under_their_captions() -> None:
    tables = [Table([Column("社区")], [["龙江社区"]], caption=one) for one in ("楚雄市（1个）", "禄丰市（1个）")]
    found = rows_of(Paper(title="名单", blocks=tables, annexes=[Annex("名单", [Table([Column("县")], ["甲"])])]))
    assert found == {
        "名单": [["名单"], ["社区"], ["楚雄市（1个）"], ["龙江社区"], ["禄丰市（1个）"], ["龙江社区"]],
        "名单 2": [["名单"], ["县"], ["甲"]],
    }


@pytest.mark.parametrize("name", [name for name, paper in HARD.items() if has_tables(paper)])
def test_hard_cases_are_written(name: str) -> None:
    found = next(iter(rows_of(HARD[name]).values()))
    match name:
        case "no names":
            assert found[-1] == ["（无）"]
        case "sixty names in a cell":
            assert found[-1] == ["楚雄市", "、".join(NAMES)]


def test_what_has_no_table_has_no_sheet() -> None:
    assert [has_tables(one) for one in (PAPER, paper_of(Paragraph("法脿镇")))] == [True, False]
