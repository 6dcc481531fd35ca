"""What the demo plays around recognitions: a finished notice with a rejected objection, re-checks, a demonstration base."""

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from django.utils import timezone

from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.demo.accounts import Troupe, create_accounts
from apps.demo.recognition import tasks_around
from apps.jurisdictions.models import Jurisdiction
from apps.recognitions.entries import lines_of
from apps.recognitions.models import DemonstrationBase, Objection, PublicNotice, Recheck
from tests.factories import agree, recognised_community, submitted_community

pytestmark = pytest.mark.django_db


def test_tasks_around_play_notice_objection_rechecks_and_base_once(
    chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction], community: Callable[[str], Community]
) -> None:
    branch = jurisdiction("5323").path
    create_accounts(branch)
    with clock.stopped_at(_at(date(2021, 9, 17))):
        for code in ("532301101001", "532301101003", "532301101004"):
            recognised_community(community(code), chuxiong, 2021)
    with clock.stopped_at(_at(date(2022, 7, 5))):
        agree(submitted_community(community("532301101009"), chuxiong, 2022))
    for task in sorted(tasks_around(chuxiong, Troupe(), branch), key=lambda task: task.moment):
        task.run()
    notice = PublicNotice.objects.get()
    assert (notice.starts_on, notice.ends_on, notice.status) == (date(2022, 7, 18), date(2022, 7, 25), "published")
    assert [(one.outcome, one.is_signed) for one in Objection.objects.all()] == [("rejected", False)]
    with clock.stopped_at(_at(date(2022, 7, 29))):
        assert [line.left_out for line in lines_of(notice)] == [""]
    assert set(Recheck.objects.values_list("year", "result")) == {(2022, "passed"), (2022, "rectify")}
    assert DemonstrationBase.objects.get().named_on == date(2022, 5, 20)
    chuxiong.refresh_from_db()
    assert (chuxiong.publishes_list, chuxiong.notice_working_days) == (True, 0)
    # What is left is the notice for which nothing has arrived.
    assert [task.label for task in tasks_around(chuxiong, Troupe(), branch)] == ["公示"]


def test_tasks_around_of_a_part_of_the_prefecture_are_none(
    chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    branch = jurisdiction("532301").path
    create_accounts(branch)
    assert list(tasks_around(chuxiong, Troupe(), branch)) == []


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10)))
