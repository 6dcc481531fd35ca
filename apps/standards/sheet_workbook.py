"""The spreadsheet of a standard as a file: a template, an export, or an upload handed back with its mistakes marked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break, ColBreak
from openpyxl.worksheet.worksheet import Worksheet

from apps.core.xlsx import (
    BODY_FONT,
    HEADER_FONT,
    LIST_FONT,
    MAX_ROW_HEIGHT,
    THIN_GRID,
    count_lines,
    lines_height,
    new_workbook,
    put_number,
    put_text,
    set_up_a4_landscape,
    workbook_bytes,
)
from apps.standards.sheet_guide import EXAMPLE_HEAD, EXAMPLE_LINES, write_guide
from apps.standards.sheet_layout import (
    COLUMNS,
    EXAMPLE_SHEET,
    GUIDE_SHEET,
    HEAD,
    HEAD_SHEET,
    HOW,
    ITEM,
    LINES_SHEET,
    PROBLEMS,
    VALUE,
    Content,
    Row,
    SheetProblem,
)

_SIZE = 10.0
_SPARE_LINES = 200
_PROBLEMS_WIDTH = 48.0
_A3, _SCALE = "8", 86
# Where the second page across begins: the rules, beside the number and text of their criterion.
_FIRST_OF_RULES = "分项号"
_REPEATED = ("条目号", "标准条目")
_FILLS = {"内容": "FFDDEBE1", "条目": "FFE6F0E8", "分项": "FFFFF2CC", "扣分项": "FFDDEBF7"}
_REQUIRED_FILL, _WRONG_FILL = "FFB9DCC3", "FFF8CBAD"
_CRITERION_LINE = Border(
    left=THIN_GRID.left, right=THIN_GRID.right, bottom=THIN_GRID.bottom, top=Side(style="medium", color="FF000000")
)

Marks = Mapping[int, Mapping[str, list[str]]]


def build_workbook(content: Content, *, title: str, problems: Sequence[SheetProblem] = ()) -> bytes:
    """The spreadsheet that holds ``content``; with ``problems``, each is marked at its cell and told beside its row."""
    workbook = new_workbook(title)
    guide = cast(Worksheet, workbook.active)
    guide.title = GUIDE_SHEET
    write_guide(guide)
    _write_head(workbook.create_sheet(HEAD_SHEET), content.head, _marks(problems, HEAD_SHEET))
    _write_lines(workbook.create_sheet(LINES_SHEET), content.lines, _marks(problems, LINES_SHEET))
    _write_example(workbook)
    workbook.active = workbook.index(workbook[_first_shown(content, problems)])
    return workbook_bytes(workbook)


def _first_shown(content: Content, problems: Sequence[SheetProblem]) -> str:
    if problems:
        return HEAD_SHEET if any(one.sheet == HEAD_SHEET for one in problems) else LINES_SHEET
    return LINES_SHEET if content.lines else GUIDE_SHEET


def _marks(problems: Sequence[SheetProblem], sheet: str) -> Marks:
    marks: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in problems:
        if one.sheet == sheet:
            marks[one.row][one.header].append(one.reason)
    return marks


def _write_head(sheet: Worksheet, head: Mapping[str, Row], marks: Marks) -> None:
    told = {header: reasons for by_header in marks.values() for header, reasons in by_header.items()}
    headers = [ITEM, VALUE, HOW, *([PROBLEMS] if told else [])]
    for column, (header, width) in enumerate(zip(headers, (18, 50, 50, _PROBLEMS_WIDTH), strict=False), start=1):
        _header(sheet, column, header, width, _FILLS["条目"])
    for number, item in enumerate(HEAD, start=2):
        row = head.get(item.label)
        text = row.get(VALUE) if row else ""
        label = _text(sheet, number, 1, item.label, bold=True)
        if item.required:
            label.fill = _solid(_REQUIRED_FILL)
        cell = _text(sheet, number, 2, text)
        _text(sheet, number, 3, f"{'必填。' if item.required else ''}{item.how}", grey=True)
        reasons = told.get(item.label, [])
        if reasons:
            _mark(cell, reasons)
            _text(sheet, number, 4, "；".join(one.rstrip("。") for one in reasons), is_wrong=True)
        lines = max(count_lines(text, _SIZE, 50), count_lines(item.how, _SIZE, 50), len(reasons))
        sheet.row_dimensions[number].height = lines_height(lines, _SIZE)
        if item.choices:
            _offer(sheet, f"B{number}", item.choices)
    sheet.freeze_panes = "A2"
    set_up_a4_landscape(sheet, header_row=1)


def _write_lines(sheet: Worksheet, lines: Sequence[Row], marks: Marks) -> None:
    wrong = len(COLUMNS) + 1
    for at, column in enumerate(COLUMNS, start=1):
        fill = _REQUIRED_FILL if column.required else _FILLS[column.part]
        cell = _header(sheet, at, column.header, column.width, fill)
        reasons = marks.get(1, {}).get(column.header, [])
        note = f"{column.part}：{column.how}"
        cell.comment = _comment("\n".join([*reasons, note]))
        if reasons:
            cell.fill = _solid(_WRONG_FILL)
    if marks:
        _header(sheet, wrong, PROBLEMS, _PROBLEMS_WIDTH, _WRONG_FILL)
    last = max((row.number for row in lines), default=1)
    by_number = {row.number: row for row in lines}
    for number in range(2, last + 2):
        _write_line(sheet, number, by_number.get(number, Row(number)), marks.get(number, {}))
    for number in range(last + 2, last + _SPARE_LINES + 1):
        _repeat_line(sheet, last + 1, number)
    general = [reason for header, reasons in marks.get(1, {}).items() for reason in reasons]
    if general:
        row_two = [r for reasons in marks.get(2, {}).values() for r in reasons]
        _text(sheet, 2, wrong, "；".join(one.rstrip("。") for one in [*general, *row_two]), is_wrong=True)
    _set_up_lines(sheet, last, columns=wrong if marks else len(COLUMNS))


def _write_line(sheet: Worksheet, number: int, row: Row, marks: Mapping[str, list[str]]) -> None:
    begins, height = bool(row.get("标准条目")), 1
    for at, column in enumerate(COLUMNS, start=1):
        text = row.get(column.header)
        cell = _text(sheet, number, at, text, centred=column.width < 10)
        if column.is_number and (amount := _amount(text)) is not None:
            put_number(cell, amount)
        if begins:
            cell.border = _CRITERION_LINE
        if column.header in marks:
            _mark(cell, marks[column.header])
        height = max(height, sum(count_lines(line, _SIZE, column.width) for line in text.split("\n")) if text else 1)
    if marks:
        told = [f"{header}：{one.rstrip('。')}" if header else one for header, found in marks.items() for one in found]
        _text(sheet, number, len(COLUMNS) + 1, "；".join(told), is_wrong=True)
        height = max(height, count_lines("；".join(told), _SIZE, _PROBLEMS_WIDTH))
    sheet.row_dimensions[number].height = min(MAX_ROW_HEIGHT, lines_height(height, _SIZE))


def _repeat_line(sheet: Worksheet, like: int, number: int) -> None:
    """Another empty line that looks ``like`` one: openpyxl compares every style that is set with all others."""
    for at in range(1, len(COLUMNS) + 1):
        sheet.cell(number, at)._style = sheet.cell(like, at)._style  # type: ignore[union-attr]  # noqa: SLF001
    sheet.row_dimensions[number].height = sheet.row_dimensions[like].height


def _set_up_lines(sheet: Worksheet, last: int, *, columns: int) -> None:
    letters = {column.header: get_column_letter(at) for at, column in enumerate(COLUMNS, start=1)}
    bottom = last + _SPARE_LINES
    for column in COLUMNS:
        if column.choices:
            _offer(sheet, f"{letters[column.header]}2:{letters[column.header]}{bottom}", column.choices)
    sheet.freeze_panes = f"{letters['分值']}2"
    _set_up_print(sheet, header_row=1)
    sheet.print_area = f"A1:{get_column_letter(columns)}{max(last, 2)}"
    # A rule without its kind cannot be applied: the cell asks for it while the sheet is filled in.
    text, kind = letters["扣分情形"], letters["类型"]
    rule = FormulaRule(formula=[f"AND(LEN(${text}2)>0,LEN(${kind}2)=0)"], fill=_solid("FFFFF2CC"))
    sheet.conditional_formatting.add(f"{kind}2:{kind}{bottom}", rule)


def _set_up_print(sheet: Worksheet, *, header_row: int) -> None:
    """A3 at a fixed scale, criteria and rules on a page each: 30 columns on one page across could not be read."""
    headers = [column.header for column in COLUMNS]
    first, last = (get_column_letter(headers.index(one) + 1) for one in _REPEATED)
    set_up_a4_landscape(sheet, header_row=header_row)
    sheet.page_setup.paperSize = _A3
    sheet.sheet_properties.pageSetUpPr = None
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = None
    sheet.page_setup.scale = _SCALE
    sheet.print_title_cols = f"{first}:{last}"
    sheet.col_breaks = ColBreak(brk=[Break(id=headers.index(_FIRST_OF_RULES))])


def _write_example(workbook: Workbook) -> None:
    sheet = workbook.create_sheet(EXAMPLE_SHEET)
    note = _text(sheet, 1, 1, f"示例，只供参考，导入时不读取本表。“标准”表：{EXAMPLE_HEAD}", grey=True)
    note.alignment = Alignment(vertical="center")
    note.border = Border()
    for at, column in enumerate(COLUMNS, start=1):
        _header(sheet, at, column.header, column.width, _FILLS[column.part], row=2)
    for number, values in enumerate(EXAMPLE_LINES, start=3):
        _write_line(sheet, number, Row(number, dict(values)), {})
    sheet.freeze_panes = "A3"
    _set_up_print(sheet, header_row=2)


def _header(sheet: Worksheet, column: int, text: str, width: float, fill: str, row: int = 1) -> Cell:
    cell = put_text(cast(Cell, sheet.cell(row, column)), text)
    cell.font, cell.border, cell.fill = Font(name=HEADER_FONT, size=_SIZE, bold=True), THIN_GRID, _solid(fill)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[row].height = 48
    return cell


def _text(
    sheet: Worksheet,
    row: int,
    column: int,
    text: str,
    *,
    bold: bool = False,
    grey: bool = False,
    centred: bool = False,
    is_wrong: bool = False,
) -> Cell:
    cell = cast(Cell, sheet.cell(row, column))
    if text:
        put_text(cell, text, keeps_lines=True)
    cell.number_format, cell.border = "@", THIN_GRID
    colour = "FFC00000" if is_wrong else "FF595959" if grey else "FF000000"
    cell.font = Font(name=BODY_FONT if grey else LIST_FONT, size=_SIZE, bold=bold, color=colour)
    cell.alignment = Alignment(horizontal="center" if centred else "left", vertical="center", wrap_text=True)
    return cell


def _mark(cell: Cell, reasons: Sequence[str]) -> None:
    cell.fill = _solid(_WRONG_FILL)
    cell.comment = _comment("\n".join(reasons))


def _comment(text: str) -> Comment:
    return Comment(text, "填写说明", height=90, width=260)


def _amount(text: str) -> int | Decimal | None:
    """The number that a text is, if a spreadsheet would show it the same."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and f"{number:f}" == text and len(text) < 12 else None


def _offer(sheet: Worksheet, cells: str, choices: Sequence[str]) -> None:
    choice = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True, showErrorMessage=True)
    choice.errorTitle, choice.error = "请核对", "请从列表里选择，或清空。"
    choice.add(cells)
    sheet.add_data_validation(choice)


def _solid(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour, bgColor=colour)
