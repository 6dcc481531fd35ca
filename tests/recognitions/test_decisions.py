"""Objections and the decision after a notice: who is left out and why, second approval, two at once."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import recognise_assessment, return_assessment
from apps.assessments.models import Assessment, DepartmentOpinion, ReviewAction, SecondApproval
from apps.assessments.opinions import give_opinion
from apps.campaigns.domain import set_second_approval
from apps.campaigns.models import Campaign, Recognition
from apps.core.errors import InvalidInput, TransitionError
from apps.recognitions import decisions
from apps.recognitions.decisions import Decision, decide_notice, preview_of
from apps.recognitions.entries import lines_of
from apps.recognitions.models import NoticeEntry, Objection, PublicNotice
from apps.recognitions.notices import withdraw_notice
from apps.recognitions.objections import decide_objection, record_objection
from tests.factories import recognise
from tests.recognitions.conftest import Acting, act, at

MakeActor = Callable[[str, Role], Actor]
Outcome = Objection.Outcome
ENDED = date(2022, 8, 23)
DOCUMENT = "楚住建城〔2022〕99号"


@pytest.fixture
def object_to(city_clerk: Actor, acting: Acting) -> Callable[[NoticeEntry], Objection]:
    """Let somebody object to a community on 2022-08-16."""

    def make(entry: NoticeEntry, text: str = "垃圾没有分类") -> Objection:
        with at(date(2022, 8, 16)):
            return act(
                city_clerk,
                acting,
                record_objection,
                entry,
                received_on=date(2022, 8, 16),
                is_signed=False,
                text=text,
            )

    return make


def decide(notice: PublicNotice, actor: Actor, acting: Acting) -> Decision:
    with at(ENDED):
        return act(actor, acting, decide_notice, notice, year=2022, document_number=DOCUMENT)


def test_decide_notice_recognises_all_in_one_act(
    published: PublicNotice, held: list[Assessment], city_approver: Actor, acting: Acting
) -> None:
    done = decide(published, city_approver, acting)
    assert (len(done.recognised), len(done.proposed), len(done.left_out)) == (3, 0, 0)
    rows = Recognition.objects.filter(participation__assessment__in=held)
    assert set(rows.values_list("year", "document_number")) == {(2022, DOCUMENT)}
    assert rows.count() == 3


def test_decide_notice_again_recognises_nobody_twice(
    published: PublicNotice, city_approver: Actor, acting: Acting
) -> None:
    decide(published, city_approver, acting)
    again = decide(published, city_approver, acting)
    assert (len(again.recognised), [reason for _, reason in again.left_out]) == (
        0,
        ["已认定为 2022 年度绿色社区。"] * 3,
    )
    assert Recognition.objects.count() == 3


def test_decide_notice_before_its_end_is_refused(published: PublicNotice, city_approver: Actor, acting: Acting) -> None:
    with at(date(2022, 8, 22)), pytest.raises(TransitionError, match="公示期至 2022-08-22，期满后（次日起）"):
        act(city_approver, acting, decide_notice, published, year=2022, document_number=DOCUMENT)
    assert Recognition.objects.count() == 0


def test_decide_notice_checks_document_year_and_people(
    published: PublicNotice, city_approver: Actor, city_clerk: Actor, province_reviewer: Actor, acting: Acting
) -> None:
    with at(ENDED):
        with pytest.raises(InvalidInput, match="认定文号"):
            act(city_approver, acting, decide_notice, published, year=2022, document_number=" ")
        with pytest.raises(InvalidInput, match="2040 不对"):
            act(city_approver, acting, decide_notice, published, year=2040, document_number=DOCUMENT)
        for actor in (city_clerk, province_reviewer):
            with pytest.raises(PermissionDenied):
                act(actor, acting, decide_notice, published, year=2022, document_number=DOCUMENT)
    assert Recognition.objects.count() == 0


def test_open_objection_holds_back_its_community_alone(
    published: PublicNotice,
    entries: list[NoticeEntry],
    object_to: Callable[[NoticeEntry], Objection],
    city_approver: Actor,
    acting: Acting,
) -> None:
    objection = object_to(entries[0])
    done = decide(published, city_approver, acting)
    assert len(done.recognised) == 2
    assert [(line.entry.pk, reason) for line, reason in done.left_out] == [
        (entries[0].pk, "有 1 件异议正在办理，处理后再认定。")
    ]
    with at(ENDED), pytest.raises(TransitionError, match="有 1 件异议正在办理"):
        recognise(entries[0].assessment, actor=city_approver)
    with at(ENDED):
        act(city_approver, acting, decide_objection, objection, Outcome.REJECTED, "现场核查，已分类")
    assert len(decide(published, city_approver, acting).recognised) == 1
    assert Recognition.objects.count() == 3


def test_sustained_objection_takes_the_community_off(
    published: PublicNotice,
    entries: list[NoticeEntry],
    object_to: Callable[[NoticeEntry], Objection],
    city_approver: Actor,
    acting: Acting,
) -> None:
    objection = object_to(entries[0])
    act(city_approver, acting, decide_objection, objection, Outcome.SUSTAINED, "属实")
    with at(ENDED):
        reasons = {line.entry.pk: reason for line, reason in preview_of(published).left_out}
    assert reasons == {entries[0].pk: "异议成立，移出名单。请退回该社区的自评。"}
    assert len(decide(published, city_approver, acting).recognised) == 2
    with at(ENDED), pytest.raises(TransitionError, match="异议成立"):
        recognise(entries[0].assessment, actor=city_approver)
    with at(ENDED):
        act(city_approver, acting, return_assessment, entries[0].assessment, "异议成立，请整改")


def test_decide_objection_twice_says_who_was_first(
    entries: list[NoticeEntry],
    object_to: Callable[[NoticeEntry], Objection],
    city_approver: Actor,
    city_clerk: Actor,
    acting: Acting,
) -> None:
    objection = object_to(entries[0])
    with pytest.raises(PermissionDenied):
        act(city_clerk, acting, decide_objection, objection, Outcome.REJECTED, "不属实")
    with pytest.raises(InvalidInput, match="核查处理情况"):
        act(city_approver, acting, decide_objection, objection, Outcome.REJECTED, "  ")
    with pytest.raises(InvalidInput, match="处理结果"):
        act(city_approver, acting, decide_objection, objection, Outcome.OPEN, "不属实")
    act(city_approver, acting, decide_objection, objection, Outcome.REJECTED, "不属实")
    same = act(city_approver, acting, decide_objection, objection, Outcome.REJECTED, "不属实")
    assert same.outcome == Outcome.REJECTED
    with pytest.raises(TransitionError, match="由 测试审批人5323 处理：不成立"):
        act(city_approver, acting, decide_objection, objection, Outcome.SUSTAINED, "属实")


def test_record_objection_checks_day_text_and_state(
    published: PublicNotice,
    entries: list[NoticeEntry],
    city_clerk: Actor,
    city_approver: Actor,
    district_reviewer: Actor,
    acting: Acting,
) -> None:
    facts = {"is_signed": True, "text": "材料不实"}
    for day in (date(2022, 8, 14), date(2022, 8, 16)):
        with pytest.raises(InvalidInput, match="收到日期"):
            act(city_clerk, acting, record_objection, entries[0], received_on=day, **facts)
    today = date(2022, 8, 15)
    with pytest.raises(InvalidInput, match="异议内容"):
        act(city_clerk, acting, record_objection, entries[0], received_on=today, is_signed=True, text=" ")
    with pytest.raises(PermissionDenied):
        act(district_reviewer, acting, record_objection, entries[0], received_on=today, **facts)
    first = act(city_clerk, acting, record_objection, entries[0], received_on=today, **facts)
    assert act(city_clerk, acting, record_objection, entries[0], received_on=today, **facts) == first
    act(city_approver, acting, withdraw_notice, published, "有误")
    with pytest.raises(TransitionError, match="已撤回，不登记异议"):
        act(city_clerk, acting, record_objection, entries[1], received_on=today, **facts)


def test_record_objection_after_recognition_is_refused(
    published: PublicNotice, entries: list[NoticeEntry], city_approver: Actor, city_clerk: Actor, acting: Acting
) -> None:
    decide(published, city_approver, acting)
    with at(ENDED), pytest.raises(TransitionError, match="已认定，不再登记公示异议"):
        act(city_clerk, acting, record_objection, entries[0], received_on=ENDED, is_signed=True, text="晚了")
    with at(ENDED), pytest.raises(TransitionError, match="已认定 3 个社区，公示不能撤回"):
        act(city_approver, acting, withdraw_notice, published, "晚了")


def test_decide_notice_proposes_each_where_a_second_approver_is_asked_for(
    published: PublicNotice, chuxiong: Campaign, city_approver: Actor, make_actor: MakeActor, acting: Acting
) -> None:
    act(make_actor("5323", Role.BUREAU_ADMIN), acting, set_second_approval, chuxiong, True, reason="测试")
    done = decide(published, city_approver, acting)
    assert (len(done.recognised), len(done.proposed)) == (0, 3)
    assert SecondApproval.objects.filter(outcome="open", kind="recognise").count() == 3
    again = decide(published, city_approver, acting)
    assert (len(again.proposed), len(again.left_out)) == (0, 3)


def test_decide_notice_leaves_out_what_the_approver_filled_in(
    published: PublicNotice, held: list[Assessment], city_approver: Actor, acting: Acting
) -> None:
    Assessment.objects.filter(pk=held[0].pk).update(filled_in_by=[city_approver.user.pk])
    done = decide(published, city_approver, acting)
    assert len(done.recognised) == 2
    [(_, reason)] = done.left_out
    assert reason.startswith("这件自评由您填报或提交，须由其他人审核。")


def object_as_department(assessment: Assessment, make_actor: MakeActor, acting: Acting) -> None:
    """Let 楚雄州's 生态环境部门 object to the first section."""
    department = make_actor("5323", Role.DEPARTMENT_REVIEWER)
    department.membership.department = "生态环境部门"
    department.membership.save()
    section = assessment.standard.sections.get(number=1)
    act(department, acting, give_opinion, assessment, section, DepartmentOpinion.Stance.OBJECTS, "缺台账")


def test_decide_notice_leaves_out_what_departments_object_to(
    published: PublicNotice,
    held: list[Assessment],
    chuxiong: Campaign,
    city_approver: Actor,
    make_actor: MakeActor,
    acting: Acting,
) -> None:
    object_as_department(held[0], make_actor, acting)
    with at(ENDED):
        done = act(
            city_approver, acting, decide_notice, published, year=2022, document_number=DOCUMENT, comment="同意认定"
        )
    assert [(line.entry.assessment_id, reason[:7]) for line, reason in done.left_out] == [
        (held[0].pk, "本级部门有意见")
    ]
    assert len(done.recognised) == 2
    comments = ReviewAction.objects.filter(kind="recognise").values_list("comment", flat=True)
    assert set(comments) == {"同意认定"}
    with at(ENDED):
        act(city_approver, acting, recognise_assessment, held[0], year=2022, comment="台账已补齐。")
    assert Recognition.objects.count() == 3


def test_decide_notice_asks_for_departments_once(
    published: PublicNotice,
    held: list[Assessment],
    city_approver: Actor,
    make_actor: MakeActor,
    acting: Acting,
) -> None:
    object_as_department(held[0], make_actor, acting)
    with at(ENDED), acting(city_approver), CaptureQueriesContext(connection) as asked:
        lines_of(published)
    assert sum("departmentopinion" in one["sql"] for one in asked.captured_queries) == 1


def test_decide_notice_goes_on_where_the_last_portion_ended(
    published: PublicNotice,
    entries: list[NoticeEntry],
    object_to: Callable[[NoticeEntry], Objection],
    city_approver: Actor,
    acting: Acting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decisions, "PORTION", 2)
    first = min(entries, key=lambda one: one.pk)
    object_to(first)
    one = decide(published, city_approver, acting)
    assert (len(one.recognised), len(one.left_out), one.rest) == (1, 1, 1)
    with at(ENDED):
        facts = {"year": 2022, "document_number": DOCUMENT}
        two = act(city_approver, acting, decide_notice, published, after=one.after, **facts)
    assert (len(two.recognised), len(two.left_out), two.rest) == (1, 0, 0)
    again = decide(published, city_approver, acting)
    assert (len(again.recognised), again.rest) == (0, 0)
    assert Recognition.objects.count() == 2


def test_decide_objection_again_with_other_words_says_so(
    entries: list[NoticeEntry], object_to: Callable[[NoticeEntry], Objection], city_approver: Actor, acting: Acting
) -> None:
    objection = object_to(entries[0])
    act(city_approver, acting, decide_objection, objection, Outcome.REJECTED, "不属实")
    with pytest.raises(TransitionError, match="由 测试审批人5323 处理：不成立"):
        act(city_approver, acting, decide_objection, objection, Outcome.REJECTED, "另一段说明")
    objection.refresh_from_db()
    assert objection.handling == "不属实"
