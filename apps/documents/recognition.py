"""Documents around a recognition: 公示, 认定决定, 认定名单."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from django.utils import timezone

from apps.assessments.models import Assessment
from apps.campaigns.models import Recognition
from apps.communities.models import Community
from apps.core import clock
from apps.documents.words import basis_of, recipients_below
from apps.jurisdictions.models import Jurisdiction
from apps.papers.offices import mark_of, office_of
from apps.papers.paper import Annex, Block, Column, Paper, Paragraph, Table, day
from apps.recognitions.entries import Line, period_on
from apps.recognitions.models import NoticeEntry, PublicNotice

Status = PublicNotice.Status

_PLACE = [Column("序号", 0.6), Column("县（市、区）", 1.5), Column("街道（镇、乡）", 1.6), Column("社区", 2.3)]
_FOLLOWING = "请指导被认定的社区巩固创建成果，保持创建水平，并按年度做好复查。"


def notice_paper(notice: PublicNotice, lines: Iterable[Line]) -> Paper:
    """公示 as it is put up: without 版头, for it has no number. Who has left the list meanwhile does not stand on it."""
    office, period = office_of(notice.jurisdiction), period_on(notice)
    listed = [line.entry.assessment.participation.community for line in lines if not line.is_off]
    days = f"{notice.working_days}个工作日"
    if notice.starts_on:
        provisional = "；节假日安排尚未公布，截止日期为暂定" if period.is_provisional else ""
        term = f"{day(notice.starts_on)}至{day(period.last)}（{days}，发布当日不计{provisional}）"
    else:
        term = f"自发布之日起{days}"
    blocks = [
        Paragraph(notice.text),
        Paragraph(f"公示期：{term}。"),
        Paragraph(f"异议受理：{notice.contact or '（未填写）'}。"),
    ]
    annex = Annex(f"{notice.year}年拟认定绿色社区名单（{len(listed)}个）", [_list_of(listed)])
    mark = mark_of(is_draft=notice.status == Status.DRAFT)
    return Paper(
        title=notice.title,
        blocks=blocks,
        annexes=[annex],
        signed=office.name,
        dated=notice.starts_on,
        mark="已撤回" if notice.status == Status.WITHDRAWN else mark,
    )


def decision_paper(recognitions: Sequence[Recognition], holder: Jurisdiction, notices: Sequence[PublicNotice]) -> Paper:
    """认定决定: ``recognitions``, at least one, of one document of ``holder``; ``notices``: on which all of them stood."""
    first, office = recognitions[0], office_of(holder)
    decided_on = max(timezone.localtime(one.recognised_at).date() for one in recognitions)
    number = len(recognitions)
    communities = [one.community for one in recognitions]
    years = sorted({one.year for one in recognitions})
    year = "、".join(map(str, years))
    steps = f"经社区自评、逐级审核{_on_notice(notices)}，"
    if number == 1:
        whom = f"{_full_name(communities[0])}为{year}年度绿色社区"
    else:
        whom = f"{_full_name(communities[0])}等{number}个社区为{year}年度绿色社区，名单见附件"
    blocks = [Paragraph(f"{basis_of(first.campaign)}{steps}决定认定{whom}。"), Paragraph(_FOLLOWING)]
    annexes = [Annex(f"{year}年绿色社区名单（{number}个）", [_decided(recognitions)])] if number > 1 else []
    return Paper(
        title=f"{office.name}关于认定{year}年绿色社区的决定",
        head=office.head(first.document_number),
        recipients=recipients_below(holder),
        blocks=blocks,
        annexes=annexes,
        signed=office.name,
        dated=decided_on,
        note=office.note,
        imprint=office.imprint(decided_on),
        mark=mark_of(is_draft=not first.document_number),
    )


def notices_of(recognitions: Sequence[Recognition]) -> list[PublicNotice]:
    """The notices on which the communities stood, in order; none unless all of them stood on one."""
    assessments = set(
        Assessment.objects.filter(participation__in=[one.participation_id for one in recognitions]).values_list(
            "pk", flat=True
        )
    )
    entries = NoticeEntry.objects.filter(assessment__in=assessments, notice__status=Status.PUBLISHED)
    stood = set(entries.values_list("assessment", flat=True))
    if stood != assessments:
        return []
    return list(PublicNotice.objects.filter(pk__in=entries.values("notice")).order_by("starts_on", "pk"))


def list_paper(place: Jurisdiction, year: int | None, recognitions: Sequence[Recognition]) -> Paper:
    """认定名单: the recognitions in force of a jurisdiction, of one year or of all, county by county."""
    office, of_year = office_of(place), f"{year}年" if year else ""
    total = f"截至{day(clock.today())}，{place}有效的{of_year}绿色社区共{len(recognitions)}个。"
    blocks: list[Block] = [Paragraph(total)]
    columns = [
        Column("序号", 0.6),
        Column("街道（镇、乡）", 1.5),
        Column("社区", 1.9),
        Column("认定年度", 0.9),
        Column("认定文号", 2.1),
    ]
    for county, found in groupby(recognitions, key=lambda one: one.community.jurisdiction.parent):
        rows = [
            [
                str(number),
                one.community.jurisdiction.name,
                str(one.community),
                str(one.year),
                one.document_number or "—",
            ]
            for number, one in enumerate(found, start=1)
        ]
        blocks.append(Table(columns, rows, caption=f"{county or place}（{len(rows)}个）", is_small=True))
    return Paper(
        title=f"{place}{of_year}绿色社区名单",
        blocks=blocks,
        signed=office.name,
        dated=clock.today(),
        mark=mark_of(is_draft=False),
    )


def _list_of(communities: Sequence[Community]) -> Table:
    return Table(_PLACE, [_place_row(number, one) for number, one in enumerate(communities, start=1)])


def _decided(recognitions: Sequence[Recognition]) -> Table:
    """What was decided then; what was taken back since is said beside it."""
    rows = [_place_row(number, one.community) for number, one in enumerate(recognitions, start=1)]
    if not any(one.revoked_at for one in recognitions):
        return Table(_PLACE, rows)
    remarks = [
        f"已于{day(timezone.localtime(one.revoked_at).date())}摘牌" if one.revoked_at else "" for one in recognitions
    ]
    return Table([*_PLACE, Column("备注", 1.8)], [[*row, remark] for row, remark in zip(rows, remarks, strict=True)])


def _place_row(number: int, community: Community) -> list[str]:
    street = community.jurisdiction
    return [str(number), street.parent.name if street.parent else "", street.name, str(community)]


def _full_name(community: Community) -> str:
    street = community.jurisdiction
    return f"{street.parent.name if street.parent else ''}{street.name}{community}"


def _on_notice(notices: Sequence[PublicNotice]) -> str:
    terms = [f"{day(one.starts_on)}至{day(period_on(one).last)}" for one in notices if one.starts_on]
    return f"，并于{'、'.join(terms)}向社会公示" if terms else ""
