"""Verbs on targets (创建目标): setting one, taking one back, and who may touch what another unit has given out (下达)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from apps.accounts.permissions import Actor, require
from apps.campaigns.changing import Kind as ChangeKind
from apps.campaigns.changing import check_obstacles, keep_if_opened, obstacles
from apps.campaigns.models import Campaign, Target
from apps.campaigns.rollup import roll_up
from apps.campaigns.signals import target_handed_down
from apps.campaigns.target_history import history_of
from apps.campaigns.telling import told
from apps.campaigns.turns import work_under
from apps.core import clock, history
from apps.core.errors import InvalidInput, StaleForm
from apps.core.rounding import plain
from apps.core.turns import take_turn
from apps.jurisdictions.models import Jurisdiction, paths_down_to

# Of a target that belongs to a year that has passed.
PAST = "{year} 年已经过去，进展里这一年与目标的比较随之改变"


class TargetChanged(StaleForm, InvalidInput):
    """Somebody else set the target since its form was loaded: told beside the value, while what was typed stays."""


@transaction.atomic
def set_target(
    campaign: Campaign,
    jurisdiction: Jurisdiction,
    year: int,
    value: Decimal | None,
    *,
    actor: Actor,
    kind: Target.Kind = Target.Kind.PERCENT,
    upper: Decimal | None = None,
    document_number: str = "",
    reason: str = "",
    seen: str | None = None,
) -> Target | None:
    """Set a jurisdiction's own target for a year, or with ``value`` None let it inherit again.

    The campaign's issuer does so and the units below it; those above only read: PermissionDenied.

    Percent and pilots may not be lower than what is inherited, nor higher than what a jurisdiction below has set for itself:
    InvalidInput names the value and who stands in the way. So it does where a unit above the actor's gave the target out, and
    where a cumulative target would fall from one year to the next, there or below. What the campaign's own jurisdiction changes
    in its targets is a change of the opened campaign (行动调整): it has a ``reason`` and brings in nothing that would have kept
    the campaign from being opened.

    ``seen`` is the sign of what the form showed (``sign_of``), None for what is set without regard to what was. TargetChanged
    where the cell is another one since, and not already as asked.
    """
    require(actor, "set_targets", jurisdiction.path)
    require_inside(actor, campaign)
    campaign = work_under(campaign, "不能改目标")
    take_turns(campaign)
    if year not in campaign.years:
        raise InvalidInput(f"{year} 年不在“{campaign.name}”的年度（{campaign.first_year}–{campaign.last_year}）内。")
    cell = {"campaign": campaign, "jurisdiction": jurisdiction, "year": year, "kind": kind}
    standing = Target.objects.filter(**cell).select_related("jurisdiction", "issued_by", "campaign").first()
    asked = None
    if value is not None:
        asked = Target(**cell, value=value, upper=upper, document_number=document_number, issued_by=actor.jurisdiction)
    if jurisdiction.pk != campaign.jurisdiction_id:
        known = None if standing is None else standing.pk
        with handing_down(actor, [jurisdiction]) as changed:
            target = replace_target(standing, asked, by=actor.jurisdiction, seen=seen)
            if target is not standing:
                changed.append(known if target is None else target.pk)
        return target
    before, wrong = told(campaign, "targets"), obstacles(campaign, "targets")
    target = replace_target(standing, asked, by=actor.jurisdiction, seen=seen)
    if (after := told(campaign, "targets")) != before:
        check_obstacles(campaign, "targets", wrong)
        ground = {"reason": reason, "document_number": document_number}
        keep_if_opened(campaign, ChangeKind.TARGETS, before, after, actor=actor, **ground)
    return target


@contextmanager
def handing_down(actor: Actor, units: Iterable[Jurisdiction]) -> Iterator[list[int | None]]:
    """Note in the history on whose behalf targets of ``units`` are written inside, and tell rooms above of those that change: the
    block puts their ids on the list. What a unit does to its own is nobody else's affair."""
    changed: list[int | None] = []
    if actor.jurisdiction in units:
        yield changed
        return
    with history.recording(handed_down_by=actor.jurisdiction.pk):
        yield changed
    for pk in changed:
        moments = Target.pgh_event_model.objects.filter(pgh_obj_id=pk)  # type: ignore[attr-defined]
        target_handed_down.send(sender=Target, row=moments.latest("pgh_id"))


def consequences(campaign: Campaign, place: Jurisdiction, year: int, target: Target | None) -> list[str]:
    """What is to be known, in words, about a target of ``place`` that has just been set, or taken back."""
    found = [PAST.format(year=year)] if year < clock.today().year else []
    if target is not None and target.kind != Target.Kind.PILOTS_PER_STREET:
        total = roll_up(campaign, place, year).total
        if total.wanted and not total.gap:
            found.append(f"{place}已累计认定 {total.figures.cumulative} 个，已经达到目标")
    return found


def may_set_targets(actor: Actor, campaign: Campaign) -> bool:
    """Whether the person sets targets of the campaign: in the jurisdiction that issued it, or below it."""
    return campaign.is_open and actor.can("set_targets") and campaign.jurisdiction.contains(actor.jurisdiction.path)


def require_inside(actor: Actor, campaign: Campaign) -> None:
    """PermissionDenied for those above the campaign's issuer: its targets are the issuer's to hand out."""
    issuer = campaign.jurisdiction
    if not issuer.contains(actor.jurisdiction.path):
        raise PermissionDenied(
            f"“{campaign}”由{issuer}发起，目标由{issuer}及其下级制定，{actor.jurisdiction}只能查看。需要调整的，请告知{issuer}。"
        )


def replace_target(
    standing: Target | None, asked: Target | None, *, by: Jurisdiction, seen: str | None = None
) -> Target | None:
    """Let ``asked`` stand where ``standing`` does, or nothing; InvalidInput where a rule or a unit above ``by`` is against it.

    TargetChanged where something is to be written over another one than ``seen``.
    """
    if asked is None:
        if standing is not None:
            check_not_given_to(standing, by)
            _check_seen(standing, standing, seen)
            standing.delete()
            if (inherited := _inherited(standing)) is not None:
                _check_rising(standing.jurisdiction, inherited, standing)
        return None
    changed = put_over(standing, asked, by=by)
    if changed is None:
        return standing
    _check_seen(standing, changed, seen)
    _check(changed)
    _check_rising(asked.jurisdiction, changed, standing or _inherited(asked))
    changed.save()
    return changed


def put_over(standing: Target | None, asked: Target, *, by: Jurisdiction) -> Target | None:
    """Return the row to be written, or None where ``asked`` is nothing new; InvalidInput as ``check_not_given_to`` has it.

    The same value again keeps its clause, and its document number unless a new one is given; a unit above takes it over.
    """
    if standing is None:
        return asked
    if _value(standing) == _value(asked):
        asked.source = standing.source
        asked.document_number = asked.document_number or standing.document_number
        is_known = asked.document_number == standing.document_number
        if is_known and (standing.issued_by == asked.issued_by or is_given_to(standing, by)):
            return None
    check_not_given_to(standing, by)
    asked.pk, asked.path = standing.pk, standing.path
    return asked


def is_given_to(target: Target, unit: Jurisdiction) -> bool:
    """Whether the target was given out (下达) by somebody above ``unit``, who alone may change it.

    What units above the campaign's issuer once set binds nobody.
    """
    issuer = target.issued_by
    if issuer is None or issuer.pk == unit.pk:
        return False
    return unit.path.startswith(issuer.path) and issuer.path.startswith(target.campaign.path)


def check_not_given_to(target: Target, unit: Jurisdiction) -> None:
    """InvalidInput where ``unit`` is not the one to change the target, with who is."""
    if is_given_to(target, unit):
        number = f"（{target.document_number}）" if target.document_number else ""
        raise InvalidInput(
            f"{target.jurisdiction} {target.year} 年目标 {target.said} 由{target.issued_by}下达{number}，没有改。"
            f"需要调整的，请报{target.issued_by}办理。"
        )


def sign_of(target: Target | None) -> str:
    """What a form of the cell carries to say what it showed: another one as soon as the target is, "0" where there is none."""
    if target is None:
        return "0"
    shown = (target.said, target.issued_by_id, target.document_number)
    return sha256(repr(shown).encode()).hexdigest()[:16]


def take_turns(campaign: Campaign) -> None:
    """Let those who set targets of one campaign follow each other: the rules compare rows of several levels."""
    take_turn("campaigns.target", campaign.pk)


def _check_seen(standing: Target | None, cell: Target, seen: str | None) -> None:
    """TargetChanged where ``standing`` is not what the form of its ``cell`` showed, with who changed it into what."""
    if seen is None or seen == sign_of(standing):
        return
    last = next(iter(history_of(cell.campaign, cell.jurisdiction, cell.year, Target.Kind(cell.kind))), None)
    by = f"由{last.who}" if last else ""
    number = f"（{standing.document_number}）" if standing and standing.document_number else ""
    now = standing.said if standing else "按比例" if cell.kind == Target.Kind.NUMBER else "沿用上级"
    raise TargetChanged(
        f"{cell.jurisdiction} {cell.year} 年目标刚刚{by}改为 {now}{number}，没有保存。您填写的还在，请核对后再保存。"
    )


def _check(asked: Target) -> None:
    """InvalidInput for what no target can be, or what the units above and below stand against."""
    if asked.kind == Target.Kind.PERCENT:
        if not 0 < asked.value <= 100:
            raise InvalidInput(f"目标比例 {plain(asked.value)} 不对：应大于 0，不超过 100。")
    elif asked.value < 0 or asked.value != asked.value.to_integral_value():
        raise InvalidInput(f"目标数 {plain(asked.value)} 不对：应为不小于 0 的整数。")
    if asked.upper is not None and asked.upper < asked.value:
        raise InvalidInput(f"{asked.year} 年试点上限 {plain(asked.upper)} 小于下限 {plain(asked.value)}，请改正。")
    if asked.kind != Target.Kind.PERCENT:
        _check_base(asked)
    if asked.kind != Target.Kind.NUMBER:
        _check_inherited(asked)
        _check_none_below(asked)


def _check_base(asked: Target) -> None:
    base = roll_up(asked.campaign, asked.jurisdiction, asked.year).total.figures.base
    most = max(asked.value, asked.upper or 0)
    if most > base:
        raise InvalidInput(f"目标 {plain(most)} 个超过{asked.jurisdiction} {asked.year} 年城市社区底数 {base} 个。")


def _check_inherited(asked: Target) -> None:
    inherited = _inherited(asked)
    if inherited is not None and asked.value < inherited.value:
        raise InvalidInput(
            f"{asked.jurisdiction} {asked.year} 年目标 {asked.said} 低于{inherited.jurisdiction}的"
            f" {inherited.said}，下级目标不能低于上级。"
        )


def _inherited(cell: Target) -> Target | None:
    """What holds in a cell that has nothing of its own; a number holds only where it is set."""
    if cell.kind == Target.Kind.NUMBER:
        return None
    above = _same_rule(cell).filter(path__in=paths_down_to(cell.jurisdiction.path)[:-1])
    return above.select_related("jurisdiction").order_by("-path").first()


def around(targets: Iterable[Target], year: int) -> tuple[Target | None, Target | None]:
    """The highest target of the years before ``year``, and the lowest of those after it."""
    of_years = list(targets)
    before = max((one for one in of_years if one.year < year), key=lambda one: one.value, default=None)
    return before, min((one for one in of_years if one.year > year), key=lambda one: one.value, default=None)


def _check_rising(place: Jurisdiction, asked: Target, standing: Target | None) -> None:
    """InvalidInput where a cumulative target that is to hold at ``place`` would be less than an earlier year's there or below, or
    more than a later year's, and worse so than what is ``standing``.

    The issuer's own percents are measured against each other with the campaign, as they are before it is opened.
    """
    if asked.kind == Target.Kind.PILOTS_PER_STREET:
        return
    is_percent = asked.kind == Target.Kind.PERCENT
    held = [] if is_percent and place.pk == asked.campaign.jurisdiction_id else _held(place, asked)
    before, after = around([*held, *(_held_below(place, asked) if is_percent else [])], asked.year)
    said = f"{place} {asked.year} 年目标 {asked.said} "
    if before is not None and asked.value < min(before.value, before.value if standing is None else standing.value):
        raise InvalidInput(f"{said}低于{_whose(place, before, asked)}")
    if after is not None and asked.value > max(after.value, after.value if standing is None else standing.value):
        raise InvalidInput(f"{said}高于{_whose(place, after, asked)}")


def _whose(place: Jurisdiction, other: Target, asked: Target) -> str:
    """What stands against a target of ``place``, and the way out."""
    rule = "目标是累计的，应逐年提高"
    if place.path.startswith(other.path):
        return f" {other.year} 年的 {other.said}；{rule}，请先调整 {other.year} 年的目标。"
    below = other.jurisdiction
    return f"{below} {other.year} 年的 {other.said}；{rule}，请先为{below}单独定 {asked.year} 年的目标。"


def _held(place: Jurisdiction, asked: Target) -> list[Target]:
    """The targets of the same kind that hold at ``place`` in the other years of the campaign, its own or inherited."""
    line = [place.path] if asked.kind == Target.Kind.NUMBER else paths_down_to(place.path)
    rows = _other_years(asked).filter(path__in=line).order_by("path")
    return list({one.year: one for one in rows}.values())


def _held_below(place: Jurisdiction, asked: Target) -> list[Target]:
    """The percents of other years that units below ``place`` have of their own, where in its own year they inherit ``asked``."""
    below = Q(path__startswith=place.path) & ~Q(jurisdiction=place)
    own = list(_same_rule(asked).filter(below).values_list("path", flat=True))
    rows = _other_years(asked).filter(below).select_related("jurisdiction")
    return [one for one in rows if not one.path.startswith(tuple(own))]


def _other_years(asked: Target) -> QuerySet[Target]:
    same = Target.objects.filter(campaign=asked.campaign, kind=asked.kind, year__in=asked.campaign.years)
    return same.exclude(year=asked.year)


def _check_none_below(asked: Target) -> None:
    lower = _same_rule(asked).filter(value__lt=asked.value, path__startswith=asked.jurisdiction.path)
    below = lower.exclude(jurisdiction=asked.jurisdiction).select_related("jurisdiction").order_by("path")
    if names := [one.jurisdiction.name for one in below[:5]]:
        raise InvalidInput(f"{'、'.join(names)}的目标低于 {asked.said}，请先调整下级目标。")


def _same_rule(asked: Target) -> QuerySet[Target]:
    return Target.objects.filter(campaign=asked.campaign, year=asked.year, kind=asked.kind)


def _value(target: Target) -> tuple[Decimal, Decimal | None]:
    return target.value, target.upper
