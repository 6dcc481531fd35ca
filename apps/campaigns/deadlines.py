"""By when the self-assessments of a year have to be done: the campaign's reporting duty that needs them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.campaigns.models import Milestone

# What assessments are needed for, in the order in which it counts.
_WANTED = (Milestone.Kind.SELF_EVALUATION, Milestone.Kind.RESULT_LIST, Milestone.Kind.ANNUAL_REPORT)


@dataclass(frozen=True)
class Deadline:
    """A date, and what is due on it."""

    day: date
    title: str


def deadlines(campaigns: Any, level: str) -> Mapping[tuple[int, int], Deadline]:
    """Return by campaign and year what ``level`` has to hand in first; ``campaigns``: ids, or a query of them.

    Where a campaign asks nothing of that level, what it asks of the others.
    """
    found: dict[tuple[int, int], list[tuple[bool, int, date, str]]] = defaultdict(list)
    for one in Milestone.objects.filter(campaign__in=campaigns, kind__in=_WANTED):
        kind = Milestone.Kind(one.kind)
        for day in one.dates:
            found[one.campaign_id, day.year].append((one.level != level, _WANTED.index(kind), day, str(kind.label)))
    nearest = {key: min(entries) for key, entries in found.items()}
    return {key: Deadline(day, title) for key, (_, _, day, title) in nearest.items()}


def deadline_of(campaign_id: int, year: int, level: str) -> Deadline | None:
    """Return what ``deadlines`` says of one campaign and year."""
    return deadlines([campaign_id], level).get((campaign_id, year))
