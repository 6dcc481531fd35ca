"""Pieces that every spreadsheet shares: measuring text, text as text, A4 pages, plain lists.

Nothing of a single form lives here. Heights and font sizes are points; widths of columns are
units, one digit of the workbook's default font, which is 12 digits to the inch.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from itertools import chain, islice
from math import ceil
from typing import Any, cast
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from xlsxwriter import Workbook as ListWorkbook

from apps.core.rounding import round_half_up

ListValue = str | int | Decimal | Fraction | date | bool | None

TITLE_FONT = "方正小标宋简体"
HEADER_FONT = "黑体"
BODY_FONT = "仿宋"
LIST_FONT = "宋体"
MEASURE_FONT = "Arial"

POINTS_PER_UNIT = 6.0
CELL_PADDING = 6.0
LINE_SPACING = 1.5
MAX_ROW_HEIGHT = 409.0
MAX_CELL_LENGTH = 32_767
MILLIMETRES_PER_INCH = 25.4

PERCENT_FORMAT = "0.00%"
COUNT_FORMAT = "0"

_THIN = Side(style="thin", color="FF000000")
THIN_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]+")
_UNBREAKABLE = re.compile(r"[(（《“「〔]*(?:[!-'*-~]+|.)[)）》”」〕、，。；：！？]*")
# How a formula begins; NFKC makes ＝ and the like of full width the same. An empty cell begins with none of them.
_FORMULA_STARTS = ("=", "+", "-", "@")
_LIST_SIZE = 11.0
_NARROWEST_COLUMN = 8.0
_WIDEST_COLUMN = 44.0
_FILTER_BUTTON = 3.0
# A header of more characters wraps, into at most so many lines where it can.
_HEADER_ON_A_LINE, _HEADER_LINES = 6, 3
_MEASURED_ROWS = 500
_A4, _A3 = 9, 8
# Letters of such a list print at some six points.
_WIDEST_ON_A4 = 240.0
# How the header of a column of money ends.
_MONEY_HEADER = "（万元）"
_CHINA_TIME = ZoneInfo("Asia/Shanghai")
_LIST_STYLES = {
    "列表表头": ("center", "General"),
    "列表文字": ("left", "@"),
    "列表数字": ("right", "General"),
    "列表金额": ("right", "#,##0.00"),
    "列表比例": ("right", PERCENT_FORMAT),
    "列表日期": ("center", "yyyy-mm-dd"),
    "列表时间": ("center", "yyyy-mm-dd hh:mm"),
}


def new_workbook(title: str, *, write_only: bool = False) -> Workbook:
    """An empty workbook whose properties name a title and no person.

    Its default font, by whose digits columns are measured, is one that every office program has or
    has a font of equal widths for; so columns are as wide everywhere as they were planned.
    """
    workbook = Workbook(write_only=write_only)
    normal = workbook._named_styles["Normal"]  # type: ignore[attr-defined]  # noqa: SLF001
    normal.font = Font(name=MEASURE_FONT, size=11, family=2)
    workbook.properties.title = title
    workbook.properties.creator = ""
    workbook.properties.language = "zh-CN"
    return workbook


def sheet_title(text: str) -> str:
    """`text` without what a sheet's name may not hold, at most 31 characters."""
    return re.sub(r"[\[\]:*?/\\]", " ", clean_text(text)).strip("' ")[:31] or "Sheet1"


def clean_text(text: str) -> str:
    """`text` on one line: a control character would break the file or the row's height."""
    return _CONTROL.sub(" ", text).strip()


def put_text(cell: Cell, text: str, *, keeps_lines: bool = False) -> Cell:
    """Write `text` so that it is text in every program, even where it begins as a formula does, in half or full width."""
    clean = "\n".join(map(clean_text, text.split("\n"))).strip() if keeps_lines else clean_text(text)
    cell.value = clean[:MAX_CELL_LENGTH]
    cell.data_type = "s"
    if _begins_as_formula(cell.value):
        cell.quotePrefix = True
    return cell


def _begins_as_formula(text: str) -> bool:
    return unicodedata.normalize("NFKC", text[:1]) in _FORMULA_STARTS


def put_number(cell: Cell, amount: float | Decimal) -> Cell:
    """Write a number as it is, so that it can be calculated with."""
    cell.value, cell.number_format = amount, "General"
    return cell


def workbook_bytes(workbook: Workbook) -> bytes:
    """The workbook as a file: the one way out for every export, and no formula gets past it.

    Exports hold no formulas, so whatever became one was somebody's text. Rows of a streamed list are written already;
    their cells are all made by `put_text`.
    """
    if not workbook.write_only:
        for cell in chain.from_iterable(chain.from_iterable(sheet.iter_rows()) for sheet in workbook.worksheets):
            if isinstance(cell, Cell) and cell.data_type == "f":
                put_text(cell, str(cell.value))
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Face:
    """How a cell of a form looks: letters in points, where they stand, ruled or bare."""

    font: str
    size: float
    horizontal: str = "center"
    indent: int = 0
    ruled: bool = False
    wrap: bool = False


def put(sheet: Worksheet, row: int, column: int, value: str | float | None, face: Face) -> None:
    """Write one cell of a form: a str is text, an int a count, a float a ratio, None blank."""
    cell = cast("Cell", sheet.cell(row, column))
    if isinstance(value, str):
        put_text(cell, value)
        _style(cell, face, keeps_quote=bool(cell.quotePrefix))
    elif value is None:
        _style(cell, face)
    else:
        cell.value = value
        _style(cell, face, COUNT_FORMAT if isinstance(value, int) else PERCENT_FORMAT)


# Of each workbook the styles that its cells have had so far: setting the parts of a style one by one takes longer than all else.
_styles: WeakKeyDictionary[Workbook, dict[tuple[Face, str, bool], StyleArray]] = WeakKeyDictionary()


def _style(cell: Any, face: Face, number_format: str = "General", *, keeps_quote: bool = False) -> None:
    known = _styles.setdefault(cell.parent.parent, {})
    key = face, number_format, keeps_quote
    if (found := known.get(key)) is not None:
        cell._style = copy(found)  # noqa: SLF001 openpyxl's own way to give a cell the style of another
        return
    cell.font, cell.alignment = _drawn(face)
    cell.number_format = number_format
    if face.ruled:
        cell.border = THIN_GRID
    known[key] = copy(cell._style)  # noqa: SLF001


@lru_cache(maxsize=256)
def _drawn(face: Face) -> tuple[Font, Alignment]:
    alignment = Alignment(horizontal=face.horizontal, vertical="center", wrap_text=face.wrap, indent=face.indent)
    return Font(name=face.font, size=face.size, charset=134), alignment


@lru_cache(maxsize=65_536)
def text_width(text: str, size: float) -> float:
    """Points that `text` takes on one line: a Chinese character is as wide as it is high."""
    return size * sum(1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.6 for character in text)


@lru_cache(maxsize=16_384)
def _piece_widths(text: str, size: float) -> tuple[float, ...]:
    """Points that each piece of `text` takes that no line breaks: the same text is measured for several layouts."""
    return tuple(text_width(piece, size) for piece in _UNBREAKABLE.findall(text))


@lru_cache(maxsize=16_384)
def count_lines(text: str, size: float, units: float) -> int:
    """Lines that `text` takes in a cell `units` wide; punctuation never begins a line."""
    room = units * POINTS_PER_UNIT - CELL_PADDING
    if len(text) * size <= room:
        return 1
    lines, used = 1, 0.0
    for width in _piece_widths(text, size):
        if used + width <= room:
            used += width
            continue
        lines += ceil(width / room) - (not used)
        used = width if width <= room else width % room
    return lines


def lines_height(lines: float, size: float) -> float:
    """Height of a row of `lines` lines, with a little air above and below."""
    return lines * size * LINE_SPACING + CELL_PADDING


def set_up_a4_landscape(sheet: Worksheet, *, header_row: int) -> None:
    """Print on A4 across, one page wide, the header row on each page, page numbers at the foot."""
    sheet.page_setup.paperSize = "9"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{header_row}:{header_row}"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 12 / MILLIMETRES_PER_INCH
    sheet.page_margins.top = 16 / MILLIMETRES_PER_INCH
    sheet.page_margins.bottom = 18 / MILLIMETRES_PER_INCH
    sheet.page_margins.header = sheet.page_margins.footer = 9 / MILLIMETRES_PER_INCH
    sheet.oddFooter = HeaderFooterItem(center=_page_part("第 &P 页  共 &N 页"))


def _page_part(text: str) -> _HeaderFooterPart:
    return _HeaderFooterPart(text=text, font=f"{LIST_FONT},Regular", size=10)


def write_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[ListValue]]) -> bytes:
    """A plain list as an xlsx file: one header row to filter by, then a row per record.

    The kind of each value decides its format: a Fraction is a ratio and shows as a percentage, a
    bool is 是 or 否, None is blank, and a str is text whatever it looks like; numbers in columns whose
    header ends in （万元） are money and show two decimals. Rows are streamed, so
    a list of the whole nation need not fit into memory as cells. Widths follow the first rows;
    longer text and headers wrap.
    """
    buffer = BytesIO()
    default = {"font_name": MEASURE_FONT, "font_size": 11}
    workbook = ListWorkbook(buffer, {"constant_memory": True, "default_format_properties": default})
    workbook.set_properties({"title": title})
    faces = _list_faces(workbook)
    records = iter(rows)
    measured = list(islice(records, _MEASURED_ROWS))
    widths = _fit_widths(columns, measured)
    sheet = workbook.add_worksheet(sheet_title(title))
    for index, units in enumerate(widths):
        sheet.set_column(index, index, units)
    sheet.freeze_panes(1, 0)
    _set_up_list(sheet, title, sum(widths))
    _write_headers(sheet, columns, widths, faces)
    last = 0
    for last, record in enumerate(chain(measured, records), start=1):
        cells = [_to_cell(value, header) for value, header in zip(record, columns, strict=True)]
        lines = max(
            count_lines(value, _LIST_SIZE, units) if isinstance(value, str) else 1
            for (_, value), units in zip(cells, widths, strict=True)
        )
        if lines > 1:
            sheet.set_row(last, min(MAX_ROW_HEIGHT, lines_height(lines, _LIST_SIZE)))
        for index, (style, value) in enumerate(cells):
            _write_cell(sheet, last, index, style, value, faces)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    workbook.close()
    return buffer.getvalue()


def _write_headers(
    sheet: Any, columns: Sequence[str], widths: Sequence[float], faces: Mapping[tuple[str, bool], Any]
) -> None:
    most = 1
    for index, (header, units) in enumerate(zip(columns, widths, strict=True)):
        lines = _header_lines(header)
        most = max(most, sum(count_lines(one, _LIST_SIZE, units - _FILTER_BUTTON) for one in lines))
        sheet.write_string(0, index, "\n".join(lines), faces["列表表头", _begins_as_formula(lines[0])])
    if most > 1:
        sheet.set_row(0, lines_height(most, _LIST_SIZE))


def _header_lines(header: str) -> list[str]:
    """A header as it stands: the unit of money beneath what it measures."""
    text = clean_text(header)
    stem = text.removesuffix(_MONEY_HEADER)
    return [stem, _MONEY_HEADER] if stem not in ("", text) else [text]


def _list_faces(workbook: ListWorkbook) -> dict[tuple[str, bool], Any]:
    """The formats of a list by style, and by whether a text begins as a formula does."""
    faces = {}
    for style, (horizontal, number_format) in _LIST_STYLES.items():
        face = {
            "font_name": LIST_FONT,
            "font_size": _LIST_SIZE,
            "border": 1,
            "text_wrap": True,
            "num_format": number_format,
        }
        face |= {"align": horizontal, "valign": "vcenter"}
        if style == "列表表头":
            face |= {"font_name": HEADER_FONT, "bold": True, "bg_color": "#E6F0E8"}
        for is_quoted in (False, True):
            faces[style, is_quoted] = workbook.add_format(face | {"quote_prefix": is_quoted})
    return faces


def _write_cell(
    sheet: Any, row: int, column: int, style: str, value: Any, faces: Mapping[tuple[str, bool], Any]
) -> None:
    """Write one cell of a list; text is told to be text, so that nothing of it becomes a formula, a number or a link."""
    if isinstance(value, str):
        text = clean_text(value)[:MAX_CELL_LENGTH]
        if text:
            sheet.write_string(row, column, text, faces[style, _begins_as_formula(text)])
            return
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, faces[style, False])
        return
    elif value is not None:
        sheet.write_number(row, column, value, faces[style, False])
        return
    sheet.write_blank(row, column, None, faces[style, False])


def _set_up_list(sheet: Any, title: str, units: float) -> None:
    """Print as ``set_up_a4_landscape`` has it, with the title at the head; on A3 what A4 would make too small to read."""
    sheet.set_paper(_A4 if units <= _WIDEST_ON_A4 else _A3)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.center_horizontally()
    sheet.set_margins(*(one / MILLIMETRES_PER_INCH for one in (12, 12, 16, 18)))
    margin = {"margin": 9 / MILLIMETRES_PER_INCH}
    shown = clean_text(title).replace("&", "&&")[:200]
    sheet.set_header(f'&C&"{LIST_FONT},Regular"&10 {shown}', margin)
    sheet.set_footer(f'&C&"{LIST_FONT},Regular"&10 第 &P 页  共 &N 页', margin)
    sheet.set_default_row(lines_height(1, _LIST_SIZE))


def _to_cell(value: ListValue, header: str) -> tuple[str, str | int | Decimal | date | None]:
    match value:
        case None | str():
            return "列表文字", value
        case bool():
            return "列表文字", "是" if value else "否"
        case Fraction():
            return "列表比例", round_half_up(value, 4)
        case datetime():
            local = value.astimezone(_CHINA_TIME) if value.tzinfo else value
            return "列表时间", local.replace(tzinfo=None)
        case date():
            return "列表日期", value
    return "列表金额" if header.endswith(_MONEY_HEADER) else "列表数字", value


def streamed_cell(sheet: Worksheet, style: str, value: Any) -> Cell:
    """A cell of a sheet that is written row by row, in a style of the workbook; text stays text."""
    cell: Cell = WriteOnlyCell(sheet)
    cell.style = style
    if isinstance(value, str):
        return put_text(cell, value)
    cell.value = value
    return cell


def _fit_widths(columns: Sequence[str], records: Sequence[Sequence[ListValue]]) -> list[float]:
    widths = [_header_width(header) + _FILTER_BUTTON for header in columns]
    for row, record in enumerate(records, start=2):
        if len(record) != len(columns):
            raise ValueError(f"row {row} has {len(record)} values for {len(columns)} columns")
        for index, value in enumerate(record):
            typical = _typical(*_to_cell(value, columns[index]))
            widths[index] = max(widths[index], text_width(typical, _LIST_SIZE) / POINTS_PER_UNIT)
    return [min(_WIDEST_COLUMN, max(_NARROWEST_COLUMN, width + 2)) for width in widths]


def _header_width(header: str) -> float:
    whole = max(text_width(one, _LIST_SIZE) for one in _header_lines(header)) / POINTS_PER_UNIT
    line = _HEADER_ON_A_LINE * _LIST_SIZE / POINTS_PER_UNIT
    return max(whole / _HEADER_LINES, min(whole, line))


def _typical(style: str, value: Any) -> str:
    """A text about as wide as a cell shows."""
    if style == "列表时间":
        return "2022-08-15 09:30"
    return f"{value:,.2f}" if style == "列表金额" else str(value or "")
