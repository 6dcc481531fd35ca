"""Reading a list that somebody filled in as xlsx: limited in every direction, refused in words, every cell as a person reads it.

A file from outside may be a bomb, a lie or damaged in ways that no list foresees. It is measured before it is parsed.
"""

import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from pathlib import PurePath
from typing import IO, Any, TypeVar
from xml.parsers import expat

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.constants import SHEET_MAIN_NS

from apps.core.errors import InvalidInput
from apps.core.xlsx_cells import MAX_CELL_LENGTH, shown_of, text_of

MAX_BYTES = 5 * 2**20
MAX_MEMBERS = 200
MAX_UNPACKED = 20 * 2**20
# Elements of XML, counted by their brackets: each costs memory, however few bytes it takes.
MAX_TAGS = 1_000_000
MAX_ROWS = 2000
MAX_COLUMNS = 50
# A row is held in memory whole before it is cut to the columns wanted.
_MAX_CELLS_IN_A_ROW = 20_000

# Blank rows among the filled ones and behind them.
_MAX_BLANK_ROWS = 1000
_CHUNK = 64 * 1024
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_ROW, _CELL = f"{SHEET_MAIN_NS} row", f"{SHEET_MAIN_NS} c"

Cells = Sequence[Any]


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A row of the list: its number in the sheet, and the text of each column by its header ('' where it is blank).

    ``errors``: by header, the cells that cannot be read, where the caller wants to hear of all of them; ``shown``: what stands in
    these.
    """

    number: int
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row of a sheet as it stands: the text of each cell from the first column on ('' where it is blank or cannot be read).

    ``errors``: by column, counted from 0, why a cell cannot be read.
    """

    number: int
    texts: list[str]
    errors: dict[int, str] = field(default_factory=dict)


_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a caller takes a sheet for."""

    columns: Sequence[str]
    optional: Sequence[str]
    max_rows: int
    sheet: str
    max_length: int
    collects: bool
    max_columns: int


def read_sheet(
    file: IO[bytes] | Any,
    *,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    max_rows: int = MAX_ROWS,
    sheet: str = "",
    max_length: int = MAX_CELL_LENGTH,
    collects: bool = False,
    max_columns: int = MAX_COLUMNS,
    max_tags: int = MAX_TAGS,
) -> list[ImportedRow]:
    """Return the rows of the first visible sheet, blank ones left out; InvalidInput says what is wrong and the way out.

    The first row that is not blank holds the headers, in any order: all of `columns`, any of `optional`, no others. `sheet`
    asks for the visible sheet of that name. With `collects`, a cell that cannot be read is told in its row, not raised.
    """
    wanted = _Wanted(columns, optional, max_rows, sheet, max_length, collects, max_columns)
    return _read(file, max_tags, lambda content, name: _rows(content, name, wanted))


def read_grid(
    file: IO[bytes] | Any,
    *,
    max_rows: int = MAX_ROWS,
    max_columns: int = MAX_COLUMNS,
    max_length: int = MAX_CELL_LENGTH,
) -> list[GridRow]:
    """Return the rows of the first visible sheet as they stand, for forms whose header is not the first row; limited as a list is.

    Of merged cells the first one holds the text, the others are blank.
    """
    wanted = _Wanted((), (), max_rows, "", max_length, collects=True, max_columns=max_columns)
    return _read(file, MAX_TAGS, lambda content, name: _grid(content, name, wanted))


def _read(file: IO[bytes] | Any, max_tags: int, parse: Callable[[bytes, str], _Parsed]) -> _Parsed:
    name = _shown_name(file)
    content = file.read(MAX_BYTES + 1)
    _check_kind(content, name)
    _check_archive(content, name, max_tags)
    try:
        return parse(content, name)
    except InvalidInput:
        raise
    except Exception as error:  # whatever a parser stumbles over in a file from outside
        raise InvalidInput(
            f"“{name}”已损坏或内容异常，打不开。请用 Excel 或 WPS 打开后另存为 xlsx，再导入。"
        ) from error


def _shown_name(file: Any) -> str:
    name = PurePath(str(getattr(file, "name", "") or "").replace("\\", "/")).name
    return "".join(one for one in name if unicodedata.category(one)[0] != "C")[:80] or "文件"


def _check_kind(content: bytes, name: str) -> None:
    if not content:
        raise InvalidInput(f"“{name}”是空文件，请重新选择。")
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"“{name}”超过 {MAX_BYTES // 2**20} MB。请删去图片和多余的工作表，或者分成几个文件导入。")
    if content.startswith(_OLD_OFFICE):
        if _ENCRYPTED in content:
            raise InvalidInput(f"“{name}”设有打开密码，读不了。请取消密码后另存为 xlsx，再导入。")
        raise InvalidInput(f"“{name}”是旧版 Excel 格式（xls）。请用 Excel 或 WPS 另存为 xlsx，再导入。")
    if not content.startswith(b"PK\x03\x04"):
        raise InvalidInput(f"“{name}”不是 Excel 文件（xlsx）。请用 Excel 或 WPS 另存为 xlsx，再导入。")


def _check_archive(content: bytes, name: str, max_tags: int) -> None:
    """Refuse what is no plain xlsx or unpacks to too much, by what it declares and by what comes out."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members, name)
            tags = _unpack(archive, members, name)
            types = archive.read("[Content_Types].xml")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, KeyError, ValueError) as error:
        raise InvalidInput(f"“{name}”已损坏，打不开。请用 Excel 或 WPS 打开后另存为 xlsx，再导入。") from error
    if tags > max_tags:
        raise InvalidInput(f"“{name}”的内容过多。请删去多余的工作表、行和列，或者分成几个文件导入。")
    if b"macroenabled" in types.lower():
        raise _with_macros(name)


def _check_members(members: Sequence[zipfile.ZipInfo], name: str) -> None:
    names = [member.filename.lower() for member in members]
    if any(member.flag_bits & 1 for member in members):
        raise InvalidInput(f"“{name}”设有密码，读不了。请取消密码后另存为 xlsx，再导入。")
    if any(one.endswith("vbaproject.bin") or one.startswith("xl/macrosheets/") for one in names):
        raise _with_macros(name)
    if not any(one.startswith("xl/") for one in names) or "xl/workbook.bin" in names:
        raise InvalidInput(f"“{name}”不是 xlsx 表格。请用 Excel 或 WPS 另存为 xlsx，再导入。")
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise _too_much(name)


def _unpack(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], name: str) -> int:
    """Unpack everything once, keeping nothing; return how many brackets there are, be it called XML or not."""
    unpacked = tags = 0
    for member in members:
        with archive.open(member) as part:
            while chunk := part.read(_CHUNK):
                unpacked += len(chunk)
                if unpacked > MAX_UNPACKED:
                    raise _too_much(name)
                tags += chunk.count(b"<")
    return tags


def _too_much(name: str) -> InvalidInput:
    return InvalidInput(f"“{name}”解开后过大，不能接收。请只保留要导入的工作表，另存为 xlsx，再导入。")


def _with_macros(name: str) -> InvalidInput:
    return InvalidInput(f"“{name}”含有宏，不能接收。请另存为不含宏的 xlsx，再导入。")


class _Sheet(ReadOnlyWorksheet):
    """A sheet that is not looked into before its rows are read."""

    def _get_size(self) -> None:
        """What a sheet says of its own size is not believed; where it says nothing, openpyxl would go through all of it."""

    def has_more_rows_than(self, last: int) -> bool:
        """Whether there are more than ``last`` elements of rows, whatever numbers they bear; looks no further than that.

        A row of absurd length is refused on the way.
        """
        count, width, parser = 0, 0, expat.ParserCreate(namespace_separator=" ")

        def opened(tag: str, _: object) -> None:
            nonlocal count, width
            if tag == _CELL:
                width += 1
                if width > _MAX_CELLS_IN_A_ROW:
                    raise InvalidInput("表格有一行超过 20000 格。请删去右侧多余的列，另存为 xlsx，再导入。")
            elif tag == _ROW:
                count, width = count + 1, 0
                if count > last:
                    raise StopIteration

        def refuse(*_: object) -> None:
            raise ValueError("a sheet declares no document type")

        parser.StartElementHandler, parser.StartDoctypeDeclHandler = opened, refuse
        try:
            with self._get_source() as part:  # type: ignore[attr-defined]
                parser.ParseFile(part)
        except StopIteration:
            return True
        return False


class _Reader(ExcelReader):
    """openpyxl's reader, with sheets of our own; ``visible`` are those that people see."""

    def read_worksheets(self) -> None:
        self.visible: list[_Sheet] = []
        for sheet, relation in self.parser.find_sheets():
            if relation.target not in self.valid_files:
                continue
            if "chartsheet" in relation.Type:
                self.read_chartsheet(sheet, relation)  # type: ignore[arg-type]
                continue
            found = _Sheet(self.wb, sheet.name, relation.target, self.shared_strings)
            # Kept in their order: names for parts of a sheet call it by its number.
            self.wb._sheets.append(found)  # type: ignore[attr-defined]  # noqa: SLF001
            if sheet.state == "visible":
                self.visible.append(found)


def _rows(content: bytes, name: str, wanted: _Wanted) -> list[ImportedRow]:
    with _opened(content, name, wanted) as filled:
        _, cells = next(filled, (1, ()))
        headers = _headers(cells, name, wanted.columns, wanted.optional)
        rows = [_row(cells, headers, name, number, wanted) for number, cells in islice(filled, wanted.max_rows + 1)]
    return _not_too_many(rows, name, wanted)


def _grid(content: bytes, name: str, wanted: _Wanted) -> list[GridRow]:
    with _opened(content, name, wanted) as filled:
        rows = [_grid_row(cells, number, wanted) for number, cells in islice(filled, wanted.max_rows + 1)]
    return _not_too_many(rows, name, wanted)


def _grid_row(cells: Cells, number: int, wanted: _Wanted) -> GridRow:
    row = GridRow(number, [])
    for at, cell in enumerate(cells):
        try:
            text = text_of(cell, "", wanted.max_length)
        except InvalidInput as error:
            row.errors[at], text = error.message, ""
        row.texts.append(text)
    return row


@contextmanager
def _opened(content: bytes, name: str, wanted: _Wanted) -> Iterator[Iterator[tuple[int, Cells]]]:
    """The filled rows of the sheet that is wanted, with their numbers."""
    # Formulas are read as formulas: a result that no program has worked out yet would be taken for a blank.
    reader = _Reader(BytesIO(content), read_only=True, keep_links=False)
    reader.read()
    try:
        sheet, last = _chosen(reader.visible, name, wanted.sheet), wanted.max_rows + 1 + _MAX_BLANK_ROWS
        if sheet.has_more_rows_than(last):
            raise _too_many_rows(name, last)
        yield _filled(sheet.iter_rows(max_col=wanted.max_columns + 1), name, last)  # type: ignore[misc]
    finally:
        reader.wb.close()


def _not_too_many(rows: list[_Parsed], name: str, wanted: _Wanted) -> list[_Parsed]:
    if len(rows) > wanted.max_rows:
        raise InvalidInput(f"“{name}”超过 {wanted.max_rows} 行。请分成几个文件导入。")
    return rows


def _chosen(visible: Sequence[_Sheet], name: str, title: str) -> _Sheet:
    if not visible:
        raise InvalidInput(f"“{name}”里没有工作表。请按模板填写后再导入。")
    found = [sheet for sheet in visible if not title or str(sheet.title).strip() == title]
    if not found:
        raise InvalidInput(f"“{name}”里没有名为“{title}”的工作表。请下载模板，把内容填在模板的同名工作表里再导入。")
    return found[0]


def _filled(rows: Iterator[Cells], name: str, last: int) -> Iterator[tuple[int, Cells]]:
    """The rows that hold something, with their numbers; a sheet that goes on behind the `last` is refused."""
    for number, cells in enumerate(rows, start=1):
        if number > last:
            raise _too_many_rows(name, last)
        if any(_is_filled(cell) for cell in cells):
            yield number, cells


def _too_many_rows(name: str, last: int) -> InvalidInput:
    return InvalidInput(
        f"“{name}”的行数超过 {last} 行（含空行）。请选中最后一条以下的所有行，右键“删除”，保存后再导入；"
        "内容确实较多的，请分成几个文件导入。"
    )


def _is_filled(cell: Any) -> bool:
    return bool(cell.value.strip()) if isinstance(cell.value, str) else cell.value is not None


def _headers(cells: Cells, name: str, columns: Sequence[str], optional: Sequence[str]) -> list[str]:
    """The header of each column; '' where there is none."""
    place = "表头"
    found = [
        "".join(text_of(cell, f"“{name}”{place}{get_column_letter(at)} 列").split()) for at, cell in enumerate(cells, 1)
    ]
    known = [*columns, *optional]
    if missing := [one for one in columns if one not in found]:
        raise InvalidInput(
            f"“{name}”缺少列：{'、'.join(missing)}。第一行应当是表头：{'、'.join(known)}。请按模板填写后再导入。"
        )
    for at, header in enumerate(found, 1):
        if header and header not in known:
            raise InvalidInput(
                f"“{name}”{get_column_letter(at)} 列的表头“{header[:20]}”不认识。请改名或删去这一列；可以有："
                f"{'、'.join(known)}。"
            )
        if header and header in found[: at - 1]:
            raise InvalidInput(f"“{name}”有两列表头都是“{header}”，请删去一列。")
    return found


def _row(cells: Cells, headers: Sequence[str], name: str, number: int, wanted: _Wanted) -> ImportedRow:
    row = ImportedRow(number, dict.fromkeys(filter(None, headers), ""))
    for at, cell in enumerate(cells):
        header = headers[at] if at < len(headers) else ""
        column = f"“{header}”列" if header else f" {get_column_letter(at + 1)} 列"
        place = f"“{name}”第 {number} 行{column}"
        try:
            text = text_of(cell, place, wanted.max_length)
        except InvalidInput as error:
            if not wanted.collects or not header:
                raise
            # Told after the name of the column: “户数：数字超过 15 位”.
            row.errors[header] = error.message.removeprefix(place).removeprefix("的")
            row.shown[header] = shown_of(cell, wanted.max_length)
            continue
        if header:
            row.values[header] = text
        elif text:
            raise InvalidInput(f"{place}有内容，但这一列没有表头。请补上表头或删去这一列。")
    return row
