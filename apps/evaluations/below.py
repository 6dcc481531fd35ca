"""What an evaluation draws on: the evaluations of the units right below for the same year, and who of them is missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.campaigns.rollup import Rollup, family_of
from apps.core.errors import InvalidInput
from apps.evaluations.models import AnnualEvaluation
from apps.jurisdictions.models import Jurisdiction, Level

Status = AnnualEvaluation.Status


@dataclass(frozen=True)
class Child:
    """A unit right below with its evaluation, if it has begun one."""

    unit: Jurisdiction
    evaluation: AnnualEvaluation | None

    @property
    def is_approved(self) -> bool:
        return self.evaluation is not None and self.evaluation.is_approved

    @property
    def state(self) -> str:
        """Where it stands, in words; a draft is the unit's own, and no more is told of it."""
        return "未起草" if self.evaluation is None else str(self.evaluation.get_status_display())


def children_of(rollup: Rollup) -> list[Child]:
    """The units right below that report on their own and have communities, in code order; streets do not report."""
    units = [one.jurisdiction for one in rollup.children if one.jurisdiction.level != Level.STREET and one.figures.base]
    rows = AnnualEvaluation.objects.filter(
        jurisdiction__in=units, year=rollup.year, campaign__in=family_of(rollup.campaign)
    ).select_related("campaign", "holder", "jurisdiction")
    # Of several under different campaigns the one that has come furthest.
    found = {one.jurisdiction_id: one for one in sorted(rows, key=lambda one: (one.is_approved, one.round, one.pk))}
    return [Child(unit, found.get(unit.pk)) for unit in units]


def texts_below(children: Iterable[Child], title: str) -> str:
    """What the approved evaluations below say under ``title``, a paragraph for each; InvalidInput where there is nothing."""
    told = [
        f"{one.unit}：{text}"
        for one in children
        if one.evaluation and one.is_approved and (text := one.evaluation.text_of(title))
    ]
    if not told:
        raise InvalidInput(f"下级已通过的报告里没有“{title}”这一项的内容，没有可以汇总的。")
    return "\n".join(told)
