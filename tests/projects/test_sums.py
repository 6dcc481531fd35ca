"""Sums of funds by place, source and year: exact, additive, the same as the names behind them, and kept when places change."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from apps.projects.domain import end_project
from apps.projects.facts import Money
from apps.projects.models import Funding, Project, Source, TransferredFunds
from apps.projects.sums import Amounts, sums_of, totals
from apps.reorganisations.carrying_out import Order
from apps.reorganisations.communities import merge_communities, move_community
from tests.projects.conftest import money, put_down

Of = Callable[[str], Community]
Find = Callable[[str], Jurisdiction]
# Three of 鹿城镇 and one of 东瓜镇 in 楚雄市, one of another county.
COMMUNITIES = ["532301101001", "532301101006", "532301101008", "532301102001", "532302101001"]


def amounts(planned: object, spent: object) -> Amounts:
    return Amounts(Decimal(str(planned)), Decimal(str(spent)))


@pytest.fixture
def told(community: Of, chuxiong: Campaign) -> list[Project]:
    """In 鹿城镇 120/50 of the budget and 30/30 of residents in 2022, 10/10 of bonds in 2021; in 东瓜镇 0/8.5 of credit in 2022."""
    one, other = community("532301101001"), community("532301102001")
    return [
        put_down(one, chuxiong, money(spent=50), money("residents", planned=30, spent=30)),
        put_down(one, chuxiong, money("bond", 2021, 10, 10), name="路灯"),
        put_down(other, chuxiong, money("credit", planned=0, spent="8.5")),
    ]


def test_sum_by_place_source_and_year(told: list[Project], chuxiong: Campaign, jurisdiction: Find) -> None:
    county = sums_of(chuxiong, jurisdiction("532301"))
    lines = {str(line.place): line.sums for line in county.lines}
    assert lines["鹿城镇"].of("fiscal", 2022) == amounts(120, 50)
    assert lines["鹿城镇"].of(year=2022) == amounts(150, 80)
    assert lines["鹿城镇"].of() == amounts(160, 90)
    assert lines["鹿城镇"].projects == {0: 2, 2021: 1, 2022: 1}
    assert lines["东瓜镇"].of(year=2022) == amounts(0, "8.5")
    assert county.total.of(year=2022) == amounts(150, "88.5")
    assert (county.total.projects[0], county.years) == (3, [2021, 2022])
    # A street without any stands there with nothing.
    assert len(county.lines) == Jurisdiction.objects.filter(parent=county.place, closed_on=None).count()


def test_a_street_tells_its_communities(told: list[Project], chuxiong: Campaign, jurisdiction: Find) -> None:
    street = sums_of(chuxiong, jurisdiction("532301101"))
    assert [(line.place, line.sums.of()) for line in street.lines] == [(told[0].community, amounts(160, 90))]


def test_a_campaign_counts_what_carries_it_out(told: list[Project], jurisdiction: Find) -> None:
    nation = Campaign.objects.get(code="national-2020")
    assert sums_of(nation, jurisdiction("53")).total.of() == amounts(160, "98.5")
    assert sums_of(Campaign.objects.get(code="tianjin-2020"), jurisdiction("53")).total.of() == Amounts()


def test_an_ended_project_counts_what_was_spent(
    community: Of, chuxiong: Campaign, jurisdiction: Find, district_reviewer: Actor
) -> None:
    project = put_down(community("532301101001"), chuxiong, money("fiscal", 2021, 60, 40), money(planned=100, spent=5))
    with clock.stopped_at(datetime(2022, 8, 1, tzinfo=ZoneInfo("Asia/Shanghai"))):
        end_project(project, "并入片区改造", actor=district_reviewer)
    total = sums_of(chuxiong, jurisdiction("532301")).total
    assert (total.of(year=2021), total.of(year=2022)) == (amounts(60, 40), amounts(5, 5))
    assert totals(Funding.objects.all()) == amounts(65, 45)


LINE = st.tuples(
    st.sampled_from(COMMUNITIES),
    st.sampled_from(Source.values),
    st.sampled_from([2021, 2022]),
    st.integers(0, 99_999),
    st.integers(0, 99_999),
    st.booleans(),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINE, min_size=1, max_size=12))
def test_a_parent_is_the_sum_of_its_children(
    community: Of,
    chuxiong: Campaign,
    jurisdiction: Find,
    district_reviewer: Actor,
    lines: list[tuple[str, str, int, int, int, bool]],
) -> None:
    with transaction.atomic():
        expected = Amounts()
        for number, (code, source, year, planned, spent, ends) in enumerate(lines):
            given_ = Money(source, year, Decimal(planned + 1) / 100, Decimal(spent) / 100)
            project = put_down(community(code), chuxiong, given_, name=f"项目 {number}")
            if ends:
                Project.objects.filter(pk=project.pk).update(ended_on=date(2022, 5, 1), end_reason="终止")
            counted = min(given_.planned, given_.spent) if ends and year == 2022 else given_.planned
            expected = expected.plus(Amounts(counted, given_.spent))
        prefecture = sums_of(chuxiong, jurisdiction("5323"))
        assert prefecture.total.of() == expected == totals(Funding.objects.below(prefecture.place.path))
        assert prefecture.total.projects[0] == len(lines)
        for line in prefecture.lines:
            assert isinstance(line.place, Jurisdiction)
            below = sums_of(chuxiong, line.place).total
            assert (dict(below.by_source), dict(below.projects)) == (
                dict(line.sums.by_source),
                dict(line.sums.projects),
            )
        transaction.set_rollback(True)


def test_one_statement_for_the_money(
    told: list[Project], chuxiong: Campaign, jurisdiction: Find, django_assert_num_queries: Callable[[int], object]
) -> None:
    place = jurisdiction("532301")
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        sums_of(chuxiong, place)


def order(day: date) -> Order:
    return Order(effective_on=day, document_number="楚政发〔2026〕1号", reason="区划调整", submission=uuid4())


def test_sums_of_past_years_stay_where_they_were_reported(
    community: Of, chuxiong: Campaign, jurisdiction: Find, make_actor: Callable[[str, Role], Actor]
) -> None:
    """A community moves to another street: what it had before this year stays with the old one, this year's goes along."""
    today, one = clock.today(), community("532301101001")
    put_down(one, chuxiong, money("fiscal", today.year - 1, 60, 40), money("fiscal", today.year, 100, 5))
    old, new, county = jurisdiction("532301101"), jurisdiction("532301102"), jurisdiction("532301")
    move_community(one, new, order(today), actor=make_actor("532301", Role.STAFF))
    left, come = sums_of(chuxiong, old), sums_of(chuxiong, new)
    assert (left.total.of(year=today.year - 1), left.total.of(year=today.year)) == (amounts(60, 40), Amounts())
    assert [line.place for line in left.lines] == [None]
    assert (come.total.of(year=today.year - 1), come.total.of(year=today.year)) == (Amounts(), amounts(100, 5))
    above = sums_of(chuxiong, county)
    assert (above.total.of(year=today.year - 1), above.total.of(year=today.year)) == (amounts(60, 40), amounts(100, 5))
    assert TransferredFunds.objects.count() == 2


def test_projects_of_a_merged_community_stay_with_it(
    community: Of, chuxiong: Campaign, jurisdiction: Find, make_actor: Callable[[str, Role], Actor]
) -> None:
    one, heir = community("532301101001"), community("532301101006")
    project = put_down(one, chuxiong)
    before = sums_of(chuxiong, jurisdiction("532301101")).total.of()
    merge_communities([one], heir, order(clock.today()), actor=make_actor("532301", Role.STAFF))
    assert Project.objects.get().community == one == project.community
    assert sums_of(chuxiong, jurisdiction("532301101")).total.of() == before == amounts(120, 0)
    assert TransferredFunds.objects.count() == 0
