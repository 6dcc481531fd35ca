"""One row of a standard's spreadsheet, read cell by cell: what is wrong is noted at its cell, and reading goes on."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from apps.core.inputs import whole_number
from apps.standards.sheet_layout import (
    HEAD_SHEET,
    LINES_SHEET,
    LONGEST,
    LONGEST_EVIDENCE,
    VALUE,
    YES,
    Content,
    Row,
    SheetProblem,
)
from apps.standards.specs import LARGEST_NUMBER

_NUMBER = re.compile(r"\d{1,7}(\.\d+)?")
_RANGE = re.compile(r"(\d{1,4})\s*(?:至|到|-|–|—|~)\s*(\d{1,4})")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LARGEST_POINTS = Decimal("9999.99")


class Cells:
    """The cells of a row. Every reader returns None for a blank, and for what it has complained about."""

    def __init__(self, sheet: str, row: Row, problems: list[SheetProblem]) -> None:
        self.sheet, self.row, self._problems = sheet, row, problems

    def complain(self, header: str, reason: str) -> None:
        self._problems.append(SheetProblem(self.sheet, self.row.number, header, reason))

    def is_blank(self, header: str) -> bool:
        return not self.row.get(header) and header not in self.row.errors

    def needs(self, header: str, reason: str = "没有填。") -> bool:
        """Whether the cell is filled; complains where it is not."""
        if self.is_blank(header):
            self.complain(header, reason)
            return False
        return True

    def text(self, header: str, *, one_line: bool = False, longest: int = 0) -> str | None:
        if header in self.row.errors:
            self.complain(header, self.row.errors[header])
            return None
        text = self.row.get(header).strip()
        if one_line:
            text = " ".join(text.split("\n"))
        if longest and len(text) > longest:
            self.complain(header, f"有 {len(text)} 字，请压缩到 {longest} 字以内。")
            return None
        return text or None

    def number(
        self, header: str, *, unit: str = "分", places: int = 2, largest: Decimal = _LARGEST_POINTS
    ) -> Decimal | None:
        text = self.text(header)
        if text is None:
            return None
        bare = unicodedata.normalize("NFKC", text).replace(" ", "").removesuffix(unit)
        if not _NUMBER.fullmatch(bare):
            self.complain(header, f"“{text[:20]}”不是数字。只填数字，如 2 或 2.5。")
            return None
        number = Decimal(bare)
        if number > largest:
            self.complain(header, f"{text[:20]} 过大，最多 {largest}。")
            return None
        if -int(number.normalize().as_tuple().exponent) > places:
            self.complain(header, f"{text[:20]} 最多 {places} 位小数。")
            return None
        return number

    def whole(self, header: str, *, largest: int = LARGEST_NUMBER) -> int | None:
        text = self.text(header)
        if text is None:
            return None
        bare = unicodedata.normalize("NFKC", text).replace(" ", "")
        number = whole_number(bare, digits=9)
        if number is None or not 1 <= number <= largest:
            self.complain(header, f"“{text[:20]}”不对，应为 1 至 {largest} 的整数。")
            return None
        return number

    def span(self, header: str) -> tuple[int, int] | None:
        """Whole points from … to …, `1至3`."""
        text = self.text(header)
        if text is None:
            return None
        if _DATE_LIKE.fullmatch(text):
            self.complain(header, f"“{text}”是日期：表格软件把区间当成了日期。请把单元格设为“文本”，写成“1至3”。")
            return None
        bare = unicodedata.normalize("NFKC", text).removesuffix("分").strip()
        if found := _RANGE.fullmatch(bare):
            return int(found[1]), int(found[2])
        if bare.isascii() and bare.isdecimal() and len(bare) <= 4:
            return int(bare), int(bare)
        self.complain(header, f"“{text[:20]}”不是区间。请写成“1至3”，两头都是整分。")
        return None

    def flag(self, header: str) -> bool:
        text = self.text(header)
        if text in (None, "否", "不"):
            return False
        if text not in (YES, "√", "✓"):
            self.complain(header, f"“{str(text)[:20]}”不对，只填“是”或留空。")
        return True

    def choice(self, header: str, choices: Mapping[str, str]) -> str | None:
        text = self.text(header)
        if text is None:
            return None
        if text not in choices:
            self.complain(header, f"没有“{text[:20]}”这一种，请填：{'、'.join(choices)}。")
            return None
        return choices[text]

    def day(self, header: str) -> date | None:
        text = self.text(header)
        if text is None:
            return None
        found = _DATE.fullmatch(unicodedata.normalize("NFKC", text))
        try:
            if found:
                return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
        self.complain(header, f"“{text[:20]}”不是日期，请写成 2021-01-12。")
        return None

    def parts(self, header: str) -> list[str]:
        """Several texts: each on a line of its own, else between semicolons."""
        text = self.text(header) or ""
        found = [part.strip() for part in (text.split("\n") if "\n" in text else re.split("[；;]", text))]
        for part in found:
            if len(part) > LONGEST_EVIDENCE:
                self.complain(header, f"“{part[:10]}…”有 {len(part)} 字，每项最多 {LONGEST_EVIDENCE} 字。")
        return [part for part in found if part]

    def choices(self, header: str, choices: Mapping[str, str]) -> list[str]:
        text = self.text(header) or ""
        found = [part for part in re.split(r"[、,，；;\s]+", text) if part]
        for part in found:
            if part not in choices:
                self.complain(header, f"没有“{part[:20]}”这一种，请填：{'、'.join(choices)}，几种用顿号隔开。")
        return list(dict.fromkeys(choices[part] for part in found if part in choices))

    def differs(self, headers: Sequence[str], above: Row) -> list[str]:
        """Cells that hold something else than the row above that this one goes on with."""
        return [one for one in headers if not self.is_blank(one) and self.row.get(one) != above.get(one)]


class HeadCells(Cells):
    """The sheet 标准: an item is a row, so a reader is asked for it by its label."""

    def __init__(self, content: Content, problems: list[SheetProblem]) -> None:
        merged = Row(
            0,
            {label: row.get(VALUE) for label, row in content.head.items()},
            {label: row.errors[VALUE] for label, row in content.head.items() if VALUE in row.errors},
        )
        super().__init__(HEAD_SHEET, merged, problems)
        self._rows = {label: row.number for label, row in content.head.items()}

    def complain(self, header: str, reason: str) -> None:
        self._problems.append(SheetProblem(HEAD_SHEET, self._rows.get(header, 0), header, reason))

    def named(self, header: str) -> str | None:
        return self.text(header, one_line=True, longest=LONGEST.get(header, 0))


def line_cells(row: Row, problems: list[SheetProblem]) -> Cells:
    return Cells(LINES_SHEET, row, problems)
