"""From a spreadsheet that somebody filled in to its rows; what cannot be read at all is InvalidInput."""

from typing import IO

from apps.core.errors import InvalidInput
from apps.core.xlsx_import import read_sheet
from apps.standards.sheet_layout import (
    HEAD_LABELS,
    HEAD_SHEET,
    HEADERS,
    HOW,
    ITEM,
    LINES_SHEET,
    MAX_LINES,
    MAX_TEXT,
    PROBLEMS,
    VALUE,
    Content,
    Row,
)

_REQUIRED_COLUMNS = ("内容", "标准条目")
_MAX_HEAD = 40


def read_content(file: IO[bytes]) -> Content:
    """The rows of both sheets; cells that cannot be read are told in their rows."""
    head = read_sheet(
        file,
        sheet=HEAD_SHEET,
        columns=[ITEM, VALUE],
        optional=[HOW, PROBLEMS],
        max_rows=_MAX_HEAD,
        max_length=MAX_TEXT,
        collects=True,
    )
    file.seek(0)
    lines = read_sheet(
        file,
        sheet=LINES_SHEET,
        columns=_REQUIRED_COLUMNS,
        optional=[*(one for one in HEADERS if one not in _REQUIRED_COLUMNS), PROBLEMS],
        max_rows=MAX_LINES,
        max_length=MAX_TEXT,
        collects=True,
    )
    content = Content({}, [])
    for row in head:
        label = "".join(row.values[ITEM].split())
        if label not in HEAD_LABELS:
            raise InvalidInput(
                f"“{HEAD_SHEET}”表第 {row.number} 行的项目“{label[:20]}”不认识。可以有：{'、'.join(HEAD_LABELS)}。"
            )
        if label in content.head:
            raise InvalidInput(f"“{HEAD_SHEET}”表里“{label}”有两行，请删去一行。")
        content.head[label] = Row(row.number, {VALUE: row.values[VALUE]}, _without_old(row.errors))
    for row in lines:
        kept = Row(row.number, {h: t for h, t in row.values.items() if t and h != PROBLEMS}, _without_old(row.errors))
        if kept.values or kept.errors:
            content.lines.append(kept)
    if not content.lines:
        raise InvalidInput(f"“{LINES_SHEET}”表里没有内容。请从第 2 行起填写标准条目，再导入。")
    return content


def _without_old(errors: dict[str, str]) -> dict[str, str]:
    """What an earlier check wrote beside the row is nobody's entry."""
    return {header: text for header, text in errors.items() if header != PROBLEMS}
