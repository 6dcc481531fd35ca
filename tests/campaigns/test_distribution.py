"""Dividing a number over children: the sum is exact, nobody gets more than they have, whatever the order."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.campaigns.distribution import Share, by_base, by_unfinished, distribute, evenly, room

# 楚雄州's counties with their communities, by short code.
CHUXIONG = {"01": 31, "02": 45, "22": 8, "23": 5, "24": 12, "25": 13, "26": 24, "27": 3, "28": 13, "29": 9}

bases = st.dictionaries(st.text("0123456789", min_size=1, max_size=4), st.integers(0, 60), min_size=1, max_size=12)


@st.composite
def divided(draw: st.DrawFn) -> tuple[int, list[Share]]:
    """A number that can be divided, over shares of any of the three ways."""
    held = draw(bases)
    recognised = {key: draw(st.integers(0, 70)) for key in held}
    shares = draw(st.sampled_from([by_base(held), by_unfinished(held, recognised), evenly(held)]))
    return draw(st.integers(*room(shares))), shares


@given(divided())
def test_distribute_gives_the_whole_number_within_bounds(case: tuple[int, list[Share]]) -> None:
    number, shares = case
    found = distribute(number, shares)
    assert sum(found.values()) == number
    assert all(one.least <= found[one.key] <= one.most for one in shares)
    assert all(found[one.key] == one.least for one in shares if not one.weight)


@given(divided(), st.randoms())
def test_distribute_does_not_depend_on_the_order(case: tuple[int, list[Share]], shuffler: random.Random) -> None:
    number, shares = case
    mixed = list(shares)
    shuffler.shuffle(mixed)
    assert distribute(number, mixed) == distribute(number, shares)


@given(divided())
def test_distribute_gives_more_to_who_weighs_more(case: tuple[int, list[Share]]) -> None:
    number, shares = case
    found = distribute(number, shares)
    for one in shares:
        for other in shares:
            if one.weight > other.weight and one.least == other.least and one.most >= other.most:
                assert found[one.key] >= found[other.key]


@given(bases)
def test_distribute_of_everything_fills_everybody(held: dict[str, int]) -> None:
    assert distribute(sum(held.values()), by_base(held)) == held


def test_distribute_by_base_reaches_the_number() -> None:
    """60 % of 163 are 98; rounding each county would give 97 or 100."""
    found = distribute(98, by_base(CHUXIONG))
    assert found == {"01": 19, "02": 27, "22": 5, "23": 3, "24": 7, "25": 8, "26": 14, "27": 2, "28": 8, "29": 5}


def test_distribute_by_unfinished_leaves_what_is_done() -> None:
    """A has all ten, B none: of twelve A keeps ten, B has two to do."""
    shares = by_unfinished({"A": 10, "B": 10}, {"A": 10})
    assert distribute(12, shares) == {"A": 10, "B": 2}
    with pytest.raises(ValueError, match="9 is not between 10 and 20"):
        distribute(9, shares)


def test_distribute_evenly_gives_the_rest_to_those_with_room() -> None:
    assert distribute(20, evenly({"A": 2, "B": 30, "C": 30, "D": 0})) == {"A": 2, "B": 9, "C": 9, "D": 0}
    assert distribute(4, evenly({"C": 30, "A": 9, "B": 9})) == {"A": 2, "B": 1, "C": 1}


@pytest.mark.parametrize("number", [-1, 164])
def test_distribute_refuses_what_does_not_fit(number: int) -> None:
    with pytest.raises(ValueError, match="is not between 0 and 163"):
        distribute(number, by_base(CHUXIONG))


def test_distribute_recognised_beyond_the_base_counts_as_the_base() -> None:
    assert distribute(5, by_unfinished({"A": 3, "B": 4}, {"A": 9})) == {"A": 3, "B": 2}
