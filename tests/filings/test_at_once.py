"""Two people of a unit, or the unit and the level above, act at the same moment, on two connections with committed rows."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Milestone
from apps.filings.domain import Content, accept_filing, return_filing, save_draft, submit_filing, withdraw_filing
from apps.filings.models import Filing
from tests.assessments.test_domain_at_once import history_taken_back
from tests.communities.test_surveys_at_once import elsewhere, wait_for_a_lock
from tests.factories import made_up
from tests.filings.conftest import SELF_EVALUATION, clerk, hand_in, milestone_of

Act = Callable[[Actor], object]


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the transaction that every other test is rolled back with: what is written here is committed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def milestone(db: None) -> Iterator[Milestone]:
    """What is written is deleted afterwards."""
    with history_taken_back():
        people = set(User.objects.values_list("pk", flat=True))
        yield milestone_of(Campaign.objects.get(code="chuxiong-2021"))
        Filing.objects.all().delete()
        User.objects.exclude(pk__in=people).delete()


def while_another(first: tuple[Act, Actor], second: tuple[Act, Actor]) -> str:
    """Let ``second`` begin while ``first`` is not committed yet; returns what came of the second."""
    with ThreadPoolExecutor(max_workers=1) as threads:
        with transaction.atomic():
            first[0](first[1])
            waiting = threads.submit(elsewhere, *second)
            wait_for_a_lock()
        return waiting.result(timeout=60)


def saving(milestone: Milestone, text: str) -> Act:
    unit = clerk().jurisdiction
    return lambda actor: save_draft(milestone, unit, SELF_EVALUATION, Content(narrative=text), actor=actor, seen=0)


def test_the_second_who_saves_hears_of_the_first(milestone: Milestone) -> None:
    colleague = made_up("532301", Role.APPROVER)
    said = while_another((saving(milestone, "甲"), clerk()), (saving(milestone, "乙"), colleague))
    assert f"刚刚由{clerk().user}改过" in said
    assert Filing.objects.get().narrative == "甲"


def test_the_same_saved_twice_at_once_is_once(milestone: Milestone) -> None:
    colleague = made_up("532301", Role.APPROVER)
    assert while_another((saving(milestone, "甲"), clerk()), (saving(milestone, "甲"), colleague)) == "done"
    assert Filing.objects.get().version == 1


def test_submitted_twice_at_once_is_once(milestone: Milestone) -> None:
    filing = saving(milestone, "甲")(clerk())
    assert isinstance(filing, Filing)
    submit: Act = lambda actor: submit_filing(filing, actor=actor, seen=1)  # noqa: E731
    assert while_another((submit, clerk()), (submit, made_up("532301", Role.APPROVER))) == "done"
    assert Filing.objects.get().round == 1


def test_what_is_withdrawn_is_not_accepted(milestone: Milestone) -> None:
    filing = hand_in(milestone, SELF_EVALUATION)
    said = while_another(
        (lambda actor: withdraw_filing(filing, actor=actor, seen=1), clerk()),
        (lambda actor: accept_filing(filing, actor=actor, seen=1), made_up("5323", Role.APPROVER)),
    )
    assert "已撤回" in said
    assert Filing.objects.get().status == "draft"


def test_what_is_accepted_is_not_returned(milestone: Milestone) -> None:
    filing = hand_in(milestone, SELF_EVALUATION)
    said = while_another(
        (lambda actor: accept_filing(filing, actor=actor, seen=1), made_up("5323", Role.APPROVER)),
        (lambda actor: return_filing(filing, "不全", actor=actor, seen=1), made_up("5323", Role.STAFF)),
    )
    assert "接收，不能再办理" in said
    assert Filing.objects.get().status == "accepted"
