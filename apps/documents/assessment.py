"""Documents of one assessment: 评分表 (评价表 where the standard has no points) and 办理记录."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.assessments.comparison import Column as Level_
from apps.assessments.comparison import Comparison, Row, compare
from apps.assessments.inputs import describe
from apps.assessments.models import Assessment, CriterionResult, ReviewAction
from apps.core.rounding import plain
from apps.papers.offices import mark_of
from apps.papers.paper import Block, Column, Paper, Paragraph, Table, day
from apps.papers.pdf import to_one_pdf
from apps.standards.domain import standard_in_use

Kind = ReviewAction.Kind
Verdict = CriterionResult.Verdict

# The steps with which a level says what it found.
_SPOKEN = (Kind.SUBMIT, Kind.AGREE, Kind.RECOGNISE)


def score_sheets(assessments: Iterable[Assessment], actor: Actor) -> bytes:
    """Return the score sheets of many assessments as one PDF, as ``actor`` may read them; loaded and set one by one."""
    return to_one_pdf(score_sheet(compare(_loaded(one), actor)) for one in assessments)


def score_sheet(sheet: Comparison) -> Paper:
    """评分表: criterion by criterion what each level found, why points were lost, how many files stand behind it."""
    levels = _decided_columns(sheet)
    blocks: list[Block] = [_facts(sheet), _criteria(sheet, levels), _conclusion(sheet, levels), _signatures(sheet)]
    assessment = sheet.assessment
    return Paper(
        title=f"{assessment.participation.community}\n{assessment.participation.year}年绿色社区创建{_kind_of(sheet)}",
        blocks=blocks,
        mark=mark_of(is_draft=assessment.status == Assessment.Status.DRAFT),
    )


def review_record(sheet: Comparison) -> Paper:
    """办理记录: every step of an assessment in order, as far as who asks may read it."""
    columns = [
        Column("序号", 0.65),
        Column("时间", 1.1),
        Column("办理单位", 1.2),
        Column("办理人", 1.2),
        Column("事项", 1.6, is_text=True),
        Column("意见", 2.9, is_text=True),
    ]
    rows = [
        [str(number), _moment(one.at), str(one.jurisdiction), str(one.user), _step(one), _said(one)]
        for number, one in enumerate(sheet.actions, start=1)
    ]
    assessment = sheet.assessment
    return Paper(
        title=f"{assessment.participation.community}\n{assessment.participation.year}年绿色社区创建办理记录",
        blocks=[_facts(sheet), Table(columns, rows, caption="办理过程", nothing="还没有办理记录", is_small=True)],
        mark=mark_of(is_draft=False),
    )


def _loaded(assessment: Assessment) -> Assessment:
    """With the standard as it is kept for the whole process, as pages have it."""
    assessment.standard = standard_in_use(assessment.standard_id)
    return assessment


def _kind_of(sheet: Comparison) -> str:
    return "评分表" if sheet.is_scored else "评价表"


def _facts(sheet: Comparison) -> Table:
    participation = sheet.assessment.participation
    street = participation.community.jurisdiction
    county = street.parent.name if street.parent else ""
    rows = [
        ["社区", str(participation.community), "街道（镇、乡）", f"{county}{street.name}"],
        ["创建年度", f"{participation.year}年", "当前状态", str(sheet.assessment.get_status_display())],
        ["创建行动", participation.campaign.name, "创建标准", sheet.assessment.standard.name],
    ]
    return Table([Column("", 1.0), Column("", 2.2), Column("", 1.5), Column("", 2.2)], rows, is_small=True)


def _decided_columns(sheet: Comparison) -> list[Level_]:
    """The levels that have found something."""
    return [one for one in sheet.columns if not one.is_pending and one.results]


def _criteria(sheet: Comparison, levels: list[Level_]) -> Table:
    """All criteria, under the titles of their sections."""
    columns = [
        Column("条目", 0.72),
        Column("创建标准", 3.3, is_text=True),
        *([Column("满分", 0.72)] if sheet.is_scored else []),
        *(Column(_label(one), 0.75) for one in levels),
        Column("佐证", 0.72),
        Column("扣分和说明" if sheet.is_scored else "说明", 2.5, is_text=True),
    ]
    rows: list[list[str] | str] = []
    section = ""
    for row in sheet.rows:
        if row.criterion.section.title != section:
            section = row.criterion.section.title
            rows.append(section)
        rows.append(
            [
                str(row.number),
                row.criterion.text,
                *([plain(row.criterion.points)] if sheet.is_scored else []),
                *(_found(one.results.get(row.number)) for one in levels),
                f"{len(row.evidence)}份" if row.evidence else "—",
                _explained(row, levels),
            ]
        )
    return Table(columns, rows, is_small=True)


def _label(level: Level_) -> str:
    """The level by its name, whoever looks."""
    return "自评" if level.label == "自评" else level.jurisdiction.level_type.label


def _found(result: CriterionResult | None) -> str:
    if result is None:
        return "—"
    if result.verdict == Verdict.SCORED:
        return plain(result.points or 0)
    return str(result.get_verdict_display())


def _explained(row: Row, levels: list[Level_]) -> str:
    """What each level lost points for, or remarks, where it said it itself."""
    said = []
    for level in levels:
        result = level.results.get(row.number)
        if result is None or result.level != level.jurisdiction.level:
            continue
        reasons = describe(row.criterion, result)[1:] if result.verdict == Verdict.SCORED and result.deductions else []
        text = "；".join(filter(None, [*reasons, result.note]))
        if text:
            said.append(f"{_label(level)}：{text}")
    return "\n".join(said)


def _conclusion(sheet: Comparison, levels: list[Level_]) -> Paragraph:
    if not levels:
        return Paragraph("还没有填写结果。")
    last = levels[-1]
    if not last.is_complete:
        return Paragraph(f"{_label(last)}还没有填完，暂无结论。")
    meets = "达到" if last.meets_standard else "未达到"
    if not sheet.is_scored:
        return Paragraph(f"结论：符合或不适用{last.fulfilled}条，共{len(sheet.rows)}条，{meets}创建要求。")
    totals = "，".join(f"{_label(one)}{plain(one.total or 0)}分" for one in levels)
    return Paragraph(f"得分：{totals}。达标分{plain(sheet.spec.pass_mark or 0)}分，{meets}创建要求。")


def _signatures(sheet: Comparison) -> Table:
    """What each level concluded, with room for its signature."""
    latest = {one.jurisdiction_id: one for one in sheet.actions if one.kind in _SPOKEN}
    rows = [
        [str(one.jurisdiction), _said(one) or str(one.get_kind_display()), "", day(timezone.localtime(one.at).date())]
        for one in sorted(latest.values(), key=lambda one: (one.at, one.pk))
    ]
    columns = [
        Column("单位", 1.4),
        Column("意见", 2.6, is_text=True),
        Column("经办人（签字）", 1.4),
        Column("日期", 1.7),
    ]
    return Table(columns, rows, caption="各级意见", nothing="还没有提交", is_small=True)


def _step(action: ReviewAction) -> str:
    what = str(action.get_kind_display())
    if action.kind == Kind.SUBMIT and action.round > 1:
        what += f"（第{action.round}次）"
    if action.passed_to is not None and action.kind not in (Kind.OPEN, Kind.RECOGNISE):
        what += f"，送{action.passed_to}"
    if action.total_points is not None:
        what += f"，得分{plain(action.total_points)}"
    return what


def _said(action: ReviewAction) -> str:
    singly = action.returned_criteria.all() if action.kind == Kind.RETURN else []
    return "\n".join(filter(None, [action.comment, *(f"第{one.criterion.number}条：{one.reason}" for one in singly)]))


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
