"""What people are told of annual plans: that one waits, what was decided, what was changed in an accepted one; and which of it
need not be read any more."""

from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from apps.campaigns.annual_plans import level_above
from apps.campaigns.models import AnnualPlan, Participation, PlanChange
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.message import Message, people_with, place_of
from apps.notifications.models import Notification
from apps.notifications.moments import done_with

Kind = Notification.Kind
Status = AnnualPlan.Status
# What the history calls it where a community came onto a plan, or went.
_LABELS = {PlanChange.Kind.ADDED: "insert", PlanChange.Kind.REMOVED: "delete"}


def submitted_plans() -> QuerySet[AnnualPlan]:
    return _plans().filter(status=Status.SUBMITTED)


def plan_waits(plan: AnnualPlan) -> list[Message]:
    """Whoever decides: of the next level above where somebody works who can."""
    number = f"{plan.communities} 个社区，其中试点 {plan.pilots} 个"
    text = f"{plan.jurisdiction}上报 {number}。" + (f"\n说明：{plan.explanation}" if plan.explanation else "")
    above: Jurisdiction | None = level_above(plan.campaign, plan.jurisdiction)
    while above is not None:
        if people := people_with(above, "review_assessments", but=[plan.submitted_by_id]):
            return [Message(Kind.PLAN, people, f"{plan}待审核", text, _page(plan))]
        above = level_above(plan.campaign, above)
    return []


def withdrawn_plans() -> QuerySet[AnnualPlan]:
    return _plans().filter(status=Status.DRAFT, submitted_at__isnull=False)


def asked_for(plan: AnnualPlan) -> list[str]:
    """Keys of the messages that ask for a decision on the plan, up to this submission."""
    return [f"plan:{plan.pk}:{number}" for number in range(1, plan.round + 1)]


def returned_before(plan: AnnualPlan) -> list[str]:
    """Keys of the messages that ask for the plan to be submitted again, before this submission."""
    return [f"plan-decided:{plan.pk}:{number}" for number in range(1, plan.round)]


def decided_plans() -> QuerySet[AnnualPlan]:
    decided = _plans().filter(status__in=[Status.RETURNED, Status.ACCEPTED])
    return decided.exclude(decided_in=F("jurisdiction"))


def plan_decided(plan: AnnualPlan) -> list[Message]:
    """The unit that made it."""
    people = people_with(plan.jurisdiction, "enrol_communities", but=[plan.decided_by_id])
    if plan.is_accepted:
        text = f"{plan.decided_in}同意。以后的改动须说明理由。"
        return [Message(Kind.PLAN, people, f"{plan}已同意", text, _page(plan))]
    text = f"理由：{plan.return_reason}\n请修改后重新上报。"
    return [Message(Kind.RETURNED, people, f"{plan.decided_in}退回{plan}", text, _page(plan))]


def plan_changes() -> QuerySet[PlanChange]:
    """Changes of plans that a level above has accepted."""
    named = "plan__campaign", "plan__jurisdiction", "plan__decided_in"
    rows = PlanChange.objects.filter(plan__decided_in__isnull=False).select_related(*named)
    return rows.exclude(plan__decided_in=F("plan__jurisdiction"))


def plan_changed(change: Any) -> list[Message]:
    """The level that accepted the plan: what, whether it is a pilot, why, by which document."""
    plan = change.plan
    people = people_with(plan.decided_in, "review_assessments", but=[change.changed_by_id])
    lines = [f"{change.get_kind_display()}：{change.what}。", f"理由：{change.reason}"]
    if (label := _LABELS.get(change.kind)) is not None:
        lines.insert(1, f"其中试点：{'、'.join(_pilots(change, label)) or '没有'}。")
    if change.document_number:
        lines.append(f"文号：{change.document_number}")
    return [Message(Kind.PLAN, people, f"{plan}已同意后有调整", "\n".join(lines), _page(plan))]


def _pilots(change: PlanChange, label: str) -> list[str]:
    """Which of the communities that came or went by a change were pilots, as the change names them."""
    plan = change.plan
    rows = done_with(change, Participation).filter(campaign=plan.campaign_id, year=plan.year, pgh_label=label)
    pilots = rows.filter(is_pilot=True, path__startswith=plan.path).select_related("community__jurisdiction")
    names = {place_of(one.community) for one in pilots}
    return [one for one in change.what.split("、") if one in names]


def _plans() -> QuerySet[AnnualPlan]:
    """With the number of the submission, so that each is told of."""
    named = "campaign__jurisdiction", "jurisdiction", "decided_in"
    return AnnualPlan.objects.select_related(*named).annotate(version=F("round"))


def _page(plan: AnnualPlan) -> str:
    return reverse("annual_plan", args=[plan.pk])
