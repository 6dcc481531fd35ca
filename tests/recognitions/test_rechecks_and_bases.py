"""Re-checks and demonstration bases of recognised communities, and what a revocation ends."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.second_approval import revoke_assessment
from apps.campaigns.models import Campaign, Recognition
from apps.campaigns.rollup import roll_up
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.recognitions.demonstration_bases import end_base, may_name, name_base, standing_bases
from apps.recognitions.models import DemonstrationBase, Recheck
from apps.recognitions.rechecks import due_for_recheck, may_record, overdue_at, record_recheck
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


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ({"result": "failed"}, "请填写复查发现的问题"),
        ({"result": "rectify", "findings": "堆物"}, "整改期限"),
        ({"result": "rectify", "findings": "堆物", "rectify_by": TODAY}, "整改期限"),
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
        act(city_approver, acting, name_base, recognised, **NAMED)
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
