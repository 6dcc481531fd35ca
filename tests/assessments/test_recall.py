"""Taking a self-assessment back before anybody has begun to review it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments import domain
from apps.assessments.claims import claim_assessment, release_assessment
from apps.assessments.comparison import compare
from apps.assessments.models import Assessment
from apps.assessments.recall import recall_assessment
from apps.assessments.return_notes import note_for_return
from apps.assessments.steps import CLAIM_LASTS
from apps.assessments.worksheet import worksheet_of
from apps.core import clock
from apps.core.errors import TransitionError
from apps.core.scope import scope
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.assessments.reviewing import state, url
from tests.factories import agree, submit

ClientOf = Callable[[Actor], Client]
NO_SPONGE = Answer(deductions=(Deduction(rule=2),))


def act(actor: Actor, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a verb as ``actor`` does in a request."""
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return verb(*args, actor=actor, **kwargs)


def again(assessment: Assessment) -> Assessment:
    return Assessment.objects.with_context().get(pk=assessment.pk)


def criterion(assessment: Assessment, number: int) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=number)


def test_recall_makes_it_a_draft_again(submitted: Assessment, street_officer: Actor) -> None:
    action = act(street_officer, recall_assessment, submitted)
    now = again(submitted)
    assert (action.kind, action.passed_to, action.round) == ("recall", street_officer.jurisdiction, 1)
    assert (now.status, now.holder.name, now.assignee) == ("draft", "鹿城镇", street_officer.user)
    assert now.participation.stage == "drafting"
    act(street_officer, domain.save_result, submitted, criterion(submitted, 5), NO_SPONGE)
    submit(submitted, actor=street_officer)
    assert (state(submitted), again(submitted).round) == (("in_review", "楚雄市"), 2)


def test_recall_of_an_answered_return_opens_the_same_criteria_again(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, domain.return_assessment, submitted, "请补充", {5: "缺验收单"})
    for _ in range(2):
        submit(submitted, actor=street_officer)
        act(street_officer, recall_assessment, submitted)
    now = again(submitted)
    assert (now.status, now.participation.stage) == ("returned", "returned")
    assert domain.editable_criteria(now) == {criterion(submitted, 5).pk}
    with pytest.raises(TransitionError, match="第 8 条未被退回"):
        act(street_officer, domain.save_result, submitted, criterion(submitted, 8), Answer(deductions=()))
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk):
        sheet = worksheet_of(now, street_officer)
        assert sheet.returned is not None
        assert [card.number for card in sheet.cards if not card.locked] == [5]


def test_recall_leaves_the_comparison_with_the_last_return(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, domain.return_assessment, submitted, "", {5: "缺验收单"})
    act(street_officer, domain.save_result, submitted, criterion(submitted, 5), NO_SPONGE)
    submit(submitted, actor=street_officer)
    act(street_officer, recall_assessment, submitted)
    submit(submitted, actor=street_officer)
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        sheet = compare(again(submitted), district_reviewer)
    assert [(row.number, row.before, row.asked) for row in sheet.news] == [(5, "6 分", "缺验收单")]
    assert [(one.number, one.returned) for one in sheet.news[0].rounds] == [(1, "缺验收单")]


def test_recall_once_the_review_has_begun_says_who_began_it(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, claim_assessment, submitted)
    with pytest.raises(TransitionError, match="楚雄市 测试经办人532301 已领办.*请联系楚雄市退回"):
        act(street_officer, recall_assessment, submitted)
    act(district_reviewer, release_assessment, submitted)
    act(district_reviewer, domain.save_result, submitted, criterion(submitted, 5), NO_SPONGE, note="未见")
    act(district_reviewer, release_assessment, submitted)
    with pytest.raises(TransitionError, match="测试经办人532301 已于 .* 填写审核意见"):
        act(street_officer, recall_assessment, submitted)
    agree(submitted, actor=district_reviewer)
    with pytest.raises(TransitionError, match="审核已经开始，不能撤回.*请联系楚雄彝族自治州退回"):
        act(street_officer, recall_assessment, submitted)
    assert state(submitted) == ("in_review", "楚雄彝族自治州")


def test_recall_after_a_claim_that_led_to_nothing(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, claim_assessment, submitted)
    with clock.stopped_at(clock.now() + CLAIM_LASTS + timedelta(minutes=1)):
        act(street_officer, recall_assessment, submitted)
    assert (state(submitted), again(submitted).claimed_until) == (("draft", "鹿城镇"), None)


def test_recall_after_something_was_noted_for_a_return_says_who_noted_it(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, note_for_return, submitted, criterion(submitted, 5), "缺验收单")
    act(district_reviewer, release_assessment, submitted)
    with pytest.raises(TransitionError, match="测试经办人532301 已于 .* 记入退回，审核已经开始，不能撤回"):
        act(street_officer, recall_assessment, submitted)


def test_recall_twice_or_of_a_draft_is_refused(submitted: Assessment, street_officer: Actor) -> None:
    act(street_officer, recall_assessment, submitted)
    with pytest.raises(TransitionError, match="现在由本单位办理，不用撤回"):
        act(street_officer, recall_assessment, submitted)
    assert submitted.actions.filter(kind="recall").count() == 1


def test_recall_by_others_is_refused(
    submitted: Assessment,
    district_reviewer: Actor,
    stranger: Actor,
    make_actor: Callable[[str, Role], Actor],
) -> None:
    for actor, refusal in [
        (district_reviewer, PermissionDenied),
        (make_actor("532301101", Role.VIEWER), PermissionDenied),
        (make_actor("532301102", Role.STREET_OFFICER), Assessment.DoesNotExist),
        (stranger, Assessment.DoesNotExist),
    ]:
        with pytest.raises(refusal):
            act(actor, recall_assessment, submitted)


def test_recall_on_the_page(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, client_of: ClientOf
) -> None:
    street = client_of(street_officer)
    assert "撤回自评</button>" in street.get(url("self_assessment", submitted)).text
    done = street.post(url("self_assessment_recall", submitted), follow=True)
    assert "已撤回，修改后请重新提交" in done.text
    assert street.post(url("self_assessment_recall", submitted), follow=True).status_code == 200
    submit(submitted, actor=street_officer)
    act(district_reviewer, claim_assessment, submitted)
    page = street.get(url("self_assessment", submitted)).text
    assert "撤回自评</button>" not in page
    assert "测试经办人532301 已领办" in page
    late = street.post(url("self_assessment_recall", submitted), follow=True)
    assert "审核已经开始，不能撤回" in late.text
