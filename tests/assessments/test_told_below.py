"""What a level works on, proposes and leaves to whom is its own until it has decided: what the levels below read of it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.claims import claim_assessment
from apps.assessments.domain import return_assessment
from apps.assessments.models import Assessment, SecondApproval
from apps.campaigns.domain import set_second_approval
from apps.campaigns.models import Campaign
from apps.standards.scoring import Answer, Deduction
from tests.assessments.reviewing import seen, state, url, verdict
from tests.factories import agree

Acting = Callable[[Actor], AbstractContextManager[None]]
ClientOf = Callable[[Actor], Client]
LOST, MORE_LOST = Answer(deductions=(Deduction(rule=2),)), Answer(deductions=(Deduction(rule=1), Deduction(rule=2)))


def pages(client: Client, assessment: Assessment) -> str:
    review = client.get(url("review", assessment) + "?c=5").text
    return review + client.get(reverse("self_assessment", args=[assessment.pk])).text


@pytest.fixture
def returned(submitted: Assessment, district_reviewer: Actor, city_approver: Actor, acting: Acting) -> Assessment:
    """Agreed by 楚雄市 with a verdict on criterion 5, and returned to it by the prefecture."""
    verdict(submitted, district_reviewer, 5, LOST, "首报意见")
    agree(submitted, actor=district_reviewer)
    with acting(city_approver):
        return_assessment(submitted, "请重新核实", {}, actor=city_approver)
    return submitted


@pytest.fixture
def proposed(
    submitted: Assessment,
    chuxiong: Campaign,
    make_actor: Callable[[str, Role], Actor],
    client_of: ClientOf,
    city_approver: Actor,
) -> Assessment:
    """With the prefecture, which has proposed its recognition to a second approver."""
    set_second_approval(chuxiong, True, actor=make_actor("5323", Role.BUREAU_ADMIN), reason="测试")
    agree(submitted)
    entered = {"seen": seen(submitted), "year": 2022, "document_number": "楚〔2022〕9号", "comment": "内部意见"}
    assert client_of(city_approver).post(url("review_recognise", submitted), entered).status_code == 302
    return submitted


def test_read_below_what_was_returned_finds_the_last_decision(
    returned: Assessment,
    client_of: ClientOf,
    street_officer: Actor,
    district_reviewer: Actor,
    city_approver: Actor,
) -> None:
    verdict(returned, district_reviewer, 5, MORE_LOST, "重核意见")
    verdict(returned, district_reviewer, 11, Answer(deductions=(Deduction(rule=1),)), "另有意见")
    assert state(returned) == ("returned", "楚雄市")
    below = pages(client_of(street_officer), returned)
    assert ("首报意见" in below, "重核意见" in below, "另有意见" in below) == (True, False, False)
    page = client_of(street_officer).get(url("review", returned) + "?c=5")
    assert [cell.points for cell in page.context["row"].cells] == [6, 4]
    for actor in (district_reviewer, city_approver):
        assert "重核意见" in client_of(actor).get(url("review", returned) + "?c=5").text


def test_read_below_a_verdict_taken_back_still_stands(
    returned: Assessment, client_of: ClientOf, street_officer: Actor, district_reviewer: Actor
) -> None:
    verdict(returned, district_reviewer, 5, Answer(deductions=()), "")
    assert not returned.results.filter(level="district").exists()
    assert "首报意见" in pages(client_of(street_officer), returned)


def test_read_below_a_proposal_is_nowhere(
    proposed: Assessment, client_of: ClientOf, street_officer: Actor, district_reviewer: Actor, city_approver: Actor
) -> None:
    told = "楚〔2022〕9号", "内部意见", "复核", "拟认定", "提请"
    for actor in (street_officer, district_reviewer):
        below = pages(client_of(actor), proposed)
        assert [one for one in told if one in below] == []
        late = client_of(actor).post(url("review_agree", proposed), {"seen": seen(proposed)})
        assert [one for one in told if one in late.text] == []
    assert "内部意见" in client_of(city_approver).get(url("review", proposed)).text


def test_read_below_a_proposal_is_nowhere_after_it_was_declined_and_confirmed(
    proposed: Assessment, client_of: ClientOf, street_officer: Actor, city_approver: Actor
) -> None:
    user = User.objects.create(username="second", display_name="李复核", jurisdiction=city_approver.jurisdiction)
    second = client_of(Actor(user, grant_membership(user, city_approver.jurisdiction, Role.APPROVER)))
    proposal = SecondApproval.objects.get()
    second.post(reverse("second_approval_decline", args=[proposal.pk]), {"reason": "文号写反"})
    assert "文号写反" in second.get(url("review", proposed)).text
    below = pages(client_of(street_officer), proposed)
    assert ("文号写反" in below, "复核不同意" in below) == (False, False)
    client_of(city_approver).post(url("review_recognise", proposed), {"seen": seen(proposed), "year": 2022})
    second.post(reverse("second_approval_confirm", args=[SecondApproval.objects.latest("pk").pk]), {})
    below = pages(client_of(street_officer), proposed)
    assert ("已认定" in below, "拟认定" in below, "文号写反" in below) == (True, False, False)


def test_read_below_names_the_unit_that_has_it_only(
    submitted: Assessment,
    client_of: ClientOf,
    district_reviewer: Actor,
    city_approver: Actor,
    acting: Acting,
) -> None:
    agree(submitted)
    with acting(city_approver):
        claim_assessment(submitted, actor=city_approver)
    name = city_approver.user.display_name
    assert f"承办：{name}" in client_of(city_approver).get(url("review", submitted)).text
    client = client_of(district_reviewer)
    queue = client.get(reverse("review_queue") + "?tab=above").text
    assert ("楚雄彝族自治州" in queue, "龙江社区" in queue, name in queue) == (True, True, False)
    assert name not in client.get(url("review", submitted)).text
