"""When milestones fall due: rules, the rule behind dates, dates moved to other years."""

from datetime import date

import pytest

from apps.campaigns.due_dates import MONTHLY, ONCE, QUARTERLY, YEARLY, Rule, moved, moved_to, rule_behind


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(one) for one in texts]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            Rule(MONTHLY, 31, date(2026, 1, 1), date(2026, 4, 30)),
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
        ),
        (Rule(MONTHLY, 10, date(2026, 1, 11), date(2026, 3, 10)), ["2026-02-10", "2026-03-10"]),
        (Rule(QUARTERLY, 31, date(2026, 1, 1), date(2026, 9, 30), 3), ["2026-03-31", "2026-06-30", "2026-09-30"]),
        (Rule(QUARTERLY, 5, date(2026, 1, 1), date(2026, 6, 30), 1), ["2026-01-05", "2026-04-05"]),
        (
            Rule(YEARLY, 20, date(2026, 1, 1), date(2028, 12, 31), 10),
            ["2026-10-20", "2027-10-20", "2028-10-20"],
        ),
        (Rule(YEARLY, 31, date(2027, 1, 1), date(2028, 12, 31), 2), ["2027-02-28", "2028-02-29"]),
    ],
)
def test_rule_gives_its_dates_and_is_found_behind_them(rule: Rule, expected: list[str]) -> None:
    assert rule.dates() == days(*expected)
    found = rule_behind(rule.recurrence, rule.dates())
    assert found is not None
    assert found.dates() == rule.dates()


def test_no_rule_stands_behind_what_keeps_to_none() -> None:
    assert rule_behind(ONCE, days("2026-03-31")) is None
    assert rule_behind(YEARLY, []) is None
    assert rule_behind(YEARLY, days("2026-10-20", "2027-10-15")) is None
    assert rule_behind(MONTHLY, days("2026-01-31", "2026-03-31")) is None


def test_moved_to_a_year_without_29_february() -> None:
    assert moved(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert moved(date(2022, 10, 20), 5) == date(2027, 10, 20)


def test_what_recurs_to_the_end_goes_on_to_the_new_end() -> None:
    yearly = days("2021-10-20", "2022-10-20")
    assert moved_to(YEARLY, yearly, 5, (2022, 2028)) == days("2026-10-20", "2027-10-20", "2028-10-20")
    assert moved_to(YEARLY, yearly, 5, (2022, 2026)) == days("2026-10-20")
    # What ended before the last year ends as long before.
    assert moved_to(YEARLY, days("2021-10-20"), 5, (2022, 2028)) == days("2026-10-20")


def test_month_ends_stay_month_ends() -> None:
    assert moved_to(MONTHLY, days("2023-12-31", "2024-01-31", "2024-02-29"), 1, (2026, 2027)) == days(
        "2024-12-31", "2025-01-31", "2025-02-28"
    )


def test_what_keeps_to_no_rule_is_moved_day_by_day() -> None:
    assert moved_to(ONCE, days("2021-03-31"), 5, (2022, 2028)) == days("2026-03-31")
    assert moved_to(YEARLY, days("2021-10-20", "2022-10-15"), 5, (2022, 2028)) == days("2026-10-20", "2027-10-15")
