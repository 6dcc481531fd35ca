"""Counting in Chinese working days: weekends, public holidays and the weekend days worked in exchange (调休)."""

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar  # type: ignore[import-untyped]

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """So many working days. ``is_provisional``: the holidays of one of its years are not announced yet, weekends alone were
    left out."""

    last: date
    is_provisional: bool


def is_working_day(day: date) -> bool:
    """Whether offices work on ``day``; of a year whose holidays are not announced, whether it is no weekend."""
    return chinese_calendar.is_workday(day) if _is_announced(day) else day.isoweekday() < 6


def period_of(starts_on: date, working_days: int) -> Period:
    """Return the period of ``working_days``; the day on which it is made public does not count."""
    day, left, is_provisional = starts_on, working_days, False
    while left > 0:
        day += _ONE_DAY
        is_provisional = is_provisional or not _is_announced(day)
        left -= is_working_day(day)
    return Period(day, is_provisional)


def working_days_left(last: date, today: date) -> int:
    """Return how many working days there are after ``today`` up to ``last``."""
    days = (last - today).days
    return sum(is_working_day(today + timedelta(days=number)) for number in range(1, days + 1))


def _is_announced(day: date) -> bool:
    """Whether the State Council's notice for the year of ``day`` is in the library."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True
