"""What becomes of annual plans when communities come to another unit: no plan moves, and none changes silently.

A plan stays with the unit that made it, as history where the unit is closed. One that waits goes back where its list is another
one now, or its unit is no more; in one that was accepted the change is kept with its document.
"""

from collections import Counter
from collections.abc import Collection

from apps.campaigns.models import AnnualPlan, Participation, PlanChange
from apps.campaigns.plan_keeping import keep_words
from apps.campaigns.signals import plan_withdrawn
from apps.jurisdictions.models import Jurisdiction, paths_down_to
from apps.reorganisations.carrying_out import Effect, effect
from apps.reorganisations.models import JurisdictionChange

Status = AnnualPlan.Status


def settle_plans(
    change: JurisdictionChange, communities: Collection[int], left: Jurisdiction | None, joined: Jurisdiction
) -> list[Effect]:
    """After ``communities`` (ids) have come from ``left`` to ``joined``: settle the plans of this year and later on either side."""
    if left is None:
        return []
    apart = set(paths_down_to(left.path)) ^ set(paths_down_to(joined.path))
    plans = AnnualPlan.objects.select_for_update(of=("self",)).filter(
        path__in=apart, year__gte=change.effective_on.year, status__in=[Status.SUBMITTED, Status.ACCEPTED]
    )
    moved = _moved(communities, change.effective_on.year)
    effects: list[Effect] = []
    for plan in plans.select_related("jurisdiction").order_by("pk"):
        number, came = moved[plan.campaign_id, plan.year], plan.jurisdiction.contains(joined.path)
        what = f"{f'由{left}划入' if came else f'划归{joined}'} {number} 个社区"
        if plan.is_waiting and plan.jurisdiction == left and change.kind == JurisdictionChange.Kind.MERGE:
            effects.append(_withdraw(plan, what if number else f"并入{joined}"))
        elif plan.is_waiting and number:
            effects.append(_withdraw(plan, f"{what}，请核对后重新上报"))
        elif number:
            effects.append(_keep(change, plan, what))
    return effects


def _withdraw(plan: AnnualPlan, note: str) -> Effect:
    plan.status = Status.DRAFT
    plan.save(update_fields=["status"])
    plan_withdrawn.send(sender=AnnualPlan, row=plan)
    return effect("年度创建计划", plan, "撤回上报", note, "warning")


def _keep(change: JurisdictionChange, plan: AnnualPlan, what: str) -> Effect:
    kind, reason, number = PlanChange.Kind.REORGANISED, change.reason, change.document_number
    keep_words(plan, kind, what, user=change.recorded_by, reason=reason, document_number=number)
    return effect("年度创建计划", plan, "记入计划调整", what)


def _moved(communities: Collection[int], year: int) -> Counter[tuple[int, int]]:
    """How many of the communities stand in the plans of each campaign and year."""
    rows = Participation.objects.going_on().filter(community__in=communities, year__gte=year)
    return Counter(rows.values_list("campaign", "year"))
