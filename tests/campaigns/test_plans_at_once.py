"""Two people at one annual plan, or at one target, at the same moment, on two connections with committed rows."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from pytest_django import DjangoDbBlocker

from apps.accounts.acting import acting
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.campaigns.annual_plans import accept_plan, return_plan, submit_plan, version_of, withdraw_plan
from apps.campaigns.distributing import Way, distribute_target, division_of
from apps.campaigns.domain import enrol_communities
from apps.campaigns.models import AnnualPlan, Campaign, Participation, Target
from apps.campaigns.targets import set_target
from apps.communities.models import Community
from tests.assessments.test_domain_at_once import history_taken_back
from tests.campaigns.test_campaigns_at_once import at_once
from tests.factories import made_up


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the transaction that every other test is rolled back with: what is written here is committed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def planner(db: None) -> Iterator[Actor]:
    """楚雄市's clerk; what is made here is deleted afterwards, with the people."""
    with history_taken_back():
        people = set(User.objects.values_list("pk", flat=True))
        targets = set(Target.objects.values_list("pk", flat=True))
        yield made_up("532301", Role.STAFF)
        AnnualPlan.objects.all().delete()
        Participation.objects.all().delete()
        Target.objects.exclude(pk__in=targets).delete()
        User.objects.exclude(pk__in=people).delete()


@pytest.fixture
def campaign(db: None) -> Campaign:
    return Campaign.objects.select_related("jurisdiction", "standard").get(code="chuxiong-2021")


def submit(campaign: Campaign, actor: Actor) -> AnnualPlan:
    seen = version_of([])
    return submit_plan(campaign, actor.jurisdiction, 2022, actor=actor, seen=seen, explanation="明年补齐")


def first_community() -> Community:
    return Community.objects.get(code="532301101001")


def test_nothing_slips_into_a_plan_while_it_is_submitted(campaign: Campaign, planner: Actor) -> None:
    said = at_once(
        lambda: submit(campaign, planner),
        planner,
        lambda: enrol_communities(campaign, 2022, [first_community()], actor=planner),
        planner,
    )
    assert "等待上级审核，现在不能改动" in said
    assert not Participation.objects.exists()


def test_a_plan_that_is_being_changed_is_not_submitted_as_it_was(campaign: Campaign, planner: Actor) -> None:
    said = at_once(
        lambda: enrol_communities(campaign, 2022, [first_community()], actor=planner),
        planner,
        lambda: submit(campaign, planner),
        planner,
    )
    assert "又有改动，还没有上报" in said
    assert not AnnualPlan.objects.exists()


def test_a_plan_is_submitted_once_by_two(campaign: Campaign, planner: Actor) -> None:
    other = made_up("532301", Role.APPROVER)
    said = at_once(lambda: submit(campaign, planner), planner, lambda: submit(campaign, other), other)
    assert (said, AnnualPlan.objects.get().round) == ("done", 1)


def test_of_two_who_decide_at_once_the_first_one_does(campaign: Campaign, planner: Actor) -> None:
    with acting(planner):
        plan = submit(campaign, planner)
    approver, clerk = made_up("5323", Role.APPROVER), made_up("5323", Role.STAFF)
    said = at_once(
        lambda: accept_plan(plan, actor=approver, seen=1),
        approver,
        lambda: return_plan(plan, "试点太少", actor=clerk, seen=1),
        clerk,
    )
    # The one who waited reads who it was.
    assert f"由{approver.jurisdiction}{approver.user}同意，不能再办理" in said
    assert AnnualPlan.objects.get().is_accepted


def test_a_plan_that_is_being_withdrawn_is_not_accepted(campaign: Campaign, planner: Actor) -> None:
    with acting(planner):
        plan = submit(campaign, planner)
    approver = made_up("5323", Role.APPROVER)
    said = at_once(
        lambda: withdraw_plan(plan, actor=planner),
        planner,
        lambda: accept_plan(plan, actor=approver, seen=1),
        approver,
    )
    assert "撤回，还没有重新上报" in said
    assert AnnualPlan.objects.get().status == AnnualPlan.Status.DRAFT


def test_a_target_that_is_being_set_makes_the_division_stale(campaign: Campaign, planner: Actor) -> None:
    approver = made_up("5323", Role.APPROVER)
    place, kind = campaign.jurisdiction, Target.Kind.NUMBER
    division = division_of(campaign, place, 2022, place)
    numbers = division.propose(98, Way.BASE)
    said = at_once(
        lambda: set_target(campaign, planner.jurisdiction, 2022, Decimal(25), actor=planner, kind=kind),
        planner,
        lambda: distribute_target(campaign, place, 2022, numbers, whole=98, actor=approver, seen=division.version),
        approver,
    )
    assert "预览以后，下级的底数、认定数或目标有变动" in said
    assert Target.objects.filter(kind="number", year=2022).count() == 1
