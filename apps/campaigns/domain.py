"""Verbs of campaigns: enrolling communities, recognising and revoking."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.campaigns.changing import changing
from apps.campaigns.models import AnnualPlan, Campaign, Participation, PlanChange, Recognition
from apps.campaigns.nearest import campaigns_around, executing
from apps.campaigns.plan_keeping import accepted_plans, keep_change, keep_one
from apps.campaigns.refusals import begun, ended, taken_off
from apps.campaigns.rollup import family_of
from apps.campaigns.taking_back import correct_earlier_years
from apps.campaigns.turns import work_under
from apps.communities.models import Community, is_counted_in
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError

Stage = Participation.Stage

# Where a participation may go from each stage; a recognition ends the way.
TRANSITIONS: dict[str, set[str]] = {
    Stage.PLANNED: {Stage.DRAFTING},
    Stage.DRAFTING: {Stage.IN_REVIEW},
    Stage.IN_REVIEW: {Stage.DRAFTING, Stage.RETURNED, Stage.RECOGNISED, Stage.IN_REVIEW},
    Stage.RETURNED: {Stage.IN_REVIEW},
    Stage.RECOGNISED: set(),
}


@dataclass(frozen=True)
class Enrolment:
    """What an enrolment did: newly enrolled, already enrolled before."""

    added: list[Participation]
    unchanged: list[Participation]


@transaction.atomic
def enrol_communities(
    campaign: Campaign,
    year: int,
    communities: Collection[Community],
    *,
    actor: Actor,
    pilots: Collection[int] = (),
    reason: str = "",
    document_number: str = "",
) -> Enrolment:
    """Put ``communities`` on the plan of ``year`` (列入年度创建计划); ``pilots`` holds the ids of those that are 试点.

    A community that takes part already stays as it is. InvalidInput when one lies outside the campaign, is not counted as
    an urban community of that year, or takes part in another campaign of the same line. A plan that waits for the level above
    is locked; one that was accepted takes a ``reason``.
    """
    campaign = work_under(campaign, "不能列入社区")
    if year not in campaign.years:
        raise InvalidInput(f"{year} 年不在“{campaign.name}”的年度（{campaign.first_year}–{campaign.last_year}）内。")
    for community in communities:
        require(actor, "enrol_communities", community.path)
        if not campaign.jurisdiction.contains(community.path):
            raise InvalidInput(f"{community} 不在{campaign.jurisdiction}辖区内，不能列入“{campaign.name}”。")
    ids = {community.pk for community in communities}
    # Two people who enrol the same communities wait for each other here, in one order.
    rows = Community.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    counts = ExpressionWrapper(is_counted_in(year), output_field=BooleanField())
    locked = {one.pk: one for one in rows.annotate(is_counted=counts)}
    if gone := "、".join(str(one) for one in communities if one.pk not in locked):
        raise StaleForm(f"{gone} 刚刚划出{actor.jurisdiction}，没有列入。请刷新后再选。")
    taking_part = {
        one.community_id: one
        for one in Participation.objects.filter(community__in=ids, campaign__in=line_of(campaign)).select_related(
            "campaign"
        )
    }
    added, unchanged = [], []
    for community in {one.pk: one for one in communities}.values():
        if (existing := taking_part.get(community.pk)) is not None:
            if existing.campaign_id != campaign.pk:
                raise InvalidInput(f"{community} 已参加“{existing.campaign.name}”，同一社区不重复参加。")
            unchanged.append(existing)
        elif not locked[community.pk].is_counted:  # type: ignore[attr-defined]
            raise InvalidInput(f"{community} {year} 年不计入城市社区，不能列入计划。请先核对社区库。")
        else:
            added.append(
                Participation(
                    campaign=campaign,
                    community=locked[community.pk],
                    year=year,
                    is_pilot=community.pk in pilots,
                    created_at=clock.now(),
                    created_by=actor.user,
                )
            )
    check_executing(campaign, year, [one.community.path for one in added])
    plans = accepted_plans(campaign, year, [one.community.path for one in added], reason)
    Participation.objects.bulk_create(added)
    for plan in plans:
        new = [one.community for one in added if plan.jurisdiction.contains(one.community.path)]
        keep_change(plan, PlanChange.Kind.ADDED, new, actor=actor, reason=reason, document_number=document_number)
    return Enrolment(added, unchanged)


def check_executing(campaign: Campaign, year: int, paths: Collection[str]) -> None:
    """InvalidInput where a nearer campaign carries ``campaign`` out at one of the ``paths``: plans are made in the nearest one."""
    campaigns = campaigns_around(paths)
    for path in paths:
        if (one := executing(campaign, campaigns, path, year)) is not None:
            raise InvalidInput(
                f"{one.jurisdiction}执行“{one}”，{year} 年度计划在其中编制和上报，不在“{campaign}”中办理。请先切换到“{one}”。"
            )


@transaction.atomic
def remove_from_plan(
    participation: Participation, *, actor: Actor, reason: str = "", document_number: str = ""
) -> None:
    """Take a community off the plan (调出计划), while its self-assessment has not begun; doing it twice has one effect.

    Off an accepted plan with a ``reason``.
    """
    require(actor, "enrol_communities", participation.path)
    locked = _locked(participation)
    if locked is None:
        return
    if locked.ended_on is not None:
        raise TransitionError(ended(locked, "不用调出计划"))
    if locked.stage != Stage.PLANNED:
        raise TransitionError(begun(locked, "不能调出计划；只有未填报的社区可以调出"))
    plans = _plans_of(locked, reason)
    keep_one(locked, PlanChange.Kind.REMOVED, plans, actor=actor, reason=reason, document_number=document_number)
    locked.delete()


@transaction.atomic
def mark_pilot(
    participation: Participation, is_pilot: bool, *, actor: Actor, reason: str = "", document_number: str = ""
) -> Participation:
    """Make a community of the plan a pilot (试点), or no longer one, while its self-assessment has not begun.

    In an accepted plan with a ``reason``.
    """
    require(actor, "enrol_communities", participation.path)
    locked = _locked(participation)
    if locked is None:
        raise TransitionError(
            f"这个社区已调出计划，不能再改试点。{taken_off(participation)}请刷新后核对，需要的可以重新列入。"
        )
    if locked.is_pilot == is_pilot:
        return locked
    if locked.ended_on is not None:
        raise TransitionError(ended(locked, "不能再改试点"))
    if locked.stage != Stage.PLANNED:
        raise TransitionError(begun(locked, "不能再改试点；只有未填报的社区可以改"))
    plans = _plans_of(locked, reason)
    locked.is_pilot = is_pilot
    locked.save(update_fields=["is_pilot"])
    kind = PlanChange.Kind.PILOT if is_pilot else PlanChange.Kind.NO_PILOT
    keep_one(locked, kind, plans, actor=actor, reason=reason, document_number=document_number)
    return locked


def _plans_of(participation: Participation, reason: str) -> list[AnnualPlan]:
    """The accepted plan that a participation stands in, before it changes."""
    campaign = work_under(participation.campaign, "不能改动计划")
    return accepted_plans(campaign, participation.year, [participation.path], reason)


def _locked(participation: Participation) -> Participation | None:
    """Return the row as it stands now, locked; None where somebody took it off the plan meanwhile."""
    rows = Participation.objects.select_for_update(of=("self",)).select_related("community", "campaign")
    return rows.filter(pk=participation.pk).first()


def move_stage(participation: Participation, stage: Participation.Stage) -> None:
    """Move a participation along its way; for the verbs that make the step, which have locked and checked.

    Nothing sets out under a closed campaign; what is on its way goes to its end.
    """
    if stage not in TRANSITIONS[participation.stage]:
        raise TransitionError(f"{participation.community} {participation.get_stage_display()}，不能转为{stage.label}。")
    if participation.stage == Stage.PLANNED:
        work_under(participation.campaign, "不能开始自评")
    participation.stage = stage
    participation.save(update_fields=["stage"])


def recognise_participation(
    participation: Participation, *, year: int, document_number: str, actor: Actor
) -> Recognition:
    """Record the final act (认定); for the review's last step, which has locked and checked."""
    move_stage(participation, Stage.RECOGNISED)
    return Recognition.objects.create(
        participation=participation,
        campaign=participation.campaign,
        community=participation.community,
        year=year,
        document_number=document_number,
        recognised_at=clock.now(),
        recognised_by=actor.user,
    )


@transaction.atomic
def revoke_recognition(recognition: Recognition, reason: str, *, actor: Actor) -> Recognition:
    """Take a recognition back (摘牌) with a reason: it leaves the counts, those of earlier years where they were reported, and
    stays in the history.

    People do so through ``assessments``, where a second approver may have to agree.
    """
    require(actor, "recognise_communities", recognition.path)
    locked = Recognition.objects.select_for_update().get(pk=recognition.pk)
    if locked.revoked_at is not None:
        when = timezone.localtime(locked.revoked_at)
        raise TransitionError(
            f"{locked.community} 已于 {when:%Y-%m-%d %H:%M} 由 {locked.revoked_by} 摘牌，不用再办理。"
        )
    if not reason.strip():
        raise InvalidInput("请填写摘牌理由。")
    locked.revoked_at, locked.revoked_by, locked.revocation_reason = clock.now(), actor.user, reason.strip()
    locked.save(update_fields=["revoked_at", "revoked_by", "revocation_reason"])
    correct_earlier_years(locked)
    return locked


def set_second_approval(campaign: Campaign, on: bool, *, actor: Actor, reason: str = "") -> Campaign:
    """Let recognition and revocation need a second approver (复核), or no longer; what is already proposed is still decided.

    After the opening with a reason.
    """
    with changing(campaign, "rules", actor=actor, reason=reason) as locked:
        locked.needs_second_approval = on
        locked.save(update_fields=["needs_second_approval"])
    return locked


def needs_second_approval(campaign: Campaign) -> bool:
    """Whether ``campaign``, or one that it carries out, asks for a second approver."""
    line = [campaign.pk, *campaigns_above(campaign)]
    return Campaign.objects.filter(pk__in=line, needs_second_approval=True).exists()


def line_of(campaign: Campaign) -> list[int]:
    """Return the ids of the campaigns that count the same community once: ``campaign``, those below it and those above it."""
    return [*family_of(campaign), *campaigns_above(campaign)]


def campaigns_above(campaign: Campaign) -> list[int]:
    """Return the ids of the campaigns that ``campaign`` carries out, the nearest first."""
    ids, above = [], campaign.parent
    while above is not None:
        ids.append(above.pk)
        above = above.parent
    return ids
