"""月度趋势: months as they count, the line to the target, the pace."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest

from apps.accounts.permissions import Actor
from apps.campaigns.domain import revoke_recognition
from apps.campaigns.models import Campaign, Recognition, TransferredFigures
from apps.campaigns.rollup import Line, Rollup
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from apps.progress.behind import behind
from apps.progress.extent import Extent
from apps.progress.trend import Pace, forecast, needed_at, pace_of, trend_of
from tests.factories import recognised_community
from tests.progress.conftest import on

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


def by_month(rollup: Rollup, today: date = TODAY) -> list[tuple[int | None, int | None]]:
    return [(one.recognised, one.cumulative) for one in trend_of(rollup, today).months]


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
    trend = trend_of(rolled_up("5323", 2022), TODAY)
    # 60 % of 163 are 97.8; the year began with two.
    assert (trend.start, trend.wanted) == (2, 98)
    # August has come to its 15th day: 2 + 96 × (7 + 15/31) / 12 are 61.9.
    assert [one.needed_whole for one in trend.months] == [10, 18, 26, 34, 42, 50, 58, 62, 74, 82, 90, 98]
    assert [one.until for one in trend.months] == [*[None] * 7, TODAY, *[None] * 4]
    assert trend.months[7].ahead == 3 - 62
    assert [one.ahead for one in trend.months][:6] == [-8, -16, -24, -32, -39, -47]
    assert [one.before for one in trend.months] == [*[0] * 10, 1, 2]


def test_trend_of_an_earlier_year_has_no_running_month(recognised: list[Recognition], rolled_up: RollUp) -> None:
    trend = trend_of(rolled_up("5323", 2021), TODAY)
    assert {one.until for one in trend.months} == {None}
    assert trend.months[7].needed == needed_at(8, 0, trend.wanted)


def test_trend_ends_with_the_cumulative_figure_of_the_roll_up(
    recognised: list[Recognition], chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction], rolled_up: RollUp
) -> None:
    street = jurisdiction("532327101")
    TransferredFigures.objects.create(
        jurisdiction=street, campaign=chuxiong, year=2021, enrolled=-1, by_year={"2021": -1}, effective_on=TODAY
    )
    rollup = rolled_up("532327", 2021)
    trend = trend_of(rollup, TODAY)
    assert (trend.curve["2021-11"], trend.curve["2021-12"], trend.transferred) == (1, 1, -1)
    assert rollup.total.figures.cumulative == 1


def test_trend_months_open_their_names(
    recognised: list[Recognition], extent: Callable[[str, int], Extent], rolled_up: RollUp
) -> None:
    for year in (2021, 2022):
        place = extent("532327", year)
        for month in trend_of(rolled_up("532327", year), TODAY).months:
            for kind, count in (("in", month.recognised), ("by", month.cumulative)):
                figure = behind(f"{kind}.{month.key}", place)
                assert figure is not None
                assert count is None or figure.narrowed(Community.objects.all()).count() == count, (kind, month.key)


def test_trend_takes_one_query(
    recognised: list[Recognition], rolled_up: RollUp, django_assert_num_queries: Callable[..., object]
) -> None:
    for code in ("532327101", "5323"):
        rollup = rolled_up(code, 2022)
        with django_assert_num_queries(2):  # type: ignore[attr-defined] # one of them asks for the campaign's family
            trend_of(rollup, TODAY)


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
    rollup = rolled_up("532327", 2022)
    assert pace_of(rollup, date(2022, 5, 31)) == Pace(1, 1)
    assert pace_of(rollup, date(2022, 8, 28)) == Pace(0, 1)
    assert pace_of(rollup, date(2022, 8, 29)) == Pace(0, 0)
    assert pace_of(rollup, date(2023, 1, 1)) is None


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
