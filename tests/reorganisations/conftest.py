"""What the tests of this room share: the middle of 2022, and figures by place and year."""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from tests.reorganisations.figures import Book, book_of

# 楚雄市 with two of its streets, 南华县 beside it with one, and all above them.
PLACES = ("532301101", "532301102", "532301", "532324101", "532324", "5323", "53")


@pytest.fixture(autouse=True)
def _in_2022() -> Iterator[None]:
    with clock.stopped_at(datetime(2022, 8, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))):
        yield


@pytest.fixture
def figures(chuxiong: Campaign, db: None) -> Callable[..., Book]:
    """Return the figures of PLACES and others asked for, by place and year: ``figures()``, ``figures("532327")``."""

    def read(*also: str) -> Book:
        codes = [code.ljust(12, "0") for code in (*PLACES, *also)]
        return book_of(chuxiong, list(Jurisdiction.objects.filter(code__in=codes)))

    return read


@pytest.fixture
def clerk(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄市's clerk, who changes communities."""
    return make_actor("532301", Role.STAFF)


@pytest.fixture
def approver(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄市's approver, who confirms its baseline."""
    return make_actor("532301", Role.APPROVER)


@pytest.fixture
def city_clerk(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄州's clerk, who moves communities between its counties."""
    return make_actor("5323", Role.STAFF)


@pytest.fixture
def city_administrator(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄州's administrator, who reorganises its counties and streets."""
    return make_actor("5323", Role.BUREAU_ADMIN)
