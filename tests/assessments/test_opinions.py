"""Opinions of departments: who is asked, what is kept, what deciding against an objection takes, who reads them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import agree_assessment, recognise_assessment, return_assessment
from apps.assessments.models import Assessment, DepartmentOpinion, SecondApproval
from apps.assessments.opinions import (
    asked_of,
    give_opinion,
    objected_among,
    objections,
    sections_for,
    unanswered_by,
)
from apps.campaigns.departments import departments_named_for, key_of
from apps.campaigns.models import Campaign, SectionDepartments
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Section
from tests.assessments.reviewing import others_of
from tests.factories import agree, submit

Acting = Callable[[Actor], AbstractContextManager[None]]
ClientOf = Callable[[Actor], Client]
Stance = DepartmentOpinion.Stance
WORD = "楚雄彝族自治州生态环境局"


@pytest.fixture
def department(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄市's 环保局."""
    return _of("532301", "环保局", make_actor)


@pytest.fixture
def at_department(department: Actor, client_of: ClientOf) -> Client:
    return client_of(department)


def _of(code: str, name: str, make_actor: Callable[[str, Role], Actor]) -> Actor:
    actor = make_actor(code, Role.DEPARTMENT_REVIEWER)
    actor.membership.department = name
    actor.membership.save()
    return actor


def section(assessment: Assessment, number: int = 1) -> Section:
    return Section.objects.get(standard=assessment.standard, number=number)


def answer(
    assessment: Assessment, actor: Actor, acting: Acting, stance: Stance = Stance.AGREES, text: str = ""
) -> None:
    with acting(actor):
        for one in sections_for(assessment, actor):
            give_opinion(assessment, one, stance, text, actor=actor)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("环保局", "楚雄彝族自治州生态环境局"),
        ("生态环境部门", "省生态环境厅"),
        ("住建局", "市住房城乡建设委"),
        ("发改", "楚雄彝族自治州发展和改革委员会"),
        ("规自", "市规划自然资源委"),
        ("某某局", " 某某 部门 "),
    ],
)
def test_key_of_is_the_same_for_names_of_one_department(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_key_of_tells_departments_apart(chuxiong: Campaign) -> None:
    assert len({key_of(one) for one in chuxiong.lead_departments}) == 6
    assert key_of("公安局") != key_of("民政局")
    assert key_of("局") == "局"


def test_departments_named_for_are_those_of_the_nearest_campaign(
    chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    assert departments_named_for(jurisdiction("532301")) == chuxiong.lead_departments


def test_give_opinion_is_kept_under_the_campaigns_word_once_per_round(
    submitted: Assessment, department: Actor, acting: Acting
) -> None:
    with acting(department):
        first = give_opinion(submitted, section(submitted), Stance.OBJECTS, "缺台账", actor=department, seen=0)
        again = give_opinion(submitted, section(submitted), Stance.OBJECTS, " 缺台账 ", actor=department, seen=0)
        assert (again, again.version, again.department, again.round) == (first, 1, WORD, 1)
        with pytest.raises(StaleForm, match="填为“有意见：缺台账”，您的修改没有保存"):
            give_opinion(submitted, section(submitted), Stance.AGREES, actor=department, seen=0)
        changed = give_opinion(submitted, section(submitted), Stance.AGREES, actor=department, seen=1)
    assert (changed.pk, changed.stance, changed.version) == (first.pk, "agrees", 2)
    assert DepartmentOpinion.objects.count() == 1


@pytest.mark.parametrize(
    ("stance", "text", "said"),
    [
        ("", "", "请选“同意”或“有意见”"),
        ("maybe", "", "请选“同意”或“有意见”"),
        ("objects", " ", "有意见的，请写明意见"),
        ("agrees", "好" * 1001, "意见有 1001 字，请压缩到 1000 字以内"),
    ],
)
def test_give_opinion_with_what_cannot_be_is_refused(
    submitted: Assessment, department: Actor, acting: Acting, stance: str, text: str, said: str
) -> None:
    with acting(department), pytest.raises(InvalidInput, match=said):
        give_opinion(submitted, section(submitted), stance, text, actor=department)
    assert DepartmentOpinion.objects.count() == 0


def test_give_opinion_on_a_section_of_others_is_refused(
    submitted: Assessment,
    chuxiong: Campaign,
    department: Actor,
    acting: Acting,
    make_actor: Callable[[str, Role], Actor],
) -> None:
    SectionDepartments.objects.create(campaign=chuxiong, section_number=2, departments=["生态环境部门", "民政"])
    with acting(department):
        assert [one.number for one in sections_for(submitted, department)] == [2]
        with pytest.raises(PermissionDenied, match="不由环保局负责"):
            give_opinion(submitted, section(submitted, 1), Stance.AGREES, actor=department)
        kept = give_opinion(submitted, section(submitted, 2), Stance.AGREES, actor=department)
        assert kept.department == "生态环境部门"
        assert not unanswered_by(department).exists()
        assert [one.pk for one in asked_of(department)] == [submitted.pk]


def test_give_opinion_outside_of_the_levels_turn_is_refused(
    submitted: Assessment,
    department: Actor,
    district_reviewer: Actor,
    acting: Acting,
    make_actor: Callable[[str, Role], Actor],
) -> None:
    above = _of("5323", "生态环境部门", make_actor)
    with acting(above), pytest.raises(TransitionError, match="现在由楚雄市办理.*部门意见只在本级审核期间填写"):
        give_opinion(submitted, section(submitted), Stance.AGREES, actor=above)
    with acting(district_reviewer), pytest.raises(PermissionDenied):
        give_opinion(submitted, section(submitted), Stance.AGREES, actor=district_reviewer)
    agree(submitted)
    with acting(department):
        assert not asked_of(department).exists()
        with pytest.raises(TransitionError, match="现在由楚雄彝族自治州办理"):
            give_opinion(submitted, section(submitted), Stance.AGREES, actor=department)
    with acting(above):
        assert [one.pk for one in unanswered_by(above)] == [submitted.pk]


def test_departments_may_not_review(submitted: Assessment, department: Actor, acting: Acting) -> None:
    with acting(department), pytest.raises(PermissionDenied):
        agree_assessment(submitted, "同意", actor=department)


def test_agreeing_against_an_objection_takes_a_reason(
    submitted: Assessment, department: Actor, district_reviewer: Actor, acting: Acting, at_district: Client
) -> None:
    with acting(department):
        give_opinion(submitted, section(submitted), Stance.OBJECTS, "投放点有混投", actor=department)
    with acting(district_reviewer):
        assert [one.text for one in objections(submitted, district_reviewer.jurisdiction)] == ["投放点有混投"]
        assert objected_among([submitted.pk], district_reviewer.jurisdiction) == {submitted.pk}
    body = {"comment": "", "seen": submitted.actions.latest("at", "id").pk}
    refused = at_district.post(reverse("review_agree", args=[submitted.pk]), body)
    assert refused.status_code == 422
    assert (
        f"{WORD}对“{section(submitted)}”有意见：投放点有混投。仍要办理的，请在意见里说明理由；或者退回。"
        in refused.text
    )
    with acting(district_reviewer):
        agree_assessment(submitted, "已现场核实，混投已清理。", actor=district_reviewer)
    submitted.refresh_from_db()
    assert submitted.holder.name == "楚雄彝族自治州"


def test_recognising_against_an_objection_takes_a_reason(
    submitted: Assessment, city_approver: Actor, acting: Acting, make_actor: Callable[[str, Role], Actor]
) -> None:
    agree(submitted)
    above = _of("5323", "生态环境部门", make_actor)
    with acting(above):
        give_opinion(submitted, section(submitted), Stance.OBJECTS, "缺台账", actor=above)
    with acting(city_approver):
        with pytest.raises(InvalidInput, match="缺台账"):
            recognise_assessment(submitted, actor=city_approver, year=2022)
        recognise_assessment(submitted, actor=city_approver, year=2022, comment="台账已补齐。")


def test_dialogs_list_an_objection_and_require_the_reason(
    submitted: Assessment,
    department: Actor,
    district_reviewer: Actor,
    city_approver: Actor,
    acting: Acting,
    client_of: ClientOf,
    make_actor: Callable[[str, Role], Actor],
) -> None:
    def dialog_of(actor: Actor, name: str) -> str:
        page = " ".join(client_of(actor).get(reverse("review", args=[submitted.pk])).text.split())
        return page.partition(f'id="{name}"')[2].partition("</dialog>")[0]

    assert "必填" not in dialog_of(district_reviewer, "agree")
    with acting(department):
        give_opinion(submitted, section(submitted), Stance.OBJECTS, "缺台账", actor=department)
    dialog = dialog_of(district_reviewer, "agree")
    assert ("缺台账" in dialog, "（必填）" in dialog, "（选填）" in dialog) == (True, True, False)
    with acting(district_reviewer):
        agree_assessment(submitted, "台账已补齐。", actor=district_reviewer)
    above = _of("5323", "生态环境部门", make_actor)
    with acting(above):
        give_opinion(submitted, section(submitted), Stance.OBJECTS, "缺验收单", actor=above)
    dialog, _, fields = dialog_of(city_approver, "recognise").partition('for="recognise-comment"')
    assert ("缺验收单" in dialog, "（必填）" in dialog, "（选填）" in fields) == (True, True, False)


def test_objections_of_an_earlier_round_do_not_bind(
    submitted: Assessment, department: Actor, district_reviewer: Actor, acting: Acting
) -> None:
    answer(submitted, department, acting, Stance.OBJECTS, "缺台账")
    with acting(district_reviewer):
        return_assessment(submitted, "补台账", actor=district_reviewer)
    again = submit(submitted)
    with acting(district_reviewer):
        assert objections(again, district_reviewer.jurisdiction) == []
        assert objected_among([again.pk], district_reviewer.jurisdiction) == set()
    with acting(department):
        assert [one.pk for one in unanswered_by(department)] == [again.pk]


def test_review_shows_who_answered_and_below_only_once_decided(
    submitted: Assessment,
    department: Actor,
    district_reviewer: Actor,
    street_officer: Actor,
    acting: Acting,
    client_of: ClientOf,
    at_district: Client,
) -> None:
    page = reverse("review", args=[submitted.pk])
    assert f"未答复：{WORD}" in at_district.get(page).text
    with acting(department):
        give_opinion(submitted, section(submitted), Stance.OBJECTS, "投放点有混投", actor=department)
    shown = at_district.get(page)
    assert [len(row.given) for row in shown.context["opinions"].sections][:2] == [1, 0]
    assert "1 条有意见，仍要办理须说明理由" in " ".join(shown.text.split())
    assert "投放点有混投" not in client_of(street_officer).get(page).text
    with acting(district_reviewer):
        return_assessment(submitted, "见部门意见", actor=district_reviewer)
    assert "投放点有混投" in client_of(street_officer).get(page).text


def test_opinion_pages_lead_through_the_sections_to_the_next(
    submitted: Assessment, at_department: Client, department: Actor, acting: Acting
) -> None:
    listed = at_department.get(reverse("opinion_list"))
    assert [one.pk for one in listed.context["page_obj"].object_list] == [submitted.pk]
    numbers = [
        card["section"].number for card in at_department.get(reverse("opinion", args=[submitted.pk])).context["cards"]
    ]
    for number in numbers[:-1]:
        saved = at_department.post(
            reverse("opinion_save", args=[submitted.pk, number]), {"stance": "agrees", "seen": "0"}
        )
        assert saved.url.startswith(f"{reverse('opinion', args=[submitted.pk])}#section-")  # type: ignore[attr-defined]
    last = at_department.post(
        reverse("opinion_save", args=[submitted.pk, numbers[-1]]), {"stance": "objects", "text": "", "seen": "0"}
    )
    assert last.status_code == 422
    assert "有意见的，请写明意见" in last.text
    last = at_department.post(
        reverse("opinion_save", args=[submitted.pk, numbers[-1]]), {"stance": "objects", "text": "缺照片", "seen": "0"}
    )
    assert last.url == f"{reverse('opinion_list')}?tab=given"  # type: ignore[attr-defined]
    assert DepartmentOpinion.objects.filter(assessment=submitted).count() == len(numbers)


def test_opinion_page_says_why_it_is_closed_to_the_level_that_holds_it(
    submitted: Assessment, at_department: Client, department: Actor, city_approver: Actor
) -> None:
    address = reverse("opinion", args=[submitted.pk])
    Assessment.objects.filter(pk=submitted.pk).update(filled_in_by=[department.user.pk])
    assert "由您填报或提交" in at_department.get(address).context["locked"]
    Assessment.objects.filter(pk=submitted.pk).update(filled_in_by=[])
    SecondApproval.objects.create(
        assessment=submitted,
        kind=SecondApproval.Kind.RECOGNISE,
        jurisdiction=department.jurisdiction,
        proposed_by=city_approver.user,
        proposed_at=clock.now(),
    )
    assert "复核" in at_department.get(address).context["locked"]


def test_opinion_page_agrees_with_the_rest_at_once(
    submitted: Assessment, at_department: Client, department: Actor, acting: Acting
) -> None:
    with acting(department):
        give_opinion(submitted, section(submitted, 2), Stance.OBJECTS, "缺照片", actor=department)
    for _ in range(2):
        saved = at_department.post(reverse("opinion", args=[submitted.pk]))
        assert saved.url == f"{reverse('opinion_list')}?tab=given"  # type: ignore[attr-defined]
    found = DepartmentOpinion.objects.order_by("section__number").values_list("section__number", "stance", "version")
    assert list(found) == [(1, "agrees", 1), (2, "objects", 1), (3, "agrees", 1), (4, "agrees", 1), (5, "agrees", 1)]


def test_opinion_page_that_is_stale_keeps_what_was_typed(
    submitted: Assessment, at_department: Client, department: Actor, acting: Acting
) -> None:
    with acting(department):
        give_opinion(submitted, section(submitted), Stance.AGREES, actor=department)
    address = reverse("opinion_save", args=[submitted.pk, 1])
    refused = at_department.post(address, {"stance": "objects", "text": "我的意见", "seen": "0"})
    assert refused.status_code == 409
    assert "填为“同意”" in refused.text
    assert "我的意见</textarea>" in refused.text


def test_opinion_pages_of_others_are_refused_or_not_found(
    submitted: Assessment, client_of: ClientOf, district_reviewer: Actor, make_actor: Callable[[str, Role], Actor]
) -> None:
    assert client_of(district_reviewer).get(reverse("opinion_list")).status_code == 403
    stranger = client_of(_of("12", "生态环境局", make_actor))
    assert stranger.get(reverse("opinion", args=[submitted.pk])).status_code == 404
    assert stranger.post(reverse("opinion_save", args=[submitted.pk, 1]), {"stance": "agrees"}).status_code == 404


def test_department_without_a_name_is_told_whom_to_ask(
    submitted: Assessment, make_actor: Callable[[str, Role], Actor], client_of: ClientOf
) -> None:
    page = client_of(make_actor("532301", Role.DEPARTMENT_REVIEWER)).get(reverse("opinion_list"))
    assert "您的任职没有填所属部门" in page.text
    assert page.context["tabs"][0][2] == 0


def test_desk_and_navigation_of_a_department_count_what_waits(submitted: Assessment, at_department: Client) -> None:
    desk = at_department.get(reverse("desk"))
    todos = [(one.kind, one.title, one.url) for one in desk.context["todos"] if one.kind == "部门意见"]
    assert todos == [("部门意见", "鹿城镇 龙江社区 2022 年自评", reverse("opinion", args=[submitted.pk]))]
    assert "1 件待填部门意见" in desk.text


def test_opinion_list_takes_the_same_queries_whatever_its_rows(
    submitted: Assessment, at_department: Client, chuxiong: Campaign
) -> None:
    at_department.get(reverse("opinion_list"))
    with CaptureQueriesContext(connection) as one:
        at_department.get(reverse("opinion_list"))
    others_of(2, chuxiong)
    with CaptureQueriesContext(connection) as three:
        assert at_department.get(reverse("opinion_list")).context["tabs"][0][2] == 3
    assert len(three) == len(one)
