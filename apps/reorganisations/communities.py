"""Verbs of the life of communities: open, rename, close, merge, split, move to another street (社区变更).

Every verb can be previewed with ``carrying_out.preview``; it takes effect on a day of this year, today or before.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.campaigns.models import Participation
from apps.communities.models import Baseline, Community
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import Jurisdiction, Level, paths_down_to
from apps.reorganisations.carrying_out import (
    Done,
    Effect,
    Order,
    carry_out,
    check_order,
    check_province,
    done_before,
    effect,
    lock_as_shown,
    lock_counted,
    lock_units,
    refuse_closed,
)
from apps.reorganisations.inheritance import entries_follow, parts_of, seat, settle
from apps.reorganisations.models import CommunityChange, Succession
from apps.reorganisations.naming import check_name_and_code, save_or_refuse
from apps.reorganisations.signals import community_changed

Kind = CommunityChange.Kind


@dataclass(frozen=True)
class NewCommunity:
    """A community to be made."""

    name: str
    jurisdiction: Jurisdiction
    code: str = ""


@transaction.atomic
def open_community(new: NewCommunity, order: Order, *, actor: Actor) -> CommunityChange:
    """Set up a community (新设): it counts from the year of ``effective_on``."""

    def act(change: CommunityChange) -> list[Effect]:
        made = _make(new, order)
        _succeed(change, None, made)
        return [effect("社区", made, "新设", _counted_from(order)), *_baseline_effects([made.path], order)]

    return _change(Kind.OPEN, order, [], [new.jurisdiction], actor, act)


@transaction.atomic
def rename_community(
    community: Community, name: str, order: Order, *, actor: Actor, code: str | None = None
) -> CommunityChange:
    """Give a community another name or code (更名); nothing else of it changes. ``code`` None: the one that it has."""

    def act(change: CommunityChange) -> list[Effect]:
        one = _fresh(community)
        wanted = one.code or "" if code is None else code.strip()
        if (name.strip(), wanted) == (one.name, one.code or ""):
            raise InvalidInput(f"名称和区划代码与现在的相同：{one.name}，没有变更。")
        before, told = _named(one), [effect("名称", one.name, f"改为{name.strip()}")]
        if wanted != (one.code or ""):
            told.append(effect("区划代码", one.code or "没有", f"改为{wanted or '没有'}"))
        check_name_and_code(Community, name.strip(), wanted, one.jurisdiction, but=one)
        one.name, one.code = name.strip(), wanted or None
        save_or_refuse(one, ["name", "code"])
        _succeed(change, one, one, before=before)
        return [*told, effect("参与创建、认定、历年数字", one.short_name, "不变")]

    return _change(Kind.RENAME, order, [community], [], actor, act)


@transaction.atomic
def close_community(community: Community, order: Order, *, actor: Actor) -> CommunityChange:
    """Close a community without a successor (撤销): what it took part in ends with it, earlier years stay."""

    def act(change: CommunityChange) -> list[Effect]:
        effects = settle(change, parts_of([community]), None, order, actor)
        _close(_fresh(community), order)
        _succeed(change, community, None)
        told = effect("社区", community, "撤销", _gone_from(order), "warning")
        return [told, *effects, *_baseline_effects([community.path], order)]

    return _change(Kind.CLOSE, order, [community], [], actor, act)


@transaction.atomic
def merge_communities(
    communities: Collection[Community], into: "Community | NewCommunity", order: Order, *, actor: Actor
) -> CommunityChange:
    """Merge communities into a new one, or into one that exists (合并).

    What they took part in goes over to it, one per campaign, the furthest first; the rest ends with its community.
    """
    existing = into if isinstance(into, Community) else None
    merged = {one.pk: one for one in communities if one != existing}
    if len(merged) < (1 if existing else 2):
        raise InvalidInput("请至少选择两个社区：合并是几个并为一个。")

    def act(change: CommunityChange) -> list[Effect]:
        heir = _make(into, order) if isinstance(into, NewCommunity) else _fresh(into)
        effects = [effect("社区", heir, "新设" if existing is None else "保留", _merged_note(merged.values()))]
        check_campaigns(list(merged), heir.jurisdiction)
        parts = parts_of(list(merged.values()))
        effects += [effect("社区", one, f"并入{heir}", _gone_from(order), "warning") for one in merged.values()]
        effects += settle(change, parts, heir, order, actor)
        for one in merged.values():
            _close(_fresh(one), order)
            _succeed(change, one, heir)
        if existing is not None:
            _succeed(change, heir, heir)
        return effects + _baseline_effects([one.path for one in [*merged.values(), heir]], order)

    old = [*merged.values(), *([existing] if existing else [])]
    places = [] if isinstance(into, Community) else [into.jurisdiction]
    return _change(Kind.MERGE, order, old, places, actor, act)


@transaction.atomic
def split_community(
    community: Community,
    parts: Sequence[NewCommunity],
    order: Order,
    *,
    actor: Actor,
    keeps: bool = True,
    heir: int | None = None,
) -> CommunityChange:
    """Split a community (拆分): it keeps existing beside the new ones, or ends.

    Where it ends, what it took part in goes over to the new one with the number ``heir`` in ``parts``; None: it ends as well.
    """
    if len(parts) < (1 if keeps else 2):
        raise InvalidInput("请填写拆分后新社区的名称：保留原社区的至少一个，不保留的至少两个。")
    if len({(one.name.strip(), one.jurisdiction.pk) for one in parts}) < len(parts):
        raise InvalidInput("拆分后的新社区名称重复，请核对。")

    def act(change: CommunityChange) -> list[Effect]:
        made = [_make(one, order) for one in parts]
        effects = [effect("社区", one, "新设", _counted_from(order)) for one in made]
        if keeps:
            _succeed(change, community, community)
            effects.append(effect("社区", community, "保留", "参与创建、认定仍由原社区承担"))
        else:
            heir_made = None if heir is None else made[heir]
            if heir_made is not None:
                check_campaigns([community.pk], heir_made.jurisdiction)
            effects.append(effect("社区", community, "撤销", _gone_from(order), "warning"))
            effects += settle(change, parts_of([community]), heir_made, order, actor)
            _close(_fresh(community), order)
        for one in made:
            _succeed(change, community, one)
        return effects + _baseline_effects([community.path, *(one.path for one in made)], order)

    return _change(Kind.SPLIT, order, [community], [one.jurisdiction for one in parts], actor, act)


@transaction.atomic
def move_community(community: Community, to: Jurisdiction, order: Order, *, actor: Actor) -> CommunityChange:
    """Move a community to another street (调整所属街道): everything of it follows, earlier years stay where they were counted."""

    def act(change: CommunityChange) -> list[Effect]:
        one = _fresh(community)
        before, old = _named(one), one.jurisdiction
        if old == to:
            raise InvalidInput(f"{one}已经属于{to}，没有变更。")
        _check_place(to)
        check_campaigns([one.pk], to)
        check_name_and_code(Community, one.name, one.code or "", to, but=one)
        parts = parts_of([one])
        one.jurisdiction = to
        one.save(update_fields=["jurisdiction"])
        entries_follow([one.pk])
        _succeed(change, one, one, before=before)
        effects = [
            effect("社区", one, f"由{old}划到{to}", f"{order.effective_on.year} 年起计入{to}，以前年度仍计入{old}")
        ]
        for part in parts:
            what = (
                f"{part.recognition.year} 年绿色社区认定" if part.recognition else f"{part.participation.year} 年计划"
            )
            effects.append(effect(what, part.name, "随社区划转", "", "success"))
            effects += seat(part)
        return effects

    return _change(Kind.MOVE, order, [community], [to], actor, act)


def check_campaigns(communities: Collection[int], to: Jurisdiction) -> None:
    """InvalidInput where communities (ids) leave a campaign that they take part in."""
    taking_part = Participation.objects.going_on().filter(community__in=communities)
    outside = taking_part.exclude(campaign__path__in=paths_down_to(to.path)).select_related("campaign", "community")
    if (one := outside.first()) is not None:
        raise InvalidInput(
            f"{one.community}参加了“{one.campaign.name}”，这个行动不包括{to}。请由原单位办理撤销，新单位办理新设。"
        )


def _change(
    kind: CommunityChange.Kind,
    order: Order,
    communities: Sequence[Community],
    places: Sequence[Jurisdiction],
    actor: Actor,
    act: Callable[[CommunityChange], list[Effect]],
) -> CommunityChange:
    """Check what all kinds share, lock what the change is about, and carry it out once."""
    paths = [*(one.path for one in communities), *(one.path for one in places)]
    for path in paths:
        require(actor, "change_communities", path)
    check_province(paths)
    check_order(order)
    lock_units(paths, also=places)
    if (done := done_before(CommunityChange, order, actor)) is not None:
        return done
    lock_as_shown(Jurisdiction.objects.select_for_update(no_key=True), places, "辖区的隶属")
    lock_counted(paths)
    lock_as_shown(Community.objects.select_for_update(no_key=True), communities, "社区的所属单位")
    homes = list(Jurisdiction.objects.filter(path__in=paths))
    change = carry_out(CommunityChange, kind, order, homes, actor=actor, act=lambda row: Done(act(row)))
    community_changed.send(sender=CommunityChange, row=change)
    return change


def _fresh(community: Community) -> Community:
    return Community.objects.select_related("jurisdiction").get(pk=community.pk)


def _make(new: NewCommunity, order: Order) -> Community:
    _check_place(new.jurisdiction)
    name, code = new.name.strip(), new.code.strip()
    check_name_and_code(Community, name, code, new.jurisdiction)
    made = Community(name=name, code=code or None, jurisdiction=new.jurisdiction, opened_on=order.effective_on)
    save_or_refuse(made)
    return made


def _check_place(place: Jurisdiction) -> None:
    if place.level not in (Level.STREET, Level.DISTRICT):
        raise InvalidInput(f"社区应属于街道（镇、乡），不能直属{place}。")
    refuse_closed(place, place.closed_on)


def _close(community: Community, order: Order) -> None:
    if community.opened_on is not None and community.opened_on >= order.effective_on:
        raise TransitionError(f"{community} {community.opened_on:%Y-%m-%d} 才设立，撤销、合并的生效日期应在此之后。")
    community.closed_on = order.effective_on
    community.save(update_fields=["closed_on"])


def _succeed(
    change: CommunityChange, predecessor: Community | None, successor: Community | None, *, before: str = ""
) -> None:
    Succession.objects.create(
        change=change,
        predecessor=predecessor,
        successor=successor,
        name_before=before or (_named(predecessor) if predecessor else ""),
        name_after=_named(successor) if successor else "",
    )


def _named(community: Community) -> str:
    return f"{community.jurisdiction}{community}"


def _baseline_effects(paths: Collection[str], order: Order) -> list[Effect]:
    """Say where this year's baseline is confirmed: its number stands."""
    lines = {place for path in paths for place in paths_down_to(path)}
    standing = Baseline.objects.standing().filter(path__in=lines, year=order.effective_on.year)
    return [
        effect(
            f"{one.year} 年底数", one.jurisdiction, f"已确认 {one.number} 个，不变", "需要调整的，请上级退回后重新确认"
        )
        for one in standing.select_related("jurisdiction").order_by("path")
    ]


def _merged_note(merged: Collection[Community]) -> str:
    return "由" + "、".join(one.short_name for one in merged) + "并入"


def _counted_from(order: Order) -> str:
    return f"{order.effective_on.year} 年起计入底数"


def _gone_from(order: Order) -> str:
    return f"{order.effective_on.year} 年起不计入底数，历史保留"
