"""The roll-up: figures of a jurisdiction's children and its total, counted live by one query.

A parent's figures are sums of counts over sums of bases. The cost grows with the jurisdiction shown, as every part of the
query is a range on ``path``.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from django.db import connection

from apps.campaigns.models import Campaign, Target
from apps.campaigns.ratios import ratio, wanted
from apps.core.wall import LABEL_WIDTH
from apps.jurisdictions.models import Jurisdiction, paths_down_to

_FIGURES = """
WITH based AS (
    SELECT left(path, %(width)s) AS path, count(*) AS base
    FROM communities_community
    WHERE path >= %(from)s AND path < %(to)s AND counts_as_urban
      AND (opened_on IS NULL OR opened_on <= %(year_end)s) AND (closed_on IS NULL OR closed_on > %(year_end)s)
    GROUP BY 1
), taking_part AS (
    SELECT left(path, %(width)s) AS path, count(*) AS enrolled, count(*) FILTER (WHERE is_pilot) AS pilots,
           count(*) FILTER (WHERE stage = 'in_review') AS in_review
    FROM campaigns_participation
    WHERE path >= %(from)s AND path < %(to)s AND campaign_id = ANY(%(campaigns)s) AND year <= %(year)s
    GROUP BY 1
), recognised AS (
    SELECT path, jsonb_object_agg(year, count) AS by_year
    FROM (
        SELECT left(path, %(width)s) AS path, year, count(*) AS count
        FROM campaigns_recognition
        WHERE path >= %(from)s AND path < %(to)s AND campaign_id = ANY(%(campaigns)s)
          AND year BETWEEN %(first_year)s AND %(year)s AND revoked_at IS NULL
        GROUP BY 1, 2
    ) AS counted
    GROUP BY 1
)
SELECT path, coalesce(base, 0), coalesce(enrolled, 0), coalesce(pilots, 0), coalesce(in_review, 0),
       coalesce(by_year, '{}')
FROM based FULL JOIN taking_part USING (path) FULL JOIN recognised USING (path)
"""


@dataclass(frozen=True)
class Figures:
    """Counts of communities in one jurisdiction, for a campaign and year.

    ``base``: 底数 at the year's end; ``enrolled``, ``pilots``: taking part by that year; ``in_review``: of these, now in the
    chain above the submitting level; ``recognised``: in the year itself; ``cumulative``: since the campaign began, which is
    the sum of ``by_year``.
    """

    base: int = 0
    enrolled: int = 0
    pilots: int = 0
    in_review: int = 0
    recognised: int = 0
    cumulative: int = 0
    by_year: Counter[int] = field(default_factory=Counter)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.base + other.base,
            self.enrolled + other.enrolled,
            self.pilots + other.pilots,
            self.in_review + other.in_review,
            self.recognised + other.recognised,
            self.cumulative + other.cumulative,
            self.by_year + other.by_year,
        )

    @property
    def participation_ratio(self) -> Fraction | None:
        return ratio(self.enrolled, self.base)

    @property
    def completion_ratio(self) -> Fraction | None:
        return ratio(self.recognised, self.base)

    @property
    def cumulative_ratio(self) -> Fraction | None:
        return ratio(self.cumulative, self.base)


@dataclass(frozen=True)
class Line:
    """One row of a roll-up: a jurisdiction with its figures and the target that holds there, if any."""

    jurisdiction: Jurisdiction
    figures: Figures
    target: Target | None
    is_own_target: bool

    @property
    def target_ratio(self) -> Fraction | None:
        """The target as a share of the base; a target in communities is one too once there is a base."""
        if self.target is None:
            return None
        if self.target.kind == Target.Kind.PERCENT:
            return Fraction(self.target.value) / 100
        return ratio(int(self.target.value), self.figures.base)

    @property
    def target_percent(self) -> Fraction | None:
        """The target in percent of the base."""
        return None if self.target_ratio is None else self.target_ratio * 100

    @property
    def gap(self) -> int | None:
        """Communities still missing to the target: max(0, ceil(target × base) − completed so far)."""
        if self.target is None:
            return None
        return max(0, _wanted(self.target, self.figures.base) - self.figures.cumulative)


@dataclass(frozen=True)
class Rollup:
    """The children of ``total.jurisdiction`` in code order, what lies directly under it, and the total."""

    campaign: Campaign
    year: int
    children: list[Line]
    direct: Figures
    total: Line


def roll_up(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> Rollup:
    """Count for ``jurisdiction`` and each of its children; four queries whatever the size."""
    width = len(jurisdiction.path) + LABEL_WIDTH
    by_path = _figures_by_path(campaign, jurisdiction, year, width)
    children = list(Jurisdiction.objects.filter(parent=jurisdiction).in_code_order())
    targets = _targets_around(campaign, jurisdiction, year)
    lines = [_line(child, by_path.get(child.path, Figures()), targets) for child in children]
    direct = by_path.get(jurisdiction.path, Figures())
    total = sum((line.figures for line in lines), direct)
    return Rollup(campaign, year, lines, direct, _line(jurisdiction, total, targets))


def family_of(campaign: Campaign) -> list[int]:
    """Return the ids of ``campaign`` and of every campaign that carries it out: what is done there counts here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE family AS (SELECT %s::bigint AS id UNION"
            " SELECT c.id FROM campaigns_campaign c JOIN family ON c.parent_id = family.id) SELECT id FROM family",
            [campaign.pk],
        )
        return [row[0] for row in cursor.fetchall()]


def _figures_by_path(campaign: Campaign, jurisdiction: Jurisdiction, year: int, width: int) -> dict[str, Figures]:
    with connection.cursor() as cursor:
        cursor.execute(
            _FIGURES,
            {
                "width": width,
                "from": jurisdiction.path,
                "to": jurisdiction.path + "~",
                "year_end": date(year, 12, 31),
                "year": year,
                "first_year": campaign.first_year,
                "campaigns": family_of(campaign),
            },
        )
        return {path: _figures(year, *counts) for path, *counts in cursor.fetchall()}


def _figures(year: int, base: int, enrolled: int, pilots: int, in_review: int, counted: str) -> Figures:
    by_year = Counter({int(one): count for one, count in json.loads(counted).items()})
    return Figures(base, enrolled, pilots, in_review, by_year[year], by_year.total(), by_year)


def _targets_around(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> list[Target]:
    """Return the targets of the year on the line down to ``jurisdiction``, on itself and on its children."""
    rows = Target.objects.filter(campaign=campaign, year=year, kind__in=[Target.Kind.PERCENT, Target.Kind.NUMBER])
    return list(rows.filter(path__in=paths_down_to(jurisdiction.path)) | rows.filter(jurisdiction__parent=jurisdiction))


def _line(jurisdiction: Jurisdiction, figures: Figures, targets: Iterable[Target]) -> Line:
    """Give the line the target that asks most: a share holds below the jurisdiction it is set for, a number only there."""
    above = [one for one in targets if jurisdiction.path.startswith(one.path)]
    shares = [one for one in above if one.kind == Target.Kind.PERCENT]
    holding = sorted(shares, key=lambda one: len(one.path))[-1:] + [
        one for one in above if one.kind == Target.Kind.NUMBER and one.path == jurisdiction.path
    ]
    target = max(holding, key=lambda one: _wanted(one, figures.base), default=None)
    return Line(jurisdiction, figures, target, is_own_target=target is not None and target.path == jurisdiction.path)


def _wanted(target: Target, base: int) -> int:
    """Return the communities that ``target`` asks for."""
    return wanted(Fraction(target.value) / 100, base) if target.kind == Target.Kind.PERCENT else int(target.value)
