"""创建行动 in the browser: what the document says, the grid of targets, switching."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags
from openpyxl import load_workbook

from apps.accounts.models import AccessEvent, Role
from apps.accounts.permissions import Actor
from apps.campaigns.current import CAMPAIGN_KEY
from apps.campaigns.models import Campaign, Target
from apps.campaigns.targets import sign_of
from apps.communities.models import Community
from apps.core.clock import stopped_at
from apps.jurisdictions.models import Jurisdiction
from tests.factories import recognised_community
from tests.pages import text

SignIn = Callable[[Actor], Client]
MakeActor = Callable[[str, Role], Actor]

PAGE = "/campaigns/chuxiong-2021/"
HTMX = {"HX-Request": "true"}


def cell(page: Any, name: str, year: int) -> str:
    """What the grid says for a jurisdiction and year."""
    for row in re.findall(r"<tr.*?</tr>", page.content.decode(), re.DOTALL):
        cells = [" ".join(strip_tags(one).split()) for one in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)]
        if cells[0] == name:
            return cells[year - 2020]
    raise AssertionError(f"no row {name}")


def entry(code: str, value: str, year: int = 2022, kind: str = "percent") -> dict[str, str]:
    """What the form of a cell posts when it was opened just now."""
    place = code.ljust(12, "0")
    cells = Target.objects.filter(campaign__code="chuxiong-2021", jurisdiction__code=place, year=year, kind=kind)
    shown = {"jurisdiction": place, "year": str(year), "kind": kind, "seen": sign_of(cells.first())}
    return shown | {"value": value, "at": "532300000000"}


def test_campaign_list_holds_what_concerns_who_looks(
    chuxiong: Campaign, city_approver: Actor, stranger: Actor, client_of: SignIn
) -> None:
    mine, others = text(client_of(city_approver).get("/campaigns/")), text(client_of(stranger).get("/campaigns/"))
    assert "楚住建城〔2021〕1号" in mine
    assert "建城〔2020〕68号" in mine
    assert "2021 年 20%， 2022 年 60%" in mine
    assert "天津市绿色社区创建行动" not in mine
    assert "楚雄州绿色社区创建行动" not in others


def test_campaign_detail_says_what_the_document_says(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn
) -> None:
    page = text(client_of(city_approver).get(PAGE))
    assert "楚雄州绿色社区创建行动实施方案" in page
    assert "2021 年 1 月 12 日" in page
    assert "乡级填报 → 县级审核 → 地级认定" in page
    assert "2021-10-20、" in page
    assert "附件2《绿色社区建设任务完成情况汇总表》" in page


def test_campaign_detail_names_departments_and_phases(stranger: Actor, client_of: SignIn, db: None) -> None:
    page = text(client_of(stranger).get("/campaigns/tianjin-2020/"))
    assert "市民政局、市城市管理委、市水务局" in page
    assert "试点先行阶段（2020-11 至 2021-05）" in page
    assert "2020-11-30 至 2022-12-31，共 26 次" in page
    pilots = client_of(stranger).get("/campaigns/tianjin-2020/?kind=pilots_per_street")
    assert cell(pilots, "天津市", 2021).startswith("1–2 个，")


@pytest.mark.parametrize("code", ["tianjin-2020", "kunming-2021"])
def test_campaign_detail_of_others_is_not_found(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn, code: str
) -> None:
    assert client_of(city_approver).get(f"/campaigns/{code}/").status_code == 404


def test_grid_shows_own_and_inherited_targets(chuxiong: Campaign, city_approver: Actor, client_of: SignIn) -> None:
    page = client_of(city_approver).get(PAGE)
    assert cell(page, "楚雄彝族自治州", 2022) == "60% ，修改楚雄彝族自治州 2022 年目标".replace(" ，", "，")
    assert cell(page, "楚雄市", 2021) == "20%（沿用楚雄彝族自治州），修改楚雄市 2021 年目标"


def test_a_cell_that_is_opened_says_what_holds_there_now(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn
) -> None:
    page = client_of(city_approver).get(f"{PAGE}?edit=percent.532301000000.2022")
    assert "现为 60%，沿用楚雄彝族自治州" in text(page)


def test_grid_opens_a_child(chuxiong: Campaign, city_approver: Actor, client_of: SignIn) -> None:
    page = client_of(city_approver).get(f"{PAGE}?at=532301000000")
    assert cell(page, "鹿城镇", 2022).startswith("60%（沿用楚雄彝族自治州）")
    assert client_of(city_approver).get(f"{PAGE}?at=530000000000").status_code == 404


def test_grid_of_a_county_starts_with_itself(chuxiong: Campaign, district_reviewer: Actor, client_of: SignIn) -> None:
    page = client_of(district_reviewer).get(PAGE)
    assert cell(page, "楚雄市", 2022).startswith("60%（沿用楚雄彝族自治州）")
    assert "禄丰市" not in text(page)


def test_grid_of_a_wider_jurisdiction_starts_with_the_campaigns(
    chuxiong: Campaign, province_reviewer: Actor, client_of: SignIn
) -> None:
    page = client_of(province_reviewer).get(PAGE)
    assert cell(page, "楚雄彝族自治州", 2022).startswith("60%")
    assert cell(page, "禄丰市", 2022).startswith("60%")


def test_set_target_answers_with_the_grid(chuxiong: Campaign, city_approver: Actor, client_of: SignIn) -> None:
    client = client_of(city_approver)
    page = client.post(f"{PAGE}targets/", entry("532301", "70"), headers=HTMX)
    assert page.status_code == 200
    assert cell(page, "楚雄市", 2022) == "70%，修改楚雄市 2022 年目标 楚雄彝族自治州下达"
    assert "楚雄市 2022 年目标已定为 70%。" in text(page)
    assert "<html" not in page.content.decode()
    page = client.post(f"{PAGE}targets/", entry("532301", ""), headers=HTMX)
    assert cell(page, "楚雄市", 2022).startswith("60%（沿用")
    assert not Target.objects.filter(jurisdiction__code="532301000000").exists()


def test_set_target_says_what_follows(
    chuxiong: Campaign, city_approver: Actor, community: Callable[[str], Community], client_of: SignIn
) -> None:
    """永仁县 has three communities: 20% are one, which was recognised in 2021, 60% are two."""
    recognised_community(community("532327101001"), chuxiong, 2021)
    client = client_of(city_approver)

    def said(value: str, year: int, kind: str = "number") -> str:
        asked = entry("532327", value, year, kind)
        return str(client.post(f"{PAGE}targets/", asked, headers=HTMX).context["saved"])

    past = "年已经过去，进展里这一年与目标的比较随之改变。"
    assert said("2", 2022) == f"永仁县 2022 年目标已定为 2 个。2022 {past}"
    assert said("1", 2021) == f"永仁县 2021 年目标已定为 1 个。2021 {past}永仁县已累计认定 1 个，已经达到目标。"
    with stopped_at(datetime(2022, 8, 15, 12, tzinfo=UTC)):
        assert said("2", 2022, "pilots_per_street") == "永仁县 2022 年目标已定为 2 个。"
        assert said("61", 2022, "percent") == "永仁县 2022 年目标已定为 61%。"


def test_grid_marks_a_number_of_more_communities_than_there_are(
    chuxiong: Campaign, city_approver: Actor, jurisdiction: Callable[[str], Jurisdiction], client_of: SignIn
) -> None:
    """As a transfer leaves it: the target stays, the communities went."""
    county = jurisdiction("532301")
    Target.objects.create(campaign=chuxiong, jurisdiction=county, year=2022, kind="number", value=40)
    page = client_of(city_approver).get(f"{PAGE}?kind=number")
    assert "多于底数 31 个" in cell(page, "楚雄市", 2022)
    assert "多于底数" not in cell(page, "双柏县", 2022)


def test_set_target_without_script_comes_back_to_the_page(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn
) -> None:
    page = client_of(city_approver).post(f"{PAGE}targets/", entry("532301", "70"), follow=True)
    assert page.redirect_chain == [(f"{PAGE}?at=532300000000&kind=percent#targets", 302)]
    assert "楚雄市 2022 年目标已定为 70%。" in text(page)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("50", "楚雄市 2022 年目标 50% 低于楚雄彝族自治州的 60%，下级目标不能低于上级。"),
        ("101", "目标比例 101 不对：应大于 0，不超过 100。"),
        ("abc", "请填数字，例如 60 或 62.5。"),
        ("0e9999999999", "请填数字，例如 60 或 62.5。"),
        ("60.123", "小数超过两位，请四舍五入到两位。"),
    ],
)
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_set_target_refuses_in_place_and_keeps_what_was_typed(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn, value: str, reason: str, headers: dict[str, str]
) -> None:
    page = client_of(city_approver).post(f"{PAGE}targets/", entry("532301", value), headers=headers)
    assert page.status_code == 422
    assert reason in text(page)
    assert f'value="{value}"' in page.content.decode()
    assert not Target.objects.filter(jurisdiction__code="532301000000").exists()


def test_a_target_given_out_is_shown_and_not_opened_to_those_below(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor, client_of: SignIn
) -> None:
    given = {"document_number": "楚建发〔2022〕3号"}
    client_of(city_approver).post(f"{PAGE}targets/", entry("532301", "24", kind="number") | given)
    below = client_of(district_reviewer)
    page = below.get(f"{PAGE}?kind=number&edit=number.532301000000.2022")
    assert cell(page, "楚雄市", 2022).startswith("24 个，查看历次楚雄市 2022 年目标 楚雄彝族自治州下达")
    assert '<form class="target-form"' not in " ".join(page.content.decode().split())
    own = {"at": "532301000000"}
    for value in ("1", ""):
        refused = below.post(f"{PAGE}targets/", entry("532301", value, kind="number") | own, headers=HTMX)
        assert refused.status_code == 422
        assert "由楚雄彝族自治州下达（楚建发〔2022〕3号），没有改。" in text(refused)
    history = text(below.get(f"{PAGE}targets/number/532301000000/2022/"))
    assert "24 个 楚雄彝族自治州 楚建发〔2022〕3号" in history


def test_a_cell_given_out_meanwhile_is_shown_in_its_own_grid(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor, client_of: SignIn
) -> None:
    client_of(city_approver).post(f"{PAGE}targets/", entry("532301", "24", kind="number"))
    page = client_of(district_reviewer).get(f"{PAGE}?edit=number.532301000000.2022")
    assert page.context["grid"].kind == "number"
    assert cell(page, "楚雄市", 2022).startswith("24 个，查看历次")


def test_a_missing_reason_is_asked_for_beside_its_field(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn
) -> None:
    page = client_of(city_approver).post(f"{PAGE}targets/", entry("5323", "65") | {"reason": " "}, headers=HTMX)
    html = page.content.decode()
    fields = {name: re.search(rf'<input[^>]*name="{name}"[^>]*>', html) for name in ("value", "reason")}
    invalid = {name: found is not None and "aria-invalid" in found[0] for name, found in fields.items()}
    assert (page.status_code, invalid) == (422, {"value": False, "reason": True})
    assert 'id="id_reason_error"' in html
    assert "行动已经开展，请填写调整理由。" in text(page)


def test_a_street_without_urban_communities_has_no_number_to_set(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn
) -> None:
    Community.objects.filter(jurisdiction__code="532301101000").update(counts_as_urban=False)
    client, address = client_of(city_approver), f"{PAGE}?at=532301000000&kind=number"
    assert cell(client.get(address), "鹿城镇", 2022) == "没有城市社区"
    opened = client.get(f"{address}&edit=number.532301101000.2022")
    assert (cell(opened, "鹿城镇", 2022), "target-form" in opened.content.decode()) == ("没有城市社区", False)
    street = Jurisdiction.objects.get(code="532301101000")
    Target.objects.create(campaign=chuxiong, jurisdiction=street, year=2022, kind="number", value=3)
    assert cell(client.get(address), "鹿城镇", 2022).startswith("3 个，修改")


def test_those_above_the_issuer_read_its_targets(
    chuxiong: Campaign, province_reviewer: Actor, client_of: SignIn
) -> None:
    client = client_of(province_reviewer)
    page = client.get(f"{PAGE}?edit=percent.532301000000.2022").content.decode()
    assert ("target-form" in page, "&amp;edit=" in page, "分解到下级" in page) == (False, False, False)
    for refused in (
        client.post(f"{PAGE}targets/", entry("532301", "70")),
        client.get(f"{PAGE}targets/distribute/?at=532300000000"),
    ):
        assert (refused.status_code, "云南省只能查看" in text(refused)) == (403, True)


def test_set_target_of_a_spoilt_page_changes_nothing(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn
) -> None:
    client = client_of(city_approver)
    client.post(f"{PAGE}targets/", entry("532301", "70"))
    whole = entry("532301", "75")
    without = {name: value for name, value in whole.items() if name != "value"}
    unseen = {name: value for name, value in whole.items() if name != "seen"}
    for spoilt in (without, unseen, whole | {"year": "2030"}, whole | {"kind": "zz"}, whole | {"jurisdiction": ""}):
        refused = client.post(f"{PAGE}targets/", spoilt)
        assert (refused.status_code, "页面已过期，没有保存。" in text(refused)) == (409, True)
    assert Target.objects.get(jurisdiction__code="532301000000").value == 70


def seen_in(page: Any) -> str:
    """What the open cell says it showed."""
    found = re.search(r'name="seen" value="([^"]*)"', page.content.decode())
    assert found is not None
    return found[1]


def test_a_cell_changed_meanwhile_keeps_what_was_typed_and_is_not_overwritten(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn
) -> None:
    client, address = client_of(city_approver), f"{PAGE}targets/"
    opened = seen_in(client.get(f"{PAGE}?edit=number.532324000000.2022"))
    stale = entry("532324", "6", kind="number") | {"seen": opened}
    client.post(address, entry("532324", "8", kind="number"))
    wrong = client.post(address, stale | {"value": "abc"}, headers=HTMX)
    assert (wrong.status_code, seen_in(wrong)) == (422, opened)
    refused = client.post(address, stale, headers=HTMX)
    assert (refused.status_code, "改为 8 个，没有保存。您填写的还在，请核对后再保存。" in text(refused)) == (422, True)
    assert 'name="value" value="6"' in refused.content.decode()
    assert Target.objects.get(kind="number", jurisdiction__code="532324000000").value == 8
    for _ in range(2):
        done = client.post(address, stale | {"seen": seen_in(refused)}, headers=HTMX)
        assert (done.status_code, cell(done, "南华县", 2022).startswith("6 个，修改")) == (200, True)


def test_set_target_takes_pilots_per_street(chuxiong: Campaign, city_approver: Actor, client_of: SignIn) -> None:
    data = entry("5323", "2", kind="pilots_per_street") | {"reason": "试点铺开"}
    page = client_of(city_approver).post(f"{PAGE}targets/", data, headers=HTMX)
    assert cell(page, "楚雄彝族自治州", 2022).startswith("2 个，")
    assert cell(page, "楚雄市", 2022).startswith("2 个（沿用楚雄彝族自治州）")
    assert Target.objects.get(campaign=chuxiong, kind="pilots_per_street").value == Decimal(2)
    data = entry("5323", "1", kind="pilots_per_street") | {"upper": "3", "reason": "试点铺开"}
    page = client_of(city_approver).post(f"{PAGE}targets/", data, headers=HTMX)
    assert cell(page, "楚雄彝族自治州", 2022).startswith("1–3 个，")
    opened = client_of(city_approver).get(f"{PAGE}?edit=pilots_per_street.532300000000.2022").content.decode()
    assert re.search(r'name="upper" value="3"', opened)
    data = entry("5323", "1", kind="pilots_per_street") | {"upper": "3", "reason": "试点铺开"}
    for wrong, reason in (({"upper": "0"}, "试点上限 0 小于下限 1"), ({"value": ""}, "只填了上限")):
        refused = client_of(city_approver).post(f"{PAGE}targets/", data | wrong)
        assert (refused.status_code, reason in text(refused)) == (422, True)


@pytest.mark.parametrize(
    ("code", "role", "status"),
    [
        ("5323", Role.BUREAU_ADMIN, 200),
        ("532301", Role.STAFF, 200),
        ("532302", Role.STAFF, 404),
        ("5323", Role.VIEWER, 403),
        ("12", Role.APPROVER, 404),
    ],
)
def test_set_target_is_for_those_who_may(
    chuxiong: Campaign, make_actor: MakeActor, client_of: SignIn, code: str, role: Role, status: int
) -> None:
    actor = make_actor(code, role)
    data = entry("532301", "70") | {"at": ""}
    assert client_of(actor).post(f"{PAGE}targets/", data, headers=HTMX).status_code == status


def test_grid_offers_no_cell_to_those_who_only_look(
    chuxiong: Campaign, make_actor: MakeActor, client_of: SignIn
) -> None:
    page = client_of(make_actor("5323", Role.VIEWER)).get(f"{PAGE}?edit=percent.532301000000.2022").content.decode()
    assert "target-form" not in page
    assert "&amp;edit=" not in page


@pytest.mark.parametrize(
    "edit", ["percent.532301000000.2022", "pilots_per_street.532302000000.2021", "number.532300000000.2022"]
)
def test_grid_opens_the_cell_asked_for(chuxiong: Campaign, city_approver: Actor, client_of: SignIn, edit: str) -> None:
    page = client_of(city_approver).get(f"{PAGE}?edit={edit}").content.decode()
    assert page.count('class="target-form"') == 1


@pytest.mark.parametrize(
    "edit", ["percent", "percent.532301000000", "percent.532301000000.x", "points.532301000000.2022", ".."]
)
def test_grid_opens_nothing_for_no_cell(chuxiong: Campaign, city_approver: Actor, client_of: SignIn, edit: str) -> None:
    page = client_of(city_approver).get(f"{PAGE}?edit={edit}")
    assert (page.status_code, "target-form" in page.content.decode()) == (200, False)


def test_campaign_detail_queries_do_not_grow(
    chuxiong: Campaign,
    city_approver: Actor,
    client_of: SignIn,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    client, counts = client_of(city_approver), []
    for place in ("532327000000", "532302000000", "532300000000"):
        with django_assert_max_num_queries(25) as captured:
            assert client.get(f"{PAGE}?at={place}").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[2] <= counts[0]


def test_switch_campaign_keeps_the_choice_and_goes_back(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn
) -> None:
    client, national = client_of(city_approver), Campaign.objects.get(code="national-2020")
    came_from = "/communities/?campaign=chuxiong-2021&year=2021"
    answer = client.post("/campaigns/switch/", {"campaign": national.pk, "next": came_from})
    assert answer["Location"] == "/communities/"
    assert client.session[CAMPAIGN_KEY] == national.pk
    assert client.get("/progress/")["Location"].startswith("/progress/532300000000/?campaign=national-2020")


@pytest.mark.parametrize(
    "address", ["https://example.org/", "//example.org/", "javascript:alert(1)", "foo", "desk", ""]
)
def test_switch_campaign_leads_nowhere_else(
    chuxiong: Campaign, city_approver: Actor, client_of: SignIn, address: str
) -> None:
    answer = client_of(city_approver).post("/campaigns/switch/", {"campaign": chuxiong.pk, "next": address})
    assert answer["Location"] == "/"


def test_switch_campaign_to_another_tenants_is_not_found(
    chuxiong: Campaign, stranger: Actor, client_of: SignIn
) -> None:
    client = client_of(stranger)
    for pk in (str(chuxiong.pk), "x", ""):
        assert client.post("/campaigns/switch/", {"campaign": pk, "next": "/"}).status_code == 404
    assert client.get("/campaigns/switch/").status_code == 405


@pytest.mark.parametrize("year", ["²", "٢٠٢٢", "1999", "9" * 5000, ""])
def test_campaign_detail_opens_no_cell_of_a_year_that_is_none(
    year: str, city_approver: Actor, client_of: SignIn
) -> None:
    answer = client_of(city_approver).get(PAGE, {"edit": f"percent.532301000000.{year}"})
    assert answer.status_code == 200
    assert 'name="value"' not in answer.content.decode()


@pytest.mark.parametrize("address", ["/nonexistent/?campaign=x", "/progress/?campaign=x", "/?campaign=x"])
def test_unknown_campaign_is_not_found(address: str, city_approver: Actor, client_of: SignIn) -> None:
    answer = client_of(city_approver).get(address)
    assert answer.status_code == 404
    assert "没有找到这个页面" in answer.content.decode()


def test_the_grid_as_xlsx(chuxiong: Campaign, city_approver: Actor, client_of: SignIn) -> None:
    client = client_of(city_approver)
    client.post(f"{PAGE}targets/", entry("532301", "70"))
    client.post(f"{PAGE}targets/", entry("532327", "3", kind="number"))

    def lines(kind: str) -> list[tuple[Any, ...]]:
        answer = client.get(f"{PAGE}?at=532300000000&kind={kind}&format=xlsx")
        sheet = load_workbook(BytesIO(answer.content)).active
        assert sheet is not None
        return list(sheet.iter_rows(values_only=True))

    percents, numbers = lines("percent"), lines("number")
    assert percents[0] == ("区划代码", "辖区", "2021年目标", "2021年说明", "2022年目标", "2022年说明")
    document = "楚住建城〔2021〕1号"
    assert percents[1][1:] == ("楚雄彝族自治州", 0.2, document, 0.6, document)
    inherited = "沿用楚雄彝族自治州"
    assert percents[2] == ("532301000000", "楚雄市", 0.2, inherited, 0.7, "楚雄彝族自治州下达")
    yongren = next(one for one in numbers if one[1] == "永仁县")
    assert yongren[2:] == (1, "按比例", 3, "楚雄彝族自治州下达")
    assert [one[1:] for one in numbers[-2:]] == [("下级已定合计", None, None, 3, None), ("还差", None, None, 95, None)]
    assert {one.subject for one in AccessEvent.objects.filter(kind="exported")} == {
        "楚雄州绿色社区创建行动 楚雄彝族自治州创建目标（比例）",
        "楚雄州绿色社区创建行动 楚雄彝族自治州创建目标（社区数）",
    }
