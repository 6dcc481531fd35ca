"""The names behind the figures of this room: what an address calls them (``behind=``), in words and as a set of communities."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.campaigns.drilldown import lasting_to
from apps.campaigns.models import Recognition
from apps.communities.models import CommunityQuerySet
from apps.progress.extent import Extent
from apps.progress.missed import assessed_on, having_missed
from apps.progress.stages import LABELS, TRANSFERRED, having_left, standing_at
from apps.standards.models import Criterion

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


class Behind(NamedTuple):
    """A figure: what it counts in words, and how a set of communities is narrowed to those that it counts."""

    label: str
    narrowed: Callable[[CommunityQuerySet], CommunityQuerySet]


def behind(key: str, extent: Extent) -> Behind | None:
    """Return the figure that ``key`` names: ``at.``, ``left.`` a stage, ``missed.``, ``assessed.`` a criterion, ``in.``, ``by.`` a
    month; None for anything else."""
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
        label = f"{year} 年 {month} 月{'认定' if kind == 'in' else '末累计认定'}"
        return Behind(label, lambda communities: _recognised(communities, extent, year, month, until=kind == "by"))
    return None


def _recognised(
    communities: CommunityQuerySet, extent: Extent, year: int, month: int, *, until: bool
) -> CommunityQuerySet:
    """Those recognised in a month of ``year``, or up to its end; in January and December with what was written down before and
    after the year, as the trend counts them."""
    zone = timezone.get_current_timezone()
    in_year = Q(year=year)
    if month < 12:
        in_year &= Q(recognised_at__lt=datetime(year, month + 1, 1, tzinfo=zone))
    if until:
        in_year |= Q(year__lt=year)
    elif month > 1:
        in_year &= Q(recognised_at__gte=datetime(year, month, 1, tzinfo=zone))
    standing = Recognition.objects.standing().filter(
        lasting_to(extent.year),
        in_year,
        community=OuterRef("pk"),
        campaign__in=extent.family,
        year__range=(extent.campaign.first_year, extent.year),
    )
    return communities.filter(Exists(standing))
