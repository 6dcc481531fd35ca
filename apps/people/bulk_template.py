"""The spreadsheet that a list of people is filled into: headers, lists to choose from, the units and roles that there are."""

from collections.abc import Sequence
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from apps.accounts.models import Role
from apps.accounts.permissions import ROLE_VERBS, Actor
from apps.core.xlsx import (
    HEADER_FONT,
    LIST_FONT,
    THIN_GRID,
    new_workbook,
    put_text,
    set_up_a4_landscape,
    workbook_bytes,
)
from apps.jurisdictions.models import Jurisdiction, Level
from apps.people.authority import all_roles_to_grant, roles_to_grant
from apps.people.bulk import COLUMNS, MAX_ROWS
from apps.people.departments import offered

# More units than a person scrolls through are not listed down to the streets.
_MOST_UNITS = 5000
_WIDTHS = [12, 18, 26, 14, 20, 18, 22, 28, 28]
_REQUIRED = ("姓名", "单位代码", "角色")
_VERBS = {
    "manage_people": "管理人员",
    "manage_campaign": "设置创建行动",
    "manage_survey_fields": "设置调查项目",
    "survey_communities": "填写社区基本情况",
    "set_targets": "下达目标",
    "enrol_communities": "编制年度计划",
    "self_assess": "填报自评",
    "review_assessments": "审核",
    "recognise_communities": "认定",
    "give_opinions": "填写部门意见",
    "export_reports": "导出报表",
}
_NOTES = [
    "每行填一个人，最多 500 行；“姓名”“单位代码”“角色”必填（深色表头）。",
    "单位代码见“单位”表；没有代码的单位（如开发区）不填代码，填单位名称。",
    "角色为“部门审核”的，“所属部门”必填，从“部门”表里选，或者自己填；其他角色不填。",
    "用户名由 2 到 30 位小写字母、数字、点、横线或下划线组成；不填的由系统按单位代码编排。",
    "只登记科室、办公电话、电子邮箱，不填个人手机号、身份证号。",
    "上传后先预览，核对无误再确认邀请；有错的行可以下载改正后再传。",
]


def build_template(actor: Actor) -> bytes:
    """The template for the units where ``actor`` acts and below."""
    workbook = new_workbook("人员名单")
    people = cast(Worksheet, workbook.active)
    people.title = "人员名单"
    units, roles = _units(actor), all_roles_to_grant(actor)
    _head(people, COLUMNS, _WIDTHS)
    for row in range(2, MAX_ROWS + 2):
        for column in range(1, len(COLUMNS) + 1):
            cell = cast(Cell, people.cell(row, column))
            # Codes and telephone numbers are text: a number would lose its zeros.
            cell.number_format, cell.border, cell.font = "@", THIN_GRID, Font(name=LIST_FONT, size=11)
    set_up_a4_landscape(people, header_row=1)
    _offer(people, "B", f"'单位'!$A$2:$A${len(units) + 1}", strict=False)
    _offer(people, "D", f"'角色'!$A$2:$A${len(roles) + 1}", strict=True)
    _list(
        workbook.create_sheet("单位"),
        ["单位代码", "单位名称", "层级", "可授予的角色"],
        [16, 30, 10, 60],
        [
            [one.code or "", one.name, one.get_level_display(), "、".join(r.label for r in roles_to_grant(one, actor))]
            for one in units
        ],
    )
    if departments := offered(actor.jurisdiction):
        _offer(people, "I", f"'部门'!$A$2:$A${len(departments) + 1}", strict=False)
    _list(
        workbook.create_sheet("角色"), ["角色", "可以办理"], [16, 70], [[role.label, _duties(role)] for role in roles]
    )
    if departments:
        _list(workbook.create_sheet("部门"), ["创建行动的责任部门"], [40], [[one] for one in departments])
    _list(workbook.create_sheet("填写说明"), ["填写说明"], [90], [[note] for note in _NOTES])
    return workbook_bytes(workbook)


def _units(actor: Actor) -> list[Jurisdiction]:
    units = Jurisdiction.objects.below(actor.jurisdiction.path).in_code_order()
    if units.count() > _MOST_UNITS:
        units = units.exclude(level=Level.STREET)
    return list(units)


def _duties(role: Role) -> str:
    return "、".join(label for verb, label in _VERBS.items() if verb in ROLE_VERBS[role]) or "查看本级及以下的数据"


def _list(sheet: Worksheet, headers: Sequence[str], widths: Sequence[int], rows: Sequence[Sequence[str]]) -> None:
    _head(sheet, headers, widths)
    for number, row in enumerate(rows, start=2):
        for column, text in enumerate(row, start=1):
            cell = put_text(cast(Cell, sheet.cell(number, column)), text)
            cell.number_format, cell.border, cell.font = "@", THIN_GRID, Font(name=LIST_FONT, size=11)
            cell.alignment = Alignment(vertical="center", wrap_text=True)


def _head(sheet: Worksheet, headers: Sequence[str], widths: Sequence[int]) -> None:
    for column, (header, width) in enumerate(zip(headers, widths, strict=True), start=1):
        cell = put_text(cast(Cell, sheet.cell(1, column)), header)
        cell.font, cell.border = Font(name=HEADER_FONT, size=11, bold=True), THIN_GRID
        cell.fill = PatternFill("solid", fgColor="FFB9DCC3" if header in _REQUIRED else "FFE6F0E8")
        cell.alignment = Alignment(horizontal="center", vertical="center")
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[1].height = 24
    sheet.freeze_panes = "A2"


def _offer(sheet: Worksheet, column: str, source: str, *, strict: bool) -> None:
    choice = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    choice.errorStyle = "stop" if strict else "warning"
    choice.errorTitle, choice.error = "请核对", "请从列表里选择。"
    choice.add(f"{column}2:{column}{MAX_ROWS + 1}")
    sheet.add_data_validation(choice)
