"""催报: what falls due or is late, collected into one message a day for each person who files; on the days of its campaign."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.urls import reverse

from apps.accounts.models import Membership
from apps.accounts.permissions import roles_with
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.filings.domain import FILE
from apps.filings.obligations import Line, Query, State, lines_of
from apps.notifications.message import Message
from apps.notifications.models import Notification

_STATES = (State.AHEAD, State.TODAY, State.OVERDUE)


def due_lines(path: str) -> list[Line]:
    """What the units at ``path`` and below it are reminded of today, by deadline."""
    today, days_left = clock.today(), _days_left()
    furthest = set().union(*days_left.values())
    if not furthest:
        return []
    since, until = today + timedelta(days=min(furthest)), today + timedelta(days=max(furthest))
    rows = Query(path).rows(_STATES, since=since, until=until)
    return lines_of([one for one in rows if one.days_left in days_left.get(one.campaign_id, ())])


def reminders(path: str) -> list[Message]:
    """One message for each person who files in one of the units, with all that their units owe."""
    lines = due_lines(path)
    by_unit: dict[int, list[Line]] = defaultdict(list)
    for one in lines:
        by_unit[one.unit.pk].append(one)
    people: dict[int, list[Membership]] = defaultdict(list)
    for membership in (
        Membership.objects.effective().filter(jurisdiction__in=by_unit, role__in=roles_with(FILE)).order_by("pk")
    ):
        people[membership.user_id].append(membership)
    return [_reminder(held, by_unit) for held in people.values()]


def _days_left() -> dict[int, frozenset[int]]:
    """By campaign how many days before its date something is told of; after it they are below nothing."""
    rules = Campaign.objects.issued().values_list("pk", "reminder_days_before", "reminder_days_after")
    return {pk: frozenset([*before, *(-days for days in after)]) for pk, before, after in rules}


def key_of_today() -> str:
    """What a reminder is about: ``due:2022-08-15``, so that each person gets one a day."""
    return f"due:{clock.today()}"


def _reminder(held: list[Membership], by_unit: dict[int, list[Line]]) -> Message:
    units = dict.fromkeys(one.jurisdiction_id for one in held)
    lines = sorted((line for unit in units for line in by_unit[unit]), key=lambda one: one.owed.deadline)
    url = lines[0].url if len(lines) == 1 else reverse("filing_list")
    return Message(Notification.Kind.REMINDER, held[:1], _title(lines), "\n".join(map(_said, lines)), url)


def _title(lines: Sequence[Line]) -> str:
    late = sum(one.owed.state == State.OVERDUE for one in lines)
    coming = len(lines) - late
    told = [f"{coming} 件即将到期"] * bool(coming) + [f"{late} 件已逾期"] * bool(late)
    return f"报送提醒：{'，'.join(told)}"


def _said(line: Line) -> str:
    return f"{line.unit}“{line.milestone}”，期限 {line.owed.deadline:%Y-%m-%d}，{line.owed.timing}"
