"""Which annual plans of a year there should be below a jurisdiction, and whose are still to come."""

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


def due_plans(rollup: Rollup) -> DuePlans:
    """Every unit below with streets and urban communities plans, in its nearest campaign; three queries."""
    place, year = rollup.total.jurisdiction, rollup.year
    counted = Community.objects.below(place.path).counted_in(year).filter(jurisdiction__level=Level.STREET)
    units = Jurisdiction.objects.filter(pk__in=counted.values("jurisdiction__parent")).exclude(pk=place.pk)
    made = AnnualPlan.objects.below(place.path).filter(campaign__in=family_of(rollup.campaign), year=year)
    states = dict(made.order_by("campaign__path").values_list("jurisdiction", "status"))
    submitted = {Status.SUBMITTED, Status.ACCEPTED}
    planning = list(units.select_related("parent").in_code_order())
    missing = [
        MissingPlan(
            one, one.name if one.parent == place else f"{one.parent}{one}", states.get(one.pk) == Status.RETURNED
        )
        for one in planning
        if states.get(one.pk) not in submitted
    ]
    return DuePlans(len(planning), missing)
