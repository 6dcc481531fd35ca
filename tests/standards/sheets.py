"""Spreadsheets of standards for tests: built by the real export, changed as a clerk would, read again."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from apps.standards.fixture_format import StandardFile
from apps.standards.loading import file_of
from apps.standards.models import Standard
from apps.standards.sheet_export import content_of
from apps.standards.sheet_layout import HEAD, HEADERS, Content, Row
from apps.standards.sheet_parsing import Defaults, Parsed, parse_content
from apps.standards.sheet_reading import read_content
from apps.standards.sheet_workbook import build_workbook

DEFAULTS = Defaults("532300000000", "x-2022")
Value = str | int | float | date | None


def content(lines: list[dict[str, str]], **head: str) -> Content:
    """A small standard of one criterion a line, with what the head needs."""
    filled = {"标准名称": "小标准", "评价方式": "评分制", "总分": "10", "达标分": "6", "文件名称": "小文件"} | head
    rows = {item.label: Row(at, {"填写内容": filled.get(item.label, "")}) for at, item in enumerate(HEAD, start=2)}
    return Content(rows, [Row(at, dict(line)) for at, line in enumerate(lines, start=2)])


def parse(lines: list[dict[str, str]], base: StandardFile | None = None, **head: str) -> Parsed:
    return parse_content(content(lines, **head), DEFAULTS, base)


def told(lines: list[dict[str, str]], base: StandardFile | None = None, **head: str) -> list[tuple[str, int, str, str]]:
    return [(one.sheet, one.row, one.header, one.reason) for one in parse(lines, base, **head).problems]


def exported(standard: Standard) -> bytes:
    return build_workbook(content_of(standard), title=standard.name)


def reread(file: bytes, base: Standard | None = None) -> Parsed:
    return parse_content(read_content(BytesIO(file)), DEFAULTS, file_of(base) if base else None)


def changed(file: bytes, change: Callable[[Workbook], Any]) -> bytes:
    """The file after somebody worked in it."""
    workbook = load_workbook(BytesIO(file))
    change(workbook)
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def put(workbook: Workbook, row: int, header: str, value: Value) -> None:
    """Type into a cell of the sheet 条目."""
    sheet: Worksheet = workbook["条目"]
    sheet.cell(row, HEADERS.index(header) + 1).value = value


def put_head(workbook: Workbook, label: str, value: Value) -> None:
    """Type into the sheet 标准."""
    sheet: Worksheet = workbook["标准"]
    row = next(row for row in range(2, 40) if sheet.cell(row, 1).value == label)
    sheet.cell(row, 2).value = value
