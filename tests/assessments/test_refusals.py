"""What people read who are refused: what is locked, by whom, since when, at which step, and who unlocks it how."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import (
    agree_assessment,
    open_assessment,
    recognise_assessment,
    return_assessment,
    save_result,
    submit_assessment,
)
from apps.assessments.models import Assessment
from apps.assessments.recall import recall_assessment
from apps.assessments.second_approval import confirm_second_approval, revoke_assessment
from apps.campaigns.domain import mark_pilot, remove_from_plan, revoke_recognition
from apps.campaigns.models import Campaign, Participation, Recognition
from apps.core.errors import ProblemForPeople, StaleForm, TransitionError
from apps.standards.models import Criterion
from apps.standards.scoring import Answer
from tests.assessments.reviewing import seen, url
from tests.factories import agree, recognise, submit

Acting = Callable[[Actor], AbstractContextManager[None]]
OFFICER, CLERK, APPROVER = "测试街道经办532301101", "测试经办人532301", "测试审批人5323"
PREFECTURE = "楚雄彝族自治州"


@pytest.fixture
def refused(acting: Acting) -> Callable[..., str]:
    """Return the sentence that a verb refuses ``actor`` with."""

    def ask(verb: Callable[..., Any], *args: Any, actor: Actor, **named: Any) -> str:
        with acting(actor), pytest.raises((ProblemForPeople, PermissionDenied)) as out:
            verb(*args, actor=actor, **named)
        return str(out.value)

    return ask


Refused = Callable[..., str]


def when(assessment: Assessment) -> str:
    return f"{timezone.localtime(assessment.actions.latest('at', 'id').at):%Y-%m-%d %H:%M}"


def send_back(assessment: Assessment, actor: Actor, acting: Acting, reasons: dict[int, str] | None = None) -> None:
    with acting(actor):
        return_assessment(assessment, "请核实", reasons, actor=actor)


def criterion(assessment: Assessment, number: int) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=number)


def test_submitted_is_locked_for_the_submitter(submitted: Assessment, street_officer: Actor, refused: Refused) -> None:
    told = refused(save_result, submitted, criterion(submitted, 5), Answer(deductions=()), actor=street_officer)
    assert told == (
        f"龙江社区 已于 {when(submitted)} 由鹿城镇 {OFFICER} 提交自评，现在由楚雄市办理，其他单位只能查看。"
        "楚雄市退回后，鹿城镇才能修改；还没有开始审核的，鹿城镇可以撤回。"
    )


def test_draft_is_not_reviewed_yet(drafted: Assessment, district_reviewer: Actor, refused: Refused) -> None:
    assert refused(agree_assessment, drafted, actor=district_reviewer) == (
        f"龙江社区 已于 {when(drafted)} 由鹿城镇 {OFFICER} 开始自评，现在由鹿城镇办理，其他单位只能查看。"
        "鹿城镇提交后，由楚雄市审核。"
    )


def test_passed_on_is_locked_for_the_level_below(
    submitted: Assessment, district_reviewer: Actor, refused: Refused
) -> None:
    agree(submitted, actor=district_reviewer)
    assert refused(agree_assessment, submitted, actor=district_reviewer) == (
        f"龙江社区 已于 {when(submitted)} 由楚雄市 {CLERK} 同意上报，现在由{PREFECTURE}办理，其他单位只能查看。"
        f"{PREFECTURE}退回后，楚雄市才能修改；须由鹿城镇修改的，楚雄市再退回鹿城镇。"
    )


def test_late_form_says_what_happened(
    submitted: Assessment, district_reviewer: Actor, street_officer: Actor, acting: Acting, refused: Refused
) -> None:
    known = seen(submitted)
    send_back(submitted, district_reviewer, acting)
    submit(submitted, actor=street_officer)
    told = refused(agree_assessment, submitted, actor=district_reviewer, seen_action=known)
    assert told == (
        f"龙江社区 已于 {when(submitted)} 由鹿城镇 {OFFICER} 提交自评，现在由楚雄市办理，其他单位只能查看。"
        "楚雄市退回后，鹿城镇才能修改；还没有开始审核的，鹿城镇可以撤回。请刷新后再办理。"
    )
    with acting(district_reviewer), pytest.raises(StaleForm):
        agree_assessment(submitted, actor=district_reviewer, seen_action=known)


def test_criterion_that_was_not_returned_names_those_that_were(
    submitted: Assessment, district_reviewer: Actor, street_officer: Actor, acting: Acting, refused: Refused
) -> None:
    send_back(submitted, district_reviewer, acting, {11: "缺照片", 5: "缺台账"})
    returned = when(submitted)
    told = refused(save_result, submitted, criterion(submitted, 6), Answer(deductions=()), actor=street_officer)
    assert told == (
        "第 6 条未被退回，已锁定。本次只修改退回的条目。"
        f"楚雄市 {CLERK} {returned} 退回的是第 5、11 条；确需修改这一条的，请楚雄市审核时一并退回。"
    )


def test_recognised_and_revoked_are_final(
    submitted: Assessment, district_reviewer: Actor, city_approver: Actor, acting: Acting, refused: Refused
) -> None:
    agree(submitted, actor=district_reviewer)
    recognise(submitted, year=2022, actor=city_approver)
    assert refused(agree_assessment, submitted, actor=city_approver) == (
        f"龙江社区 已于 {when(submitted)} 由{PREFECTURE} {APPROVER} 认定，不能再改。"
        f"文号有误的，由{PREFECTURE}更正；认定有误的，由{PREFECTURE}摘牌。"
    )
    with acting(city_approver):
        revoke_assessment(submitted, "弄虚作假", actor=city_approver)
    revoked = (
        f"龙江社区 已于 {when(submitted)} 由{PREFECTURE} {APPROVER} 摘牌，不能再改。"
        f"摘牌不能撤销，对此有疑问的，请联系{PREFECTURE}。"
    )
    assert refused(agree_assessment, submitted, actor=city_approver) == revoked
    assert refused(revoke_assessment, submitted, "再摘", actor=city_approver) == revoked
    recognition = Recognition.objects.get(participation=submitted.participation)
    assert refused(revoke_recognition, recognition, "再摘", actor=city_approver) == (
        f"龙江社区 已于 {when(submitted)} 由 {APPROVER} 摘牌，不用再办理。"
    )


def test_own_work_names_who_may_judge(
    submitted: Assessment, street_officer: Actor, make_actor: Callable[[str, Role], Actor], refused: Refused
) -> None:
    reviewer = make_actor("532301", Role.APPROVER)
    Assessment.objects.filter(pk=submitted.pk).update(filled_in_by=[reviewer.user.pk])
    assert refused(agree_assessment, submitted, actor=reviewer) == (
        "这件自评由您填报或提交，须由其他人审核。请楚雄市的其他经办人或审批人办理。"
    )


def test_proposal_locks_until_it_is_decided(
    submitted: Assessment,
    chuxiong: Campaign,
    district_reviewer: Actor,
    city_approver: Actor,
    refused: Refused,
    acting: Acting,
    province_reviewer: Actor,
) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(needs_second_approval=True)
    agree(submitted, actor=district_reviewer)
    with acting(city_approver):
        proposal: Any = recognise_assessment(submitted, actor=city_approver, year=2022)
    assert refused(recognise_assessment, submitted, actor=city_approver, year=2022) == (
        f"{PREFECTURE} {APPROVER} 已于 {when(submitted)} 提请认定，等待复核，现在不能改动。"
        "提出人可以撤回，另一位审批人可以同意或不同意。"
    )
    assert refused(confirm_second_approval, proposal, actor=province_reviewer) == (
        f"这件由{PREFECTURE}复核，其他单位只能查看。"
        f"{APPROVER} 已于 {when(submitted)} 提请认定，由{PREFECTURE}另一位审批人同意或不同意。"
    )
    assert refused(confirm_second_approval, proposal, actor=city_approver) == (
        "这件由您提出，须由本单位另一位审批人复核。您可以撤回。"
    )


def test_taken_off_the_plan_names_who_did_it(
    planned: Participation,
    make_actor: Callable[[str, Role], Actor],
    refused: Refused,
    street_officer: Actor,
    acting: Acting,
    district_reviewer: Actor,
) -> None:
    with acting(district_reviewer):
        remove_from_plan(planned, actor=district_reviewer)
    now = f"{timezone.localtime():%Y-%m-%d %H:%M}"
    assert refused(open_assessment, planned, actor=street_officer) == (
        f"龙江社区 已调出年度创建计划，不能开始自评。{now} 由楚雄市 {CLERK} 调出。"
        "需要创建的，请编制计划的单位重新列入。"
    )
    assert refused(mark_pilot, planned, True, actor=district_reviewer) == (
        f"这个社区已调出计划，不能再改试点。{now} 由楚雄市 {CLERK} 调出。请刷新后核对，需要的可以重新列入。"
    )


def test_begun_stays_on_the_plan(drafted: Assessment, district_reviewer: Actor, refused: Refused) -> None:
    by = f"已于 {when(drafted)} 由鹿城镇 {OFFICER} 开始自评，现在由鹿城镇办理。自评开始后，年度计划不再改动。"
    assert refused(remove_from_plan, drafted.participation, actor=district_reviewer) == (
        f"龙江社区 自评中，不能调出计划；只有未填报的社区可以调出。{by}"
    )
    assert refused(mark_pilot, drafted.participation, True, actor=district_reviewer) == (
        f"龙江社区 自评中，不能再改试点；只有未填报的社区可以改。{by}"
    )


def test_pages_say_the_same_sentence(
    submitted: Assessment, street_officer: Actor, city_approver: Actor, client_of: Callable[[Actor], Client]
) -> None:
    told = (
        f"龙江社区 已于 {when(submitted)} 由鹿城镇 {OFFICER} 提交自评，现在由楚雄市办理，其他单位只能查看。"
        "楚雄市退回后，鹿城镇才能修改；还没有开始审核的，鹿城镇可以撤回。"
    )
    assert told in client_of(street_officer).get(url("self_assessment", submitted)).text
    assert told in client_of(city_approver).get(url("review", submitted)).text


def test_page_names_the_roles_that_act_in_ones_own_unit(
    submitted: Assessment, make_actor: Callable[[str, Role], Actor], client_of: Callable[[Actor], Client]
) -> None:
    viewer = make_actor("532301", Role.VIEWER)
    told = "现在由楚雄市办理，须由经办人、审批人办理，您的角色（查看）只能查看。"
    assert told in client_of(viewer).get(url("review", submitted)).text


def test_recall_after_the_review_began_says_who_began(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, refused: Refused
) -> None:
    agree(submitted, actor=district_reviewer)
    told = refused(recall_assessment, submitted, actor=street_officer)
    assert told.startswith(f"审核已经开始，不能撤回。龙江社区 已于 {when(submitted)} 由楚雄市 {CLERK} 同意上报")


def test_submit_twice_says_who_did(submitted: Assessment, street_officer: Actor, acting: Acting) -> None:
    with acting(street_officer), pytest.raises(TransitionError, match=f"由鹿城镇 {OFFICER} 提交自评"):
        submit_assessment(submitted, actor=street_officer)
