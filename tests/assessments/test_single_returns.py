"""Where single criteria are returned, the rest stays agreed and locked at every level that answers the return."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from apps.accounts.permissions import Actor
from apps.assessments.domain import agree_assessment, editable_criteria, return_assessment, save_result
from apps.assessments.models import Assessment
from apps.core.errors import InvalidInput, TransitionError
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.assessments.reviewing import seen, state, url, verdict
from tests.factories import agree, submit

Acting = Callable[[Actor], AbstractContextManager[None]]
LOST, NO_LOSS = Answer(deductions=(Deduction(rule=2),)), Answer(deductions=())


@pytest.fixture
def returned(submitted: Assessment, city_approver: Actor, acting: Acting) -> Assessment:
    """Agreed by 楚雄市; the prefecture has returned criterion 5 alone."""
    agree(submitted)
    with acting(city_approver):
        return_assessment(submitted, "", {5: "未见海绵化改造"}, actor=city_approver)
    return submitted


def criterion(assessment: Assessment, number: int) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=number)


def test_verdict_on_a_criterion_that_was_not_returned_is_refused(
    returned: Assessment, district_reviewer: Actor, acting: Acting
) -> None:
    with acting(district_reviewer), pytest.raises(TransitionError) as refused:
        save_result(returned, criterion(returned, 6), NO_LOSS, actor=district_reviewer, note="未见")
    assert refused.value.message.startswith("第 6 条未被退回，已锁定。本次只修改退回的条目。楚雄彝族自治州")
    assert "退回的是第 5 条" in refused.value.message
    verdict(returned, district_reviewer, 5, LOST)
    assert [(one.level, one.criterion.number) for one in returned.results.filter(level="district")] == [("district", 5)]


@pytest.mark.parametrize(("comment", "reasons"), [("重报", {}), ("", {11: "缺台账"}), ("", {5: "未见", 11: "缺台账"})])
def test_return_of_more_than_was_returned_is_refused(
    comment: str, reasons: dict[int, str], returned: Assessment, district_reviewer: Actor, acting: Acting
) -> None:
    with acting(district_reviewer), pytest.raises(InvalidInput) as refused:
        return_assessment(returned, comment, reasons, actor=district_reviewer)
    assert refused.value.message == (
        "楚雄彝族自治州只退回了第 5 条，其余条目保持锁定，不能退回鹿城镇。请只勾选退回的条目；没有问题的，请同意上报。"
    )
    assert state(returned) == ("returned", "楚雄市")


def test_single_return_stays_single_on_the_whole_way_down_and_up(
    returned: Assessment, district_reviewer: Actor, street_officer: Actor, acting: Acting
) -> None:
    fifth = {criterion(returned, 5).pk}
    with acting(district_reviewer):
        return_assessment(returned, "", {5: "未见海绵化改造"}, actor=district_reviewer)
    assert editable_criteria(Assessment.objects.get(pk=returned.pk)) == fifth
    submit(returned, actor=street_officer)
    # The county still answers the prefecture.
    assert editable_criteria(Assessment.objects.get(pk=returned.pk)) == fifth
    with acting(district_reviewer), pytest.raises(InvalidInput, match="只退回了第 5 条"):
        return_assessment(returned, "重报", actor=district_reviewer)
    agree(returned)
    assert editable_criteria(Assessment.objects.get(pk=returned.pk)) is None


def test_agree_answers_a_single_return(returned: Assessment, district_reviewer: Actor, acting: Acting) -> None:
    with acting(district_reviewer):
        agree_assessment(returned, actor=district_reviewer)
    assert state(returned) == ("in_review", "楚雄彝族自治州")


def test_whole_return_leaves_the_reviewers_free(
    submitted: Assessment, city_approver: Actor, district_reviewer: Actor, acting: Acting
) -> None:
    agree(submitted)
    with acting(city_approver):
        return_assessment(submitted, "重报", actor=city_approver)
    verdict(submitted, district_reviewer, 11, NO_LOSS)
    with acting(district_reviewer):
        return_assessment(submitted, "", {6: "缺台账"}, actor=district_reviewer)
    assert state(submitted) == ("returned", "鹿城镇")


def test_page_opens_the_returned_criterion_alone(at_district: Client, returned: Assessment) -> None:
    free = at_district.get(url("review", returned) + "?c=5").text
    assert 'id="verdict"' in free
    assert "整件退回" not in free
    locked = at_district.get(url("review", returned) + "?c=6").text
    assert 'id="verdict"' not in locked
    assert "第 6 条未被退回，已锁定" in locked
    refused = at_district.post(url("review_pick", returned, 6), {"reason": "缺台账"})
    assert refused.status_code == 409
    assert "第 6 条未被退回，已锁定" in refused.text
    whole = {"seen": seen(returned), "scope": "whole", "comment": "重报"}
    assert at_district.post(url("review_return", returned), whole).status_code == 422
