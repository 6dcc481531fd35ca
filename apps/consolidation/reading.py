"""Reading a workbook in the form of 附件2, as the product writes it or as people type it: rows of units with names by year.

Pure: what the units and names are is found out in ``matching``; no ORM.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from unicodedata import normalize

from apps.core.errors import InvalidInput
from apps.core.xlsx import MAX_CELL_LENGTH
from apps.core.xlsx_import import GridRow, read_grid

MAX_ROWS, MAX_COLUMNS = 500, 40
# A header stands among the first rows that are filled.
_HEADER_WITHIN = 15
_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")
_NAMES, _COUNT, _RATIO, _TOTAL = "名单", re.compile(r"数量|个数|完成数"), re.compile(r"比例|占比|完成率"), "合计"
_CONTINUED = re.compile(r"[（(]?续[）)]?$")
_TOTAL_LABELS = {"合计", "总计", "小计", "地区", "全州合计", "全市合计", "全省合计"}
_NOTHING = {"", "/", "-", "—", "——", "无", "暂无", "\\"}
# What stands in brackets belongs to the name before it.
_NAME = re.compile(r"(?:[^、,;/\s()]|\([^()]*\))+")
_NUMBERING = re.compile(r"^[0-9]{1,3}[.)]")
_BRACKETS = re.compile(r"^(.*?)\(([^()]*)\)(.*)$")
_CODE = re.compile(r"[0-9]{12}")
_UNIT = re.compile(r"填报单位[::]?\s*(.*)")
_STAMP = re.compile(r"\(?盖章\)?.*$")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a list writes it: ``bare``, with what it has in brackets (a street or a code), and its code if there is one."""

    written: str
    bare: str
    within: str = ""
    code: str = ""


@dataclass(slots=True)
class YearCell:
    """What a row says of one year; a figure that is not written or cannot be read is None."""

    names: list[Name] = field(default_factory=list)
    count: int | None = None
    ratio: str = ""


@dataclass(slots=True)
class FormRow:
    """One unit's row; ``is_total``: the reporting unit's own last one, which has no names."""

    number: int
    label: str
    years: dict[int, YearCell]
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A workbook: its file's name, the reporting unit as it is written above the table, its rows."""

    file: str
    reporting_unit: str
    rows: list[FormRow]


@dataclass(frozen=True, slots=True)
class _Columns:
    label: int
    names: Mapping[int, int]
    counts: Mapping[int, int]
    ratios: Mapping[int, int]


def read_form(file: IO[bytes] | Any) -> Form:
    """Read an uploaded workbook; InvalidInput says which file, which cell and the way out."""
    name = str(getattr(file, "name", "") or "文件").replace("\\", "/").rsplit("/", 1)[-1][:80]
    grid = read_grid(file, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS, max_length=MAX_CELL_LENGTH)
    at, columns = _header(grid, name)
    unit = next((found for row in grid[:at] if (found := _reporting_unit(row))), "")
    rows = list(_rows(grid[at + 1 :], columns, name))
    if not any(cell.names for row in rows for cell in row.years.values()):
        raise InvalidInput(f"“{name}”的名单各栏都是空的，没有可以核对的社区。请核对是不是传错了文件。")
    return Form(name, unit, rows)


def names_in(text: str) -> list[Name]:
    """The names of a list, whatever divides them (、，, ；; / blanks, line ends), without numbering and what means nothing."""
    plain = re.sub(r"\s+\(", "(", normalize("NFKC", text))
    found = (_NUMBERING.sub("", one).strip(".。") for one in _NAME.findall(plain))
    return [name_of(one) for one in found if (one not in _NOTHING and not one.isdecimal()) or _CODE.fullmatch(one)]


def name_of(written: str) -> Name:
    """A name with what it has in brackets told apart."""
    if _CODE.fullmatch(written):
        return Name(written, "", code=written)
    if (found := _BRACKETS.match(written)) is None:
        return Name(written, written)
    bare, within = found[1] + found[3], found[2].strip()
    if _CODE.fullmatch(within):
        return Name(written, bare, code=within)
    return Name(written, bare, within)


def _header(grid: Sequence[GridRow], name: str) -> tuple[int, _Columns]:
    """The row that names the columns, alone or with the years in merged cells of the row above it, and what each column holds."""
    for at, row in enumerate(grid[:_HEADER_WITHIN]):
        texts = [_squeezed(text) for text in row.texts]
        if not any(_NAMES in text for text in texts):
            continue
        above = [_squeezed(text) for text in grid[at - 1].texts] if at else []
        years = list(_years(texts, above))
        columns = _columns(texts, years, above)
        if columns is not None:
            return at, columns
    raise InvalidInput(
        f"“{name}”里找不到附件2的表头。表头应有“2021年绿色社区名单”“2021年完成数量”“2021年完成比例”这样的栏，"
        "请按附件2的格式整理后再上传。"
    )


def _years(texts: Sequence[str], above: Sequence[str]) -> Iterator[int | None]:
    """The year of each column: its own, or that of the merged cell above it."""
    merged: int | None = None
    for at, text in enumerate(texts):
        over = above[at] if at < len(above) else ""
        if found := _YEAR.search(over):
            merged = int(found[1])
        elif over:
            merged = None
        own = _YEAR.search(text)
        yield int(own[1]) if own else merged


def _columns(texts: Sequence[str], years: Sequence[int | None], above: Sequence[str]) -> _Columns | None:
    names: dict[int, int] = {}
    counts: dict[int, int] = {}
    ratios: dict[int, int] = {}
    for at, (text, year) in enumerate(zip(texts, years, strict=True)):
        if year is None or _TOTAL in text:
            continue
        if _NAMES in text:
            names.setdefault(year, at)
        elif _RATIO.search(text):
            ratios.setdefault(year, at)
        elif _COUNT.search(text):
            counts.setdefault(year, at)
    if not names:
        return None
    first = min(names.values())
    heads = [text or (above[at] if at < len(above) else "") for at, text in enumerate(texts[:first])]
    labels = [at for at, text in enumerate(heads) if text and "序号" not in text]
    return None if not first else _Columns(labels[-1] if labels else first - 1, names, counts, ratios)


def _rows(grid: Sequence[GridRow], columns: _Columns, name: str) -> Iterator[FormRow]:
    last: FormRow | None = None
    for row in grid:
        label = _squeezed(_at(row, columns.label))
        if normalize("NFKC", next((one for one in row.texts if one), "")).startswith(("注:", "说明:", "备注:")):
            break
        _refuse_unreadable(row, columns, name)
        years = {year: _cell(row, columns, year) for year in columns.names}
        # A list that goes on: merged cells, a blank label or 县名（续）.
        unit = _CONTINUED.sub("", label)
        if last is not None and (not label or (unit != label and unit == last.label)):
            for year, cell in years.items():
                last.years[year].names += cell.names
            continue
        if label:
            if last is not None:
                yield last
            is_total = label in _TOTAL_LABELS or _has_no_list(row, columns)
            last = FormRow(row.number, label, years, is_total)
    if last is not None:
        yield last


def _has_no_list(row: GridRow, columns: _Columns) -> bool:
    lists = [_squeezed(_at(row, at)) for at in columns.names.values()]
    return "/" in lists and all(one in _NOTHING for one in lists)


def _refuse_unreadable(row: GridRow, columns: _Columns, name: str) -> None:
    for at in (columns.label, *columns.names.values()):
        if at in row.errors:
            raise InvalidInput(f"“{name}”第 {row.number} 行的名称或名单{row.errors[at]}")


def _cell(row: GridRow, columns: _Columns, year: int) -> YearCell:
    count = _at(row, columns.counts.get(year, -1)).removesuffix("个")
    ratio = _at(row, columns.ratios.get(year, -1))
    return YearCell(
        names_in(_at(row, columns.names[year])),
        int(count) if re.fullmatch(r"[0-9]{1,6}", count) else None,
        _percent(ratio),
    )


def _percent(text: str) -> str:
    """A ratio as the product writes it (12.90%), '' for what is none."""
    plain = normalize("NFKC", text).strip()
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,18})?%?", plain):
        return ""
    value = float(plain.removesuffix("%")) * (1 if plain.endswith("%") else 100)
    return f"{value:.2f}%"


def _reporting_unit(row: GridRow) -> str:
    for text in row.texts:
        if found := _UNIT.search(normalize("NFKC", text)):
            return _STAMP.sub("", found[1]).strip()
    return ""


def _at(row: GridRow, column: int) -> str:
    return row.texts[column] if 0 <= column < len(row.texts) else ""


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", normalize("NFKC", text))
