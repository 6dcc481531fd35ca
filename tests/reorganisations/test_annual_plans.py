"""Annual plans and targets when units merge and streets move: nothing moves, nothing changes silently, nothing breaks."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.annual_plans import accept_plan, decided_by, listed_in, submit_plan, version_of
from apps.campaigns.models import AnnualPlan, Campaign, PlanChange, Target
from apps.campaigns.targets import set_target
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.models import Notification
from apps.reorganisations.jurisdictions import merge_jurisdictions, move_jurisdiction
from tests.factories import enrol, made_up
from tests.reorganisations.figures import order

Place = Callable[[str], Jurisdiction]


def plan_of(campaign: Campaign, code: str, enrolled: int, *, accept: bool) -> AnnualPlan:
    """A county's plan of 2022 with its first communities, submitted, and accepted by 楚雄州 where asked for."""
    planner = made_up(code, Role.STAFF)
    for one in Community.objects.below(planner.jurisdiction.path).in_code_order()[:enrolled]:
        enrol(one, campaign, 2022, actor=planner)
    with acting(planner):
        seen = version_of(listed_in(campaign, planner.jurisdiction, 2022))
        plan = submit_plan(campaign, planner.jurisdiction, 2022, actor=planner, seen=seen, explanation="明年补齐")
    if accept:
        approver = made_up("5323", Role.APPROVER)
        with acting(approver):
            plan = accept_plan(plan, actor=approver, seen=1)
    return plan


@pytest.mark.parametrize(("gone_accepted", "into_accepted"), [(False, False), (True, True), (False, True)])
def test_merge_counties_that_both_have_a_plan(
    chuxiong: Campaign, city_administrator: Actor, jurisdiction: Place, gone_accepted: bool, into_accepted: bool
) -> None:
    old = plan_of(chuxiong, "532324", 2, accept=gone_accepted)
    new = plan_of(chuxiong, "532301", 3, accept=into_accepted)
    gone, into = jurisdiction("532324"), jurisdiction("532301")
    with acting(city_administrator):
        change = merge_jurisdictions(gone, into, order(), actor=city_administrator)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.jurisdiction, new.jurisdiction) == (gone, into)
    assert old.status == ("accepted" if gone_accepted else "draft")
    assert new.status == ("accepted" if into_accepted else "draft")
    told = {one["name"]: (one["fate"], one["note"]) for one in change.effects if one["what"] == "年度创建计划"}
    kept, came = "记入计划调整", "由南华县划入 2 个社区"
    assert told == {
        "南华县 2022 年计划": (kept if gone_accepted else "撤回上报", "划归楚雄市 2 个社区"),
        "楚雄市 2022 年计划": (kept, came) if into_accepted else ("撤回上报", f"{came}，请核对后重新上报"),
    }
    if into_accepted:
        kept_change = PlanChange.objects.get(plan=new)
        assert (kept_change.kind, kept_change.what) == ("reorganised", came)
        assert (kept_change.reason, kept_change.document_number) == (order().reason, order().document_number)
    assert len(listed_in(chuxiong, jurisdiction("532301"), 2022)) == 5


def test_move_of_a_street_settles_the_plans_of_both_counties(
    chuxiong: Campaign, city_administrator: Actor, jurisdiction: Place
) -> None:
    left, joined = (plan_of(chuxiong, code, 3, accept=True) for code in ("532301", "532324"))
    with acting(city_administrator):
        move_jurisdiction(jurisdiction("532301101"), jurisdiction("532324"), order(), actor=city_administrator)
    assert list(PlanChange.objects.order_by("plan").values_list("plan", "what")) == [
        (left.pk, "划归南华县 3 个社区"),
        (joined.pk, "由楚雄市划入 3 个社区"),
    ]


def test_move_of_a_street_without_planned_communities_leaves_waiting_plans(
    chuxiong: Campaign, city_administrator: Actor, jurisdiction: Place
) -> None:
    plan = plan_of(chuxiong, "532301", 3, accept=False)
    with acting(city_administrator):
        street, into = jurisdiction("532301102"), jurisdiction("532324")
        change = move_jurisdiction(street, into, order(), actor=city_administrator)
    plan.refresh_from_db()
    assert plan.is_waiting
    assert not [one for one in change.effects if one["what"] == "年度创建计划"]


def test_merge_of_a_county_takes_back_its_waiting_plan_without_communities(
    chuxiong: Campaign, city_administrator: Actor, jurisdiction: Place
) -> None:
    plan = plan_of(chuxiong, "532324", 0, accept=False)
    with acting(city_administrator):
        gone, into = jurisdiction("532324"), jurisdiction("532301")
        change = merge_jurisdictions(gone, into, order(), actor=city_administrator)
    plan.refresh_from_db()
    assert plan.status == "draft"
    told = [(one["fate"], one["note"]) for one in change.effects if one["what"] == "年度创建计划"]
    assert told == [("撤回上报", "并入楚雄市")]


def test_nobody_is_asked_any_more_to_decide_on_a_plan_that_was_taken_back(
    chuxiong: Campaign,
    city_administrator: Actor,
    city_approver: Actor,
    jurisdiction: Place,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        plan_of(chuxiong, "532301", 3, accept=False)
    asked = Notification.objects.filter(user=city_approver.user, title="楚雄市 2022 年计划待审核")
    assert asked.unread().count() == 1
    with django_capture_on_commit_callbacks(execute=True), acting(city_administrator):
        street, into = jurisdiction("532301101"), jurisdiction("532324")
        move_jurisdiction(street, into, order(), actor=city_administrator)
    assert (asked.unread().count(), asked.count()) == (0, 1)


def test_merge_of_streets_leaves_the_countys_plan_alone(
    chuxiong: Campaign, city_administrator: Actor, jurisdiction: Place
) -> None:
    plan = plan_of(chuxiong, "532301", 3, accept=False)
    with acting(city_administrator):
        streets = jurisdiction("532301101"), jurisdiction("532301102")
        merge_jurisdictions(*streets, order(), actor=city_administrator)
        plan.refresh_from_db()
    assert plan.is_waiting
    assert list(decided_by(jurisdiction("5323"))) == [plan]


def test_merge_counties_that_both_have_numbers(
    chuxiong: Campaign, city_administrator: Actor, city_approver: Actor, jurisdiction: Place
) -> None:
    gone, into = jurisdiction("532324"), jurisdiction("532301")
    with acting(city_approver):
        for place, number in ((gone, 7), (into, 19)):
            set_target(chuxiong, place, 2022, Decimal(number), actor=city_approver, kind=Target.Kind.NUMBER)
    with acting(city_administrator):
        change = merge_jurisdictions(gone, into, order(), actor=city_administrator)
    rows = Target.objects.filter(kind="number").order_by("value").values_list("jurisdiction", "value")
    assert list(rows) == [(gone.pk, Decimal(7)), (into.pk, Decimal(19))]
    told = [(one["name"], one["fate"]) for one in change.effects if one["what"] == "创建目标"]
    assert told == [("南华县 2022 年社区数", "不并入楚雄市")]
