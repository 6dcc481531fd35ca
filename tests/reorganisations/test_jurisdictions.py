"""Reorganised jurisdictions: every level's earlier years stay, this year is right, people and reviews go along."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.acting import acting
from apps.accounts.domain import grant_membership
from apps.accounts.models import Membership, Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import agree_assessment
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Recognition, Target
from apps.campaigns.rollup import roll_up
from apps.campaigns.targets import set_target
from apps.communities.models import BaselineEntry, Community
from apps.communities.survey_fields import FieldFacts, add_field, change_field
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import Jurisdiction, Level
from apps.reorganisations import past_years
from apps.reorganisations.baselines import confirm_baseline
from apps.reorganisations.carrying_out import preview
from apps.reorganisations.communities import rename_community
from apps.reorganisations.jurisdictions import (
    create_zone,
    merge_jurisdictions,
    move_jurisdiction,
    rename_jurisdiction,
    take_over,
)
from apps.reorganisations.models import JurisdictionChange
from tests.factories import enrol, fill_in, person_at, recognised_community, submit, submitted_community
from tests.reorganisations.figures import Book, order, past_of, this_year_of

Find = Callable[[str], Community]
Place = Callable[[str], Jurisdiction]
Read = Callable[..., Book]
MakeActor = Callable[[str, Role], Actor]


@pytest.fixture
def both_counties(chuxiong: Campaign, community: Find, make_actor: MakeActor) -> None:
    """楚雄市 and 南华县 with everything: recognised, under way, on the plan, a baseline of 2021."""
    recognised_community(community("532301101001"), chuxiong, 2021, is_pilot=True)
    recognised_community(community("532301101006"), chuxiong, 2022, planned=2021)
    submitted_community(community("532301101008"), chuxiong, 2021)
    nanhua = list(Community.objects.filter(code__startswith="532324101").order_by("code")[:3])
    recognised_community(nanhua[0], chuxiong, 2021)
    submitted_community(nanhua[1], chuxiong, 2022)
    fill_in(enrol(nanhua[2], chuxiong, 2022))
    for code in ("532301", "532324"):
        approver = make_actor(code, Role.APPROVER)
        with acting(approver):
            confirm_baseline(approver.jurisdiction, 2021, actor=approver)


def test_rename_changes_name_and_code_and_no_figure(
    both_counties: None, figures: Read, city_administrator: Actor, jurisdiction: Place
) -> None:
    before = figures()
    with acting(city_administrator):
        change = rename_jurisdiction(
            jurisdiction("532324"), "南华区", "532398000000", order(), actor=city_administrator
        )
    place = Jurisdiction.objects.get(code="532398000000")
    assert place.name == "南华区"
    assert [str(one) for one in change.successions.all()] == [
        "楚雄彝族自治州南华县（532324000000） → 楚雄彝族自治州南华区（532398000000）"
    ]
    assert figures() == {key: numbers for key, numbers in before.items() if key[0] != "南华县"}
    assert figures("532398")["南华区", 2021] == before["南华县", 2021]


def test_move_street_to_another_county(
    both_counties: None,
    figures: Read,
    city_administrator: Actor,
    jurisdiction: Place,
    make_actor: MakeActor,
    community: Find,
) -> None:
    officer = make_actor("532301101", Role.STREET_OFFICER)
    before = figures()
    with acting(city_administrator):
        move_jurisdiction(jurisdiction("532301101"), jurisdiction("532324"), order(), actor=city_administrator)
    after = figures()
    assert past_of(after) == past_of(before)
    this_year = this_year_of(after)
    assert this_year["楚雄市"] == (12, 0, 0, 0, 0)
    assert this_year["南华县"] == (31, 6, 1, 1, 3)
    assert this_year["楚雄彝族自治州"] == before["楚雄彝族自治州", 2022]
    assert this_year["鹿城镇"] == before["鹿城镇", 2022]
    assessment = Assessment.objects.get(participation__community__code="532301101008")
    assert assessment.holder.name == "南华县"
    # The street's officer works on under the new county, whose clerk reviews.
    assert Membership.objects.get(pk=officer.membership.pk).path == jurisdiction("532301101").path
    reviewer = make_actor("532324", Role.STAFF)
    with acting(reviewer):
        agree_assessment(assessment, actor=reviewer)
    again = Actor(officer.user, Membership.objects.select_related("jurisdiction").get(pk=officer.membership.pk))
    submit(fill_in(enrol(community("532301101009"), Campaign.objects.get(code="chuxiong-2021"), 2022), actor=again))
    # What 楚雄市 confirmed of 2021 stays 31, though the street has gone.
    assert after["楚雄市", 2021][0] == 31


def test_a_number_that_is_out_of_reach_after_the_move_is_told(
    both_counties: None, chuxiong: Campaign, city_administrator: Actor, jurisdiction: Place
) -> None:
    for year, number in ((2021, 25), (2022, 12), (2023, 13)):
        Target.objects.create(
            campaign=chuxiong, jurisdiction=jurisdiction("532301"), year=year, kind=Target.Kind.NUMBER, value=number
        )
    with acting(city_administrator):
        change = move_jurisdiction(jurisdiction("532301101"), jurisdiction("532324"), order(), actor=city_administrator)
    told = [(one["name"], one["fate"], one["note"]) for one in change.effects if one["what"] == "创建目标"]
    note = "目标不随社区划转，请重新下达"
    assert told == [("楚雄市 2023 年社区数 13 个", "多于调整后的底数 12 个", note)]


def test_zone_takes_a_street_and_a_single_community(
    both_counties: None,
    figures: Read,
    city_administrator: Actor,
    jurisdiction: Place,
    community: Find,
    chuxiong: Campaign,
) -> None:
    before = figures()
    with acting(city_administrator):
        create_zone(
            jurisdiction("5323"),
            "楚雄高新区",
            order(),
            actor=city_administrator,
            streets=[jurisdiction("532301102")],
            communities=[community("532301101001")],
        )
    zone = Jurisdiction.objects.get(name="楚雄高新区")
    after = figures()
    assert past_of(after) == past_of(before)
    assert (zone.level, zone.kind, zone.code, str(zone.opened_on)) == (
        "district",
        "development_zone",
        None,
        "2022-08-01",
    )
    streets = before["东瓜镇", 2022][0]
    assert this_year_of(after)["楚雄市"] == (30 - streets, 2, 0, 1, 1)
    total = {year: roll_up(chuxiong, zone, year).total.figures for year in (2021, 2022)}
    assert (total[2021].base, total[2021].enrolled, total[2021].cumulative) == (0, 0, 0)
    assert (total[2022].base, total[2022].enrolled, total[2022].cumulative) == (streets + 1, 1, 1)
    names = {
        year: [line.jurisdiction.name for line in roll_up(chuxiong, jurisdiction("5323"), year).children]
        for year in (2021, 2022)
    }
    assert ("楚雄高新区" in names[2021], "楚雄高新区" in names[2022]) == (False, True)
    with acting(city_administrator):
        take_over(
            Jurisdiction.objects.get(pk=zone.pk),
            order(),
            actor=city_administrator,
            communities=[community("532324101001")],
        )
    last = figures()
    assert past_of(last) == past_of(before)
    assert roll_up(chuxiong, zone, 2022).total.figures.base == streets + 2


def test_targets_that_the_old_unit_gave_out_are_for_the_new_one_to_change(
    both_counties: None,
    city_administrator: Actor,
    city_approver: Actor,
    jurisdiction: Place,
    make_actor: MakeActor,
    chuxiong: Campaign,
) -> None:
    street, county = jurisdiction("532301102"), make_actor("532301", Role.APPROVER)
    with acting(county):
        set_target(chuxiong, street, 2022, Decimal(80), actor=county)
    with acting(city_approver):
        set_target(chuxiong, street, 2022, Decimal(2), actor=city_approver, kind=Target.Kind.NUMBER)
    with acting(city_administrator):
        create_zone(jurisdiction("5323"), "高新区", order(), actor=city_administrator, streets=[street], communities=[])
    zone = Jurisdiction.objects.get(name="高新区")
    assert {one.kind: one.issued_by for one in Target.objects.filter(jurisdiction=street)} == {
        "percent": zone,
        "number": jurisdiction("5323"),
    }


def test_what_a_new_zone_has_in_review_counts_above_it_in_earlier_years_too(
    both_counties: None, figures: Read, city_administrator: Actor, jurisdiction: Place, chuxiong: Campaign
) -> None:
    before = figures()
    with acting(city_administrator):
        create_zone(
            jurisdiction("5323"),
            "高新区",
            order(),
            actor=city_administrator,
            streets=[jurisdiction("532301101")],
            communities=[],
        )
    assert past_of(figures()) == past_of(before)
    rollup = roll_up(chuxiong, jurisdiction("5323"), 2021)
    # 审核中 is a figure of now: what was planned for 2021 and waits in the zone waits there in the table of 2021.
    assert [(line.jurisdiction.name, line.figures.in_review) for line in rollup.children if line.figures.in_review] == [
        ("高新区", 1)
    ]
    assert (rollup.total.figures.base, rollup.total.figures.in_review) == (163, 1)


def test_merge_counties_that_both_have_data(
    both_counties: None,
    figures: Read,
    city_administrator: Actor,
    city_approver: Actor,
    jurisdiction: Place,
    make_actor: MakeActor,
    chuxiong: Campaign,
) -> None:
    gone, into = jurisdiction("532324"), jurisdiction("532301")
    with acting(city_approver):
        for place in (gone, into):
            set_target(chuxiong, place, 2022, Decimal(70), actor=city_approver)
    this_years, street = make_actor("532324", Role.APPROVER), jurisdiction("532324101")
    with acting(this_years):
        set_target(chuxiong, street, 2022, Decimal(80), actor=this_years)
        confirm_baseline(gone, 2022, actor=this_years)
    administrator = make_actor("532324", Role.BUREAU_ADMIN)
    both = make_actor("532324", Role.STAFF)
    grant_membership(both.user, into, Role.STAFF)
    before = figures()
    with acting(city_administrator):
        change = merge_jurisdictions(gone, into, order(), actor=city_administrator)
    after = figures()
    assert past_of(after) == past_of(before)
    this_year = this_year_of(after)
    assert this_year["楚雄市"] == (43, 6, 1, 1, 3)
    assert this_year["南华县"] == (0, 0, 0, 0, 0)
    assert this_year["楚雄彝族自治州"] == before["楚雄彝族自治州", 2022]
    # The old one has no place in the table of this year, and keeps that of the last.
    for year, shown in ((2021, True), (2022, False)):
        names = [line.jurisdiction.name for line in roll_up(chuxiong, jurisdiction("5323"), year).children]
        assert ("南华县" in names) == shown
    assert {one.holder.name for one in Assessment.objects.filter(status="in_review")} == {"楚雄市"}
    assert str(Jurisdiction.objects.get(pk=gone.pk).closed_on) == "2022-08-01"
    assert not Membership.objects.filter(jurisdiction=gone).exists()
    assert Membership.objects.get(pk=administrator.membership.pk).jurisdiction == into
    assert Membership.objects.filter(user=both.user).count() == 1
    assert type(both.user).objects.get(pk=both.user.pk).jurisdiction == into
    assert Target.objects.filter(jurisdiction=gone).count() == 1
    assert Target.objects.get(jurisdiction=street).issued_by == into
    assert ("创建目标", "不并入楚雄市") in [(one["what"], one["fate"]) for one in change.effects]
    assert not BaselineEntry.objects.filter(year=2022).exists()
    # 楚雄市 reviews what came over.
    reviewer = make_actor("532301", Role.STAFF)
    nanhua = Assessment.objects.get(status="in_review", participation__community__code__startswith="532324")
    with acting(reviewer):
        agree_assessment(nanhua, actor=reviewer)
    assert Recognition.objects.filter(path__startswith=into.path).count() == 3


def test_merge_streets(both_counties: None, figures: Read, make_actor: MakeActor, jurisdiction: Place) -> None:
    administrator = make_actor("532301", Role.BUREAU_ADMIN)
    officer = make_actor("532301101", Role.STREET_OFFICER)
    before = figures()
    with acting(administrator):
        merge_jurisdictions(jurisdiction("532301101"), jurisdiction("532301102"), order(), actor=administrator)
    after = figures()
    assert past_of(after) == past_of(before)
    assert after["楚雄市", 2022] == before["楚雄市", 2022]
    assert after["东瓜镇", 2022][0] == before["鹿城镇", 2022][0] + before["东瓜镇", 2022][0]
    assert after["鹿城镇", 2022] == (0, 0, 0, 0, 0)
    assert Membership.objects.get(pk=officer.membership.pk).jurisdiction == jurisdiction("532301102")


def test_preview_leaves_everything_as_it_is(
    both_counties: None, figures: Read, city_administrator: Actor, jurisdiction: Place
) -> None:
    before = figures()
    gone, into = jurisdiction("532324"), jurisdiction("532301")
    with acting(city_administrator):
        shown = preview(lambda: merge_jurisdictions(gone, into, order(), actor=city_administrator), [gone, into])
    assert figures() == before
    assert not JurisdictionChange.objects.exists()
    assert [(line.place.name, line.after) for line in shown.figures] == [("楚雄市", (43, 6, 3)), ("南华县", (0, 0, 0))]


def test_what_was_merged_is_reorganised_no_more(
    both_counties: None, city_administrator: Actor, jurisdiction: Place
) -> None:
    gone, into = jurisdiction("532324"), jurisdiction("532301")
    with acting(city_administrator):
        once = order()
        first = merge_jurisdictions(gone, into, once, actor=city_administrator)
        assert merge_jurisdictions(gone, into, once, actor=city_administrator) == first
        with pytest.raises(TransitionError, match="南华县已于 2022-08-01 撤销"):
            rename_jurisdiction(gone, "南华区", "", order(), actor=city_administrator)


@pytest.mark.parametrize(
    ("code", "role"), [("532301", Role.BUREAU_ADMIN), ("5323", Role.APPROVER), ("12", Role.BUREAU_ADMIN)]
)
def test_only_an_administrator_above_both_reorganises(
    make_actor: MakeActor, jurisdiction: Place, code: str, role: Role
) -> None:
    actor = make_actor(code, role)
    with acting(actor), pytest.raises(PermissionDenied):
        move_jurisdiction(jurisdiction("532301101"), jurisdiction("532324"), order(), actor=actor)
    with acting(actor), pytest.raises(PermissionDenied):
        rename_jurisdiction(jurisdiction("532301"), "又名", "", order(), actor=actor)


def test_refusals_name_what_stands_in_the_way(
    both_counties: None, city_administrator: Actor, jurisdiction: Place, make_actor: MakeActor, community: Find
) -> None:
    lucheng, city, nanhua = jurisdiction("532301101"), jurisdiction("532301"), jurisdiction("532324")
    with acting(city_administrator):
        for to, said in ((city, "已经隶属楚雄市"), (jurisdiction("532324101"), "不能隶属")):
            with pytest.raises(InvalidInput, match=said):
                move_jurisdiction(lucheng, to, order(), actor=city_administrator)
        with pytest.raises(InvalidInput, match="请填写批准文号"):
            rename_jurisdiction(nanhua, "南华区", "", order(document_number=" "), actor=city_administrator)
        with pytest.raises(InvalidInput, match="应并入另一个乡级单位"):
            merge_jurisdictions(lucheng, nanhua, order(), actor=city_administrator)
        with pytest.raises(InvalidInput, match="不是开发区"):
            take_over(nanhua, order(), actor=city_administrator, communities=[community("532301101001")])


def test_the_same_name_in_both_streets_is_settled_first(
    make_actor: MakeActor, clerk: Actor, jurisdiction: Place
) -> None:
    first = Community.objects.filter(jurisdiction=jurisdiction("532301101")).first()
    second = Community.objects.filter(jurisdiction=jurisdiction("532301102")).first()
    assert first is not None
    assert second is not None
    with acting(clerk):
        rename_community(first, second.name, order(), actor=clerk)
    administrator = make_actor("532301", Role.BUREAU_ADMIN)
    with acting(administrator), pytest.raises(InvalidInput, match=f"都有“{second.name}”"):
        merge_jurisdictions(jurisdiction("532301101"), jurisdiction("532301102"), order(), actor=administrator)


def test_merge_of_a_county_whose_street_was_merged_before(
    both_counties: None, figures: Read, city_administrator: Actor, jurisdiction: Place
) -> None:
    before = figures()
    with acting(city_administrator):
        merge_jurisdictions(jurisdiction("532301101"), jurisdiction("532301102"), order(), actor=city_administrator)
        merge_jurisdictions(jurisdiction("532301"), jurisdiction("532324"), order(), actor=city_administrator)
    after = figures()
    assert past_of(after) == past_of(before)
    assert after["南华县", 2022] == (43, 6, 1, 1, 3)
    assert jurisdiction("532301102").parent == jurisdiction("532324")
    assert jurisdiction("532301101").parent == jurisdiction("532301")


def test_seating_many_takes_the_same_queries_whatever_their_number(
    chuxiong: Campaign,
    community: Find,
    city_administrator: Actor,
    jurisdiction: Place,
) -> None:
    codes = ("532301101001", "532301101006", "532301101008", "532301101009")

    def moved(number: int) -> int:
        for code in codes[:number]:
            if not Assessment.objects.filter(participation__community__code=code).exists():
                submitted_community(community(code), chuxiong, 2022)
        with acting(city_administrator), CaptureQueriesContext(connection) as queries, transaction.atomic():
            move_jurisdiction(jurisdiction("532301101"), jurisdiction("532324"), order(), actor=city_administrator)
            assert Assessment.objects.filter(holder__code="532324000000").count() == number
            transaction.set_rollback(True)
        return len(queries)

    assert moved(1) == moved(4)


def test_streets_of_one_name_are_settled_before_their_counties_become_one(
    both_counties: None, city_administrator: Actor, jurisdiction: Place
) -> None:
    street, other = jurisdiction("532301101"), jurisdiction("532324101")
    gone, into = jurisdiction("532324"), jurisdiction("532301")
    with acting(city_administrator):
        rename_jurisdiction(other, street.name, "", order(), actor=city_administrator)
        with pytest.raises(InvalidInput, match=f"南华县和楚雄市都有“{street.name}”"):
            merge_jurisdictions(gone, into, order(), actor=city_administrator)
        with pytest.raises(InvalidInput, match=f"南华县已有“{street.name}”"):
            move_jurisdiction(street, gone, order(), actor=city_administrator)


def test_communities_of_one_name_do_not_come_to_one_zone(
    city_administrator: Actor, clerk: Actor, jurisdiction: Place, community: Find
) -> None:
    one, other = community("532301101001"), Community.objects.filter(jurisdiction=jurisdiction("532301102")).first()
    assert other is not None
    with acting(clerk):
        rename_community(one, other.name, order(), actor=clerk)
    with acting(city_administrator), pytest.raises(InvalidInput, match=f"重名：“{other.name}”"):
        create_zone(jurisdiction("5323"), "高新区", order(), actor=city_administrator, communities=[one, other])


def make_unit(name: str, level: Level, parent: Jurisdiction) -> Jurisdiction:
    made = Jurisdiction.objects.create(name=name, level=level, parent=parent, code=None)
    return Jurisdiction.objects.select_related("parent").get(pk=made.pk)


def test_what_is_asked_under_one_name_in_both_is_settled_before_a_county_comes_to_another_city(
    make_actor: MakeActor, jurisdiction: Place
) -> None:
    dali = make_unit("大理州", Level.CITY, jurisdiction("53"))
    for place in (jurisdiction("532324"), dali):
        asks = person_at(place, Role.BUREAU_ADMIN)
        with acting(asks):
            field = add_field(FieldFacts("充电桩数", "whole", unit="个"), actor=asks)
    province = make_actor("53", Role.BUREAU_ADMIN)
    said = f"南华县和{dali}都有调查项目“充电桩数”.*请先由其中一个单位把自己的项目改名"
    with acting(province), pytest.raises(InvalidInput, match=said):
        move_jurisdiction(jurisdiction("532324"), dali, order(), actor=province)
    with acting(province), pytest.raises(InvalidInput, match=said):
        merge_jurisdictions(jurisdiction("5323"), dali, order(), actor=province)
    with acting(asks):
        change_field(field, FieldFacts("充电桩总数", "whole", unit="个"), actor=asks, seen=field.version)
    with acting(province):
        move_jurisdiction(jurisdiction("532324"), dali, order(), actor=province)


def test_a_unit_without_communities_does_not_leave_its_province(make_actor: MakeActor, jurisdiction: Place) -> None:
    nation = make_actor("000000000000", Role.BUREAU_ADMIN)
    empty = make_unit("新设街道", Level.STREET, jurisdiction("532301"))
    with acting(nation), pytest.raises(InvalidInput, match="不能调整到其他省"):
        move_jurisdiction(empty, jurisdiction("120101"), order(), actor=nation)


def test_targets_given_out_by_the_parent_of_a_merged_unit_find_the_unit_that_goes_on(
    make_actor: MakeActor, jurisdiction: Place, chuxiong: Campaign, city_approver: Actor
) -> None:
    street, gone = jurisdiction("532324101"), jurisdiction("532324")
    dali = make_unit("大理州", Level.CITY, jurisdiction("53"))
    into = make_unit("祥云县", Level.DISTRICT, dali)
    with acting(city_approver):
        set_target(chuxiong, street, 2022, Decimal(80), actor=city_approver)
    province = make_actor("53", Role.BUREAU_ADMIN)
    with acting(province):
        merge_jurisdictions(gone, into, order(), actor=province)
    assert Target.objects.get(jurisdiction=street).issued_by == into


def test_what_a_closed_county_asked_of_its_communities_is_told(
    city_administrator: Actor, make_actor: MakeActor, jurisdiction: Place
) -> None:
    administrator = make_actor("532324", Role.BUREAU_ADMIN)
    with acting(administrator):
        add_field(FieldFacts("快递柜数", "whole"), actor=administrator)
    with acting(city_administrator):
        change = merge_jurisdictions(jurisdiction("532324"), jurisdiction("532301"), order(), actor=city_administrator)
    assert ("调查项目", "快递柜数", "不并入楚雄市") in [
        (one["what"], one["name"], one["fate"]) for one in change.effects
    ]


def test_a_change_that_would_alter_earlier_years_is_refused(
    both_counties: None, city_administrator: Actor, jurisdiction: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_years.TransferredFigures.objects, "bulk_create", list)
    with acting(city_administrator), pytest.raises(TransitionError, match="以前年度的数字会变动，没有办理"):
        move_jurisdiction(jurisdiction("532301101"), jurisdiction("532324"), order(), actor=city_administrator)
