"""接收认定: recognitions of earlier years, made on paper before the campaign ran here, become recognitions on one decision."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import BooleanField, Case, Exists, OuterRef, When

from apps.accounts.permissions import Actor, require
from apps.campaigns.domain import campaigns_above, needs_second_approval
from apps.campaigns.last_level import recognises
from apps.campaigns.models import Adoption, Campaign, Participation, PlanChange, Recognition
from apps.campaigns.nearest import campaigns_around, executing
from apps.campaigns.plan_keeping import accepted_plans, keep_change
from apps.campaigns.rollup import family_of
from apps.campaigns.turns import work_under
from apps.communities.models import Community, is_counted_in
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError

Stage = Participation.Stage

_NAMED = 5


@dataclass(frozen=True)
class Standing:
    """How a community stands in the campaign: ``year`` of its standing recognition, if any; ``obstacle``: why it cannot be taken
    over, '' where it can."""

    year: int | None = None
    obstacle: str = ""


@dataclass(frozen=True)
class Adopted:
    """What an adoption did: taken over now, and recognised for the same year before; ``adoption`` is None where all were."""

    adoption: Adoption | None
    added: list[Recognition]
    unchanged: list[Community]


def years_to_adopt(campaign: Campaign) -> list[int]:
    """The years whose recognitions may be taken over: the campaign's that are past; those of this year go through the chain."""
    return [year for year in campaign.years if year < clock.today().year]


def refuse_others(campaign: Campaign, actor: Actor) -> None:
    """PermissionDenied for everybody but approvers of the last level; TransitionError where one person alone may not decide."""
    require(actor, "recognise_communities")
    if not recognises(actor.jurisdiction, campaign):
        raise PermissionDenied(f"接收认定由“{campaign}”的认定单位办理，{actor.jurisdiction}不是认定单位。")
    if needs_second_approval(campaign):
        raise TransitionError(
            f"“{campaign}”的认定须两人复核，接收认定由一人作出，不能办理。"
            "请先由创建行动的管理人员说明理由停用复核，接收后再启用。"
        )


def standings(campaign: Campaign, wanted: Mapping[int, int]) -> dict[int, Standing]:
    """How the communities (ids) stand that are to be taken over, each for its year. A fixed number of queries, one more a year."""
    years = set(wanted.values())
    counts = {
        f"counted_{year}": Case(When(is_counted_in(year), then=True), default=False, output_field=BooleanField())
        for year in years
    }
    communities = {one.pk: one for one in Community.objects.filter(pk__in=wanted).annotate(**counts)}
    line = [*family_of(campaign), *campaigns_above(campaign)]
    standing = Exists(Recognition.objects.standing().filter(participation=OuterRef("pk")))
    parts = Participation.objects.filter(community__in=wanted, campaign__in=line).select_related("campaign")
    taking_part = {one.community_id: one for one in parts.annotate(is_recognised=standing)}
    recognised = Recognition.objects.standing().filter(community__in=wanted, campaign__in=line)
    recognised_in = dict(recognised.values_list("community", "year"))
    around = campaigns_around({one.path for one in communities.values()})
    found = {}
    for pk, community in communities.items():
        year = wanted[pk]
        if (before := recognised_in.get(pk)) is not None:
            obstacle = "" if before == year else f"系统中已认定为 {before} 年"
        elif (part := taking_part.get(pk)) is not None:
            obstacle = _taking_part(part)
        elif (nearer := executing(campaign, around, community.path, year)) is not None:
            obstacle = f"{nearer.jurisdiction}执行“{nearer}”，请在其中接收"
        elif not getattr(community, f"counted_{year}"):
            obstacle = f"{year} 年不计入城市社区，请先核对社区库"
        else:
            obstacle = ""
        found[pk] = Standing(before, obstacle)
    return found


def _taking_part(part: Participation) -> str:
    if part.stage == Stage.RECOGNISED:
        return "系统中已摘牌，恢复须重新认定"
    if part.ended_on is not None:
        return f"已于 {part.ended_on:%Y-%m-%d} 随社区终止创建"
    if part.stage == Stage.PLANNED:
        return f"已列入“{part.campaign}”{part.year} 年计划，请先调出计划"
    return f"正在“{part.campaign}”中办理（{part.get_stage_display()}），按审核程序认定"


@transaction.atomic
def adopt_recognitions(
    campaign: Campaign,
    chosen: Mapping[int, int],
    *,
    document_number: str,
    decided_on: date,
    reason: str,
    sources: str,
    actor: Actor,
) -> Adopted:
    """Take over the recognition of the communities ``chosen`` (ids, each with its year) on one decision; all of them or none.

    Nothing that stands is overwritten: who is recognised for the same year stays as it is, so that doing it twice has one effect,
    and whatever else stands against one is told with its name.
    """
    campaign = work_under(campaign, "不能接收认定")
    refuse_others(campaign, actor)
    number, reason = document_number.strip(), reason.strip()
    _check_decision(campaign, chosen, number, decided_on, reason)
    # Two people who take over the same communities wait for each other here, in one order.
    rows = Community.objects.below(actor.jurisdiction.path).filter(pk__in=chosen)
    locked = {one.pk: one for one in rows.select_for_update(no_key=True, of=("self",)).order_by("pk")}
    if len(locked) < len(chosen):
        raise InvalidInput(f"有 {len(chosen) - len(locked)} 个社区已不在{actor.jurisdiction}辖区内，请重新上传。")
    found = standings(campaign, chosen)
    _refuse([f"{locked[pk]}：{one.obstacle}" for pk, one in found.items() if one.obstacle])
    new = {pk: chosen[pk] for pk, one in found.items() if one.year is None}
    unchanged = [locked[pk] for pk, one in found.items() if one.year is not None]
    if not new:
        return Adopted(None, [], unchanged)
    adoption = Adoption.objects.create(
        campaign=campaign,
        jurisdiction=actor.jurisdiction,
        document_number=number,
        decided_on=decided_on,
        reason=reason,
        sources=sources,
        adopted_at=clock.now(),
        adopted_by=actor.user,
    )
    return Adopted(adoption, _add(adoption, new, locked, actor), unchanged)


def _check_decision(campaign: Campaign, chosen: Mapping[int, int], number: str, decided_on: date, reason: str) -> None:
    if not chosen:
        raise InvalidInput("没有选定要接收的社区。")
    if not number:
        raise InvalidInput("请填写文号，例如“楚住建城〔2022〕46号”。")
    if not reason:
        raise InvalidInput("请填写接收理由，例如“系统启用前已认定，依据各县市报送的附件2接收”。")
    if decided_on > clock.today():
        raise InvalidInput(f"文件日期 {decided_on:%Y-%m-%d} 还没有到，请核对。")
    years = years_to_adopt(campaign)
    if wrong := sorted(set(chosen.values()) - set(years)):
        said = f"{years[0]}–{years[-1]} 年" if years else "以往年度（现在没有）"
        raise InvalidInput(f"{wrong[0]} 年的认定不能接收：只接收行动期内{said}的，本年度的按审核程序认定。")
    if (last := max(chosen.values())) > decided_on.year:
        raise InvalidInput(f"文件日期 {decided_on:%Y-%m-%d} 早于认定年度 {last} 年，请核对。")


def _refuse(obstacles: Collection[str]) -> None:
    if obstacles:
        first, more = list(obstacles)[:_NAMED], len(obstacles) - _NAMED
        raise InvalidInput("；".join(first) + (f"；另有 {more} 个" if more > 0 else "") + "。请去掉后再接收。")


def _add(
    adoption: Adoption, new: Mapping[int, int], communities: Mapping[int, Community], actor: Actor
) -> list[Recognition]:
    campaign, number, reason = adoption.campaign, adoption.document_number, adoption.reason
    for year in sorted(set(new.values())):
        here = [communities[pk] for pk, one in new.items() if one == year]
        for plan in accepted_plans(campaign, year, [one.path for one in here], reason):
            added = [one for one in here if plan.jurisdiction.contains(one.path)]
            keep_change(plan, PlanChange.Kind.ADDED, added, actor=actor, reason=reason, document_number=number)
    parts = Participation.objects.bulk_create(
        Participation(
            campaign=campaign,
            community=communities[pk],
            year=year,
            stage=Stage.RECOGNISED,
            created_at=adoption.adopted_at,
            created_by=actor.user,
        )
        for pk, year in new.items()
    )
    return Recognition.objects.bulk_create(
        Recognition(
            participation=one,
            campaign=campaign,
            community=one.community,
            year=one.year,
            document_number=number,
            recognised_at=clock.midnight(adoption.decided_on),
            adoption=adoption,
            authority=adoption.jurisdiction,
        )
        for one in parts
    )
