"""A jurisdiction's target divided over its children (分解到下级): what is proposed, and the verb that sets it, all or nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import Q, TextChoices

from apps.accounts.permissions import Actor, require
from apps.campaigns.distribution import Share, by_base, by_unfinished, distribute, evenly, room
from apps.campaigns.models import Campaign, Target
from apps.campaigns.ratios import wanted
from apps.campaigns.rollup import Rollup, roll_up
from apps.campaigns.targets import around, handing_down, is_given_to, put_over, require_inside, sign_of, take_turns
from apps.campaigns.turns import work_under
from apps.core.errors import InvalidInput, stale
from apps.jurisdictions.models import Jurisdiction, paths_down_to

Kind = Target.Kind


class Way(TextChoices):
    BASE = "base", "按底数"
    UNFINISHED = "unfinished", "按未完成数"
    EVENLY = "evenly", "平均"


@dataclass(frozen=True)
class Child:
    """A child over which a target is divided, with what stands there now.

    ``standing``: its own number, ``is_given``: by a unit above the one that divides, so that it stays; ``asked``: what the percent
    that holds there asks for, ``below``: the sum of what its own children were given, ``earlier``, ``later``: its highest number
    of the years before, and its lowest of those after; None where there is nothing of the kind.
    """

    jurisdiction: Jurisdiction
    base: int
    recognised: int
    standing: Target | None
    is_given: bool
    asked: int | None
    below: int | None
    earlier: Target | None
    later: Target | None

    @property
    def own(self) -> int | None:
        return None if self.standing is None else int(self.standing.value)

    @property
    def unfinished(self) -> int:
        return max(0, self.base - self.recognised)

    def remarks(self, number: int | None) -> list[str]:
        """What is to be known about giving the child ``number``; it blocks nothing."""
        found: list[str] = []
        if number is None:
            return found
        if self.asked is not None and number < self.asked:
            found.append(f"比例目标要求 {self.asked} 个，按多的执行")
        if self.below is not None and number < self.below:
            found.append(f"已向下分解 {self.below} 个，多于这个数")
        if self.earlier is not None and number < self.earlier.value:
            found.append(f"{self.earlier.year} 年目标 {self.earlier.said}，多于这个数")
        if self.later is not None and number > self.later.value:
            found.append(f"{self.later.year} 年目标 {self.later.said}，少于这个数")
        if number < self.recognised:
            found.append(f"已认定 {self.recognised} 个，多于这个数")
        if number > self.base:
            found.append(f"底数只有 {self.base} 个")
        if self.is_given and self.standing is not None:
            found.append(f"由{self.standing.issued_by}下达，本级不能改")
        return found


@dataclass(frozen=True)
class Division:
    """The children of a jurisdiction with communities in a year; ``version`` is another one as soon as a figure or a target is."""

    rollup: Rollup
    children: list[Child]

    @property
    def whole(self) -> int | None:
        """What the jurisdiction's own target asks for."""
        return self.rollup.total.wanted

    @property
    def base(self) -> int:
        return sum(one.base for one in self.children)

    @property
    def numbers(self) -> dict[int, int | None]:
        """What the children have now, by their ids."""
        return {one.jurisdiction.pk: one.own for one in self.children}

    @property
    def version(self) -> str:
        stood = [(one.jurisdiction.pk, one.base, one.recognised, sign_of(one.standing)) for one in self.children]
        return hashlib.sha256(repr(stood).encode()).hexdigest()[:16]

    def propose(self, number: int, way: Way) -> dict[int, int]:
        """Divide ``number`` over the children, by their ids; InvalidInput with both numbers where it does not fit."""
        shares = self._shares(way)
        least, most = room(shares)
        given = "、".join(f"{one.jurisdiction.name} {one.own} 个" for one in self.children if one.is_given)
        given = f"（其中由上级下达、不能改的：{given}）" if given else ""
        if number > most:
            raise InvalidInput(f"要分解 {number} 个，下级最多只能分 {most} 个{given}，请改小。")
        if number < least:
            done = "累计已认定的" if way == Way.UNFINISHED else "已下达的"
            raise InvalidInput(
                f"要分解 {number} 个，下级{done}已有 {least} 个{given}，没有可分的。请改大，或改用别的方式。"
            )
        return {int(key): given for key, given in distribute(number, shares).items()}

    def _shares(self, way: Way) -> list[Share]:
        # Keys of one length, so that the smaller id comes first where remainders are equal.
        bases = {f"{one.jurisdiction.pk:012}": one.base for one in self.children}
        if way == Way.UNFINISHED:
            found = by_unfinished(bases, {f"{one.jurisdiction.pk:012}": one.recognised for one in self.children})
        else:
            found = evenly(bases) if way == Way.EVENLY else by_base(bases)
        given = {f"{one.jurisdiction.pk:012}": one.own for one in self.children if one.is_given and one.own is not None}
        return [Share(one.key, 0, given[one.key], given[one.key]) if one.key in given else one for one in found]


def division_of(campaign: Campaign, place: Jurisdiction, year: int, by: Jurisdiction) -> Division:
    """Read what ``by`` divides a target of ``place`` over, in two queries."""
    rollup = roll_up(campaign, place, year)
    lines = [line for line in rollup.children if line.figures.base > 0]
    known = _targets_around(campaign, place, year)
    rows = [one for one in known if one.year == year]
    children = []
    for line in lines:
        one, base = line.jurisdiction, line.figures.base
        standing = next((row for row in rows if row.kind == Kind.NUMBER and row.path == one.path), None)
        lower = [int(row.value) for row in rows if row.path != one.path and row.path.startswith(one.path)]
        percents = [row for row in rows if row.kind == Kind.PERCENT and one.path.startswith(row.path)]
        nearest = max(percents, key=lambda row: len(row.path), default=None)
        asked = None if nearest is None else wanted(Fraction(nearest.value) / 100, base)
        is_given = standing is not None and is_given_to(standing, by)
        below = sum(lower) if lower else None
        beside = around((row for row in known if row.path == one.path and row.kind == Kind.NUMBER), year)
        children.append(Child(one, base, line.figures.cumulative, standing, is_given, asked, below, *beside))
    return Division(rollup, children)


@transaction.atomic
def distribute_target(
    campaign: Campaign,
    place: Jurisdiction,
    year: int,
    numbers: Mapping[int, int],
    *,
    whole: int,
    actor: Actor,
    seen: str,
    document_number: str = "",
) -> list[Target]:
    """Give the children of ``place`` (ids) their numbers of communities, which together are ``whole``: all of them or none.

    Only what differs from what stands is written. StaleForm where a figure or a target changed since the preview ``seen``;
    InvalidInput where a unit above the actor's gave a child its number.
    """
    require(actor, "set_targets", place.path)
    require_inside(actor, campaign)
    campaign = work_under(campaign, "不能分解目标")
    take_turns(campaign)
    if year not in campaign.years:
        raise InvalidInput(f"{year} 年不在“{campaign.name}”的年度（{campaign.first_year}–{campaign.last_year}）内。")
    division = division_of(campaign, place, year, actor.jurisdiction)
    number = document_number.strip()
    if numbers == division.numbers and not _changed(division, numbers, number, by=actor.jurisdiction):
        # Sent twice: the first one has done it.
        return []
    _check(division, numbers, whole, seen)
    changed = _changed(division, numbers, number, by=actor.jurisdiction)
    standing = {one.pk for one in changed if one.pk is not None}
    with handing_down(actor, [one.jurisdiction for one in changed]) as told:
        Target.objects.bulk_create([one for one in changed if one.pk is None])
        known = [one for one in changed if one.pk in standing]
        Target.objects.bulk_update(known, ["value", "upper", "document_number", "source", "issued_by"])
        told += [one.pk for one in changed]
    return changed


def _changed(division: Division, numbers: Mapping[int, int], document_number: str, *, by: Jurisdiction) -> list[Target]:
    """The rows to be written for ``by`` to give the children their ``numbers``."""
    found = []
    for one in division.children:
        number = numbers[one.jurisdiction.pk]
        if one.is_given and one.own == number:
            continue
        asked = Target(
            campaign=division.rollup.campaign,
            jurisdiction=one.jurisdiction,
            year=division.rollup.year,
            kind=Kind.NUMBER,
            value=Decimal(number),
            document_number=document_number,
            issued_by=by,
        )
        if (row := put_over(one.standing, asked, by=by)) is not None:
            found.append(row)
    return found


def _check(division: Division, numbers: Mapping[int, int], whole: int, seen: str) -> None:
    children = {one.jurisdiction.pk: one for one in division.children}
    if division.version != seen or numbers.keys() != children.keys():
        raise stale(seen, "预览以后，下级的底数、认定数或目标有变动，没有下达。请核对最新数字后再确认。")
    for pk, one in children.items():
        if not one.is_given and not 0 <= numbers[pk] <= one.base:
            raise InvalidInput(f"{one.jurisdiction} {numbers[pk]} 个不对：应在 0 到底数 {one.base} 个之间。")
    if (total := sum(numbers.values())) != whole:
        differs = f"还差 {whole - total} 个" if total < whole else f"多 {total - whole} 个"
        raise InvalidInput(f"下级合计 {total} 个，要分解 {whole} 个，{differs}。请调整后再确认。")


def _targets_around(campaign: Campaign, place: Jurisdiction, year: int) -> list[Target]:
    """The percents that may hold at the children, and the numbers of children, other years' too, and of grandchildren."""
    percents = Q(kind=Kind.PERCENT) & (Q(path__in=paths_down_to(place.path)) | Q(jurisdiction__parent=place))
    numbers = Q(kind=Kind.NUMBER) & (Q(jurisdiction__parent=place) | Q(jurisdiction__parent__parent=place))
    others = Q(kind=Kind.NUMBER, jurisdiction__parent=place, year__in=campaign.years)
    rows = Target.objects.filter(Q(percents | numbers, year=year) | others, campaign=campaign)
    return list(rows.select_related("jurisdiction", "issued_by", "campaign"))
