"""Verbs of administrators: jurisdictions are renamed, moved, made, enlarged and merged (区划调整).

Every verb can be previewed with ``carrying_out.preview``. People keep what they may do: memberships go where their unit goes.
"""

from collections.abc import Callable, Collection, Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from apps.accounts import access
from apps.accounts.models import AccessEvent, Membership, User
from apps.accounts.permissions import Actor, require
from apps.assessments.models import Assessment
from apps.campaigns.models import Target
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm
from apps.core.inputs import whole_number
from apps.jurisdictions.models import Jurisdiction, Level
from apps.recognitions.models import PublicNotice
from apps.reorganisations.carrying_out import Effect, Order, carry_out, check_order, effect, refuse_closed
from apps.reorganisations.communities import check_campaigns
from apps.reorganisations.inheritance import entries_follow, seat_all
from apps.reorganisations.models import JurisdictionChange, JurisdictionSuccession
from apps.reorganisations.signals import jurisdiction_changed

Kind = JurisdictionChange.Kind
Act = Callable[[JurisdictionChange], list[Effect]]

_CODE_LENGTH = 12


@transaction.atomic
def rename_jurisdiction(
    jurisdiction: Jurisdiction, name: str, code: str, order: Order, *, actor: Actor
) -> JurisdictionChange:
    """Give a jurisdiction another name or code (县改区、撤县设市): nothing else of it changes."""

    def act(change: JurisdictionChange) -> list[Effect]:
        one = Jurisdiction.objects.get(pk=jurisdiction.pk)
        if (name.strip(), code.strip()) == (one.name, one.code or ""):
            raise InvalidInput(f"名称和区划代码与现在的相同：{one.name}，没有变更。")
        _check_name(name, code, one.parent, but=one)
        before = _named(one)
        told = [effect("名称", one.name, f"改为{name.strip()}")] if name.strip() != one.name else []
        if code.strip() != (one.code or ""):
            told.append(effect("区划代码", one.code or "没有", f"改为{code.strip() or '没有'}", "社区代码不随之改变"))
        one.name, one.code = name.strip(), code.strip() or None
        _save(one, ["name", "code"])
        _succeed(change, one, one, before=before)
        return [*told, effect("下级、社区、人员、历年数字", one, "不变")]

    return _change(Kind.RENAME, order, [jurisdiction], [], actor, act)


@transaction.atomic
def move_jurisdiction(
    jurisdiction: Jurisdiction, to: Jurisdiction, order: Order, *, actor: Actor
) -> JurisdictionChange:
    """Put a jurisdiction with all that belongs to it under another parent (调整隶属); the parents' earlier years stay."""
    before = jurisdiction.parent
    kept = [jurisdiction, to, *([before] if before else [])]

    def act(change: JurisdictionChange) -> list[Effect]:
        return _bring(change, jurisdiction, to)

    return _change(Kind.MOVE, order, [jurisdiction, to], kept, actor, act, above=[jurisdiction])


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
    kept = _homes(streets, communities)

    def act(change: JurisdictionChange) -> list[Effect]:
        _check_name(name, code, parent)
        zone = Jurisdiction(
            name=name.strip(),
            code=code.strip() or None,
            parent=parent,
            level=Level.STREET if parent.level == Level.DISTRICT else Level.DISTRICT,
            kind=Jurisdiction.Kind.DEVELOPMENT_ZONE,
            opened_on=order.effective_on,
        )
        _save(zone)
        zone.refresh_from_db()
        kept.append(zone)
        JurisdictionSuccession.objects.create(change=change, successor=zone, name_after=_named(zone))
        made = effect("开发区", zone, "设立", f"隶属{parent}，单独填报")
        return [made, *_take(change, zone, streets, communities)]

    return _change(Kind.ZONE, order, [parent, *streets], kept, actor, act, communities=communities, above=streets)


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
    kept = [zone, *_homes(streets, communities)]
    if zone.kind != Jurisdiction.Kind.DEVELOPMENT_ZONE:
        raise InvalidInput(f"{zone}不是开发区。街道改属别的县（市、区），请用“调整隶属”。")
    if not streets and not communities:
        raise InvalidInput("请选择由开发区接管的街道或社区。")

    def act(change: JurisdictionChange) -> list[Effect]:
        return _take(change, zone, streets, communities)

    return _change(Kind.TAKE_OVER, order, [zone, *streets], kept, actor, act, communities=communities, above=[zone])


@transaction.atomic
def merge_jurisdictions(gone: Jurisdiction, into: Jurisdiction, order: Order, *, actor: Actor) -> JurisdictionChange:
    """Merge a unit into another of its level (撤并): children, communities and people go over; the old one is closed and keeps
    its history and its page."""
    children = list(Jurisdiction.objects.filter(parent=gone, closed_on=None).order_by("pk"))
    if gone == into or gone.level != into.level:
        raise InvalidInput(f"{gone}应并入另一个{gone.get_level_display()}单位。")

    def act(change: JurisdictionChange) -> list[Effect]:
        _check_notices(gone)
        ids = list(Community.objects.below(gone.path).values_list("pk", flat=True))
        check_campaigns(ids, into)
        effects = [effect("单位", gone, f"并入{into}", "撤销后保留历史和页面", "warning")]
        effects += _hand_over_area(gone, into, children, len(ids))
        entries_follow(ids)
        effects += seat_all(ids)
        effects += _hand_over_people(gone, into, actor) + _targets_told(gone, into)
        Jurisdiction.objects.filter(pk=gone.pk).update(closed_on=order.effective_on)
        _succeed(change, gone, into)
        return effects

    return _change(Kind.MERGE, order, [gone, into], [gone, into, *children], actor, act, above=[gone, into])


def _change(
    kind: JurisdictionChange.Kind,
    order: Order,
    places: Sequence[Jurisdiction],
    kept: list[Jurisdiction],
    actor: Actor,
    act: Act,
    *,
    communities: Collection[Community] = (),
    above: Collection[Jurisdiction] | None = None,
) -> JurisdictionChange:
    """Check what all kinds share, lock what the change is about, and carry it out once.

    ``above``: those that only somebody above them may reorganise (default: all places).
    """
    for path in (*(one.path for one in places), *(one.path for one in kept), *(one.path for one in communities)):
        require(actor, "reorganise", path)
    if actor.jurisdiction in (places if above is None else above):
        raise PermissionDenied(f"{actor.jurisdiction}本身的调整由上级办理。")
    check_order(order, needs_document=True)
    wanted = {one.pk: one.path for one in [*places, *kept]}
    locked = list(Jurisdiction.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    if (done := JurisdictionChange.objects.filter(submission=order.submission).first()) is not None:
        return done
    for one in locked:
        refuse_closed(one, one.closed_on)
    if {one.pk: one.path for one in locked} != wanted:
        raise StaleForm("有关辖区的隶属刚有变动，没有办理。请刷新后核对。")
    change = carry_out(JurisdictionChange, kind, order, kept or list(places), actor=actor, act=act)
    jurisdiction_changed.send(sender=JurisdictionChange, row=change)
    return change


def _bring(change: JurisdictionChange, jurisdiction: Jurisdiction, to: Jurisdiction) -> list[Effect]:
    """Put ``jurisdiction`` under ``to``."""
    one = Jurisdiction.objects.select_related("parent").get(pk=jurisdiction.pk)
    if one.parent == to:
        raise InvalidInput(f"{one}已经隶属{to}，没有变更。")
    if one.contains(to.path) or to.level_type.depth >= one.level_type.depth:
        raise InvalidInput(f"{one}（{one.get_level_display()}）不能隶属{to}（{to.get_level_display()}）。")
    _check_notices(one)
    ids = list(Community.objects.below(one.path).values_list("pk", flat=True))
    check_campaigns(ids, to)
    before, old = _named(one), one.parent
    one.parent = to
    one.save(update_fields=["parent"])
    entries_follow(ids)
    now = Jurisdiction.objects.select_related("parent").get(pk=one.pk)
    _succeed(change, now, now, before=before)
    year = change.effective_on.year
    note = f"{len(ids)} 个社区 {year} 年起计入{to}，以前年度仍计入{old}"
    return [effect("单位", one, f"由{old}划归{to}", note), *seat_all(ids)]


def _take(
    change: JurisdictionChange,
    zone: Jurisdiction,
    streets: Collection[Jurisdiction],
    communities: Collection[Community],
) -> list[Effect]:
    effects = [told for one in streets for told in _bring(change, one, zone)]
    ids = [one.pk for one in communities]
    check_campaigns(ids, zone)
    for one in Community.objects.select_related("jurisdiction").filter(pk__in=ids).order_by("pk"):
        refuse_closed(one, one.closed_on)
        old = one.jurisdiction
        one.jurisdiction = zone
        one.save(update_fields=["jurisdiction"])
        effects.append(effect("社区", one, f"由{old}划归{zone}", f"以前年度仍计入{old}"))
    entries_follow(ids)
    return effects + seat_all(ids)


def _homes(streets: Collection[Jurisdiction], communities: Collection[Community]) -> list[Jurisdiction]:
    """Whose earlier years have to stay: the streets that go, their units, and the streets that communities leave."""
    ids = [*(one.pk for one in streets), *(one.jurisdiction_id for one in communities)]
    ids += [one.parent_id for one in streets if one.parent_id is not None]
    return list(Jurisdiction.objects.filter(pk__in=ids).order_by("pk"))


def _hand_over_area(
    gone: Jurisdiction, into: Jurisdiction, children: Sequence[Jurisdiction], number: int
) -> list[Effect]:
    own = Community.objects.filter(jurisdiction=gone, closed_on=None).values_list("name", flat=True)
    there = Community.objects.filter(jurisdiction=into, closed_on=None, name__in=own)
    if names := list(there.values_list("name", flat=True)[:5]):
        raise InvalidInput(f"{gone}和{into}都有“{'、'.join(names)}”，请先更名或合并这些社区。")
    for one in children:
        one.parent = into
        one.save(update_fields=["parent"])
    for community in Community.objects.filter(jurisdiction=gone).order_by("pk"):
        community.jurisdiction = into
        community.save(update_fields=["jurisdiction"])
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
    people = list(User.objects.filter(jurisdiction=gone).order_by("pk"))
    for person in people:
        person.jurisdiction = into
        person.save(update_fields=["jurisdiction"])
    note = f"{dropped} 个在两个单位相同的任职合为一个" if dropped else ""
    return [effect("人员", f"{len(people)} 人、任职 {moved + dropped} 个", f"转到{into}", note)]


def _targets_told(gone: Jurisdiction, into: Jurisdiction) -> list[Effect]:
    """Targets are not added up: those of the unit that goes on hold, the others stay with the history of the old one."""
    kept = Target.objects.filter(jurisdiction=gone).select_related("campaign").order_by("campaign", "year")
    return [
        effect(
            "创建目标", f"{gone} {one.year} 年{one.get_kind_display()}", f"不并入{into}", "需要的请重新设定", "warning"
        )
        for one in kept
    ]


def _check_notices(place: Jurisdiction) -> None:
    """InvalidInput while the unit has a notice out: its list would be decided on by somebody else."""
    running = PublicNotice.objects.filter(jurisdiction=place, status=PublicNotice.Status.PUBLISHED)
    undecided = running.exclude(entries__assessment__status=Assessment.Status.RECOGNISED)
    if (notice := undecided.first()) is not None:
        raise InvalidInput(f"{place}的“{notice.title}”还没有作出认定。请先办结或撤回公示，再调整区划。")


def _check_name(name: str, code: str, parent: Jurisdiction | None, but: Jurisdiction | None = None) -> None:
    name, code = name.strip(), code.strip()
    if not name or len(name) > 100:
        raise InvalidInput("请填写名称，不超过 100 个字。")
    if code and (len(code) != _CODE_LENGTH or whole_number(code) is None):
        raise InvalidInput(f"区划代码 {code} 不对：应为 {_CODE_LENGTH} 位数字。没有的可以不填。")
    others = Jurisdiction.objects.filter(closed_on=None).exclude(pk=but.pk if but else 0)
    if others.filter(parent=parent, name=name).exists():
        raise InvalidInput(f"{parent}已有“{name}”，请核对名称。")
    if code and (other := Jurisdiction.objects.filter(code=code).exclude(pk=but.pk if but else 0).first()):
        raise InvalidInput(f"区划代码 {code} 已由{other.parent or ''}{other}使用，请核对。")


def _save(place: Jurisdiction, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            place.save(update_fields=fields)
    except IntegrityError as error:
        raise InvalidInput(f"区划代码 {place.code} 不能使用，请核对。") from error


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
