"""How figures and dates are written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
import time_machine

from apps.core.templatetags import figures

# 2022-08-15 18:00 in Shanghai.
NOW = datetime(2022, 8, 15, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (Fraction(14, 31), "45.16%"),
        (Fraction(3, 13), "23.08%"),
        (Fraction(8, 13), "61.54%"),
        (Fraction(1, 32), "3.13%"),
        (Fraction(0), "0.00%"),
        (Fraction(1), "100.00%"),
        (Fraction(-1, 3), "-33.33%"),
        (Decimal("0.6"), "60.00%"),
        (None, "—"),
    ],
)
def test_percent_rounds_half_up_with_two_decimals(ratio: Fraction | Decimal | None, text: str) -> None:
    assert figures.percent(ratio) == text


def test_number_groups_thousands() -> None:
    assert figures.number(124_649) == "124,649"
    assert figures.number(None) == "—"


def test_gap_gives_a_dash_when_nothing_is_missing() -> None:
    assert figures.gap(5) == "5"
    assert figures.gap(0) == "—"
    assert figures.gap(None) == "—"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4, "4"),
        (Decimal("4.50"), "4.5"),
        (100, "100"),
        (0, "0"),
        (Fraction(60), "60"),
        (Fraction(1, 3), "0.33"),
        (Decimal("2.99700"), "2.997"),
        (None, "—"),
    ],
)
def test_points_carry_no_idle_zeros(value: Decimal | Fraction | None, text: str) -> None:
    assert figures.points(value) == text


@time_machine.travel(NOW)
def test_day_names_the_year_only_when_it_is_another_one() -> None:
    assert figures.day(date(2022, 12, 2)) == "12 月 2 日"
    assert figures.day(date(2021, 10, 18)) == "2021 年 10 月 18 日"
    assert figures.day(datetime(2022, 12, 1, 16, 30, tzinfo=UTC)) == "12 月 2 日"
    assert figures.day(None) == "—"


@time_machine.travel(NOW)
def test_moment_says_today_and_yesterday() -> None:
    assert figures.moment(datetime(2022, 8, 15, 2, 42, tzinfo=UTC)) == "今天 10:42"
    assert figures.moment(datetime(2022, 8, 14, 8, 20, tzinfo=UTC)) == "昨天 16:20"
    assert figures.moment(datetime(2022, 8, 3, 8, 20, tzinfo=UTC)) == "8 月 3 日 16:20"
