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
    return _of_months(kind, what, extent)


def _of_months(kind: str, what: str, extent: Extent) -> Behind | None:
    """``in`` a month (2021-03), ``by`` its end, ``to`` a day (2021-03-31)."""
    if kind in ("in", "by") and (found := _MONTH.fullmatch(what)):
        year, month = int(found[1]), int(found[2])
        since, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
        if kind == "in":
            return _recognised(f"{year} 年 {month} 月认定", extent, since, last)
        return _recognised(f"{year} 年 {month} 月末累计认定", extent, None, last)
    if kind == "to" and (day := _day(what)):
        return _recognised(f"截至 {day.year} 年 {day.month} 月 {day.day} 日累计认定", extent, None, day)
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _recognised(label: str, extent: Extent, since: date | None, last: date) -> Behind:
    """Those recognised between two days of a year, or without ``since`` all up to the ``last``; what was written down before or
    after its year counts on the year's first or last day, as in the trend."""
    counted = Q(year=last.year)
    if since is not None and since != date(last.year, 1, 1):
        counted &= Q(recognised_at__gte=clock.midnight(since))
    if last != date(last.year, 12, 31):
        counted &= Q(recognised_at__lt=clock.midnight(last + timedelta(days=1)))
    if since is None:
        counted |= Q(year__lt=last.year)
    standing = Recognition.objects.standing().filter(
        lasting_to(extent.year),
        counted,
        community=OuterRef("pk"),
        campaign__in=extent.family,
        year__range=(extent.campaign.first_year, extent.year),
    )
    return Behind(label, lambda communities: communities.filter(Exists(standing)))
