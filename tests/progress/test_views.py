"""进展 in the browser of those who read it: figures, drill-down, what is out of sight."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from openpyxl import load_workbook

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.domain import revoke_recognition
from apps.campaigns.models import Campaign, Recognition, Target
from apps.communities.models import Community
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.baselines import confirm_baseline
from tests.factories import enrol, fill_in, recognised_community, submitted_community

Place = Callable[[str], Jurisdiction]
Find = Callable[[str], Community]
SignIn = Callable[[Actor], Client]
Queries = Callable[[int], AbstractContextManager[Any]]

PREFECTURE = "/progress/532300000000/?campaign=chuxiong-2021&year=2022"
STREET = "/progress/532327101000/?campaign=chuxiong-2021&year=2022"


@pytest.fixture
def yongren(chuxiong: Campaign, community: Find) -> list[Community]:
    """永仁县's three communities: recognised in 2021 as a pilot, in review, not taking part."""
    three = [community(f"53232710100{number}") for number in (1, 2, 3)]
    recognised_community(three[0], chuxiong, 2021, is_pilot=True)
    submitted_community(three[1], chuxiong, 2022)
    return three


def rows(page: Any) -> list[list[str]]:
    """The texts of every table row's cells."""
    html = page.content.decode()
    return [
        [" ".join(strip_tags(cell).split()) for cell in re.findall(r"<t[hd][\s>].*?</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    ]


def row(page: Any, name: str) -> list[str]:
    return next(cells for cells in rows(page) if cells and cells[0] == name)


def figures(page: Any) -> list[str]:
    """The strip's figures, each with its note, as one text."""
    cells = re.findall(r'<div class="figure-cell">.*?</div>', page.content.decode(), re.DOTALL)
    return [" ".join(strip_tags(cell).split()) for cell in cells]


def test_progress_leads_to_ones_own_jurisdiction(chuxiong: Campaign, city_approver: Actor, client_of: SignIn) -> None:
    page = client_of(city_approver).get("/progress/?year=2021")
    assert page.status_code == 302
    assert page["Location"] == "/progress/532300000000/?campaign=chuxiong-2021&year=2021"


def test_progress_shows_children_and_total(yongren: list[Community], city_approver: Actor, client_of: SignIn) -> None:
    page = client_of(city_approver).get(PREFECTURE)
    assert rows(page)[0] == [
        "县（市、区）",
        "底数",
        "参与",
        "试点",
        "审核中",
        "2021 认定",
        "2022 认定",
        "累计",
        "完成比例（竖线为目标）",
        "合计完成比例",
        "目标",
        "还差",
    ]
    shown = row(page, "永仁县")
    assert shown[1:8] == ["3", "2", "1", "1", "1", "0", "1"]
    assert shown[9:] == ["33.33%", "60%", "1"]
    total = row(page, "楚雄彝族自治州合计")
    assert (total[1:8], total[9:]) == (["163", "2", "1", "1", "1", "0", "1"], ["0.61%", "60%", "97"])
    assert figures(page) == [
        "城市社区底数 163 10 个县（市、区）",
        "参与创建 2 占底数 1.23% · 试点 1",
        "审核中 1 已提交，待上级审核",
        "累计认定 1 2021 年 1 · 2022 年 0",
        "合计完成比例 / 目标 0.61% / 60% 还差 97 个社区",
    ]


def test_progress_of_an_earlier_year_has_no_later_column(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    page = client_of(city_approver).get("/progress/532300000000/?campaign=chuxiong-2021&year=2021")
    assert "2022 认定" not in rows(page)[0]
    shown = row(page, "永仁县")
    assert (shown[1:7], shown[8:]) == (["3", "1", "1", "0", "1", "1"], ["33.33%", "20%", "—"])


def test_progress_figures_open_their_names(yongren: list[Community], city_approver: Actor, client_of: SignIn) -> None:
    client = client_of(city_approver)
    html = client.get(PREFECTURE).content.decode()
    county = re.search(r'<th scope="row">\s*<a href="[^"]*">永仁县</a>.*?</tr>', html, re.DOTALL)
    assert county is not None
    links = [link.replace("&amp;", "&") for link in re.findall(r'class="figure-link"\s+href="([^"]*)"', county.group())]
    expected = {"stage=base": 3, "stage=enrolled": 2, "stage=pilots": 1, "stage=in_review": 1, "recognised=2021": 1}
    assert [link.rpartition("&")[2] for link in links] == [*expected, "recognised=cumulative"]
    for link, count in zip(links, [*expected.values(), 1], strict=True):
        assert client.get(link).context["page_obj"].paginator.count == count, link


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("code", "楚雄市"),
        ("-code", "武定县"),
        ("ratio", "永仁县"),
        ("-ratio", "楚雄市"),
        ("gap", "禄丰市"),
        ("-gap", "永仁县"),
        ("nonsense", "楚雄市"),
        ("-nonsense", "楚雄市"),
        ("--gap", "楚雄市"),
    ],
)
def test_progress_sorts_its_rows(
    yongren: list[Community], city_approver: Actor, client_of: SignIn, sort: str, first: str
) -> None:
    assert rows(client_of(city_approver).get(f"{PREFECTURE}&sort={sort}"))[1][0] == first


def test_a_second_press_sorts_the_other_way(yongren: list[Community], city_approver: Actor, client_of: SignIn) -> None:
    client, address, said = client_of(city_approver), PREFECTURE, []
    for _ in range(3):
        page = client.get(address).content.decode()
        head = re.search(r'<th[^>]*?(?:aria-sort="(\w+)"[^>]*)?>\s*<a\s+class="sort"\s+href="([^"]*)"\s*>还差', page)
        assert head is not None
        said.append(head[1])
        address = head[2].replace("&amp;", "&")
    assert said == [None, "descending", "ascending"]
    assert address.endswith("&sort=gap")
    tiles = client.get(f"{PREFECTURE}&view=tiles&sort=-gap").content.decode().replace("&amp;", "&")
    assert "/progress/532327000000/?campaign=chuxiong-2021&year=2022&view=tiles&sort=-gap" in tiles
    assert 'name="sort" value="-gap"' in tiles


def test_what_has_no_figure_stands_last_either_way(
    yongren: list[Community], jurisdiction: Place, city_approver: Actor, client_of: SignIn
) -> None:
    Jurisdiction.objects.create(
        name="楚雄高新区", level="district", kind="development_zone", parent=jurisdiction("5323")
    )
    for sort in ("ratio", "-ratio", "gap", "-gap"):
        assert rows(client_of(city_approver).get(f"{PREFECTURE}&sort={sort}"))[-2][0] == "楚雄高新区", sort


def test_progress_of_a_street_names_its_communities(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    page = client_of(city_approver).get(STREET)
    assert rows(page)[1:] == [
        ["苴却社区", "532327101001", "2021", "已认定 试点", "2021", "—"],
        ["龙头山社区", "532327101002", "2022", "审核中", "—", "—"],
        ["小汉坝社区", "532327101003", "—", "未参与", "—", "—"],
    ]
    assert f'href="/communities/{yongren[0].pk}/"' in page.content.decode()


def test_progress_of_a_street_says_what_no_longer_counts(
    yongren: list[Community],
    city_approver: Actor,
    client_of: SignIn,
    acting: Callable[[Actor], AbstractContextManager[Any]],
) -> None:
    with acting(city_approver):
        revoke_recognition(Recognition.objects.get(), "弄虚作假", actor=city_approver)
    Community.objects.filter(pk=yongren[1].pk).update(counts_as_urban=False)
    Community.objects.filter(pk=yongren[2].pk).update(counts_as_urban=False)
    assert rows(client_of(city_approver).get(STREET))[1:] == [
        ["苴却社区", "532327101001", "2021", "已摘牌", "—", "—"],
        ["龙头山社区 不计入底数", "532327101002", "2022", "审核中", "—", "—"],
    ]


def test_progress_of_a_street_goes_by_the_confirmed_list(
    yongren: list[Community],
    make_actor: Callable[[str, Role], Actor],
    city_approver: Actor,
    client_of: SignIn,
    acting: Callable[[Actor], AbstractContextManager[Any]],
) -> None:
    county = make_actor("532327", Role.APPROVER)
    Community.objects.filter(pk=yongren[1].pk).update(counts_as_urban=False)
    with acting(county):
        confirm_baseline(county.jurisdiction, 2022, actor=county)
    Community.objects.filter(pk=yongren[1].pk).update(counts_as_urban=True)
    Community.objects.filter(pk=yongren[2].pk).update(counts_as_urban=False)
    page = client_of(city_approver).get(STREET)
    assert [cells[0] for cells in rows(page)[1:]] == ["苴却社区", "龙头山社区 不计入底数", "小汉坝社区"]
    assert page.context["rollup"].total.figures.base == 2


def test_progress_shows_what_lies_right_under_a_county(
    yongren: list[Community], jurisdiction: Place, city_approver: Actor, client_of: SignIn
) -> None:
    yongren[0].jurisdiction = jurisdiction("532327")
    yongren[0].save()
    page = client_of(city_approver).get("/progress/532327000000/?campaign=chuxiong-2021&year=2022")
    assert row(page, "本级直属")[1:8] == ["1", "1", "1", "0", "1", "0", "1"]
    assert row(page, "苴却社区")[3] == "已认定 试点"
    assert row(page, "永仁县合计")[1:8] == ["3", "2", "1", "1", "1", "0", "1"]


def test_progress_names_what_is_above_without_links(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn
) -> None:
    html = client_of(city_approver).get("/progress/532301101000/?campaign=chuxiong-2021").content.decode()
    trail = re.search(r'<nav class="breadcrumbs".*?</nav>', html, re.DOTALL)
    assert trail is not None
    assert strip_tags(trail.group()).split() == ["全国", "云南省", "楚雄彝族自治州", "楚雄市", "鹿城镇"]
    assert re.findall(r'href="/progress/(\d+)/', trail.group()) == ["532300000000", "532301000000"]


@pytest.mark.parametrize(
    "key", ["000000000000", "530000000000", "120000000000", "120101000000", "999999999999", "999", "x"]
)
def test_progress_out_of_sight_is_not_found(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn, key: str
) -> None:
    assert client_of(city_approver).get(f"/progress/{key}/").status_code == 404


@pytest.mark.parametrize(
    "query", ["campaign=kunming-2021", "campaign=tianjin-2020", "campaign=chuxiong-2021&year=2020", "year=x"]
)
def test_progress_of_an_unknown_campaign_or_year_is_not_found(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn, query: str
) -> None:
    assert client_of(city_approver).get(f"/progress/532300000000/?{query}").status_code == 404


def test_progress_of_a_campaign_below_leads_to_its_jurisdiction(
    chuxiong: Campaign, province_reviewer: Actor, client_of: SignIn
) -> None:
    client = client_of(province_reviewer)
    for address in (
        "/progress/?campaign=chuxiong-2021&year=2022",
        "/progress/530000000000/?campaign=chuxiong-2021&year=2022",
    ):
        assert client.get(address)["Location"] == PREFECTURE


def test_progress_of_a_unit_without_a_code_goes_by_its_id(
    chuxiong: Campaign, jurisdiction: Place, city_approver: Actor, client_of: SignIn
) -> None:
    zone = Jurisdiction.objects.create(
        name="楚雄高新区", level="district", kind="development_zone", parent=jurisdiction("5323")
    )
    page = client_of(city_approver).get(PREFECTURE)
    assert f'href="/progress/{zone.pk}/?campaign=chuxiong-2021&amp;year=2022"' in page.content.decode()
    assert client_of(city_approver).get(f"/progress/{zone.pk}/?campaign=chuxiong-2021").status_code == 200
    shown = row(page, "楚雄高新区")
    assert (shown[1], shown[9:]) == ("0", ["—", "60%", "—"])


def test_progress_without_a_campaign_says_so(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.progress.views.current_campaign", lambda request: None)
    page = client_of(city_approver).get("/progress/")
    assert (page.status_code, "还没有创建行动" in page.content.decode()) == (200, True)


def test_progress_as_a_sheet_holds_what_is_seen(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    answer = client_of(city_approver).get(f"{PREFECTURE}&sort=ratio&format=xlsx")
    assert answer["Content-Disposition"].startswith("attachment;")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[0] == [
        *["区划代码", "县（市、区）", "底数", "参与", "参与比例", "试点", "审核中"],
        *["2021年认定", "2022年认定", "累计认定", "合计完成比例", "目标", "还差"],
    ]
    assert lines[1] == ["532327000000", "永仁县", 3, 2, 0.6667, 1, 1, 1, 0, 1, 0.3333, 0.6, 1]
    assert lines[-1] == ["532300000000", "楚雄彝族自治州", 163, 2, 0.0123, 1, 1, 1, 0, 1, 0.0061, 0.6, 97]


def test_progress_of_a_street_as_a_sheet_holds_the_communities(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    sheet = load_workbook(BytesIO(client_of(city_approver).get(f"{STREET}&format=xlsx").content)).active
    assert sheet is not None
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[1] == ["532327101001", "苴却社区", "是", 2021, "是", "已认定", 2021, None]
    assert lines[3] == ["532327101003", "小汉坝社区", "是", None, None, "未参与", None, None]


@pytest.mark.parametrize(("role", "offered"), [(Role.APPROVER, True), (Role.VIEWER, False)])
def test_progress_offers_the_form_to_those_who_may_export(
    chuxiong: Campaign, make_actor: Callable[[str, Role], Actor], client_of: SignIn, role: Role, offered: bool
) -> None:
    page = client_of(make_actor("5323", role)).get(PREFECTURE)
    assert ("导出附件2" in page.content.decode()) is offered


VIEWS = ["table", "bars", "tiles", "trend", "stages", "criteria", "pilots", "late"]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_queries_do_not_grow(
    chuxiong: Campaign,
    community: Find,
    city_approver: Actor,
    client_of: SignIn,
    django_assert_max_num_queries: Queries,
    view: str,
) -> None:
    client, counts = client_of(city_approver), set()
    for code in ("532327101001", "532327101002", "532327101003"):
        submitted_community(community(code), chuxiong, 2022)
        with django_assert_max_num_queries(25) as captured:
            assert client.get(f"{PREFECTURE}&view={view}&beside=last").status_code == 200
        counts.add(len(captured))
    assert len(counts) == 1


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_can_be_taken_along(
    yongren: list[Community], city_approver: Actor, client_of: SignIn, view: str
) -> None:
    client = client_of(city_approver)
    for address in (PREFECTURE, STREET):
        answer = client.get(f"{address}&view={view}&beside=last&format=xlsx")
        sheet = load_workbook(BytesIO(answer.content)).active
        assert sheet is not None
        assert sheet.max_column > 4


def shown_view(page: Any) -> str:
    found = re.search(
        r'aria-current="page">([^<]*)</a>\s*(?:<a|</nav>)', page.content.decode().partition("progress-tabs")[2]
    )
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("address", "view", "shown"),
    [
        (PREFECTURE, "tiles", "格子图"),
        (PREFECTURE, "nonsense", "表格"),
        # A street has no children to draw.
        (STREET, "tiles", "表格"),
        (STREET, "criteria", "薄弱条目"),
    ],
)
def test_address_says_which_view(
    yongren: list[Community], city_approver: Actor, client_of: SignIn, address: str, view: str, shown: str
) -> None:
    assert shown_view(client_of(city_approver).get(f"{address}&view={view}")) == shown


def test_address_holds_the_whole_state(yongren: list[Community], city_approver: Actor, client_of: SignIn) -> None:
    client = client_of(city_approver)
    page = client.get(f"{PREFECTURE}&view=tiles&sort=gap&beside=last").content.decode().replace("&amp;", "&")
    state = "campaign=chuxiong-2021&year=2022&view=tiles&sort=gap&beside=last"
    assert f"/progress/532327000000/?{state}" in page
    assert "/progress/532300000000/?campaign=chuxiong-2021&year=2022&view=stages&sort=gap&beside=last" in page
    county = client.get(f"/progress/532301000000/?{state}").content.decode().replace("&amp;", "&")
    assert f"/progress/532300000000/?{state}" in county
    for name, value in {"view": "tiles", "sort": "gap", "beside": "last"}.items():
        assert f'name="{name}" value="{value}"' in county
    late = client.get("/progress/532301000000/?campaign=chuxiong-2021&year=2022&view=late&kind=returned&age=30")
    trail = late.content.decode().partition("breadcrumbs")[2].partition("</nav>")[0].replace("&amp;", "&")
    assert "/progress/532300000000/?campaign=chuxiong-2021&year=2022&view=late&kind=returned&age=30" in trail
    moved = client.get("/progress/?view=trend&sort=gap")["Location"]
    assert moved.endswith("&view=trend&sort=gap")
    assert client.get("/progress/?format=xlsx")["Location"].endswith("&format=xlsx")


def test_last_year_stands_beside(yongren: list[Community], city_approver: Actor, client_of: SignIn) -> None:
    page = client_of(city_approver).get(f"{PREFECTURE}&beside=last")
    shown = row(page, "永仁县")
    assert shown[1:8] == ["3 上年 3 持平", "2 上年 1 +1", "1 上年 1 持平", "1", "1", "0", "1 上年 1 持平"]
    assert shown[9:] == ["33.33% 持平", "60%", "1"]
    assert figures(page)[1] == "参与创建 2 占底数 1.23% · 试点 1 · 上年 1，+1"
    assert figures(page)[3] == "累计认定 1 2021 年 1 · 2022 年 0 · 上年 1，持平"
    # The campaign's first year has none before it.
    first = client_of(city_approver).get("/progress/532300000000/?campaign=chuxiong-2021&year=2021&beside=last")
    assert "对比" not in first.content.decode()


def test_tiles_say_in_words_what_their_colours_say(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    html = client_of(city_approver).get(f"{PREFECTURE}&view=tiles").content.decode()
    tiles = re.findall(r'class="tile tile-(\w+)"[^>]*>(.*?)</a>', html, re.DOTALL)
    told = {" ".join(strip_tags(text).split()): tone for tone, text in tiles}
    assert told["永仁县 33.33% 1/3 · 还差 1 个"] == "short"
    assert len(told) == 10


def test_a_target_of_more_communities_than_there_are_is_told(
    yongren: list[Community], chuxiong: Campaign, city_approver: Actor, client_of: SignIn
) -> None:
    """As a transfer leaves a number: no pace leads there."""
    county = Jurisdiction.objects.get(code="532327000000")
    Target.objects.create(campaign=chuxiong, jurisdiction=county, year=2022, kind=Target.Kind.NUMBER, value=5)
    client = client_of(city_approver)
    assert "目标多于底数 3 个" in client.get(f"{PREFECTURE}&view=tiles").text
    page = strip_tags(client.get("/progress/532327000000/?campaign=chuxiong-2021&year=2022").text)
    assert "目标 5 个多于底数，请报下达单位调整" in page
    assert "还差" not in page.partition("请报下达单位调整")[0].rpartition("合计完成比例")[2]
    plan = strip_tags(client.get("/plan/?campaign=chuxiong-2021&year=2022&jurisdiction=532327000000").text)
    assert "多于底数 3 个，请报下达单位调整" in plan
    sheet = client.get("/campaigns/chuxiong-2021/?kind=number&format=xlsx")
    found = load_workbook(BytesIO(sheet.content)).active
    assert found is not None
    assert any("多于底数 3 个" in str(cell) for row in found.iter_rows(values_only=True) for cell in row)


def test_charts_are_loaded_where_one_is_drawn(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    client = client_of(city_approver)
    for view in VIEWS:
        assert ("echarts" in client.get(f"{PREFECTURE}&view={view}").content.decode()) is (view == "trend")


def test_every_figure_of_the_stages_opens_its_names(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    client = client_of(city_approver)
    for view in ("stages", "trend", "criteria", "pilots"):
        html = client.get(f"{PREFECTURE}&view={view}").content.decode()
        links = re.findall(r'class="figure-link"\s+href="([^"]*)"\s*>([\d,]+)</a>', html)
        assert links, view
        for link, count in links:
            page = client.get(link.replace("&amp;", "&"))
            assert page.context["page_obj"].paginator.count == int(count), link


def test_figures_of_last_year_open_their_names(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    client = client_of(city_approver)
    html = client.get(f"{PREFECTURE}&beside=last").text
    in_table = re.findall(r'<a class="figure-link" href="([^"]*)">上年 (\d+)<', html)
    in_strip = re.findall(r'上年 <a class="figure-link" href="([^"]*)">(\d+)<', html)
    assert (len(in_table) > 10, len(in_strip)) == (True, 3)
    for link, count in in_table + in_strip:
        page = client.get(link.replace("&amp;", "&"))
        assert page.context["page_obj"].paginator.count == int(count), link


def test_names_of_a_figure_that_is_none_are_refused(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    page = client_of(city_approver).get("/communities/?campaign=chuxiong-2021&year=2022&behind=at.nowhere")
    assert (page.status_code, page.context["page_obj"].paginator.count) == (200, 0)


def test_headline_says_which_figure(yongren: list[Community], city_approver: Actor, client_of: SignIn) -> None:
    page = client_of(city_approver).get("/communities/?campaign=chuxiong-2021&year=2022&behind=at.in_review.district")
    assert "截至 2022 年 · 县级审核" in page.content.decode()


def test_progress_queries_do_not_grow(
    chuxiong: Campaign, community: Find, city_approver: Actor, client_of: SignIn, django_assert_max_num_queries: Queries
) -> None:
    client, counts = client_of(city_approver), []
    for code in ("532327101001", "532327101002", "532327101003"):
        fill_in(enrol(community(code), chuxiong, 2022))
        for address in (STREET, PREFECTURE, "/progress/532327000000/?campaign=chuxiong-2021&year=2022"):
            with django_assert_max_num_queries(25) as captured:
                assert client.get(address).status_code == 200
            counts.append((address, len(captured)))
    assert len(set(counts)) == 3


def test_pilots_without_a_rule_ask_for_nothing(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    client = client_of(city_approver)
    page = client.get(f"{PREFECTURE}&view=pilots")
    assert row(page, "永仁县") == ["永仁县", "3", "1", "1", "—", "—", "—"]
    assert row(page, "合计")[4:] == ["—", "—", "—"]
    county = client.get("/progress/532327000000/?campaign=chuxiong-2021&year=2022&view=pilots")
    assert row(county, "永定镇")[3:] == ["—", "—"]
    assert row(county, "合计")[3:] == ["", "—"]
    sheet = load_workbook(BytesIO(client.get(f"{PREFECTURE}&view=pilots&format=xlsx").content)).active
    assert sheet is not None
    told = next(line for line in sheet.iter_rows(values_only=True) if line[1] == "永仁县")
    assert told[2:] == (3, 1, 1, None, None, None, None)


def test_pilots_with_a_rule_tell_that_none_is_missing(
    yongren: list[Community], chuxiong: Campaign, jurisdiction: Place, city_approver: Actor, client_of: SignIn
) -> None:
    kind = Target.Kind.PILOTS_PER_STREET
    Target.objects.create(campaign=chuxiong, jurisdiction=jurisdiction("532327"), year=2022, kind=kind, value=1)
    client = client_of(city_approver)
    page = client.get(f"{PREFECTURE}&view=pilots")
    assert row(page, "永仁县") == ["永仁县", "3", "1", "1", "0", "0", "0"]
    assert row(page, "合计")[4:] == ["0", "0", "0"]
    assert row(page, "楚雄市")[4:] == ["—", "—", "—"]
    assert "没有统一的街道试点要求" in page.text
    sheet = load_workbook(BytesIO(client.get(f"{PREFECTURE}&view=pilots&format=xlsx").content)).active
    assert sheet is not None
    told = next(line for line in sheet.iter_rows(values_only=True) if line[1] == "永仁县")
    assert told[2:] == (3, 1, 1, 0, 0, 0, "至少 1 个")


def test_trend_says_up_to_which_day_the_running_month_is_measured(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    with clock.stopped_at(datetime(2022, 8, 15, 9, tzinfo=timezone.get_current_timezone())):
        client = client_of(city_approver)
        page = client.get(f"{PREFECTURE}&view=trend")
        sheet = load_workbook(BytesIO(client.get(f"{PREFECTURE}&view=trend&format=xlsx").content)).active
    assert row(page, "8 月 截至 8 月 15 日")[3:5] == ["62", "少 61"]
    assert "本月只算到今天" in page.content.decode()
    assert sheet is not None
    assert [line[0] for line in sheet.iter_rows(values_only=True)][7:10] == [
        "2022-07",
        "2022-08（截至 08-15）",
        "2022-09",
    ]


def test_trend_says_that_the_year_is_still_to_come(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    noon = datetime(2021, 11, 15, 12, tzinfo=timezone.get_current_timezone())
    Recognition.objects.update(recognised_at=noon.replace(day=10))
    with clock.stopped_at(noon):
        page = client_of(city_approver).get(f"{PREFECTURE}&view=trend")
    assert "2022 年以前累计 1 个，年底目标 98 个" in " ".join(strip_tags(page.text).split())


@pytest.mark.parametrize("view", ["trend", "stages", "criteria", "pilots", "late"])
def test_progress_asks_once_which_campaigns_count(
    yongren: list[Community],
    city_approver: Actor,
    client_of: SignIn,
    django_assert_max_num_queries: Queries,
    view: str,
) -> None:
    # The shown year is today's, so that the pace is asked for too.
    with clock.stopped_at(datetime(2022, 8, 15, 9, tzinfo=timezone.get_current_timezone())):
        client = client_of(city_approver)
        with django_assert_max_num_queries(25) as captured:
            client.get(f"{PREFECTURE}&view={view}")
    asked = [one for one in captured.captured_queries if one["sql"].endswith("SELECT id FROM family")]
    assert len(asked) == 1


def test_stages_as_a_sheet_tell_times_and_communities(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    client = client_of(city_approver)
    assert row(client.get(f"{PREFECTURE}&view=stages"), "自评中")[4] == "1 次 · 1 个社区"
    sheet = load_workbook(BytesIO(client.get(f"{PREFECTURE}&view=stages&format=xlsx").content)).active
    assert sheet is not None
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[0][3:5] == ("本年度计划已办结（次）", "本年度计划已办结社区数")
    assert next(line for line in lines if line[0] == "自评中")[3:5] == (1, 1)


def test_a_month_without_recognitions_equals_the_last(
    yongren: list[Community], city_approver: Actor, client_of: SignIn
) -> None:
    noon = datetime(2022, 8, 15, 12, tzinfo=timezone.get_current_timezone())
    Recognition.objects.update(recognised_at=noon.replace(year=2021))
    with clock.stopped_at(noon):
        page = client_of(city_approver).get(PREFECTURE)
    assert "与上月末持平" in figures(page)[3]
