"""Completion ratios stay exact until they are printed."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.campaigns.ratios import decimal_places, format_percent, ratio, wanted
from apps.core.rounding import round_half_up

counts_and_bases = st.integers(0, 10_000).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))


@pytest.mark.parametrize(
    ("count", "base", "percent", "decimal"),
    [
        (3, 13, "23.08%", "0.2308"),
        (5, 13, "38.46%", "0.3846"),
        (8, 13, "61.54%", "0.6154"),
        (10, 31, "32.26%", "0.3226"),
        (0, 5, "0.00%", "0.0000"),
        (5, 5, "100.00%", "1.0000"),
        (1, 3, "33.33%", "0.3333"),
        (2, 3, "66.67%", "0.6667"),
        (1, 8, "12.50%", "0.1250"),
        (1, 32, "3.13%", "0.0313"),
        (3, 32, "9.38%", "0.0938"),
        (1, 20_000, "0.01%", "0.0001"),
        (1, 20_001, "0.00%", "0.0000"),
        (19_999, 20_000, "100.00%", "1.0000"),
        (74_789, 124_649, "60.00%", "0.6000"),
    ],
)
def test_prints_ratio_half_up(count: int, base: int, percent: str, decimal: str) -> None:
    assert format_percent(ratio(count, base)) == percent
    assert decimal_places(ratio(count, base)) == decimal


def test_prints_dash_without_communities() -> None:
    assert ratio(0, 0) is None
    assert format_percent(None) == "—"
    assert decimal_places(None) is None


@pytest.mark.parametrize(("count", "base"), [(0, -5), (1, -5), (-1, -5)])
def test_knows_no_ratio_of_what_a_transfer_took_out(count: int, base: int) -> None:
    assert ratio(count, base) is None


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(1, 8), 3, "0.125"),
        (Fraction(3, 8), 2, "0.38"),
        (Fraction(1, 2), 0, "1"),
        (Fraction(3, 2), 0, "2"),
        (Fraction(201, 200), 2, "1.01"),
        (Fraction(124, 1000), 2, "0.12"),
    ],
)
def test_rounds_half_up(value: Fraction, places: int, rounded: str) -> None:
    assert str(round_half_up(value, places)) == rounded


def test_prints_percent_with_other_places() -> None:
    assert format_percent(Fraction(1, 8), 0) == "13%"
    assert format_percent(Fraction(1, 8), 1) == "12.5%"
    assert decimal_places(Fraction(1, 8), 2) == "0.13"


@pytest.mark.parametrize(
    ("target", "base", "number"),
    [
        (Fraction(60, 100), 31, 19),
        (Fraction(60, 100), 5, 3),
        (Fraction(20, 100), 163, 33),
        (Fraction(20, 100), 0, 0),
        (Fraction(0), 31, 0),
    ],
)
def test_asks_for_whole_communities(target: Fraction, base: int, number: int) -> None:
    assert wanted(target, base) == number


@given(st.lists(counts_and_bases, min_size=1, max_size=20))
def test_keeps_parent_ratio_between_its_children(children: list[tuple[int, int]]) -> None:
    count = sum(child[0] for child in children)
    base = sum(child[1] for child in children)
    parent = ratio(count, base)
    known = [share for share in (ratio(*child) for child in children) if share is not None]
    if parent is None:
        assert known == []
    else:
        assert min(known) <= parent <= max(known)
        assert parent * base == count


@given(counts_and_bases, st.integers(0, 6))
def test_rounds_by_at_most_half_a_place(pair: tuple[int, int], places: int) -> None:
    value = ratio(*pair)
    if value is not None:
        error = Fraction(round_half_up(value, places)) - value
        half = Fraction(1, 2 * 10**places)
        assert -half < error <= half


@given(st.integers(0, 10_000), st.integers(0, 100))
def test_asks_for_no_more_than_reaches_the_target(base: int, percent: int) -> None:
    target = Fraction(percent, 100)
    number = wanted(target, base)
    assert number >= target * base
    assert number == 0 or number - 1 < target * base


def test_sums_years_from_counts_not_from_rounded_ratios() -> None:
    assert format_percent(ratio(1 + 1, 3)) == "66.67%"
    assert round_half_up(Fraction(1, 3) * 100, 2) * 2 == Decimal("66.66")
