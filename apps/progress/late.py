"""滞后事项: what has waited too long, was returned without an answer, or is past its due date; with whom, since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from apps.campaigns.deadlines import deadlines
from apps.campaigns.models import Participation, ParticipationQuerySet
from apps.core import clock
from apps.jurisdictions.models import Level
from apps.progress.extent import Extent

Stage = Participation.Stage

WAITING, RETURNED, OVERDUE = "waiting", "returned", "overdue"
KINDS = {WAITING: "待审核过久", RETURNED: "退回后未重新提交", OVERDUE: "已过报送期限"}
AGES = [7, 15, 30, 60]
DEFAULT_AGE = 15
_UNDER_WAY = [Stage.PLANNED, Stage.DRAFTING, Stage.RETURNED, Stage.IN_REVIEW]

Dues = Mapping[tuple[int, int], date]


@dataclass(frozen=True)
class Late:
    """One kind of what is late, the longest first; ``counts`` of every kind."""

    kind: str
    age: int
    counts: dict[str, int]
    rows: ParticipationQuerySet
    dues: Dues

    def label_of(self, kind: str) -> str:
        return f"{KINDS[kind]}（超过 {self.age} 天）" if kind != OVERDUE else KINDS[kind]


def late_of(extent: Extent, kind: str, age: int) -> Late:
    """Count every kind in one query; ``rows`` are read by who shows them. An unknown ``kind`` is the first one with anything."""
    dues = _dues_of(extent)
    found = {one: _condition(one, age, dues) for one in KINDS}
    parts = Participation.objects.below(extent.place.path).filter(
        campaign__in=extent.family, year__lte=extent.year, ended_on=None, stage__in=_UNDER_WAY
    )
    counts = parts.aggregate(**{one: Count("pk", filter=condition) for one, condition in found.items()})
    shown = kind if kind in KINDS else next((one for one in KINDS if counts[one]), WAITING)
    rows = parts.filter(found[shown]).select_related(
        "campaign", "community__jurisdiction", "assessment__holder", "assessment__assignee"
    )
    order = ["year", "community__code", "pk"] if shown == OVERDUE else ["assessment__held_since", "pk"]
    return Late(shown, age, counts, rows.order_by(*order), dues)


def since(part: Participation) -> datetime:
    """When it came to where it waits now."""
    assessment = getattr(part, "assessment", None)
    return part.created_at if assessment is None else assessment.held_since


def days_since(at: datetime, today: date) -> int:
    return (today - timezone.localtime(at).date()).days


def _condition(kind: str, age: int, dues: Dues) -> Q:
    if kind == OVERDUE:
        passed = Q(pk__in=[])
        for (campaign, year), due in dues.items():
            if due < clock.today():
                passed |= Q(campaign=campaign, year=year)
        return passed
    midnight = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    stage = Stage.IN_REVIEW if kind == WAITING else Stage.RETURNED
    return Q(stage=stage, assessment__held_since__lt=midnight - timedelta(days=age))


def _dues_of(extent: Extent) -> Dues:
    """By campaign and year the day on which the streets have to be done, for the years shown."""
    found = deadlines(extent.family, Level.STREET)
    return {key: one.day for key, one in found.items() if key[1] <= extent.year}
