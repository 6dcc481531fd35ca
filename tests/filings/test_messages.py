"""What people are told of filings, and the daily reminder."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from apps.accounts.acting import acting
from apps.accounts.domain import grant_membership
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Milestone
from apps.core.scope import scope_all
from apps.filings.models import Filing
from apps.filings.supervision import escalate, move_due_date
from apps.notifications.domain import remind_of_filings, tell_of_occasion
from apps.notifications.models import Notification
from tests.factories import made_up
from tests.filings.conftest import SELF_EVALUATION, at, clerk, give_back, hand_in, milestone_of

pytestmark = pytest.mark.usefixtures("today")
YUNNAN = "53"


@pytest.fixture
def milestone(chuxiong: Campaign) -> Milestone:
    return milestone_of(chuxiong)


def told(name: str, pk: int) -> list[tuple[Any, str, str]]:
    with scope_all():
        return [(one.user, one.kind, one.text) for one in tell_of_occasion(name, pk)]


def unread(user: Any) -> list[str]:
    with scope_all():
        return list(Notification.objects.filter(user=user).unread().order_by("pk").values_list("kind", flat=True))


def test_the_level_above_is_told_and_the_unit_of_the_answer(
    milestone: Milestone, city_approver: Actor, district_reviewer: Actor
) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    assert told("filing", filed.pk) == [(city_approver.user, "filing", "期限 2022-08-31，按时报送。")]
    assert told("filing", filed.pk) == []
    give_back(filed, actor=city_approver)
    assert told("filing-decided", filed.pk) == [(district_reviewer.user, "returned", "数据不全\n请修改后重新报送。")]
    assert unread(city_approver.user) == []
    with at(2022, 9, 3):
        hand_in(milestone, SELF_EVALUATION)
    assert told("filing", filed.pk) == [(city_approver.user, "filing", "期限 2022-08-31，按时报送。第 2 次报送。")]
    assert unread(district_reviewer.user) == []


def test_a_moved_date_and_urging_reach_the_unit(
    milestone: Milestone, city_approver: Actor, district_reviewer: Actor
) -> None:
    unit = district_reviewer.jurisdiction
    with acting(city_approver):
        moved = move_due_date(milestone, unit, SELF_EVALUATION, date(2022, 9, 5), "疫情", actor=city_approver)
    assert told("due-date", moved.pk) == [
        (district_reviewer.user, "filing", "楚雄彝族自治州将期限由 2022-08-31 调整为 2022-09-05。\n理由：疫情")
    ]
    with at(2022, 9, 8):
        with acting(city_approver):
            made = escalate(milestone, unit, SELF_EVALUATION, "请三日内报送", actor=city_approver)
        assert told("escalation", made.pk) == [(district_reviewer.user, "urged", "楚雄彝族自治州督办：请三日内报送")]
        filed = hand_in(milestone, SELF_EVALUATION)
        told("filing", filed.pk)
    assert "urged" not in unread(district_reviewer.user)


@pytest.fixture
def remind(make_actor: Callable[[str, Role], Actor]) -> Callable[..., list[Notification]]:
    path = make_actor(YUNNAN, Role.VIEWER).jurisdiction.path

    def run(*day: int) -> list[Notification]:
        with at(*day), scope_all():
            return remind_of_filings(path)

    return run


def test_one_reminder_a_day_lists_everything(
    milestone: Milestone, remind: Callable[..., list[Notification]], district_reviewer: Actor
) -> None:
    first = remind(2022, 8, 24)
    assert [(one.user, one.kind, one.title) for one in first] == [
        (district_reviewer.user, "reminder", "报送提醒：2 件即将到期")
    ]
    assert first[0].text.splitlines() == [
        "楚雄市“会同发改等部门对辖区内绿色社区创建工作开展自评”，期限 2022-08-31，还有 7 天",
        "楚雄市“上报创建成果名单”，期限 2022-08-31，还有 7 天",
    ]
    assert remind(2022, 8, 24) == []
    assert remind(2022, 8, 25) == []


def test_reminders_before_on_and_after_the_date(
    milestone: Milestone, remind: Callable[..., list[Notification]], district_reviewer: Actor
) -> None:
    days = [date(2022, 8, 20).toordinal() + number for number in range(45)]
    reminded = [day for day in map(date.fromordinal, days) if remind(day.year, day.month, day.day)]
    # The annual report of 20 October begins to be told of on the 13th.
    assert [day.isoformat()[5:] for day in reminded] == [
        *("08-24", "08-28", "08-30", "08-31"),
        *("09-01", "09-03", "09-07", "09-14", "09-21", "09-28"),
    ]


def test_nobody_is_reminded_of_what_was_handed_in(
    milestone: Milestone, remind: Callable[..., list[Notification]], chuxiong: Campaign
) -> None:
    hand_in(milestone, SELF_EVALUATION)
    hand_in(milestone_of(chuxiong, "result_list"), SELF_EVALUATION)
    assert remind(2022, 8, 31) == []
    assert Filing.objects.count() == 2


def test_who_files_in_two_units_gets_one_reminder(
    milestone: Milestone, remind: Callable[..., list[Notification]], district_reviewer: Actor
) -> None:
    grant_membership(district_reviewer.user, clerk("532302").jurisdiction, Role.STAFF)
    made = {one.user_id: one for one in remind(2022, 9, 1)}
    assert made[district_reviewer.user.pk].title == "报送提醒：4 件已逾期"
    assert made[made_up("532302", Role.STAFF).user.pk].title == "报送提醒：2 件已逾期"
