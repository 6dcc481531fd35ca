"""月度趋势: months as they count, the line to the target, the pace."""

import json
from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction

import pytest

from apps.accounts.permissions import Actor
from apps.campaigns.domain import revoke_recognition
from apps.campaigns.models import Campaign, Recognition, TransferredFigures
from apps.campaigns.rollup import Line, Rollup
from apps.communities.models import Community
from apps.core.clock import stopped_at
from apps.jurisdictions.models import Jurisdiction
from apps.progress.behind import behind
from apps.progress.chart import chart_of
from apps.progress.extent import Extent
from apps.progress.trend import Pace, Trend, forecast, needed_at, pace_of, trend_of
from tests.factories import recognised_community
from tests.progress.conftest import CHINA, on

Find = Callable[[str], Community]
RollUp = Callable[[str, int], Rollup]
TODAY = date(2022, 8, 15)


@pytest.fixture
def recognised(chuxiong: Campaign, community: Find) -> list[Recognition]:
    """永仁县: one of 2021 in November, one of 2021 written down in January, one of 2022 in May."""
    found = []
    for number, day, year in ((1, "2021-11-10", 2021), (2, "2022-01-05", 2021), (3, "2022-05-31", 2022)):
        with on(day):
            found.append(recognised_community(community(f"53232710100{number}"), chuxiong, year, planned=2021))
    return found


def trend(rollup: Rollup, today: date = TODAY) -> Trend:
    return trend_of(Extent.of(rollup), rollup.total.wanted, today)


def by_month(rollup: Rollup, today: date = TODAY) -> list[tuple[int | None, int | None]]:
    return [(one.recognised, one.cumulative) for one in trend(rollup, today).months]


def test_trend_counts_by_month_up_to_today(recognised: list[Recognition], rolled_up: RollUp) -> None:
    assert by_month(rolled_up("532327", 2022)) == [
        *[(0, 2)] * 4,
        (1, 3),
        *[(0, 3)] * 3,
        *[(None, None)] * 4,
    ]


def test_trend_counts_a_recognition_in_its_own_year(recognised: list[Recognition], rolled_up: RollUp) -> None:
    # Written down in January 2022 as of 2021: in December.
    assert by_month(rolled_up("532327", 2021)) == [*[(0, 0)] * 10, (1, 1), (1, 2)]


def test_trend_leaves_out_what_was_revoked(
    recognised: list[Recognition], rolled_up: RollUp, city_approver: Actor, acting: Callable[..., object]
) -> None:
    with acting(city_approver):  # type: ignore[attr-defined]
        revoke_recognition(recognised[2], "弄虚作假", actor=city_approver)
    assert by_month(rolled_up("532327", 2022))[7] == (0, 2)


def test_trend_leads_from_where_the_year_began_to_the_target(recognised: list[Recognition], rolled_up: RollUp) -> None:
    found = trend(rolled_up("5323", 2022))
    # 60 % of 163 are 97.8; the year began with two.
    assert (found.start, found.wanted, found.has_begun) == (2, 98, True)
    # August has come to its 15th day: 2 + 96 × (7 + 15/31) / 12 are 61.9.
    assert [one.needed_whole for one in found.months] == [10, 18, 26, 34, 42, 50, 58, 62, 74, 82, 90, 98]
    assert [one.until for one in found.months] == [*[None] * 7, TODAY, *[None] * 4]
    assert found.months[7].ahead == 3 - 62
    assert [one.ahead for one in found.months][:6] == [-8, -16, -24, -32, -39, -47]
    assert [one.before for one in found.months] == [*[0] * 10, 1, 2]


def test_trend_of_a_year_to_come_leads_from_what_counts_so_far(
    chuxiong: Campaign, community: Find, rolled_up: RollUp
) -> None:
    with on("2021-11-10"):
        recognised_community(community("532327101001"), chuxiong, 2021)
    found = trend(rolled_up("5323", 2022), date(2021, 11, 15))
    assert (found.start, found.has_begun) == (1, False)
    assert {(one.recognised, one.cumulative, one.ahead) for one in found.months} == {(None, None, None)}
    # 1 + 97 × 1/12 are 9.1.
    assert [one.needed_whole for one in found.months][:2] == [10, 18]


@pytest.mark.parametrize(
    ("today", "before"),
    [
        (date(2022, 11, 9), 0),
        (date(2022, 11, 10), 1),
        # What was written down in January as of the year before counts on its last day.
        (date(2022, 12, 30), 1),
        (date(2022, 12, 31), 2),
    ],
)
def test_running_month_stands_beside_the_same_day_of_last_year(
    recognised: list[Recognition], rolled_up: RollUp, today: date, before: int
) -> None:
    found = trend(rolled_up("532327", 2022), today)
    assert found.months[today.month - 1].before == before
    assert trend(rolled_up("532327", 2022), date(2024, 2, 29)).months[11].before == 2


def test_chart_draws_ends_of_months(recognised: list[Recognition], rolled_up: RollUp) -> None:
    with on("2022-11-09"):
        drawn = json.loads(chart_of(trend(rolled_up("5323", 2022), date(2022, 11, 9))))
    assert drawn["until"] == {"2022-11": "11 月 9 日"}
    assert [len(drawn["months"]), *(len(one["values"]) for one in drawn["lines"])] == [24] * 4
    main, goal, before = (one["values"][12:] for one in drawn["lines"])
    assert main == [*[2] * 4, *[3] * 7, None]
    # A straight line without a dent in the running month.
    assert goal == [10, 18, 26, 34, 42, 50, 58, 66, 74, 82, 90, 98]
    assert before == [*[0] * 10, 1, 2]


def test_trend_of_an_earlier_year_has_no_running_month(recognised: list[Recognition], rolled_up: RollUp) -> None:
    found = trend(rolled_up("5323", 2021))
    assert {one.until for one in found.months} == {None}
    assert found.months[7].needed == needed_at(8, 0, found.wanted)


def test_trend_ends_with_the_cumulative_figure_of_the_roll_up(
    recognised: list[Recognition], chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction], rolled_up: RollUp
) -> None:
    street = jurisdiction("532327101")
    TransferredFigures.objects.create(
        jurisdiction=street,
        campaign=chuxiong,
        year=2021,
        enrolled=-1,
        recognitions={"2021-11-10": -1},
        effective_on=TODAY,
    )
    rollup = rolled_up("532327", 2021)
    found = trend(rollup)
    assert (found.curve[2021, 11], found.curve[2021, 12]) == (0, 1)
    assert rollup.total.figures.cumulative == 1


def test_trend_months_open_their_names(
    recognised: list[Recognition], extent: Callable[[str, int], Extent], rolled_up: RollUp
) -> None:
    for year in (2021, 2022):
        place = extent("532327", year)
        for month in trend(rolled_up("532327", year)).months:
            for kind, count in (("in", month.recognised), ("by", month.cumulative)):
                figure = behind(f"{kind}.{month.key}", place)
                assert figure is not None
                assert count is None or figure.narrowed(Community.objects.all()).count() == count, (kind, month.key)
    last_year = extent("532327", 2021)
    for today in (TODAY, date(2022, 11, 9), date(2022, 11, 10), date(2022, 12, 31)):
        for month in trend(rolled_up("532327", 2022), today).months:
            figure = behind(month.key_before, last_year)
            assert figure is not None
            assert figure.narrowed(Community.objects.all()).count() == month.before, (today, month.key_before)


@pytest.mark.parametrize("key", ["to.2021-02-30", "to.2021-2-3", "to.", "by.2021-13", "by.2021-02-03", "in.1999-01"])
def test_what_is_no_month_or_day_opens_nothing(extent: Callable[[str, int], Extent], key: str) -> None:
    assert behind(key, extent("532327", 2021)) is None


def test_trend_takes_one_query(
    recognised: list[Recognition], rolled_up: RollUp, django_assert_num_queries: Callable[..., object]
) -> None:
    for code in ("532327101", "5323"):
        rollup = rolled_up(code, 2022)
        with django_assert_num_queries(2):  # type: ignore[attr-defined] # one of them asks for the campaign's family
            trend(rollup)


@pytest.mark.parametrize(
    ("month", "start", "wanted", "needed"),
    [
        (1, 34, 98, Fraction(118, 3)),
        (12, 34, 98, Fraction(98)),
        (6, 0, 7, Fraction(7, 2)),
        (3, 100, 98, Fraction(98)),
        (3, 0, None, None),
    ],
)
def test_needed_at_rises_evenly(month: int, start: int, wanted: int | None, needed: Fraction | None) -> None:
    assert needed_at(month, start, wanted) == needed


@pytest.mark.parametrize(
    ("gap", "lately", "day"),
    [(20, 30, date(2022, 10, 14)), (1, 90, date(2022, 8, 16)), (20, 0, None), (1000, 1, None)],
)
def test_pace_tells_when_the_gap_is_closed(gap: int, lately: int, day: date | None) -> None:
    assert Pace(0, lately).reaches(gap, TODAY) == day


def test_pace_counts_this_month_and_the_last_ninety_days(recognised: list[Recognition], rolled_up: RollUp) -> None:
    place = Extent.of(rolled_up("532327", 2022))
    assert pace_of(place, date(2022, 5, 31)) == Pace(1, 1)
    assert pace_of(place, date(2022, 8, 28)) == Pace(0, 1)
    assert pace_of(place, date(2022, 8, 29)) == Pace(0, 0)
    assert pace_of(place, date(2023, 1, 1)) is None


def test_pace_counts_from_midnight_of_the_place(chuxiong: Campaign, community: Find, rolled_up: RollUp) -> None:
    # One in the morning is the day before in the database's own zone.
    with stopped_at(datetime(2022, 8, 1, 1, tzinfo=CHINA)):
        recognised_community(community("532327101001"), chuxiong, 2022)
    place = Extent.of(rolled_up("532327", 2022))
    assert pace_of(place, date(2022, 8, 15)) == Pace(1, 1)
    assert pace_of(place, date(2022, 10, 29)) == Pace(0, 1)
    assert pace_of(place, date(2022, 10, 30)) == Pace(0, 0)


@pytest.mark.parametrize(
    ("pace", "said"),
    [
        (Pace(0, 90), "按近 90 天的速度，约 11 月中旬达到"),
        (Pace(0, 45), "按近 90 天的速度，约 2023 年 2 月达到"),
        (Pace(0, 1), "按近期速度三年内达不到"),
        (Pace(0, 0), "近 90 天认定 0 个，按此速度达不到"),
        (None, ""),
    ],
)
def test_forecast_says_when_the_target_is_reached(
    recognised: list[Recognition], rolled_up: RollUp, pace: Pace | None, said: str
) -> None:
    total = rolled_up("5323", 2022).total
    assert total.gap == 95
    assert forecast(total, pace, TODAY) == said
    assert forecast(Line(total.jurisdiction, total.figures, None, is_own_target=False), pace, TODAY) == ""
