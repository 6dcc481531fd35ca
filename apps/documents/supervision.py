"""督导检查反馈意见: what a visit found, as the document that goes to the visited unit."""

from collections.abc import Sequence

from django.utils import timezone

from apps.papers.offices import mark_of, offices_of
from apps.papers.paper import Block, Column, Heading, Paper, Paragraph, Table, day
from apps.supervision.models import SupervisionVisit, VisitFinding

_FOLLOWING = "请按期限逐项整改，并在期限内通过绿色社区创建管理平台答复整改情况，附整改前后的照片、台账等材料。"


def visit_paper(visit: SupervisionVisit, findings: Sequence[VisitFinding]) -> Paper:
    """The feedback on a visit: who looked at what, how it stands, what is to be mended by when."""
    offices = offices_of([visit.office, visit.unit])
    office, unit = offices[visit.office.pk], offices[visit.unit.pk]
    blocks: list[Block] = [Paragraph(_opening(visit, office.name))]
    if visit.looked_at:
        blocks += [Heading(1, "检查内容"), Paragraph(visit.looked_at)]
    if visit.summary:
        blocks += [Heading(1, "总体情况"), Paragraph(visit.summary)]
    blocks += [Heading(1, "存在问题"), *_found(findings)]
    if findings:
        blocks += [Heading(1, "整改要求"), Paragraph(_FOLLOWING)]
    issued_on = timezone.localtime(visit.issued_at).date() if visit.issued_at else None
    withdrawn = visit.status == SupervisionVisit.Status.WITHDRAWN
    return Paper(
        title=visit.title,
        head=office.head(visit.document_number) if visit.document_number else None,
        recipients=unit.name,
        blocks=blocks,
        signed=office.name,
        dated=issued_on,
        note=office.note,
        imprint=office.imprint(issued_on) if visit.document_number else None,
        mark="已撤回" if withdrawn else mark_of(is_draft=visit.is_draft),
    )


def _opening(visit: SupervisionVisit, office: str) -> str:
    joined = (("参加单位", visit.offices), ("检查人员", visit.people))
    who = "".join(f"，{label}：{text.rstrip('。')}" for label, text in joined if text)
    place = f"{visit.unit}{visit.community or ''}"
    return f"{_span(visit)}，{office}对{place}绿色社区创建工作进行了督导检查{who}。现将有关情况反馈如下。"


def _span(visit: SupervisionVisit) -> str:
    """The days of the visit; what is the same is said once: 2022年7月12日至13日."""
    first, last = visit.started_on, visit.ended_on
    if last is None or last == first:
        return day(first)
    if last.year != first.year:
        return f"{day(first)}至{day(last)}"
    month = "" if last.month == first.month else f"{last.month}月"
    return f"{day(first)}至{month}{last.day}日"


def _found(findings: Sequence[VisitFinding]) -> list[Block]:
    if not findings:
        return [Paragraph("本次检查没有发现需要整改的问题。")]
    columns = [
        Column("序号", 0.6),
        Column("问题", 4.0, is_text=True),
        Column("国家标准条目", 1.6),
        Column("整改期限", 1.6),
    ]
    rows = [
        [str(one.number), one.text, f"第{one.criterion.number}条" if one.criterion else "—", day(one.mend_by)]
        for one in findings
    ]
    return [Table(columns, rows, is_small=True)]
