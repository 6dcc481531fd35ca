"""年度创建计划 as a document: what is planned, with the communities as its annex."""

from collections.abc import Sequence

from django.utils import timezone

from apps.campaigns.annual_plans import level_above
from apps.campaigns.models import AnnualPlan, Participation
from apps.campaigns.plan import sheet_of
from apps.documents.words import basis_of, closed_up, recipients_below
from apps.papers.offices import mark_of, office_of
from apps.papers.paper import Annex, Block, Column, Paper, Paragraph, Table

Status = AnnualPlan.Status

_COLUMNS = [Column("序号", 0.6), Column("街道（镇、乡）", 1.8), Column("社区", 2.3), Column("备注", 0.9)]


def plan_paper(plan: AnnualPlan, listed: Sequence[Participation]) -> Paper:
    """``listed`` as ``annual_plans.listed_in`` gives it. Where the campaign has an office above, it is a report to that one."""
    office, above = office_of(plan.jurisdiction), level_above(plan.campaign, plan.jurisdiction)
    is_draft = plan.status in (Status.DRAFT, Status.RETURNED)
    day = timezone.localtime(plan.submitted_at).date() if plan.submitted_at and not is_draft else None
    name = f"{plan.year}年绿色社区创建计划"
    annexes = [Annex(f"{name}名单（{len(listed)}个）", [Table(_COLUMNS, _rows(listed))])] if listed else []
    return Paper(
        title=f"{office.name}关于报送{name}的报告" if above else f"{office.name}{name}",
        head=office.upward_head(plan.year) if above else office.head(office.number(plan.year)),
        recipients=office_of(above).name if above else recipients_below(plan.jurisdiction),
        blocks=_words(plan, listed),
        annexes=annexes,
        signed=office.name,
        dated=day,
        note=office.note,
        imprint=office.imprint(day),
        mark=mark_of(is_draft=is_draft),
    )


def _words(plan: AnnualPlan, listed: Sequence[Participation]) -> list[Block]:
    line, pilots = (
        sheet_of(plan.campaign, plan.jurisdiction, plan.year).rollup.total,
        sum(one.is_pilot for one in listed),
    )
    if listed:
        of_them = f"，其中试点{pilots}个" if pilots else ""
        said = f"{plan.year}年计划创建绿色社区{len(listed)}个{of_them}，名单见附件。"
    else:
        said = f"{plan.year}年没有新列入创建计划的社区。"
    wanted = f"，{plan.year}年目标为{line.wanted}个" if line.wanted is not None else ""
    blocks: list[Block] = [
        Paragraph(f"{basis_of(plan.campaign)}{said}"),
        Paragraph(f"现有城市社区{line.figures.base}个，累计列入创建计划{line.figures.enrolled}个{wanted}。"),
    ]
    if plan.explanation:
        blocks.append(Paragraph(f"需要说明的情况：{closed_up(plan.explanation)}"))
    return [*blocks, Paragraph("特此报告。")] if plan.jurisdiction != plan.campaign.jurisdiction else blocks


def _rows(listed: Sequence[Participation]) -> list[list[str]]:
    return [
        [str(number), one.community.jurisdiction.name, str(one.community), "试点" if one.is_pilot else ""]
        for number, one in enumerate(listed, start=1)
    ]
