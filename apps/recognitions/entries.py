"""The communities of public notices as they stand now: objections, returned meanwhile, recognised."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from apps.assessments.models import Assessment, ReviewAction, SecondApproval
from apps.assessments.opinions import objected_among
from apps.campaigns.models import Recognition
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from apps.recognitions.models import NoticeEntry, Objection, PublicNotice
from apps.recognitions.working_days import Period, period_of

Status = PublicNotice.Status
Outcome = Objection.Outcome

DEPARTMENTS_OBJECT = "本级部门有意见，不能一并认定。请到该社区的审核页说明理由，单独认定；或者退回。"


@dataclass(frozen=True)
class Line:
    """One community of a notice with all that decides whether it may be recognised."""

    entry: NoticeEntry
    objections: list[Objection] = field(default_factory=list)
    returned_on: date | None = None
    recognition: Recognition | None = None
    proposal: SecondApproval | None = None
    # Departments of the level that recognises object, in this round.
    needs_reason: bool = False

    @property
    def open_objections(self) -> int:
        return sum(one.outcome == Outcome.OPEN for one in self.objections)

    @property
    def is_sustained(self) -> bool:
        return any(one.outcome == Outcome.SUSTAINED for one in self.objections)

    @property
    def is_off(self) -> bool:
        """Whether it has left the list: returned meanwhile, or an objection was sustained."""
        return self.recognition is None and (self.returned_on is not None or self.is_sustained)

    @property
    def is_live(self) -> bool:
        """Whether the notice still holds the assessment: neither returned since nor recognised."""
        return self.returned_on is None and self.recognition is None

    @property
    def left_out(self) -> str:
        """Why the decision passes it by; empty where it may be recognised."""
        if self.recognition is not None:
            revoked = "，后已摘牌" if self.recognition.revoked_at else ""
            return f"已认定为 {self.recognition.year} 年度绿色社区{revoked}。"
        if self.proposal is not None:
            return f"{self.proposal.proposed_by}已提请{self.proposal.get_kind_display()}复核，等待另一位审批人。"
        if self.returned_on is not None:
            return f"已于 {self.returned_on:%Y-%m-%d} 退回，移出本次名单；重新报来后另行公示。"
        if self.is_sustained:
            return "异议成立，移出名单。请退回该社区的自评。"
        if self.open_objections:
            return f"有 {self.open_objections} 件异议正在办理，处理后再认定。"
        return DEPARTMENTS_OBJECT if self.needs_reason else ""

    @property
    def state(self) -> tuple[str, str]:
        """Label and tone of its badge."""
        if self.recognition is not None:
            return ("已摘牌", "danger") if self.recognition.revoked_at else ("已认定", "success")
        if self.proposal is not None:
            return "等待复核", "info"
        if self.returned_on is not None:
            return "已退回，移出名单", "danger"
        if self.is_sustained:
            return "异议成立，移出名单", "danger"
        if self.open_objections:
            return "异议办理中", "warning"
        return "无异议", "neutral"


def period_on(notice: PublicNotice) -> Period:
    """Return the period of a published notice, or of a draft as if published today.

    Where holidays were announced only after it was published, it lasts until the later of both days.
    """
    counted = period_of(notice.starts_on or clock.today(), notice.working_days)
    return Period(max(counted.last, notice.ends_on or counted.last), counted.is_provisional)


def is_over(notice: PublicNotice) -> bool:
    """Whether the last day of a published notice has passed."""
    return notice.status == Status.PUBLISHED and clock.today() > period_on(notice).last


def lines_of(notice: PublicNotice) -> list[Line]:
    """Return the communities of ``notice`` that are in scope, by street."""
    return lines_of_all([notice])[notice.pk]


def lines_of_all(notices: Iterable[PublicNotice]) -> dict[int, list[Line]]:
    """Return the communities of several notices that are in scope, by the notice's id and by street."""
    found: dict[int, list[Line]] = {one.pk: [] for one in notices}
    for line in lines_at(NoticeEntry.objects.filter(notice__in=found)):
        found[line.entry.notice_id].append(line)
    return found


def live_lines_of(assessments: Iterable[Assessment]) -> dict[int, Line]:
    """Return, by the assessment's id, the line of the notice that holds it: a draft, or one published and not withdrawn."""
    kept = NoticeEntry.objects.filter(assessment__in=list(assessments)).exclude(notice__status=Status.WITHDRAWN)
    return {line.entry.assessment_id: line for line in lines_at(kept) if line.is_live}


def lines_at(entries: QuerySet[NoticeEntry]) -> list[Line]:
    """Return the lines of ``entries`` in as many queries for many as for one."""
    objections = Objection.objects.select_related("recorded_by", "decided_by")
    rows = list(
        entries.select_related(
            "notice__jurisdiction",
            "notice__campaign",
            "assessment__holder",
            "assessment__participation__campaign",
            "assessment__participation__community__jurisdiction__parent",
        )
        .prefetch_related(Prefetch("objections", objections))
        .order_by("path", "assessment__participation__community__code", "pk")
    )
    assessments = [row.assessment_id for row in rows]
    returns = ReviewAction.objects.filter(assessment__in=assessments, kind=ReviewAction.Kind.RETURN)
    returned: dict[tuple[int, int], list[date]] = {}
    for assessment, jurisdiction, at in returns.order_by("at").values_list("assessment", "jurisdiction", "at"):
        returned.setdefault((assessment, jurisdiction), []).append(timezone.localtime(at).date())
    recognitions = Recognition.objects.filter(participation__assessment__in=assessments).order_by("recognised_at")
    recognised = {one.participation_id: one for one in recognitions}
    open_ones = SecondApproval.objects.filter(
        assessment__in=assessments, outcome=SecondApproval.Outcome.OPEN, kind=SecondApproval.Kind.RECOGNISE
    )
    proposals = {one.assessment_id: one for one in open_ones.select_related("proposed_by")}
    objected = _objected(rows)
    return [
        Line(
            row,
            list(row.objections.all()),
            _returned_on(row, returned.get((row.assessment_id, row.notice.jurisdiction_id), [])),
            recognised.get(row.assessment.participation_id),
            proposals.get(row.assessment_id),
            needs_reason=row.pk in objected,
        )
        for row in rows
    ]


def _objected(rows: Collection[NoticeEntry]) -> set[int]:
    """The ids of the entries against which departments of the notice's office object; a query for each office."""
    offices: dict[Jurisdiction, list[NoticeEntry]] = defaultdict(list)
    for row in rows:
        offices[row.notice.jurisdiction].append(row)
    found: set[int] = set()
    for office, entries in offices.items():
        objected = objected_among([one.assessment_id for one in entries], office)
        found |= {one.pk for one in entries if one.assessment_id in objected}
    return found


def _returned_on(entry: NoticeEntry, days: list[date]) -> date | None:
    """The day on which the assessment was returned after it came on the list; a draft's is not here any more."""
    notice, assessment = entry.notice, entry.assessment
    if notice.starts_on is not None:
        return next((day for day in days if day >= notice.starts_on), None)
    if assessment.holder_id == notice.jurisdiction_id:
        return None
    return timezone.localtime(assessment.held_since).date()
