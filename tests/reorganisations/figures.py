"""Figures of places and years as the roll-up counts them, for comparing before with after."""

from collections.abc import Collection
from datetime import date

from apps.campaigns.models import Campaign
from apps.campaigns.rollup import roll_up
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.carrying_out import Order
from apps.reorganisations.past_years import counts_of

# By name and year: base, taking part, pilots, recognised in the year, recognised so far.
Book = dict[tuple[str, int], tuple[int, int, int, int, int]]
YEARS = (2020, 2021, 2022)


def order(day: str = "2022-08-01", **also: object) -> Order:
    values: dict[str, object] = {"reason": "区划调整", "document_number": "楚政发〔2022〕9号"} | also
    return Order(date.fromisoformat(day), **values)  # type: ignore[arg-type]


def book_of(campaign: Campaign, places: Collection[Jurisdiction]) -> Book:
    """Read the figures, and see on the way that what lies below adds up to them."""
    book: Book = {}
    for place in places:
        for year in YEARS:
            rollup = roll_up(campaign, place, year)
            total = rollup.total.figures
            assert sum((line.figures for line in rollup.children), rollup.direct) == total
            assert counts_of(place.path, year, year)[year, None]["base"] == total.base
            for line in rollup.children:
                assert roll_up(campaign, line.jurisdiction, year).total.figures == line.figures
            book[place.name, year] = (total.base, total.enrolled, total.pilots, total.recognised, total.cumulative)
    return book


def past_of(book: Book) -> Book:
    return {key: numbers for key, numbers in book.items() if key[1] < 2022}


def this_year_of(book: Book) -> dict[str, tuple[int, int, int, int, int]]:
    return {name: numbers for (name, year), numbers in book.items() if year == 2022}
