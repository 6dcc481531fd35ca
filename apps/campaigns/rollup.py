"""The roll-up: figures of a jurisdiction's children and its total, counted live by one query.

A parent's figures are sums of counts over sums of bases. The cost grows with the jurisdiction shown, as every part of the
query is a range on ``path``.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db import connection

from apps.campaigns.models import Campaign, Target
from apps.campaigns.ratios import gap, ratio
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
    SELECT left(path, %(width)s) AS path, count(*) FILTER (WHERE year = %(year)s) AS recognised, count(*) AS cumulative
    FROM campaigns_recognition
    WHERE path >= %(from)s AND path < %(to)s AND campaign_id = ANY(%(campaigns)s) AND year BETWEEN %(first_year)s AND %(year)s
      AND revoked_at IS NULL
    GROUP BY 1
)
SELECT path, coalesce(base, 0), coalesce(enrolled, 0), coalesce(pilots, 0), coalesce(in_review, 0),
       coalesce(recognised, 0), coalesce(cumulative, 0)
FROM based FULL JOIN taking_part USING (path) FULL JOIN recognised USING (path)
"""


@dataclass(frozen=True)
class Figures:
    """Counts of communities in one jurisdiction, for a campaign and year.

    ``base``: 底数 at the year's end; ``enrolled``, ``pilots``: taking part by that year; ``in_review``: of these, now in the
    chain above the submitting level; ``recognised``: in the year itself; ``cumulative``: since the campaign began.
    """

    base: int = 0
    enrolled: int = 0
    pilots: int = 0
    in_review: int = 0
    recognised: int = 0
    cumulative: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.base + other.base,
            self.enrolled + other.enrolled,
            self.pilots + other.pilots,
            self.in_review + other.in_review,
            self.recognised + other.recognised,
            self.cumulative + other.cumulative,
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
    def gap(self) -> int | None:
        """Communities still missing to the target: max(0, ceil(target × base) − completed so far)."""
        if self.target is not None and self.target.kind == Target.Kind.NUMBER:
            return max(0, int(self.target.value) - self.figures.cumulative)
        return gap(self.target_ratio, self.figures.base, self.figures.cumulative)


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
    targets = _targets_by_path(campaign, jurisdiction, year)
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
        return {path: Figures(*counts) for path, *counts in cursor.fetchall()}


def _targets_by_path(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> dict[str, Target]:
    """Targets of the year on the line above ``jurisdiction``, on itself and on its children, by path.

    Where both a percent and a number stand, the percent is the one that ratios are measured by.
    """
    paths = [*paths_down_to(jurisdiction.path)]
    rows = Target.objects.filter(campaign=campaign, year=year, kind__in=[Target.Kind.PERCENT, Target.Kind.NUMBER])
    rows = rows.filter(path__in=paths) | rows.filter(jurisdiction__parent=jurisdiction)
    return {target.path: target for target in sorted(rows, key=lambda one: one.kind == Target.Kind.PERCENT)}


def _line(jurisdiction: Jurisdiction, figures: Figures, targets: dict[str, Target]) -> Line:
    for path in reversed(paths_down_to(jurisdiction.path)):
        target = targets.get(path)
        # A number of communities binds the jurisdiction it is set for; only a share is inherited.
        if target is not None and (path == jurisdiction.path or target.kind == Target.Kind.PERCENT):
            return Line(jurisdiction, figures, target, is_own_target=path == jurisdiction.path)
    return Line(jurisdiction, figures, None, is_own_target=False)
