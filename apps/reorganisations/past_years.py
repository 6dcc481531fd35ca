"""Figures of earlier years stay as they were reported, whatever becomes of communities and jurisdictions.

Instead of foreseeing what each kind of change does to the counts of ``campaigns.rollup``, the places whose past has to stay are
counted before and after it, and the difference is written down as TransferredFigures.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date

from django.conf import settings
from django.db import connection
from django.db.models import Min

from apps.campaigns.models import Campaign, TransferredFigures
from apps.campaigns.rollup import DAY
from apps.communities.confirming import CONFIRMING_WIDTHS
from apps.communities.models import Baseline
from apps.core import clock
from apps.core.errors import TransitionError
from apps.jurisdictions.models import Jurisdiction

# By year and campaign (None: the base, which belongs to none) the counts by name; those of recognitions by day and id.
Counts = dict[tuple[int, int | None], Counter[str]]

# So many years are kept in any case: a campaign may be entered for years that have passed.
_YEARS_BACK = 5

_BASE = """
WITH years AS (SELECT generate_series(%(first)s::int, %(last)s::int) AS year)
SELECT year, count(*) FROM years JOIN communities_community c
  ON (opened_on IS NULL OR opened_on <= make_date(year, 12, 31))
 AND (closed_on IS NULL OR closed_on > make_date(year, 12, 31))
WHERE c.path >= %(from)s AND c.path < %(to)s AND counts_as_urban AND NOT EXISTS (
    SELECT 1 FROM communities_baseline b
    WHERE b.year = years.year AND b.reopened_at IS NULL AND b.path IN (left(c.path, %(city)s), left(c.path, %(district)s))
) GROUP BY 1
UNION ALL
SELECT year, count(*) FROM communities_baselineentry
WHERE path >= %(from)s AND path < %(to)s AND year BETWEEN %(first)s AND %(last)s GROUP BY 1
UNION ALL
SELECT year, sum(base) FROM campaigns_transferredfigures
WHERE path >= %(from)s AND path < %(to)s AND year BETWEEN %(first)s AND %(last)s GROUP BY 1
"""
_TAKING_PART = """
WITH years AS (SELECT generate_series(%(first)s::int, %(last)s::int) AS counted)
SELECT counted, campaign_id, count(*), count(*) FILTER (WHERE is_pilot)
FROM years JOIN campaigns_participation ON year <= counted AND (ended_on IS NULL OR ended_on > make_date(counted, 12, 31))
WHERE path >= %(from)s AND path < %(to)s GROUP BY 1, 2
UNION ALL
SELECT year, campaign_id, sum(enrolled), sum(pilots) FROM campaigns_transferredfigures
WHERE path >= %(from)s AND path < %(to)s AND year BETWEEN %(first)s AND %(last)s AND campaign_id IS NOT NULL GROUP BY 1, 2
"""
_RECOGNISED = f"""
WITH years AS (SELECT generate_series(%(first)s::int, %(last)s::int) AS counted), standing AS (
    SELECT id, campaign_id, year, ended_on, (recognised_at AT TIME ZONE %(zone)s)::date AS recognised_on
    FROM campaigns_recognition WHERE path >= %(from)s AND path < %(to)s AND revoked_at IS NULL
)
SELECT counted, campaign_id, to_char({DAY}, 'YYYY-MM-DD') || '#' || id, count(*)
FROM years JOIN standing ON year <= counted AND (ended_on IS NULL OR ended_on > make_date(counted, 12, 31))
GROUP BY 1, 2, 3
UNION ALL
SELECT t.year, campaign_id, key, sum(value::int) FROM campaigns_transferredfigures t, jsonb_each_text(recognitions)
WHERE path >= %(from)s AND path < %(to)s AND t.year BETWEEN %(first)s AND %(last)s AND campaign_id IS NOT NULL GROUP BY 1, 2, 3
"""  # noqa: S608 constants


def counts_of(path: str, first: int, last: int) -> Counts:
    """Count everything in the jurisdiction with ``path``, for each year from ``first`` to ``last``, as the roll-up does."""
    found: Counts = defaultdict(Counter)
    parameters: dict[str, str | int] = {
        "from": path,
        "to": path + "~",
        "first": first,
        "last": last,
        "zone": settings.TIME_ZONE,
        **CONFIRMING_WIDTHS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BASE, parameters)
        for year, number in cursor.fetchall():
            found[year, None]["base"] += int(number)
        cursor.execute(_TAKING_PART, parameters)
        for year, campaign, enrolled, pilots in cursor.fetchall():
            found[year, campaign].update(enrolled=int(enrolled), pilots=int(pilots))
        cursor.execute(_RECOGNISED, parameters)
        for year, campaign, recognition, number in cursor.fetchall():
            found[year, campaign][recognition] += int(number)
    return found


class Past:
    """What ``places`` count in the years before ``effective_on``: read before a change, kept after it."""

    def __init__(self, places: Collection[Jurisdiction], effective_on: date) -> None:
        self.effective_on = effective_on
        self.years = (_first_year(), effective_on.year - 1)
        self.counts = {one.pk: counts_of(one.path, *self.years) for one in places}

    def keep(self, places: Collection[Jurisdiction]) -> None:
        """Let ``places`` and all above them count in those years what they did before; made since, they counted nothing.

        Each place is held by itself: of two that lie in one another the lower one is put right first. TransitionError where that
        does not help.
        """
        # A place may have moved with the change.
        now = Jurisdiction.objects.filter(pk__in=[one.pk for one in places])
        held = sorted(now, key=lambda one: -len(one.path))
        for place in held:
            TransferredFigures.objects.bulk_create(self._missing(place))
        if changed := "、".join(one.name for one in held if list(self._missing(one))):
            raise TransitionError(
                f"{changed}以前年度的数字会变动，没有办理。请再试一次；仍然如此的，请联系平台管理员。"
            )

    def _missing(self, place: Jurisdiction) -> Iterator[TransferredFigures]:
        return _rows(place, self.counts.get(place.pk, {}), counts_of(place.path, *self.years), self.effective_on)


def _rows(place: Jurisdiction, before: Counts, after: Counts, effective_on: date) -> Iterator[TransferredFigures]:
    for key in sorted({*before, *after}, key=lambda key: (key[0], key[1] or 0)):
        missing = _difference(before.get(key, Counter()), after.get(key, Counter()))
        if missing:
            year, campaign = key
            yield TransferredFigures(
                jurisdiction=place,
                campaign_id=campaign,
                year=year,
                base=missing.pop("base", 0),
                enrolled=missing.pop("enrolled", 0),
                pilots=missing.pop("pilots", 0),
                recognitions=missing,
                effective_on=effective_on,
            )


def _difference(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    names = {*before, *after}
    return {
        one: before.get(one, 0) - after.get(one, 0) for one in sorted(names) if before.get(one, 0) != after.get(one, 0)
    }


def _first_year() -> int:
    this = clock.today().year
    begun = Campaign.objects.aggregate(first=Min("first_year"))["first"]
    confirmed = Baseline.objects.aggregate(first=Min("year"))["first"]
    return min(begun or this, confirmed or this, this - _YEARS_BACK)
