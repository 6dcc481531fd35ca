"""August 2022: recognitions of 2021 are those of an earlier year."""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.acting import acting
from apps.accounts.permissions import Actor
from apps.campaigns.adopting import Adopted, adopt_recognitions
from apps.campaigns.models import Campaign
from apps.core import clock
from tests.consolidation import DECISION


@pytest.fixture(autouse=True)
def _in_2022() -> Iterator[None]:
    with clock.stopped_at(datetime(2022, 8, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))):
        yield


@pytest.fixture
def adopt(chuxiong: Campaign, city_approver: Actor) -> Callable[..., Adopted]:
    """Return a function by which 楚雄州's approver takes recognitions over: ``adopt({community.pk: 2021})``."""

    def decide(chosen: dict[int, int], **changed: object) -> Adopted:
        with acting(city_approver):
            return adopt_recognitions(chuxiong, chosen, **{**DECISION, **changed}, actor=city_approver)

    return decide
