"""Verbs that open a campaign, extend or shorten it, close it and open it again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Unpack

from django.db import transaction
from django.db.models import Count, Q

from apps.accounts.permissions import Actor
from apps.campaigns.changing import Ground, Kind, changing, closed, keep_change, lock
from apps.campaigns.checks import remarks_on
from apps.campaigns.due_dates import ONCE, moved_to
from apps.campaigns.issuing import check_head
from apps.campaigns.models import AnnualPlan, Campaign, Milestone, Participation, Recognition, Target
from apps.campaigns.rollup import family_of
from apps.campaigns.telling import version_of
from apps.core.errors import InvalidInput, TransitionError, stale

Status = Campaign.Status
Stage = Participation.Stage

# Where a campaign may go from each status; a draft that is given up is deleted.
TRANSITIONS: dict[str, set[str]] = {
    Status.DRAFT: {Status.OPEN},
    Status.OPEN: {Status.CLOSED},
    Status.CLOSED: {Status.OPEN},
}


@dataclass(frozen=True)
class Unfinished:
    """What is still on its way in a campaign: communities by how far they are."""

    planned: int = 0
    under_way: int = 0

    def __str__(self) -> str:
        parts = [f"自评、审核还没有办结的 {self.under_way} 个", f"列入计划还没有开始自评的 {self.planned} 个"]
        said = [part for part, number in zip(parts, (self.under_way, self.planned), strict=True) if number]
        return "，".join(said)


def unfinished(campaign: Campaign) -> Unfinished:
    """Count what a campaign has still on its way."""
    under_way = ~Q(stage__in=(Stage.PLANNED, Stage.RECOGNISED))
    counted = Participation.objects.going_on().filter(campaign=campaign)
    numbers = counted.aggregate(planned=Count("pk", Q(stage=Stage.PLANNED)), under_way=Count("pk", under_way))
    return Unfinished(**numbers)


@transaction.atomic
def open_campaign(campaign: Campaign, *, actor: Actor, seen: str) -> Campaign:
    """Open a draft as it stood in the version ``seen``: everybody below sees it and communities can be enrolled.

    InvalidInput names everything that stands in the way. Doing it twice has one effect.
    """
    locked = lock(campaign, actor=actor)
    if locked.is_open:
        return locked
    if not locked.is_draft:
        raise TransitionError(closed(locked))
    if version_of(locked) != seen:
        raise stale(seen, f"核对以后，“{locked}”又有改动，还没有开展。请核对最新内容后再开展。")
    if obstacles := [str(one) for one in remarks_on(locked) if one.blocks]:
        raise InvalidInput("还不能开展。" + "；".join(obstacles) + "。")
    return _go(locked, Status.OPEN, Kind.OPENED, actor=actor, reason="")


@transaction.atomic
def close_campaign(campaign: Campaign, *, actor: Actor, reason: str, document_number: str = "") -> Campaign:
    """Close a campaign (结束): nothing new is enrolled and no self-assessment begins; those on their way go to their end.

    [reading] Closing does not undo anything: recognitions stand, and what has begun may still be recognised.
    """
    locked = lock(campaign, actor=actor)
    if locked.status == Status.CLOSED:
        return locked
    return _go(locked, Status.CLOSED, Kind.CLOSED, actor=actor, reason=reason, document_number=document_number)


@transaction.atomic
def reopen_campaign(campaign: Campaign, *, actor: Actor, reason: str, document_number: str = "") -> Campaign:
    """Open a closed campaign again (重新开展), with a reason."""
    locked = lock(campaign, actor=actor)
    if locked.is_open:
        return locked
    if locked.is_draft:
        raise TransitionError(f"“{locked}”还是草稿，请核对后开展。")
    return _go(locked, Status.OPEN, Kind.REOPENED, actor=actor, reason=reason, document_number=document_number)


def change_years(campaign: Campaign, first_year: int, last_year: int, **ground: Unpack[Ground]) -> Campaign:
    """Change first and last year; what recurs up to the last year goes on to the new one.

    An opened campaign is extended (延长) by a document. A year falls away only where nothing is planned, recognised, targeted
    or issued below in it.
    """
    with changing(campaign, "years", **ground) as locked:
        before = locked.last_year
        if last_year > before and not locked.is_draft and not ground.get("document_number", "").strip():
            raise InvalidInput("请填写延长所依据的文号。")
        falling = [year for year in locked.years if not first_year <= year <= last_year]
        check_head(locked.jurisdiction, {"first_year": first_year, "last_year": last_year, "standard": locked.standard})
        if falling and (held := list(_held_in(locked, falling))):
            raise InvalidInput(f"不能缩短：{'；'.join(held)}。")
        locked.first_year, locked.last_year = first_year, last_year
        locked.save(update_fields=["first_year", "last_year"])
        for one in locked.milestones.all():
            _follow(one, locked, before)
    return locked


def continued(milestone: Milestone, years: tuple[int, int], last_year_before: int) -> list[date]:
    """The due dates of a milestone in a campaign whose years are ``years`` now: what recurs goes on, or ends earlier."""
    if milestone.recurrence == ONCE:
        return list(milestone.dates)
    dates = moved_to(milestone.recurrence, milestone.dates, 0, (last_year_before, years[1]))
    return [day for day in dates if years[0] <= day.year <= years[1]]


def _follow(milestone: Milestone, campaign: Campaign, last_year_before: int) -> None:
    dates = continued(milestone, (campaign.first_year, campaign.last_year), last_year_before)
    if dates != milestone.dates:
        milestone.dates = dates
        milestone.save(update_fields=["dates"])


def _held_in(campaign: Campaign, falling: list[int]) -> Iterator[str]:
    """What is there in years that are to fall away."""
    family, span = family_of(campaign), "、".join(map(str, falling))
    if number := Participation.objects.filter(campaign__in=family, year__in=falling).count():
        yield f"{span} 年的计划里有 {number} 个社区"
    if number := Recognition.objects.filter(campaign__in=family, year__in=falling).count():
        yield f"{span} 年认定了 {number} 个社区"
    if number := AnnualPlan.objects.filter(campaign=campaign, year__in=falling).exclude(status="draft").count():
        yield f"{span} 年上报了 {number} 份年度计划"
    if number := Target.objects.filter(campaign=campaign, year__in=falling).count():
        yield f"{span} 年定了 {number} 个目标，请先清除"
    below = Campaign.objects.issued().filter(parent=campaign)
    for one in below:
        if set(one.years) & set(falling):
            yield f"下级行动“{one}”的年度是 {one.first_year}–{one.last_year}"


def _go(
    locked: Campaign, status: Status, kind: Kind, *, actor: Actor, reason: str, document_number: str = ""
) -> Campaign:
    if status not in TRANSITIONS[locked.status]:
        raise TransitionError(f"“{locked}”{locked.get_status_display()}，不能转为{status.label}。")
    before = {"状态": locked.get_status_display()}
    after = {"状态": str(status.label)}
    if kind == Kind.CLOSED and (left := str(unfinished(locked))):
        after["结束时"] = left
    if kind == Kind.OPENED:
        after["年度"] = f"{locked.first_year}–{locked.last_year}"
    locked.status = status
    locked.save(update_fields=["status"])
    keep_change(locked, kind, before, after, actor=actor, reason=reason, document_number=document_number)
    return locked
