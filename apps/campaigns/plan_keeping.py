"""What an annual plan asks of whoever changes it: nothing while it is being made, to wait while it lies with the level above, a
reason once it is accepted."""

from collections.abc import Collection, Iterable

from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.permissions import Actor
from apps.campaigns.models import AnnualPlan, Campaign, Participation, PlanChange
from apps.campaigns.signals import plan_changed
from apps.campaigns.turns import plan_together
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import paths_down_to

Kind = PlanChange.Kind
Status = AnnualPlan.Status


def accepted_plans(campaign: Campaign, year: int, paths: Collection[str], reason: str) -> list[AnnualPlan]:
    """Return the accepted plans of ``year`` that hold what lies at ``paths``, before something changes there.

    TransitionError where one waits for the level above; InvalidInput where one is accepted and there is no ``reason``. Until the
    end of the transaction no plan of the campaign is submitted.
    """
    plan_together(campaign)
    above = {path for one in set(paths) for path in paths_down_to(one)}
    plans = AnnualPlan.objects.filter(campaign=campaign, year=year, path__in=above).order_by("path")
    found = list(plans.select_related("jurisdiction", "submitted_by", "campaign"))
    if waiting := next((one for one in found if one.is_waiting), None):
        raise TransitionError(locked(waiting))
    accepted = [one for one in found if one.is_accepted]
    if accepted and not reason.strip():
        one = accepted[0]
        raise InvalidInput(f"{one.jurisdiction} {year} 年计划{_accepted(one)}，改动须说明理由。请填写调整理由。")
    return accepted


def locked(plan: AnnualPlan) -> str:
    """Why a waiting plan is not changed: by whom and when it was submitted, and the way out."""
    at = f"{timezone.localtime(plan.submitted_at):%Y-%m-%d %H:%M}" if plan.submitted_at else ""
    return (
        f"{plan.jurisdiction} {plan.year} 年计划已于 {at} 由{plan.submitted_by}上报，等待上级审核，现在不能改动。"
        "要改动的，请先撤回上报，或由上级退回。"
    )


def keep_change(
    plan: AnnualPlan,
    kind: Kind,
    communities: Iterable[Community],
    *,
    actor: Actor,
    reason: str,
    document_number: str = "",
) -> PlanChange:
    """Keep what was changed of an accepted plan, in words, and why."""
    return keep_words(plan, kind, named(communities), user=actor.user, reason=reason, document_number=document_number)


def keep_words(
    plan: AnnualPlan, kind: Kind, what: str, *, user: User | None, reason: str, document_number: str = ""
) -> PlanChange:
    """Keep a change of an accepted plan that is told otherwise than by its communities."""
    change = PlanChange.objects.create(
        plan=plan,
        kind=kind,
        what=what,
        reason=reason.strip(),
        document_number=document_number.strip(),
        changed_at=clock.now(),
        changed_by=user,
    )
    plan_changed.send(sender=PlanChange, row=change)
    return change


def named(communities: Iterable[Community]) -> str:
    """Communities with their streets, in code order: 鹿城镇龙江社区、…."""
    ids = [one.pk for one in communities]
    found = Community.objects.filter(pk__in=ids).select_related("jurisdiction").in_code_order()
    return "、".join(f"{one.jurisdiction}{one}" for one in found)


def keep_one(
    participation: Participation,
    kind: Kind,
    plans: Iterable[AnnualPlan],
    *,
    actor: Actor,
    reason: str,
    document_number: str,
) -> None:
    """Keep a change of one community in whatever accepted plan holds it."""
    for plan in plans:
        keep_change(plan, kind, [participation.community], actor=actor, reason=reason, document_number=document_number)


def _accepted(plan: AnnualPlan) -> str:
    return "已确认" if plan.is_its_own else f"已经{plan.decided_in}同意"
