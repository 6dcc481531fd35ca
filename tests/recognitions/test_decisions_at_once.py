"""Two approvers decide on one notice at the same moment, on two connections with committed rows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import connection, transaction

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Participation, Recognition
from apps.communities.models import Community
from apps.core.scope import scope
from apps.recognitions import decisions
from apps.recognitions.decisions import Decision, decide_notice
from apps.recognitions.models import PublicNotice
from apps.recognitions.notices import Wording, draft_notice, edit_notice, publish_notice
from tests.assessments.test_domain_at_once import committed, db, wait_for_a_lock
from tests.factories import agree, submitted_community
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


@contextmanager
def published(campaign: Campaign, chosen: list[int], actor: Actor) -> Iterator[PublicNotice]:
    """A notice, published on 2022-08-15; deleted afterwards with what it led to."""
    with at(date(2022, 8, 15)), scope(actor.jurisdiction.path, user_id=actor.user.pk):
        drafted = draft_notice(campaign, chosen, actor=actor)
        wording = Wording(drafted.title, drafted.text, CONTACT, 5, 2022)
        notice = publish_notice(edit_notice(drafted, wording, chosen, actor=actor), actor=actor)
    yield notice
    Recognition.objects.filter(participation__assessment__in=chosen).delete()
    PublicNotice.objects.filter(pk=notice.pk).delete()


@pytest.fixture
def notice(committed: Assessment, approvers: list[Actor]) -> Iterator[PublicNotice]:
    """One with the assessment alone."""
    with published(committed.participation.campaign, [committed.pk], approvers[0]) as made:
        yield made


@pytest.fixture
def notice_of_two(committed: Assessment, approvers: list[Actor]) -> Iterator[PublicNotice]:
    """One with a second assessment, which is deleted afterwards too."""
    campaign = committed.participation.campaign
    other = agree(submitted_community(Community.objects.get(code="532301101008"), campaign, 2022))
    with published(campaign, [committed.pk, other.pk], approvers[0]) as made:
        yield made
    Assessment.objects.filter(pk=other.pk).delete()
    Participation.objects.filter(pk=other.participation_id).delete()


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


def test_decide_notice_decides_on_nothing_that_it_has_not_locked(
    notice_of_two: PublicNotice, approvers: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The portion that a colleague was faster with is not made up for with the next one."""
    monkeypatch.setattr(decisions, "PORTION", 1)
    first, second = approvers
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            won = decide(notice_of_two, first, "楚住建城〔2022〕1号")
            outcome = pool.submit(decide_elsewhere, notice_of_two, second, "楚住建城〔2022〕2号")
            wait_for_a_lock()
        lost = outcome.result(timeout=10)
    assert (len(won.recognised), len(lost.recognised), lost.rest) == (1, 0, 1)
    assert [reason for _, reason in lost.left_out] == ["已认定为 2022 年度绿色社区。"]
