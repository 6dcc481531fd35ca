"""Two people at the same community at the same moment, on two connections with committed rows."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from apps.accounts.acting import acting
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.campaigns.adopting import Adopted, adopt_recognitions
from apps.campaigns.domain import enrol_communities
from apps.campaigns.models import Adoption, Campaign, Participation, Recognition
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput
from tests.assessments.test_domain_at_once import db, history_taken_back, wait_for_a_lock
from tests.consolidation import DECISION
from tests.factories import made_up

__all__ = ["db"]

CODE = "532301101016"


@pytest.fixture
def approver(db: None) -> Iterator[Actor]:
    """楚雄州's; what was done is deleted afterwards."""
    with history_taken_back():
        people = set(User.objects.values_list("pk", flat=True))
        yield made_up("5323", Role.APPROVER)
        Recognition.objects.filter(community__code=CODE).delete()
        Adoption.objects.all().delete()
        Participation.objects.filter(community__code=CODE).delete()
        User.objects.exclude(pk__in=people).delete()


def adopt(actor: Actor) -> Adopted:
    community, campaign = Community.objects.get(code=CODE), Campaign.objects.get(code="chuxiong-2021")
    with clock.stopped_at(datetime(2022, 8, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))), acting(actor):
        return adopt_recognitions(campaign, {community.pk: 2021}, **DECISION, actor=actor)


def enrol(actor: Actor) -> None:
    campaign = Campaign.objects.get(code="chuxiong-2021")
    with acting(actor):
        enrol_communities(campaign, 2022, [Community.objects.get(code=CODE)], actor=actor)


def meanwhile(first: Callable[[], object], second: Callable[[], object]) -> object:
    """Do the first, and before it is committed the second elsewhere; return what came of that, an error's text included."""

    def elsewhere() -> object:
        try:
            return second()
        except InvalidInput as error:
            return error.message
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            outcome = pool.submit(elsewhere)
            wait_for_a_lock()
        return outcome.result(timeout=10)


def test_adopt_while_a_colleague_adopts_has_one_effect(approver: Actor) -> None:
    lost = meanwhile(lambda: adopt(approver), lambda: adopt(approver))
    assert isinstance(lost, Adopted)
    assert (lost.adoption, len(lost.unchanged)) == (None, 1)
    assert (Adoption.objects.count(), Recognition.objects.filter(community__code=CODE).count()) == (1, 1)


def test_adopt_while_a_county_enrols_leaves_the_plan_as_it_is(approver: Actor) -> None:
    clerk = made_up("532301", Role.STAFF)
    lost = meanwhile(lambda: enrol(clerk), lambda: adopt(approver))
    assert "已列入“楚雄州绿色社区创建行动”2022 年计划，请先调出计划" in str(lost)
    assert not Adoption.objects.exists()
