"""What a person reads in a cell of a spreadsheet that came in from outside."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from apps.core.errors import InvalidInput
from apps.core.inputs import as_seen
from apps.core.rounding import plain

MAX_CELL_LENGTH = 1000

# Office programs keep 15 digits of a number; what came after them is gone.
_UNSAFE_NUMBER = 10**15
_WRITTEN_BY_NUMBER = re.compile(r"_x([0-9a-f]{4})_", re.IGNORECASE)
_ALL_ZEROS = re.compile(r"0+")


def text_of(cell: Any, place: str, max_length: int = MAX_CELL_LENGTH) -> str:
    """What a person reads in a cell, without blanks around it."""
    value = cell.value
    if cell.data_type == "f":
        raise InvalidInput(f"{place}是公式。请复制整张表，用“选择性粘贴—数值”粘回，再导入。")
    if cell.data_type == "e":
        raise InvalidInput(f"{place}是错误值 {str(value)[:20]}，请改正后再导入。")
    match value:
        case None:
            text = ""
        case bool():
            text = "TRUE" if value else "FALSE"
        case int() | float():
            text = _number(value, cell.number_format or "", place)
        case datetime():
            text = _moment(value)
        case date():
            text = value.isoformat()
        case time():
            text = value.strftime("%H:%M" if not value.second else "%H:%M:%S")
        case _:
            text = _one_text(str(value))
    if len(text) > max_length:
        raise InvalidInput(f"{place}有 {len(text)} 字，超过 {max_length} 字。请缩短后再导入。")
    return text


def shown_of(cell: Any, max_length: int) -> str:
    """What stands in a cell that cannot be read, a formula as it is typed; what is too long is cut and stays too long."""
    value = cell.value
    if isinstance(value, int | float):
        return plain(Decimal(f"{value:.15g}"))
    text = _one_text(str(value if isinstance(value, str) else getattr(value, "text", None) or ""))
    return text if len(text) <= max_length else f"{text[:max_length]}…"


def _number(value: float, number_format: str, place: str) -> str:
    if not abs(value) < _UNSAFE_NUMBER:
        raise InvalidInput(
            f"{place}的数字超过 15 位，表格软件保存时已丢失末尾几位。请把这一列的单元格格式设为“文本”后重新填写。"
        )
    number = Decimal(f"{value:.15g}")
    if "%" in number_format:
        return f"{plain(number * 100)}%"
    text = plain(number)
    return text.zfill(len(number_format)) if _ALL_ZEROS.fullmatch(number_format) else text


def _moment(value: datetime) -> str:
    if value.time() == time():
        return value.date().isoformat()
    return value.strftime("%Y-%m-%d %H:%M" if not value.second else "%Y-%m-%d %H:%M:%S")


def _one_text(text: str) -> str:
    """`text` as it is seen: office programs write some signs by their numbers (_x000D_), a line's end with a carriage return."""
    return as_seen(_WRITTEN_BY_NUMBER.sub(lambda found: chr(int(found[1], 16)), text).replace("\r", "")).strip()
