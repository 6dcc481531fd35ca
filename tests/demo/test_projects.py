"""What the demo tells of projects and funds: put down once, by the counties' clerks, marked as made up."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from apps.campaigns.models import Campaign
from apps.demo.accounts import Troupe, create_accounts
from apps.demo.projects import tasks_of_projects
from apps.jurisdictions.models import Jurisdiction
from apps.projects.models import Project
from apps.projects.sums import Amounts, sums_of

pytestmark = pytest.mark.django_db


def test_projects_are_put_down_once(chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]) -> None:
    place = jurisdiction("5323")
    create_accounts(place.path)
    for task in tasks_of_projects(chuxiong, Troupe(), place.path):
        task.run()
    assert all(one.content.startswith("演示数据：") for one in Project.objects.all())
    total = sums_of(chuxiong, place).total
    assert (total.projects[0], total.of(year=2022)) == (4, Amounts(Decimal(465), Decimal("235.5")))
    assert str(Project.objects.earliest("recorded_at").recorded_at.date()) == "2021-06-18"
    assert list(tasks_of_projects(chuxiong, Troupe(), place.path)) == []


def test_a_part_of_the_prefecture_has_its_own(chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]) -> None:
    county = jurisdiction("532324")
    create_accounts(county.path)
    assert len(list(tasks_of_projects(chuxiong, Troupe(), county.path))) == 1
