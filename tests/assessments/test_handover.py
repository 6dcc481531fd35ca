"""Who works on an assessment (承办人), and what a person hands over."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.domain import end_membership, grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments import domain
from apps.assessments import second_approval as second
from apps.assessments.handover import DUTIES
from apps.assessments.models import Assessment
from apps.assessments.steps import CLAIM_LASTS
from apps.campaigns.domain import set_second_approval
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.core.scope import scope
from apps.people import handover
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.factories import agree, enrol, fill_in, submitted_community

FindCommunity = Callable[[str], Community]
MakeActor = Callable[[str, Role], Actor]
NO_SPONGE = Answer(deductions=(Deduction(rule=2),))


def act(actor: Actor, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return verb(*args, actor=actor, **kwargs)


def colleague_of(actor: Actor, role: Role, name: str = "colleague") -> Actor:
    user = User.objects.create(username=name, display_name=f"同事{name}", jurisdiction=actor.jurisdiction)
    return Actor(user, grant_membership(user, actor.jurisdiction, role))


def assignee(assessment: Assessment) -> User | None:
    return Assessment.objects.select_related("assignee").get(pk=assessment.pk).assignee


def todos(actor: Actor) -> dict[str, int]:
    return {one.label: one.count for one in DUTIES.open_todos(actor.membership)}


def fifth(assessment: Assessment) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=5)


@pytest.fixture
def administrator(make_actor: MakeActor) -> Actor:
    return make_actor("5323", Role.BUREAU_ADMIN)


def test_assignee_is_the_opener_then_nobody_then_whoever_judges_first(
    drafted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    assert assignee(drafted) == street_officer.user
    act(street_officer, domain.submit_assessment, drafted)
    assert assignee(drafted) is None
    act(district_reviewer, domain.save_result, drafted, fifth(drafted), NO_SPONGE, note="未见")
    assert assignee(drafted) == district_reviewer.user
    colleague = colleague_of(district_reviewer, Role.STAFF)
    # While the claim that came with the verdict stands, a colleague does not judge; once it is over, whoever judges takes over.
    with pytest.raises(TransitionError, match=f"由 {district_reviewer.user} 领办"):
        act(colleague, domain.save_result, drafted, fifth(drafted), Answer(deductions=()))
    assert assignee(drafted) == district_reviewer.user
    with clock.stopped_at(clock.now() + CLAIM_LASTS + timedelta(minutes=1)):
        act(colleague, domain.save_result, drafted, fifth(drafted), Answer(deductions=()))
    assert assignee(drafted) == colleague.user
    act(colleague, domain.agree_assessment, drafted)
    assert assignee(drafted) is None


def test_return_goes_back_to_whoever_acted_there_last(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, city_approver: Actor
) -> None:
    agree(submitted, actor=district_reviewer)
    act(city_approver, domain.return_assessment, submitted, "请核实")
    assert assignee(submitted) == district_reviewer.user
    act(district_reviewer, domain.return_assessment, submitted, "请补充")
    assert assignee(submitted) == street_officer.user


@pytest.mark.parametrize("leaves", ["suspended", "moved", "other role"])
def test_return_to_whom_has_left_goes_to_nobody(
    leaves: str, submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    if leaves == "suspended":
        User.objects.filter(pk=street_officer.user.pk).update(is_active=False)
    else:
        end_membership(street_officer.membership)
    if leaves == "other role":
        grant_membership(street_officer.user, street_officer.jurisdiction, Role.VIEWER)
    act(district_reviewer, domain.return_assessment, submitted, "请补充")
    assert assignee(submitted) is None


def test_the_room_is_registered(drafted: Assessment, street_officer: Actor) -> None:
    assert [(str(one), one.verbs) for one in handover.open_todos(street_officer.membership)] == [
        ("待填报、修改的自评 1 件", frozenset({"self_assess"}))
    ]


def test_open_todos_of_the_only_officer_count_what_is_nobodys(
    drafted: Assessment, street_officer: Actor, chuxiong: Campaign, community: FindCommunity
) -> None:
    enrol(community("532301101001"), chuxiong, 2022)
    unassigned = fill_in(enrol(community("532301101003"), chuxiong, 2022), actor=street_officer)
    Assessment.objects.filter(pk=unassigned.pk).update(assignee=None)
    assert todos(street_officer) == {"待填报、修改的自评": 2, "尚未开始的自评": 1}
    colleague = colleague_of(street_officer, Role.STREET_OFFICER)
    assert (todos(street_officer), todos(colleague)) == ({"待填报、修改的自评": 1}, {})
    User.objects.filter(pk=colleague.user.pk).update(is_active=False)
    assert todos(street_officer) == {"待填报、修改的自评": 2, "尚未开始的自评": 1}


def test_open_todos_of_a_reviewer(submitted: Assessment, district_reviewer: Actor, city_approver: Actor) -> None:
    assert todos(district_reviewer) == {}
    # Who planned the community works there too.
    planner = User.objects.get(username__startswith="staff-")
    User.objects.filter(pk=planner.pk).update(is_active=False)
    assert todos(district_reviewer) == {"待审核的自评": 1}
    User.objects.filter(pk=planner.pk).update(is_active=True)
    act(district_reviewer, domain.save_result, submitted, fifth(submitted), NO_SPONGE, note="未见")
    assert todos(district_reviewer) == {"待审核的自评": 1}
    viewer = grant_membership(district_reviewer.user, district_reviewer.jurisdiction, Role.VIEWER)
    assert DUTIES.open_todos(viewer) == []
    agree(submitted, actor=district_reviewer)
    assert (todos(district_reviewer), todos(city_approver)) == ({}, {"待审核的自评": 1})


def test_hand_over_makes_the_successor_the_assignee(
    drafted: Assessment, street_officer: Actor, administrator: Actor, chuxiong: Campaign, community: FindCommunity
) -> None:
    enrol(community("532301101001"), chuxiong, 2022)
    successor = colleague_of(street_officer, Role.STREET_OFFICER)
    assert act(administrator, DUTIES.hand_over, street_officer.membership, successor.user) == 1
    assert assignee(drafted) == successor.user
    assert (todos(street_officer), todos(successor)) == ({}, {"待填报、修改的自评": 1})
    kept = Assessment.pgh_event_model.objects.filter(pgh_obj_id=drafted.pk)  # type: ignore[attr-defined]
    assert kept.order_by("pgh_id").last().assignee_id == successor.user.pk


def test_hand_over_to_whom_may_not_do_it_is_refused(
    drafted: Assessment, street_officer: Actor, district_reviewer: Actor, administrator: Actor
) -> None:
    viewer = colleague_of(street_officer, Role.VIEWER, "viewer")
    for successor in (viewer, district_reviewer):
        with pytest.raises(InvalidInput, match="在鹿城镇没有办理“待填报、修改的自评”的权限"):
            act(administrator, DUTIES.hand_over, street_officer.membership, successor.user)
    assert assignee(drafted) == street_officer.user


def test_hand_over_to_who_submitted_is_refused(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, administrator: Actor
) -> None:
    act(district_reviewer, domain.save_result, submitted, fifth(submitted), NO_SPONGE, note="未见")
    grant_membership(street_officer.user, district_reviewer.jurisdiction, Role.STAFF)
    with pytest.raises(InvalidInput, match="龙江社区的自评由测试街道经办532301101填报或提交，不能由其审核"):
        act(administrator, DUTIES.hand_over, district_reviewer.membership, street_officer.user)
    assert assignee(submitted) == district_reviewer.user


def test_hand_over_leaves_what_was_passed_on(
    submitted: Assessment, district_reviewer: Actor, administrator: Actor, chuxiong: Campaign, community: FindCommunity
) -> None:
    other = submitted_community(community("532301101001"), chuxiong, 2022)
    for one in (submitted, other):
        act(district_reviewer, domain.save_result, one, fifth(one), NO_SPONGE, note="未见")
    agree(other, actor=district_reviewer)
    successor = colleague_of(district_reviewer, Role.STAFF)
    assert act(administrator, DUTIES.hand_over, district_reviewer.membership, successor.user) == 1
    assert (assignee(submitted), assignee(other)) == (successor.user, None)


def test_hand_over_of_a_proposal_lets_the_successor_withdraw_or_confirm(
    submitted: Assessment, city_approver: Actor, administrator: Actor, chuxiong: Campaign
) -> None:
    act(administrator, set_second_approval, chuxiong, True, reason="测试")
    agree(submitted)
    proposal = act(city_approver, domain.recognise_assessment, submitted, year=2022)
    assert todos(city_approver) == {"已提请、等待复核的事项": 1}
    successor = colleague_of(city_approver, Role.APPROVER)
    assert act(administrator, DUTIES.hand_over, city_approver.membership, successor.user) == 1
    assert (todos(city_approver), todos(successor)) == ({}, {"已提请、等待复核的事项": 1})
    act(successor, second.withdraw_second_approval, proposal)
    again = act(successor, domain.recognise_assessment, submitted, year=2022)
    assert again.proposed_by == successor.user


def test_hand_over_of_the_only_second_approver_needs_a_third_person(
    submitted: Assessment, city_approver: Actor, administrator: Actor, chuxiong: Campaign
) -> None:
    act(administrator, set_second_approval, chuxiong, True, reason="测试")
    agree(submitted)
    act(city_approver, domain.recognise_assessment, submitted, year=2022)
    leaving = colleague_of(city_approver, Role.APPROVER, "leaving")
    assert todos(leaving) == {"待复核的认定、摘牌": 1}
    with pytest.raises(InvalidInput, match="待复核的事项由测试审批人5323提出，不能由其本人复核"):
        act(administrator, DUTIES.hand_over, leaving.membership, city_approver.user)
    third = colleague_of(city_approver, Role.APPROVER, "third")
    assert todos(leaving) == {}
    assert act(administrator, DUTIES.hand_over, leaving.membership, third.user) == 0
