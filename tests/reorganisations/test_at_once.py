"""Two people at the same moment, on two connections with committed rows."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.communities.models import Baseline, Community
from apps.core import clock
from apps.core.errors import ProblemForPeople
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.baselines import confirm_baseline
from apps.reorganisations.communities import close_community, merge_communities
from apps.reorganisations.models import CommunityChange
from tests.assessments.test_domain_at_once import history_taken_back, wait_for_a_lock
from tests.factories import person_at
from tests.reorganisations.figures import order


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the transaction that every other test is rolled back with: what is written here is committed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def county(db: None) -> Iterator[Jurisdiction]:
    """牟定县; whatever was done in it is taken back afterwards."""
    with history_taken_back():
        people = set(User.objects.values_list("pk", flat=True))
        place = Jurisdiction.objects.get(code="532323000000")
        yield place
        CommunityChange.objects.all().delete()
        Baseline.objects.all().delete()
        Community.objects.filter(closed_on__isnull=False).update(closed_on=None)
        User.objects.exclude(pk__in=people).delete()


def at_once(actor: Actor, first: Callable[[], object], second: Callable[[], object]) -> str:
    """Do ``second`` on another connection while ``first`` is not committed; return what came of it."""

    def elsewhere() -> str:
        try:
            with (
                clock.stopped_at(datetime(2022, 8, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))),
                scope(actor.jurisdiction.path, user_id=actor.user.pk),
            ):
                return str(second())
        except ProblemForPeople as error:
            return error.message
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as executor:
        with scope(actor.jurisdiction.path, user_id=actor.user.pk):
            first()
            other = executor.submit(elsewhere)
            wait_for_a_lock()
        return other.result(timeout=20)


def test_a_community_is_merged_once(county: Jurisdiction) -> None:
    clerk = person_at(county, Role.STAFF)
    one, two, three = Community.objects.below(county.path).select_related("jurisdiction").order_by("pk")[:3]
    said = at_once(
        clerk,
        lambda: merge_communities([one], two, order(), actor=clerk),
        lambda: merge_communities([one], three, order(), actor=clerk),
    )
    assert said == f"{one}已于 2022-08-01 撤销，不能再变更。"
    assert CommunityChange.objects.count() == 1


def test_the_same_form_sent_twice_at_once_has_one_effect(county: Jurisdiction) -> None:
    clerk = person_at(county, Role.STAFF)
    one = Community.objects.below(county.path).select_related("jurisdiction").order_by("pk")[0]
    once = order()
    at_once(
        clerk,
        lambda: close_community(one, once, actor=clerk),
        lambda: close_community(one, once, actor=clerk),
    )
    assert CommunityChange.objects.count() == 1


def test_a_baseline_waits_for_a_change_and_counts_what_is_there_then(county: Jurisdiction) -> None:
    clerk, approver = person_at(county, Role.STAFF), person_at(county, Role.APPROVER)
    one = Community.objects.below(county.path).select_related("jurisdiction").order_by("pk")[0]
    at_once(
        clerk,
        lambda: close_community(one, order(), actor=clerk),
        lambda: confirm_baseline(county, 2022, actor=approver),
    )
    assert Baseline.objects.get().number == 4
