"""The review chain where a branch of the tree lacks levels."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.chain import chain_of, chains_of
from apps.assessments.domain import open_assessment
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import TransitionError
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction


def test_open_is_refused_where_nobody_else_could_review(
    jurisdiction: Callable[[str], Jurisdiction], make_actor: Callable[[str, Role], Actor]
) -> None:
    campaign = Campaign.objects.get(code="tianjin-2020")
    campaign.review_chain = ["street", "district"]
    campaign.save(update_fields=["review_chain"])
    community = Community.objects.create(name="直属社区", jurisdiction=jurisdiction("120101"))
    planned = Participation.objects.create(campaign=campaign, community=community, year=2021, created_at=clock.now())
    planned.refresh_from_db()
    officer = make_actor("120101", Role.STREET_OFFICER)
    assert [one.name for one in chain_of(planned)] == ["和平区"]
    with scope(officer.jurisdiction.path, user_id=officer.user.pk), pytest.raises(TransitionError) as refused:
        open_assessment(planned, actor=officer)
    assert refused.value.message == (
        "直属社区直属和平区，审核层级中缺少乡级单位。填报和审核不能是同一个单位，不能开始自评。"
        "请联系天津市核对社区所属的单位，或者创建行动的审核层级。"
    )
    assert not Assessment.objects.exists()


def test_chains_of_many_skip_what_each_branch_lacks(
    submitted: Assessment,
    jurisdiction: Callable[[str], Jurisdiction],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    direct = Community.objects.create(name="直属社区", jurisdiction=jurisdiction("532301"))
    campaign = submitted.participation.campaign
    planned = Participation.objects.create(campaign=campaign, community=direct, year=2022, created_at=clock.now())
    both = list(Participation.objects.select_related("campaign", "community__jurisdiction").order_by("pk"))
    with django_assert_num_queries(1):
        chains = chains_of(both)
    assert [one.name for one in chains[submitted.participation_id]] == ["鹿城镇", "楚雄市", "楚雄彝族自治州"]
    assert [one.name for one in chains[planned.pk]] == ["楚雄市", "楚雄彝族自治州"]
