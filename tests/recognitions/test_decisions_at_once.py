"""Two approvers decide on one notice at the same moment, on two connections with committed rows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, transaction

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.campaigns.models import Recognition
from apps.core.scope import scope
from apps.recognitions.decisions import Decision, decide_notice
from apps.recognitions.models import PublicNotice
from apps.recognitions.notices import Wording, draft_notice, edit_notice, publish_notice
from tests.assessments.test_domain_at_once import committed, db, wait_for_a_lock
from tests.factories import agree
from tests.recognitions.conftest import CONTACT, at

__all__ = ["committed", "db"]

ENDED = date(2022, 8, 23)


@pytest.fixture
def approvers(committed: Assessment) -> Iterator[list[Actor]]:
    """Two of 楚雄州, with which the assessment lies."""
    city, found = agree(committed).holder, []
    for name in ("甲", "乙"):
        user = User.objects.create(username=name, display_name=f"审批{name}", jurisdiction=city)
        found.append(Actor(user, grant_membership(user, city, Role.APPROVER)))
    yield found
    Assessment.objects.filter(pk=committed.pk).update(assignee=None)


@pytest.fixture
def notice(committed: Assessment, approvers: list[Actor]) -> Iterator[PublicNotice]:
    """One with the assessment alone, published on 2022-08-15."""
    actor, chosen = approvers[0], [committed.pk]
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        drafted = draft_notice(committed.participation.campaign, chosen, actor=actor)
        wording = Wording(drafted.title, drafted.text, CONTACT, 5, 2022)
        published = publish_notice(edit_notice(drafted, wording, chosen, actor=actor), actor=actor)
    yield published
    Recognition.objects.filter(participation=committed.participation_id).delete()
    PublicNotice.objects.filter(pk=published.pk).delete()


def decide(notice: PublicNotice, actor: Actor, document_number: str) -> Decision:
    with at(ENDED), scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return decide_notice(notice, year=2022, document_number=document_number, actor=actor)


def decide_elsewhere(notice: PublicNotice, actor: Actor, document_number: str) -> Decision:
    """Decide on a connection of its own."""
    try:
        return decide(notice, actor, document_number)
    finally:
        connection.close()


def test_decide_notice_while_a_colleague_decides_recognises_once_and_says_so(
    notice: PublicNotice, approvers: list[Actor]
) -> None:
    first, second = approvers
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            won = decide(notice, first, "楚住建城〔2022〕1号")
            outcome = pool.submit(decide_elsewhere, notice, second, "楚住建城〔2022〕2号")
            wait_for_a_lock()
        lost = outcome.result(timeout=10)
    assert (len(won.recognised), len(lost.recognised)) == (1, 0)
    assert [reason for _, reason in lost.left_out] == ["已认定为 2022 年度绿色社区。"]
    assert [one.document_number for one in Recognition.objects.all()] == ["楚住建城〔2022〕1号"]
