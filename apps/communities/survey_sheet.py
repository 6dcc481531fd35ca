"""The survey as a spreadsheet: its columns, the list that is taken along, the template to fill in, the copy with marked errors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from apps.communities.facts import Fact, Kind, Value, completeness_of, facts_around
from apps.communities.models import Community, CommunitySurvey
from apps.core import clock
from apps.core.xlsx import (
    HEADER_FONT,
    LIST_FONT,
    THIN_GRID,
    ListValue,
    new_workbook,
    set_up_a4_landscape,
    streamed_cell,
    text_width,
    workbook_bytes,
)
from apps.jurisdictions.models import Jurisdiction

CODE, STREET, NAME, YEAR = "区划代码", "街道（镇、乡）", "社区", "年度"
SOURCE_COLUMN, DATE_COLUMN, ERRORS = "资料来源", "调查日期", "需要改正"
# Columns of the list that an import passes over, so that a list taken along can be filled in and brought back.
PASSED_OVER = ["上级辖区", "完整程度", "缺少", "噪声投诉办结率", "填写人", "填写时间"]
SHEET = "基本情况"

_PLACE = [CODE, STREET, NAME, YEAR]
_END = [SOURCE_COLUMN, DATE_COLUMN]
_REQUIRED_FILL = PatternFill("solid", fgColor="FFB9DCC3")
_FILL = PatternFill("solid", fgColor="FFE6F0E8")
_CARRIED = PatternFill("solid", fgColor="FFFFF3CD")
_WRONG = PatternFill("solid", fgColor="FFF8C9C4")
_FONT_SIZE = 11.0
_MOST_CHARACTERS_OF_A_LIST = 250


def columns_of(facts: Iterable[Fact]) -> list[str]:
    """The heads of the sheet, in order."""
    return [*_PLACE, *(one.heading for one in facts), *_END]


def listed_columns(facts: Iterable[Fact]) -> list[str]:
    """The heads of the list that is taken along: those of the template, and what is worked out."""
    return [*columns_of(facts), *PASSED_OVER]


def listed_rows(communities: Iterable[Community], facts: Sequence[Fact], year: int) -> Iterator[list[ListValue]]:
    """What the list says of each community, read with its jurisdiction and that one's parent, in ``year``."""
    communities = list(communities)
    surveys = surveys_by_community(communities, year)
    for community in communities:
        survey = surveys.get(community.pk)
        state = completeness_of(survey, facts, community.path)
        parent = community.jurisdiction.parent
        yield [
            *_placed(community, year),
            *(_exported(one, one.value_of(survey)) if survey else None for one in facts),
            survey.source if survey else None,
            survey.surveyed_on if survey else None,
            parent.name if parent else "",
            f"{state.filled}/{state.required}" if survey else "未填写",
            "、".join(state.missing) if survey else None,
            survey.noise_handled_ratio if survey else None,
            str(survey.recorded_by) if survey else None,
            survey.recorded_at if survey else None,
        ]


def surveys_by_community(communities: Sequence[Community], year: int) -> dict[int, CommunitySurvey]:
    """The surveys of the year, by the id of the community, in one query."""
    found = CommunitySurvey.objects.filter(community__in=communities, year=year).select_related("recorded_by")
    return {one.community_id: one for one in found}


def build_template(place: Jurisdiction, year: int, *, carries: bool = False) -> bytes:
    """The sheet with the communities of ``place`` that exist in the year, what is known filled in, one row each.

    With ``carries``, what is not known of the year is filled in from the last one, marked, to be checked.
    """
    facts = facts_around(place.path)
    communities = list(existing_in(place, year))
    surveys = surveys_by_community(communities, year)
    earlier = _last_before(communities, year) if carries else {}
    workbook = new_workbook(SHEET, write_only=True)
    add_styles(workbook)
    sheet = workbook.create_sheet(SHEET)
    _begin(sheet, facts)
    for community in communities:
        sheet.append(_template_row(sheet, community, year, facts, surveys.get(community.pk), earlier.get(community.pk)))
    _offer_choices(sheet, workbook, facts, len(communities) + 1)
    _explain(workbook, facts, carries=carries)
    return workbook_bytes(workbook)


def existing_in(place: Jurisdiction, year: int) -> Iterable[Community]:
    """The communities of ``place`` and below that exist at some time of the year, in code order."""
    communities = Community.objects.below(place.path).select_related("jurisdiction").in_code_order()
    return communities.exclude(closed_on__lte=f"{year}-01-01").exclude(opened_on__gt=f"{year}-12-31")


def marked_copy(
    heads: Sequence[str],
    rows: Iterable[tuple[int, Mapping[str, str]]],
    errors: Mapping[int, Mapping[str, str]],
    *,
    title: str = SHEET,
) -> bytes:
    """The uploaded sheet again, every row at its number, with the cells that are wrong marked and their errors beside them."""
    shown = [one for one in heads if one and one != ERRORS]
    workbook = new_workbook(title, write_only=True)
    add_styles(workbook)
    sheet = workbook.create_sheet(title)
    _frame(sheet, [*shown, ERRORS], {ERRORS: 50.0})
    sheet.append([streamed_cell(sheet, "调查表头", one) for one in [*shown, ERRORS]])
    last = 1
    for number, texts in rows:
        for _ in range(last + 1, number):
            sheet.append([])
        wrong, last = errors.get(number, {}), number
        cells = [_marked(sheet, texts.get(one, ""), wrong.get(one, "")) for one in shown]
        told = "；".join(f"{column}：{text.rstrip('。')}" for column, text in wrong.items())
        sheet.append([*cells, streamed_cell(sheet, "调查文字", told)])
    return workbook_bytes(workbook)


def _placed(community: Community, year: int) -> list[ListValue]:
    return [community.code, community.jurisdiction.name, community.short_name, year]


def _exported(fact: Fact, value: Value | None) -> ListValue:
    return Fraction(value) / 100 if fact.kind == Kind.PERCENT and isinstance(value, Decimal) else value


def _last_before(communities: Sequence[Community], year: int) -> dict[int, CommunitySurvey]:
    """The newest survey of a year before, by community, in one query."""
    rows = CommunitySurvey.objects.filter(community__in=communities, year__lt=year).order_by("community_id", "-year")
    return {one.community_id: one for one in rows.distinct("community_id")}


def add_styles(workbook: Workbook) -> None:
    """Styles by name: a style of its own for each cell would make a large sheet slow."""
    for name, horizontal, fill, is_head in [
        ("调查表头", "center", _FILL, True),
        ("调查必填", "center", _REQUIRED_FILL, True),
        ("调查文字", "left", None, False),
        ("调查数字", "right", None, False),
        ("调查沿用", "right", _CARRIED, False),
        ("调查有误", "left", _WRONG, False),
    ]:
        style = NamedStyle(
            name=name,
            font=Font(name=HEADER_FONT if is_head else LIST_FONT, size=_FONT_SIZE, bold=is_head),
            border=THIN_GRID,
            alignment=Alignment(horizontal=horizontal, vertical="center", wrap_text=is_head),
            number_format="@" if name in ("调查文字", "调查有误") else "General",
        )
        if fill is not None:
            style.fill = fill
        workbook.add_named_style(style)


def _begin(sheet: Any, facts: Sequence[Fact]) -> None:
    """Widths, the frozen head, and the head itself: what must be filled in is darker."""
    _frame(sheet, columns_of(facts), {CODE: 16.0, STREET: 18.0, NAME: 20.0, SOURCE_COLUMN: 24.0, DATE_COLUMN: 14.0})
    required = {CODE, NAME, YEAR, *_END, *(one.heading for one in facts if one.is_required)}
    sheet.append(
        [streamed_cell(sheet, "调查必填" if one in required else "调查表头", one) for one in columns_of(facts)],
    )


def _frame(sheet: Any, heads: Sequence[str], widths: Mapping[str, float]) -> None:
    for at, head in enumerate(heads, start=1):
        width = widths.get(head, min(18.0, text_width(head, _FONT_SIZE) / 6 + 3))
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "D2"
    set_up_a4_landscape(sheet, header_row=1)


def _template_row(
    sheet: Any,
    community: Community,
    year: int,
    facts: Sequence[Fact],
    survey: CommunitySurvey | None,
    earlier: CommunitySurvey | None,
) -> list[Cell]:
    cells = [streamed_cell(sheet, "调查文字", value) for value in _placed(community, year)]
    for fact in facts:
        value = fact.value_of(survey) if survey else None
        carried = fact.value_of(earlier) if value is None and earlier else None
        style = "调查沿用" if carried is not None else "调查数字" if fact.is_number else "调查文字"
        cells.append(_fact_cell(sheet, style, fact, carried if value is None else value))
    cells.append(streamed_cell(sheet, "调查文字", survey.source if survey else None))
    return [*cells, streamed_cell(sheet, "调查文字", f"{survey.surveyed_on:%Y-%m-%d}" if survey else None)]


def _fact_cell(sheet: Any, style: str, fact: Fact, value: Value | None) -> Cell:
    if fact.kind == Kind.PERCENT and value is not None:
        # As text with its sign: 0.9 and 90 would both be believed.
        return streamed_cell(sheet, style, fact.words_for(value))
    return streamed_cell(
        sheet, style, value if fact.is_number and not isinstance(value, str) else fact.text_of(value) or None
    )


def _marked(sheet: Any, text: str, error: str) -> Cell:
    cell = streamed_cell(sheet, "调查有误" if error else "调查文字", text)
    if error:
        cell.comment = Comment(error, "系统", height=90, width=260)
    return cell


def _offer_choices(sheet: Any, workbook: Workbook, facts: Sequence[Fact], last: int) -> None:
    """A list to choose from in every column that has one; long lists stand on a sheet of their own."""
    kept: list[list[str]] = []
    for at, fact in enumerate(facts, start=len(_PLACE) + 1):
        options = fact.options
        if not options:
            continue
        source = f'"{",".join(options)}"'
        if len(source) > _MOST_CHARACTERS_OF_A_LIST or any("," in one or '"' in one for one in options):
            kept.append(options)
            column = get_column_letter(len(kept))
            source = f"'选项'!${column}$1:${column}${len(options)}"
        choice = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
        choice.errorTitle, choice.error = "请核对", "请从列表里选择。"
        choice.add(f"{get_column_letter(at)}2:{get_column_letter(at)}{max(last, 2)}")
        sheet.data_validations.append(choice)
    if kept:
        options_sheet = workbook.create_sheet("选项")
        for row in range(max(map(len, kept))):
            cells = [streamed_cell(options_sheet, "调查文字", one[row] if row < len(one) else None) for one in kept]
            options_sheet.append(cells)


def _explain(workbook: Workbook, facts: Sequence[Fact], *, carries: bool) -> None:
    sheet = workbook.create_sheet("填写说明")
    for column, width in (("A", 26), ("B", 12), ("C", 10), ("D", 64)):
        sheet.column_dimensions[column].width = width
    carried = ["黄底的是上一年度的数字，请逐项核对，有变化的直接改；上传后作为本年度的数字保存。"] if carries else []
    for note in [
        "一行是一个社区一个年度。不要改动区划代码、社区和年度；没有区划代码的社区按街道和名称辨认。",
        "不填的格子不改动系统里已有的内容；要清空某一项，请在社区页面修改。整行没填的不导入。",
        "填了内容的行须填资料来源（如：街道台账、民政统计）和调查日期。深色表头为必填项目，暂缺的可以先留空，以后补。",
        "百分比带百分号填写，如 85%。上传后先预览，有错的可以下载标出错处的表格，改好再传；同一张表传两次只生效一次。",
        *carried,
    ]:
        sheet.append([streamed_cell(sheet, "调查文字", note)])
    sheet.append([])
    sheet.append([streamed_cell(sheet, "调查表头", one) for one in ("项目", "填写方式", "是否必填", "说明")])
    for fact in facts:
        notes = [fact.hint, f"可以填：{'、'.join(fact.options)}" if fact.options else ""]
        line = [fact.heading, fact.kind.label, "必填" if fact.is_required else "选填", " ".join(filter(None, notes))]
        sheet.append([streamed_cell(sheet, "调查文字", one) for one in line])


def title_of(place: Jurisdiction, year: int) -> str:
    """What a downloaded list or template is called."""
    return f"{place.name}{year}年社区基本情况（{clock.today():%Y%m%d}）"
