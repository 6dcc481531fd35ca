"""Two people take the same step at the same moment, on two connections with committed rows."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Max
from pghistory.models import Event
from pytest_django import DjangoDbBlocker

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.domain import agree_assessment, recognise_assessment
from apps.assessments.models import Assessment, SecondApproval
from apps.assessments.second_approval import confirm_second_approval, decline_second_approval
from apps.campaigns.domain import set_second_approval
from apps.campaigns.models import Campaign, Participation, Recognition
from apps.communities.models import Community
from apps.core.errors import TransitionError
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from tests.factories import agree, person_at, submitted_community


@contextmanager
def history_taken_back() -> Iterator[None]:
    """Leave the histories as they were: only their owner can, past the policies."""
    events = [one for one in apps.get_models() if issubclass(one, Event) and hasattr(one, "pgh_tracked_model")]
    last = {one: one._default_manager.aggregate(last=Max("pk"))["last"] or 0 for one in events}
    yield
    with connection.cursor() as cursor:
        for model, before in last.items():
            if model._default_manager.filter(pk__gt=before).exists():
                table = model._meta.db_table
                cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
                cursor.execute(f"DELETE FROM {table} WHERE pgh_id > %s", [before])
                cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the transaction that every other test is rolled back with: what is written here is committed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def committed(db: None) -> Iterator[Assessment]:
    """A submitted assessment that other connections see; deleted with its people afterwards."""
    with history_taken_back():
        people = set(User.objects.values_list("pk", flat=True))
        community = Community.objects.get(code="532301101007")
        assessment = submitted_community(community, Campaign.objects.get(code="chuxiong-2021"), 2022)
        yield assessment
        Assessment.objects.filter(pk=assessment.pk).delete()
        Participation.objects.filter(pk=assessment.participation_id).delete()
        assessment.participation.campaign.changes.all().delete()
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


@pytest.fixture
def approvers(committed: Assessment) -> Iterator[list[Actor]]:
    """Three approvers of 楚雄州, with which the assessment lies, under a campaign that wants a second one."""
    campaign = committed.participation.campaign
    city = agree(committed).holder
    set_second_approval(campaign, True, actor=person_at(city, Role.BUREAU_ADMIN), reason="测试")
    found = []
    for name in ("甲", "乙", "丙"):
        user = User.objects.create(username=name, display_name=f"审批{name}", jurisdiction=city)
        found.append(Actor(user, grant_membership(user, city, Role.APPROVER)))
    yield found
    set_second_approval(campaign, False, actor=person_at(city, Role.BUREAU_ADMIN), reason="测试")
    SecondApproval.objects.filter(assessment=committed).delete()
    Recognition.objects.filter(participation=committed.participation_id).delete()
    Assessment.objects.filter(pk=committed.pk).update(assignee=None)


def elsewhere(actor: Actor, verb: Callable[..., Any], *args: Any) -> str:
    """Call a verb on a connection of its own; returns what came of it."""
    try:
        with scope(actor.jurisdiction.path, user_id=actor.user.pk):
            verb(*args, actor=actor)
    except TransitionError as error:
        return error.message
    finally:
        connection.close()
    return "done"


def at_once(
    first: tuple[Actor, Callable[..., Any], tuple[Any, ...]], second: tuple[Actor, Callable[..., Any], tuple[Any, ...]]
) -> str:
    """Let the second one come while the first one is not yet committed; returns what the second one is told."""
    with ThreadPoolExecutor(1) as pool:
        actor, verb, args = first
        with transaction.atomic(), scope(actor.jurisdiction.path, user_id=actor.user.pk):
            verb(*args, actor=actor)
            outcome = pool.submit(elsewhere, second[0], second[1], *second[2])
            wait_for_a_lock()
        return outcome.result(timeout=10)


def propose(assessment: Assessment, actor: Actor) -> SecondApproval:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        proposal = recognise_assessment(assessment, actor=actor, year=2022)
    assert isinstance(proposal, SecondApproval)
    return proposal


def test_confirm_while_another_confirms_recognises_once(committed: Assessment, approvers: list[Actor]) -> None:
    first, second, third = approvers
    proposal = propose(committed, first)
    told = at_once(
        (second, confirm_second_approval, (proposal,)),
        (third, confirm_second_approval, (proposal,)),
    )
    assert "由 审批乙 复核（已同意），不能再办理" in told
    assert Recognition.objects.filter(participation=committed.participation_id).count() == 1
    assert committed.actions.filter(kind="recognise").count() == 1


@pytest.mark.parametrize("confirmed_first", [True, False])
def test_confirm_and_decline_at_once_has_one_outcome(
    confirmed_first: bool, committed: Assessment, approvers: list[Actor]
) -> None:
    first, second, third = approvers
    proposal = propose(committed, first)
    confirm = (second, confirm_second_approval, (proposal,))
    decline = (third, decline_second_approval, (proposal, "文号不对"))
    told = at_once(confirm, decline) if confirmed_first else at_once(decline, confirm)
    expected = "审批乙 复核（已同意）" if confirmed_first else "审批丙 复核（不同意）"
    assert expected in told
    recognised = Recognition.objects.filter(participation=committed.participation_id).count()
    assert (recognised, committed.actions.filter(kind="decline").count()) == ((1, 0) if confirmed_first else (0, 1))


def test_propose_while_a_colleague_proposes_leaves_one_proposal(committed: Assessment, approvers: list[Actor]) -> None:
    first, second, _ = approvers
    told = at_once((first, recognise_assessment, (committed,)), (second, recognise_assessment, (committed,)))
    assert "审批甲 已于" in told
    assert "提请认定，等待复核" in told
    assert SecondApproval.objects.filter(assessment=committed).count() == 1


def test_recognise_by_two_at_once_without_a_second_approver_recognises_once(
    committed: Assessment, approvers: list[Actor]
) -> None:
    first, second, _ = approvers
    manager = person_at(first.jurisdiction, Role.BUREAU_ADMIN)
    set_second_approval(committed.participation.campaign, False, actor=manager, reason="测试")
    told = at_once((first, recognise_assessment, (committed,)), (second, recognise_assessment, (committed,)))
    assert "审批甲 认定，不能再改" in told
    assert Recognition.objects.filter(participation=committed.participation_id).count() == 1
