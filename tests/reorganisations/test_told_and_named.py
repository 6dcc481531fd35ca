"""Who is told of a change, and that the names behind a figure are as many as the figure says."""

from collections.abc import Callable

import pytest

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.assessments.queue import waiting_at
from apps.campaigns import drilldown
from apps.campaigns.models import Campaign
from apps.campaigns.rollup import roll_up
from apps.communities.models import Community
from apps.dashboard.todos import todos_of
from apps.evaluations.summarising import _names_by_child
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.changes import community_changed_for, reorganised, touched_by
from apps.reorganisations.baselines import confirm_baseline
from apps.reorganisations.communities import close_community, merge_communities, move_community
from apps.reorganisations.jurisdictions import create_zone, merge_jurisdictions, move_jurisdiction
from apps.reorganisations.models import CommunityChange, JurisdictionChange
from tests.factories import enrol, person_at, recognised_community, submitted_community
from tests.reorganisations.figures import order

Find = Callable[[str], Community]
Place = Callable[[str], Jurisdiction]
MakeActor = Callable[[str, Role], Actor]


def test_the_office_that_held_an_ended_self_assessment_is_told(
    clerk: Actor, approver: Actor, community: Find, chuxiong: Campaign
) -> None:
    one = community("532301101008")
    assessment = submitted_community(one, chuxiong, 2022)
    with acting(clerk):
        change = close_community(one, order(ends_assessments=True), actor=clerk)
        (message,) = touched_by(change)
    assert {clerk.user, approver.user} <= {membership.user for membership in message.people}
    assert message.title == f"鹿城镇{one} 2022 年自评终止办理"
    assert message.url == f"/reviews/{assessment.pk}/"


def test_the_office_that_a_self_assessment_came_to_is_told(
    city_clerk: Actor, community: Find, jurisdiction: Place, chuxiong: Campaign, make_actor: MakeActor
) -> None:
    one, reviewer = community("532301101008"), make_actor("532324", Role.STAFF)
    submitted_community(one, chuxiong, 2022)
    with acting(city_clerk):
        change = move_community(one, jurisdiction("532324101"), order(), actor=city_clerk)
        (message,) = touched_by(change)
    assert [membership.user for membership in message.people] == [reviewer.user]
    assert "由楚雄市转到南华县" in message.title


def test_those_of_the_unit_that_goes_on_are_told_of_a_merger(
    city_administrator: Actor, jurisdiction: Place, clerk: Actor
) -> None:
    with acting(city_administrator):
        change = merge_jurisdictions(jurisdiction("532324"), jurisdiction("532301"), order(), actor=city_administrator)
        (message,) = reorganised(change)
    assert clerk.user in {membership.user for membership in message.people}
    assert message.url == "/progress/532301000000/"


@pytest.mark.parametrize("year", [2021, 2022])
def test_names_are_as_many_as_the_figures_say(
    year: int, clerk: Actor, approver: Actor, community: Find, jurisdiction: Place, chuxiong: Campaign
) -> None:
    recognised_community(community("532301101001"), chuxiong, 2021)
    recognised_community(community("532301101006"), chuxiong, 2021)
    enrol(community("532301101008"), chuxiong, 2022)
    with acting(approver):
        confirm_baseline(approver.jurisdiction, 2022, actor=approver)
    with acting(clerk):
        for code in ("532301101001", "532301101009"):
            close_community(community(code), order(), actor=clerk)
    figures = roll_up(chuxiong, jurisdiction("532301"), year).total.figures
    all_of_them = Community.objects.below(jurisdiction("532301").path)
    base = drilldown.at_stage(all_of_them, chuxiong, year, drilldown.BASE)
    enrolled = drilldown.at_stage(all_of_them, chuxiong, year, drilldown.ENROLLED)
    recognised = drilldown.recognised(all_of_them, chuxiong, 2021, 2021, year)
    listed = _names_by_child(chuxiong, jurisdiction("5323"), year, len(jurisdiction("532301").path))
    assert len(listed[jurisdiction("532301").path][2021]) == recognised.count()
    numbers = (base.count(), enrolled.count(), recognised.count())
    assert numbers == (figures.base, figures.enrolled, figures.by_year[2021])
    assert numbers == ((31, 2, 2) if year == 2021 else (31, 2, 1))


def test_a_change_decided_above_is_read_by_those_whom_it_is_about(
    city_clerk: Actor, community: Find, jurisdiction: Place, chuxiong: Campaign, make_actor: MakeActor
) -> None:
    one, other = community("532301101008"), Community.objects.filter(code__startswith="532324101").order_by("pk")[0]
    submitted_community(one, chuxiong, 2022)
    with acting(city_clerk):
        merge_communities([one], other, order(ends_assessments=True), actor=city_clerk)
    for code, reads in (("532301", True), ("532324", True), ("532327", False)):
        with acting(make_actor(code, Role.STAFF)):
            assert CommunityChange.objects.exists() == reads


def test_a_reorganisation_is_read_by_the_units_that_it_is_about(
    city_administrator: Actor, jurisdiction: Place, make_actor: MakeActor
) -> None:
    with acting(city_administrator):
        move_jurisdiction(jurisdiction("532301101"), jurisdiction("532324"), order(), actor=city_administrator)
    for code, reads in (("532301101", True), ("532324", True), ("532327", False)):
        with acting(make_actor(code, Role.STAFF if len(code) == 6 else Role.STREET_OFFICER)):
            assert JurisdictionChange.objects.exists() == reads


def test_street_and_county_are_told_of_a_community_that_leaves_them(
    city_clerk: Actor, clerk: Actor, community: Find, jurisdiction: Place, make_actor: MakeActor
) -> None:
    one = community("532301101008")
    left, joined = make_actor("532301101", Role.STREET_OFFICER), make_actor("532324101", Role.STREET_OFFICER)
    county, beside = make_actor("532324", Role.STAFF), make_actor("532327", Role.STAFF)
    with acting(city_clerk):
        change = move_community(one, jurisdiction("532324101"), order(), actor=city_clerk)
        told = {member.user: message for message in community_changed_for(change) for member in message.people}
    assert {left.user, joined.user, clerk.user, county.user} <= set(told)
    assert not {beside.user, city_clerk.user} & set(told)
    assert told[left.user].title == f"社区调整所属街道：鹿城镇{one} → 龙川镇{one}"
    assert told[left.user].url == "/progress/532301101000/"
    assert told[joined.user].url == f"/communities/{one.pk}/"


def test_a_street_is_told_what_its_county_does_to_its_communities_and_colleagues_are_not(
    clerk: Actor, approver: Actor, community: Find, make_actor: MakeActor
) -> None:
    officer = make_actor("532301101", Role.STREET_OFFICER)
    one, other = community("532301101008"), community("532301101009")
    with acting(clerk):
        change = merge_communities([other], one, order(), actor=clerk)
        (message,) = community_changed_for(change)
    assert [member.user for member in message.people] == [officer.user]
    assert message.title == f"社区合并：鹿城镇{other} → 鹿城镇{one}"
    assert approver.user != officer.user


def test_what_a_zone_has_to_fill_in_again_is_for_its_street_officers_and_not_in_its_queue(
    city_administrator: Actor, clerk: Actor, jurisdiction: Place, community: Find, chuxiong: Campaign
) -> None:
    one = submitted_community(community("532301101008"), chuxiong, 2022)
    with acting(clerk):
        return_assessment(one, "请补充", actor=clerk)
    with acting(city_administrator):
        taken = [community("532301101008")]
        create_zone(jurisdiction("5323"), "高新区", order(), actor=city_administrator, communities=taken)
    zone = Jurisdiction.objects.get(name="高新区")
    officer, reviewer = person_at(zone, Role.STREET_OFFICER), person_at(zone, Role.STAFF)
    assert not waiting_at(zone).exists()
    with acting(officer):
        assert [todo.action for todo in todos_of(officer) if todo.kind == "退回"] == ["修改"]
    with acting(reviewer):
        assert [todo.kind for todo in todos_of(reviewer) if todo.kind in ("退回", "审核")] == []
