"""Communities at every stage of their way in 楚雄州, on days that the tests name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.campaigns.models import Campaign
from apps.campaigns.rollup import Rollup, roll_up
from apps.core.clock import stopped_at
from apps.jurisdictions.models import Jurisdiction
from apps.progress.extent import Extent

CHINA = ZoneInfo("Asia/Shanghai")


@contextmanager
def on(day: str) -> Iterator[None]:
    """Let what is done be done at noon of ``day`` (YYYY-MM-DD)."""
    noon = datetime.combine(date.fromisoformat(day), datetime.min.time().replace(hour=12), tzinfo=CHINA)
    with stopped_at(noon):
        yield


@pytest.fixture
def rolled_up(chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]) -> Callable[[str, int], Rollup]:
    """Return a function that rolls a place of 楚雄州 up by its code and year."""
    return lambda code, year: roll_up(chuxiong, jurisdiction(code), year)


@pytest.fixture
def extent(chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]) -> Callable[[str, int], Extent]:
    """Return a function that gives what a block counts, by code and year."""
    return lambda code, year: Extent(chuxiong, jurisdiction(code), year)
