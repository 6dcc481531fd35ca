"""Two people of a unit, or the unit and the levels above, act on an evaluation at the same moment, on two connections with
committed rows."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.evaluations.domain import (
    agree_evaluation,
    begin_evaluation,
    return_evaluation,
    submit_evaluation,
    withdraw_evaluation,
)
from apps.evaluations.models import AnnualEvaluation
from apps.filings.models import Filing
from tests.assessments.test_domain_at_once import history_taken_back
from tests.evaluations.conftest import YEAR, begin, clerk, submit, write
from tests.factories import made_up
from tests.filings.test_at_once import Act, while_another

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the transaction that every other test is rolled back with: what is written here is committed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def campaign(db: None) -> Iterator[Campaign]:
    """What is written is deleted afterwards."""
    with history_taken_back():
        people = set(User.objects.values_list("pk", flat=True))
        yield Campaign.objects.select_related("standard", "jurisdiction").get(code="chuxiong-2021")
        AnnualEvaluation.objects.all().delete()
        Filing.objects.all().delete()
        User.objects.exclude(pk__in=people).delete()


def approver() -> Actor:
    return made_up("5323", Role.APPROVER)


def second_approver() -> Actor:
    user = made_up("532302", Role.STAFF).user
    return Actor(user, grant_membership(user, approver().jurisdiction, Role.APPROVER))


def agreeing(evaluation: AnnualEvaluation) -> Act:
    return lambda actor: agree_evaluation(evaluation, actor=actor, seen=evaluation.round)


def returning(evaluation: AnnualEvaluation) -> Act:
    return lambda actor: return_evaluation(evaluation, "数据不全", actor=actor, seen=evaluation.round)


def withdrawing(evaluation: AnnualEvaluation) -> Act:
    return lambda actor: withdraw_evaluation(evaluation, actor=actor, seen=evaluation.round)


def stands() -> tuple[str, list[str], str]:
    """The status, the steps, and what became of the filing that the evaluation answers."""
    evaluation = AnnualEvaluation.objects.get()
    return evaluation.status, [one.kind for one in evaluation.steps.all()], Filing.objects.get().status


def test_begun_twice_at_once_is_one(campaign: Campaign) -> None:
    unit = clerk().jurisdiction
    act: Act = lambda actor: begin_evaluation(campaign, unit, YEAR, actor=actor)  # noqa: E731
    assert while_another((act, clerk()), (act, made_up("532301", Role.APPROVER))) == "done"
    assert AnnualEvaluation.objects.count() == 1


def test_submitted_twice_at_once_is_once(campaign: Campaign) -> None:
    saved = write(begin(campaign), actor=clerk())
    act: Act = lambda actor: submit_evaluation(saved, actor=actor, seen=saved.version)  # noqa: E731
    assert while_another((act, clerk()), (act, made_up("532301", Role.APPROVER))) == "done"
    assert stands() == ("submitted", ["submitted"], "submitted")


def test_two_who_agree_at_once_pass_it_on_once(campaign: Campaign) -> None:
    submitted = submit(campaign)
    said = while_another((agreeing(submitted), approver()), (agreeing(submitted), second_approver()))
    assert "现由云南省办理，楚雄彝族自治州现在不用办理" in said
    assert stands() == ("submitted", ["submitted", "agreed"], "accepted")


def test_what_is_withdrawn_is_not_agreed_with(campaign: Campaign) -> None:
    submitted = submit(campaign)
    said = while_another((withdrawing(submitted), clerk()), (agreeing(submitted), approver()))
    assert "还没有重新提交" in said
    assert stands() == ("draft", ["submitted", "withdrawn"], "draft")


def test_what_is_agreed_with_is_not_withdrawn(campaign: Campaign) -> None:
    submitted = submit(campaign)
    said = while_another((agreeing(submitted), approver()), (withdrawing(submitted), clerk()))
    assert "上级已审核同意" in said
    assert stands() == ("submitted", ["submitted", "agreed"], "accepted")


def test_what_is_returned_is_not_agreed_with(campaign: Campaign) -> None:
    submitted = submit(campaign)
    said = while_another((returning(submitted), approver()), (agreeing(submitted), second_approver()))
    assert "还没有重新提交" in said
    assert stands() == ("returned", ["submitted", "returned"], "returned")
