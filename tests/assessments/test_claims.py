"""Claiming an assessment for a time: who may act meanwhile, how it ends, who it moves to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments import domain
from apps.assessments.claims import claim_assessment, claim_next, release_assessment, take_over_claim
from apps.assessments.models import Assessment
from apps.assessments.queue import waiting_at
from apps.assessments.steps import CLAIM_LASTS
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.errors import TransitionError
from apps.core.scope import scope
from apps.people import handover
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.assessments.reviewing import others_of, seen, url
from tests.factories import agree

ClientOf = Callable[[Actor], Client]
MakeActor = Callable[[str, Role], Actor]
NO_SPONGE = Answer(deductions=(Deduction(rule=2),))


def act(actor: Actor, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a verb as ``actor`` does in a request."""
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return verb(*args, actor=actor, **kwargs)


def fifth(assessment: Assessment) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=5)


def claim_of(assessment: Assessment) -> tuple[str | None, bool]:
    """Who works on it, and whether they have claimed it."""
    now = Assessment.objects.with_context().get(pk=assessment.pk)
    name = None if now.assignee is None else now.assignee.display_name
    return name, now.claimed_until is not None and now.claimed_until > clock.now()


@pytest.fixture
def colleague(district_reviewer: Actor) -> Actor:
    """Another clerk of 楚雄市."""
    user = User.objects.create(username="colleague", display_name="王同事", jurisdiction=district_reviewer.jurisdiction)
    return Actor(user, grant_membership(user, district_reviewer.jurisdiction, Role.STAFF))


def test_claim_keeps_colleagues_from_every_act(
    submitted: Assessment, district_reviewer: Actor, colleague: Actor
) -> None:
    act(district_reviewer, claim_assessment, submitted)
    attempts: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (claim_assessment, ()),
        (release_assessment, ()),
        (domain.save_result, (fifth(submitted), NO_SPONGE)),
        (domain.return_assessment, ("请核实",)),
        (domain.agree_assessment, ()),
    ]
    for verb, args in attempts:
        with pytest.raises(TransitionError, match="测试经办人532301 领办（最近操作 .*），至 .*可请其释放，或到时再办"):
            act(colleague, verb, submitted, *args)
    assert claim_of(submitted) == ("测试经办人532301", True)
    assert submitted.actions.count() == 2


def test_claim_ends_by_itself_and_never_blocks_then(
    submitted: Assessment, district_reviewer: Actor, colleague: Actor
) -> None:
    act(district_reviewer, claim_assessment, submitted)
    with clock.stopped_at(clock.now() + CLAIM_LASTS - timedelta(minutes=1)), pytest.raises(TransitionError):
        act(colleague, domain.agree_assessment, submitted)
    with clock.stopped_at(clock.now() + CLAIM_LASTS + timedelta(minutes=1)):
        act(colleague, claim_assessment, submitted)
        assert claim_of(submitted) == ("王同事", True)


def test_verdict_claims_and_each_act_lets_the_time_begin_anew(
    submitted: Assessment, district_reviewer: Actor, colleague: Actor
) -> None:
    act(district_reviewer, domain.save_result, submitted, fifth(submitted), NO_SPONGE, note="未见")
    assert claim_of(submitted) == ("测试经办人532301", True)
    begun = clock.now()
    with clock.stopped_at(begun + timedelta(minutes=90)):
        act(district_reviewer, domain.save_result, submitted, fifth(submitted), Answer(deductions=()))
    with clock.stopped_at(begun + timedelta(minutes=200)), pytest.raises(TransitionError, match="领办"):
        act(colleague, domain.agree_assessment, submitted)
    with clock.stopped_at(begun + timedelta(minutes=212)):
        act(colleague, domain.agree_assessment, submitted)


def test_release_lets_a_colleague_go_on_and_is_safe_to_repeat(
    submitted: Assessment, district_reviewer: Actor, colleague: Actor
) -> None:
    act(district_reviewer, claim_assessment, submitted)
    for _ in range(2):
        act(district_reviewer, release_assessment, submitted)
        assert claim_of(submitted) == (None, False)
    act(colleague, domain.agree_assessment, submitted)
    assert Assessment.objects.get(pk=submitted.pk).claimed_until is None


def test_approver_takes_a_colleagues_claim_over(
    submitted: Assessment, district_reviewer: Actor, colleague: Actor, make_actor: MakeActor, client_of: ClientOf
) -> None:
    act(colleague, claim_assessment, submitted)
    approver = make_actor("532301", Role.APPROVER)
    assert 'name="from_colleague"' not in client_of(district_reviewer).get(url("review", submitted)).text
    with pytest.raises(PermissionDenied):
        act(district_reviewer, take_over_claim, submitted)
    page = client_of(approver).get(url("review", submitted))
    assert (page.context["can_review"], 'name="from_colleague"' in page.text) == (False, True)
    client_of(approver).post(url("review_claim", submitted), {"from_colleague": "1"})
    assert claim_of(submitted) == (str(approver.user), True)
    with pytest.raises(TransitionError, match="本级审批人可以接手"):
        act(colleague, domain.agree_assessment, submitted)
    act(approver, take_over_claim, submitted)
    act(approver, domain.agree_assessment, submitted)
    with pytest.raises(TransitionError, match="现在由楚雄彝族自治州办理"):
        act(approver, take_over_claim, submitted)


def test_claim_by_others_is_refused(
    submitted: Assessment, city_approver: Actor, street_officer: Actor, make_actor: MakeActor, stranger: Actor
) -> None:
    for actor, refusal in [
        (city_approver, TransitionError),
        (street_officer, PermissionDenied),
        (make_actor("532301", Role.VIEWER), PermissionDenied),
        (stranger, Assessment.DoesNotExist),
    ]:
        with pytest.raises(refusal):
            act(actor, claim_assessment, submitted)
        with pytest.raises(refusal):
            act(actor, release_assessment, submitted)


def test_claim_of_own_work_is_refused(submitted: Assessment, street_officer: Actor, district_reviewer: Actor) -> None:
    both = Actor(street_officer.user, grant_membership(street_officer.user, district_reviewer.jurisdiction, Role.STAFF))
    with pytest.raises(PermissionDenied, match="须由其他人审核"):
        act(both, claim_assessment, submitted)


def test_hand_over_moves_the_claim(
    submitted: Assessment, district_reviewer: Actor, colleague: Actor, make_actor: MakeActor
) -> None:
    act(district_reviewer, claim_assessment, submitted)
    administrator = make_actor("532301", Role.BUREAU_ADMIN)
    act(administrator, handover.hand_over, district_reviewer.membership, colleague.user)
    assert claim_of(submitted) == ("王同事", True)
    with pytest.raises(TransitionError, match="王同事 领办"):
        act(district_reviewer, domain.agree_assessment, submitted)
    act(colleague, domain.agree_assessment, submitted)


def test_claim_next_takes_the_oldest_that_nobody_has(
    submitted: Assessment, district_reviewer: Actor, colleague: Actor, chuxiong: Campaign
) -> None:
    second = others_of(1, chuxiong)[0]

    def next_for(actor: Actor) -> int | None:
        with scope(actor.jurisdiction.path, user_id=actor.user.pk):
            found = claim_next(waiting_at(actor.jurisdiction), actor=actor)
        return None if found is None else found.pk

    assert [next_for(one) for one in (district_reviewer, colleague)] == [submitted.pk, second.pk]
    # The second of two presses.
    assert next_for(colleague) == second.pk
    with clock.stopped_at(clock.now() + timedelta(seconds=10)):
        assert next_for(colleague) is None


def test_claim_and_release_on_the_pages(
    at_district: Client, client_of: ClientOf, colleague: Actor, submitted: Assessment
) -> None:
    at_district.post(url("review_claim", submitted))
    mine, theirs = at_district.get(url("review", submitted)), client_of(colleague).get(url("review", submitted))
    assert (mine.context["can_review"], mine.context["is_claimed"]) == (True, True)
    assert "释放" in mine.text
    assert (theirs.context["can_review"], theirs.context["others_claim"]) == (False, True)
    assert "测试经办人532301 已领办，至" in theirs.text
    refused = client_of(colleague).post(url("review_agree", submitted), {"seen": seen(submitted), "comment": "属实"})
    assert refused.status_code == 409
    assert "测试经办人532301 领办" in refused.text
    assert "您刚才填写的意见没有送出：属实" in refused.text
    assert client_of(colleague).post(url("review_claim", submitted)).status_code == 409
    at_district.post(url("review_release", submitted))
    assert client_of(colleague).get(url("review", submitted)).context["can_review"] is True


def test_claim_next_on_the_page_keeps_the_filters(
    at_district: Client, submitted: Assessment, chuxiong: Campaign
) -> None:
    second = others_of(1, chuxiong)[0]
    name = second.participation.community.name
    at_district.get(reverse("review_queue") + f"?q={name}")
    assert at_district.post(reverse("review_claim_next")).headers["Location"] == url("review", second)
    with clock.stopped_at(clock.now() + timedelta(seconds=10)):
        nothing = at_district.post(reverse("review_claim_next"), follow=True)
    assert "没有可以领办的了" in nothing.text
    assert nothing.request["QUERY_STRING"].startswith("q=")


def test_following_passes_over_what_colleagues_have_claimed(
    at_district: Client, colleague: Actor, submitted: Assessment, chuxiong: Campaign
) -> None:
    second, third = others_of(2, chuxiong)
    act(colleague, claim_assessment, second)
    assert at_district.get(url("review", submitted)).context["position"].following == third.pk
    done = at_district.post(url("review_agree", submitted), {"seen": seen(submitted)})
    assert done.headers["Location"] == url("review", third)
    last = at_district.post(url("review_agree", third), {"seen": seen(third)})
    assert last.headers["Location"] == reverse("review_queue")


def test_propose_ends_the_claim_for_the_second_approver(submitted: Assessment, city_approver: Actor) -> None:
    waiting = agree(submitted)
    act(city_approver, claim_assessment, waiting)
    act(city_approver, domain.recognise_assessment, waiting, year=2022)
    assert Assessment.objects.get(pk=waiting.pk).claimed_until is None


def test_agreeing_on_one_criterion_claims_and_goes_to_the_next(at_district: Client, submitted: Assessment) -> None:
    posted = {"agree": "next", "onward": "6", "seen": "0"}
    done = at_district.post(url("review_verdict", submitted, 5), posted)
    assert done.headers["Location"] == url("review", submitted) + "?c=6"
    assert claim_of(submitted) == ("测试经办人532301", True)


def test_noting_a_criterion_for_a_return_claims(
    at_district: Client, client_of: ClientOf, colleague: Actor, submitted: Assessment
) -> None:
    at_district.post(url("review_pick", submitted, 5), {"reason": "缺验收单"})
    assert claim_of(submitted) == ("测试经办人532301", True)
    refused = client_of(colleague).post(url("review_pick", submitted, 5), {"reason": "不清"})
    assert refused.status_code == 409


def test_claim_and_release_keep_the_criterion_in_view(at_district: Client, submitted: Assessment) -> None:
    page = at_district.get(reverse("review", args=[submitted.pk]) + "?c=5")
    assert '<input type="hidden" name="c" value="5">' in page.text
    for name in ("review_claim", "review_release"):
        answer = at_district.post(reverse(name, args=[submitted.pk]), {"c": "5"})
        assert answer.headers["Location"] == reverse("review", args=[submitted.pk]) + "?c=5"
