"""Verbs of bulletins (通报): draft, edit, discard, publish, withdraw; and what they are made of."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.bulletins.models import Bulletin
from apps.bulletins.ranking import PRAISED, URGED, Place, RankedUnit, ranked
from apps.bulletins.signals import bulletin_published, bulletin_withdrawn
from apps.campaigns.models import Campaign
from apps.campaigns.progress import aim_of
from apps.campaigns.rollup import Rollup, roll_up
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.history import was_deleted
from apps.core.rounding import round_half_up
from apps.jurisdictions.models import Jurisdiction, Level
from apps.progress.table import children_name

Status = Bulletin.Status

_STALE = "这份通报刚刚由同事改过，{deed}。请核对后再办理。"


@dataclass(frozen=True)
class Wording:
    """What a draft says: its words, by what it ranks, and the ids of the units that it praises and urges."""

    title: str
    document_number: str
    text: str
    ranked_by: str
    praised: frozenset[int]
    urged: frozenset[int]


def bulletins_for(actor: Actor) -> QuerySet[Bulletin]:
    """The bulletins that an office sees: its own with the drafts, published ones of its area and of those above it."""
    seen = Q(jurisdiction=actor.jurisdiction) | ~Q(status=Status.DRAFT)
    return Bulletin.objects.filter(seen).select_related("campaign__jurisdiction", "jurisdiction", "published_by")


def units_of(rollup: Rollup) -> list[RankedUnit]:
    """What is ranked: the units right below, in code order."""
    return [
        RankedUnit(
            line.jurisdiction.pk, line.jurisdiction.name, line.figures.base, line.figures.cumulative, line.wanted
        )
        for line in rollup.children
    ]


def live_units(bulletin: Bulletin) -> list[RankedUnit]:
    """What a draft would say today."""
    return units_of(roll_up(bulletin.campaign, bulletin.jurisdiction, bulletin.year))


def places_of(bulletin: Bulletin) -> list[Place]:
    """The ranking: a draft's of today, a published one's of the day it was published."""
    units = live_units(bulletin) if bulletin.status == Status.DRAFT else bulletin.frozen
    marks = dict.fromkeys(bulletin.praised, PRAISED) | dict.fromkeys(bulletin.urged, URGED)
    return [Place(number, one, marks.get(one.jurisdiction, "")) for number, one in ranked(units, bulletin.ranked_by)]


def is_told_to(actor: Actor, bulletin: Bulletin) -> bool:
    """Whether a person who sees that there is a bulletin reads its words: of a withdrawn one only the office itself does."""
    return bulletin.jurisdiction == actor.jurisdiction or bulletin.status != Status.WITHDRAWN


@transaction.atomic
def draft_bulletin(campaign: Campaign, year: int, *, actor: Actor) -> Bulletin:
    """Draft a bulletin of the actor's jurisdiction on a year of a campaign, in sentences made of today's figures.

    A second click returns the draft of the same day that nobody has touched yet.
    """
    here = actor.jurisdiction
    require(actor, "draft_bulletins", here.path)
    if here.level == Level.STREET:
        raise PermissionDenied("通报由县级以上单位印发，街道（镇、乡）不用拟稿。")
    if year not in campaign.years or not campaign.jurisdiction.contains(here.path):
        raise InvalidInput(f"“{campaign}”在{here}没有 {year} 年度，请重新选择创建行动和年度。")
    # The unit's row is the queue in which two clicks stand.
    Jurisdiction.objects.select_for_update().get(pk=here.pk)
    mine = {"campaign": campaign, "jurisdiction": here, "year": year, "created_by": actor.user}
    same = Bulletin.objects.filter(**mine, status=Status.DRAFT, version=1, created_at__date=clock.today()).first()
    if same is not None:
        return same
    rollup = roll_up(campaign, here, year)
    if not rollup.children:
        raise InvalidInput(f"{here}没有下级单位，没有可以通报的内容。")
    title = f"关于{year}年绿色社区创建行动进展情况的通报"
    return Bulletin.objects.create(**mine, title=title, text=_usual_words(rollup), created_at=clock.now())


@transaction.atomic
def edit_bulletin(bulletin: Bulletin, wording: Wording, *, actor: Actor, seen: int) -> Bulletin:
    """Change a draft; ``seen``: the version that the form showed."""
    locked = _locked(bulletin, "draft_bulletins", actor)
    _require_draft(locked, "修改")
    if seen != locked.version:
        raise StaleForm(_STALE.format(deed="您的修改没有保存"))
    _check(wording, {one.jurisdiction for one in live_units(locked)})
    locked.title, locked.text = wording.title.strip(), wording.text.strip()
    locked.document_number, locked.ranked_by = wording.document_number.strip(), wording.ranked_by
    locked.praised, locked.urged = sorted(wording.praised), sorted(wording.urged)
    locked.version += 1
    locked.save()
    return locked


@transaction.atomic
def discard_bulletin(bulletin: Bulletin, *, actor: Actor) -> None:
    """Throw a draft away; doing it twice has one effect."""
    require_own(bulletin, "draft_bulletins", actor)
    locked = Bulletin.objects.select_for_update(of=("self",)).filter(pk=bulletin.pk).first()
    if locked is not None:
        _require_draft(locked, "删除")
        locked.delete()


def was_discarded(pk: int, actor: Actor) -> bool:
    """Whether there was a draft of the actor's office with this id that is thrown away, for who may do that."""
    return actor.can("draft_bulletins") and was_deleted(Bulletin, pk, jurisdiction=actor.jurisdiction)


@transaction.atomic
def publish_bulletin(bulletin: Bulletin, *, actor: Actor, seen: int) -> Bulletin:
    """Publish a draft (印发通报): all below read it; its figures are those of today from now on.

    Done twice by one person it has one effect.
    """
    locked = _locked(bulletin, "publish_bulletins", actor)
    if locked.status == Status.PUBLISHED and locked.published_by_id == actor.user.pk:
        return locked
    _require_draft(locked, "发布")
    if seen != locked.version:
        raise StaleForm(_STALE.format(deed="没有发布"))
    units = live_units(locked)
    _check(_wording_of(locked), {one.jurisdiction for one in units})
    locked.units, locked.as_of = [one.kept() for one in units], clock.today()
    locked.status, locked.published_at, locked.published_by = Status.PUBLISHED, clock.now(), actor.user
    locked.version += 1
    locked.save()
    bulletin_published.send(sender=Bulletin, row=locked)
    return locked


@transaction.atomic
def withdraw_bulletin(bulletin: Bulletin, reason: str, *, actor: Actor) -> Bulletin:
    """Withdraw a published bulletin with a reason, which all below read in its place."""
    locked = _locked(bulletin, "publish_bulletins", actor)
    if locked.status == Status.WITHDRAWN and locked.withdrawn_at is not None:
        at = timezone.localtime(locked.withdrawn_at)
        raise TransitionError(f"“{locked}”已于 {at:%Y-%m-%d %H:%M} 由 {locked.withdrawn_by} 撤回。")
    if locked.status != Status.PUBLISHED:
        raise TransitionError(f"“{locked}”还没有发布，可以直接删除草稿。")
    if not reason.strip():
        raise InvalidInput("请填写撤回通报的理由。")
    locked.status, locked.withdrawn_at, locked.withdrawn_by = Status.WITHDRAWN, clock.now(), actor.user
    locked.withdrawal_reason = reason.strip()
    locked.version += 1
    locked.save()
    bulletin_withdrawn.send(sender=Bulletin, row=locked)
    return locked


def _usual_words(rollup: Rollup) -> str:
    """The first draft, in sentences that are edited."""
    place, line, figures = rollup.total.jurisdiction, rollup.total, rollup.total.figures
    today, below = clock.today(), children_name(rollup)
    lines = [
        f"现将{place}{rollup.year}年绿色社区创建行动进展情况通报如下。",
        (
            f"截至{today.year}年{today.month}月{today.day}日，{place}共有城市社区{figures.base}个，参与创建{figures.enrolled}个，"
            f"累计认定绿色社区{figures.cumulative}个，合计完成比例{_percent(rollup)}。"
        ),
    ]
    if line.wanted is not None and figures.base:
        left = f"还差{line.gap}个" if line.gap else "已达到目标"
        lines.append(f"{rollup.year}年目标为{aim_of(line)}，应认定{line.wanted}个，{left}。")
    reached = sum(one.gap == 0 and one.figures.base > 0 for one in rollup.children)
    short = sum(bool(one.gap) for one in rollup.children)
    if reached or short:
        lines.append(
            f"{len(rollup.children)}个{below}中，已达到{rollup.year}年目标的{reached}个，尚未达到的{short}个。"
        )
    lines.append("请各单位对照目标，抓紧推进尚未完成的创建任务。")
    return "\n".join(lines)


def _percent(rollup: Rollup) -> str:
    ratio = rollup.total.figures.cumulative_ratio
    return "—" if ratio is None else f"{round_half_up(ratio * 100, 2)}%"


def _wording_of(bulletin: Bulletin) -> Wording:
    praised, urged = frozenset(bulletin.praised), frozenset(bulletin.urged)
    return Wording(bulletin.title, bulletin.document_number, bulletin.text, bulletin.ranked_by, praised, urged)


def _check(wording: Wording, known: Collection[int]) -> None:
    if not wording.title.strip():
        raise InvalidInput("请填写标题。")
    if not wording.text.strip():
        raise InvalidInput("请填写通报正文。")
    if wording.praised & wording.urged:
        raise InvalidInput("同一个单位不能既表扬又督促，请只选一项。")
    if not (wording.praised | wording.urged) <= set(known):
        raise InvalidInput("表扬、督促的单位有的已不在名单里，请在“修改”里重新选择，保存后再发布。")


def require_own(bulletin: Bulletin, verb: str, actor: Actor) -> None:
    """PermissionDenied for people of another jurisdiction than the bulletin's own, and for who may not ``verb`` there."""
    if actor.jurisdiction != bulletin.jurisdiction:
        raise PermissionDenied(f"这份通报由{bulletin.jurisdiction}办理。")
    require(actor, verb, bulletin.path)


def _locked(bulletin: Bulletin, verb: str, actor: Actor) -> Bulletin:
    require_own(bulletin, verb, actor)
    rows = Bulletin.objects.select_for_update(of=("self",)).select_related("campaign", "jurisdiction", "withdrawn_by")
    locked = rows.filter(pk=bulletin.pk).first()
    if locked is None:
        raise TransitionError(f"“{bulletin}”已被同事删除。")
    return locked


def _require_draft(bulletin: Bulletin, deed: str) -> None:
    if bulletin.status != Status.DRAFT:
        raise TransitionError(f"“{bulletin}”{bulletin.get_status_display()}，不能{deed}。")
