"""What waits for a person in this room, for the desk: what was sent to their level, and what of theirs came back."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.core import clock
from apps.core.todos import Source, Todo
from apps.practices.choosing import CHOOSE
from apps.practices.domain import SEND
from apps.practices.models import Practice

_KIND = "经验做法"
_SHOWN = 8
# What came back stands on the desk this long: sending it again is nobody's duty.
_TOLD = timedelta(days=30)
Status = Practice.Status


def sources_for(actor: Actor) -> list[Source]:
    """A line for each practice to choose or decline, and for each that was declined lately."""
    return [Source(_rows(actor), lambda rows: _lines(rows, actor))]


def _rows(actor: Actor) -> QuerySet[Practice]:
    if not actor.can(CHOOSE) and not actor.can(SEND):
        return Practice.objects.none()
    here, nothing = actor.jurisdiction, Q(pk__in=[])
    to_choose = Q(status=Status.WAITING, holder=here) & ~Q(sent_by=actor.user) if actor.can(CHOOSE) else nothing
    lately = Q(status=Status.DECLINED, jurisdiction=here, decided_at__gte=clock.now() - _TOLD)
    returned = lately if actor.can(SEND) else nothing
    return Practice.objects.below(here.path).filter(to_choose | returned)


def _lines(rows: QuerySet[Practice], actor: Actor) -> list[Todo]:
    first = list(rows.select_related("holder", "sent_in").order_by("sent_at", "pk")[: _SHOWN + 1])
    found = [_line(one) for one in first[:_SHOWN]]
    if len(first) > _SHOWN:
        url = reverse("practice_waiting" if actor.can(CHOOSE) else "practice_sent")
        found.append(Todo(_KIND, "neutral", "还有其他经验做法", "", url, "逐件办理", None, clock.now()))
    return found


def _line(practice: Practice) -> Todo:
    url = reverse("practice_detail", args=[practice.pk])
    if practice.is_waiting:
        return Todo(_KIND, "info", practice.title, f"{practice.sent_in}报送", url, "去办理", None, practice.sent_at)
    note = f"{practice.holder}没有采用：{practice.decline_reason}"
    return Todo(_KIND, "neutral", practice.title, note, url, "查看", None, practice.decided_at)
