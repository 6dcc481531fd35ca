"""Two people of one level, or a level and the submitter, act on one assessment at the same moment, on two connections."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.bulk_agreement import agree_in_bulk
from apps.assessments.claims import claim_assessment, claim_next
from apps.assessments.domain import agree_assessment, return_assessment, save_result
from apps.assessments.models import Assessment
from apps.assessments.queue import waiting_at
from apps.assessments.recall import recall_assessment
from apps.core.errors import TransitionError
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.assessments.reviewing import seen
from tests.assessments.test_domain_at_once import at_once, committed, db
from tests.factories import person_at

__all__ = ["committed", "db"]

NO_SPONGE = Answer(deductions=(Deduction(rule=2),))


@pytest.fixture
def reviewers(committed: Assessment) -> Iterator[tuple[Actor, Actor]]:
    """Two of 楚雄市, with which the assessment lies."""
    district = Jurisdiction.objects.get(code="532301000000")
    yield person_at(district, Role.APPROVER), person_at(district, Role.STAFF)
    # Their people are deleted afterwards.
    Assessment.objects.filter(pk=committed.pk).update(assignee=None, claimed_until=None)


@pytest.fixture
def street(committed: Assessment) -> Actor:
    return person_at(Jurisdiction.objects.get(code="532301101000"), Role.STREET_OFFICER)


def judge(assessment: Assessment, *, actor: Actor) -> None:
    fifth = Criterion.objects.get(standard=assessment.standard, number=5)
    save_result(assessment, fifth, NO_SPONGE, actor=actor, note="未见", seen=0)


def bulk(assessment: Assessment, step: int, *, actor: Actor) -> None:
    """One run over one assessment; what it says of it becomes an error, as of the verbs."""
    (outcome,) = agree_in_bulk({assessment.pk: step}, actor=actor)
    if outcome.refusal:
        raise TransitionError(outcome.refusal)


@pytest.mark.parametrize(
    ("verb", "args", "said"),
    [
        (agree_assessment, (), "由楚雄市 楚雄市审批人 同意上报，现在由楚雄彝族自治州办理"),
        (return_assessment, ("请核实",), "由楚雄市 楚雄市审批人 退回，现在由鹿城镇办理"),
    ],
)
def test_decision_while_a_colleague_decides_says_who_was_first(
    verb: Callable[..., Any], args: tuple[Any, ...], said: str, committed: Assessment, reviewers: tuple[Actor, Actor]
) -> None:
    first, second = reviewers
    message = at_once((first, verb, (committed, *args)), (second, agree_assessment, (committed,)))
    assert said in message
    assert committed.actions.exclude(kind__in=["open", "submit"]).count() == 1


@pytest.mark.parametrize("second_verb", [claim_assessment, judge, agree_assessment])
def test_act_while_a_colleague_claims_says_who_has_it(
    second_verb: Callable[..., Any], committed: Assessment, reviewers: tuple[Actor, Actor]
) -> None:
    first, second = reviewers
    message = at_once((first, claim_assessment, (committed,)), (second, second_verb, (committed,)))
    assert "楚雄市审批人 领办" in message
    assert Assessment.objects.get(pk=committed.pk).assignee == first.user
    assert not committed.results.filter(level="district").exists()


def test_verdict_while_a_colleague_judges_says_who_has_it(
    committed: Assessment, reviewers: tuple[Actor, Actor]
) -> None:
    first, second = reviewers
    message = at_once((first, judge, (committed,)), (second, judge, (committed,)))
    assert "楚雄市审批人 领办" in message
    assert [one.updated_by for one in committed.results.filter(level="district")] == [first.user]


def test_recall_while_a_reviewer_claims_says_who_has_begun(
    committed: Assessment, reviewers: tuple[Actor, Actor], street: Actor
) -> None:
    message = at_once((reviewers[0], claim_assessment, (committed,)), (street, recall_assessment, (committed,)))
    assert "楚雄市审批人 已领办" in message
    assert Assessment.objects.get(pk=committed.pk).status == "in_review"


def test_claim_while_the_submitter_recalls_says_so(
    committed: Assessment, reviewers: tuple[Actor, Actor], street: Actor
) -> None:
    message = at_once((street, recall_assessment, (committed,)), (reviewers[0], claim_assessment, (committed,)))
    assert "撤回自评，现在由鹿城镇办理" in message
    now = Assessment.objects.get(pk=committed.pk)
    assert (now.status, now.claimed_until) == ("draft", None)


@pytest.mark.parametrize("bulk_first", [True, False])
def test_bulk_and_single_agreement_at_once_agree_once(
    bulk_first: bool, committed: Assessment, reviewers: tuple[Actor, Actor]
) -> None:
    first, second = reviewers
    many: tuple[Any, ...] = (bulk, (committed, seen(committed)))
    single: tuple[Any, ...] = (agree_assessment, (committed,))
    one, other = (many, single) if bulk_first else (single, many)
    message = at_once((first, *one), (second, *other))
    assert "由楚雄市 楚雄市审批人 同意上报" in message
    assert committed.actions.filter(kind="agree").count() == 1


def test_claim_next_passes_over_what_a_colleague_is_claiming(
    committed: Assessment, reviewers: tuple[Actor, Actor]
) -> None:
    first, second = reviewers

    def next_one() -> int | None:
        try:
            with scope(second.jurisdiction.path, user_id=second.user.pk):
                found = claim_next(waiting_at(second.jurisdiction), actor=second)
                return None if found is None else found.pk
        except (TransitionError, PermissionDenied):
            return -1
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic(), scope(first.jurisdiction.path, user_id=first.user.pk):
        claim_assessment(committed, actor=first)
        # It does not wait for the other's transaction.
        assert pool.submit(next_one).result(timeout=10) is None
