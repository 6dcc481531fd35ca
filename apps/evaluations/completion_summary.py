"""附件2 《绿色社区建设任务完成情况汇总表》: what it says, and the workbook that prints as the form.

Pure: the caller counts the communities and hands over names and bases; no ORM, no Django.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import accumulate, zip_longest

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from apps.campaigns.ratios import NO_RATIO, ratio
from apps.core.rounding import round_half_up
from apps.core.xlsx import (
    BODY_FONT,
    HEADER_FONT,
    MAX_ROW_HEIGHT,
    POINTS_PER_UNIT,
    TITLE_FONT,
    Face,
    count_lines,
    lines_height,
    new_workbook,
    put,
    set_up_a4_landscape,
    sheet_title,
    text_width,
)

TITLE_ROW, ZONES_ROW, HEADER_ROW = 2, 3, 4
SEPARATOR = "、"
NO_LIST = "/"
CONTINUED = "（续）"

_PAGE_UNITS = 129.0
_PAGE_HEIGHT = 490.0
_COMFORTABLE_ROW_HEIGHT = 330.0
_PART_HEIGHT = 190.0
_LEAST_LINES = 1.35
_HEAD_AND_FOOT = 26.0 + 40.0 + 26.0 + 42.0 + 30.0 + 28.0
_ZONE_SIZES = (12.0, 11.0, 10.5, 10.0, 9.0, 8.0, 7.0)
_ZONE_GAP = 12.0
_HANDWRITING = 110.0
_HANDWRITING_INDENT = 11

CellValue = str | float | None


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One reporting unit: the names recognised in each year, in code order, and each year's base.

    Counts are counted from the names, so that list and figure cannot differ. A year left out has
    no names and a base of 0. `unit` says whose row it is when the unit has another name by then.
    """

    label: str
    names_by_year: Mapping[int, Sequence[str]]
    base_by_year: Mapping[int, int]
    unit: int | None = None

    def names(self, year: int) -> Sequence[str]:
        return self.names_by_year.get(year, ())

    def completed_count(self, year: int) -> int:
        """完成数量 of the year alone."""
        return len(self.names(year))

    def base(self, year: int) -> int:
        return self.base_by_year.get(year, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionSummary:
    """The whole form for one reporting jurisdiction and year.

    `total_label` is the reporting jurisdiction's name, `rows` are its children in code order.
    `direct` holds communities that belong to none of the rows (a street reports on its own); they
    count in the total alone. `years` are the campaign's; those after `reporting_year` stay blank.
    """

    reporting_unit: str
    total_label: str
    years: Sequence[int]
    reporting_year: int
    rows: Sequence[SummaryRow]
    note: str
    direct: SummaryRow | None = None
    filled_on: date | None = None
    contact: str | None = None
    annex_label: str = "附件2"
    title: str = "绿色社区建设任务完成情况汇总表"
    region_header: str = "县（市、区）"

    def __post_init__(self) -> None:
        if list(self.years) != sorted(set(self.years)):
            raise ValueError(f"the campaign's years are not in order: {list(self.years)}")
        if self.reporting_year not in self.years:
            raise ValueError(f"{self.reporting_year} is not a year of the campaign")

    @property
    def reported_years(self) -> list[int]:
        return [year for year in self.years if year <= self.reporting_year]

    def completion_ratio(self, rows: Sequence[SummaryRow], year: int) -> Fraction | None:
        """完成比例: what `rows` completed in `year` over their base of that year."""
        return ratio(sum(row.completed_count(year) for row in rows), sum(row.base(year) for row in rows))

    def cumulative_ratio(self, rows: Sequence[SummaryRow]) -> Fraction | None:
        """合计完成比例: all years up to the reporting year over the base of the reporting year."""
        completed = sum(row.completed_count(year) for row in rows for year in self.reported_years)
        return ratio(completed, sum(row.base(self.reporting_year) for row in rows))

    def total_rows(self) -> list[SummaryRow]:
        return [*self.rows, *([self.direct] if self.direct else [])]

    def header(self) -> list[str]:
        columns = [self.region_header]
        for year in self.years:
            columns += [f"{year}年绿色社区名单", f"{year}年完成数量", f"{year}年完成比例"]
        return [*columns, "合计完成比例"]

    def zones(self) -> tuple[str, str, str]:
        filled_on = self.filled_on
        day = f"{filled_on.year}年{filled_on.month}月{filled_on.day}日" if filled_on else ""
        return (
            f"填报单位：{self.reporting_unit}（盖章）",
            f"填报时间：{day}",
            f"联系人及联系电话：{self.contact or ''}",
        )


def build_workbook(summary: CompletionSummary, on_row: Callable[[int, int], None] | None = None) -> Workbook:
    """The form as a workbook; `on_row` hears (rows done, rows in all) after each row of the grid.

    Each reporting unit has one row. Only a list that no row can hold (Excel ends at 409 points)
    goes on in rows below, labelled 县名（续） and without figures.
    """
    workbook = new_workbook(summary.title)
    workbook.properties.subject = f"{summary.total_label} {summary.reporting_year}年"
    sheet = workbook.worksheets[0]
    sheet.title = sheet_title(summary.annex_label)
    layout = _choose_layout(summary)
    for number, units in enumerate(layout.widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = units
    _write_head(sheet, summary, layout)

    number, rows_in_all = HEADER_ROW, len(summary.rows) + 1
    for done, row in enumerate(summary.rows, start=1):
        for part, cells in enumerate(_parts(summary, row, layout)):
            number += 1
            label = row.label + CONTINUED if part else row.label
            _write_row(sheet, number, label, cells, layout)
        if on_row:
            on_row(done, rows_in_all)
    number += 1
    cells = _figures(summary, summary.total_rows(), [NO_LIST] * len(summary.years))
    _write_row(sheet, number, summary.total_label, cells, layout)
    if on_row:
        on_row(rows_in_all, rows_in_all)

    number += 1
    _write_note(sheet, number, summary.note, layout)
    set_up_a4_landscape(sheet, header_row=HEADER_ROW)
    sheet.print_area = f"A1:{get_column_letter(len(layout.widths))}{number}"
    sheet.freeze_panes = f"A{HEADER_ROW + 1}"
    return workbook


@dataclass(frozen=True, slots=True)
class _Layout:
    """Widths of the columns in units, the size of the body's letters and the scale it prints at."""

    widths: tuple[float, ...]
    body_size: float
    scale: float

    @property
    def list_units(self) -> float:
        return self.widths[1]

    def height(self, label: str, lists: Iterable[str | None]) -> float:
        """Height of a row with this label and these lists."""
        size = self.body_size
        lines = max(
            _LEAST_LINES,
            count_lines(label, size, self.widths[0]),
            *(count_lines(text or "", size, self.list_units) for text in lists),
        )
        return lines_height(lines, size)


def _choose_layout(summary: CompletionSummary) -> _Layout:
    """The most legible layout that fits on one page; failing that, one in which every list fits.

    Columns are made wider than the page, which then prints smaller, rather than letters small:
    the figures' columns take none of the gain. Nothing prints below 7.5 points (六号), and lists
    that would have to are split.
    """
    scales = ((1.0, 12.0), (0.9, 12.0), (0.9, 10.5), (0.78, 10.5), (0.715, 10.5))
    layouts = [_lay_out(summary, scale, body_size) for scale, body_size in scales]
    lists = [(row.label, [SEPARATOR.join(row.names(year)) for year in summary.reported_years]) for row in summary.rows]
    for layout in layouts[:3]:
        if _HEAD_AND_FOOT + sum(layout.height(*row) for row in lists) <= _PAGE_HEIGHT / layout.scale:
            return layout
    limits = (*[_COMFORTABLE_ROW_HEIGHT] * 3, MAX_ROW_HEIGHT, MAX_ROW_HEIGHT)
    for layout, limit in zip(layouts, limits, strict=True):
        if all(layout.height(*row) <= limit for row in lists):
            return layout
    return layouts[3]


def _lay_out(summary: CompletionSummary, scale: float, body_size: float) -> _Layout:
    years = len(summary.years)
    labels = [summary.region_header, summary.total_label, *(row.label for row in summary.rows)]
    longest = max(text_width(label, 12.0) for label in labels) / POINTS_PER_UNIT
    label = min(18.0, max(14.0, longest + 1.5))
    figure, total = (22.0, 20.0) if years == 1 else (12.0, 10.0)
    list_units = (_PAGE_UNITS / scale - label - total - 2 * figure * years) / years
    year = (max(20.0, list_units), figure, figure)
    widths = (label, *(year * years), total)
    return _Layout(widths, body_size, min(scale, _PAGE_UNITS / sum(widths)))


def _parts(summary: CompletionSummary, row: SummaryRow, layout: _Layout) -> Iterator[list[CellValue]]:
    """The cells after the label, for each row of the sheet that this unit needs."""
    lists = [
        list(_split(row.names(year), layout)) if year <= summary.reporting_year else [None] for year in summary.years
    ]
    for part, texts in enumerate(zip_longest(*lists)):
        if part == 0:
            yield _figures(summary, [row], texts)
        else:
            yield [value for text in texts for value in (text, None, None)] + [None]


def _split(names: Sequence[str], layout: _Layout) -> Iterator[str | None]:
    """The names joined, cut between two names wherever a row is full."""
    text = SEPARATOR.join(names)
    if layout.height("", [text]) <= MAX_ROW_HEIGHT:
        yield text or None
        return
    full: list[str] = []
    for name in names:
        if full and layout.height("", [SEPARATOR.join([*full, name])]) > _PART_HEIGHT:
            yield SEPARATOR.join(full)
            full = []
        full.append(name)
    yield SEPARATOR.join(full)


def _figures(summary: CompletionSummary, rows: Sequence[SummaryRow], lists: Sequence[str | None]) -> list[CellValue]:
    cells: list[CellValue] = []
    for year, text in zip(summary.years, lists, strict=True):
        if year <= summary.reporting_year:
            completed = sum(row.completed_count(year) for row in rows)
            cells += [text, completed, _percent(summary.completion_ratio(rows, year))]
        else:
            cells += [text, None, None]
    return [*cells, _percent(summary.cumulative_ratio(rows))]


def _percent(value: Fraction | None) -> float | str:
    """Rounded from integers to what the cell shows, so that no program rounds it otherwise."""
    return NO_RATIO if value is None else float(round_half_up(value, 4))


def _write_head(sheet: Worksheet, summary: CompletionSummary, layout: _Layout) -> None:
    put(sheet, 1, 1, summary.annex_label, Face(HEADER_FONT, 16.0, "left"))
    put(sheet, TITLE_ROW, 1, summary.title, Face(TITLE_FONT, 22.0))
    _merge_across(sheet, TITLE_ROW, len(layout.widths))
    _write_zones(sheet, summary, layout)

    lines = 1
    face = Face(HEADER_FONT, 12.0, ruled=True, wrap=True)
    for column, text in enumerate(summary.header(), start=1):
        put(sheet, HEADER_ROW, column, text, face)
        lines = max(lines, count_lines(text, face.size, layout.widths[column - 1]))
    for row, height in enumerate((26.0, 40.0, 26.0, lines_height(lines, face.size)), start=1):
        sheet.row_dimensions[row].height = height


def _write_zones(sheet: Worksheet, summary: CompletionSummary, layout: _Layout) -> None:
    """Three texts that run into the empty cells beside them: to the right, either way, to the left.

    Columns are as wide as the grid needs, so merging them would cut the longer texts off.
    """
    first, second, third = summary.zones()
    size, middle, side = _place_zones(summary, layout)
    indent = 0 if summary.contact else _HANDWRITING_INDENT
    put(sheet, ZONES_ROW, 1, first, Face(BODY_FONT, size, "left"))
    put(sheet, ZONES_ROW, middle, second, Face(BODY_FONT, size, side))
    put(sheet, ZONES_ROW, len(layout.widths), third, Face(BODY_FONT, size, "right", indent))


def _place_zones(summary: CompletionSummary, layout: _Layout) -> tuple[float, int, str]:
    """Largest size in which the three do not touch, and the middle one's column and alignment."""
    edges = [0.0, *accumulate(units * POINTS_PER_UNIT for units in layout.widths)]
    blank = 0.0 if summary.contact else _HANDWRITING
    for size in _ZONE_SIZES:
        left, middle, right = (text_width(text, size) + _ZONE_GAP for text in summary.zones())
        candidates = []
        for column in range(2, len(layout.widths)):
            start, end = edges[column - 1], edges[column]
            over = max(0.0, middle - (end - start))
            for side, share in (("center", 0.5), ("left", 0.0), ("right", 1.0)):
                clear_left = start - over * share - left
                clear_right = edges[-1] - right - blank - end - over * (1 - share)
                if min(clear_left, clear_right) >= 0:
                    candidates.append((abs(clear_left - clear_right), column, side))
        if candidates:
            return size, *min(candidates)[1:]
    return _ZONE_SIZES[-1], len(layout.widths) - 1, "center"


def _write_row(sheet: Worksheet, row: int, label: str, cells: Sequence[CellValue], layout: _Layout) -> None:
    lists = [text for text in cells if isinstance(text, str)]
    sheet.row_dimensions[row].height = min(MAX_ROW_HEIGHT, layout.height(label, lists))
    face = Face(BODY_FONT, layout.body_size, ruled=True, wrap=True)
    for column, value in enumerate([label, *cells], start=1):
        is_list = column % 3 == 2 and column < len(layout.widths) and value != NO_LIST
        put(sheet, row, column, value, replace(face, horizontal="left") if is_list else face)


def _write_note(sheet: Worksheet, row: int, note: str, layout: _Layout) -> None:
    face = Face(BODY_FONT, 12.0, "left", wrap=True)
    put(sheet, row, 1, note, face)
    _merge_across(sheet, row, len(layout.widths))
    lines = count_lines(note, face.size, sum(layout.widths))
    sheet.row_dimensions[row].height = lines_height(lines, face.size) + 4.0


def _merge_across(sheet: Worksheet, row: int, columns: int) -> None:
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
