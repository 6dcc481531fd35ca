"""Numbering, breaking titles, placing signatures: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.papers.measure import TITLE_CHARACTERS, office_from_right, text_width, title_lines
from apps.papers.paper import Annex, Block, Column, Heading, Paper, Paragraph, Table, chinese, numbered


def test_headings_count_within_the_heading_above() -> None:
    levels = [1, 2, 2, 3, 4, 4, 1, 2, 3]
    blocks: list[Block] = [Heading(level, "题") for level in levels]
    found = [ordinal for ordinal, _ in numbered([*blocks, Paragraph("文")])]
    assert found == ["一、", "（一）", "（二）", "1.", "（1）", "（2）", "二、", "（一）", "1.", ""]


@pytest.mark.parametrize(("number", "word"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")])
def test_ordinals_in_chinese(number: int, word: str) -> None:
    assert chinese(number) == word


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于2022年绿色社区名单的公示", ["关于2022年绿色社区名单的公示"]),
        (
            "楚雄彝族自治州住房和城乡建设局关于认定2022年绿色社区的决定",
            ["楚雄彝族自治州住房和城乡建设局", "关于认定2022年绿色社区的决定"],
        ),
        ("新街社区\n2021年绿色社区创建评分表", ["新街社区", "2021年绿色社区创建评分表"]),
    ],
)
def test_titles_break_by_sense(title: str, lines: list[str]) -> None:
    assert title_lines(title) == lines


@given(st.text(alphabet="绿色社区创建的、2022年（）《》A关于", min_size=1, max_size=120))
def test_title_lines_fit_and_lose_nothing(title: str) -> None:
    lines = title_lines(title)
    assert "".join(lines) == title
    assert all(text_width(line) <= TITLE_CHARACTERS for line in lines)


def test_annexes_are_numbered_where_there_are_several() -> None:
    one, two = Annex("名单", []), Annex("说明", [])
    assert Paper(title="", blocks=[], annexes=[one]).annex_lines == ["名单"]
    assert Paper(title="", blocks=[], annexes=[one, two]).annex_lines == ["1.名单", "2.说明"]


def test_office_is_centred_on_the_date_within_the_margin() -> None:
    assert office_from_right("四个字呀", "2022年8月5日") == pytest.approx(4 + (6 - 4) / 2)
    assert office_from_right("很长" * 12, "2022年8月5日") == 0


def test_a_row_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="cells"):
        Table([Column("甲"), Column("乙")], [["一"]])
