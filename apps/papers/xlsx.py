"""The tables of a document as xlsx, for calculating and sorting: a sheet for each, tables of the same columns on one sheet."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from apps.core.inputs import as_seen
from apps.core.xlsx import (
    BODY_FONT,
    HEADER_FONT,
    MAX_ROW_HEIGHT,
    TITLE_FONT,
    Face,
    count_lines,
    lines_height,
    new_workbook,
    put,
    set_up_a4_landscape,
    sheet_title,
    workbook_bytes,
)
from apps.papers.paper import Annex, Column, Paper, Table

_SIZE, _UNITS = 11.0, 130.0
_TITLE = Face(TITLE_FONT, 16, wrap=True)
_HEAD = Face(HEADER_FONT, _SIZE, ruled=True, wrap=True)
_BETWEEN = Face(HEADER_FONT, _SIZE, horizontal="left", ruled=True, wrap=True)
_CELL = Face(BODY_FONT, _SIZE, ruled=True, wrap=True)
_TEXT = Face(BODY_FONT, _SIZE, horizontal="left", ruled=True, wrap=True)
# What is counted: no number of a document, no code, nothing with a zero before it.
_COUNT = re.compile(r"-?(?:0|[1-9]\d{0,8})")
_RATIO = re.compile(r"(-?\d{1,6}\.\d\d)%")
_HEAD_ROW = 2


def has_tables(paper: Paper) -> bool:
    """Whether there is anything to calculate with."""
    return any(True for _ in _sheets(paper))


def to_xlsx(paper: Paper) -> bytes:
    """Write the tables of one document, those of its body before those of its annexes."""
    workbook = new_workbook(as_seen(paper.title).replace("\n", ""))
    if workbook.active is not None:
        workbook.remove(workbook.active)
    taken: set[str] = set()
    for number, (title, tables) in enumerate(_sheets(paper), start=1):
        name = sheet_title(title)
        if name.casefold() in taken:
            name = f"{name[:26]} {number}"
        taken.add(name.casefold())
        _write(workbook.create_sheet(name), title, tables)
    return workbook_bytes(workbook)


def _sheets(paper: Paper) -> Iterator[tuple[str, list[Table]]]:
    """The tables that stand on one sheet, with what is written above them."""
    for part in (Annex(paper.title.replace("\n", " "), paper.blocks), *paper.annexes):
        tables = [one for one in part.blocks if isinstance(one, Table)]
        for _, alike in groupby(tables, key=lambda one: [column.label for column in one.columns]):
            found = list(alike)
            yield (found[0].caption if len(found) == 1 and found[0].caption else part.title), found


def _write(sheet: Worksheet, title: str, tables: Sequence[Table]) -> None:
    first = tables[0]
    last, widths = get_column_letter(len(first.columns)), [share * _UNITS for share in first.shares]
    for place, units in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = units
    put(sheet, 1, 1, as_seen(title), _TITLE)
    sheet.merge_cells(f"A1:{last}1")
    sheet.row_dimensions[1].height = lines_height(count_lines(title, 16, _UNITS), 16)
    row = 1
    if first.has_head:
        row = _HEAD_ROW
        _write_row(sheet, row, [one.label.replace("\n", "") for one in first.columns], [_HEAD] * len(widths), widths)
        sheet.freeze_panes = f"A{_HEAD_ROW + 1}"
    faces = [_TEXT if one.is_text else _CELL for one in first.columns]
    for table in tables:
        captions = [table.caption] if len(tables) > 1 and table.caption else []
        for cells in [*captions, *(table.rows or [table.nothing])]:
            row += 1
            if isinstance(cells, str):
                _write_row(sheet, row, [cells, *[""] * (len(widths) - 1)], [_BETWEEN] * len(widths), [_UNITS, *widths])
                sheet.merge_cells(f"A{row}:{last}{row}")
            else:
                _write_row(sheet, row, cells, faces, widths, table.columns)
    set_up_a4_landscape(sheet, header_row=_HEAD_ROW if first.has_head else 1)


def _write_row(
    sheet: Worksheet,
    row: int,
    texts: Sequence[str],
    faces: Sequence[Face],
    widths: Sequence[float],
    columns: Sequence[Column] = (),
) -> None:
    lines = 1
    for place, (text, face) in enumerate(zip(texts, faces, strict=True)):
        shown = as_seen(text).replace("\n", " ")
        put(sheet, row, place + 1, _value(shown) if columns and not columns[place].is_text else shown, face)
        lines = max(lines, count_lines(shown, _SIZE, widths[place]))
    sheet.row_dimensions[row].height = min(MAX_ROW_HEIGHT, lines_height(lines, _SIZE))


def _value(text: str) -> str | int | float:
    """A count or a ratio as a number, everything else as it stands."""
    if _COUNT.fullmatch(text):
        return int(text)
    found = _RATIO.fullmatch(text)
    return float(found[1]) / 100 if found else text
