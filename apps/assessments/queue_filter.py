"""How a reviewer narrows and orders the queue: by place, person, state, age and due date. What the query string says."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from django.db.models import Case, DateField, Exists, F, OrderBy, OuterRef, Q, Value, When
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, AssessmentQuerySet, ReviewAction
from apps.assessments.people import people_able
from apps.campaigns.deadlines import deadlines
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.inputs import whole_number
from apps.jurisdictions.models import Jurisdiction

Status = Assessment.Status

# Of everything in the queue, and of what is worked on here alone.
NARROWING = ("area", "q", "of", "pilot", "returned", "age", "due")
NARROWING_HERE = ("state", "assignee")
# The order of the queue by name: label, and what it sorts by before the order of arrival.
ORDERS = {
    "arrived": "到达先后",
    "due": "到期先后",
    "points": "得分低的在前",
    "community": "社区编码",
}
STATES = {
    "fresh": ("下级上报", Q(status=Status.IN_REVIEW)),
    "above": ("上级退回", Q(status=Status.RETURNED)),
    "meets": ("达标", Q(meets_standard=True)),
    "fails": ("未达标", Q(meets_standard=False)),
}

Dues = Mapping[tuple[int, int], date]


def dues_of(here: Jurisdiction, campaigns: Collection[Campaign]) -> Dues:
    """When the assessments of ``campaigns`` are due from the level of ``here``, by campaign and year."""
    return {key: one.day for key, one in deadlines([one.pk for one in campaigns], here.level).items()}


def with_due(rows: AssessmentQuerySet, dues: Dues) -> AssessmentQuerySet:
    """Annotated with ``due_on``."""
    cases = [
        When(participation__campaign=campaign, participation__year=year, then=Value(day))
        for (campaign, year), day in dues.items()
    ]
    return rows.annotate(due_on=Case(*cases, default=None, output_field=DateField()))


def narrowed(rows: AssessmentQuerySet, data: Mapping[str, str], dues: Dues) -> AssessmentQuerySet:
    """``of``: a campaign's code; ``q``: part of a name, or the start of a code; ``age`` and ``due`` in days.

    The place (``area``) is looked up by the caller.
    """
    if campaign := data.get("of", ""):
        rows = rows.filter(participation__campaign__code=campaign)
    if query := data.get("q", "").strip()[:50]:
        named = Q(participation__community__name__icontains=query)
        street = Q(participation__community__jurisdiction__name__icontains=query)
        rows = rows.filter(named | street | Q(participation__community__code__startswith=query))
    if data.get("pilot"):
        rows = rows.filter(participation__is_pilot=True)
    if data.get("returned"):
        returns = ReviewAction.objects.filter(assessment=OuterRef("pk"), kind=ReviewAction.Kind.RETURN)
        rows = rows.filter(Exists(returns))
    if (age := days_in(data, "age")) is not None:
        midnight = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
        rows = rows.filter(held_since__lt=midnight - timedelta(days=age - 1))
    if (left := days_in(data, "due")) is not None:
        rows = rows.filter(_due_by(clock.today() + timedelta(days=left), dues))
    return rows


def narrowed_here(data: Mapping[str, str], actor: Actor) -> Q:
    """The condition on what is worked on here: in which state it came, who works on it."""
    state = STATES.get(data.get("state", ""))
    condition = state[1] if state is not None else Q()
    chosen = data.get("assignee", "")
    if chosen in (known := _assigned_to(actor)):
        return condition & known[chosen][1]
    if re.fullmatch(r"u[0-9]{1,9}", chosen):
        return condition & Q(assignee=int(chosen[1:]))
    return condition


def assignees(actor: Actor) -> list[tuple[str, str]]:
    """The choices of the filter by 承办人: value and label, the colleagues of the level last."""
    fixed = [(name, label) for name, (label, _) in _assigned_to(actor).items()]
    memberships = people_able(actor.jurisdiction, "review_assessments").exclude(user=actor.user).select_related("user")
    colleagues = {one.user_id: str(one.user) for one in memberships.order_by("user__display_name", "user_id")}
    return [*fixed, *((f"u{pk}", name) for pk, name in colleagues.items())]


def ordering(data: Mapping[str, str]) -> list[str | OrderBy]:
    """What the queue is sorted by; the order of arrival decides between equals."""
    first: dict[str, list[str | OrderBy]] = {
        "due": [F("due_on").asc(nulls_last=True)],
        "points": [F("total_points").asc(nulls_last=True)],
        "community": ["participation__community__code"],
    }
    return [*first.get(data.get("sort", ""), []), "held_since", "pk"]


def days_in(data: Mapping[str, str], name: str) -> int | None:
    """A number of days as it was typed, None where there is none."""
    return whole_number(data.get(name, "").strip(), digits=3)


def is_narrowed(data: Mapping[str, str], *, here: bool) -> bool:
    return any(data.get(name) for name in (*NARROWING, *(NARROWING_HERE if here else ())))


def _assigned_to(actor: Actor) -> dict[str, tuple[str, Q]]:
    claimed = Q(claimed_until__gt=clock.now(), assignee__isnull=False)
    return {
        "mine": ("我承办的", Q(assignee=actor.user)),
        "none": ("未分派", Q(assignee=None)),
        "claimed": ("领办中", claimed),
        "free": ("无人领办", ~claimed),
    }


def _due_by(day: date, dues: Dues) -> Q:
    years: dict[int, list[int]] = defaultdict(list)
    for (campaign, year), due in dues.items():
        if due <= day:
            years[campaign].append(year)
    condition = Q(pk__in=[])
    for campaign, due_years in years.items():
        condition |= Q(participation__campaign=campaign, participation__year__in=due_years)
    return condition
