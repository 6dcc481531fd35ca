"""Verbs of annual plans (年度创建计划): submitted to the level above, withdrawn, returned, accepted.

What is asked of a plan is in ``plan_shortfalls``; what may be changed in one, and when, in ``plan_keeping``.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.accounts.models import Membership
from apps.accounts.permissions import Actor, require, roles_with
from apps.campaigns.domain import check_executing
from apps.campaigns.models import AnnualPlan, AnnualPlanQuerySet, Campaign, Participation
from apps.campaigns.plan import Sheet, plans_itself, sheet_of
from apps.campaigns.plan_shortfalls import shortfalls
from apps.campaigns.signals import plan_decided, plan_submitted, plan_withdrawn
from apps.campaigns.turns import submit_alone, work_under
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError, stale
from apps.jurisdictions.models import Jurisdiction, paths_down_to

Status = AnnualPlan.Status

_LONGEST_REASON = 1000

# Where a plan may go from each status.
TRANSITIONS: dict[str, set[str]] = {
    Status.DRAFT: {Status.SUBMITTED},
    Status.RETURNED: {Status.SUBMITTED},
    Status.SUBMITTED: {Status.DRAFT, Status.RETURNED, Status.ACCEPTED},
    Status.ACCEPTED: set(),
}


def listed_in(campaign: Campaign, place: Jurisdiction, year: int) -> list[Participation]:
    """The communities that ``place`` plans for the very year, street by street in code order."""
    rows = Participation.objects.below(place.path).going_on().filter(campaign=campaign, year=year)
    found = rows.select_related("community__jurisdiction")
    return sorted(found, key=lambda one: (one.community.jurisdiction.code or "~", one.community.code or "~", one.pk))


def version_of(listed: Sequence[Participation]) -> str:
    """A short sign that is another one as soon as a community or a pilot is."""
    content = sorted((one.community_id, one.is_pilot) for one in listed)
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]


def level_above(campaign: Campaign, place: Jurisdiction) -> Jurisdiction | None:
    """The jurisdiction that a plan goes to: the next one above, None where the campaign has nobody above ``place``.

    [reading] Where nobody works who could decide, the one above that decides in its stead: see ``decided_by``.
    """
    above = paths_down_to(place.path)[:-1]
    inside = Jurisdiction.objects.filter(path__in=above, path__startswith=campaign.jurisdiction.path)
    return inside.order_by("-path").first()


def decided_by(own: Jurisdiction) -> AnnualPlanQuerySet:
    """The plans that ``own`` decides on: of the units right below, and of those further below between which nobody works who
    could; under campaigns of its own or of those above it."""
    return AnnualPlan.objects.below(own.path).filter(answering_to(own), campaign__path__in=paths_down_to(own.path))


def answering_to(own: Jurisdiction, verb: str = "review_assessments", first: str = "jurisdiction__parent") -> Q:
    """The condition that a row of a jurisdiction below goes to ``own``: right above it (at ``first``), or the nearest above it
    where somebody works who may ``verb``."""
    steps = [first, f"{first}__parent", f"{first}__parent__parent"]
    reached = Q(**{steps[0]: own})
    for depth, step in enumerate(steps[1:], 1):
        nobody = [~Q(_somebody_at(nearer, verb)) for nearer in steps[:depth]]
        reached |= Q(*nobody, **{step: own})
    return reached


def may_decide(actor: Actor, plan: AnnualPlan) -> bool:
    """Whether a person may accept or return a plan that waits: of the level above, and not who submitted it."""
    if not plan.is_waiting or not actor.can("review_assessments", plan.path) or actor.user.pk == plan.submitted_by_id:
        return False
    return decided_by(actor.jurisdiction).filter(pk=plan.pk).exists()


@transaction.atomic
def submit_plan(
    campaign: Campaign, place: Jurisdiction, year: int, *, actor: Actor, seen: str, explanation: str = ""
) -> AnnualPlan:
    """Put the plan of a year, as it stood in the version ``seen``, before the level above (上报); it is locked until decided.

    What it lacks wants an ``explanation``. Where the campaign has nobody above, it is confirmed at once. Twice has one effect.
    """
    require(actor, "enrol_communities", place.path)
    if place != actor.jurisdiction or not plans_itself(place):
        raise InvalidInput(f"{place}的年度计划由县（市、区）编制和上报，本级只能查看。")
    campaign = work_under(campaign, "不能上报计划")
    if year not in campaign.years or not campaign.jurisdiction.contains(place.path):
        raise InvalidInput(f"{place} {year} 年不在“{campaign.name}”的范围内。")
    check_executing(campaign, year, [place.path])
    submit_alone(campaign)
    plan, _ = AnnualPlan.objects.get_or_create(campaign=campaign, jurisdiction=place, year=year)
    plan = _locked(plan)
    listed = listed_in(campaign, place, year)
    if plan.is_waiting:
        _check_same(plan, explanation, is_list_seen=version_of(listed) == seen)
        return plan
    if plan.is_accepted:
        raise TransitionError(f"{plan}{decided(plan)}，不用再上报。要改动的，直接在计划里改，并说明理由。")
    if version_of(listed) != seen:
        raise stale(seen, f"核对以后，{plan}又有改动，还没有上报。请核对最新名单后再上报。")
    sheet = sheet_of(campaign, place, year)
    if (lacking := shortfalls(sheet, listed)) and not explanation.strip():
        raise InvalidInput(f"计划还有不足：{'；'.join(lacking)}。可以上报，请先填写说明。")
    _freeze(plan, sheet, listed, explanation, actor)
    if level_above(campaign, place) is None:
        _decide([plan], Status.ACCEPTED, actor)
    else:
        plan_submitted.send(sender=AnnualPlan, row=plan)
    return plan


@transaction.atomic
def withdraw_plan(plan: AnnualPlan, *, actor: Actor, seen: int | None = None) -> AnnualPlan:
    """Take a plan back that nobody has decided on (撤回): it may be changed again. Doing it twice has one effect.

    ``seen``: the submission that the page showed; StaleForm where it has been submitted anew since.
    """
    require(actor, "enrol_communities", plan.path)
    plan = _locked(plan)
    if plan.jurisdiction != actor.jurisdiction:
        raise PermissionDenied(f"{plan}由{plan.jurisdiction}撤回。")
    if plan.status == Status.DRAFT:
        return plan
    if plan.is_waiting and seen not in (None, plan.round):
        raise StaleForm(f"{plan}后来又重新上报过，没有撤回。请核对最新名单，要撤回的再点一次。")
    _go(plan, Status.DRAFT)
    plan.save(update_fields=["status"])
    plan_withdrawn.send(sender=AnnualPlan, row=plan)
    return plan


@transaction.atomic
def return_plan(plan: AnnualPlan, reason: str, *, actor: Actor, seen: int) -> AnnualPlan:
    """Give a plan back to be changed (退回), with a reason; ``seen`` is the submission that the page showed."""
    if not reason.strip():
        raise InvalidInput("请填写退回理由。")
    reason = reason.strip()
    if len(reason) > _LONGEST_REASON:
        raise InvalidInput(f"退回理由有 {len(reason)} 字，超过 {_LONGEST_REASON} 字，请缩短。")
    plan = _to_decide(plan, Status.RETURNED, actor, seen, reason)
    if plan.is_waiting:
        _decide([plan], Status.RETURNED, actor, reason)
    return plan


@transaction.atomic
def accept_plan(plan: AnnualPlan, *, actor: Actor, seen: int) -> AnnualPlan:
    """Accept a plan (同意) as it was submitted in ``seen``; from now on a change of it has a reason."""
    plan = _to_decide(plan, Status.ACCEPTED, actor, seen)
    if plan.is_waiting:
        _decide([plan], Status.ACCEPTED, actor)
    return plan


@transaction.atomic
def accept_plans(chosen: Mapping[int, int], *, actor: Actor) -> list[AnnualPlan]:
    """Accept several plans at once, by id with the submission that the page showed: all of them or none."""
    if not chosen:
        raise InvalidInput("请先勾选要同意的计划。")
    require(actor, "review_assessments")
    mine = decided_by(actor.jurisdiction).filter(pk__in=chosen).values_list("pk", flat=True)
    if len(plans := _lock(mine)) != len(chosen):
        raise InvalidInput("有的计划不由本级审核，没有办理。请刷新后再选。")
    for one in plans:
        _check_decision(one, Status.ACCEPTED, actor, chosen[one.pk])
    _decide([one for one in plans if one.is_waiting], Status.ACCEPTED, actor)
    return plans


def decided(plan: AnnualPlan) -> str:
    """Who decided what, and when: 已于 2022-08-15 10:20 由楚雄彝族自治州李四同意."""
    at = f"{timezone.localtime(plan.decided_at):%Y-%m-%d %H:%M}" if plan.decided_at else ""
    done = "确认" if plan.is_its_own else "同意" if plan.is_accepted else "退回"
    return f"已于 {at} 由{plan.decided_in}{plan.decided_by}{done}"


def _to_decide(plan: AnnualPlan, status: Status, actor: Actor, seen: int, reason: str = "") -> AnnualPlan:
    """The locked plan, for whoever may decide on it; one that is decided so already comes back as it is."""
    require(actor, "review_assessments", plan.path)
    if not decided_by(actor.jurisdiction).filter(pk=plan.pk).exists():
        raise PermissionDenied(f"{plan}由上一级审核，您所在的{actor.jurisdiction}不办理。")
    plan = _locked(plan)
    _check_decision(plan, status, actor, seen, reason)
    return plan


def _check_decision(plan: AnnualPlan, status: Status, actor: Actor, seen: int, reason: str = "") -> None:
    """Refuse what cannot be decided (any more). Accepted already is no refusal; returned already is none to the same person
    with the same ``reason``: another one's would be lost."""
    is_the_same = status != Status.RETURNED or (plan.decided_by_id, plan.return_reason) == (actor.user.pk, reason)
    if plan.status == status and plan.round == seen and is_the_same:
        return
    if plan.status in (Status.ACCEPTED, Status.RETURNED):
        raise TransitionError(f"{plan}{decided(plan)}，不能再办理。")
    if not plan.is_waiting:
        raise TransitionError(f"{plan}已由{plan.jurisdiction}撤回，还没有重新上报，现在不用办理。")
    if plan.round != seen:
        raise StaleForm(f"{plan}已撤回修改、重新上报。请核对最新名单后再办理。")
    if plan.submitted_by_id == actor.user.pk:
        raise PermissionDenied("这份计划是您上报的，请由其他人员审核。")


def _check_same(plan: AnnualPlan, explanation: str, *, is_list_seen: bool) -> None:
    """Refuse a second submission of what waits already, where its list or its ``explanation`` is another one: it would be lost."""
    if is_list_seen and plan.explanation == explanation.strip():
        return
    what = "说明" if is_list_seen else "名单"
    at = f"{timezone.localtime(plan.submitted_at):%Y-%m-%d %H:%M}" if plan.submitted_at else ""
    raise StaleForm(
        f"{plan}已于 {at} 由{plan.submitted_by}上报，{what}和您这次的不同，没有再上报。请核对已上报的计划；要改动的，先撤回。"
    )


def _locked(plan: AnnualPlan) -> AnnualPlan:
    return _lock([plan.pk])[0]


def _lock(ids: Iterable[int]) -> list[AnnualPlan]:
    """The plans as they stand now, locked in one order."""
    rows = AnnualPlan.objects.filter(pk__in=list(ids)).order_by("pk")
    # Read after the wait: what a statement joins to the rows that it waits for stays as it was before.
    list(rows.select_for_update().values_list("pk"))
    return list(rows.select_related("campaign", "jurisdiction", "submitted_by", "decided_by", "decided_in"))


def _freeze(plan: AnnualPlan, sheet: Sheet, listed: Sequence[Participation], explanation: str, actor: Actor) -> None:
    """Note what is submitted."""
    _go(plan, Status.SUBMITTED)
    plan.round += 1
    plan.communities, plan.pilots = len(listed), sum(one.is_pilot for one in listed)
    plan.enrolled, plan.wanted = sheet.rollup.total.figures.enrolled, sheet.rollup.total.wanted
    plan.explanation = explanation.strip()
    plan.submitted_at, plan.submitted_by = clock.now(), actor.user
    plan.decided_at, plan.decided_by, plan.decided_in, plan.return_reason = None, None, None, ""
    plan.save()


def _decide(plans: Sequence[AnnualPlan], status: Status, actor: Actor, reason: str = "") -> None:
    for plan in plans:
        _go(plan, status)
        plan.decided_at, plan.decided_by, plan.decided_in = clock.now(), actor.user, actor.jurisdiction
        plan.return_reason = reason
    AnnualPlan.objects.bulk_update(plans, ["status", "decided_at", "decided_by", "decided_in", "return_reason"])
    for plan in plans:
        if actor.jurisdiction != plan.jurisdiction:
            plan_decided.send(sender=AnnualPlan, row=plan)


def _go(plan: AnnualPlan, status: Status) -> None:
    if status not in TRANSITIONS[plan.status]:
        done = decided(plan) if plan.decided_at else plan.state
        raise TransitionError(f"{plan}{done}，不能转为{status.label}。")
    plan.status = status


def _somebody_at(place: str, verb: str) -> Exists:
    return Exists(Membership.objects.effective().filter(jurisdiction=OuterRef(place), role__in=roles_with(verb)))
