"""Earlier years of who gave a street away and of who received it: every view answers, and says what has no names."""

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags
from openpyxl import load_workbook

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.domain import revoke_recognition
from apps.campaigns.models import Campaign, Recognition, TransferredFigures
from apps.campaigns.rollup import Rollup
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from apps.progress.extent import Extent
from apps.progress.state import VIEWS
from apps.progress.trend import trend_of
from apps.reorganisations.carrying_out import Order
from apps.reorganisations.jurisdictions import create_zone, merge_jurisdictions, move_jurisdiction
from tests.factories import recognised_community
from tests.progress.conftest import on

SignIn = Callable[[Actor], Client]
Place = Callable[[str], Jurisdiction]

CHUXIONG = "/progress/532301000000/?campaign=chuxiong-2021&year=2021"
NANHUA = "/progress/532324000000/?campaign=chuxiong-2021&year=2021"
ORDER = Order(date(2022, 8, 1), reason="区划调整", document_number="楚政发〔2022〕9号")


@pytest.fixture
def moved(
    chuxiong: Campaign,
    jurisdiction: Place,
    make_actor: Callable[[str, Role], Actor],
) -> Actor:
    """鹿城镇 with its 19 communities, one recognised in 2021, went from 楚雄市 to 南华县 in 2022; who did so."""
    administrator = make_actor("5323", Role.BUREAU_ADMIN)
    with on("2021-05-20"):
        recognised_community(Community.objects.get(code="532301101001"), chuxiong, 2021, is_pilot=True)
    with on("2022-08-15"), acting(administrator):
        move_jurisdiction(jurisdiction("532301101"), jurisdiction("532324"), ORDER, actor=administrator)
    return administrator


def row(page: Any, name: str) -> list[str]:
    found = re.findall(r"<tr.*?</tr>", page.text, re.DOTALL)
    lines = [re.findall(r"<t[hd][\s>].*?</t[hd]>", one, re.DOTALL) for one in found]
    told = [[" ".join(strip_tags(cell).split()) for cell in line] for line in lines]
    return next(line for line in told if line and line[0] == name)


def sheet(client: Client, address: str) -> list[tuple[Any, ...]]:
    page = load_workbook(BytesIO(client.get(f"{address}&format=xlsx").content)).active
    assert page is not None
    return list(page.iter_rows(values_only=True))


def words(page: Any) -> str:
    return " ".join(strip_tags(page.text).split())


def test_every_view_of_both_answers(moved: Actor, client_of: SignIn) -> None:
    client = client_of(moved)
    for address in (CHUXIONG, NANHUA, NANHUA.replace("year=2021", "year=2022&beside=last")):
        for view in VIEWS:
            shown = f"{address}&view={view}"
            assert client.get(shown).status_code == 200, shown
            assert client.get(f"{shown}&format=xlsx").status_code == 200, shown


def test_a_recognition_stays_in_its_month_on_both_sides(moved: Actor, client_of: SignIn) -> None:
    def months(address: str) -> list[tuple[str, str, str]]:
        page = client_of(moved).get(f"{address}&view=trend")
        found = [row(page, f"{month} 月") for month in (4, 5, 12)]
        return [(one[1], one[2], one[5]) for one in found]

    assert months(CHUXIONG) == [("0", "0", "—"), ("1", "1", "—"), ("0", "1", "—")]
    assert months(NANHUA) == [("0", "0", "—"), ("0", "0", "—"), ("0", "0", "—")]
    # This year goes on with what came; 上年同期 is what was reported.
    assert months(NANHUA.replace("year=2021", "year=2022"))[:2] == [("0", "1", "0"), ("0", "1", "0")]
    assert months(CHUXIONG.replace("year=2021", "year=2022"))[:2] == [("0", "0", "0"), ("0", "0", "1")]


@pytest.mark.parametrize(("today", "counted"), [("2022-05-19", 0), ("2022-05-20", 1)])
def test_the_same_day_of_last_year_is_that_of_the_places_then(
    moved: Actor, rolled_up: Callable[[str, int], Rollup], today: str, counted: int
) -> None:
    day = date.fromisoformat(today)
    found = [
        trend_of(Extent.of(rollup), None, day) for rollup in (rolled_up("532301", 2022), rolled_up("532324", 2022))
    ]
    assert [one.months[4].before for one in found] == [counted, 0]


@pytest.mark.parametrize("moves_on", [False, True])
def test_what_is_taken_back_after_a_move_leaves_the_year_where_it_was_reported(
    moved: Actor,
    city_approver: Actor,
    jurisdiction: Place,
    rolled_up: Callable[[str, int], Rollup],
    moves_on: bool,
) -> None:
    """From 楚雄市, which reported it, whether the street has gone to 南华县 alone or further to 双柏县."""
    if moves_on:
        with on("2022-08-16"), acting(moved):
            move_jurisdiction(jurisdiction("532301101"), jurisdiction("532322"), ORDER, actor=moved)
    counties = ("532301", "532324", "532322", "5323")

    def counted() -> list[int]:
        return [rolled_up(code, 2021).total.figures.cumulative for code in counties]

    assert counted() == [1, 0, 0, 1]
    with on("2022-08-17"), acting(city_approver):
        revoke_recognition(Recognition.objects.get(), "材料不实", actor=city_approver)
    assert counted() == [0, 0, 0, 0]
    for code in counties:
        months = trend_of(Extent.of(rolled_up(code, 2021)), None, date(2022, 8, 17)).months
        assert {one.recognised for one in months} == {0}, code


def test_a_campaign_counts_what_was_moved_of_its_own_years_only(
    moved: Actor, chuxiong: Campaign, jurisdiction: Place, rolled_up: Callable[[str, int], Rollup]
) -> None:
    """A campaign that is carried out may have begun earlier than the one it carries out."""
    place = jurisdiction("532301")
    TransferredFigures.objects.create(
        jurisdiction=place, campaign=chuxiong, year=2021, recognitions={"2019-05-05": 1}, effective_on=date(2022, 8, 1)
    )
    rollup = rolled_up("532301", 2021)
    assert (rollup.total.figures.cumulative, rollup.transferred.cumulative) == (1, 1)
    assert trend_of(Extent.of(rollup), None, date(2022, 8, 15)).months[11].cumulative == 1


def test_who_received_is_shown_without_what_came(moved: Actor, client_of: SignIn) -> None:
    page = client_of(moved).get(NANHUA)
    assert row(page, "鹿城镇")[1:7] == ["19", "1", "1", "0", "1", "1"]
    transferred = row(page, "划转前数据")
    assert (transferred[1:7], transferred[8:]) == (["-19", "-1", "-1", "0", "-1", "-1"], ["—", "—", "—"])
    assert row(page, "南华县合计")[1:7] == ["12", "0", "0", "0", "0", "0"]
    assert "本级直属" not in page.text
    said = "2021 年的数字按划转前的辖区统计，名单按现在的辖区；数字比名单：底数少 19 个，参与创建少 1 个，试点少 1 个，"
    assert f"{said}2021 年认定少 1 个。" in words(page)


def test_who_gave_away_is_shown_with_what_went(moved: Actor, client_of: SignIn) -> None:
    client = client_of(moved)
    page = client.get(CHUXIONG)
    transferred = row(page, "划转前数据")
    assert (transferred[1:7], transferred[8:]) == (["19", "1", "1", "0", "1", "1"], ["—", "—", "—"])
    assert "数字比名单：底数多 19 个，参与创建多 1 个，试点多 1 个，2021 年认定多 1 个。" in words(page)
    line = next(one for one in re.findall(r"<tr.*?</tr>", page.text, re.DOTALL) if "划转前数据" in one)
    assert "<a" not in line
    lines = sheet(client, CHUXIONG)
    assert next(one for one in lines if one[1] == "划转前数据")[2:] == (19, 1, None, 1, 0, 1, 1, None, None, None)


def test_the_list_that_a_figure_opens_says_so(moved: Actor, client_of: SignIn) -> None:
    client = client_of(moved)
    listed = client.get("/communities/?jurisdiction=532301000000&campaign=chuxiong-2021&year=2021&stage=base")
    assert listed.context["page_obj"].paginator.count == 12
    assert "数字比名单：底数多 19 个" in words(listed)
    by_day = client.get("/communities/?jurisdiction=532301000000&campaign=chuxiong-2021&year=2021&behind=to.2021-06-01")
    assert by_day.context["page_obj"].paginator.count == 0
    assert "2021 年认定多 1 个" in words(by_day)
    now = client.get("/communities/?jurisdiction=532301000000&campaign=chuxiong-2021&year=2022&stage=base")
    assert "数字比名单" not in now.text


@pytest.mark.parametrize("view", ["bars", "tiles", "pilots"])
def test_other_views_name_it_alike(moved: Actor, client_of: SignIn, view: str) -> None:
    client = client_of(moved)
    for address in (CHUXIONG, NANHUA):
        page = client.get(f"{address}&view={view}")
        assert "划转前数据" in page.text
        assert "本级直属" not in page.text
        assert 'href=""' not in page.text
        assert "划转前数据" in [one[1] for one in sheet(client, f"{address}&view={view}")]


def test_a_level_above_both_names_them(moved: Actor, client_of: SignIn) -> None:
    page = client_of(moved).get("/progress/532300000000/?campaign=chuxiong-2021&year=2021")
    assert "数字比名单" not in page.text
    assert "楚雄市、南华县的数字按划转前的辖区统计，名单按现在的辖区" in words(page)
    now = client_of(moved).get("/progress/532300000000/?campaign=chuxiong-2021&year=2022")
    assert "划转" not in now.text
    beside = client_of(moved).get("/progress/532300000000/?campaign=chuxiong-2021&year=2022&beside=last")
    assert "对比的 2021 年数字中，楚雄市、南华县的按划转前的辖区统计" in words(beside)


def test_a_new_zone_is_not_among_those_of_earlier_years_and_cancels_out_all_the_same(
    chuxiong: Campaign, jurisdiction: Place, make_actor: Callable[[str, Role], Actor], client_of: SignIn
) -> None:
    administrator = make_actor("5323", Role.BUREAU_ADMIN)
    streets: list[Jurisdiction] = [jurisdiction("532301101")]
    with on("2022-08-15"), acting(administrator):
        create_zone(jurisdiction("5323"), "高新区", ORDER, actor=administrator, streets=streets, communities=[])
    page = client_of(administrator).get("/progress/532300000000/?campaign=chuxiong-2021&year=2021")
    assert "高新区" not in page.text
    assert "数字比名单" not in page.text
    zone = Jurisdiction.objects.get(name="高新区")
    own = client_of(administrator).get(f"/progress/{zone.key}/?campaign=chuxiong-2021&year=2021")
    assert row(own, "划转前数据")[1] == "-19"
    assert row(own, "高新区合计")[1] == "0"


def test_who_took_over_a_merged_unit_is_shown(
    chuxiong: Campaign, jurisdiction: Place, make_actor: Callable[[str, Role], Actor], client_of: SignIn
) -> None:
    administrator = make_actor("5323", Role.BUREAU_ADMIN)
    with on("2022-08-15"), acting(administrator):
        merge_jurisdictions(jurisdiction("532324"), jurisdiction("532301"), ORDER, actor=administrator)
    for view in ("table", "bars", "tiles", "pilots"):
        page = client_of(administrator).get(f"{CHUXIONG}&view={view}")
        assert page.status_code == 200
        assert "划转前数据" in page.text


def test_communities_right_under_a_place_stand_beside_what_was_transferred(
    moved: Actor, jurisdiction: Place, client_of: SignIn
) -> None:
    Community.objects.create(name="县直社区居委会", jurisdiction=jurisdiction("532324"), counts_as_urban=True)
    page = client_of(moved).get(NANHUA)
    assert row(page, "本级直属")[1] == "1"
    assert row(page, "划转前数据")[1] == "-19"
