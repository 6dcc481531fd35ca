"""What waits for a person in this room, for the desk: what their unit has to mend, and the answers that their office checks."""

from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.core import clock
from apps.core.todos import Source, Todo
from apps.supervision.domain import SUPERVISE
from apps.supervision.mending import ANSWER
from apps.supervision.models import SupervisionVisit, VisitFinding

_KIND = "督导检查"
_SHOWN = 8
State = VisitFinding.State


def sources_for(actor: Actor) -> list[Source]:
    """A line for each visit with something to mend, or with answers to check, or with what others are late with."""
    return [Source(_rows(actor), lambda rows: _lines(rows, actor))]


def _rows(actor: Actor) -> QuerySet[SupervisionVisit]:
    if not actor.can(ANSWER) and not actor.can(SUPERVISE):
        return SupervisionVisit.objects.none()
    here, today = actor.jurisdiction, clock.today()
    received = Q(unit=here) if actor.can(ANSWER) else Q(pk__in=[])
    made = Q(office=here) if actor.can(SUPERVISE) else Q(pk__in=[])
    owed = Q(findings__state__in=VisitFinding.OWED)
    named = SupervisionVisit.objects.below(here.path).issued().filter(received | made)
    visits = named.annotate(
        owed=Count("findings", filter=owed),
        returned=Count("findings", filter=Q(findings__state=State.RETURNED)),
        due=Min("findings__mend_by", filter=owed),
        late=Count("findings", filter=owed & Q(findings__mend_by__lt=today)),
        answered=Count("findings", filter=Q(findings__state=State.ANSWERED)),
        answered_since=Min("findings__answered_at", filter=Q(findings__state=State.ANSWERED)),
    )
    is_mine = received & Q(owed__gt=0) | made & (Q(answered__gt=0) | Q(late__gt=0))
    return visits.filter(is_mine)


def _lines(rows: QuerySet[Any], actor: Actor) -> list[Todo]:
    first = list(rows.select_related("office", "unit").order_by("due", "pk")[: _SHOWN + 1])
    found = [_line(one, actor) for one in first[:_SHOWN]]
    if len(first) > _SHOWN:
        found.append(Todo(_KIND, "neutral", "还有其他督导检查", "", reverse("visit_list"), "查看", None, clock.now()))
    return found


def _line(visit: Any, actor: Actor) -> Todo:
    url = reverse("visit_detail", args=[visit.pk])
    if visit.unit_id == actor.jurisdiction.pk:
        note = f"{visit.office}：{visit.owed} 项问题待整改" + (
            f"，其中退回 {visit.returned} 项" if visit.returned else ""
        )
        tone = "danger" if visit.returned else "warning"
        return Todo(_KIND, tone, visit.title, note, url, "去整改", visit.due, visit.issued_at)
    if visit.answered:
        note = f"{visit.answered} 项整改待核查" + (f"，另有 {visit.late} 项逾期未答复" if visit.late else "")
        return Todo(_KIND, "info", visit.title, note, url, "去核查", None, visit.answered_since)
    return Todo(
        _KIND, "warning", visit.title, f"{visit.late} 项整改逾期未答复", url, "查看", visit.due, visit.issued_at
    )
