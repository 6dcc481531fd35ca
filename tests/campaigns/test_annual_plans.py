"""Annual plans: submitted, locked, withdrawn, returned, accepted by the level above, and changed later with a reason only."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.annual_plans import (
    accept_plan,
    accept_plans,
    decided_by,
    level_above,
    listed_in,
    return_plan,
    submit_plan,
    version_of,
    withdraw_plan,
)
from apps.campaigns.domain import enrol_communities, mark_pilot, remove_from_plan
from apps.campaigns.models import AnnualPlan, Campaign, Participation, PlanChange, Target
from apps.campaigns.running import close_campaign
from apps.campaigns.targets import set_target
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from tests.factories import enrol

Acting = Callable[[Actor], AbstractContextManager[None]]
Find = Callable[[str], Jurisdiction]
MakeActor = Callable[[str, Role], Actor]
Status = AnnualPlan.Status


@pytest.fixture
def city(jurisdiction: Find) -> list[Community]:
    """楚雄市's 31 communities in code order."""
    return list(Community.objects.below(jurisdiction("532301").path).in_code_order())


@pytest.fixture
def submit(chuxiong: Campaign, acting: Acting) -> Callable[..., AnnualPlan]:
    """Submit the plan of an actor's own jurisdiction for 2022, as it stands."""

    def run(actor: Actor, explanation: str = "明年补齐", campaign: Campaign = chuxiong, year: int = 2022) -> AnnualPlan:
        with acting(actor):
            seen = version_of(listed_in(campaign, actor.jurisdiction, year))
            return submit_plan(campaign, actor.jurisdiction, year, actor=actor, seen=seen, explanation=explanation)

    return run


Submit = Callable[..., AnnualPlan]


@pytest.fixture
def accepted(
    chuxiong: Campaign,
    city: list[Community],
    district_reviewer: Actor,
    city_approver: Actor,
    submit: Submit,
    acting: Acting,
) -> AnnualPlan:
    """楚雄市's plan of 2022 with two communities, accepted by 楚雄州."""
    for one in city[:2]:
        enrol(one, chuxiong, 2022, actor=district_reviewer)
    plan = submit(district_reviewer)
    with acting(city_approver):
        return accept_plan(plan, actor=city_approver, seen=1)


def changes(plan: AnnualPlan) -> list[tuple[str, str, str, str]]:
    return list(plan.changes.order_by("pk").values_list("kind", "what", "reason", "document_number"))


def test_submit_plan_freezes_what_is_submitted(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, submit: Submit
) -> None:
    enrol(city[0], chuxiong, 2021, actor=district_reviewer)
    enrol(city[1], chuxiong, 2022, is_pilot=True, actor=district_reviewer)
    enrol(city[2], chuxiong, 2022, actor=district_reviewer)
    plan = submit(district_reviewer)
    assert (plan.status, plan.round, plan.communities, plan.pilots) == (Status.SUBMITTED, 1, 2, 1)
    assert (plan.enrolled, plan.wanted, plan.explanation) == (3, 19, "明年补齐")
    assert plan.submitted_by == district_reviewer.user
    assert plan.path == district_reviewer.jurisdiction.path


def test_submit_plan_that_falls_short_asks_for_an_explanation(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, submit: Submit
) -> None:
    enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    with pytest.raises(InvalidInput, match="累计列入 1 个，比目标 19 个少 18 个。可以上报，请先填写说明。"):
        submit(district_reviewer, explanation=" ")
    assert not AnnualPlan.objects.filter(status=Status.SUBMITTED).exists()


def test_submit_plan_that_reaches_everything_asks_for_none(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, submit: Submit, acting: Acting
) -> None:
    with acting(district_reviewer):
        enrol_communities(chuxiong, 2022, city[:19], actor=district_reviewer)
    assert submit(district_reviewer, explanation="").status == Status.SUBMITTED


def test_submit_plan_names_streets_short_of_pilots(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, submit: Submit, acting: Acting
) -> None:
    Target.objects.create(
        campaign=chuxiong,
        jurisdiction=chuxiong.jurisdiction,
        year=2022,
        kind=Target.Kind.PILOTS_PER_STREET,
        value=Decimal(1),
    )
    with acting(district_reviewer):
        enrol_communities(chuxiong, 2022, city, actor=district_reviewer, pilots={city[0].pk})
    with pytest.raises(InvalidInput, match="试点少于规定的至少 1 个"):
        submit(district_reviewer, explanation="")


def test_submit_plan_twice_has_one_effect(district_reviewer: Actor, submit: Submit) -> None:
    first, second = submit(district_reviewer), submit(district_reviewer)
    assert first == second
    assert AnnualPlan.objects.get().round == 1


def test_a_second_submission_with_another_explanation_is_not_taken_for_the_first(
    district_reviewer: Actor, submit: Submit
) -> None:
    submit(district_reviewer)
    with pytest.raises(StaleForm, match="说明和您这次的不同，没有再上报"):
        submit(district_reviewer, explanation="两个社区正在拆迁")
    plan = AnnualPlan.objects.get()
    assert (plan.round, plan.explanation) == (1, "明年补齐")


def test_a_second_submission_of_another_list_is_not_taken_for_the_first(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, submit: Submit, acting: Acting
) -> None:
    enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    submit(district_reviewer)
    with acting(district_reviewer), pytest.raises(StaleForm, match="名单和您这次的不同，没有再上报"):
        submit_plan(
            chuxiong,
            district_reviewer.jurisdiction,
            2022,
            actor=district_reviewer,
            seen=version_of([]),
            explanation="明年补齐",
        )


def test_submit_plan_that_changed_since_is_stale(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    seen = version_of([])
    enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    place = district_reviewer.jurisdiction
    with acting(district_reviewer), pytest.raises(StaleForm, match="楚雄市 2022 年计划又有改动，还没有上报"):
        submit_plan(chuxiong, place, 2022, actor=district_reviewer, seen=seen, explanation="有")


def test_submit_plan_above_in_a_year_that_the_nearer_campaign_lacks(
    city: list[Community], district_reviewer: Actor, city_approver: Actor, submit: Submit, acting: Acting
) -> None:
    """楚雄州's campaign begins in 2021."""
    nation = Campaign.objects.select_related("jurisdiction").get(code="national-2020")
    enrol(city[0], nation, 2020, actor=district_reviewer)
    plan = submit(district_reviewer, campaign=nation, year=2020)
    assert (plan.is_waiting, plan.communities) == (True, 1)
    with pytest.raises(InvalidInput, match="2021 年度计划在其中编制和上报"):
        submit(district_reviewer, campaign=nation, year=2021)


@pytest.mark.parametrize(("code", "role"), [("5323", Role.APPROVER), ("53", Role.APPROVER)])
def test_submit_plan_is_for_the_level_that_plans(submit: Submit, make_actor: MakeActor, code: str, role: Role) -> None:
    with pytest.raises(InvalidInput, match="年度计划由县（市、区）编制和上报"):
        submit(make_actor(code, role))


@pytest.mark.parametrize(("code", "role"), [("532301", Role.VIEWER), ("532301101", Role.STREET_OFFICER)])
def test_submit_plan_wants_the_verb(submit: Submit, make_actor: MakeActor, code: str, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        submit(make_actor(code, role))


def test_a_waiting_plan_is_locked(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, submit: Submit, acting: Acting
) -> None:
    part = enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    submit(district_reviewer)
    with acting(district_reviewer):
        for act in (
            lambda: enrol_communities(chuxiong, 2022, city[1:2], actor=district_reviewer, reason="漏列"),
            lambda: remove_from_plan(part, actor=district_reviewer, reason="漏列"),
            lambda: mark_pilot(part, True, actor=district_reviewer, reason="漏列"),
        ):
            with pytest.raises(
                TransitionError, match="由测试经办人532301上报，等待上级审核，现在不能改动。要改动的，请先撤回"
            ):
                act()
    assert Participation.objects.values_list("is_pilot", flat=True).get() is False


def test_a_waiting_plan_locks_its_own_year_and_place_only(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, submit: Submit, make_actor: MakeActor
) -> None:
    submit(district_reviewer)
    assert enrol(city[0], chuxiong, 2021, actor=district_reviewer).year == 2021
    beside = make_actor("532302", Role.STAFF)
    there = Community.objects.below(beside.jurisdiction.path).in_code_order()[0]
    assert enrol(there, chuxiong, 2022, actor=beside).year == 2022


def test_withdraw_plan_lets_it_be_changed_and_submitted_again(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, submit: Submit, acting: Acting
) -> None:
    plan = submit(district_reviewer)
    with acting(district_reviewer):
        assert withdraw_plan(plan, actor=district_reviewer).status == Status.DRAFT
        assert withdraw_plan(plan, actor=district_reviewer).status == Status.DRAFT
    enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    assert (submit(district_reviewer).round, AnnualPlan.objects.get().communities) == (2, 1)


def test_withdraw_plan_that_was_accepted_is_refused(
    accepted: AnnualPlan, district_reviewer: Actor, acting: Acting
) -> None:
    with (
        acting(district_reviewer),
        pytest.raises(TransitionError, match="由楚雄彝族自治州测试审批人5323同意，不能转为编制中"),
    ):
        withdraw_plan(accepted, actor=district_reviewer)


def test_return_plan_gives_it_back_with_a_reason(
    city: list[Community],
    chuxiong: Campaign,
    district_reviewer: Actor,
    city_approver: Actor,
    submit: Submit,
    acting: Acting,
) -> None:
    plan = submit(district_reviewer)
    with acting(city_approver):
        with pytest.raises(InvalidInput, match="请填写退回理由。"):
            return_plan(plan, " ", actor=city_approver, seen=1)
        returned = return_plan(plan, "试点太少", actor=city_approver, seen=1)
        assert return_plan(plan, "试点太少", actor=city_approver, seen=1) == returned
    assert (returned.status, returned.return_reason, returned.decided_in) == (
        Status.RETURNED,
        "试点太少",
        city_approver.jurisdiction,
    )
    enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    again = submit(district_reviewer)
    assert (again.status, again.round, again.return_reason, again.decided_by) == (Status.SUBMITTED, 2, "", None)


def test_accept_plan_of_another_submission_is_stale(
    district_reviewer: Actor, city_approver: Actor, submit: Submit, acting: Acting
) -> None:
    plan = submit(district_reviewer)
    with acting(district_reviewer):
        withdraw_plan(plan, actor=district_reviewer)
    with acting(city_approver), pytest.raises(TransitionError, match="已由楚雄市撤回，还没有重新上报"):
        accept_plan(plan, actor=city_approver, seen=1)
    submit(district_reviewer)
    with acting(city_approver):
        with pytest.raises(StaleForm, match="已撤回修改、重新上报"):
            accept_plan(plan, actor=city_approver, seen=1)
        assert accept_plan(plan, actor=city_approver, seen=2).is_accepted
        with pytest.raises(TransitionError, match="由楚雄彝族自治州测试审批人5323同意，不能再办理"):
            return_plan(plan, "晚了", actor=city_approver, seen=2)


def test_accept_plan_never_by_who_submitted(
    district_reviewer: Actor, submit: Submit, acting: Acting, make_actor: MakeActor
) -> None:
    plan = submit(district_reviewer)
    above = make_actor("5323", Role.STAFF)
    both = Actor(district_reviewer.user, above.membership)
    with acting(both), pytest.raises(PermissionDenied, match="这份计划是您上报的"):
        accept_plan(plan, actor=both, seen=1)


@pytest.mark.parametrize(
    ("code", "role"),
    [("532301", Role.APPROVER), ("53", Role.APPROVER), ("5323", Role.VIEWER), ("5323", Role.BUREAU_ADMIN)],
)
def test_accept_plan_is_for_the_level_above(
    district_reviewer: Actor, submit: Submit, acting: Acting, make_actor: MakeActor, code: str, role: Role
) -> None:
    plan, actor = submit(district_reviewer), make_actor(code, role)
    with acting(actor), pytest.raises(PermissionDenied):
        accept_plan(plan, actor=actor, seen=1)


def test_accept_plans_takes_all_or_none(
    district_reviewer: Actor, city_approver: Actor, submit: Submit, acting: Acting, make_actor: MakeActor
) -> None:
    first, second = submit(district_reviewer), submit(make_actor("532302", Role.STAFF))
    with acting(city_approver):
        with pytest.raises(StaleForm):
            accept_plans({first.pk: 1, second.pk: 2}, actor=city_approver)
        assert {one.status for one in AnnualPlan.objects.all()} == {Status.SUBMITTED}
        with pytest.raises(InvalidInput, match="有的计划不由本级审核"):
            accept_plans({first.pk: 1, 999999: 1}, actor=city_approver)
        with pytest.raises(InvalidInput, match="请先勾选"):
            accept_plans({}, actor=city_approver)
        assert len(accept_plans({first.pk: 1, second.pk: 1}, actor=city_approver)) == 2


def test_level_above_is_the_next_one_within_the_campaign(chuxiong: Campaign, jurisdiction: Find) -> None:
    tianjin = Campaign.objects.select_related("jurisdiction").get(code="tianjin-2020")
    assert level_above(chuxiong, jurisdiction("532301")) == jurisdiction("5323")
    assert level_above(tianjin, jurisdiction("120101")) == jurisdiction("12")
    assert level_above(chuxiong, jurisdiction("5323")) is None


def test_decided_by_goes_up_where_nobody_works(make_actor: MakeActor, submit: Submit, db: None) -> None:
    """安徽's campaign: 瑶海区 plans, 合肥市 decides as soon as somebody works there who can, the province until then."""
    anhui = Campaign.objects.select_related("jurisdiction").get(code="anhui-2020")
    planner, province = make_actor("340102", Role.STAFF), make_actor("34", Role.APPROVER)
    plan = submit(planner, campaign=anhui)
    assert list(decided_by(province.jurisdiction)) == [plan]
    city = make_actor("3401", Role.STAFF)
    assert list(decided_by(province.jurisdiction)) == []
    assert list(decided_by(city.jurisdiction)) == [plan]


def test_a_campaign_of_the_planning_level_itself_is_confirmed_at_once(
    chuxiong: Campaign, district_reviewer: Actor, submit: Submit
) -> None:
    own = Campaign.objects.create(
        code="own",
        name="楚雄市行动",
        jurisdiction=district_reviewer.jurisdiction,
        first_year=2022,
        last_year=2022,
        standard=chuxiong.standard,
        review_chain=["street", "district"],
        status="open",
    )
    plan = submit(district_reviewer, campaign=own)
    assert (plan.is_accepted, plan.is_its_own, plan.state) == (True, True, "已确认")
    assert plan.decided_by == district_reviewer.user


def test_an_accepted_plan_is_changed_with_a_reason_only(
    chuxiong: Campaign, city: list[Community], accepted: AnnualPlan, district_reviewer: Actor, acting: Acting
) -> None:
    actor = district_reviewer
    part = Participation.objects.get(community=city[0])
    with acting(actor):
        for act in (
            lambda: enrol_communities(chuxiong, 2022, city[2:4], actor=actor),
            lambda: remove_from_plan(part, actor=actor, reason=" "),
            lambda: mark_pilot(part, True, actor=actor),
        ):
            with pytest.raises(
                InvalidInput, match="楚雄市 2022 年计划已经楚雄彝族自治州同意，改动须说明理由。请填写调整理由。"
            ):
                act()
        enrol_communities(
            chuxiong, 2022, city[2:4], actor=actor, reason="新增两个", document_number="楚市住建〔2022〕3号"
        )
        mark_pilot(part, True, actor=actor, reason="试点替换")
        mark_pilot(part, False, actor=actor, reason="替换取消")
        remove_from_plan(part, actor=actor, reason="拆迁")
    street = city[0].jurisdiction.name
    assert changes(accepted) == [
        ("added", f"{street}{city[2]}、{street}{city[3]}", "新增两个", "楚市住建〔2022〕3号"),
        ("pilot", f"{street}{city[0]}", "试点替换", ""),
        ("no_pilot", f"{street}{city[0]}", "替换取消", ""),
        ("removed", f"{street}{city[0]}", "拆迁", ""),
    ]
    assert Participation.objects.count() == 3


def test_a_change_without_effect_is_not_kept(
    chuxiong: Campaign, city: list[Community], accepted: AnnualPlan, district_reviewer: Actor, acting: Acting
) -> None:
    part = Participation.objects.get(community=city[0])
    with acting(district_reviewer):
        done = enrol_communities(chuxiong, 2022, city[:2], actor=district_reviewer)
        mark_pilot(part, False, actor=district_reviewer)
    assert (len(done.unchanged), PlanChange.objects.count()) == (2, 0)


def test_a_closed_campaign_takes_no_plan_and_no_change(
    chuxiong: Campaign,
    city: list[Community],
    district_reviewer: Actor,
    submit: Submit,
    acting: Acting,
    make_actor: MakeActor,
) -> None:
    part, administrator = enrol(city[0], chuxiong, 2022, actor=district_reviewer), make_actor("5323", Role.BUREAU_ADMIN)
    with acting(administrator):
        close_campaign(chuxiong, actor=administrator, reason="期满")
    with pytest.raises(TransitionError, match="已结束，不能上报计划"):
        submit(district_reviewer)
    with acting(district_reviewer), pytest.raises(TransitionError, match="已结束，不能改动计划"):
        remove_from_plan(part, actor=district_reviewer)


def test_set_target_of_the_issuer_is_a_change_of_the_campaign(
    chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    place = chuxiong.jurisdiction
    with acting(city_approver):
        with pytest.raises(InvalidInput, match="行动已经开展，请填写调整理由。"):
            set_target(chuxiong, place, 2022, Decimal(65), actor=city_approver)
        set_target(chuxiong, place, 2022, Decimal(60), actor=city_approver)
        assert not chuxiong.changes.filter(kind="targets").exists()
        number = "楚住建〔2022〕9号"
        set_target(chuxiong, place, 2022, Decimal(65), actor=city_approver, reason="省里要求", document_number=number)
    change = chuxiong.changes.get(kind="targets")
    assert (change.was, change.now) == ("2022 年占城市社区比例（%）：60%", "2022 年占城市社区比例（%）：65%")
    assert (change.reason, change.document_number, change.changed_by) == ("省里要求", number, city_approver.user)
