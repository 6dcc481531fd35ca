"""When a milestone falls due: dates by a rule, the rule behind dates, dates moved to other years. Knows no database."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

ONCE, MONTHLY, QUARTERLY, YEARLY = "once", "monthly", "quarterly", "yearly"
_LAST_DAY = 31
_MONTHS_OF_QUARTER = 3


@dataclass(frozen=True)
class Rule:
    """By the ``day`` of the month: of each one, of the ``month``-th of each quarter, of the ``month`` of each year.

    A day that a month does not have is its last. Dates lie from ``begins`` to ``ends``, both included.
    """

    recurrence: str
    day: int
    begins: date
    ends: date
    month: int = 1

    def dates(self) -> list[date]:
        """Every due date, in order."""
        days = (
            day_in(year, month, self.day)
            for year in range(self.begins.year, self.ends.year + 1)
            for month in self._months()
        )
        return [day for day in days if self.begins <= day <= self.ends]

    def _months(self) -> Sequence[int]:
        if self.recurrence == MONTHLY:
            return range(1, 13)
        return range(self.month, 13, _MONTHS_OF_QUARTER) if self.recurrence == QUARTERLY else [self.month]


def day_in(year: int, month: int, day: int) -> date:
    """The day of a month, its last one where it has fewer."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def rule_behind(recurrence: str, dates: Sequence[date]) -> Rule | None:
    """The rule that gives just these dates; None for what is due once, has no dates, or keeps to no rule."""
    if recurrence == ONCE or not dates:
        return None
    first, last = dates[0], dates[-1]
    month = {MONTHLY: 1, QUARTERLY: (first.month - 1) % _MONTHS_OF_QUARTER + 1}.get(recurrence, first.month)
    is_month_end = recurrence != YEARLY and all(day == day_in(day.year, day.month, _LAST_DAY) for day in dates)
    rule = Rule(recurrence, _LAST_DAY if is_month_end else max(day.day for day in dates), first, last, month)
    return rule if rule.dates() == list(dates) else None


def moved(day: date, years: int) -> date:
    """The same day in another year; 29 February becomes the 28th."""
    return day_in(day.year + years, day.month, day.day)


def moved_to(recurrence: str, dates: Sequence[date], years: int, last_years: tuple[int, int]) -> list[date]:
    """The dates moved by ``years``; ``last_years`` are the last year before and after.

    What recurs up to the last year before goes on to the last year after, and never beyond it.
    """
    before, after = last_years
    rule = rule_behind(recurrence, dates)
    if rule is None:
        return [moved(day, years) for day in dates]
    goes_on = rule.ends.year >= before
    ends = date(after, 12, _LAST_DAY) if goes_on else min(_end(rule, years), date(after, 12, _LAST_DAY))
    return Rule(recurrence, rule.day, moved(_begin(rule), years), ends, rule.month).dates()


def _begin(rule: Rule) -> date:
    """The first of the month, so that a shorter February does not lose its date."""
    return rule.begins.replace(day=1)


def _end(rule: Rule, years: int) -> date:
    return day_in(rule.ends.year + years, rule.ends.month, _LAST_DAY)
