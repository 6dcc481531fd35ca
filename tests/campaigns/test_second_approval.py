"""Whether recognition and revocation need a second approver: who sets it, whom it binds, what the page says."""

import re
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.domain import needs_second_approval, set_second_approval
from apps.campaigns.models import Campaign
from apps.campaigns.notice_rules import set_notice_rules
from apps.campaigns.running import close_campaign
from apps.core.errors import TransitionError

MakeActor = Callable[[str, Role], Actor]
ClientOf = Callable[[Actor], Client]


@pytest.fixture
def administrator(make_actor: MakeActor) -> Actor:
    return make_actor("5323", Role.BUREAU_ADMIN)


def is_set(campaign: Campaign) -> bool:
    return Campaign.objects.get(pk=campaign.pk).needs_second_approval


def test_set_second_approval_is_kept_and_recorded_once(chuxiong: Campaign, administrator: Actor) -> None:
    kept = Campaign.pgh_event_model.objects.filter(pgh_obj_id=chuxiong.pk)  # type: ignore[attr-defined]
    before = kept.count()
    for _ in range(2):
        with acting(administrator):
            set_second_approval(chuxiong, True, actor=administrator, reason="测试")
    assert is_set(chuxiong)
    assert kept.count() == before + 1
    assert kept.order_by("pgh_id").last().pgh_context["name"] == "测试单位管理员5323"


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("5323", Role.APPROVER),
        ("5323", Role.STAFF),
        ("5323", Role.VIEWER),
        ("532301", Role.BUREAU_ADMIN),
        # Above the issuer: they read what it decides.
        ("53", Role.BUREAU_ADMIN),
        ("12", Role.BUREAU_ADMIN),
    ],
)
def test_set_second_approval_by_others_is_refused(
    code: str, role: Role, chuxiong: Campaign, make_actor: MakeActor
) -> None:
    actor = make_actor(code, role)
    with acting(actor), pytest.raises(PermissionDenied):
        set_second_approval(chuxiong, True, actor=actor, reason="测试")
    assert not is_set(chuxiong)


def test_rules_of_a_closed_campaign_stay(chuxiong: Campaign, administrator: Actor, client_of: ClientOf) -> None:
    with acting(administrator):
        close_campaign(chuxiong, actor=administrator, reason="期满")
        for change in (
            lambda: set_second_approval(chuxiong, True, actor=administrator, reason="测试"),
            lambda: set_notice_rules(chuxiong, 7, publishes_list=True, actor=administrator, reason="测试"),
        ):
            with pytest.raises(TransitionError, match="结束，不能再调整。要调整，请先重新开展。"):
                change()
    page = client_of(administrator).get(reverse("campaign_detail", args=[chuxiong.code])).content.decode()
    assert ("要求第二人复核" in page, "认定前公示工作日数" in page) == (False, False)


def test_page_of_the_issuers_superiors_offers_no_rules(
    chuxiong: Campaign, make_actor: MakeActor, client_of: ClientOf
) -> None:
    above = client_of(make_actor("53", Role.BUREAU_ADMIN))
    page = above.get(reverse("campaign_detail", args=[chuxiong.code])).content.decode()
    assert ("要求第二人复核" in page, "认定前公示工作日数" in page) == (False, False)


def test_two_who_set_the_notice_rules_notice_each_other(
    chuxiong: Campaign, administrator: Actor, client_of: ClientOf
) -> None:
    client, address = client_of(administrator), reverse("set_notice_rules", args=[chuxiong.code])
    page = client.get(reverse("campaign_detail", args=[chuxiong.code])).content.decode()
    shown = re.search(r'name="version" value="(\w+)"', page)
    assert shown is not None
    typed = {"version": shown[1], "reason": "测试"}
    assert client.post(address, typed | {"working_days": 7, "publishes_list": "1"}).status_code == 302
    said = client.post(address, typed | {"working_days": 5}, follow=True).content.decode()
    assert "没有保存：认定规则刚被他人改动" in said
    now = Campaign.objects.get(pk=chuxiong.pk)
    assert (now.notice_working_days, now.publishes_list) == (7, True)
    (kept,) = now.changes.filter(kind="rules")
    assert (kept.was, kept.now) == (
        "认定前公示：不要求\n认定名单：不向社会公布",
        "认定前公示：7 个工作日\n认定名单：向社会公布",
    )


def test_setting_binds_the_campaigns_that_carry_it_out(chuxiong: Campaign, administrator: Actor) -> None:
    assert chuxiong.parent is not None
    assert not needs_second_approval(chuxiong)
    Campaign.objects.filter(pk=chuxiong.parent.pk).update(needs_second_approval=True)
    with acting(administrator):
        assert needs_second_approval(chuxiong)
    Campaign.objects.filter(pk=chuxiong.parent.pk).update(needs_second_approval=False)
    set_second_approval(chuxiong, True, actor=administrator, reason="测试")
    assert (needs_second_approval(chuxiong), needs_second_approval(chuxiong.parent)) == (True, False)


def test_page_switches_it_and_says_who_did(
    chuxiong: Campaign, administrator: Actor, client_of: ClientOf, street_officer: Actor
) -> None:
    client, address = client_of(administrator), reverse("set_second_approval", args=[chuxiong.code])
    page = reverse("campaign_detail", args=[chuxiong.code])
    assert "要求第二人复核" in client.get(page).content.decode()
    answer = client.post(address, {"on": "1", "reason": "测试"}, follow=True)
    assert is_set(chuxiong)
    text = answer.content.decode()
    assert "已开启：认定和摘牌须由第二人复核后生效。" in text
    assert "由楚雄彝族自治州 测试单位管理员5323开启。" in text
    assert "改为不须复核" in text
    assert "改为不须复核" not in client_of(street_officer).get(page).content.decode()
    assert "须第二人复核" in client_of(street_officer).get(page).content.decode()
    text = client.post(address, {"on": "0", "reason": "测试"}, follow=True).content.decode()
    assert not is_set(chuxiong)
    assert "由楚雄彝族自治州 测试单位管理员5323关闭。" in text


def test_page_names_the_campaign_above_that_asks_for_it(
    chuxiong: Campaign, administrator: Actor, client_of: ClientOf
) -> None:
    assert chuxiong.parent is not None
    Campaign.objects.filter(pk=chuxiong.parent.pk).update(needs_second_approval=True)
    text = client_of(administrator).get(reverse("campaign_detail", args=[chuxiong.code])).content.decode()
    assert f"上级行动“{chuxiong.parent.name}”规定须复核，本行动一并执行。" in text


@pytest.mark.parametrize(("code", "status"), [("5323", 403), ("532301", 403), ("53", 403), ("12", 404)])
def test_switch_by_others_is_refused(
    code: str, status: int, chuxiong: Campaign, make_actor: MakeActor, client_of: ClientOf
) -> None:
    address = reverse("set_second_approval", args=[chuxiong.code])
    assert client_of(make_actor(code, Role.APPROVER)).post(address, {"on": "1"}).status_code == status
    assert not is_set(chuxiong)
