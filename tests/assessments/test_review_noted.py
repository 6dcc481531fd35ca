"""What was noted for a return is not lost when something else is decided; what a proposal held is there for the next one."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.claims import release_assessment
from apps.assessments.models import Assessment, ReturnNote, ReviewAction, SecondApproval
from apps.campaigns.domain import set_second_approval
from apps.campaigns.models import Campaign
from apps.core.scope import scope
from tests.assessments.reviewing import seen, state, url
from tests.factories import agree, person_at, recognise

ClientOf = Callable[[Actor], Client]
MakeActor = Callable[[str, Role], Actor]


@pytest.fixture
def second_approver(city_approver: Actor) -> Actor:
    user = User.objects.create(username="second", display_name="李复核", jurisdiction=city_approver.jurisdiction)
    return Actor(user, grant_membership(user, city_approver.jurisdiction, Role.APPROVER))


@pytest.fixture
def strict(chuxiong: Campaign, make_actor: MakeActor) -> Campaign:
    administrator = make_actor("5323", Role.BUREAU_ADMIN)
    with scope(administrator.jurisdiction.path, user_id=administrator.user.pk):
        set_second_approval(chuxiong, True, actor=administrator, reason="测试")
    return chuxiong


def test_agree_with_something_noted_asks_and_keeps_it(at_district: Client, submitted: Assessment) -> None:
    at_district.post(url("review_pick", submitted, 5), {"reason": "缺验收单"})
    assert "还有 1 条记入退回" in at_district.get(url("review", submitted)).text
    entered = {"seen": seen(submitted), "comment": "情况属实"}
    refused = at_district.post(url("review_agree", submitted), entered)
    assert refused.status_code == 422
    assert "还有 1 条记入退回（第 5 条），没有退回" in refused.text
    assert "情况属实" in refused.text
    assert at_district.get(url("review", submitted)).context["picked"] == {5: "缺验收单"}
    at_district.post(url("review_agree", submitted), entered | {"despite_noted": "1"})
    assert state(submitted)[1] == "楚雄彝族自治州"
    said = ReviewAction.objects.get(assessment=submitted, kind="agree").comment
    assert said == "情况属实\n记入退回而未退回的条目：第 5 条：缺验收单"


def test_noted_is_there_on_another_device_and_for_colleagues(
    at_district: Client, client_of: ClientOf, submitted: Assessment, district_reviewer: Actor
) -> None:
    at_district.post(url("review_pick", submitted, 5), {"reason": "缺验收单"})
    at_district.post(url("review_pick", submitted, 8), {"reason": "照片不清"})
    at_district.post(url("review_pick", submitted, 5), {"reason": "缺验收单和照片"})
    at_district.logout()
    assert client_of(district_reviewer).get(url("review", submitted)).context["picked"] == {
        5: "缺验收单和照片",
        8: "照片不清",
    }
    colleague = client_of(person_at(district_reviewer.jurisdiction, Role.APPROVER))
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        release_assessment(submitted, actor=district_reviewer)
    page = " ".join(colleague.get(url("review", submitted) + "?c=5").text.split())
    assert f"缺验收单和照片（{district_reviewer.user}记入）" in page
    entered = {"seen": seen(submitted), "comment": "情况属实"}
    assert colleague.post(url("review_agree", submitted), entered).status_code == 422
    single = {"scope": "single", "criterion": ["5"], "reason_5": "缺验收单", "seen": seen(submitted)}
    colleague.post(url("review_return", submitted), single)
    assert (state(submitted), ReturnNote.objects.count()) == (("returned", "鹿城镇"), 0)


def test_note_by_who_does_not_have_it_is_refused(
    client_of: ClientOf, submitted: Assessment, city_approver: Actor, street_officer: Actor
) -> None:
    assert client_of(city_approver).post(url("review_pick", submitted, 5), {"reason": "缺"}).status_code == 409
    assert client_of(street_officer).post(url("review_pick", submitted, 5), {"reason": "缺"}).status_code == 403
    assert not ReturnNote.objects.exists()


def test_recognise_with_something_noted_asks(client_of: ClientOf, city_approver: Actor, submitted: Assessment) -> None:
    agree(submitted)
    client = client_of(city_approver)
    client.post(url("review_pick", submitted, 8), {"reason": "照片不清"})
    refused = client.post(url("review_recognise", submitted), {"seen": seen(submitted), "year": "2022"})
    assert (refused.status_code, state(submitted)[0]) == (422, "in_review")


@pytest.mark.parametrize("ended", ["second_approval_withdraw", "second_approval_decline"])
def test_recognise_again_finds_what_was_proposed(
    ended: str,
    strict: Campaign,
    client_of: ClientOf,
    city_approver: Actor,
    second_approver: Actor,
    submitted: Assessment,
) -> None:
    agree(submitted)
    client = client_of(city_approver)
    entered = {"seen": seen(submitted), "year": "2022", "document_number": "楚〔2022〕9号", "comment": "材料齐全"}
    client.post(url("review_recognise", submitted), entered)
    proposal = SecondApproval.objects.get()
    decider = client if ended == "second_approval_withdraw" else client_of(second_approver)
    decider.post(reverse(ended, args=[proposal.pk]), {"reason": "文号不对"})
    form = client.get(url("review", submitted)).context["recognise_form"]
    assert (form["year"].value(), form["document_number"].value(), form["comment"].value()) == (
        2022,
        "楚〔2022〕9号",
        "材料齐全",
    )


def test_revoke_without_a_reason_says_so_once(client_of: ClientOf, city_approver: Actor, submitted: Assessment) -> None:
    agree(submitted)
    recognise(submitted)
    refused = client_of(city_approver).post(url("review_revoke", submitted), {"reason": " "})
    assert refused.status_code == 422
    assert refused.text.count("请填写摘牌理由") == 1


def test_proposed_is_only_looked_at_by_who_cannot_decide(
    strict: Campaign,
    client_of: ClientOf,
    make_actor: MakeActor,
    city_approver: Actor,
    second_approver: Actor,
    submitted: Assessment,
) -> None:
    agree(submitted)
    client_of(city_approver).post(url("review_recognise", submitted), {"seen": seen(submitted), "year": "2022"})
    for actor, button in [(make_actor("5323", Role.STAFF), "查看"), (second_approver, "复核")]:
        page = client_of(actor).get(reverse("review_queue") + "?tab=proposed").text
        assert f'aria-label="{button} 龙江社区"' in page
    page = client_of(second_approver).get(url("review", submitted)).text
    assert f'href="{reverse("review_queue")}?tab=proposed"' in page
