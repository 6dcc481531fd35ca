"""The demo's annual plans: one accepted, two that the prefecture finds waiting; played again, nothing changes."""

from collections.abc import Callable

import pytest

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.campaigns.annual_plans import may_decide, submit_plan, version_of, withdraw_plan
from apps.campaigns.models import AnnualPlan, Campaign
from apps.demo.accounts import Troupe, create_accounts
from apps.demo.plans import tasks_of_plans
from apps.jurisdictions.models import Jurisdiction

pytestmark = pytest.mark.django_db


def play(campaign: Campaign, branch: str) -> list[str]:
    tasks = sorted(tasks_of_plans(campaign, Troupe(), branch), key=lambda task: task.moment)
    for task in tasks:
        task.run()
    return [task.label for task in tasks]


def test_plans_wait_for_the_prefecture_and_one_is_accepted(
    chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    place = jurisdiction("5323")
    create_accounts(place.path)
    assert play(chuxiong, place.path) == ["上报计划", "同意计划", "上报计划", "上报计划"]
    assert set(AnnualPlan.objects.values_list("jurisdiction__name", "status")) == {
        ("双柏县", "accepted"),
        ("禄丰市", "submitted"),
        ("元谋县", "submitted"),
    }
    approver = Troupe().find(place, Role.APPROVER)
    with acting(approver):
        assert all(may_decide(approver, one) for one in AnnualPlan.objects.filter(status="submitted"))
    assert play(chuxiong, place.path) == []


def test_a_plan_that_people_took_back_stays_with_them(
    chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    county = jurisdiction("532302")
    create_accounts(county.path)
    assert play(chuxiong, county.path) == ["上报计划"]
    clerk = Troupe().find(county, Role.STAFF)
    with acting(clerk):
        withdraw_plan(AnnualPlan.objects.get(), actor=clerk)
    assert play(chuxiong, county.path) == []


def test_a_plan_that_a_person_submitted_waits_for_people(
    chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    place, county = jurisdiction("5323"), jurisdiction("532322")
    create_accounts(place.path)
    clerk = Troupe().find(county, Role.STAFF)
    with acting(clerk):
        submit_plan(chuxiong, county, 2022, actor=clerk, seen=version_of([]), explanation="明年补齐")
    assert play(chuxiong, county.path) == []
    assert AnnualPlan.objects.get().is_waiting


def test_a_story_that_was_broken_off_goes_on(chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]) -> None:
    place, county = jurisdiction("5323"), jurisdiction("532322")
    create_accounts(place.path)
    submission, _ = tasks_of_plans(chuxiong, Troupe(), county.path)
    submission.run()
    assert play(chuxiong, county.path) == ["同意计划"]
    assert AnnualPlan.objects.get().is_accepted


def test_plans_belong_to_one_campaign(db: None) -> None:
    assert play(Campaign.objects.get(code="tianjin-2020"), "") == []
