"""What people are told of beside the steps of an assessment: public notices, objections, re-checks, opinions of departments."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import recognise_assessment
from apps.assessments.models import Assessment, DepartmentOpinion
from apps.assessments.opinions import give_opinion
from apps.assessments.second_approval import revoke_assessment
from apps.campaigns.models import Campaign, Recognition
from apps.notifications.models import Notification
from apps.notifications.tasks import make_up_for_lost_ones
from apps.recognitions.document_number_correction import correct_document_number
from apps.recognitions.models import NoticeEntry, Objection, PublicNotice, Recheck
from apps.recognitions.notices import publish_notice, withdraw_notice
from apps.recognitions.objections import decide_objection, record_objection
from apps.recognitions.rechecks import record_recheck
from tests.recognitions.conftest import (
    Acting,
    act,
    at,
    city_clerk,
    drafted,
    entries,
    held,
    monday,
    published,
    recognised,
)

__all__ = ["city_clerk", "drafted", "entries", "held", "monday", "published", "recognised"]

MakeActor = Callable[[str, Role], Actor]
Told = Callable[[Actor], list[tuple[str, str, str]]]
Deed = Callable[..., Told]
STREET = "鹿城镇"


@pytest.fixture
def deed(acting: Acting, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Deed:
    """Let somebody do something and its tasks run; return who was told what by it."""

    def do(actor: Actor, verb: Callable[..., object], *args: object, **kwargs: object) -> Told:
        before = set(Notification.objects.values_list("pk", flat=True))
        with django_capture_on_commit_callbacks(execute=True):
            act(actor, acting, verb, *args, **kwargs)
        return told_since(before)

    return do


def told_since(before: set[int]) -> Told:
    new = list(Notification.objects.exclude(pk__in=before).order_by("pk"))
    return lambda actor: [(one.kind, one.title, one.text) for one in new if one.user_id == actor.user.pk]


def test_notice_tells_the_submitting_street_and_no_other(
    drafted: PublicNotice,
    city_approver: Actor,
    city_clerk: Actor,
    street_officer: Actor,
    district_reviewer: Actor,
    make_actor: MakeActor,
    client_of: Callable[[Actor], Client],
    deed: Deed,
) -> None:
    beside = make_actor("532301102", Role.STREET_OFFICER)
    told = deed(city_approver, publish_notice, drafted)
    names = [str(one.assessment.participation.community) for one in drafted.entries.order_by("path", "assessment")]
    [(kind, title, text)] = told(street_officer)
    assert (kind, title) == ("notice", f"{STREET}{'、'.join(names)}正在公示")
    assert text == "楚雄彝族自治州拟认定为 2022 年度绿色社区，公示至 2022-08-22。"
    assert [told(one) for one in (beside, district_reviewer, city_clerk, city_approver)] == [[], [], [], []]
    page = reverse("notice_detail", args=[drafted.pk])
    one = Notification.objects.get(user=street_officer.user, kind="notice")
    assert one.url.startswith(page)
    assert client_of(street_officer).get(page).status_code == 200


def test_notice_withdrawn_tells_the_street_why(
    published: PublicNotice, city_approver: Actor, street_officer: Actor, deed: Deed
) -> None:
    [(kind, title, text)] = deed(city_approver, withdraw_notice, published, "名单有误")(street_officer)
    assert (kind, text) == ("notice", "楚雄彝族自治州撤回公示，理由：名单有误")
    assert title.endswith("的公示已撤回")


def test_notice_that_has_ended_is_told_to_those_who_decide_once(
    published: PublicNotice, city_approver: Actor, city_clerk: Actor, street_officer: Actor
) -> None:
    known = set(Notification.objects.values_list("pk", flat=True))
    with at(date(2022, 8, 22)):
        make_up_for_lost_ones()
    assert told_since(known)(city_approver) == []
    with at(date(2022, 8, 23)):
        make_up_for_lost_ones()
        make_up_for_lost_ones()
    said = f"“{published.title}”2022-08-22 公示期满，3 个社区可以认定。"
    assert told_since(known)(city_approver) == [("notice", "公示期满，可以作出认定", said)]
    ended = Notification.objects.exclude(pk__in=known).filter(title__startswith="公示期满")
    assert not ended.filter(user__in=[city_clerk.user, street_officer.user]).exists()


@pytest.fixture
def objection(entries: list[NoticeEntry], city_clerk: Actor, acting: Acting) -> Objection:
    facts = {"received_on": date(2022, 8, 15), "is_signed": False, "text": "垃圾没有分类"}
    return act(city_clerk, acting, record_objection, entries[0], **facts)


def test_objection_is_told_to_those_who_handle_it_without_its_words(
    entries: list[NoticeEntry], city_clerk: Actor, city_approver: Actor, street_officer: Actor, deed: Deed
) -> None:
    facts = {"received_on": date(2022, 8, 15), "is_signed": False, "text": "垃圾没有分类"}
    told = deed(city_clerk, record_objection, entries[0], **facts)
    said = ("objection", f"收到对{STREET}{entries[0]}的公示异议", "2022-08-15 收到，请核查处理；处理前不作认定。")
    assert (told(city_approver), told(city_clerk), told(street_officer)) == ([said], [], [])


@pytest.mark.parametrize(
    ("outcome", "label", "consequence"),
    [
        (Objection.Outcome.REJECTED, "不成立", "不影响认定。"),
        (Objection.Outcome.SUSTAINED, "成立", "移出公示名单，自评退回整改后重新上报。"),
    ],
)
def test_outcome_of_an_objection_is_told_to_the_street_and_to_who_recorded_it(
    objection: Objection,
    city_approver: Actor,
    city_clerk: Actor,
    street_officer: Actor,
    deed: Deed,
    outcome: Objection.Outcome,
    label: str,
    consequence: str,
) -> None:
    told = deed(city_approver, decide_objection, objection, outcome, "某某举报，已核查")
    title = f"对{STREET}{objection.entry}的公示异议{label}"
    said = ("objection", title, f"楚雄彝族自治州已核查处理：{consequence}")
    assert (told(street_officer), told(city_clerk), told(city_approver)) == ([said], [said], [])


def test_recheck_is_told_to_the_street_where_it_asks_for_something(
    recognised: Recognition, city_approver: Actor, district_reviewer: Actor, street_officer: Actor, deed: Deed
) -> None:
    facts = {"year": 2022, "checked_on": date(2022, 8, 15)}
    rectify = {"result": Recheck.Result.RECTIFY, "findings": "绿地被占", "rectify_by": date(2022, 9, 30)}
    place = f"{STREET}{recognised.community}"
    told = deed(district_reviewer, record_recheck, recognised, **facts, **rectify)
    asked = ("recheck", f"{place} 2022 年复查：限期整改", "楚雄市要求在 2022-09-30 前整改。\n绿地被占")
    assert (told(street_officer), told(city_approver)) == ([asked], [])
    passed = deed(district_reviewer, record_recheck, recognised, **facts, result=Recheck.Result.PASSED)
    assert passed(street_officer) == [("recheck", f"{place} 2022 年复查：通过", "楚雄市登记。")]


def test_recheck_that_fails_is_told_to_those_who_may_revoke_too(
    recognised: Recognition, city_approver: Actor, district_reviewer: Actor, street_officer: Actor, deed: Deed
) -> None:
    facts = {"year": 2022, "checked_on": date(2022, 8, 15), "result": Recheck.Result.FAILED, "findings": "绿地被占"}
    told = deed(district_reviewer, record_recheck, recognised, **facts)
    title = f"{STREET}{recognised.community} 2022 年复查：不通过"
    assert told(street_officer) == [("recheck", title, "楚雄市登记。\n绿地被占")]
    assert told(city_approver) == [("recheck", title, "楚雄市登记。\n绿地被占\n确需摘牌的，由楚雄彝族自治州办理。")]


def test_recheck_passed_at_once_is_told_to_nobody(
    recognised: Recognition, district_reviewer: Actor, street_officer: Actor, deed: Deed
) -> None:
    facts = {"year": 2022, "checked_on": date(2022, 8, 15), "result": Recheck.Result.PASSED}
    assert deed(district_reviewer, record_recheck, recognised, **facts)(street_officer) == []


@pytest.fixture
def department(make_actor: MakeActor) -> Actor:
    """楚雄州's 生态环境部门."""
    found = make_actor("5323", Role.DEPARTMENT_REVIEWER)
    found.membership.department = "生态环境部门"
    found.membership.save()
    return found


def test_opinion_of_a_department_is_told_to_the_reviewers_where_it_objects_or_changes(
    held: list[Assessment],
    department: Actor,
    city_approver: Actor,
    city_clerk: Actor,
    street_officer: Actor,
    deed: Deed,
) -> None:
    section = held[0].standard.sections.get(number=1)
    stance = DepartmentOpinion.Stance
    assert deed(department, give_opinion, held[0], section, stance.AGREES)(city_approver) == []
    told = deed(department, give_opinion, held[0], section, stance.OBJECTS, "缺台账")
    subject = f"{STREET}{held[0].participation.community} 2022 年自评"
    word = DepartmentOpinion.objects.get().department
    said = ("opinion", f"{word}对{subject}有意见", f"“{section}”：缺台账")
    assert (told(city_approver), told(city_clerk), told(street_officer)) == ([said], [said], [])
    told = deed(department, give_opinion, held[0], section, stance.AGREES)
    assert told(city_approver) == [("opinion", f"{word}改变对{subject}的意见", f"“{section}”：同意")]


def test_opinion_is_told_to_the_colleague_alone_who_works_on_it(
    held: list[Assessment], department: Actor, city_approver: Actor, city_clerk: Actor, deed: Deed
) -> None:
    Assessment.objects.filter(pk=held[0].pk).update(assignee=city_clerk.user)
    section = held[0].standard.sections.get(number=1)
    told = deed(department, give_opinion, held[0], section, DepartmentOpinion.Stance.OBJECTS, "缺台账")
    assert (len(told(city_clerk)), told(city_approver)) == (1, [])


def test_opinion_is_told_to_nobody_once_the_level_has_decided(
    held: list[Assessment], department: Actor, city_approver: Actor, acting: Acting
) -> None:
    section = held[0].standard.sections.get(number=1)
    act(department, acting, give_opinion, held[0], section, DepartmentOpinion.Stance.OBJECTS, "缺台账")
    act(city_approver, acting, recognise_assessment, held[0], year=2022, comment="台账已补齐")
    make_up_for_lost_ones()
    assert not Notification.objects.filter(user=city_approver.user, kind="opinion").exists()


def test_corrected_document_number_is_told_to_the_street(
    recognised: Recognition, city_approver: Actor, street_officer: Actor, deed: Deed, acting: Acting
) -> None:
    first, second = "楚住建城〔2021〕46号", "楚住建城〔2021〕64号"
    told = deed(city_approver, correct_document_number, recognised, first, "补填")
    title = f"{STREET}{recognised.community}的认定文号已更正"
    text = f"楚雄彝族自治州补填认定文号“{first}”。\n理由：补填"
    assert (told(street_officer), told(city_approver)) == ([("recognised", title, text)], [])
    recognised.refresh_from_db()
    told = deed(city_approver, correct_document_number, recognised, second, "笔误")
    text = f"楚雄彝族自治州将认定文号由“{first}”更正为“{second}”。\n理由：笔误"
    assert told(street_officer) == [("recognised", title, text)]
    act(city_approver, acting, revoke_assessment, recognised.participation.assessment, "不再符合")
    make_up_for_lost_ones()
    assert Notification.objects.filter(user=street_officer.user, title=title).count() == 2


def test_make_up_for_a_corrected_number_that_was_never_delivered(
    recognised: Recognition, city_approver: Actor, street_officer: Actor, acting: Acting
) -> None:
    act(city_approver, acting, correct_document_number, recognised, "楚住建城〔2021〕46号", "补填")
    make_up_for_lost_ones()
    make_up_for_lost_ones()
    assert Notification.objects.filter(user=street_officer.user, title__endswith="的认定文号已更正").count() == 1


def test_make_up_for_an_occasion_that_was_never_delivered(
    published: PublicNotice, street_officer: Actor, chuxiong: Campaign
) -> None:
    kinds = Notification.objects.filter(user=street_officer.user, kind="notice")
    assert not kinds.exists()
    make_up_for_lost_ones()
    make_up_for_lost_ones()
    assert kinds.count() == 1
