"""The roll-up against counts done by hand, on communities that came all the way by the real verbs."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.permissions import Actor
from apps.campaigns.domain import revoke_recognition
from apps.campaigns.drilldown import at_stage
from apps.campaigns.models import Campaign, Participation, Recognition, Target
from apps.campaigns.rollup import Figures, Line, Rollup, roll_up
from apps.campaigns.targets import set_target
from apps.communities.models import Community
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from tests.factories import enrol, fill_in, recognised_community, submit, submitted_community

Place = Callable[[str], Jurisdiction]
Find = Callable[[str], Community]
Acting = Callable[[Actor], AbstractContextManager[None]]


def counts(figures: Figures) -> tuple[int, int, int, int, int, int]:
    return (
        figures.base,
        figures.enrolled,
        figures.pilots,
        figures.in_review,
        figures.recognised,
        figures.cumulative,
    )


def child(rollup: Rollup, name: str) -> Line:
    return next(line for line in rollup.children if line.jurisdiction.name == name)


def command(**options: object) -> dict[str, object]:
    out = StringIO()
    call_command("rollup", stdout=out, **options)
    printed: dict[str, object] = json.loads(out.getvalue())
    return printed


@pytest.fixture
def yongren(chuxiong: Campaign, community: Find) -> list[Community]:
    """永仁县's three communities: recognised in 2021 as a pilot, recognised in 2022, in review."""
    three = [community(f"53232710100{number}") for number in (1, 2, 3)]
    recognised_community(three[0], chuxiong, 2021, is_pilot=True)
    recognised_community(three[1], chuxiong, 2022, planned=2021)
    submitted_community(three[2], chuxiong, 2022)
    return three


def test_roll_up_counts_base_of_every_county(chuxiong: Campaign, jurisdiction: Place) -> None:
    rollup = roll_up(chuxiong, jurisdiction("5323"), 2022)
    assert [(line.jurisdiction.name, line.figures.base) for line in rollup.children] == [
        ("楚雄市", 31),
        ("禄丰市", 45),
        ("双柏县", 8),
        ("牟定县", 5),
        ("南华县", 12),
        ("姚安县", 13),
        ("大姚县", 24),
        ("永仁县", 3),
        ("元谋县", 13),
        ("武定县", 9),
    ]
    assert counts(rollup.total.figures) == (163, 0, 0, 0, 0, 0)


def test_roll_up_counts_each_stage_in_its_column(
    chuxiong: Campaign, jurisdiction: Place, yongren: list[Community], community: Find
) -> None:
    fill_in(enrol(community("532323101001"), chuxiong, 2022))
    rollup = roll_up(chuxiong, jurisdiction("5323"), 2022)
    assert counts(child(rollup, "永仁县").figures) == (3, 3, 1, 1, 1, 2)
    assert counts(child(rollup, "牟定县").figures) == (5, 1, 0, 0, 0, 0)
    assert counts(rollup.total.figures) == (163, 4, 1, 1, 1, 2)
    assert child(rollup, "永仁县").figures.by_year == {2021: 1, 2022: 1}
    assert rollup.direct == Figures()


def test_in_review_and_its_names_leave_out_what_has_ended(
    chuxiong: Campaign, yongren: list[Community], jurisdiction: Place
) -> None:
    """Closed in 2023: it took part in 2022 all the same, and lies with nobody any more."""
    county = jurisdiction("532327")
    Participation.objects.filter(community=yongren[2]).update(ended_on=date(2023, 3, 1))
    figures = roll_up(chuxiong, county, 2022).total.figures
    communities = Community.objects.below(county.path)
    assert (figures.enrolled, figures.in_review) == (3, 0)
    assert at_stage(communities, chuxiong, 2022, "enrolled").count() == 3
    assert not at_stage(communities, chuxiong, 2022, "in_review").exists()


def test_roll_up_of_an_earlier_year_leaves_out_what_came_later(
    chuxiong: Campaign, jurisdiction: Place, yongren: list[Community]
) -> None:
    line = child(roll_up(chuxiong, jurisdiction("5323"), 2021), "永仁县")
    assert counts(line.figures) == (3, 2, 1, 0, 1, 1)
    assert line.figures.by_year == {2021: 1}


def test_roll_up_of_a_street_holds_its_communities_directly(
    chuxiong: Campaign, jurisdiction: Place, yongren: list[Community]
) -> None:
    rollup = roll_up(chuxiong, jurisdiction("532327101"), 2022)
    assert rollup.children == []
    assert counts(rollup.direct) == (3, 3, 1, 1, 1, 2)
    assert rollup.total.figures == rollup.direct


def test_roll_up_adds_communities_attached_above_the_streets(
    chuxiong: Campaign, jurisdiction: Place, yongren: list[Community]
) -> None:
    county = jurisdiction("532327")
    yongren[0].jurisdiction = county
    yongren[0].save()
    rollup = roll_up(chuxiong, county, 2022)
    assert counts(rollup.direct) == (1, 1, 1, 0, 0, 1)
    assert counts(child(rollup, "永定镇").figures) == (2, 2, 0, 1, 1, 1)
    assert counts(rollup.total.figures) == (3, 3, 1, 1, 1, 2)
    assert counts(child(roll_up(chuxiong, jurisdiction("5323"), 2022), "永仁县").figures) == (3, 3, 1, 1, 1, 2)


def test_roll_up_leaves_out_revoked_recognitions(
    chuxiong: Campaign, jurisdiction: Place, yongren: list[Community], city_approver: Actor, acting: Acting
) -> None:
    with acting(city_approver):
        revoke_recognition(Recognition.objects.get(community=yongren[0]), "弄虚作假", actor=city_approver)
    line = child(roll_up(chuxiong, jurisdiction("5323"), 2022), "永仁县")
    assert counts(line.figures) == (3, 3, 1, 1, 1, 1)
    assert line.figures.by_year == {2022: 1}


def test_roll_up_counts_in_the_base_who_exists_at_the_years_end(
    chuxiong: Campaign, jurisdiction: Place, community: Find
) -> None:
    changes: list[tuple[str, dict[str, object]]] = [
        ("532323101001", {"opened_on": date(2022, 1, 1)}),
        ("532323101002", {"opened_on": date(2021, 12, 31)}),
        ("532323101003", {"closed_on": date(2022, 1, 1)}),
        ("532323101004", {"closed_on": date(2021, 12, 31)}),
        ("532323101005", {"counts_as_urban": False}),
    ]
    for code, fields in changes:
        Community.objects.filter(code=code).update(**fields)
    base = {year: child(roll_up(chuxiong, jurisdiction("5323"), year), "牟定县").figures.base for year in (2021, 2022)}
    # At the end of 2021 兴和 and 平屯 exist, at the end of 2022 茅阳 and 兴和.
    assert base == {2021: 2, 2022: 2}
    Community.objects.filter(code="532323101002").update(closed_on=date(2022, 6, 30))
    assert child(roll_up(chuxiong, jurisdiction("5323"), 2022), "牟定县").figures.base == 1


def test_roll_up_without_base_has_no_ratio(chuxiong: Campaign, jurisdiction: Place) -> None:
    Community.objects.below(jurisdiction("532323").path).update(counts_as_urban=False)
    line = child(roll_up(chuxiong, jurisdiction("5323"), 2022), "牟定县")
    assert (line.figures.base, line.figures.completion_ratio, line.figures.cumulative_ratio) == (0, None, None)
    assert line.gap == 0


def test_roll_up_inherits_the_nearest_share(
    chuxiong: Campaign, jurisdiction: Place, city_approver: Actor, acting: Acting
) -> None:
    with acting(city_approver):
        set_target(chuxiong, jurisdiction("532301"), 2022, Decimal(70), actor=city_approver)
    rollup = roll_up(chuxiong, jurisdiction("5323"), 2022)
    own, inherited = child(rollup, "楚雄市"), child(rollup, "禄丰市")
    assert (own.target_ratio, own.is_own_target, own.gap) == (Fraction(7, 10), True, 22)
    assert (inherited.target_ratio, inherited.is_own_target, inherited.gap) == (Fraction(6, 10), False, 27)
    assert (rollup.total.target_ratio, rollup.total.is_own_target, rollup.total.gap) == (Fraction(6, 10), True, 98)
    street = child(roll_up(chuxiong, jurisdiction("532301"), 2022), "鹿城镇")
    assert (street.target_ratio, street.is_own_target, street.gap) == (Fraction(7, 10), False, 14)


@pytest.mark.parametrize(("number", "asked", "ratio"), [(20, 20, Fraction(20, 31)), (10, 19, Fraction(6, 10))])
def test_roll_up_holds_to_the_target_that_asks_more(
    chuxiong: Campaign,
    jurisdiction: Place,
    city_approver: Actor,
    acting: Acting,
    number: int,
    asked: int,
    ratio: Decimal,
) -> None:
    with acting(city_approver):
        county, kind = jurisdiction("532301"), Target.Kind.NUMBER
        set_target(chuxiong, county, 2022, Decimal(number), actor=city_approver, kind=kind)
    line = child(roll_up(chuxiong, jurisdiction("5323"), 2022), "楚雄市")
    assert line.gap == asked
    assert line.target_ratio is not None
    assert float(line.target_ratio) == pytest.approx(float(ratio))


def test_roll_up_number_binds_only_where_it_is_set(
    chuxiong: Campaign, jurisdiction: Place, city_approver: Actor, acting: Acting
) -> None:
    Target.objects.filter(campaign=chuxiong).delete()
    with acting(city_approver):
        county, kind = jurisdiction("532301"), Target.Kind.NUMBER
        set_target(chuxiong, county, 2022, Decimal(20), actor=city_approver, kind=kind)
    rollup = roll_up(chuxiong, county, 2022)
    assert (rollup.total.gap, child(rollup, "鹿城镇").target, child(rollup, "鹿城镇").gap) == (20, None, None)


def test_roll_up_gap_counts_whole_communities_to_the_target(
    chuxiong: Campaign, jurisdiction: Place, yongren: list[Community]
) -> None:
    # 60 % of 3 are 1.8: two are needed, and two stand.
    assert child(roll_up(chuxiong, jurisdiction("5323"), 2022), "永仁县").gap == 0
    # 20 % of 3 are 0.6: one is needed in 2021, and one stands; 牟定县 needs one of its five.
    rollup = roll_up(chuxiong, jurisdiction("5323"), 2021)
    assert (child(rollup, "永仁县").gap, child(rollup, "牟定县").gap) == (0, 1)


def test_roll_up_counts_in_the_parents_campaign(
    chuxiong: Campaign, jurisdiction: Place, yongren: list[Community]
) -> None:
    national = Campaign.objects.get(code="national-2020")
    nation = roll_up(national, jurisdiction("000000000000"), 2022)
    assert counts(child(nation, "云南省").figures) == (163, 3, 1, 1, 1, 2)
    assert counts(child(nation, "天津市").figures) == (64, 0, 0, 0, 0, 0)
    assert counts(nation.total.figures)[1:] == (3, 1, 1, 1, 2)
    # Another province's campaign counts nothing of it.
    tianjin = Campaign.objects.get(code="tianjin-2020")
    assert counts(roll_up(tianjin, jurisdiction("12"), 2022).total.figures) == (64, 0, 0, 0, 0, 0)


def test_roll_up_of_a_municipality_has_districts_right_under_it(jurisdiction: Place, community: Find) -> None:
    tianjin = Campaign.objects.get(code="tianjin-2020")
    first = Community.objects.below(jurisdiction("120101").path).in_code_order()[0]
    recognised_community(first, tianjin, 2021)
    rollup = roll_up(tianjin, jurisdiction("12"), 2021)
    assert [(line.jurisdiction.name, *counts(line.figures)) for line in rollup.children] == [
        ("和平区", 64, 1, 0, 0, 1, 1)
    ]
    assert (rollup.total.target_ratio, rollup.total.gap) == (Fraction(3, 10), 19)


def test_roll_up_of_a_city_without_districts_has_streets_right_under_it(jurisdiction: Place) -> None:
    national = Campaign.objects.get(code="national-2020")
    dongguan = jurisdiction("4419")
    first = Community.objects.below(dongguan.path).in_code_order()[0]
    recognised_community(first, national, 2021)
    rollup = roll_up(national, dongguan, 2022)
    assert [(line.jurisdiction.name, line.figures.base) for line in rollup.children][:2] == [
        ("东城街道", 24),
        ("南城街道", 18),
    ]
    assert counts(rollup.total.figures) == (247, 1, 0, 0, 0, 1)
    assert counts(rollup.children[0].figures) == (24, 1, 0, 0, 0, 1)


def test_roll_up_behind_the_wall_counts_only_ones_own(
    chuxiong: Campaign,
    jurisdiction: Place,
    yongren: list[Community],
    district_reviewer: Actor,
    stranger: Actor,
    acting: Acting,
) -> None:
    prefecture = jurisdiction("5323")
    with acting(district_reviewer):
        rollup = roll_up(chuxiong, prefecture, 2022)
        assert counts(rollup.total.figures) == (31, 0, 0, 0, 0, 0)
        assert rollup.total.target_ratio == Fraction(6, 10)
    with acting(stranger):
        assert counts(roll_up(chuxiong, prefecture, 2022).total.figures) == (0, 0, 0, 0, 0, 0)


def test_roll_up_counts_the_same_in_its_own_scope_and_in_a_wider_one(
    chuxiong: Campaign, jurisdiction: Place, yongren: list[Community]
) -> None:
    county, prefecture = jurisdiction("532327"), jurisdiction("5323")
    seen = []
    for path in (county.path, prefecture.path):
        with scope(path):
            rollup = roll_up(chuxiong, county, 2022)
            seen.append([counts(line.figures) for line in [rollup.total, *rollup.children]])
    assert seen[0] == seen[1]
    assert seen[0][0] == (3, 3, 1, 1, 1, 2)


def test_roll_up_queries_do_not_grow(
    chuxiong: Campaign, jurisdiction: Place, django_assert_num_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    for code in ("532327", "5323"):
        place = jurisdiction(code)
        with django_assert_num_queries(1):
            roll_up(chuxiong, place, 2022)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_roll_up_children_sum_to_their_parent(chuxiong: Campaign, jurisdiction: Place, seed: int) -> None:
    randomly_taking_part(chuxiong, jurisdiction("5323"), Random(seed))
    for code in ("53", "5323", "532302", "532301101"):
        for year in chuxiong.years:
            rollup = roll_up(chuxiong, jurisdiction(code), year)
            parts = [line.figures for line in rollup.children] + [rollup.direct]
            assert sum(parts, Figures()) == rollup.total.figures
            assert rollup.total.figures.cumulative == rollup.total.figures.by_year.total()
            for line in rollup.children:
                assert roll_up(chuxiong, line.jurisdiction, year).total == line


def randomly_taking_part(campaign: Campaign, place: Jurisdiction, random: Random) -> None:
    """Rows as any history may leave them, written past the verbs for speed."""
    Recognition.objects.all().delete()
    Participation.objects.all().delete()
    now = timezone.now()
    for community in Community.objects.below(place.path):
        community.counts_as_urban = random.random() < 0.9
        community.closed_on = random.choice([None, None, None, date(2021, 7, 1), date(2022, 7, 1)])
        community.save()
        if random.random() < 0.7:
            stage, year = random.choice(Participation.Stage.values), random.choice(campaign.years)
            participation = Participation.objects.create(
                campaign=campaign,
                community=community,
                year=year,
                stage=stage,
                is_pilot=random.random() < 0.2,
                created_at=now,
            )
            if stage == Participation.Stage.RECOGNISED:
                Recognition.objects.create(
                    participation=participation,
                    campaign=campaign,
                    community=community,
                    year=random.choice(campaign.years),
                    recognised_at=now,
                    revoked_at=random.choice([None, None, now]),
                    revocation_reason="复查不达标",
                )


def test_rollup_command_prints_children_and_total(chuxiong: Campaign, yongren: list[Community]) -> None:
    printed = command(campaign="chuxiong-2021", jurisdiction="5323", year=2022)
    assert set(printed) == {"children", "total"}
    children = printed["children"]
    assert isinstance(children, list)
    assert [row["code"] for row in children] == sorted(row["code"] for row in children)
    assert children[7] == {
        "code": "532327000000",
        "name": "永仁县",
        "base": 3,
        "enrolled": 3,
        "pilots": 1,
        "in_review": 1,
        "recognised": 1,
        "cumulative": 2,
        "completion_ratio": "0.3333",
        "cumulative_ratio": "0.6667",
        "target": "0.6000",
        "gap": 0,
    }
    assert printed["total"] == {
        "code": "532300000000",
        "name": "楚雄彝族自治州",
        "base": 163,
        "enrolled": 3,
        "pilots": 1,
        "in_review": 1,
        "recognised": 1,
        "cumulative": 2,
        "completion_ratio": "0.0061",
        "cumulative_ratio": "0.0123",
        "target": "0.6000",
        "gap": 96,
    }


def test_rollup_command_prints_null_where_nothing_can_be_said(jurisdiction: Place) -> None:
    Community.objects.below(jurisdiction("532323").path).update(counts_as_urban=False)
    printed = command(campaign="national-2020", jurisdiction="532323", year=2021)
    total = printed["total"]
    assert isinstance(total, dict)
    assert (total["base"], total["completion_ratio"], total["cumulative_ratio"]) == (0, None, None)
    assert (total["target"], total["gap"]) == (None, None)


@pytest.mark.parametrize(
    ("campaign", "jurisdiction_code", "year", "message"),
    [
        ("kunming-2021", "5323", 2022, "没有代码为“kunming-2021”的创建行动"),
        ("chuxiong-2021", "5399", 2022, "没有区划代码为“5399”的辖区。"),
        ("chuxiong-2021", "楚雄", 2022, "区划代码“楚雄”不对"),
        ("chuxiong-2021", "53", 2022, "云南省不在“楚雄州绿色社区创建行动”范围内，它的范围是楚雄彝族自治州。"),
        ("chuxiong-2021", "12", 2022, "天津市不在“楚雄州绿色社区创建行动”范围内"),
        ("chuxiong-2021", "5323", 2020, "“楚雄州绿色社区创建行动”没有 2020 年度，它的年度是 2021–2022。"),
    ],
)
def test_rollup_command_refuses_what_it_cannot_count(
    chuxiong: Campaign, campaign: str, jurisdiction_code: str, year: int, message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        command(campaign=campaign, jurisdiction=jurisdiction_code, year=year)


def test_submit_moves_a_community_into_review(chuxiong: Campaign, jurisdiction: Place, community: Find) -> None:
    assessment = fill_in(enrol(community("532327101001"), chuxiong, 2022))
    before = roll_up(chuxiong, jurisdiction("532327"), 2022).total.figures
    submit(assessment)
    after = roll_up(chuxiong, jurisdiction("532327"), 2022).total.figures
    assert (before.in_review, after.in_review) == (0, 1)
