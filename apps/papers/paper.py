"""公文: what an official document says, without how it looks. Pure: no ORM, no Django, nothing of the campaign.

``pdf`` and ``docx`` print it; both lay it out by GB/T 9704-2012.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

# A table of no more rows stays on one page if it can.
_FEW_ROWS = 6
_DIGITS = "零一二三四五六七八九"
LEVELS = 4


@dataclass(frozen=True, slots=True)
class Heading:
    """结构层次序数: a heading of level 1 to 4, numbered 一、（一）1.（1） by its place (GB/T 9704-2012, 7.3.3)."""

    level: int
    text: str

    def __post_init__(self) -> None:
        if not 1 <= self.level <= LEVELS:
            raise ValueError(f"headings have levels 1 to {LEVELS}, not {self.level}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """正文: a paragraph; a text of several lines is as many paragraphs."""

    text: str


@dataclass(frozen=True, slots=True)
class Names:
    """A list of names in running text, with the words that stand where there is none."""

    names: Sequence[str]
    nobody: str = "无"

    @property
    def text(self) -> str:
        return f"{'、'.join(self.names)}。" if self.names else f"{self.nobody}。"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``width`` is its share beside the others'. Texts that run over lines stand better on the left."""

    label: str
    width: float = 1.0
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head is repeated on every page; ``nothing`` stands in it where there are no rows.

    A row that is a mere text goes across all columns and heads those below it. ``is_small``: of many columns or long texts.
    Without any label it has no head. ``caption``: what stands above it, such as the county whose communities it names.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str] | str]
    caption: str = ""
    nothing: str = "（无）"
    is_small: bool = False

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows if not isinstance(row, str)):
            raise ValueError("a row of the table has not as many cells as there are columns")

    @property
    def has_head(self) -> bool:
        return any(column.label for column in self.columns)

    @property
    def is_short(self) -> bool:
        """Whether it stays on one page: a head with a single row below it is soon overlooked."""
        return len(self.rows) <= _FEW_ROWS

    @property
    def text_columns(self) -> list[int]:
        """The places of the columns that hold running text."""
        return [place for place, column in enumerate(self.columns) if column.is_text]

    @property
    def shares(self) -> list[float]:
        """Each column's part of the whole width."""
        whole = sum(column.width for column in self.columns)
        return [column.width / whole for column in self.columns]


Block = Heading | Paragraph | Names | Table


@dataclass(frozen=True, slots=True)
class Annex:
    """附件: on a page of its own, with its title; ``is_wide``: on sheets that lie across, for tables of many columns."""

    title: str
    blocks: Sequence[Block]
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """版头: 发文机关标志 in red and 发文字号; a number that is not given yet stays blank to be filled in.

    What goes to an office above (上行文) names who signs it off beside the number (7.2.6); ``is_upward`` leaves room for the name.
    """

    issuer: str
    number: str = ""
    is_upward: bool = False


@dataclass(frozen=True, slots=True)
class Imprint:
    """版记: who gets a copy, who prints it, when."""

    issuer: str
    issued_on: date | None
    copies: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One document. ``mark`` is printed across every page of what is no document yet: 草稿, 演示.

    ``dated`` is None where the day is filled in by hand. ``note`` is the 附注 in round brackets below the date, such as whom to
    ask. A form without 版头 and signature (评分表) leaves ``head`` and ``signed`` out. ``enclosed``: files that go with it and are
    named behind the annexes.
    """

    title: str
    blocks: Sequence[Block]
    head: Head | None = None
    recipients: str = ""
    annexes: Sequence[Annex] = ()
    enclosed: Sequence[str] = ()
    signed: str = ""
    dated: date | None = None
    note: str = ""
    imprint: Imprint | None = None
    mark: str = ""

    @property
    def annex_lines(self) -> list[str]:
        """附件说明: one annex by its title, several with their numbers; no punctuation at the end (7.3.4)."""
        titles = [*(one.title for one in self.annexes), *self.enclosed]
        return titles if len(titles) == 1 else [f"{number}.{one}" for number, one in enumerate(titles, start=1)]

    def annex_label(self, number: int) -> str:
        """What stands at the head of the annex with ``number``, from 1."""
        return "附件" if len(self.annex_lines) == 1 else f"附件{number}"


def numbered(blocks: Sequence[Block]) -> Iterator[tuple[str, Block]]:
    """Give each block with the ordinal that stands before it; only headings have one.

    Each level counts within the heading above it.
    """
    counts = [0] * LEVELS
    for block in blocks:
        if not isinstance(block, Heading):
            yield "", block
            continue
        counts[block.level - 1] += 1
        counts[block.level :] = [0] * (LEVELS - block.level)
        yield ordinal(block.level, counts[block.level - 1]), block


def ordinal(level: int, number: int) -> str:
    """Return 一、 （一） 1. （1） for the ``number``-th heading of a level."""
    forms = {1: f"{chinese(number)}、", 2: f"（{chinese(number)}）", 3: f"{number}.", 4: f"（{number}）"}
    return forms[level]


def chinese(number: int) -> str:
    """Return a number from 1 to 99 as ordinals are written: 一, 十, 十一, 二十, 九十九."""
    if not 1 <= number <= 99:
        raise ValueError(f"no ordinal for {number}")
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def day(of: date | None) -> str:
    """成文日期 in Arabic figures without padded zeros (7.3.5.4); blank to be filled in by hand where there is none."""
    return f"{of.year}年{of.month}月{of.day}日" if of else "　　　　年　　月　　日"
