"""Workbooks in the form of 附件2 as people type them."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HEADER = ["县（市、区）", "2021年绿色社区名单", "2021年完成数量", "2021年完成比例", "合计完成比例"]


def workbook(
    rows: Sequence[Sequence[Any]], *, name: str = "楚雄州.xlsx", edit: Callable[[Worksheet], object] | None = None
) -> BytesIO:
    """A file with these rows on its first sheet; ``edit`` does what rows cannot."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    if edit:
        edit(sheet)
    return named(book, name)


def named(book: Workbook, name: str) -> BytesIO:
    """The workbook as an uploaded file."""
    file = BytesIO()
    book.save(file)
    file.seek(0)
    file.name = name
    return file
