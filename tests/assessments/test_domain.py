"""The review chain, step by step, each person behind the wall of their own jurisdiction."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments import domain
from apps.assessments.chain import chain_of
from apps.assessments.claims import release_assessment
from apps.assessments.models import Assessment, CriterionResult, ReviewAction
from apps.assessments.steps import score_of
from apps.campaigns.models import Campaign, Participation, Recognition
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.factories import agree, person_at, submit, submitted_community

NO_LOSS = Answer(deductions=())
NO_SPONGE = Answer(deductions=(Deduction(rule=2),))
NO_ROADS_NO_SPONGE = Answer(deductions=(Deduction(rule=1), Deduction(rule=2)))


def act(actor: Actor, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a verb as ``actor`` does in a request."""
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return verb(*args, actor=actor, **kwargs)


def again(assessment: Assessment) -> Assessment:
    return Assessment.objects.with_context().get(pk=assessment.pk)


def criterion(assessment: Assessment, number: int) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=number)


def steps(assessment: Assessment) -> list[tuple[str, str, str | None, int]]:
    """The history as kind, who from, passed to, round."""
    actions = assessment.actions.select_related("jurisdiction", "passed_to").order_by("at", "id")
    return [
        (one.kind, one.jurisdiction.name, one.passed_to.name if one.passed_to else None, one.round) for one in actions
    ]


def state(assessment: Assessment) -> tuple[str, str, str]:
    now = again(assessment)
    return now.status, now.holder.name, now.participation.stage


def test_chain_of_chuxiong_passes_street_district_prefecture(planned: Participation) -> None:
    assert [one.name for one in chain_of(planned)] == ["鹿城镇", "楚雄市", "楚雄彝族自治州"]


def test_agree_through_chuxiong_ends_in_recognition(
    submitted: Assessment, district_reviewer: Actor, city_approver: Actor
) -> None:
    assert state(submitted) == ("in_review", "楚雄市", "in_review")
    action = act(district_reviewer, domain.agree_assessment, submitted, "情况属实")
    assert (action.comment, action.total_points, action.meets_standard) == ("情况属实", Decimal(96), True)
    assert state(submitted) == ("in_review", "楚雄彝族自治州", "in_review")
    recognition = act(
        city_approver, domain.recognise_assessment, submitted, year=2022, document_number=" 楚住建〔2022〕9号 "
    )
    assert (recognition.year, recognition.document_number) == (2022, "楚住建〔2022〕9号")
    assert recognition.recognised_by == city_approver.user
    assert state(submitted) == ("recognised", "楚雄彝族自治州", "recognised")
    assert steps(submitted) == [
        ("open", "鹿城镇", None, 0),
        ("submit", "鹿城镇", "楚雄市", 1),
        ("agree", "楚雄市", "楚雄彝族自治州", 1),
        ("recognise", "楚雄彝族自治州", "楚雄彝族自治州", 1),
    ]


@pytest.mark.parametrize(
    ("campaign", "code", "chain", "year"),
    [
        ("tianjin-2020", "120101001001", ["劝业场街道", "和平区", "天津市"], 2021),
        ("anhui-2020", "340102001001", ["明光路街道", "瑶海区", "合肥市", "安徽省"], 2022),
        ("national-2020", "441900003001", ["东城街道", "东莞市", "广东省"], 2022),
    ],
)
def test_agree_through_every_level_that_the_branch_has(
    campaign: str, code: str, chain: list[str], year: int, community: Callable[[str], Community]
) -> None:
    assessment = submitted_community(community(code), Campaign.objects.get(code=campaign), year)
    assert [one.name for one in chain_of(assessment.participation)] == chain
    for level in chain[1:-1]:
        assert assessment.holder.name == level
        assessment = agree(assessment)
    assert (assessment.holder.name, assessment.total_points, assessment.meets_standard) == (chain[-1], None, True)


def test_agree_at_the_last_level_is_refused(submitted: Assessment, city_approver: Actor) -> None:
    agree(submitted)
    with pytest.raises(TransitionError, match="楚雄彝族自治州是最后一级，请直接认定"):
        act(city_approver, domain.agree_assessment, submitted)


def test_recognise_before_the_last_level_is_refused(
    submitted: Assessment, make_actor: Callable[[str, Role], Actor]
) -> None:
    with pytest.raises(TransitionError, match="认定由楚雄彝族自治州办理，楚雄市请同意上报"):
        act(make_actor("532301", Role.APPROVER), domain.recognise_assessment, submitted)


def test_recognise_by_staff_is_refused(submitted: Assessment, make_actor: Callable[[str, Role], Actor]) -> None:
    agree(submitted)
    with pytest.raises(PermissionDenied):
        act(make_actor("5323", Role.STAFF), domain.recognise_assessment, submitted, year=2022)


def test_agree_by_the_submitting_level_is_refused(submitted: Assessment, street_officer: Actor) -> None:
    with pytest.raises(PermissionDenied):
        act(street_officer, domain.agree_assessment, submitted)


@pytest.mark.parametrize("level", ["city", "province"])
def test_agree_by_another_level_is_refused(
    level: str, submitted: Assessment, city_approver: Actor, province_reviewer: Actor
) -> None:
    actor = {"city": city_approver, "province": province_reviewer}[level]
    with pytest.raises(TransitionError, match=r"由鹿城镇 测试街道经办532301101 提交自评，现在由楚雄市办理"):
        act(actor, domain.agree_assessment, submitted)
    assert state(submitted) == ("in_review", "楚雄市", "in_review")


def test_agree_by_another_tenant_sees_nothing(submitted: Assessment, stranger: Actor) -> None:
    with pytest.raises(Assessment.DoesNotExist):
        act(stranger, domain.agree_assessment, submitted)


def test_agree_by_a_viewer_is_refused(submitted: Assessment, make_actor: Callable[[str, Role], Actor]) -> None:
    with pytest.raises(PermissionDenied):
        act(make_actor("532301", Role.VIEWER), domain.agree_assessment, submitted)


def test_submit_twice_is_refused_and_leaves_one_step(submitted: Assessment, street_officer: Actor) -> None:
    with pytest.raises(TransitionError, match="现在由楚雄市办理"):
        act(street_officer, domain.submit_assessment, submitted)
    assert [kind for kind, *_ in steps(submitted)] == ["open", "submit"]
    assert again(submitted).round == 1


def test_agree_twice_is_refused_and_leaves_one_step(submitted: Assessment, district_reviewer: Actor) -> None:
    act(district_reviewer, domain.agree_assessment, submitted)
    with pytest.raises(TransitionError, match=r"由楚雄市 测试经办人532301 同意上报，现在由楚雄彝族自治州办理"):
        act(district_reviewer, domain.agree_assessment, submitted)
    assert [kind for kind, *_ in steps(submitted)] == ["open", "submit", "agree"]


def test_recognise_twice_is_refused(submitted: Assessment, city_approver: Actor) -> None:
    agree(submitted)
    act(city_approver, domain.recognise_assessment, submitted, year=2022)
    with pytest.raises(TransitionError, match="认定，不能再改"):
        act(city_approver, domain.recognise_assessment, submitted, year=2022)
    assert Recognition.objects.count() == 1


def test_agree_on_what_another_step_has_changed_is_stale(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    seen = submitted.actions.latest("at", "id").pk
    act(district_reviewer, domain.return_assessment, submitted, "请补充材料", seen_action=seen)
    submit(submitted, actor=street_officer)
    with pytest.raises(StaleForm, match="请刷新后再办理"):
        act(district_reviewer, domain.agree_assessment, submitted, seen_action=seen)
    act(district_reviewer, domain.agree_assessment, submitted, seen_action=submitted.actions.latest("at", "id").pk)


def test_agree_by_who_submitted_is_refused(
    submitted: Assessment, street_officer: Actor, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    in_district = Actor(
        street_officer.user, grant_membership(street_officer.user, jurisdiction("532301"), Role.APPROVER)
    )
    attempts: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (domain.agree_assessment, ()),
        (domain.return_assessment, ("请补充",)),
        (domain.save_result, (criterion(submitted, 5), NO_SPONGE)),
    ]
    for verb, args in attempts:
        with pytest.raises(PermissionDenied, match="这件自评由您填报或提交，须由其他人审核"):
            act(in_district, verb, submitted, *args)
    assert state(submitted) == ("in_review", "楚雄市", "in_review")


def test_return_whole_opens_every_criterion_to_the_street(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    action = act(district_reviewer, domain.return_assessment, submitted, " 材料不全 ")
    assert (action.comment, action.returned_criteria.count()) == ("材料不全", 0)
    assert state(submitted) == ("returned", "鹿城镇", "returned")
    assert domain.editable_criteria(again(submitted)) is None
    result = act(street_officer, domain.save_result, submitted, criterion(submitted, 11), NO_LOSS, note="已补")
    assert (result.note, result.version) == ("已补", 2)
    act(street_officer, domain.submit_assessment, submitted)
    assert state(submitted) == ("in_review", "楚雄市", "in_review")
    assert steps(submitted)[2:] == [("return", "楚雄市", "鹿城镇", 1), ("submit", "鹿城镇", "楚雄市", 2)]


def test_return_of_single_criteria_locks_the_others(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, domain.return_assessment, submitted, "", {5: "缺雨水花园验收单", 8: "照片不清"})
    assert domain.editable_criteria(again(submitted)) == {criterion(submitted, 5).pk, criterion(submitted, 8).pk}
    returned = domain.open_return(again(submitted))
    assert returned is not None
    assert {one.criterion.number: one.reason for one in returned.returned_criteria.all()} == {
        5: "缺雨水花园验收单",
        8: "照片不清",
    }
    act(street_officer, domain.save_result, submitted, criterion(submitted, 5), NO_SPONGE)
    with pytest.raises(TransitionError, match="第 6 条未被退回，已锁定"):
        act(street_officer, domain.save_result, submitted, criterion(submitted, 6), NO_LOSS)


@pytest.mark.parametrize(
    ("comment", "reasons", "message"),
    [
        ("  ", {}, "请填写退回理由"),
        ("不符", {5: " "}, "第 5 条没有填退回理由"),
        ("不符", {18: "无此条"}, "标准里没有第 18 条"),
    ],
)
def test_return_without_its_reasons_is_refused(
    comment: str, reasons: dict[int, str], message: str, submitted: Assessment, district_reviewer: Actor
) -> None:
    with pytest.raises(InvalidInput, match=message):
        act(district_reviewer, domain.return_assessment, submitted, comment, reasons)
    assert state(submitted) == ("in_review", "楚雄市", "in_review")


def test_return_by_the_prefecture_goes_down_level_by_level(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, city_approver: Actor
) -> None:
    agree(submitted)
    act(city_approver, domain.return_assessment, submitted, "", {5: "未见海绵化改造"})
    assert state(submitted) == ("returned", "楚雄市", "in_review")
    with pytest.raises(TransitionError, match="现在由楚雄市办理"):
        act(street_officer, domain.save_result, submitted, criterion(submitted, 5), NO_SPONGE)
    act(district_reviewer, domain.return_assessment, submitted, "州里退回", {5: "未见海绵化改造"})
    assert state(submitted) == ("returned", "鹿城镇", "returned")
    act(street_officer, domain.save_result, submitted, criterion(submitted, 5), NO_SPONGE)
    submit(submitted, actor=street_officer)
    agree(submitted)
    assert again(submitted).total_points == 94
    assert [kind for kind, *_ in steps(submitted)] == ["open", "submit", "agree", "return", "return", "submit", "agree"]


def test_agree_again_after_the_prefecture_returned(
    submitted: Assessment, district_reviewer: Actor, city_approver: Actor
) -> None:
    agree(submitted)
    act(city_approver, domain.return_assessment, submitted, "第 5 条请重新核实")
    act(district_reviewer, domain.save_result, submitted, criterion(submitted, 5), NO_SPONGE, note="未见")
    act(district_reviewer, domain.agree_assessment, submitted)
    assert state(submitted) == ("in_review", "楚雄彝族自治州", "in_review")
    assert again(submitted).total_points == 94


def test_submitted_results_are_locked_for_the_street(submitted: Assessment, street_officer: Actor) -> None:
    with pytest.raises(TransitionError, match="现在由楚雄市办理，其他单位只能查看"):
        act(street_officer, domain.save_result, submitted, criterion(submitted, 5), NO_SPONGE)


def test_save_result_of_a_reviewer_keeps_the_lower_verdict(
    submitted: Assessment, district_reviewer: Actor, city_approver: Actor
) -> None:
    fifth = criterion(submitted, 5)
    own = act(district_reviewer, domain.save_result, submitted, fifth, NO_SPONGE, note="未见", seen=0)
    assert (own.level, own.points, own.note, own.version) == ("district", Decimal(4), "未见", 1)
    agree(submitted, actor=district_reviewer)
    act(city_approver, domain.save_result, submitted, fifth, NO_ROADS_NO_SPONGE, note="道路也未治理")
    rows = CriterionResult.objects.filter(assessment=submitted, criterion=fifth).order_by("id")
    assert [(one.level, one.points) for one in rows] == [
        ("street", Decimal(6)),
        ("district", Decimal(4)),
        ("city", Decimal(2)),
    ]
    effective = domain.effective_results(submitted, chain_of(submitted.participation))
    assert score_of(submitted, effective).total == 92


def test_save_result_that_differs_needs_a_reason(submitted: Assessment, district_reviewer: Actor) -> None:
    with pytest.raises(InvalidInput, match="第 5 条的意见与下级不同，请说明理由"):
        act(district_reviewer, domain.save_result, submitted, criterion(submitted, 5), NO_SPONGE, note="  ")


def test_save_result_that_agrees_leaves_no_row(submitted: Assessment, district_reviewer: Actor) -> None:
    fifth = criterion(submitted, 5)
    assert act(district_reviewer, domain.save_result, submitted, fifth, NO_LOSS) is None
    act(district_reviewer, domain.save_result, submitted, fifth, NO_SPONGE, note="未见")
    assert act(district_reviewer, domain.save_result, submitted, fifth, NO_LOSS, note="") is None
    assert not CriterionResult.objects.filter(assessment=submitted, level="district").exists()


def test_save_result_compares_findings_whatever_their_order(
    drafted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    fifth = criterion(drafted, 5)
    backwards = Answer(deductions=tuple(reversed(NO_ROADS_NO_SPONGE.deductions or ())))
    act(street_officer, domain.save_result, drafted, fifth, backwards)
    submit(drafted, actor=street_officer)
    assert act(district_reviewer, domain.save_result, drafted, fifth, NO_ROADS_NO_SPONGE) is None


def test_save_result_over_another_persons_change_is_stale(
    submitted: Assessment, district_reviewer: Actor, make_actor: Callable[[str, Role], Actor]
) -> None:
    fifth, colleague = criterion(submitted, 5), make_actor("532301", Role.APPROVER)
    act(colleague, domain.save_result, submitted, fifth, NO_SPONGE, note="未见", seen=0)
    act(colleague, release_assessment, submitted)
    with pytest.raises(StaleForm, match=r"第 5 条已于 .* 由 测试审批人532301 改过，您的修改没有保存"):
        act(district_reviewer, domain.save_result, submitted, fifth, NO_ROADS_NO_SPONGE, note="都没有", seen=0)
    act(colleague, domain.save_result, submitted, fifth, NO_LOSS, seen=1)
    act(colleague, release_assessment, submitted)
    with pytest.raises(StaleForm, match="第 5 条已被他人改为一致意见"):
        act(district_reviewer, domain.save_result, submitted, fifth, NO_ROADS_NO_SPONGE, note="都没有", seen=1)


def test_submit_again_drops_the_verdict_that_it_now_meets(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    for number in (5, 11):
        lost = Answer(deductions=(Deduction(rule=1),))
        act(district_reviewer, domain.save_result, submitted, criterion(submitted, number), lost, note="未见")
    act(district_reviewer, domain.return_assessment, submitted, "请核实")
    lost = Answer(deductions=(Deduction(rule=1),))
    act(street_officer, domain.save_result, submitted, criterion(submitted, 5), lost)
    submit(submitted, actor=street_officer)
    left = CriterionResult.objects.filter(assessment=submitted, level="district")
    assert [one.criterion.number for one in left.select_related("criterion")] == [11]


def test_recognise_below_the_pass_mark_is_refused_with_the_figures(
    submitted: Assessment, district_reviewer: Actor, city_approver: Actor
) -> None:
    # 9, 11 and 14 lose all their 6 points: 96 − 18 = 78.
    for number, rules in {9: (1, 2), 11: (1,)}.items():
        lost = Answer(deductions=tuple(Deduction(rule=rule) for rule in rules))
        act(district_reviewer, domain.save_result, submitted, criterion(submitted, number), lost, note="未见")
    none_held = Answer(deductions=(Deduction(rule=1, count=0),))
    act(district_reviewer, domain.save_result, submitted, criterion(submitted, 14), none_held, note="没有培训")
    agree(submitted, actor=district_reviewer)
    assert (again(submitted).total_points, again(submitted).meets_standard) == (Decimal(78), False)
    with pytest.raises(InvalidInput, match="得分 78 分，达标须 80 分，未达到创建要求，不能认定"):
        act(city_approver, domain.recognise_assessment, submitted, year=2022)
    one_held = Answer(deductions=(Deduction(rule=1, count=1),))
    act(city_approver, domain.save_result, submitted, criterion(submitted, 14), one_held, note="有一次")
    act(city_approver, domain.recognise_assessment, submitted, year=2022)
    assert again(submitted).total_points == 81


def test_recognise_with_a_criterion_not_met_names_it(community: Callable[[str], Community]) -> None:
    tianjin = Campaign.objects.get(code="tianjin-2020")
    assessment = agree(submitted_community(community("120101001001"), tianjin, 2021))
    reviewer = person_at(assessment.holder, Role.APPROVER)
    act(reviewer, domain.save_result, assessment, criterion(assessment, 3), Answer(met=False), note="未见")
    with pytest.raises(InvalidInput, match="第 3 条不符合，未达到创建要求"):
        act(reviewer, domain.recognise_assessment, assessment, year=2021)


@pytest.mark.parametrize("year", [2021, 2023])
def test_recognise_in_a_wrong_year_is_refused(year: int, submitted: Assessment, city_approver: Actor) -> None:
    agree(submitted)
    with pytest.raises(InvalidInput, match=f"认定年度 {year} 不对：应在 2022 至 2022 年之间"):
        act(city_approver, domain.recognise_assessment, submitted, year=year)


def test_recognition_year_is_not_before_the_plans(planned: Participation, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, year in [(date(2021, 12, 1), 2022), (date(2022, 8, 15), 2022), (date(2024, 1, 1), 2022)]:
        monkeypatch.setattr(clock, "today", lambda day=day: day)
        assert domain.recognition_year(planned) == year


def test_history_keeps_the_results_as_they_stood(submitted: Assessment, district_reviewer: Actor) -> None:
    act(district_reviewer, domain.save_result, submitted, criterion(submitted, 5), NO_SPONGE, note="未见")
    act(district_reviewer, domain.return_assessment, submitted, "请核实")
    first, second = submitted.actions.filter(kind__in=["submit", "return"]).order_by("id")
    assert first.results["5"] == {
        "level": "street",
        "verdict": "scored",
        "deductions": [],
        "points": "6.00",
        "note": "",
    }
    assert second.results["5"] == {
        "level": "district",
        "verdict": "scored",
        "deductions": [{"rule": 2}],
        "points": "4.00",
        "note": "未见",
    }
    assert (first.total_points, second.total_points) == (Decimal(96), Decimal(94))
    assert set(first.results) == {str(number) for number in range(1, 18)}
    assert ReviewAction.objects.filter(assessment=submitted).count() == 3


def test_open_of_a_community_taken_off_the_plan_is_refused(planned: Participation, street_officer: Actor) -> None:
    stale = Participation.objects.select_related("community").get(pk=planned.pk)
    planned.delete()
    with pytest.raises(TransitionError, match="龙江社区 已调出年度创建计划"):
        act(street_officer, domain.open_assessment, stale)
