"""The order of units in a bulletin: exact fractions, shared places, and those that cannot be measured."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apps.bulletins.ranking import FULFILMENT, RATIO, RankedUnit, ranked


def unit(name: str, base: int, completed: int, wanted: int | None = None) -> RankedUnit:
    return RankedUnit(1, name, base, completed, wanted)


def test_equals_share_a_place_and_the_next_counts_them_all() -> None:
    units = [unit("甲", 10, 5), unit("乙", 3, 1), unit("丙", 6, 3), unit("丁", 3, 3), unit("戊", 0, 0)]
    assert [(place, one.name) for place, one in ranked(units, RATIO)] == [
        (1, "丁"),
        (2, "甲"),
        (2, "丙"),
        (4, "乙"),
        (None, "戊"),
    ]


def test_the_two_measures_differ() -> None:
    large, small = unit("大", 40, 20, 24), unit("小", 3, 1, 1)
    assert (large.ratio, large.fulfilment, large.gap) == (Fraction(1, 2), Fraction(5, 6), 4)
    assert (small.ratio, small.fulfilment, small.gap) == (Fraction(1, 3), Fraction(1), 0)
    assert [one.name for _, one in ranked([small, large], RATIO)] == ["大", "小"]
    assert [one.name for _, one in ranked([large, small], FULFILMENT)] == ["小", "大"]


def test_without_a_target_or_communities_there_is_no_place() -> None:
    none = unit("无目标", 4, 2)
    assert (none.fulfilment, none.gap) == (None, None)
    assert ranked([none, unit("零目标", 4, 2, 0)], FULFILMENT) == [(None, none), (None, unit("零目标", 4, 2, 0))]


def test_kept_figures_come_back() -> None:
    one = unit("楚雄市", 31, 15, 21)
    assert RankedUnit(**one.kept()) == one


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=12))
def test_nobody_is_lost_and_places_follow_the_ratio(figures: list[tuple[int, int]]) -> None:
    units = [RankedUnit(pk, str(pk), base, min(base, done), None) for pk, (base, done) in enumerate(figures)]
    order = ranked(units, RATIO)
    assert sorted(one.jurisdiction for _, one in order) == list(range(len(units)))
    placed = [(place, one.ratio) for place, one in order if place is not None and one.ratio is not None]
    assert all(place == 1 + sum(other > ratio for _, other in placed) for place, ratio in placed)
    assert [place for place, _ in placed] == sorted(place for place, _ in placed)
