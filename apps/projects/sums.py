"""Sums of funds: a jurisdiction's children (and communities right under it) by source and year, counted live.

One statement whatever the size, a range on ``path``. A parent's sum is its children's and its own communities' put together.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, ExtractYear, Least

from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.wall import LABEL_WIDTH
from apps.jurisdictions.models import Jurisdiction
from apps.projects.facts import NO_MONEY
from apps.projects.models import Funding, Project, ProjectQuerySet

# From the year in which its project was ended, a plan counts as far as it was spent; what was reported for years before stays. The
# same below for querysets (`_planned`) and for rows that were read (`counted`).
_COUNTS = "(p.ended_on IS NULL OR f.year < extract(year FROM p.ended_on))"
# By child, and right under the jurisdiction by community: the money by source and year, the projects by year and altogether.
_SUMS = f"""
WITH RECURSIVE family AS (
    SELECT %(campaign)s::bigint AS id
    UNION
    SELECT c.id FROM campaigns_campaign c JOIN family ON c.parent_id = family.id
), counted AS (
    SELECT left(f.path, %(width)s) AS child, CASE WHEN f.path = %(from)s THEN p.community_id END AS community,
           f.source, f.year, f.project_id, f.spent,
           CASE WHEN {_COUNTS} THEN f.planned ELSE least(f.planned, f.spent) END AS planned, false AS transferred
    FROM projects_funding f JOIN projects_project p ON p.id = f.project_id
    WHERE f.path >= %(from)s AND f.path < %(to)s AND p.campaign_id = ANY (ARRAY(SELECT id FROM family))
    UNION ALL
    SELECT left(path, %(width)s), NULL, source, year, NULL, spent, planned, true
    FROM projects_transferredfunds
    WHERE path >= %(from)s AND path < %(to)s AND campaign_id = ANY (ARRAY(SELECT id FROM family))
)
SELECT child, community, source, year, transferred, sum(planned), sum(spent), count(DISTINCT project_id)
FROM counted
GROUP BY GROUPING SETS ((child, community, source, year, transferred), (child, community, year), (child, community))
"""  # noqa: S608 made of this module's own text


class Amounts(NamedTuple):
    """计划投资 and 完成投资, in 万元."""

    planned: Decimal = NO_MONEY
    spent: Decimal = NO_MONEY

    def plus(self, other: "Amounts") -> "Amounts":
        return Amounts(self.planned + other.planned, self.spent + other.spent)


def _planned(project: str = "", funding: str = "") -> Case:
    """What the plan of a line of funding counts; ``project`` and ``funding`` are the lookups that lead to the two."""
    ended, planned = f"{project}ended_on", F(f"{funding}planned")
    counts = Q((ended, None)) | Q((f"{funding}year__lt", ExtractYear(ended)))
    return Case(When(counts, then=planned), default=Least(planned, F(f"{funding}spent")))


def counted(project: Project, money: Funding) -> Amounts:
    """What a line of funding counts."""
    counts = project.ended_on is None or money.year < project.ended_on.year
    return Amounts(money.planned if counts else min(money.planned, money.spent), money.spent)


def total_of(found: Iterable[Amounts]) -> Amounts:
    return reduce(Amounts.plus, found, Amounts())


@dataclass
class Sums:
    """Amounts by source and year, and in how many projects, by year; 0 is all years together.

    ``transferred``: the part of the amounts that later transfers took away or left there; it has no projects.
    """

    by_source: dict[tuple[str, int], Amounts] = field(default_factory=lambda: defaultdict(Amounts))
    transferred: dict[tuple[str, int], Amounts] = field(default_factory=lambda: defaultdict(Amounts))
    projects: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def of(self, source: str = "", year: int = 0) -> Amounts:
        """The amounts of a source ('': of all) in a year (0: in all)."""
        return total_of(
            amounts for (one, at), amounts in self.by_source.items() if source in ("", one) and year in (0, at)
        )

    def transferred_in(self, year: int = 0) -> list[Amounts]:
        """What of the amounts of a year (0: of all) has no projects here because of later transfers, by source and year."""
        return [one for (_, at), one in self.transferred.items() if year in (0, at) and one != Amounts()]

    def add(self, other: "Sums") -> None:
        for mine, others in ((self.by_source, other.by_source), (self.transferred, other.transferred)):
            for key, amounts in others.items():
                mine[key] = mine[key].plus(amounts)
        for year, number in other.projects.items():
            self.projects[year] += number


@dataclass(frozen=True)
class Line:
    """A child jurisdiction, a community right under the jurisdiction shown, or neither: what earlier transfers have left there."""

    place: Jurisdiction | Community | None
    sums: Sums


@dataclass(frozen=True)
class Overview:
    """The sums of ``place`` with its lines; ``years``: those with funds, oldest first."""

    place: Jurisdiction
    lines: list[Line]
    total: Sums

    @property
    def years(self) -> list[int]:
        return sorted({year for _, year in self.total.by_source})


def sums_of(campaign: Campaign, place: Jurisdiction) -> Overview:
    """Sum the funds of the campaign and those that carry it out, for ``place`` and what lies directly below it."""
    found = _counted(campaign, place)
    children = Jurisdiction.objects.filter(parent=place).in_code_order()
    communities = Community.objects.filter(pk__in=[key for key in found if isinstance(key, int)]).in_code_order()
    lines = [Line(one, found.get(one.path, Sums())) for one in children if one.path in found or one.closed_on is None]
    lines += [Line(one, found[one.pk]) for one in communities]
    if None in found:
        lines.append(Line(None, found[None]))
    total = Sums()
    for line in lines:
        total.add(line.sums)
    return Overview(place, lines, total)


def totals(funding: QuerySet[Funding]) -> Amounts:
    """The sums of some lines of funding, by the rules of the overview."""
    found = funding.aggregate(planned=Sum(_planned("project__")), spent=Sum("spent"))
    return Amounts(found["planned"] or NO_MONEY, found["spent"] or NO_MONEY)


def by_campaign(funding: QuerySet[Funding]) -> dict[tuple[int, int, str], Amounts]:
    """The sums of some lines of funding by campaign, year and source, by the rules of the overview."""
    rows = funding.order_by().values("project__campaign", "year", "source")
    return {
        (one["project__campaign"], one["year"], one["source"]): Amounts(one["plans"] or NO_MONEY, one["spending"])
        for one in rows.annotate(plans=Sum(_planned("project__")), spending=Sum("spent"))
    }


def with_amounts(projects: ProjectQuerySet) -> ProjectQuerySet:
    """Projects each with ``planned_sum`` and ``spent_sum`` of all its funds."""
    zero = Value(NO_MONEY)
    return projects.annotate(
        planned_sum=Coalesce(Sum(_planned(funding="funding__")), zero),
        spent_sum=Coalesce(Sum("funding__spent"), zero),
    )


# A child by its path, a community by its id, None for what a transfer has left at the jurisdiction itself.
_Key = str | int | None


def _counted(campaign: Campaign, place: Jurisdiction) -> dict[_Key, Sums]:
    parameters: dict[str, int | str] = {
        "campaign": campaign.pk,
        "from": place.path,
        "to": place.path + "~",
        "width": len(place.path) + LABEL_WIDTH,
    }
    found: dict[_Key, Sums] = defaultdict(Sums)
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, parameters)
        for child, community, source, year, transferred, planned, spent, projects in cursor.fetchall():
            sums, amounts = found[community if child == place.path else child], Amounts(planned, spent)
            if source is None:
                sums.projects[year or 0] = projects
                continue
            sums.by_source[source, year] = sums.by_source[source, year].plus(amounts)
            if transferred:
                sums.transferred[source, year] = amounts
    return found
