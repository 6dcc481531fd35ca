"""Exact arithmetic of completion: ratios, their two printed forms, gaps to a target.

Integers and fractions only; counting the communities is the roll-up's work.
"""

from fractions import Fraction
from math import ceil

from apps.core.rounding import round_half_up

NO_RATIO = "—"


def ratio(count: int, base: int) -> Fraction | None:
    """Share of `base` communities that `count` makes, exact. None without a base; figures of transfers alone may be
    below nothing and have none either.

    合计完成比例 = 已认定累计 / 当年底数: the sum of the years' recognitions over the base of the
    reporting year. 完成比例 of one year is that year's recognitions over that year's base. A
    parent's ratio takes the sums of its children's counts and bases, never a mean of ratios.
    """
    return Fraction(count, base) if base > 0 else None


def format_percent(value: Fraction | None, places: int = 2) -> str:
    """A ratio as it prints: 3/13 is "23.08%", no ratio is "—"."""
    return NO_RATIO if value is None else f"{round_half_up(value * 100, places):f}%"


def decimal_places(value: Fraction | None, places: int = 4) -> str | None:
    """A ratio as a decimal string for programs: 10/31 is "0.3226", no ratio is None."""
    return None if value is None else f"{round_half_up(value, places):f}"


def wanted(target: Fraction, base: int) -> int:
    """Communities that `target` of `base` asks for.

    A started community is a whole one: 60 % of 31 are 18.6, so 19 are needed.
    """
    return ceil(target * base)
