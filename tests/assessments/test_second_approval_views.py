"""The pages of the second approver and of 摘牌: what each person sees, presses and is told."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.acting import acting
from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.domain import save_result
from apps.assessments.models import Assessment, SecondApproval
from apps.assessments.queue import lines_of as lines_of_queue
from apps.assessments.queue import number_waiting_for
from apps.campaigns.domain import set_second_approval
from apps.campaigns.editing import change_chain
from apps.campaigns.models import Campaign, Recognition
from apps.campaigns.telling import version_of
from apps.core import clock
from apps.core.scope import scope
from apps.dashboard.todos import todos_of
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.assessments.reviewing import others_of, seen, url
from tests.factories import agree, person_at, recognise

ClientOf = Callable[[Actor], Client]
MakeActor = Callable[[str, Role], Actor]


@pytest.fixture
def second_approver(city_approver: Actor) -> Actor:
    user = User.objects.create(username="second", display_name="李复核", jurisdiction=city_approver.jurisdiction)
    return Actor(user, grant_membership(user, city_approver.jurisdiction, Role.APPROVER))


@pytest.fixture
def waiting(submitted: Assessment, chuxiong: Campaign, make_actor: MakeActor) -> Assessment:
    """With 楚雄州, under a campaign that wants a second approver."""
    set_second_approval(chuxiong, True, actor=make_actor("5323", Role.BUREAU_ADMIN), reason="测试")
    return agree(submitted)


def propose(client: Client, assessment: Assessment) -> SecondApproval:
    page = client.get(url("review", assessment)).content.decode()
    assert "本行动规定认定须第二人复核" in page
    answer = client.post(
        url("review_recognise", assessment),
        {"seen": seen(assessment), "year": 2022, "document_number": "楚〔2022〕9号"},
    )
    assert answer.status_code == 302
    return SecondApproval.objects.get(outcome="open")


def decide(name: str, proposal: SecondApproval) -> str:
    return reverse(f"second_approval_{name}", args=[proposal.pk])


def text_of(client: Client, address: str) -> str:
    return client.get(address, follow=True).content.decode()


def badge_of(client: Client) -> int | None:
    groups = client.get(reverse("desk")).context["navigation"]
    return next(item["badge"] for group in groups for item in group["items"] if item["label"] == "审核")


def lines_of(actor: Actor, campaign: Campaign) -> list[tuple[str, str, str]]:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return [(one.kind, one.note, one.action) for one in todos_of(actor) if "复核" in one.kind]


def test_propose_and_confirm_on_the_pages(
    waiting: Assessment, client_of: ClientOf, city_approver: Actor, second_approver: Actor
) -> None:
    first, second = client_of(city_approver), client_of(second_approver)
    proposal = propose(first, waiting)
    own_page = text_of(first, url("review", waiting))
    assert "认定待复核" in own_page
    assert 'id="recognise"' not in own_page
    assert decide("withdraw", proposal) in own_page
    assert decide("confirm", proposal) not in own_page
    page = text_of(second, url("review", waiting))
    assert "楚雄彝族自治州 测试审批人5323" in page
    assert "楚〔2022〕9号" in page
    assert decide("confirm", proposal) in page
    assert decide("withdraw", proposal) not in page
    done = second.post(decide("confirm", proposal), {"comment": "属实"}, follow=True)
    assert "已同意，龙江社区已认定为 2022 年度绿色社区。" in done.content.decode()
    assert Recognition.objects.get().recognised_by == second_approver.user
    again = second.post(decide("confirm", proposal), follow=True)
    assert (again.status_code, Recognition.objects.count()) == (200, 1)
    assert "由 李复核 复核（已同意），不能再办理" in again.content.decode()


def test_proposer_cannot_confirm_on_the_pages(waiting: Assessment, client_of: ClientOf, city_approver: Actor) -> None:
    first = client_of(city_approver)
    proposal = propose(first, waiting)
    assert first.post(decide("confirm", proposal)).status_code == 403
    assert first.post(decide("decline", proposal), {"reason": "不行"}).status_code == 403
    assert "目前没有其他审批人可以复核，请单位管理员增加一位审批人" in text_of(first, url("review", waiting))


def test_decline_on_the_pages_needs_its_reason(
    waiting: Assessment, client_of: ClientOf, city_approver: Actor, second_approver: Actor
) -> None:
    second = client_of(second_approver)
    proposal = propose(client_of(city_approver), waiting)
    refused = second.post(decide("decline", proposal), {"reason": " "})
    assert refused.status_code == 422
    assert "请填写不同意的理由。" in refused.content.decode()
    assert "data-dialog-now" in refused.content.decode()
    too_long = second.post(decide("decline", proposal), {"reason": "不" * 1001})
    assert "填写的内容有 1001 字，请压缩到 1000 字以内。" in too_long.content.decode()
    done = second.post(decide("decline", proposal), {"reason": "文号不对"}, follow=True)
    assert "已答复测试审批人5323：不同意认定。" in done.content.decode()
    assert done.redirect_chain == [(reverse("review_queue") + "?tab=proposed", 302)]
    assert 'id="recognise"' in text_of(second, url("review", waiting))


def test_decline_comes_back_to_who_proposed(
    waiting: Assessment, client_of: ClientOf, city_approver: Actor, second_approver: Actor, chuxiong: Campaign
) -> None:
    first, second = client_of(city_approver), client_of(second_approver)
    assert "提请复核，下一件" not in (page := text_of(first, url("review", waiting)))
    assert re.search(r'data-dialog-open="recognise"[^>]*>\s*提请复核', page)
    second.post(decide("decline", propose(first, waiting)), {"reason": "文号不对"})
    with scope(city_approver.jurisdiction.path, user_id=city_approver.user.pk):
        assert [(one.kind, one.note, one.action) for one in todos_of(city_approver)] == [
            ("复核未同意", "李复核未同意认定：文号不对", "处理")
        ]
    assert lines_of(second_approver, chuxiong) == []
    page = text_of(first, url("review", waiting))
    assert "复核未同意认定。" in page
    assert "理由：文号不对" in page
    propose(first, waiting)
    assert lines_of(city_approver, chuxiong) == [("等待复核", "您今天提请认定，等待另一位审批人", "查看")]
    assert "复核未同意" not in text_of(first, url("review", waiting)).split("办理记录")[0]


def test_decline_of_a_revocation_comes_back_for_a_month(
    waiting: Assessment, client_of: ClientOf, city_approver: Actor, second_approver: Actor, chuxiong: Campaign
) -> None:
    first, second = client_of(city_approver), client_of(second_approver)
    second.post(decide("confirm", propose(first, waiting)))
    first.post(url("review_revoke", waiting), {"reason": "弄虚作假"})
    proposal = SecondApproval.objects.get(outcome="open")
    assert "复核期间不能改意见、退回" not in text_of(second, url("review", waiting))
    second.post(decide("decline", proposal), {"reason": "查无实据"})
    assert lines_of(city_approver, chuxiong) == [("复核未同意", "李复核未同意摘牌：查无实据", "查看")]
    assert "理由：查无实据 认定保持不变。" in " ".join(text_of(first, url("review", waiting)).split())
    with clock.stopped_at(clock.now() + timedelta(days=31)):
        assert lines_of(city_approver, chuxiong) == []


def test_decisions_lead_on_to_the_next_proposal(
    waiting: Assessment, client_of: ClientOf, city_approver: Actor, second_approver: Actor, chuxiong: Campaign
) -> None:
    first, second = client_of(city_approver), client_of(second_approver)
    other = agree(others_of(1, chuxiong)[0])
    proposal = propose(first, waiting)
    first.post(url("review_recognise", other), {"seen": seen(other), "year": 2022})
    done = second.post(decide("confirm", proposal), follow=True)
    assert done.redirect_chain == [(url("review", other), 302)]
    assert "下面是下一件。" in done.content.decode()
    last = second.post(decide("confirm", SecondApproval.objects.get(outcome="open")), follow=True)
    assert last.redirect_chain == [(reverse("review_queue") + "?tab=proposed", 302)]
    assert "待您复核的都已办完。" in last.content.decode()


def test_proposal_of_own_work_is_nobodys_todo_but_others(
    waiting: Assessment, client_of: ClientOf, city_approver: Actor, street_officer: Actor, chuxiong: Campaign
) -> None:
    proposed = propose(client_of(city_approver), waiting)
    moved = Actor(street_officer.user, grant_membership(street_officer.user, city_approver.jurisdiction, Role.APPROVER))
    assert lines_of(moved, chuxiong) == []
    with scope(moved.jurisdiction.path, user_id=moved.user.pk):
        assert number_waiting_for(moved) == 0
        row: Any = lines_of_queue(Assessment.objects.filter(pk=proposed.assessment_id), "proposed", moved).get()
    assert (row.is_own_work, row.is_own_proposal, row.proposed_at) == (True, False, proposed.proposed_at)


def test_withdraw_after_the_decision_says_who_was_faster(
    waiting: Assessment, client_of: ClientOf, city_approver: Actor, second_approver: Actor
) -> None:
    first, second = client_of(city_approver), client_of(second_approver)
    proposal = propose(first, waiting)
    second.post(decide("decline", proposal), {"reason": "文号不对"})
    late = first.post(decide("withdraw", proposal))
    assert late.status_code == 409
    assert "由 李复核 复核（不同意），不能再办理" in late.content.decode()
    proposal = propose(first, waiting)
    assert "认定已撤回，不用再复核。" in first.post(decide("withdraw", proposal), follow=True).content.decode()


def test_desk_and_badge_show_it_to_the_second_approver(
    waiting: Assessment,
    client_of: ClientOf,
    city_approver: Actor,
    second_approver: Actor,
    make_actor: MakeActor,
    chuxiong: Campaign,
) -> None:
    first, second, clerk = (
        client_of(city_approver),
        client_of(second_approver),
        client_of(make_actor("5323", Role.STAFF)),
    )
    assert (badge_of(first), badge_of(second), badge_of(clerk)) == (1, 1, 1)
    propose(first, waiting)
    assert (badge_of(first), badge_of(second), badge_of(clerk)) == (None, 1, None)
    assert lines_of(city_approver, chuxiong) == [("等待复核", "您今天提请认定，等待另一位审批人", "查看")]
    assert lines_of(second_approver, chuxiong) == [("复核", "测试审批人5323今天提请认定", "去复核")]
    assert lines_of(make_actor("5323", Role.STAFF), chuxiong) == []
    queue = second.get(reverse("review_queue") + "?tab=proposed")
    assert [one.pk for one in queue.context["page_obj"]] == [waiting.pk]
    assert {name: count for name, _, count in queue.context["tabs"] if count} == {"proposed": 1}


def test_revoke_on_the_pages(
    submitted: Assessment, client_of: ClientOf, city_approver: Actor, district_reviewer: Actor
) -> None:
    recognise(agree(submitted))
    at_city, at_district = client_of(city_approver), client_of(district_reviewer)
    community = reverse("community_detail", args=[submitted.participation.community_id])
    assert url("review", submitted) + "?revoke" in text_of(at_city, community)
    assert "办理摘牌" not in text_of(at_district, community)
    assert url("review_revoke", submitted) not in text_of(at_district, url("review", submitted))
    opened = text_of(at_city, url("review", submitted) + "?revoke")
    assert "data-dialog-now" in opened
    refused = at_city.post(url("review_revoke", submitted), {"reason": ""})
    assert (refused.status_code, "请填写摘牌理由。" in refused.content.decode()) == (422, True)
    done = at_city.post(url("review_revoke", submitted), {"reason": "弄虚作假"}, follow=True)
    assert "龙江社区已摘牌，不再计入绿色社区" in done.content.decode()
    assert "已摘牌" in text_of(at_city, url("review", submitted))
    assert at_city.post(url("review_revoke", submitted), {"reason": "再摘"}, follow=True).status_code == 200
    history = text_of(at_city, community)
    assert "摘牌（2022 年认定）" in history
    assert "办理摘牌" not in history


def test_revoke_with_a_second_approver_on_the_pages(
    waiting: Assessment, client_of: ClientOf, city_approver: Actor, second_approver: Actor
) -> None:
    first, second = client_of(city_approver), client_of(second_approver)
    second.post(decide("confirm", propose(first, waiting)))
    done = first.post(url("review_revoke", waiting), {"reason": "弄虚作假"}, follow=True)
    assert "龙江社区的摘牌已提请复核" in done.content.decode()
    assert "摘牌待复核" in done.content.decode()
    assert badge_of(second) == 1
    confirmed = second.post(decide("confirm", SecondApproval.objects.get(outcome="open")), follow=True)
    assert "已同意，龙江社区已摘牌" in confirmed.content.decode()
    assert not Recognition.objects.standing().exists()


def test_proposal_of_another_tenant_is_not_found(
    waiting: Assessment, client_of: ClientOf, city_approver: Actor, stranger: Actor
) -> None:
    proposal = propose(client_of(city_approver), waiting)
    elsewhere = client_of(stranger)
    for name in ("confirm", "decline", "withdraw"):
        assert elsewhere.post(decide(name, proposal), {"reason": "不行"}).status_code == 404
    assert elsewhere.post(url("review_revoke", waiting), {"reason": "不行"}).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_take_the_same_queries_whatever_waits(
    rows: int,
    waiting: Assessment,
    client_of: ClientOf,
    city_approver: Actor,
    second_approver: Actor,
    chuxiong: Campaign,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    first, second = client_of(city_approver), client_of(second_approver)
    for one in [waiting, *map(agree, others_of(rows - 1, chuxiong))]:
        first.post(url("review_recognise", one), {"seen": seen(one), "year": 2022})
    with django_assert_max_num_queries(25):
        assert len([one for one in second.get(reverse("desk")).context["todos"] if one.kind == "复核"]) == rows
    # With the site visits and the opinions of departments.
    with django_assert_max_num_queries(33):
        assert second.get(url("review", waiting)).status_code == 200
    with django_assert_max_num_queries(25):
        assert len(second.get(reverse("review_queue") + "?tab=proposed").context["page_obj"]) == rows


def test_queue_and_desk_tell_mine_from_my_colleagues(
    submitted: Assessment, client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign
) -> None:
    unassigned = others_of(1, chuxiong)[0]
    user = User.objects.create(username="colleague", display_name="王同事", jurisdiction=district_reviewer.jurisdiction)
    colleague = Actor(user, grant_membership(user, district_reviewer.jurisdiction, Role.STAFF))
    fifth = Criterion.objects.get(standard=submitted.standard, number=5)
    with scope(colleague.jurisdiction.path, user_id=user.pk):
        save_result(submitted, fifth, Answer(deductions=(Deduction(rule=2),)), actor=colleague, note="未见")
    mine, theirs = client_of(district_reviewer), client_of(colleague)
    queue = reverse("review_queue")
    for client, assigned, found in [
        (mine, "", [submitted.pk, unassigned.pk]),
        (mine, "mine", []),
        (mine, "none", [unassigned.pk]),
        (theirs, "mine", [submitted.pk]),
    ]:
        page = client.get(queue + f"?assignee={assigned}")
        assert [one.pk for one in page.context["page_obj"]] == found
    assert "王同事" in text_of(mine, queue)
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        lines = [(one.title, one.colleague) for one in todos_of(district_reviewer) if one.kind == "审核"]
    assert [one for _, one in lines] == ["", "王同事"]
    assert "承办：王同事" in text_of(mine, reverse("desk"))
    assert "承办：王同事" not in text_of(theirs, reverse("desk"))


def test_revoke_below_a_level_that_the_chain_took_in_since(
    submitted: Assessment, chuxiong: Campaign, make_actor: MakeActor, client_of: ClientOf
) -> None:
    """Who recognised the community decides on it, though the chain goes further up by now."""
    chain, manager = list(chuxiong.review_chain), make_actor("5323", Role.BUREAU_ADMIN)
    Campaign.objects.filter(pk=chuxiong.pk).update(review_chain=chain[:2])
    recognise(submitted)
    with acting(manager):
        shown = version_of(Campaign.objects.get(pk=chuxiong.pk), "chain")
        change_chain(chuxiong, chain, actor=manager, seen=shown, reason="州级认定")
        set_second_approval(chuxiong, True, actor=manager, reason="测试")
    first, other = make_actor("532301", Role.APPROVER), person_at(submitted.holder, Role.APPROVER)
    at_first = client_of(first)
    assert "须由本单位另一位审批人复核" in text_of(at_first, url("review", submitted) + "?revoke")
    assert at_first.post(url("review_revoke", submitted), {"reason": "弄虚作假"}).status_code == 302
    proposal = SecondApproval.objects.get(outcome="open")
    assert decide("withdraw", proposal) in text_of(at_first, url("review", submitted))
    assert decide("confirm", proposal) in text_of(client_of(other), url("review", submitted))
