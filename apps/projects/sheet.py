"""Projects as a spreadsheet, a row for each project and year: the list that is taken along, and the template to fill in."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from apps.campaigns.models import Campaign
from apps.communities.survey_sheet import CODE, NAME, STREET, add_styles
from apps.core import clock
from apps.core.xlsx import (
    ListValue,
    new_workbook,
    set_up_a4_landscape,
    streamed_cell,
    text_width,
    workbook_bytes,
)
from apps.jurisdictions.models import Jurisdiction
from apps.projects.listing import Row
from apps.projects.models import SOURCE_NOTES, Funding, Project, Source
from apps.standards.models import Criterion

PROJECT, CONTENT, CRITERIA, YEAR = "项目名称", "建设改造内容", "对应条目", "资金年度"
PLANNED_START, PLANNED_END, STARTED, COMPLETED = "计划开工", "计划完工", "开工日期", "完工日期"
DATES = {PLANNED_START: "planned_start", PLANNED_END: "planned_end", STARTED: "started_on", COMPLETED: "completed_on"}
# The columns of each source: plan and completion.
AMOUNTS: dict[str, tuple[str, str]] = {
    column: (source.value, kind)
    for source in Source
    for column, kind in (
        (f"{source.label}计划（万元）", "planned"),
        (f"{source.label}完成（万元）", "spent"),
    )
}
COLUMNS = [CODE, STREET, NAME, PROJECT, CONTENT, CRITERIA, *DATES, YEAR, *AMOUNTS]
# Columns of the list that an import passes over, so that a list taken along can be filled in and brought back.
CAMPAIGN = "创建行动"
PASSED_OVER = ["状态", "终止理由", CAMPAIGN, "更新人", "更新时间"]
LISTED_COLUMNS = [*COLUMNS, *PASSED_OVER]
REQUIRED = [CODE, NAME, PROJECT, YEAR]
SHEET = "建设改造项目"

_FONT_SIZE = 11.0
_WIDTHS = {CODE: 16.0, STREET: 16.0, NAME: 16.0, PROJECT: 28.0, CONTENT: 30.0, CRITERIA: 12.0}


def listed_rows(rows: Iterable[Row]) -> Iterator[list[ListValue]]:
    """A row for each project and year; read with their communities, campaigns and who put them down."""
    rows = list(rows)
    numbers = numbers_of([row.project for row in rows])
    for row in rows:
        project = row.project
        for year in sorted({one.year for one in row.funding}):
            yield [
                *_facts(project, numbers, year),
                *_amounts(row.funding, year),
                project.state.label,
                project.end_reason or None,
                project.campaign.name,
                str(project.recorded_by),
                project.recorded_at,
            ]


def numbers_of(projects: Iterable[Project]) -> dict[int, int]:
    """The numbers of the criteria that projects name, by id, in one query."""
    wanted = {pk for project in projects for pk in project.criteria}
    return dict(Criterion.objects.filter(pk__in=wanted).values_list("pk", "number")) if wanted else {}


def build_template(campaign: Campaign, place: Jurisdiction) -> bytes:
    """The sheet with the projects of the campaign that stand in ``place``, to be brought up to date; new ones go below."""
    projects = Project.objects.below(place.path).filter(campaign=campaign, ended_on=None)
    listed = list(projects.select_related("community__jurisdiction").prefetch_related("funding"))
    numbers = numbers_of(listed)
    workbook = new_workbook(SHEET, write_only=True)
    add_styles(workbook)
    sheet = workbook.create_sheet(SHEET)
    for at, head in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(head, text_width(head, _FONT_SIZE) / 6 + 2)
    sheet.freeze_panes = "E2"
    set_up_a4_landscape(sheet, header_row=1)
    sheet.append([streamed_cell(sheet, "调查必填" if one in REQUIRED else "调查表头", one) for one in COLUMNS])
    for project in listed:
        funding = list(project.funding.all())
        for year in sorted({one.year for one in funding}):
            values = [*_facts(project, numbers, year), *_amounts(funding, year)]
            sheet.append([_cell(sheet, one) for one in values])
    _explain(workbook, campaign)
    return workbook_bytes(workbook)


def number_of_rows(campaign: Campaign, place: Jurisdiction) -> int:
    """How many rows the template has."""
    funding = Funding.objects.below(place.path).filter(project__campaign=campaign, project__ended_on=None)
    return funding.order_by().values("project", "year").distinct().count()


def title_of(campaign: Campaign, place: Jurisdiction) -> str:
    """What a template is called."""
    return f"{place.name}建设改造项目（{campaign.code}，{clock.today():%Y%m%d}）"


def _facts(project: Project, numbers: Mapping[int, int], year: int) -> list[ListValue]:
    community = project.community
    named = "、".join(str(numbers[pk]) for pk in project.criteria if pk in numbers)
    dates = [getattr(project, field) for field in DATES.values()]
    place = [community.code, community.jurisdiction.name, community.short_name]
    return [*place, project.name, project.content or None, named, *dates, year]


def _amounts(funding: Collection[Funding], year: int) -> list[Decimal | None]:
    """What each source gives in a year, in the order of the columns; a blank where it gives nothing."""
    known = {one.source: one for one in funding if one.year == year}
    return [getattr(known[source], kind) if source in known else None for source, kind in AMOUNTS.values()]


def _cell(sheet: Any, value: ListValue) -> Cell:
    if isinstance(value, Decimal):
        return streamed_cell(sheet, "调查数字", value)
    return streamed_cell(sheet, "调查文字", f"{value:%Y-%m-%d}" if isinstance(value, date) else value)


def _explain(workbook: Workbook, campaign: Campaign) -> None:
    sheet = workbook.create_sheet("填写说明")
    for column, width in (("A", 18), ("B", 96)):
        sheet.column_dimensions[column].width = width
    for note in [
        f"本表用于“{campaign}”。一行是一个项目一个年度的资金；跨年度的项目一年一行，项目名称写成一样的。",
        "没有区划代码的社区按街道和名称辨认。一个项目涉及几个社区的，按社区分别填写，资金按社区分开。",
        "新项目须填项目名称、对应条目、计划开工、计划完工、资金年度和至少一笔金额；同名的项目按修改办理。",
        "不填的格子不改动系统里已有的内容；金额填 0 表示没有这笔资金。金额单位是万元，最多两位小数。",
        "日期填成 2022-06-30 这样；还没有开工、完工的留空。对应条目填条目号，几条用顿号隔开，如 3、5。",
        "上传后先预览，有错的可以下载标出错处的表格，改好再传；同一张表传两次只生效一次。",
    ]:
        sheet.append([streamed_cell(sheet, "调查文字", note)])
    sheet.append([])
    sheet.append([streamed_cell(sheet, "调查表头", one) for one in ("资金来源", "包括")])
    for source in Source:
        sheet.append([streamed_cell(sheet, "调查文字", one) for one in (source.label, SOURCE_NOTES[source])])
    sheet.append([])
    sheet.append([streamed_cell(sheet, "调查表头", one) for one in ("条目号", "标准条目")])
    for criterion in campaign.standard.criteria.order_by("number"):
        sheet.append([streamed_cell(sheet, "调查文字", one) for one in (str(criterion.number), criterion.text)])
