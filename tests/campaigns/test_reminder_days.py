"""The days of reminding as data of the campaign: set by its issuer, checked, noticed, kept, carried over, obeyed."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.issuing import copy_campaign
from apps.campaigns.models import Campaign
from apps.campaigns.reminder_days import set_reminder_days
from apps.campaigns.running import close_campaign
from apps.core.errors import InvalidInput, TransitionError
from apps.core.scope import scope_all
from apps.notifications.reminders import due_lines
from tests.filings.conftest import at

MakeActor = Callable[[str, Role], Actor]
ClientOf = Callable[[Actor], Client]


@pytest.fixture
def manager(make_actor: MakeActor) -> Actor:
    return make_actor("5323", Role.BUREAU_ADMIN)


def days_of(campaign: Campaign) -> tuple[list[int], list[int]]:
    now = Campaign.objects.get(pk=campaign.pk)
    return now.reminder_days_before, now.reminder_days_after


def reminded(*day: int) -> set[str]:
    """The titles of what units of 楚雄州 are reminded of on a day."""
    with at(*day), scope_all():
        return {one.milestone.title for one in due_lines("") if one.campaign.code == "chuxiong-2021"}


def test_campaigns_begin_with_the_usual_days(chuxiong: Campaign) -> None:
    assert days_of(chuxiong) == ([7, 3, 1, 0], [1, 3, 7, 14, 21, 28, 35, 42, 49, 56])


def test_set_reminder_days_is_kept_in_words_and_obeyed(chuxiong: Campaign, manager: Actor) -> None:
    # 自评 falls due on 31 August.
    assert [bool(reminded(2022, 8, day)) for day in (24, 26, 31)] == [True, False, True]
    with acting(manager):
        set_reminder_days(chuxiong, [0, 5, 5], [30, 2], actor=manager, reason="各县要求")
    assert days_of(chuxiong) == ([5, 0], [2, 30])
    assert [bool(reminded(2022, 8, day)) for day in (24, 26, 31)] == [False, True, True]
    assert [bool(reminded(2022, 9, day)) for day in (1, 2, 30)] == [False, True, True]
    (kept,) = chuxiong.changes.filter(kind="reminders")
    assert (kept.was.splitlines()[0], kept.now, kept.reason) == (
        "到期前提醒：7、3、1、0 天",
        "到期前提醒：5、0 天\n逾期后提醒：2、30 天",
        "各县要求",
    )


def test_no_days_remind_nobody(chuxiong: Campaign, manager: Actor) -> None:
    with acting(manager):
        set_reminder_days(chuxiong, [], [], actor=manager, reason="改用电话")
    assert reminded(2022, 8, 31) == set()
    Campaign.objects.update(reminder_days_before=[], reminder_days_after=[])
    assert reminded(2022, 8, 31) == set()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([61], [1], "到期前提醒的“61”不对：应为 0 至 60 天。"),
        ([-1], [1], "到期前提醒的“-1”不对"),
        ([1], [0], "逾期后提醒的“0”不对：应为 1 至 180 天。"),
        ([1], [181], "逾期后提醒的“181”不对"),
        (range(11), [1], "到期前提醒有 11 天，最多 10 天，请减少。"),
        ([1], range(1, 22), "逾期后提醒有 21 天，最多 20 天，请减少。"),
    ],
)
def test_days_out_of_bounds_are_named(
    before: list[int], after: list[int], said: str, chuxiong: Campaign, manager: Actor
) -> None:
    with acting(manager), pytest.raises(InvalidInput, match=said):
        set_reminder_days(chuxiong, before, after, actor=manager, reason="测试")


def test_others_and_closed_campaigns_are_refused(
    chuxiong: Campaign, manager: Actor, city_approver: Actor, make_actor: MakeActor
) -> None:
    for other in (city_approver, make_actor("53", Role.BUREAU_ADMIN)):
        with acting(other), pytest.raises(PermissionDenied):
            set_reminder_days(chuxiong, [1], [1], actor=other, reason="测试")
    with acting(manager):
        with pytest.raises(InvalidInput, match="请填写调整理由"):
            set_reminder_days(chuxiong, [1], [1], actor=manager)
        close_campaign(chuxiong, actor=manager, reason="期满")
        with pytest.raises(TransitionError, match="请先重新开展"):
            set_reminder_days(chuxiong, [1], [1], actor=manager, reason="测试")


def test_a_copy_has_them_and_its_draft_needs_no_reason(chuxiong: Campaign, manager: Actor) -> None:
    with acting(manager):
        set_reminder_days(chuxiong, [10], [2], actor=manager, reason="测试")
        source = Campaign.objects.get(pk=chuxiong.pk)
        made = copy_campaign(source, {"name": "下一轮", "first_year": 2023, "last_year": 2024}, actor=manager)
        assert days_of(made) == ([10], [2])
        set_reminder_days(made, [3], [1], actor=manager)
    assert (days_of(made), made.changes.count()) == (([3], [1]), 0)


def test_set_in_the_browser_and_two_notice_each_other(
    chuxiong: Campaign, manager: Actor, client_of: ClientOf, city_approver: Actor
) -> None:
    client, address = client_of(manager), reverse("set_reminder_days", args=[chuxiong.code])
    page = client.get(reverse("campaign_detail", args=[chuxiong.code])).content.decode()
    assert 'value="7、3、1、0"' in page
    panel = page[page.index('id="reminder-days"') :]
    shown = re.search(r'name="version" value="(\w+)"', panel)
    assert shown is not None
    typed = {"version": shown[1], "reason": "测试", "after": "1， 3 ；7"}
    refused = client.post(address, typed | {"before": "七天"})
    assert (refused.status_code, "“七天”不对：请填天数" in refused.content.decode()) == (422, True)
    assert client.post(address, typed | {"before": "3、1"}).status_code == 302
    assert days_of(chuxiong) == ([3, 1], [1, 3, 7])
    said = client.post(address, typed | {"before": "9"}, follow=True).content.decode()
    assert "没有保存：报送提醒刚被他人改动" in said
    read = client_of(city_approver).get(reverse("campaign_detail", args=[chuxiong.code])).content.decode()
    assert ("<dd>3、1 天</dd>" in read, "到期前几天提醒" in read) == (True, False)


def test_reminders_ask_the_same_queries_whatever_the_campaigns(
    chuxiong: Campaign, django_assert_num_queries: Callable[[int], object]
) -> None:
    with at(2022, 8, 31), scope_all():
        due_lines("")
        # The rules, the obligations, and the milestones and units that their lines name.
        with django_assert_num_queries(4):  # type: ignore[attr-defined]
            assert {one.owed.deadline for one in due_lines("")} >= {date(2022, 8, 31)}
