"""Counting in working days: holidays, weekends worked in exchange, years that are not announced."""

from datetime import date

import pytest

from apps.recognitions.working_days import Period, is_working_day, period_of, working_days_left


@pytest.mark.parametrize(
    ("starts_on", "days", "last"),
    [
        # An ordinary week: the day itself does not count.
        (date(2022, 8, 15), 5, date(2022, 8, 22)),
        # Published on a Saturday.
        (date(2022, 8, 20), 1, date(2022, 8, 22)),
        # National Day 2022: 1–7 October off, 8 and 9 October (a weekend) worked in exchange.
        (date(2022, 9, 29), 5, date(2022, 10, 11)),
        # Spring Festival 2022: 31 January – 6 February off; 29 and 30 January (a weekend) worked.
        (date(2022, 1, 28), 5, date(2022, 2, 9)),
    ],
)
def test_period_of_leaves_out_holidays_and_counts_days_worked_in_exchange(
    starts_on: date, days: int, last: date
) -> None:
    assert period_of(starts_on, days) == Period(last, is_provisional=False)


def test_period_of_year_without_announcement_counts_weekends_and_says_so() -> None:
    # 2099-01-01 is a Thursday.
    assert period_of(date(2099, 1, 1), 5) == Period(date(2099, 1, 8), is_provisional=True)
    assert is_working_day(date(2099, 1, 2)) is True
    assert is_working_day(date(2099, 1, 3)) is False


def test_working_days_left_counts_to_the_last_day() -> None:
    assert working_days_left(date(2022, 8, 22), date(2022, 8, 15)) == 5
    assert working_days_left(date(2022, 8, 22), date(2022, 8, 20)) == 1
    assert working_days_left(date(2022, 8, 22), date(2022, 8, 25)) == 0
