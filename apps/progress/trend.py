"""月度趋势: recognitions by month, the line that leads to the target, and when it will be reached at the present pace."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from math import ceil

from django.conf import settings

from apps.campaigns.rollup import DAY, Line
from apps.core import clock
from apps.progress.extent import Extent

YearMonth = tuple[int, int]

# The pace is that of so many days up to today.
PACE_DAYS = 90
# Beyond this a date says nothing.
_FORESEEN_DAYS = 3 * 365

# What the roll-ups of the year and of the year before count as recognised, by month; both with what later transfers took out of
# them or left there (划转前数据). The last number: how many of a month came after the day a year ago.
_MONTHS = f"""
SELECT year, extract(month FROM day)::int, sum(counted)::int, sum(counted_before)::int,
       coalesce(sum(counted_before) FILTER (WHERE day > %(a_year_ago)s), 0)::int
FROM (
    SELECT year, {DAY} AS day,
           count(*) FILTER (WHERE ended_on IS NULL OR ended_on > %(year_end)s) AS counted,
           count(*) FILTER (WHERE year < %(year)s) AS counted_before
    FROM (
        SELECT year, ended_on, (recognised_at AT TIME ZONE %(zone)s)::date AS recognised_on
        FROM campaigns_recognition
        WHERE within() AND campaign_id = ANY (%(family)s)
          AND year BETWEEN %(first_year)s AND %(year)s AND revoked_at IS NULL
          AND (ended_on IS NULL OR ended_on > make_date(%(year)s - 1, 12, 31))
    ) AS standing
    GROUP BY 1, 2
    UNION ALL
    SELECT left(key, 4)::int, left(key, 10)::date, CASE WHEN year = %(year)s THEN value::int ELSE 0 END,
           CASE WHEN year < %(year)s THEN value::int ELSE 0 END
    FROM campaigns_transferredfigures, jsonb_each_text(recognitions)
    WHERE within() AND year BETWEEN %(year)s - 1 AND %(year)s AND campaign_id = ANY (%(family)s)
      AND left(key, 4)::int >= %(first_year)s
) AS summed
GROUP BY 1, 2
"""  # noqa: S608 constants
_LATELY = """
SELECT count(*) FILTER (WHERE recognised_at >= %(month)s), count(*)
FROM campaigns_recognition
WHERE within() AND campaign_id = ANY (%(family)s)
  AND year BETWEEN %(first_year)s AND %(year)s AND revoked_at IS NULL AND (ended_on IS NULL OR ended_on > %(year_end)s)
  AND recognised_at >= %(pace)s
"""


@dataclass(frozen=True)
class Month:
    """One month of the shown year.

    ``recognised`` in it and ``cumulative`` at its end, None where it is still to come; ``needed`` at its end to be on the way to
    the target; ``before``: the cumulative number at the same month's end a year earlier, as that year was reported. The running
    month goes ``until`` today in all of them, a year earlier until the same day.
    """

    first: date
    recognised: int | None
    cumulative: int | None
    needed: Fraction | None
    before: int | None
    until: date | None = None

    @property
    def key(self) -> str:
        """How addresses name it."""
        return f"{self.first:%Y-%m}"

    @property
    def key_before(self) -> str:
        """How addresses name what ``before`` counts."""
        return f"to.{_a_year_before(self.until)}" if self.until else f"by.{self.first.year - 1}-{self.first:%m}"

    @property
    def needed_whole(self) -> int | None:
        """A started community is a whole one."""
        return None if self.needed is None else ceil(self.needed)

    @property
    def ahead(self) -> int | None:
        """By how many communities the month lies above what is needed; below nothing where it lies beneath."""
        return None if self.cumulative is None or self.needed_whole is None else self.cumulative - self.needed_whole

    @property
    def behind(self) -> int:
        """By how many it lies beneath."""
        return max(0, -(self.ahead or 0))


@dataclass(frozen=True)
class Trend:
    """The shown year month by month; ``curve`` is the cumulative number at the end of every month since the campaign began.

    Its last value is the roll-up's. ``before``: the same of the year before, as that one was reported. ``start``: what counts
    in the years before.
    """

    first_year: int
    year: int
    months: list[Month]
    curve: dict[YearMonth, int]
    before: dict[YearMonth, int]
    start: int
    wanted: int | None

    @property
    def has_begun(self) -> bool:
        """Whether the year is not still to come."""
        return self.months[0].cumulative is not None

    def needed_by(self, month: int) -> int | None:
        """What the line to the target asks for at the end of a month."""
        needed = needed_at(month, self.start, self.wanted)
        return None if needed is None else ceil(needed)


@dataclass(frozen=True)
class Pace:
    """How many were recognised this month, and in the last PACE_DAYS days."""

    this_month: int
    lately: int

    def reaches(self, gap: int, today: date) -> date | None:
        """Return the day on which ``gap`` is closed when it goes on so; None where that is too far to tell, or never."""
        if not self.lately:
            return None
        days = ceil(Fraction(gap * PACE_DAYS, self.lately))
        return today + timedelta(days=days) if days <= _FORESEEN_DAYS else None


def trend_of(extent: Extent, wanted: int | None, today: date) -> Trend:
    """Count by month on the way to ``wanted``, which the target asks for; one query."""
    first_year, year = extent.campaign.first_year, extent.year
    rows = extent.rows(_MONTHS, zone=settings.TIME_ZONE, a_year_ago=_a_year_before(today))
    counted = {(one, month): count for one, month, count, _, _ in rows}
    counted_before = {(one, month): count for one, month, _, count, _ in rows}
    later = sum(count for one, month, _, _, count in rows if (one, month) == (today.year - 1, today.month))
    curve = _curve(first_year, year, counted, today)
    curve_before = _curve(first_year, year - 1, counted_before, today)
    start = sum(count for (one, _), count in counted.items() if one < year)
    months = []
    for month in range(1, 13):
        cumulative, before = curve.get((year, month)), curve_before.get((year - 1, month))
        is_running = (year, month) == (today.year, today.month)
        months.append(
            Month(
                first=date(year, month, 1),
                recognised=None if cumulative is None else counted.get((year, month), 0),
                cumulative=cumulative,
                needed=needed_at(_passed(year, month, today), start, wanted),
                before=before - later if is_running and before is not None else before,
                until=today if is_running else None,
            )
        )
    return Trend(first_year, year, months, curve, curve_before, start, wanted)


def _curve(first_year: int, year: int, counted: Mapping[YearMonth, int], today: date) -> dict[YearMonth, int]:
    """Add up month by month, up to today, or to what counts later all the same."""
    last = max([(today.year, today.month), *(key for key, count in counted.items() if count)])
    keys = [(one, month) for one in range(first_year, year + 1) for month in range(1, 13)]
    totals = accumulate(counted.get(key, 0) for key in keys)
    return {key: total for key, total in zip(keys, totals, strict=True) if key <= last}


def needed_at(passed: Fraction | int, start: int, wanted: int | None) -> Fraction | None:
    """Return what a straight line from ``start``, where the year began, to ``wanted`` at its end asks for after so many months.

    Where the year began above the target already, it asks for the target throughout.
    """
    return None if wanted is None else wanted - max(0, wanted - start) * (12 - Fraction(passed)) / 12


def _passed(year: int, month: int, today: date) -> Fraction:
    """How many months of the year have passed at a month's end; in the running month, today."""
    if (year, month) != (today.year, today.month):
        return Fraction(month)
    return month - 1 + Fraction(today.day, monthrange(year, month)[1])


def _a_year_before(day: date) -> date:
    """The same day of the year before; of 29 February the 28th."""
    return day.replace(year=day.year - 1, day=min(day.day, monthrange(day.year - 1, day.month)[1]))


def pace_of(extent: Extent, today: date) -> Pace | None:
    """Return the present pace; None for a year that is not today's. One query."""
    if extent.year != today.year:
        return None
    begins = {"month": today.replace(day=1), "pace": today - timedelta(days=PACE_DAYS - 1)}
    ((this_month, lately),) = extent.rows(_LATELY, **{name: clock.midnight(day) for name, day in begins.items()})
    return Pace(this_month, lately)


def forecast(line: Line, pace: Pace | None, today: date) -> str:
    """Say when the gap will be closed, as 按近 90 天的速度，约 11 月下旬达到; '' where there is nothing to say."""
    if pace is None or not line.gap or line.is_out_of_reach:
        return ""
    reached = pace.reaches(line.gap, today)
    if reached is None:
        return (
            f"近 {PACE_DAYS} 天认定 {pace.lately} 个，按此速度达不到" if not pace.lately else "按近期速度三年内达不到"
        )
    part = ("上旬", "中旬", "下旬")[min(2, (reached.day - 1) // 10)]
    when = f"{reached.month} 月{part}" if reached.year == today.year else f"{reached.year} 年 {reached.month} 月"
    return f"按近 {PACE_DAYS} 天的速度，约 {when}达到"
