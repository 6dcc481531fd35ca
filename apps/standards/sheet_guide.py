"""What the spreadsheet of a standard says of itself: how to fill it in, the kinds of rules, an example."""

from collections.abc import Sequence
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from apps.core.xlsx import HEADER_FONT, LIST_FONT, THIN_GRID, count_lines, lines_height, put_text, set_up_a4_landscape
from apps.standards.sheet_layout import (
    COLUMNS,
    EXAMPLE_SHEET,
    HEAD_SHEET,
    LINES_SHEET,
    RULE_COLUMNS,
    RULE_EXAMPLES,
    RULE_KINDS,
)
from apps.standards.specs import RuleKind

_SIZE = 11.0
_WIDTHS = (16.0, 14.0, 60.0, 40.0)
_NOTES = (
    f"1．“{HEAD_SHEET}”表填标准的名称、文件、总分和达标分；“{LINES_SHEET}”表填评分表本身；“{EXAMPLE_SHEET}”表是填好的例子，导入时不读取。",
    "2．一行一种扣分情形。一条有几种扣分情形的，条目的各列只在第一行填，下面的行留空；没有扣分情形的条目占一行。",
    "3．内容（方面）的标题也只在它的第一行填。条目分成几个分项、各有分值的，先写不属于分项的扣分情形，再逐个分项写。",
    "4．序号各列都可以不填，按先后编号。不要改动表头；不用的列可以删去，列的先后不限。",
    "5．扣几分由“类型”和它右边的各列说明，“扣分情形”只是给人看的文字，系统不从文字里读分值。",
    "6．不要使用公式。区间写成“1至3”：写成 1-3 的，表格软件可能当成日期。",
    "7．在平台“标准”页面点“表格导入”上传。先看预览，有错的可以下载标出错处的表格，改正后再传；没有错的存为草稿，核对后再发布。",
)


def write_guide(sheet: Worksheet) -> None:
    """Fill the sheet 填写说明."""
    for letter, width in zip("ABCD", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    row = _title(sheet, 1, "创建标准填写说明")
    for note in _NOTES:
        cell = _put(sheet, row, 1, note)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=4)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.row_dimensions[row].height = lines_height(count_lines(note, _SIZE, sum(_WIDTHS)), _SIZE)
        row += 1
    row = _title(sheet, row + 1, "扣分项的类型")
    kinds = [
        (label, "、".join(RULE_COLUMNS[kind][0]), RULE_EXAMPLES[kind][0], f"例：{RULE_EXAMPLES[kind][1]}")
        for label, kind in ((label, RuleKind(value)) for label, value in RULE_KINDS.items())
    ]
    row = _table(sheet, row, ("类型", "要填的列", "含义", "例子"), kinds)
    row = _title(sheet, row + 1, f"“{LINES_SHEET}”表各列")
    columns = [
        (
            column.header,
            f"{column.part}{'，必填' if column.required else ''}",
            column.how,
            f"可选：{'、'.join(column.choices)}" if column.choices else "",
        )
        for column in COLUMNS
    ]
    _table(sheet, row, ("列", "属于", "怎样填", "列表"), columns)
    set_up_a4_landscape(sheet, header_row=1)


def _title(sheet: Worksheet, row: int, text: str) -> int:
    _put(sheet, row, 1, text).font = Font(name=HEADER_FONT, size=14, bold=True)
    sheet.row_dimensions[row].height = 26
    return row + 1


def _table(sheet: Worksheet, row: int, headers: Sequence[str], lines: Sequence[Sequence[str]]) -> int:
    for number, line in enumerate([headers, *lines], start=row):
        for column, text in enumerate(line, start=1):
            cell = _put(sheet, number, column, text)
            cell.border = THIN_GRID
            cell.alignment = Alignment(vertical="center", wrap_text=True)
            if number == row:
                cell.font = Font(name=HEADER_FONT, size=_SIZE, bold=True)
                cell.fill = PatternFill("solid", fgColor="FFE6F0E8")
        height = max(count_lines(text, _SIZE, width) for text, width in zip(line, _WIDTHS, strict=True))
        sheet.row_dimensions[number].height = lines_height(height, _SIZE)
    return row + 1 + len(lines)


def _put(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    cell = put_text(cast(Cell, sheet.cell(row, column)), text)
    cell.font = Font(name=LIST_FONT, size=_SIZE)
    return cell


EXAMPLE_HEAD = "评价方式 评分制，总分 32，达标分 24"
EXAMPLE_LINES: tuple[dict[str, str], ...] = (
    {
        "内容": "建立健全治理机制",
        "条目号": "1",
        "标准条目": "搭建沟通议事平台，开展多种形式基层协商",
        "分值": "6",
        "评分标准": "无议事平台的扣 3 分，未开展基层协商的扣 1-3 分。",
        "对应国家条目": "2",
        "必需佐证材料": "会议记录；签到表",
        "核查方式": "查阅资料、访谈",
        "扣分情形": "无议事平台的扣 3 分",
        "类型": "固定扣分",
        "扣（加）分": "3",
    },
    {"扣分情形": "未开展基层协商的扣 1-3 分", "类型": "区间扣分", "扣（加）分": "1至3"},
    {
        "内容": "营造绿色宜居环境",
        "条目号": "2",
        "标准条目": "社区停车秩序规范，无占压生命通道的情况",
        "分值": "6",
        "评分标准": "乱停车每发现 1 处扣 1 分，最高扣 2 分。",
        "对应国家条目": "8",
        "一票否决": "是",
        "扣分情形": "乱停车每发现 1 处扣 1 分，最高扣 2 分",
        "类型": "按处扣分",
        "扣（加）分": "1",
        "上限": "2",
        "单位": "处",
    },
    {
        "条目号": "3",
        "标准条目": "绿色生活方式普及",
        "分值": "10",
        "评分标准": "参与率和培训各 5 分。",
        "对应国家条目": "10",
        "分项内容": "居民参与率",
        "分项分值": "5",
        "扣分情形": "参与率每降低 10% 扣 1 分，低于 60% 不得分",
        "类型": "比率不足扣分",
        "扣（加）分": "1",
        "满额值": "100",
        "档距": "10",
        "不得分线": "60",
        "取整": "满一档才扣",
    },
    {
        "分项内容": "每年培训不少于 4 次",
        "分项分值": "5",
        "扣分情形": "每少 1 次扣 1 分",
        "类型": "次数不足扣分",
        "扣（加）分": "1",
        "单位": "次",
        "应有次数": "4",
    },
    {
        "内容": "保护历史文化",
        "条目号": "4",
        "标准条目": "保护历史建筑和传统风貌",
        "分值": "6",
        "允许不适用": "是",
        "必备条目": "是",
        "扣分情形": "有破坏的扣 6 分",
        "类型": "固定扣分",
        "扣（加）分": "6",
    },
    {
        "条目号": "5",
        "标准条目": "创建工作有创新、可推广",
        "分值": "4",
        "加分项": "是",
        "扣分情形": "有示范作用的加 1-4 分",
        "类型": "区间加分",
        "扣（加）分": "1至4",
    },
)
