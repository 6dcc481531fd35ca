"""What a block counts: a campaign's family, a jurisdiction with all below it, a year; as parameters of its one query."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from apps.campaigns.models import Campaign
from apps.campaigns.rollup import Rollup, family_of
from apps.communities.models import CommunityQuerySet
from apps.core.scope import is_limited_to
from apps.core.wall import LABEL_WIDTH
from apps.jurisdictions.models import Jurisdiction, Level


@dataclass(frozen=True)
class Extent:
    """Every query of this room is a range on ``path``, so that it costs what ``place`` holds and not what the nation does."""

    campaign: Campaign
    place: Jurisdiction
    year: int

    @classmethod
    def of(cls, rollup: Rollup) -> "Extent":
        return cls(rollup.campaign, rollup.total.jurisdiction, rollup.year)

    @cached_property
    def family(self) -> list[int]:
        """The campaign and those that carry it out; asked once, so one page has one Extent."""
        return family_of(self.campaign)

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """By name; ``from`` and ``to`` are the range of paths."""
        return {
            "campaign": self.campaign.pk,
            "family": self.family,
            "from": self.place.path,
            "to": self.place.path + "~",
            "width": len(self.place.path) + LABEL_WIDTH,
            "year": self.year,
            "first_year": self.campaign.first_year,
            "year_end": date(self.year, 12, 31),
            "levels": [str(one) for one in Level],
        }

    def rows(self, sql: str, **further: Any) -> list[tuple[Any, ...]]:
        """Return what a query with named parameters finds; ``within(x)`` in it says that a row of ``x`` lies in the place."""
        with connection.cursor() as cursor:
            cursor.execute(self._ranged(sql), self.parameters | further)
            return cursor.fetchall()

    def narrowed(self, communities: CommunityQuerySet, sql: str, **further: Any) -> CommunityQuerySet:
        """Those of ``communities`` whose ids a query with named parameters finds."""
        values = self.parameters | further
        sql = self._ranged(sql)
        names = re.findall(r"%\((\w+)\)s", sql)
        found = RawSQL(re.sub(r"%\(\w+\)s", "%s", sql), [values[name] for name in names])  # noqa: S611 this room's own text
        return communities.filter(pk__in=found)

    def _ranged(self, sql: str) -> str:
        # Where the wall holds the statement to the range already, comparing twice costs more than counting.
        if is_limited_to(self.place.path):
            return re.sub(r"within\(\w*\)", "true", sql)
        return re.sub(r"within\((\w*)\)", lambda one: _range_of(one[1] and f"{one[1]}."), sql)


def _range_of(table: str) -> str:
    return f"({table}path >= %(from)s AND {table}path < %(to)s)"
