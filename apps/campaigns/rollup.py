"""The roll-up: figures of a jurisdiction's children and its total, counted live by one query.

A parent's figures are sums of counts over sums of bases. The cost grows with the jurisdiction shown, as every part of the
query is a range on ``path``.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection

from apps.campaigns.models import Campaign, Target
from apps.campaigns.ratios import ratio, wanted
from apps.communities.confirming import CONFIRMING_WIDTHS
from apps.core.scope import is_limited_to
from apps.core.wall import LABEL_WIDTH
from apps.jurisdictions.models import Jurisdiction, paths_down_to

# The jurisdiction and its children in code order, each with its counts. The targets that may hold there ride along with the
# jurisdiction's own row: for a county, asking for them apart would take longer than counting.
_FIGURES = """
WITH RECURSIVE family AS (
    SELECT %(campaign)s::bigint AS id
    UNION
    SELECT c.id FROM campaigns_campaign c JOIN family ON c.parent_id = family.id
), confirmed AS (
    SELECT path FROM communities_baseline
    WHERE year = %(year)s AND reopened_at IS NULL AND (path = ANY (%(above)s) OR path >= %(from)s AND path < %(to)s)
), transferred AS (
    SELECT left(path, %(width)s) AS path, base, enrolled, pilots, (
               SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(recognitions)
               WHERE left(key, 4)::int >= %(first_year)s
           ) AS recognitions
    FROM campaigns_transferredfigures
    WHERE {below} year = %(year)s AND (campaign_id IS NULL OR campaign_id = ANY (ARRAY(SELECT id FROM family)))
), moved AS (
    SELECT path, jsonb_agg(jsonb_build_object('base', base, 'enrolled', enrolled, 'pilots', pilots) || recognitions) AS moves
    FROM transferred GROUP BY path
), based AS (
    SELECT path, sum(base)::int AS base
    FROM (
        SELECT left(path, %(width)s) AS path, count(*) AS base
        FROM communities_community
        WHERE {below} counts_as_urban
          AND (opened_on IS NULL OR opened_on <= %(year_end)s) AND (closed_on IS NULL OR closed_on > %(year_end)s)
          AND left(path, %(district)s) NOT IN (SELECT path FROM confirmed)
          AND left(path, %(city)s) NOT IN (SELECT path FROM confirmed)
        GROUP BY 1
        UNION ALL
        SELECT left(path, %(width)s), count(*) FROM communities_baselineentry WHERE {below} year = %(year)s GROUP BY 1
        UNION ALL
        SELECT path, base FROM transferred
    ) AS counted
    GROUP BY 1
), taking_part AS (
    SELECT path, sum(enrolled)::int AS enrolled, sum(pilots)::int AS pilots, sum(in_review)::int AS in_review
    FROM (
        SELECT left(path, %(width)s) AS path, count(*) AS enrolled, count(*) FILTER (WHERE is_pilot) AS pilots,
               count(*) FILTER (WHERE stage = 'in_review' AND ended_on IS NULL) AS in_review
        FROM campaigns_participation
        WHERE {below} campaign_id = ANY (ARRAY(SELECT id FROM family)) AND year <= %(year)s
          AND (ended_on IS NULL OR ended_on > %(year_end)s)
        GROUP BY 1
        UNION ALL
        SELECT path, enrolled, pilots, 0 FROM transferred
    ) AS counted
    GROUP BY 1
), recognised AS (
    SELECT path, jsonb_object_agg(year, count) AS by_year
    FROM (
        SELECT path, year, sum(count)::int AS count
        FROM (
            SELECT left(path, %(width)s) AS path, year, count(*) AS count
            FROM campaigns_recognition
            WHERE {below} campaign_id = ANY (ARRAY(SELECT id FROM family))
              AND year BETWEEN %(first_year)s AND %(year)s AND revoked_at IS NULL
              AND (ended_on IS NULL OR ended_on > %(year_end)s)
            GROUP BY 1, 2
            UNION ALL
            SELECT path, left(key, 4)::int, value::int FROM transferred, jsonb_each_text(recognitions)
        ) AS counted
        GROUP BY 1, 2
    ) AS summed
    GROUP BY 1
)
SELECT j.id, j.path, j.code, j.name, j.level, j.kind, j.parent_id, j.opened_on, j.closed_on,
       coalesce(base, 0), coalesce(enrolled, 0), coalesce(pilots, 0), coalesce(in_review, 0),
       coalesce(by_year, '{{}}'), coalesce(moves, '[]'),
       CASE WHEN j.id = %(jurisdiction)s THEN (
           SELECT jsonb_agg(to_jsonb(t)) FROM campaigns_target t
           WHERE t.campaign_id = %(campaign)s AND t.year = %(year)s AND t.kind IN ('percent', 'number')
             AND (t.path = ANY (%(above)s) OR left(t.path, -%(label)s) = %(from)s)
       ) END
FROM jurisdictions_jurisdiction j
LEFT JOIN based USING (path) LEFT JOIN taking_part USING (path) LEFT JOIN recognised USING (path)
LEFT JOIN moved USING (path)
WHERE j.id = %(jurisdiction)s OR {within}
ORDER BY j.code NULLS LAST, j.id
"""
_BELOW = "path >= %(from)s AND path < %(to)s AND"
_CHILDREN = "j.parent_id = %(jurisdiction)s"
_EVERY_PLACE = "j.path >= %(from)s AND j.path < %(to)s"
# The day of its year on which a recognition counts, of columns ``year`` and ``recognised_on``: on the first what was written down
# before its year, on the last what came after.
DAY = "least(greatest(recognised_on, make_date(year, 1, 1)), make_date(year, 12, 31))"
# Longer than any path: nothing is added up.
_WHOLE_PATH = 1000
_PLACE = ["id", "path", "code", "name", "level", "kind", "parent_id", "opened_on", "closed_on"]


@dataclass(frozen=True)
class Figures:
    """Counts of communities in one jurisdiction, for a campaign and year.

    ``base``: 底数 at the year's end; ``enrolled``, ``pilots``: taking part by that year; ``in_review``: of these, now in the
    chain above the submitting level; ``recognised``: in the year itself; ``cumulative``: since the campaign began, which is
    the sum of ``by_year``. ``moved``: how much of all of these is there because of later transfers (划转前数据), recognitions by
    day and id; it has no names.
    """

    base: int = 0
    enrolled: int = 0
    pilots: int = 0
    in_review: int = 0
    recognised: int = 0
    cumulative: int = 0
    by_year: Counter[int] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter, compare=False)

    def __add__(self, other: "Figures") -> "Figures":
        return self._plus(other, 1)

    def __sub__(self, other: "Figures") -> "Figures":
        return self._plus(other, -1)

    def _plus(self, other: "Figures", sign: int) -> "Figures":
        return Figures(
            self.base + sign * other.base,
            self.enrolled + sign * other.enrolled,
            self.pilots + sign * other.pilots,
            self.in_review + sign * other.in_review,
            self.recognised + sign * other.recognised,
            self.cumulative + sign * other.cumulative,
            _summed(self.by_year, other.by_year, sign),
            _summed(self.moved, other.moved, sign),
        )

    def before_transfers(self, year: int) -> "Figures":
        """The part of the figures of ``year`` that comes from before later transfers (划转前数据)."""
        moved = Counter(self.moved)
        base, enrolled, pilots = (moved.pop(name, 0) for name in ("base", "enrolled", "pilots"))
        by_year: Counter[int] = Counter()
        for day, count in moved.items():
            by_year[int(day[:4])] += count
        return Figures(base, enrolled, pilots, 0, by_year[year], by_year.total(), by_year, self.moved)

    def without_transfers(self, year: int) -> "Figures":
        """The part that communities of today stand for."""
        return self - self.before_transfers(year)

    @property
    def has_moved(self) -> bool:
        """Whether later transfers make a difference here; where both sides lie within they do not."""
        return any(self.moved.values())

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
    def wanted(self) -> int | None:
        """How many communities the target asks for: ceil(target × base)."""
        return None if self.target is None else _wanted(self.target, self.figures.base)

    @property
    def gap(self) -> int | None:
        """Communities still missing to the target: max(0, what it asks for − completed so far)."""
        return None if self.wanted is None else max(0, self.wanted - self.figures.cumulative)

    @property
    def is_out_of_reach(self) -> bool:
        """Whether the target asks for more communities than there are."""
        return self.wanted is not None and self.wanted > self.figures.base


@dataclass(frozen=True)
class Rollup:
    """The children of ``total.jurisdiction`` in code order, what lies directly under it, and the total.

    ``direct`` is made up of communities right under it and of what later transfers took out of its earlier years or left there.
    """

    campaign: Campaign
    year: int
    children: list[Line]
    direct: Figures
    total: Line

    @property
    def transferred(self) -> Figures:
        """The part of ``direct`` that no community here stands for (划转前数据)."""
        return self.direct.before_transfers(self.year)

    @property
    def own(self) -> Figures:
        """The communities right under the jurisdiction."""
        return self.direct.without_transfers(self.year)


def roll_up(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> Rollup:
    """Count for ``jurisdiction`` and each of its children; one query whatever the size."""
    counted, targets = _count(campaign, jurisdiction, year)
    direct = next((figures for place, figures in counted if place == jurisdiction), Figures())
    below = [(place, figures) for place, figures in counted if place != jurisdiction]
    total = sum((figures for _, figures in below), direct)
    # Those that are not there that year are shown where they count something all the same.
    lines = [_line(*one, targets) for one in below if _is_there(one[0], year) or one[1] != Figures()]
    return Rollup(campaign, year, lines, direct, _line(jurisdiction, total, targets))


def count_each(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> list[tuple[Jurisdiction, Figures]]:
    """Count what lies right under ``jurisdiction`` and right under each place below it, in code order; one query."""
    return _count(campaign, jurisdiction, year, each=True)[0]


def family_of(campaign: Campaign) -> list[int]:
    """Return the ids of ``campaign`` and of every campaign that carries it out: what is done there counts here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE family AS (SELECT %s::bigint AS id UNION"
            " SELECT c.id FROM campaigns_campaign c JOIN family ON c.parent_id = family.id) SELECT id FROM family",
            [campaign.pk],
        )
        return [row[0] for row in cursor.fetchall()]


def _count(
    campaign: Campaign, jurisdiction: Jurisdiction, year: int, *, each: bool = False
) -> tuple[list[tuple[Jurisdiction, Figures]], list[Target]]:
    """Return each child with its figures, the jurisdiction with those of what lies right under it, and the targets around.

    ``each``: instead of the children every place below, with what lies right under it.
    """
    parameters: dict[str, Any] = {
        "campaign": campaign.pk,
        "jurisdiction": jurisdiction.pk,
        "width": _WHOLE_PATH if each else len(jurisdiction.path) + LABEL_WIDTH,
        "label": LABEL_WIDTH,
        # Baselines are confirmed by districts, or by cities that have none; a municipality's districts stand where cities do.
        **CONFIRMING_WIDTHS,
        "from": jurisdiction.path,
        "to": jurisdiction.path + "~",
        "above": paths_down_to(jurisdiction.path),
        "year_end": date(year, 12, 31),
        "year": year,
        "first_year": campaign.first_year,
    }
    with connection.cursor() as cursor:
        # Where the wall holds the statement to the range already, planning it twice would take longer than counting.
        below, within = "" if is_limited_to(jurisdiction.path) else _BELOW, _EVERY_PLACE if each else _CHILDREN
        cursor.execute(_FIGURES.format(below=below, within=within), parameters)
        rows = cursor.fetchall()
    targets = [Target(**one) for row in rows for one in json.loads(row[-1] or "[]", parse_float=Decimal)]
    width = len(_PLACE)
    counted = [
        (Jurisdiction.from_db(connection.alias, _PLACE, row[:width]), _figures(year, *row[width:-1])) for row in rows
    ]
    return counted, targets


def _is_there(place: Jurisdiction, year: int) -> bool:
    """Whether a place had been opened by the end of a year, and not closed."""
    end = date(year, 12, 31)
    return (place.opened_on is None or place.opened_on <= end) and (place.closed_on is None or place.closed_on > end)


def _figures(year: int, base: int, enrolled: int, pilots: int, in_review: int, counted: str, moves: str) -> Figures:
    by_year = Counter({int(one): count for one, count in json.loads(counted).items()})
    moved: Counter[str] = Counter()
    for one in json.loads(moves):
        moved.update(one)
    return Figures(base, enrolled, pilots, in_review, by_year[year], by_year.total(), by_year, moved)


def _summed(one: Counter[Any], other: Counter[Any], sign: int) -> Counter[Any]:
    """Add by year; unlike ``+`` it keeps what is below nothing, as transferred figures may be."""
    both = Counter(one)
    both.update({name: sign * count for name, count in other.items()})
    return both


def _line(jurisdiction: Jurisdiction, figures: Figures, targets: Iterable[Target]) -> Line:
    """Give the line the target that asks most: a share holds below the jurisdiction it is set for, a number only there."""
    target: Target | None = None
    number: Target | None = None
    for one in targets:
        if one.kind == Target.Kind.NUMBER:
            number = one if one.path == jurisdiction.path else number
        elif jurisdiction.path.startswith(one.path) and (target is None or len(one.path) > len(target.path)):
            target = one
    if number is not None and (target is None or _wanted(number, figures.base) > _wanted(target, figures.base)):
        target = number
    return Line(jurisdiction, figures, target, is_own_target=target is not None and target.path == jurisdiction.path)


def _wanted(target: Target, base: int) -> int:
    """Return the communities that ``target`` asks for."""
    return wanted(Fraction(target.value) / 100, base) if target.kind == Target.Kind.PERCENT else int(target.value)
