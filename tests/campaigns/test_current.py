"""Which campaign a page shows to whom has chosen none."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
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
