"""How far the plans of a year have come below a jurisdiction: of each child its own plan, or how many of those below it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.accounts.permissions import Actor
from apps.campaigns.annual_plans import decided_by
from apps.campaigns.models import AnnualPlan
from apps.campaigns.plan_shortfalls import shortfalls_below
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
# Of an explanation, in a question.
_MOST_SIGNS = 100


@dataclass
class PlanStates:
    """The plan of one child, or the plans below it, counted by status.

    ``chosen_as``: by what the overview ticks it, where the reader may accept it; ``lacking``: what it falls short of then.
    """

    plan: AnnualPlan | None = None
    below: Counter[str] = field(default_factory=Counter)
    chosen_as: str = ""
    lacking: list[str] = field(default_factory=list)

    @property
    def question(self) -> str:
        """What the question before a bulk acceptance says of it: how many communities, what is lacking and why."""
        if self.plan is None:
            return ""
        why = " ".join(self.plan.explanation.split())
        why = f"{why[:_MOST_SIGNS]}…" if len(why) > _MOST_SIGNS else why
        lacking = [f"按现在的目标和底数，{'；'.join(self.lacking)}"] if self.lacking else []
        said = [*lacking, *([f"说明：{why}"] if why else ["没有说明"] if self.lacking else [])]
        short = f"（{'；'.join(said)}）" if said else ""
        return f"{self.plan.jurisdiction.name} {self.plan.communities} 个社区{short}"

    @property
    def words(self) -> list[tuple[str, int]]:
        """What the plans below have come to: label and number."""
        return [(label, self.below[key]) for key, label in STATES.items() if self.below[key]]

    @property
    def said(self) -> str:
        """The state of the child's own plan, or of those below, in words."""
        below = "，".join(f"{label} {number}" for label, number in self.words)
        return below or (self.plan.state if self.plan is not None else STATES["none"])

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
    waiting = [plan for plan in _waiting_for(rollup, reader) if plan.path in found]
    lacking = shortfalls_below(rollup, waiting)
    for plan in waiting:
        states = found[plan.path]
        states.plan, states.chosen_as, states.lacking = plan, f"{plan.pk}:{plan.round}", lacking[plan.pk]
    return {one.jurisdiction.pk: found[one.jurisdiction.path] for one in rollup.children}


def _waiting_for(rollup: Rollup, reader: Actor) -> list[AnnualPlan]:
    if not reader.can("review_assessments"):
        return []
    mine = decided_by(reader.jurisdiction).filter(campaign=rollup.campaign, year=rollup.year, status=Status.SUBMITTED)
    return list(mine.exclude(submitted_by=reader.user).select_related("jurisdiction"))
