"""Re-checks and demonstration bases of recognised communities, and what a revocation ends."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.second_approval import revoke_assessment
from apps.campaigns.models import Campaign, Recognition
from apps.campaigns.rollup import roll_up
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.todos import todos_from
from apps.recognitions.demonstration_bases import end_base, may_name, name_base, standing_bases
from apps.recognitions.models import DemonstrationBase, Recheck
from apps.recognitions.rechecks import due_for_recheck, may_record, overdue_at, record_recheck
from apps.recognitions.waiting import sources_for
from tests.factories import recognised_community
from tests.recognitions.conftest import Acting, act, at

MakeActor = Callable[[str, Role], Actor]
TODAY = date(2022, 8, 15)
Result = Recheck.Result
NAMED = {"title": "示范教育基地", "document_number": "楚住建城〔2022〕70号", "named_on": TODAY}


def due(actor: Actor, acting: Acting, year: int = 2022) -> int:
    with acting(actor):
        return due_for_recheck(actor.jurisdiction.path, year).count()


def test_due_for_recheck_is_what_was_recognised_in_an_earlier_year(
    recognised: Recognition, city_approver: Actor, district_reviewer: Actor, stranger: Actor, acting: Acting
) -> None:
    assert due(city_approver, acting) == due(district_reviewer, acting) == 1
    assert due(city_approver, acting, 2021) == 0
    assert due(stranger, acting) == 0
    act(district_reviewer, acting, record_recheck, recognised, year=2022, checked_on=TODAY, result=Result.PASSED)
    assert due(city_approver, acting) == 0
    assert due(city_approver, acting, 2023) == 1


def test_may_record_down_to_the_county(
    recognised: Recognition, make_actor: MakeActor, street_officer: Actor, province_reviewer: Actor, acting: Acting
) -> None:
    allowed = {
        "prefecture": make_actor("5323", Role.STAFF),
        "county": make_actor("532301", Role.STAFF),
    }
    refused = {
        "street": street_officer,
        "province": province_reviewer,
        "beside": make_actor("532302", Role.STAFF),
        "viewer": make_actor("5323", Role.VIEWER),
    }
    for actor in allowed.values():
        with acting(actor):
            assert may_record(recognised, actor)
    assert not any(may_record(recognised, actor) for actor in refused.values())
    with pytest.raises(PermissionDenied):
        act(
            province_reviewer,
            acting,
            record_recheck,
            recognised,
            year=2022,
            checked_on=TODAY,
            result=Result.PASSED,
        )


def test_rectification_is_overdue_until_its_result_is_recorded(
    recognised: Recognition, district_reviewer: Actor, acting: Acting
) -> None:
    facts = {"year": 2022, "checked_on": TODAY, "findings": "楼道堆物"}
    act(
        district_reviewer,
        acting,
        record_recheck,
        recognised,
        result=Result.RECTIFY,
        rectify_by=date(2022, 9, 1),
        seen=0,
        **facts,
    )
    with at(date(2022, 9, 2)):
        assert Recheck.objects.filter(overdue_at(date(2022, 9, 2))).count() == 1
        assert Recheck.objects.filter(overdue_at(date(2022, 9, 1))).count() == 0
        done = act(district_reviewer, acting, record_recheck, recognised, result=Result.PASSED, seen=1, **facts)
    assert (done.result, done.rectify_by, done.version, Recheck.objects.count()) == ("passed", None, 2, 1)
    assert Recheck.objects.filter(overdue_at(date(2022, 9, 2))).count() == 0


def test_record_recheck_of_a_stale_form_saves_nothing(
    recognised: Recognition, district_reviewer: Actor, city_clerk: Actor, acting: Acting
) -> None:
    facts = {"year": 2022, "checked_on": TODAY}
    act(district_reviewer, acting, record_recheck, recognised, result=Result.PASSED, seen=0, **facts)
    with pytest.raises(StaleForm, match="由测试经办人532301"):
        act(city_clerk, acting, record_recheck, recognised, result=Result.FAILED, findings="无", seen=0, **facts)
    assert Recheck.objects.get().result == "passed"


def test_record_recheck_pressed_again_has_one_effect(
    recognised: Recognition, district_reviewer: Actor, city_clerk: Actor, acting: Acting
) -> None:
    facts = {"year": 2022, "checked_on": TODAY, "result": Result.PASSED, "seen": 0}
    first = act(district_reviewer, acting, record_recheck, recognised, **facts)
    again = act(district_reviewer, acting, record_recheck, recognised, **facts)
    assert (again.pk, again.version) == (first.pk, 1)
    with pytest.raises(StaleForm):
        act(city_clerk, acting, record_recheck, recognised, **facts)


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ({"result": "failed"}, "请填写复查发现的问题"),
        ({"result": "rectify", "findings": "堆物"}, "整改期限"),
        ({"result": "rectify", "findings": "堆物", "rectify_by": TODAY}, "整改期限"),
        (
            {"result": "rectify", "findings": "堆物", "rectify_by": date(2202, 9, 1)},
            "整改期限 2202-09-01 太远，最晚到 2023-08-15",
        ),
        ({"result": "fine"}, "请选择复查结果"),
        ({"result": "passed", "checked_on": date(2022, 8, 16)}, "复查日期"),
        ({"result": "passed", "checked_on": date(2021, 12, 1)}, "复查日期"),
        ({"result": "passed", "year": 2023}, "复查年度 2023 不对"),
        ({"result": "passed", "year": 2021}, "2021 年没有复查记录"),
    ],
)
def test_record_recheck_refuses_wrong_facts(
    recognised: Recognition, city_clerk: Actor, acting: Acting, entered: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        act(city_clerk, acting, record_recheck, recognised, **{"year": 2022, "checked_on": TODAY, **entered})
    assert Recheck.objects.count() == 0


def test_record_recheck_before_the_recognition_is_refused(
    community: Callable[[str], Community], chuxiong: Campaign, city_clerk: Actor, acting: Acting
) -> None:
    with at(date(2022, 8, 10)):
        recognition = recognised_community(community("532301101009"), chuxiong, 2022)
    facts = {"year": 2022, "result": Result.PASSED}
    with pytest.raises(InvalidInput, match="复查日期 2022-08-09 不对：应在认定日期 2022-08-10 至今天之间"):
        act(city_clerk, acting, record_recheck, recognition, checked_on=date(2022, 8, 9), **facts)
    act(city_clerk, acting, record_recheck, recognition, checked_on=date(2022, 8, 10), **facts)
    assert Recheck.objects.get().checked_on == date(2022, 8, 10)


def test_name_base_from_the_recognising_level_up_once_each(
    recognised: Recognition,
    city_approver: Actor,
    province_reviewer: Actor,
    make_actor: MakeActor,
    acting: Acting,
) -> None:
    county = make_actor("532301", Role.APPROVER)
    assert (may_name(recognised, county), may_name(recognised, city_approver)) == (False, True)
    with pytest.raises(PermissionDenied):
        act(county, acting, name_base, recognised, **NAMED)
    act(city_approver, acting, name_base, recognised, **NAMED)
    act(province_reviewer, acting, name_base, recognised, **NAMED)
    with pytest.raises(TransitionError, match="已于 2022-08-15 由楚雄彝族自治州命名"):
        act(city_approver, acting, name_base, recognised, **NAMED | {"title": "另一称号"})
    assert DemonstrationBase.objects.filter(standing_bases()).count() == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": " "}, "称号"),
        ({"document_number": ""}, "命名文号"),
        ({"named_on": date(2022, 8, 16)}, "命名日期"),
        ({"named_on": date(2021, 8, 31)}, "命名日期"),
    ],
)
def test_name_base_refuses_wrong_facts(
    recognised: Recognition, city_approver: Actor, acting: Acting, change: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        act(city_approver, acting, name_base, recognised, **{**NAMED, **change})


def test_end_base_is_the_namers_with_a_reason_and_leaves_the_recognition(
    recognised: Recognition, city_approver: Actor, province_reviewer: Actor, acting: Acting
) -> None:
    base = act(city_approver, acting, name_base, recognised, **NAMED)
    with pytest.raises(PermissionDenied):
        act(province_reviewer, acting, end_base, base, "不再示范")
    with pytest.raises(InvalidInput):
        act(city_approver, acting, end_base, base, " ")
    assert act(city_approver, acting, end_base, base, "不再示范").end_reason == "不再示范"
    with pytest.raises(TransitionError, match="已于 2022-08-15 撤销：不再示范"):
        act(city_approver, acting, end_base, base, "再来")
    assert Recognition.objects.standing().count() == 1
    act(city_approver, acting, name_base, recognised, **NAMED)


def test_revocation_ends_bases_leaves_the_counts_and_stays_in_the_history(
    recognised: Recognition, chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor, acting: Acting
) -> None:
    act(province_reviewer, acting, name_base, recognised, **NAMED)
    with acting(city_approver):
        assert roll_up(chuxiong, city_approver.jurisdiction, 2022).total.figures.cumulative == 1
    assessment = recognised.participation.assessment
    act(city_approver, acting, revoke_assessment, assessment, "复查不通过")
    with acting(city_approver):
        assert roll_up(chuxiong, city_approver.jurisdiction, 2022).total.figures.cumulative == 0
    base = DemonstrationBase.objects.get()
    assert (base.ended_at is not None, base.end_reason) == (True, "绿色社区已摘牌：复查不通过")
    assert [one.kind for one in assessment.actions.order_by("pk")][-2:] == ["recognise", "revoke"]
    assert due(city_approver, acting) == 0
    with pytest.raises(TransitionError, match="已摘牌，不再复查"):
        act(city_approver, acting, record_recheck, recognised, year=2022, checked_on=TODAY, result=Result.PASSED)
    with pytest.raises(TransitionError, match="已摘牌，不能命名"):
        act(city_approver, acting, name_base, recognised, **NAMED)


def test_recheck_is_offered_only_to_who_may_record_it(
    recognised: Recognition,
    city_clerk: Actor,
    district_reviewer: Actor,
    province_reviewer: Actor,
    street_officer: Actor,
    client_of: Callable[[Actor], Client],
    acting: Acting,
) -> None:
    for actor, offered in ((city_clerk, True), (district_reviewer, True), (province_reviewer, False)):
        page = client_of(actor).get(reverse("recheck_list")).content.decode()
        assert ("登记复查" in page) is offered
        with acting(actor):
            assert ("复查" in {one.kind for one in todos_from(sources_for(actor))}) is offered
    facts = {"year": 2022, "checked_on": TODAY, "findings": "堆物", "rectify_by": date(2022, 9, 1)}
    act(city_clerk, acting, record_recheck, recognised, result=Result.RECTIFY, **facts)
    actions = {}
    for actor in (district_reviewer, province_reviewer, street_officer):
        with acting(actor):
            actions[actor.jurisdiction.level] = [
                one.action for one in todos_from(sources_for(actor)) if one.kind == "限期整改"
            ]
    assert actions == {"district": ["登记结果"], "province": [], "street": ["查看"]}


def test_record_recheck_says_which_days_it_takes(recognised: Recognition, city_clerk: Actor, acting: Acting) -> None:
    """What was asked for in one year may be looked at in the next, so not only days of that year are right."""
    facts = {"year": 2022, "findings": "堆物"}
    act(
        city_clerk,
        acting,
        record_recheck,
        recognised,
        result=Result.RECTIFY,
        checked_on=TODAY,
        rectify_by=date(2022, 12, 31),
        **facts,
    )
    with at(date(2023, 1, 9)):
        with pytest.raises(InvalidInput, match="应在 2022-01-01 至今天之间"):
            act(
                city_clerk,
                acting,
                record_recheck,
                recognised,
                result=Result.PASSED,
                checked_on=date(2021, 12, 31),
                **facts,
            )
        done = act(
            city_clerk, acting, record_recheck, recognised, result=Result.PASSED, checked_on=date(2023, 1, 6), **facts
        )
    assert done.checked_on == date(2023, 1, 6)


def test_name_base_and_end_base_pressed_twice_have_one_effect(
    recognised: Recognition, city_approver: Actor, acting: Acting
) -> None:
    base = act(city_approver, acting, name_base, recognised, **NAMED)
    assert act(city_approver, acting, name_base, recognised, **NAMED) == base
    ended = act(city_approver, acting, end_base, base, "不再示范")
    again = act(city_approver, acting, end_base, base, " 不再示范 ")
    assert (again.ended_at, DemonstrationBase.objects.count()) == (ended.ended_at, 1)


def test_what_ended_with_its_community_is_green_no_more(
    recognised: Recognition,
    city_approver: Actor,
    city_clerk: Actor,
    acting: Acting,
    client_of: Callable[[Actor], Client],
) -> None:
    """It stays in the list as 已终止, and asks for nothing: no re-check, no rectification, no base."""
    facts = {"checked_on": TODAY, "findings": "缺少分类垃圾桶", "rectify_by": date(2022, 8, 20)}
    act(city_clerk, acting, record_recheck, recognised, year=2022, result=Result.RECTIFY, **facts)
    Recognition.objects.filter(pk=recognised.pk).update(ended_on=TODAY)
    with at(date(2022, 8, 30)):
        with acting(city_clerk):
            assert not Recheck.objects.filter(overdue_at(date(2022, 8, 30))).exists()
            assert [one.kind for one in todos_from(sources_for(city_clerk))] == []
            assert not may_name(Recognition.objects.get(), city_approver)
        with pytest.raises(TransitionError, match="已于 2022-08-15 随社区终止，不再复查"):
            act(city_clerk, acting, record_recheck, recognised, year=2022, result=Result.PASSED, checked_on=TODAY)
        with pytest.raises(TransitionError, match="随社区终止，不能命名"):
            act(city_approver, acting, name_base, recognised, **NAMED)
        client = client_of(city_approver)
        shown = {
            state: client.get(f"/recognitions/?state={state}").context["page_obj"] for state in ("standing", "ended")
        }
        assert {state: len(page.object_list) for state, page in shown.items()} == {"standing": 0, "ended": 1}
        assert "2022-08-15 随社区终止" in client.get("/recognitions/").content.decode()
        assert not client.get("/recognitions/rechecks/").context["page_obj"].object_list
