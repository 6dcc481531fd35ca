"""A program that asks again before it was answered, on two connections with committed rows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from apps.accounts.models import ApiAnswer, ApiToken, User
from apps.campaigns.models import Campaign, Milestone
from apps.core import clock
from apps.filings.models import Filing
from tests.api.conftest import Program
from tests.assessments.test_domain_at_once import history_taken_back
from tests.communities.test_surveys_at_once import wait_for_a_lock
from tests.filings.conftest import SELF_EVALUATION, clerk, milestone_of


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
        ApiAnswer.objects.all().delete()
        ApiToken.objects.all().delete()
        User.objects.exclude(pk__in=people).delete()


def _token() -> str:
    """Without the record of its making, which nobody could delete afterwards."""
    held, now, text = clerk().membership, clock.now(), "lssq_at_once"
    ApiToken.objects.create(
        membership=held,
        user=held.user,
        created_by=held.user,
        created_at=now,
        name="程序",
        scope="read_write",
        prefix=text[:10],
        digest=sha256(text.encode()).hexdigest(),
        expires_at=now + timedelta(days=1),
    )
    return text


def test_of_two_with_one_key_the_second_hears_what_the_first_did(milestone: Milestone) -> None:
    unit = clerk().jurisdiction
    asked = Program(_token())
    # The use of the token is noted before, not while two ask at once.
    asked.get("divisions", limit=1)
    entered = {"milestone": milestone.pk, "division": unit.pk, "due_on": SELF_EVALUATION.isoformat(), "narrative": "甲"}

    def save() -> Any:
        return asked.post("filings/save", entered, If_Match='"0-0"', Idempotency_Key="once")

    def elsewhere() -> Any:
        try:
            return save()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as threads:
        with transaction.atomic():
            first = save()
            waiting = threads.submit(elsewhere)
            wait_for_a_lock()
        second = waiting.result(timeout=60)
    assert (first.status_code, second.status_code) == (200, 200), second.content
    assert second["Idempotency-Replayed"] == "true"
    assert second.json() == first.json()
    assert Filing.objects.get().version == 1
