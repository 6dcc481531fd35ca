"""Confirming a district's baseline of a year (底数确认), reopening it, and how it differs from the live list."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Aggregate, Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Left
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.campaigns.models import Campaign, TransferredFigures
from apps.communities.confirming import CONFIRMING_WIDTHS, confirms
from apps.communities.models import Baseline, BaselineEntry, Community, CommunityQuerySet
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError, stale
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.carrying_out import lock_units
from apps.reorganisations.signals import baseline_confirmed, baseline_reopened

_ROWS = Count("pk")


def years_of(jurisdiction: Jurisdiction) -> list[int]:
    """Return the years whose baseline can be confirmed, the latest first: those of campaigns that have begun, and this one."""
    this = clock.today().year
    years = {year for one in Campaign.objects.concerning(jurisdiction.path) for year in one.years if year <= this}
    return sorted(years | {this}, reverse=True)


def live_list(jurisdiction: Jurisdiction, year: int) -> CommunityQuerySet:
    """Return the communities that a baseline of ``year`` confirmed now would count."""
    return Community.objects.below(jurisdiction.path).counted_in(year)


def mark_of(jurisdiction: Jurisdiction, year: int) -> str:
    """Return a mark of the live list: another one where a community came or went."""
    return _mark(live_list(jurisdiction, year))


def _mark(communities: Iterable[Community]) -> str:
    ids = sorted(one.pk for one in communities)
    return sha256(",".join(map(str, ids)).encode()).hexdigest()[:16]


@transaction.atomic
def confirm_baseline(jurisdiction: Jurisdiction, year: int, *, actor: Actor, seen: str | None = None) -> Baseline:
    """Freeze the live list as the baseline of ``year`` (底数确认); the number stands until the level above reopens it.

    ``seen`` is the ``mark_of`` the list that was shown: StaleForm when it has changed since. Done twice by one person it has one
    effect. InvalidInput for a year that is none, TransitionError where the year is confirmed already.
    """
    require(actor, "confirm_baselines", jurisdiction.path)
    if actor.jurisdiction != jurisdiction:
        raise PermissionDenied(f"{jurisdiction}的底数由{jurisdiction}的审批人确认，上级可以退回。")
    lock_units([jurisdiction.path])
    locked = Jurisdiction.objects.get(pk=jurisdiction.pk)
    if not confirms(locked):
        raise PermissionDenied(f"底数由县（市、区）确认，{jurisdiction}不用确认。")
    if year not in years_of(locked):
        listed = "、".join(map(str, reversed(years_of(locked))))
        raise InvalidInput(f"{year} 年的底数不能确认。可以确认的年度：{listed}。")
    standing = Baseline.objects.standing().filter(jurisdiction=locked, year=year).select_related("confirmed_by").first()
    if standing is not None:
        if standing.confirmed_by_id == actor.user.pk:
            return standing
        raise TransitionError(f"{said_of(standing)}需要更正的，请上级退回后重新确认。")
    communities = list(live_list(locked, year).order_by("pk"))
    if seen is not None and seen != _mark(communities):
        raise stale(seen, f"您打开本页后，{locked}{year} 年的社区名单有变化，没有确认。请核对下面的名单后再确认。")
    return _freeze(locked, year, communities, actor)


def _freeze(jurisdiction: Jurisdiction, year: int, communities: Sequence[Community], actor: Actor) -> Baseline:
    taken = BaselineEntry.objects.filter(year=year, community__in=communities).select_related("baseline__jurisdiction")
    if (other := taken.first()) is not None:
        raise InvalidInput(
            f"{other.community}已列入{other.baseline.jurisdiction} {year} 年已确认的底数，不能重复确认。请先由上级退回那一份。"
        )
    baseline = Baseline.objects.create(
        jurisdiction=jurisdiction,
        year=year,
        number=len(communities),
        confirmed_at=clock.now(),
        confirmed_by=actor.user,
    )
    BaselineEntry.objects.bulk_create(
        [BaselineEntry(baseline=baseline, community=one, year=year) for one in communities], batch_size=1000
    )
    baseline_confirmed.send(sender=Baseline, row=baseline)
    return baseline


@transaction.atomic
def reopen_baseline(baseline: Baseline, reason: str, *, actor: Actor) -> Baseline:
    """Give a confirmed baseline back to its district with a reason (退回): the live list counts again until the next confirmation.

    By an approver of a level above. Done twice by one person it has one effect.
    """
    require(actor, "confirm_baselines", baseline.path)
    lock_units([baseline.path])
    locked = Baseline.objects.select_for_update(of=("self",)).select_related("jurisdiction").get(pk=baseline.pk)
    if actor.jurisdiction == locked.jurisdiction:
        raise PermissionDenied(f"{locked.jurisdiction}自己确认的底数由上级退回。请向上级说明需要更正的社区。")
    if locked.reopened_at is not None:
        stands = Baseline.objects.standing().filter(jurisdiction=locked.jurisdiction, year=locked.year).exists()
        if locked.reopened_by_id == actor.user.pk and not stands:
            return locked
        when = timezone.localtime(locked.reopened_at)
        told = f"{locked} 已于 {when:%Y-%m-%d %H:%M} 由 {locked.reopened_by} 退回"
        raise TransitionError(f"{told}，后来又重新确认，请打开最新的底数办理。" if stands else f"{told}，不用再办理。")
    if not reason.strip():
        raise InvalidInput("请填写退回理由。")
    locked.reopened_at, locked.reopened_by, locked.reopening_reason = clock.now(), actor.user, reason.strip()
    locked.save(update_fields=["reopened_at", "reopened_by", "reopening_reason"])
    locked.entries.all().delete()
    baseline_reopened.send(sender=Baseline, row=locked)
    return locked


def said_of(baseline: Baseline) -> str:
    """Say who confirmed what when."""
    when = timezone.localtime(baseline.confirmed_at)
    return (
        f"{baseline.jurisdiction} {baseline.year} 年底数 {baseline.number} 个，"
        f"已于 {when:%Y-%m-%d %H:%M} 由 {baseline.confirmed_by} 确认。"
    )


@dataclass(frozen=True)
class Difference:
    """A community that a confirmed baseline and the live list do not both hold, and why."""

    community: Community
    why: str


def differences(baseline: Baseline) -> list[Difference]:
    """Return by which communities the live list differs from a standing baseline: first those gone since, then those new."""
    here, year = baseline.jurisdiction, baseline.year
    live = live_list(here, year)
    listed = BaselineEntry.objects.filter(baseline=baseline, community=OuterRef("pk"))
    gone = Community.objects.filter(baseline_entries__baseline=baseline).exclude(pk__in=live.values("pk"))
    found = [Difference(one, _why_gone(one, here)) for one in _named(gone)]
    return found + [Difference(one, _why_new(one, year)) for one in _named(live.filter(~Exists(listed)))]


def _named(communities: CommunityQuerySet) -> Iterable[Community]:
    return communities.select_related("jurisdiction").in_code_order()


def _why_gone(community: Community, here: Jurisdiction) -> str:
    if not here.contains(community.path):
        return "已划出"
    if community.closed_on is not None:
        return f"已撤销（{community.closed_on:%Y-%m-%d}）"
    return "不再计入城市社区" if not community.counts_as_urban else "设立日期已更正"


def _why_new(community: Community, year: int) -> str:
    opened = community.opened_on is not None and community.opened_on.year == year
    return f"新设（{community.opened_on:%Y-%m-%d}）" if opened else "确认后列入"


@dataclass(frozen=True)
class UnitLine:
    """A district in the table of those above it: its last confirmation of the year, what it counts, and the live list's number.

    ``transferred``: what a past year has more, or less, by communities that came or went with a later reorganisation.
    """

    jurisdiction: Jurisdiction
    baseline: Baseline | None
    counted: int
    live: int
    transferred: int = 0

    @property
    def is_standing(self) -> bool:
        return self.baseline is not None and self.baseline.reopened_at is None

    @property
    def state(self) -> str:
        if self.baseline is None:
            return "未确认"
        return "已确认" if self.is_standing else "已退回"

    @property
    def base(self) -> int:
        """What every ratio of the year divides by."""
        return (self.counted if self.is_standing else self.live) + self.transferred

    @property
    def difference(self) -> int:
        """How many more the live list has than the confirmed one counts."""
        return self.live - self.counted if self.is_standing else 0


def unit_lines(units: Iterable[Jurisdiction], path: str, year: int) -> list[UnitLine]:
    """Return a line for each of ``units``, which lie below ``path``; the same number of queries whatever their number."""
    listed = list(units)
    latest: dict[int, Baseline] = {}
    rows = Baseline.objects.filter(jurisdiction__in=listed, year=year).select_related("confirmed_by", "reopened_by")
    for one in rows.order_by("confirmed_at", "pk"):
        latest[one.jurisdiction_id] = one
    live = _by_unit(Community.objects.below(path).counted_in(year))
    counted = _by_unit(BaselineEntry.objects.filter(path__gte=path, path__lt=path + "~", year=year))
    moved = TransferredFigures.objects.filter(path__gte=path, path__lt=path + "~", year=year)
    transferred = _by_unit(moved, Sum("base"))
    return [
        UnitLine(one, latest.get(one.pk), *(found.get(one.path, 0) for found in (counted, live, transferred)))
        for one in listed
    ]


def _by_unit(rows: QuerySet[Any], number: Aggregate = _ROWS) -> dict[str, int]:
    """Add ``number`` of rows up by the paths at which somebody may confirm."""
    found: dict[str, int] = {}
    for width in CONFIRMING_WIDTHS.values():
        grouped = rows.order_by().values_list(Left("path", width)).annotate(number)
        found |= {place: number for place, number in grouped if len(place) == width}
    return found


def unit_cells(lines: Iterable[UnitLine]) -> Iterator[list[str | int | None]]:
    """Yield the table as rows of a sheet."""
    for one in lines:
        last = one.baseline
        yield [
            one.jurisdiction.code or "",
            one.jurisdiction.name,
            one.state,
            last.number if last and one.is_standing else None,
            one.live,
            one.difference if one.is_standing else None,
            one.base,
            f"{timezone.localtime(last.confirmed_at):%Y-%m-%d}" if last else "",
            str(last.confirmed_by) if last else "",
            last.reopening_reason if last else "",
        ]


UNIT_COLUMNS = [
    "区划代码",
    "确认单位",
    "状态",
    "确认底数",
    "现名单",
    "差额",
    "进展所计底数",
    "确认日期",
    "确认人",
    "退回理由",
]
