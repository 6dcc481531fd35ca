"""The names behind the figures of this room: what an address calls them (``behind=``), in words and as a set of communities."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from apps.campaigns.drilldown import lasting_to
from apps.campaigns.models import Recognition
from apps.communities.models import CommunityQuerySet
from apps.core import clock
from apps.progress.extent import Extent
from apps.progress.missed import assessed_on, having_missed
from apps.progress.stages import LABELS, TRANSFERRED, having_left, standing_at
from apps.standards.models import Criterion

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_DAY = re.compile(r"20\d\d-\d\d-\d\d")


class Behind(NamedTuple):
    """A figure: what it counts in words, and how a set of communities is narrowed to those that it counts."""

    label: str
    narrowed: Callable[[CommunityQuerySet], CommunityQuerySet]


def behind(key: str, extent: Extent) -> Behind | None:
    """Return the figure that ``key`` names: ``at.``, ``left.`` a stage, ``missed.``, ``assessed.`` a criterion, ``in.``, ``by.`` a
    month, ``to.`` a day; None for anything else."""
    kind, _, what = key.partition(".")
    if kind in ("at", "left") and what in LABELS and what != TRANSFERRED:
        narrow = standing_at if kind == "at" else having_left
        label = LABELS[what] if kind == "at" else f"{extent.year} 年度计划已办结“{LABELS[what]}”"
        return Behind(label, lambda communities: narrow(communities, extent, what))
    if kind in ("missed", "assessed") and re.fullmatch(r"\d{1,18}", what):
        criterion = Criterion.objects.filter(pk=int(what)).first()
        if criterion is None:
            return None
        tells = having_missed if kind == "missed" else assessed_on
        label = f"第 {criterion.number} 条{'未达到' if kind == 'missed' else '已评'}（{extent.year} 年度计划）"
        return Behind(label, lambda communities: tells(communities, extent, criterion.pk))
    if kind in ("in", "by") and (found := _MONTH.fullmatch(what)):
        year, month = int(found[1]), int(found[2])
        begin, end = date(year, month, 1), date(year, month, monthrange(year, month)[1])
        # In January and December with what was written down before and after the year, as the trend counts them.
        since = begin if kind == "in" and month > 1 else None
        label = f"{year} 年 {month} 月{'认定' if kind == 'in' else '末累计认定'}"
        return _recognised(label, extent, year, since, end if month < 12 else None, in_all=kind == "by")
    if kind == "to" and (last := _day(what)):
        return _recognised(
            f"{last.year} 年 {last.month} 月 {last.day} 日累计认定", extent, last.year, None, last, in_all=True
        )
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _recognised(
    label: str, extent: Extent, year: int, since: date | None, last: date | None, *, in_all: bool
) -> Behind:
    """Those recognised as of ``year`` between two days, or ``in_all``: with those of the years before."""
    counted = Q(year=year)
    if since is not None:
        counted &= Q(recognised_at__gte=clock.midnight(since))
    if last is not None:
        counted &= Q(recognised_at__lt=clock.midnight(last + timedelta(days=1)))
    if in_all:
        counted |= Q(year__lt=year)
    standing = Recognition.objects.standing().filter(
        lasting_to(extent.year),
        counted,
        community=OuterRef("pk"),
        campaign__in=extent.family,
        year__range=(extent.campaign.first_year, extent.year),
    )
    return Behind(label, lambda communities: communities.filter(Exists(standing)))
