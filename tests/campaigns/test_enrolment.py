"""Enrolling communities in a plan, taking them off again, making pilots."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.domain import enrol_communities, mark_pilot, remove_from_plan
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction, Level
from tests.factories import enrol, fill_in

Acting = Callable[[Actor], AbstractContextManager[None]]


@pytest.fixture
def three(jurisdiction: Callable[[str], Jurisdiction]) -> list[Community]:
    """The first three communities of 楚雄市."""
    return list(Community.objects.below(jurisdiction("532301").path).in_code_order()[:3])


def test_enrol_communities_with_a_pilot(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    with acting(district_reviewer):
        done = enrol_communities(chuxiong, 2022, three, actor=district_reviewer, pilots=[three[1].pk])
    assert [one.community for one in done.added] == three
    assert done.unchanged == []
    rows = Participation.objects.filter(campaign=chuxiong).order_by("community__code")
    assert [(one.community_id, one.year, one.is_pilot, one.stage, one.created_by) for one in rows] == [
        (three[0].pk, 2022, False, "planned", district_reviewer.user),
        (three[1].pk, 2022, True, "planned", district_reviewer.user),
        (three[2].pk, 2022, False, "planned", district_reviewer.user),
    ]
    assert [one.path for one in rows] == [one.path for one in three]


def test_enrol_communities_again_changes_nothing(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    with acting(district_reviewer):
        enrol_communities(chuxiong, 2021, three[:2], actor=district_reviewer)
        again = enrol_communities(chuxiong, 2022, three, actor=district_reviewer, pilots=[three[0].pk])
    assert [one.community for one in again.added] == three[2:]
    assert sorted(one.community_id for one in again.unchanged) == [one.pk for one in three[:2]]
    rows = Participation.objects.filter(campaign=chuxiong).order_by("community__code")
    assert [(one.year, one.is_pilot) for one in rows] == [(2021, False), (2021, False), (2022, False)]


def test_enrol_communities_named_twice_counts_them_once(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    with acting(district_reviewer):
        done = enrol_communities(chuxiong, 2022, [three[0], three[0]], actor=district_reviewer)
    assert len(done.added) == 1
    assert Participation.objects.filter(campaign=chuxiong).count() == 1


def test_a_community_that_came_under_another_unit_meanwhile_is_named(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    elsewhere = Jurisdiction.objects.filter(level=Level.STREET, parent__code="532302000000").order_by("path")[0]
    Community.objects.filter(pk=three[1].pk).update(jurisdiction=elsewhere)
    with acting(district_reviewer), pytest.raises(StaleForm, match=f"{three[1]} 刚刚划出楚雄市"):
        enrol_communities(chuxiong, 2022, three, actor=district_reviewer)
    assert not Participation.objects.filter(campaign=chuxiong).exists()


@pytest.mark.parametrize("year", [2020, 2023])
def test_enrol_communities_outside_the_years(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting, year: int
) -> None:
    with acting(district_reviewer), pytest.raises(InvalidInput, match=f"{year} 年不在"):
        enrol_communities(chuxiong, year, three, actor=district_reviewer)


def test_enrol_communities_outside_the_campaign(
    chuxiong: Campaign, make_actor: Callable[[str, Role], Actor], jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    planner = make_actor("120101", Role.STAFF)
    elsewhere = Community.objects.below(jurisdiction("120101").path).in_code_order()[:1]
    with pytest.raises(InvalidInput, match="辖区内"):
        enrol_communities(chuxiong, 2022, elsewhere, actor=planner)


@pytest.mark.parametrize(
    "change", [{"counts_as_urban": False}, {"closed_on": date(2022, 12, 31)}, {"opened_on": date(2023, 1, 1)}]
)
def test_enrol_communities_not_counted_takes_none(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting, change: dict[str, object]
) -> None:
    Community.objects.filter(pk=three[1].pk).update(**change)
    with acting(district_reviewer), pytest.raises(InvalidInput, match="不计入城市社区"):
        enrol_communities(chuxiong, 2022, three, actor=district_reviewer)
    assert not Participation.objects.filter(campaign=chuxiong).exists()


@pytest.mark.parametrize(("first", "second"), [("national-2020", "chuxiong-2021"), ("chuxiong-2021", "national-2020")])
def test_enrol_communities_of_another_campaign_of_the_line(
    three: list[Community], district_reviewer: Actor, acting: Acting, first: str, second: str
) -> None:
    # Put down as it was before the prefecture had a campaign of its own, which the plans are made in since.
    earlier = Campaign.objects.get(code=first)
    Participation.objects.create(campaign=earlier, community=three[0], year=2022, created_at=clock.now())
    with acting(district_reviewer), pytest.raises(InvalidInput, match="已参加"):
        enrol_communities(Campaign.objects.get(code=second), 2022, three, actor=district_reviewer)


def test_enrol_communities_above_in_a_year_that_the_nearer_campaign_lacks(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    """楚雄州 carries the nation's campaign out in 2021 and 2022; that of the nation begins in 2020 and is extended to 2023."""
    Campaign.objects.filter(code="national-2020").update(last_year=2023)
    Campaign.objects.filter(pk=chuxiong.pk).update(status=Campaign.Status.CLOSED)
    nation = Campaign.objects.get(code="national-2020")
    with acting(district_reviewer):
        for year, one in ((2020, three[0]), (2023, three[1])):
            assert len(enrol_communities(nation, year, [one], actor=district_reviewer).added) == 1
        said = f"楚雄彝族自治州执行“{chuxiong}”，2022 年度计划在其中编制和上报，不在“{nation}”中办理。"
        with pytest.raises(InvalidInput, match=said):
            enrol_communities(nation, 2022, three[2:], actor=district_reviewer)


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("532301", Role.VIEWER),
        ("532301", Role.BUREAU_ADMIN),
        ("532301101", Role.STREET_OFFICER),
        ("532322", Role.STAFF),
    ],
)
def test_enrol_communities_wants_the_verb(
    chuxiong: Campaign,
    three: list[Community],
    make_actor: Callable[[str, Role], Actor],
    code: str,
    role: Role,
) -> None:
    with pytest.raises(PermissionDenied):
        enrol_communities(chuxiong, 2022, three, actor=make_actor(code, role))


def test_remove_from_plan_before_the_self_assessment(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    planned = enrol(three[0], chuxiong, 2022)
    with acting(district_reviewer):
        remove_from_plan(planned, actor=district_reviewer)
    assert not Participation.objects.filter(campaign=chuxiong).exists()


def test_remove_from_plan_twice_has_one_effect(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    first, second = enrol(three[0], chuxiong, 2022), enrol(three[1], chuxiong, 2022)
    with acting(district_reviewer):
        seen = Participation.objects.get(pk=first.pk)
        remove_from_plan(first, actor=district_reviewer)
        remove_from_plan(seen, actor=district_reviewer)
    assert list(Participation.objects.filter(campaign=chuxiong)) == [second]


def test_remove_from_plan_after_the_self_assessment_began(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    planned = enrol(three[0], chuxiong, 2022)
    fill_in(planned)
    with acting(district_reviewer), pytest.raises(TransitionError, match="自评中，不能调出计划"):
        remove_from_plan(planned, actor=district_reviewer)
    assert Participation.objects.filter(campaign=chuxiong).count() == 1


def test_remove_from_plan_wants_the_verb(chuxiong: Campaign, three: list[Community], street_officer: Actor) -> None:
    planned = enrol(three[0], chuxiong, 2022)
    with pytest.raises(PermissionDenied):
        remove_from_plan(planned, actor=street_officer)


def test_mark_pilot_and_back(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    planned = enrol(three[0], chuxiong, 2022)
    with acting(district_reviewer):
        assert mark_pilot(planned, True, actor=district_reviewer).is_pilot
        assert mark_pilot(planned, True, actor=district_reviewer).is_pilot
        assert not mark_pilot(planned, False, actor=district_reviewer).is_pilot


def test_mark_pilot_after_the_self_assessment_began(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    planned = enrol(three[0], chuxiong, 2022)
    fill_in(planned)
    with acting(district_reviewer), pytest.raises(TransitionError, match="自评中，不能再改试点"):
        mark_pilot(planned, True, actor=district_reviewer)


def test_mark_pilot_of_what_has_ended(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    planned = enrol(three[0], chuxiong, 2021)
    Participation.objects.filter(pk=planned.pk).update(ended_on=date(2022, 6, 1))
    with (
        acting(district_reviewer),
        pytest.raises(TransitionError, match="已于 2022-06-01 终止创建，此前的数字不再变动，不能再改试点。"),
    ):
        mark_pilot(planned, True, actor=district_reviewer)


def test_mark_pilot_of_a_community_taken_off_the_plan(
    chuxiong: Campaign, three: list[Community], district_reviewer: Actor, acting: Acting
) -> None:
    planned = enrol(three[0], chuxiong, 2022)
    with acting(district_reviewer):
        remove_from_plan(Participation.objects.get(pk=planned.pk), actor=district_reviewer)
        with pytest.raises(TransitionError, match="已调出计划"):
            mark_pilot(planned, True, actor=district_reviewer)


def test_mark_pilot_wants_the_verb(chuxiong: Campaign, three: list[Community], street_officer: Actor) -> None:
    planned = enrol(three[0], chuxiong, 2022)
    with pytest.raises(PermissionDenied):
        mark_pilot(planned, True, actor=street_officer)
