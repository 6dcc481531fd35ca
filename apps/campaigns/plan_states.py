"""How far the plans of a year have come below a jurisdiction: of each child its own plan, or how many of those below it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.accounts.permissions import Actor
from apps.campaigns.annual_plans import decided_by
from apps.campaigns.models import AnnualPlan
from apps.campaigns.rollup import Rollup
from apps.core.wall import LABEL_WIDTH

Status = AnnualPlan.Status

STATES = {
    "none": "未上报",
    Status.SUBMITTED.value: "已上报",
    Status.RETURNED.value: "已退回",
    Status.ACCEPTED.value: "已同意",
}
# Beside those: the children that have too few communities on the plan to reach their target.
SHORT = "short"


@dataclass
class PlanStates:
    """The plan of one child, or the plans below it, counted by status.

    ``chosen_as``: by what the overview ticks it, where the reader may accept it.
    """

    plan: AnnualPlan | None = None
    below: Counter[str] = field(default_factory=Counter)
    chosen_as: str = ""

    @property
    def words(self) -> list[tuple[str, int]]:
        """What the plans below have come to: label and number."""
        return [(label, self.below[key]) for key, label in STATES.items() if self.below[key]]

    def holds(self, state: str) -> bool:
        """Whether the child belongs under a key of STATES: what was withdrawn counts as not submitted."""
        statuses = {self.plan.status} if self.plan else set(self.below)
        if state == "none":
            return not statuses - {Status.DRAFT}
        return state in statuses


def states_of(rollup: Rollup, made: Mapping[int, AnnualPlan], reader: Actor) -> dict[int, PlanStates]:
    """Return the states of a roll-up's children by id; ``made``: the plan of each unit below (`plan_due.plans_below`)."""
    place = rollup.total.jurisdiction
    found = {one.jurisdiction.path: PlanStates() for one in rollup.children}
    for plan in made.values():
        states = found.get(plan.path[: len(place.path) + LABEL_WIDTH])
        if states is not None and plan.path in found:
            states.plan = plan
        elif states is not None:
            states.below[plan.status] += 1
    for plan in _waiting_for(rollup, reader):
        if plan.path in found:
            found[plan.path].plan, found[plan.path].chosen_as = plan, f"{plan.pk}:{plan.round}"
    return {one.jurisdiction.pk: found[one.jurisdiction.path] for one in rollup.children}


def _waiting_for(rollup: Rollup, reader: Actor) -> list[AnnualPlan]:
    if not reader.can("review_assessments"):
        return []
    mine = decided_by(reader.jurisdiction).filter(campaign=rollup.campaign, year=rollup.year, status=Status.SUBMITTED)
    return list(mine.exclude(submitted_by=reader.user))
