"""Saving one criterion: few statements, and the same refusals as ever."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import agree_assessment, return_assessment, submit_assessment
from apps.assessments.filling import Filled, being_filled_in, fill_in
from apps.assessments.models import Assessment, CriterionResult
from apps.assessments.recall import recall_assessment
from apps.campaigns.models import Participation
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.scope import scope
from apps.standards.domain import parts_in_use, spec_in_use
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.factories import person_at, submit

HTMX = {"HX-Request": "true"}
SPONGE_LOST = Answer(deductions=(Deduction(rule=2),))
ClientOf = Callable[[Actor], Client]


def act(actor: Actor, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a verb as ``actor`` does in a request."""
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return verb(*args, actor=actor, **kwargs)


def save_own(assessment: Assessment, *args: Any, **kwargs: Any) -> Filled:
    """Read under the lock and fill in, as the page does."""
    return fill_in(being_filled_in(assessment.pk), *args, **kwargs)


def criterion(assessment: Assessment, number: int) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=number)


def save(client: Client, assessment: Assessment, number: int, **data: str) -> list[str]:
    """Save by the page; return the statements from the moment when it is known who acts, to the last one of the request."""
    url = reverse("self_assessment_criterion", args=[assessment.pk, number])
    with CaptureQueriesContext(connection) as captured:
        response = client.post(url, data, headers=HTMX)
    assert response.status_code == 200, response.text
    statements = [one["sql"] for one in captured.captured_queries]
    narrowed = [place for place, one in enumerate(statements) if "set_config('app.scope_from'" in one]
    assert len(narrowed) == 3
    # The person is found under the first, and acts under the second; the last one puts back what a test's transaction had.
    return statements[narrowed[1] + 1 : narrowed[-1]]


@pytest.fixture
def opened(planned: Participation, street_officer: Actor, client_of: ClientOf) -> Assessment:
    client_of(street_officer).post(reverse("self_assessment_open", args=[planned.pk]))
    return Assessment.objects.get(participation=planned)


@pytest.fixture
def officer(client_of: ClientOf, street_officer: Actor, planned: Participation) -> Client:
    parts_in_use(planned.campaign.standard)  # read once per process
    spec_in_use(planned.campaign.standard)
    return client_of(street_officer)


def test_save_takes_three_statements_and_a_fourth_the_first_time(opened: Assessment, officer: Client) -> None:
    assert len(save(officer, opened, 5, seen="0", rule_2="1")) == 4
    assert len(save(officer, opened, 5, seen="1", rule_1="1")) == 3
    assert len(save(officer, opened, 8, seen="0", none="1", rule_1_count="0")) == 3


def test_save_of_what_was_returned_takes_one_more(
    submitted: Assessment,
    officer: Client,
    district_reviewer: Actor,
    street_officer: Actor,
    client_of: ClientOf,
) -> None:
    act(district_reviewer, return_assessment, submitted, "", {5: "缺验收单", 8: "照片不清"})
    assert len(save(officer, submitted, 5, seen="1", rule_2="1")) == 4
    colleague = client_of(person_at(street_officer.jurisdiction, Role.STREET_OFFICER))
    assert len(save(colleague, submitted, 8, seen="1", rule_1_count="2")) == 5


def test_fill_in_writes_what_save_result_wrote(opened: Assessment, street_officer: Actor) -> None:
    filled = act(street_officer, save_own, opened, criterion(opened, 5), SPONGE_LOST, note=" 未做 ", seen=0)
    row = CriterionResult.objects.get(assessment=opened)
    assert (row.verdict, row.deductions, row.points, row.note) == ("scored", [{"rule": 2}], Decimal(4), "未做")
    assert (row.level, row.version, row.is_prefilled, row.updated_by) == ("street", 1, False, street_officer.user)
    assert filled.results == {row.criterion_id: row}
    assert Assessment.objects.get(pk=opened.pk).filled_in_by == [street_officer.user.pk]


def test_fill_in_of_a_stale_form_says_who_was_faster(opened: Assessment, street_officer: Actor) -> None:
    colleague = person_at(street_officer.jurisdiction, Role.STREET_OFFICER)
    act(street_officer, save_own, opened, criterion(opened, 5), SPONGE_LOST, seen=0)
    with pytest.raises(StaleForm, match=f"第 5 条已于 .* 由 {street_officer.user} 改过，您的修改没有保存"):
        act(colleague, save_own, opened, criterion(opened, 5), Answer(deductions=()), seen=0)
    assert CriterionResult.objects.get(assessment=opened).deductions == [{"rule": 2}]


def test_fill_in_of_an_impossible_answer_is_refused(opened: Assessment, street_officer: Actor) -> None:
    with pytest.raises(InvalidInput, match="第 5 条规则 9：这一条没有规则 9"):
        act(street_officer, save_own, opened, criterion(opened, 5), Answer(deductions=(Deduction(rule=9),)), seen=0)


def test_fill_in_after_a_return_of_single_criteria_keeps_the_others_locked(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, return_assessment, submitted, "", {5: "缺验收单"})
    with pytest.raises(TransitionError, match="第 6 条未被退回，已锁定"):
        act(street_officer, save_own, submitted, criterion(submitted, 6), Answer(deductions=()), seen=1)
    filled = act(street_officer, save_own, submitted, criterion(submitted, 5), SPONGE_LOST, seen=1)
    assert filled.reasons == {criterion(submitted, 5).pk: "缺验收单"}


def test_fill_in_of_what_was_submitted_is_refused(drafted: Assessment, street_officer: Actor) -> None:
    submit(drafted, actor=street_officer)
    with pytest.raises(TransitionError, match="现在由楚雄市办理，其他单位只能查看"):
        act(street_officer, save_own, drafted, criterion(drafted, 5), SPONGE_LOST, seen=1)


def test_fill_in_after_an_answer_was_recalled_keeps_the_others_locked(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, return_assessment, submitted, "", {5: "缺验收单"})
    act(street_officer, submit_assessment, submitted)
    act(street_officer, recall_assessment, submitted)
    with pytest.raises(TransitionError, match="第 6 条未被退回，已锁定"):
        act(street_officer, save_own, submitted, criterion(submitted, 6), Answer(deductions=()), seen=1)


def test_fill_in_after_the_prefecture_returned_level_by_level(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, city_approver: Actor
) -> None:
    act(district_reviewer, agree_assessment, submitted)
    act(city_approver, return_assessment, submitted, "", {5: "未见海绵化改造", 6: "缺台账"})
    act(district_reviewer, return_assessment, submitted, "州里退回", {6: "请补台账"})
    filled = act(street_officer, save_own, submitted, criterion(submitted, 6), Answer(deductions=()), seen=1)
    assert filled.reasons == {criterion(submitted, 6).pk: "请补台账"}
