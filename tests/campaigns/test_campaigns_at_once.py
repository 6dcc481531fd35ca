"""Two people at one campaign at the same moment, on two connections with committed rows."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from apps.accounts.acting import acting
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.campaigns.domain import enrol_communities
from apps.campaigns.editing import change_head
from apps.campaigns.issuing import create_campaign
from apps.campaigns.models import Campaign, Participation
from apps.campaigns.running import close_campaign, open_campaign
from apps.communities.models import Community
from apps.core.errors import ProblemForPeople
from apps.standards.models import Standard
from tests.assessments.test_domain_at_once import history_taken_back, wait_for_a_lock
from tests.campaigns.drafts import NEXT, again, ready_draft, seen
from tests.factories import made_up


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the transaction that every other test is rolled back with: what is written here is committed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def manager(db: None) -> Iterator[Actor]:
    """楚雄州's administrator; what is made here is deleted afterwards, with the people."""
    with history_taken_back():
        people = set(User.objects.values_list("pk", flat=True))
        campaigns = set(Campaign.objects.values_list("pk", flat=True))
        yield made_up("5323", Role.BUREAU_ADMIN)
        made = Campaign.objects.exclude(pk__in=campaigns)
        Participation.objects.filter(campaign__in=made).delete()
        made.delete()
        User.objects.exclude(pk__in=people).delete()


@pytest.fixture
def draft(manager: Actor) -> Campaign:
    return ready_draft(manager)


def elsewhere(verb: Callable[[], object], actor: Actor) -> str:
    """Act on a connection of its own; returns what came of it."""
    try:
        with acting(actor):
            verb()
    except ProblemForPeople as error:
        return error.message
    finally:
        connection.close()
    return "done"


def at_once(first: Callable[[], object], by: Actor, second: Callable[[], object], other: Actor) -> str:
    """Run ``second`` while the transaction of ``first`` is open; return what came of the second."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), acting(by):
            first()
            outcome = pool.submit(elsewhere, second, other)
            wait_for_a_lock()
        return outcome.result(timeout=10)


def test_two_who_change_the_same_part_at_once_notice_each_other(manager: Actor, draft: Campaign) -> None:
    shown = seen(draft, "head")
    said = at_once(
        lambda: change_head(draft, {"name": "甲改的"}, actor=manager, seen=shown),
        manager,
        lambda: change_head(draft, {"name": "乙改的"}, actor=manager, seen=shown),
        manager,
    )
    assert "改动了这部分内容，您看到的已不是最新的" in said
    assert again(draft).name == "甲改的"


def test_a_change_while_the_campaign_is_being_opened_asks_for_the_reason(manager: Actor, draft: Campaign) -> None:
    whole, head = seen(draft), seen(draft, "head")
    said = at_once(
        lambda: open_campaign(draft, actor=manager, seen=whole),
        manager,
        lambda: change_head(draft, {"name": "新名称"}, actor=manager, seen=head),
        manager,
    )
    assert said == "行动已经开展，请填写调整理由。"
    assert again(draft).name == NEXT["name"]


def test_nobody_is_enrolled_while_the_campaign_is_being_closed(manager: Actor, draft: Campaign) -> None:
    with acting(manager):
        open_campaign(draft, actor=manager, seen=seen(draft))
    county = made_up("532301", Role.STAFF)
    community = Community.objects.get(code="532301101007")
    said = at_once(
        lambda: close_campaign(draft, actor=manager, reason="期满"),
        manager,
        lambda: enrol_communities(draft, 2026, [community], actor=county),
        county,
    )
    assert "已结束，不能列入社区" in said
    assert not Participation.objects.filter(campaign=draft).exists()


def test_a_form_sent_twice_at_once_makes_one_draft(manager: Actor) -> None:
    values = NEXT | {"standard": Standard.objects.get(code="chuxiong-2021")}
    said = at_once(
        lambda: create_campaign(values, actor=manager), manager, lambda: create_campaign(values, actor=manager), manager
    )
    assert said == "done"
    assert Campaign.objects.filter(name=NEXT["name"]).count() == 1
