"""Confirming and reopening baselines: the number stands whatever happens to the live list, until the level above reopens it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.campaigns.rollup import roll_up
from apps.communities.confirming import confirming_unit_of, confirming_units
from apps.communities.models import Baseline, BaselineEntry, Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.changes import (
    baseline_confirmed_again,
    baseline_reopened,
    confirmed_again,
    reopenings_answered,
)
from apps.reorganisations.baselines import (
    confirm_baseline,
    differences,
    mark_of,
    reopen_baseline,
    unit_lines,
    years_of,
)
from apps.reorganisations.communities import NewCommunity, close_community, move_community, open_community
from apps.reorganisations.jurisdictions import move_jurisdiction
from tests.reorganisations.figures import Book, order, past_of, this_year_of

Find = Callable[[str], Community]
Place = Callable[[str], Jurisdiction]
Read = Callable[..., Book]
MakeActor = Callable[[str, Role], Actor]


def confirm(actor: Actor, year: int = 2022, **also: str) -> Baseline:
    with acting(actor):
        return confirm_baseline(actor.jurisdiction, year, actor=actor, **also)


def test_confirm_freezes_the_live_list(
    approver: Actor, clerk: Actor, community: Find, jurisdiction: Place, figures: Read
) -> None:
    baseline = confirm(approver, seen=mark_of(approver.jurisdiction, 2022))
    assert (baseline.number, baseline.entries.count()) == (31, 31)
    with acting(clerk):
        close_community(community("532301101001"), order(), actor=clerk)
        open_community(NewCommunity("新设测试社区", jurisdiction("532301101")), order(), actor=clerk)
        open_community(NewCommunity("新设测试二社区", jurisdiction("532301101")), order(), actor=clerk)
    Community.objects.filter(code="532301101006").update(counts_as_urban=False)
    book = figures()
    assert (book["楚雄市", 2022][0], book["楚雄彝族自治州", 2022][0]) == (31, 163)
    told = [(one.community.short_name, one.why) for one in differences(baseline)]
    closed, flagged = community("532301101001").short_name, community("532301101006").short_name
    assert told == [
        (closed, "已撤销（2022-08-01）"),
        (flagged, "不再计入城市社区"),
        ("新设测试社区", "新设（2022-08-01）"),
        ("新设测试二社区", "新设（2022-08-01）"),
    ]


def test_reopen_lets_the_live_list_count_again(
    approver: Actor, clerk: Actor, city_approver: Actor, community: Find, figures: Read
) -> None:
    baseline = confirm(approver)
    with acting(clerk):
        close_community(community("532301101001"), order(), actor=clerk)
    with acting(city_approver):
        reopened = reopen_baseline(baseline, " 漏报一个社区 ", actor=city_approver)
        assert reopen_baseline(baseline, "又一次", actor=city_approver).reopening_reason == "漏报一个社区"
    assert (reopened.number, BaselineEntry.objects.count()) == (31, 0)
    assert figures()["楚雄市", 2022][0] == 30
    again = confirm(approver)
    assert (again.pk != baseline.pk, again.number) == (True, 30)


def test_confirm_twice_has_one_effect(approver: Actor, make_actor: MakeActor) -> None:
    first = confirm(approver)
    assert confirm(approver) == first
    colleague = make_actor("532301", Role.APPROVER)
    other = type(colleague.user).objects.create(
        username="other-approver", display_name="另一审批人", jurisdiction=colleague.jurisdiction
    )
    second = Actor(other, colleague.membership)
    with pytest.raises(TransitionError, match=r"2022 年底数 31 个，已于 .* 由 .* 确认。需要更正的，请上级退回"):
        confirm(second)


def test_confirm_refuses_a_list_that_has_changed_since(approver: Actor) -> None:
    seen = mark_of(approver.jurisdiction, 2022)
    Community.objects.filter(code="532301101006").update(counts_as_urban=False)
    with pytest.raises(StaleForm, match="名单有变化"):
        confirm(approver, seen=seen)
    assert not Baseline.objects.exists()


def test_confirm_of_no_year_at_all_shows_the_page_of_this_one(
    approver: Actor, client_of: Callable[[Actor], Client]
) -> None:
    for year in (0, 99_999_999_999):
        refused = client_of(approver).post(f"/baselines/{year}/confirm/", {"seen": ""})
        assert refused.status_code == 422
        assert f"{year} 年的底数不能确认。可以确认的年度：2020、2021、2022" in refused.text


@pytest.mark.parametrize("year", [2019, 2023])
def test_confirm_refuses_years_to_come_and_of_no_campaign(approver: Actor, year: int) -> None:
    with pytest.raises(InvalidInput, match=f"{year} 年的底数不能确认。可以确认的年度：2020、2021、2022"):
        confirm(approver, year)


def test_only_districts_and_cities_without_any_confirm(jurisdiction: Place) -> None:
    assert [one.name for one in confirming_units(jurisdiction("4419").path)] == ["东莞市"]
    assert confirming_units(jurisdiction("5323").path).count() == 10
    assert confirming_unit_of(jurisdiction("532301101").path) == jurisdiction("532301")
    assert confirming_unit_of(jurisdiction("5323").path) is None
    assert years_of(jurisdiction("532301")) == [2022, 2021, 2020]


def test_confirm_is_the_districts_own_approvers(make_actor: MakeActor, jurisdiction: Place, stranger: Actor) -> None:
    place = jurisdiction("532301")
    for actor in (make_actor("532301", Role.STAFF), make_actor("5323", Role.APPROVER), stranger):
        with acting(actor), pytest.raises(PermissionDenied):
            confirm_baseline(place, 2022, actor=actor)


def test_reopen_is_the_level_aboves_with_a_reason(
    approver: Actor, city_approver: Actor, make_actor: MakeActor, stranger: Actor
) -> None:
    baseline = confirm(approver)
    for actor in (approver, make_actor("532324", Role.APPROVER), stranger):
        with acting(actor), pytest.raises(PermissionDenied):
            reopen_baseline(baseline, "测试", actor=actor)
    with acting(city_approver), pytest.raises(InvalidInput, match="请填写退回理由"):
        reopen_baseline(baseline, " ", actor=city_approver)


def test_reopening_is_told_to_the_district(approver: Actor, clerk: Actor, city_approver: Actor) -> None:
    baseline = confirm(approver)
    with acting(city_approver):
        reopened = reopen_baseline(baseline, "漏报", actor=city_approver)
        (message,) = baseline_reopened(reopened)
    assert {one.user for one in message.people} == {approver.user, clerk.user}
    assert (message.title, message.url) == ("楚雄市 2022 年底数已退回", "/baselines/?year=2022")


def test_confirming_again_is_told_to_who_reopened_and_answers_what_the_district_was_told(
    approver: Actor, city_approver: Actor
) -> None:
    first = confirm(approver)
    assert not confirmed_again().exists()
    with acting(city_approver):
        reopen_baseline(first, "漏报", actor=city_approver)
    second = confirm(approver)
    assert confirmed_again().get() == second
    (message,) = baseline_confirmed_again(second)
    assert [one.user for one in message.people] == [city_approver.user]
    assert message.title == "楚雄市 2022 年底数已重新确认"
    assert message.text == "退回前 31 个，现在 31 个。\n退回理由：漏报"
    assert reopenings_answered(second) == [f"baseline:{first.pk}"]


@pytest.mark.parametrize(("first", "second"), [(True, True), (True, False), (False, True), (False, False)])
def test_move_between_counties_that_have_confirmed_or_not(
    first: bool,
    second: bool,
    make_actor: MakeActor,
    city_clerk: Actor,
    city_approver: Actor,
    community: Find,
    jurisdiction: Place,
    figures: Read,
) -> None:
    confirmed = [
        confirm(make_actor(code, Role.APPROVER), year)
        for code, wanted in (("532301", first), ("532324", second))
        if wanted
        for year in (2021, 2022)
    ]
    before = figures()
    with acting(city_clerk):
        move_community(community("532301101001"), jurisdiction("532324101"), order(), actor=city_clerk)
    after = figures()
    assert past_of(after) == past_of(before)
    this_year = this_year_of(after)
    assert (this_year["楚雄市"][0], this_year["南华县"][0], this_year["楚雄彝族自治州"][0]) == (30, 13, 163)
    assert BaselineEntry.objects.filter(community__code="532301101001").count() == (2 if second else 0)
    # Reopened afterwards, every year counts the same: the lists were right.
    with acting(city_approver):
        for one in confirmed:
            reopen_baseline(one, "核对", actor=city_approver)
    assert figures() == after


def test_table_of_districts_takes_the_same_queries_whatever_their_number(
    approver: Actor,
    jurisdiction: Place,
    django_assert_num_queries: Callable[[int], AbstractContextManager[None]],
) -> None:
    confirm(approver)
    prefecture = jurisdiction("5323")
    units = list(confirming_units(prefecture.path).order_by("path"))
    for number in (1, 3):
        with django_assert_num_queries(7):
            lines = unit_lines(units[:number], prefecture.path, 2022)
        assert len(lines) == number
    line = next(one for one in unit_lines(units, prefecture.path, 2022) if one.jurisdiction.name == "楚雄市")
    assert (line.state, line.counted, line.live, line.difference) == ("已确认", 31, 31, 0)


def test_a_past_year_confirmed_after_a_transfer_keeps_what_was_counted(
    approver: Actor, city_clerk: Actor, community: Find, jurisdiction: Place, figures: Read, chuxiong: Campaign
) -> None:
    before = figures()
    with acting(city_clerk):
        move_community(community("532301101001"), jurisdiction("532324101"), order(), actor=city_clerk)
    assert confirm(approver, 2021).number == 30
    assert past_of(figures()) == past_of(before)
    assert roll_up(chuxiong, jurisdiction("532301"), 2021).total.figures.base == 31


def test_the_table_of_baselines_counts_what_the_progress_page_counts(
    chuxiong: Campaign, make_actor: MakeActor, city_administrator: Actor, jurisdiction: Place
) -> None:
    prefecture = jurisdiction("5323")
    confirm(make_actor("532301", Role.APPROVER), 2021)
    with acting(city_administrator):
        move_jurisdiction(jurisdiction("532301101"), jurisdiction("532324"), order(), actor=city_administrator)
    confirm(make_actor("532324", Role.APPROVER), 2021)
    for year in (2021, 2022):
        lines = unit_lines(confirming_units(prefecture.path), prefecture.path, year)
        counted = {one.jurisdiction.name: one.figures.base for one in roll_up(chuxiong, prefecture, year).children}
        assert {one.jurisdiction.name: one.base for one in lines} == counted
    moved = {
        one.jurisdiction.name: one.transferred
        for one in unit_lines(confirming_units(prefecture.path), prefecture.path, 2021)
    }
    assert (moved["楚雄市"], moved["南华县"]) == (19, -19)
