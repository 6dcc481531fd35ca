"""Verbs of administrators: jurisdictions are renamed, moved, made, enlarged and merged (区划调整).

Every verb can be previewed with ``carrying_out.preview``. People keep what they may do: memberships go where their unit goes.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from apps.accounts import access
from apps.accounts.models import AccessEvent, Membership, User
from apps.accounts.permissions import Actor, require
from apps.assessments.models import Assessment
from apps.campaigns.models import Target
from apps.communities.confirming import confirming_units
from apps.communities.models import Community, SurveyField
from apps.communities.turns import keep_fields
from apps.core.errors import InvalidInput, StaleForm
from apps.jurisdictions.models import Jurisdiction, Level
from apps.recognitions.models import PublicNotice
from apps.reorganisations.annual_plans import settle_plans
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
)
from apps.reorganisations.communities import check_campaigns
from apps.reorganisations.inheritance import entries_follow, seat_all
from apps.reorganisations.models import COMMUNITY, JurisdictionChange, JurisdictionSuccession
from apps.reorganisations.naming import check_fields, check_name_and_code, namesakes, save_or_refuse
from apps.reorganisations.signals import jurisdiction_changed

Kind = JurisdictionChange.Kind
Act = Callable[[JurisdictionChange], Done]


@transaction.atomic
def rename_jurisdiction(
    jurisdiction: Jurisdiction, name: str, code: str, order: Order, *, actor: Actor
) -> JurisdictionChange:
    """Give a jurisdiction another name or code (县改区、撤县设市): nothing else of it changes."""

    def act(change: JurisdictionChange) -> Done:
        one = Jurisdiction.objects.get(pk=jurisdiction.pk)
        if (name.strip(), code.strip()) == (one.name, one.code or ""):
            raise InvalidInput(f"名称和区划代码与现在的相同：{one.name}，没有变更。")
        check_name_and_code(Jurisdiction, name.strip(), code.strip(), one.parent, but=one)
        before = _named(one)
        told = [effect("名称", one.name, f"改为{name.strip()}")] if name.strip() != one.name else []
        if code.strip() != (one.code or ""):
            told.append(effect("区划代码", one.code or "没有", f"改为{code.strip() or '没有'}", "社区代码不随之改变"))
        one.name, one.code = name.strip(), code.strip() or None
        save_or_refuse(one, ["name", "code"])
        _succeed(change, one, one, before=before)
        return Done([*told, effect("下级、社区、人员、历年数字", one, "不变")])

    return _change(Kind.RENAME, order, Concerned([jurisdiction], [jurisdiction]), actor, act)


@transaction.atomic
def move_jurisdiction(
    jurisdiction: Jurisdiction, to: Jurisdiction, order: Order, *, actor: Actor
) -> JurisdictionChange:
    """Put a jurisdiction with all that belongs to it under another parent (调整隶属); the parents' earlier years stay."""
    before = [jurisdiction.parent] if jurisdiction.parent else []

    def act(change: JurisdictionChange) -> Done:
        return Done(_bring(change, jurisdiction, to))

    return _change(Kind.MOVE, order, Concerned([jurisdiction, to, *before], [jurisdiction]), actor, act)


@transaction.atomic
def create_zone(
    parent: Jurisdiction,
    name: str,
    order: Order,
    *,
    actor: Actor,
    code: str = "",
    streets: Collection[Jurisdiction] = (),
    communities: Collection[Community] = (),
) -> JurisdictionChange:
    """Make a development zone (设立开发区) that takes over streets, or single communities, of the units around it."""

    def act(change: JurisdictionChange) -> Done:
        check_name_and_code(Jurisdiction, name.strip(), code.strip(), parent)
        zone = Jurisdiction(
            name=name.strip(),
            code=code.strip() or None,
            parent=parent,
            level=Level.STREET if parent.level == Level.DISTRICT else Level.DISTRICT,
            kind=Jurisdiction.Kind.DEVELOPMENT_ZONE,
            opened_on=order.effective_on,
        )
        save_or_refuse(zone)
        zone.refresh_from_db()
        JurisdictionSuccession.objects.create(change=change, successor=zone, name_after=_named(zone))
        made = effect("开发区", zone, "设立", f"隶属{parent}，单独填报")
        nobody = effect("人员", zone, "还没有人员", "请在“人员”中邀请，填报、审核、报送才有人办理", "warning")
        return Done([made, *_take(change, zone, streets, communities), nobody], made=[zone])

    about = Concerned([parent, *_homes(streets, communities)], streets, communities)
    return _change(Kind.ZONE, order, about, actor, act)


@transaction.atomic
def take_over(
    zone: Jurisdiction,
    order: Order,
    *,
    actor: Actor,
    streets: Collection[Jurisdiction] = (),
    communities: Collection[Community] = (),
) -> JurisdictionChange:
    """Let a development zone take over more streets or single communities (接管)."""
    if zone.kind != Jurisdiction.Kind.DEVELOPMENT_ZONE:
        raise InvalidInput(f"{zone}不是开发区。街道改属别的县（市、区），请用“调整隶属”。")
    if not streets and not communities:
        raise InvalidInput("请选择由开发区接管的街道或社区。")

    def act(change: JurisdictionChange) -> Done:
        # The zone's own people read the change by it.
        _succeed(change, zone, zone)
        return Done(_take(change, zone, streets, communities))

    about = Concerned([zone, *_homes(streets, communities)], [zone], communities)
    return _change(Kind.TAKE_OVER, order, about, actor, act)


@transaction.atomic
def merge_jurisdictions(gone: Jurisdiction, into: Jurisdiction, order: Order, *, actor: Actor) -> JurisdictionChange:
    """Merge a unit into another of its level (撤并): children, communities and people go over; the old one is closed and keeps
    its history and its page."""
    children = _children(gone)
    if gone == into or gone.level != into.level:
        raise InvalidInput(f"{gone}应并入另一个{gone.get_level_display()}单位。")

    def act(change: JurisdictionChange) -> Done:
        if _children(gone) != children:
            raise StaleForm(f"{gone}的下级单位刚有变动，没有办理。请刷新后核对。")
        _check_notices(gone)
        ids = list(Community.objects.below(gone.path).values_list("pk", flat=True))
        check_campaigns(ids, into)
        check_fields(children, into)
        effects = [effect("单位", gone, f"并入{into}", "撤销后保留历史和页面", "warning")]
        effects += _hand_over_area(gone, into, children, len(ids))
        entries_follow(ids)
        effects += seat_all(ids) + settle_plans(change, ids, gone, into)
        _hand_over_targets(children, into)
        effects += _hand_over_people(gone, into, actor) + _targets_told(gone, into) + _fields_told(gone, into)
        Jurisdiction.objects.filter(pk=gone.pk).update(closed_on=order.effective_on)
        _succeed(change, gone, into)
        return Done(effects)

    return _change(Kind.MERGE, order, Concerned([gone, into, *children], [gone, into]), actor, act)


@dataclass(frozen=True)
class Concerned:
    """What a change is about: ``places``, whose earlier years have to stay; of these only somebody above may reorganise those
    that are ``changed``; ``communities`` that move singly."""

    places: Sequence[Jurisdiction]
    changed: Collection[Jurisdiction]
    communities: Collection[Community] = ()


def _change(
    kind: JurisdictionChange.Kind, order: Order, about: Concerned, actor: Actor, act: Act
) -> JurisdictionChange:
    """Check what all kinds share, lock what the change is about, and carry it out once."""
    paths = [*(one.path for one in about.places), *(one.path for one in about.communities)]
    for path in paths:
        require(actor, "reorganise", path)
    if actor.jurisdiction in about.changed:
        raise PermissionDenied(f"{actor.jurisdiction}本身的调整由上级办理。")
    check_province(paths)
    check_order(order, needs_document=True)
    # Before rows, as those who put down surveys do.
    keep_fields()
    units = [unit for one in about.changed for unit in confirming_units(one.path)]
    lock_units(paths, also=[*about.places, *units])
    if (done := done_before(JurisdictionChange, order, actor)) is not None:
        return done
    places = lock_as_shown(Jurisdiction.objects.select_for_update(no_key=True), about.places, "辖区的隶属")
    lock_counted(one.path for one in places)
    lock_as_shown(Community.objects.select_for_update(no_key=True), about.communities, "社区的所属单位")
    change = carry_out(JurisdictionChange, kind, order, places, actor=actor, act=act)
    jurisdiction_changed.send(sender=JurisdictionChange, row=change)
    return change


def _bring(change: JurisdictionChange, jurisdiction: Jurisdiction, to: Jurisdiction) -> list[Effect]:
    """Put ``jurisdiction`` under ``to``."""
    one = Jurisdiction.objects.select_related("parent").get(pk=jurisdiction.pk)
    if one.parent == to:
        raise InvalidInput(f"{one}已经隶属{to}，没有变更。")
    if one.contains(to.path) or to.level_type.depth >= one.level_type.depth:
        raise InvalidInput(f"{one}（{one.get_level_display()}）不能隶属{to}（{to.get_level_display()}）。")
    if namesakes(Jurisdiction, to, [one.name]):
        raise InvalidInput(f"{to}已有“{one.name}”，请先更名再调整。")
    _check_notices(one)
    ids = list(Community.objects.below(one.path).values_list("pk", flat=True))
    check_campaigns(ids, to)
    check_fields([one], to)
    before, old = _named(one), one.parent
    one.parent = to
    one.save(update_fields=["parent"])
    entries_follow(ids)
    _hand_over_targets([one], to)
    now = Jurisdiction.objects.select_related("parent").get(pk=one.pk)
    _succeed(change, now, now, before=before)
    year = change.effective_on.year
    note = f"{len(ids)} 个社区 {year} 年起计入{to}，以前年度仍计入{old}"
    return [effect("单位", one, f"由{old}划归{to}", note), *seat_all(ids), *settle_plans(change, ids, old, to)]


def _take(
    change: JurisdictionChange,
    zone: Jurisdiction,
    streets: Collection[Jurisdiction],
    communities: Collection[Community],
) -> list[Effect]:
    effects = [told for one in streets for told in _bring(change, one, zone)]
    ids = sorted(one.pk for one in communities)
    moving = list(Community.objects.select_related("jurisdiction").filter(pk__in=ids).order_by("pk"))
    names = Counter(one.name for one in moving)
    twice = [name for name, number in names.items() if number > 1]
    if taken := namesakes(Community, zone, names) or "、".join(twice):
        raise InvalidInput(f"由{zone}接管的社区有重名：“{taken}”，请先更名或合并这些社区。")
    check_campaigns(ids, zone)
    Community.objects.filter(pk__in=ids).update(jurisdiction=zone)
    entries_follow(ids)
    effects += [
        effect(
            COMMUNITY,
            one,
            f"由{one.jurisdiction}划归{zone}",
            f"以前年度仍计入{one.jurisdiction}",
            community=one.pk,
        )
        for one in moving
    ]
    effects += seat_all(ids)
    for left in sorted({one.jurisdiction for one in moving}, key=lambda one: one.pk):
        going = [one.pk for one in moving if one.jurisdiction == left]
        effects += settle_plans(change, going, left, zone)
    return effects


def _children(place: Jurisdiction) -> list[Jurisdiction]:
    return list(Jurisdiction.objects.filter(parent=place, closed_on=None).order_by("pk"))


def _homes(streets: Collection[Jurisdiction], communities: Collection[Community]) -> list[Jurisdiction]:
    """Whose earlier years have to stay: the streets that go, their units, and the streets that communities leave."""
    ids = [*(one.pk for one in streets), *(one.jurisdiction_id for one in communities)]
    ids += [one.parent_id for one in streets if one.parent_id is not None]
    return list(Jurisdiction.objects.filter(pk__in=ids).order_by("pk"))


def _hand_over_area(
    gone: Jurisdiction, into: Jurisdiction, children: Sequence[Jurisdiction], number: int
) -> list[Effect]:
    own = Community.objects.filter(jurisdiction=gone, closed_on=None).values_list("name", flat=True)
    units = [one.name for one in children]
    if names := namesakes(Community, into, own) or namesakes(Jurisdiction, into, units):
        raise InvalidInput(f"{gone}和{into}都有“{names}”，请先更名或合并。")
    Jurisdiction.objects.filter(pk__in=[one.pk for one in children]).update(parent=into)
    Community.objects.filter(jurisdiction=gone).update(jurisdiction=into)
    effects = [effect("社区", f"{number} 个", f"划归{into}", f"以前年度仍计入{gone}")]
    if children:
        effects.insert(0, effect("下级单位", "、".join(map(str, children)), f"划归{into}"))
    return effects


def _hand_over_people(gone: Jurisdiction, into: Jurisdiction, actor: Actor) -> list[Effect]:
    """Let memberships follow: who holds the same role in both keeps one. Then the people belong to the unit that goes on."""
    moved = dropped = 0
    held = Membership.objects.select_for_update(of=("self",)).filter(jurisdiction=gone).select_related("user")
    for one in held.order_by("pk"):
        if Membership.objects.filter(user=one.user_id, jurisdiction=into, role=one.role).exists():
            one.delete()
            dropped += 1
            continue
        one.jurisdiction = into
        one.save(update_fields=["jurisdiction"])
        subject = f"{access.described(one.user)}：{one}（{gone}并入）"
        access.record(AccessEvent.Kind.GRANTED, actor=actor, subject=subject, jurisdiction=into)
        moved += 1
    people = User.objects.filter(jurisdiction=gone).update(jurisdiction=into)
    note = f"{dropped} 个在两个单位相同的任职合为一个" if dropped else ""
    return [effect("人员", f"{people} 人、任职 {moved + dropped} 个", f"转到{into}", note)]


def _hand_over_targets(moved: Collection[Jurisdiction], to: Jurisdiction) -> None:
    """What units that are above no more have given out to the moved ones, and to those below them, is for ``to`` to change."""
    for path in Jurisdiction.objects.filter(pk__in=[one.pk for one in moved]).values_list("path", flat=True):
        given = Target.objects.filter(path__startswith=path, issued_by__isnull=False)
        for target in given.select_related("jurisdiction", "issued_by"):
            if target.issued_by is not None and not target.jurisdiction.path.startswith(target.issued_by.path):
                target.issued_by = to
                target.save(update_fields=["issued_by"])


def _targets_told(gone: Jurisdiction, into: Jurisdiction) -> list[Effect]:
    """Targets are not added up: those of the unit that goes on hold, the others stay with the history of the old one."""
    kept = Target.objects.filter(jurisdiction=gone).select_related("campaign").order_by("campaign", "year")
    return [
        effect(
            "创建目标", f"{gone} {one.year} 年{one.get_kind_display()}", f"不并入{into}", "需要的请重新设定", "warning"
        )
        for one in kept
    ]


def _fields_told(gone: Jurisdiction, into: Jurisdiction) -> list[Effect]:
    """What the old unit asked of its communities is asked no more: twenty fields are the most, and names may clash."""
    note = f"已填的内容不再显示；需要的，请{into}重新设置后补填"
    fields = SurveyField.objects.filter(jurisdiction=gone, retired_at=None).order_by("number")
    return [effect("调查项目", one.label, f"不并入{into}", note, "warning") for one in fields]


def _check_notices(place: Jurisdiction) -> None:
    """InvalidInput while the unit has a notice out: its list would be decided on by somebody else."""
    running = PublicNotice.objects.filter(jurisdiction=place, status=PublicNotice.Status.PUBLISHED)
    undecided = running.exclude(entries__assessment__status=Assessment.Status.RECOGNISED)
    if (notice := undecided.first()) is not None:
        raise InvalidInput(f"{place}的“{notice.title}”还没有作出认定。请先办结或撤回公示，再调整区划。")


def _succeed(change: JurisdictionChange, one: Jurisdiction, successor: Jurisdiction, *, before: str = "") -> None:
    JurisdictionSuccession.objects.create(
        change=change,
        predecessor=one,
        successor=successor,
        name_before=before or _named(one),
        name_after=_named(successor),
    )


def _named(place: Jurisdiction) -> str:
    code = f"（{place.code}）" if place.code else ""
    return f"{place.parent or ''}{place.name}{code}"
