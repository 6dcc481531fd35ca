"""Which campaign is worked under: the nearest of those that carry one another out and have the year."""

import pytest

from apps.campaigns.models import Campaign
from apps.campaigns.nearest import executing

NATION = Campaign(pk=1, path="01", first_year=2020, last_year=2023)
PROVINCE = Campaign(pk=2, path="0101", first_year=2021, last_year=2021, parent_id=1, status=Campaign.Status.CLOSED)
COUNTY = Campaign(pk=3, path="010101", first_year=2021, last_year=2022, parent_id=2)
LATER = Campaign(pk=4, path="010101", first_year=2022, last_year=2022, parent_id=1)
BESIDE = Campaign(pk=5, path="010101", first_year=2020, last_year=2023)


@pytest.mark.parametrize(
    ("campaign", "path", "year", "nearest"),
    [
        (NATION, "01010101", 2020, None),
        (NATION, "01010101", 2021, COUNTY),
        (NATION, "01010101", 2022, LATER),
        (NATION, "01010101", 2023, None),
        (NATION, "0101", 2021, PROVINCE),
        (NATION, "010102", 2021, PROVINCE),
        (NATION, "010102", 2022, None),
        (NATION, "0102", 2021, None),
        (PROVINCE, "01010101", 2021, COUNTY),
        (PROVINCE, "01010101", 2022, COUNTY),
        (COUNTY, "01010101", 2022, None),
        (BESIDE, "01010101", 2022, None),
    ],
)
def test_the_nearest_one_that_has_the_year(campaign: Campaign, path: str, year: int, nearest: Campaign | None) -> None:
    assert executing(campaign, [NATION, PROVINCE, COUNTY, LATER, BESIDE], path, year) == nearest
