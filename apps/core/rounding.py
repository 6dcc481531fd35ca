"""Exact rounding of fractions, and how a decimal is written."""

from decimal import Decimal
from fractions import Fraction
from math import floor


def round_half_up(value: Fraction, places: int) -> Decimal:
    """`value` with `places` decimals; a half goes up (1/8 with two places is 0.13)."""
    return Decimal(floor(value * 10**places + Fraction(1, 2))).scaleb(-places)


def plain(value: Decimal | int | None) -> str:
    """A number without idle zeros: 4, 4.5, 100; nothing is 0."""
    return f"{Decimal(value or 0).normalize():f}"
