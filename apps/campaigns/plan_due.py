"""Which annual plans of a year there are below a jurisdiction, which there should be, and whose are still to come."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.campaigns.models import AnnualPlan
from apps.campaigns.rollup import Rollup, family_of
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction, Level

Status = AnnualPlan.Status


@dataclass(frozen=True)
class MissingPlan:
    """A unit whose plan does not lie with the level above yet, or any more; ``name`` says in which prefecture it lies."""

    jurisdiction: Jurisdiction
    name: str
    is_returned: bool


@dataclass(frozen=True)
class DuePlans:
    """How many units plan (应报), and those of them that have not submitted."""

    units: int
    missing: list[MissingPlan]

    @property
    def submitted(self) -> int:
        return self.units - len(self.missing)


def plans_below(rollup: Rollup) -> dict[int, AnnualPlan]:
    """The plan of the year of each unit below, by its id; where it has one in several campaigns of the family, in the nearest."""
    place = rollup.total.jurisdiction
    made = AnnualPlan.objects.below(place.path).filter(campaign__in=family_of(rollup.campaign), year=rollup.year)
    nearest_last = made.exclude(jurisdiction=place).order_by("campaign__path", "campaign__first_year")
    return {one.jurisdiction_id: one for one in nearest_last}


def due_plans(rollup: Rollup, made: Mapping[int, AnnualPlan]) -> DuePlans:
    """Every unit below with streets and urban communities plans; ``made``: `plans_below`."""
    place = rollup.total.jurisdiction
    counted = Community.objects.below(place.path).counted_in(rollup.year).filter(jurisdiction__level=Level.STREET)
    units = Jurisdiction.objects.filter(pk__in=counted.values("jurisdiction__parent")).exclude(pk=place.pk)
    planning = list(units.select_related("parent").in_code_order())
    states = {pk: one.status for pk, one in made.items()}
    missing = [
        MissingPlan(
            one, one.name if one.parent == place else f"{one.parent}{one}", states.get(one.pk) == Status.RETURNED
        )
        for one in planning
        if states.get(one.pk) not in (Status.SUBMITTED, Status.ACCEPTED)
    ]
    return DuePlans(len(planning), missing)
