"""Two people take the same step at the same moment, on two connections with committed rows."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.domain import agree_assessment
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from apps.core.errors import TransitionError
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from tests.factories import person_at, submitted_community


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Assessment]:
    """A submitted assessment that other connections see; deleted with its people afterwards."""
    with django_db_blocker.unblock():
        people = set(User.objects.values_list("pk", flat=True))
        community = Community.objects.get(code="532301101007")
        assessment = submitted_community(community, Campaign.objects.get(code="chuxiong-2021"), 2022)
        yield assessment
        Assessment.objects.filter(pk=assessment.pk).delete()
        Participation.objects.filter(pk=assessment.participation_id).delete()
        User.objects.exclude(pk__in=people).delete()


def agree_elsewhere(assessment: Assessment, actor: Actor) -> str:
    """Agree on a connection of its own; returns what came of it."""
    try:
        with scope(actor.jurisdiction.path, user_id=actor.user.pk):
            agree_assessment(assessment, actor=actor)
    except TransitionError as error:
        return error.message
    finally:
        connection.close()
    return "agreed"


def wait_for_a_lock() -> None:
    """Return once another connection waits for a lock of this one."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits for the row")


def test_agree_while_a_colleague_agrees_says_who_was_first(committed: Assessment) -> None:
    district = Jurisdiction.objects.get(code="532301000000")
    first, second = person_at(district, Role.APPROVER), person_at(district, Role.STAFF)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), scope(district.path, user_id=first.user.pk):
            agree_assessment(committed, actor=first)
            outcome = pool.submit(agree_elsewhere, committed, second)
            wait_for_a_lock()
        message = outcome.result(timeout=10)
    assert "由楚雄市 楚雄市审批人 同意上报，现在由楚雄彝族自治州办理" in message
    assert committed.actions.filter(kind="agree").count() == 1
