"""Which campaign a page shows to whom has chosen none."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Milestone
from apps.core import clock


@pytest.mark.parametrize("code", ["532301", "532301101"])
def test_one_of_years_to_come_takes_nobody_away_from_this_year(
    code: str, chuxiong: Campaign, make_actor: Callable[[str, Role], Actor], client_of: Callable[[Actor], Client]
) -> None:
    this = clock.today().year
    Campaign.objects.create(
        **{name: getattr(chuxiong, name) for name in ("jurisdiction", "standard", "parent", "review_chain", "status")},
        code="5323-later",
        name="楚雄州绿色社区创建行动（以后）",
        first_year=this + 4,
        last_year=this + 6,
    )
    client = client_of(make_actor(code, Role.STREET_OFFICER if len(code) > 6 else Role.STAFF))
    page = client.get("/")
    assert page.context["campaign"] == chuxiong
    assert [one.code for one in page.context["campaigns"]][:2] == ["chuxiong-2021", "national-2020"]


def test_one_that_begins_while_another_runs_stands_behind_it(
    chuxiong: Campaign, make_actor: Callable[[str, Role], Actor], client_of: Callable[[Actor], Client]
) -> None:
    """Both run in 2022: the work under way stays in front, and what is due under either is a to-do."""
    new = Campaign.objects.create(
        **{name: getattr(chuxiong, name) for name in ("jurisdiction", "standard", "parent", "review_chain", "status")},
        code="5323-2022",
        name="楚雄州绿色社区创建行动（2022–2024 年）",
        first_year=2022,
        last_year=2024,
    )
    Milestone.objects.create(
        campaign=new,
        number=1,
        title="上报三年计划",
        level="district",
        kind="report",
        recurrence="once",
        dates=[date(2022, 9, 5)],
    )
    client = client_of(make_actor("532301", Role.STAFF))
    with clock.stopped_at(datetime(2022, 8, 15, 12, tzinfo=UTC)):
        page = client.get("/")
    assert page.context["campaign"] == chuxiong
    due = {one.title for one in page.context["todos"] if one.kind == "报送"}
    assert {"上报三年计划", "上报创建成果名单（2022-08-31）"} <= due
    assert len(due) == len([one for one in page.context["todos"] if one.kind == "报送"])
