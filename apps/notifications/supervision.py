"""What people are told of supervision visits (督导检查): the visited unit of what is to be mended, the office of its answers."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from apps.notifications.message import Message, people_with
from apps.notifications.models import Notification
from apps.notifications.occasion import Occasion
from apps.supervision import signals
from apps.supervision.domain import SUPERVISE
from apps.supervision.mending import ANSWER
from apps.supervision.models import SupervisionVisit, VisitFinding

Kind = Notification.Kind
Status = SupervisionVisit.Status
State = VisitFinding.State


def issued_visits() -> QuerySet[SupervisionVisit]:
    return SupervisionVisit.objects.issued().counted().select_related("office", "unit", "community")


def visit_told(visit: Any) -> list[Message]:
    text = f"{visit.office}督导检查，" + (
        "没有发现需要整改的问题。" if not visit.found else f"有 {visit.found} 项问题要整改"
    )
    if visit.found:
        text += f"，最近的期限 {visit.next_date:%Y-%m-%d}。" if visit.next_date else "。"
    return [Message(Kind.VISIT, people_with(visit.unit, ANSWER), visit.title, text, _page(visit))]


def withdrawn_visits() -> QuerySet[SupervisionVisit]:
    return SupervisionVisit.objects.filter(status=Status.WITHDRAWN).select_related("office", "unit")


def visit_withdrawal_told(visit: Any) -> list[Message]:
    title, text = f"{visit.title[:180]}（已撤回）", f"{visit.office}撤回，不用整改。理由：{visit.withdrawal_reason}"
    return [Message(Kind.VISIT, people_with(visit.unit, ANSWER), title, text, _page(visit))]


def visit_asked_for(visit: SupervisionVisit) -> list[str]:
    """Keys of the messages that ask for anything about a visit that is withdrawn; issued as the version before."""
    return [f"visit:{visit.pk}:{number}" for number in range(1, visit.version)]


def answered_findings() -> QuerySet[VisitFinding]:
    return _findings().filter(state=State.ANSWERED)


def finding_waits(finding: Any) -> list[Message]:
    visit = finding.visit
    text = f"{visit.unit}已答复“{visit}”问题 {finding.number} 的整改情况，请核查。"
    if finding.round > 1:
        text += f"第 {finding.round} 次答复。"
    people = people_with(visit.office, SUPERVISE)
    return [Message(Kind.VISIT, people, f"{visit.unit}整改待核查：问题 {finding.number}", text, _page(visit))]


def finding_returned_before(finding: VisitFinding) -> list[str]:
    """Keys of the messages that it came back, before this answer."""
    return [f"finding-checked:{finding.pk}:{number}" for number in range(1, finding.round)]


def checked_findings() -> QuerySet[VisitFinding]:
    return _findings().filter(state__in=[State.RETURNED, State.MENDED], checked_at__isnull=False)


def finding_checked(finding: Any) -> list[Message]:
    visit = finding.visit
    people = people_with(visit.unit, ANSWER)
    if finding.state == State.MENDED:
        title, text = f"问题 {finding.number} 整改完成", f"{visit.office}核查“{visit}”问题 {finding.number}，整改完成。"
        return [Message(Kind.VISIT, people, title, text, _page(visit))]
    title = f"问题 {finding.number} 的整改被{visit.office}退回"
    text = f"{finding.return_reason}\n请在 {finding.mend_by:%Y-%m-%d} 前整改后重新答复。"
    return [Message(Kind.RETURNED, people, title, text, _page(visit))]


def finding_asked_for(finding: VisitFinding) -> list[str]:
    """Keys of the messages that ask for a check of the finding, up to this answer."""
    return [f"finding-answered:{finding.pk}:{number}" for number in range(1, finding.round + 1)]


def _findings() -> QuerySet[VisitFinding]:
    """With what their words name; told again with each answer."""
    rows = VisitFinding.objects.filter(visit__status=Status.ISSUED)
    return rows.select_related("visit__office", "visit__unit").annotate(edition=F("round"))


def _page(visit: SupervisionVisit) -> str:
    return reverse("visit_detail", args=[visit.pk])


VISITS = (
    Occasion("visit", issued_visits, lambda day: Q(issued_at__gte=day), visit_told, signals.visit_issued),
    Occasion(
        "visit-withdrawn",
        withdrawn_visits,
        lambda day: Q(withdrawn_at__gte=day),
        visit_withdrawal_told,
        signals.visit_withdrawn,
        answers=visit_asked_for,
    ),
    Occasion(
        "finding-answered",
        answered_findings,
        lambda day: Q(answered_at__gte=day),
        finding_waits,
        signals.finding_answered,
        answers=finding_returned_before,
    ),
    Occasion(
        "finding-checked",
        checked_findings,
        lambda day: Q(checked_at__gte=day),
        finding_checked,
        signals.finding_checked,
        answers=finding_asked_for,
    ),
)
