"""The page 年度计划: choosing communities for a year, in bulk and with pilots, against the target."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import AnnualPlan, Campaign, Participation, Target
from apps.campaigns.plan import Choice, PilotsRule, sheet_of
from apps.campaigns.rollup import Figures
from apps.communities.models import Community
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from tests.factories import enrol, fill_in, recognised_community

ClientOf = Callable[[Actor], Client]
Find = Callable[[str], Jurisdiction]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def city_of_chuxiong(jurisdiction: Find) -> list[Community]:
    """楚雄市's 31 communities in code order."""
    return list(Community.objects.below(jurisdiction("532301").path).in_code_order())


@pytest.fixture
def planner(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """和平区's clerk in 天津市, where each street is to have 1–2 pilots in 2020."""
    return make_actor("120101", Role.STAFF)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def choices_by_name(response: Any) -> dict[str, Choice]:
    return {one.community.short_name: one for one in response.context["sheet"].choices()}


def planned() -> list[tuple[str, int, bool]]:
    rows = Participation.objects.select_related("community").order_by("community__code")
    return [(one.community.code or "", one.year, one.is_pilot) for one in rows]


def test_plan_shows_what_is_missing_to_the_target(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    recognised_community(city_of_chuxiong[0], chuxiong, 2021)
    enrol(city_of_chuxiong[1], chuxiong, 2022)
    response = client_of(district_reviewer).get("/plan/?year=2022")
    figures = {one["label"]: one["value"] for one in response.context["figures"]}
    assert figures == {
        "城市社区底数": 31,
        "累计认定": 1,
        "已列入计划（截至 2022 年）": 2,
        "2022 年目标": 19,
        "还需列入": 17,
    }
    assert response.context["may_plan"]
    assert response.context["sheet"].this_year == 1
    first = response.context["sheet"].streets[0]
    assert (first.jurisdiction.name, len(first.choices)) == ("鹿城镇", 19)


def test_enrol_ticked_communities(
    client_of: ClientOf, district_reviewer: Actor, city_of_chuxiong: list[Community]
) -> None:
    first, second, third = city_of_chuxiong[:3]
    data = {"community": [first.pk, second.pk], "pilot": [second.pk, third.pk]}
    response = client_of(district_reviewer).post("/plan/?campaign=chuxiong-2021&year=2022", data, follow=True)
    assert planned() == [(first.code, 2022, False), (second.code, 2022, True), (third.code, 2022, True)]
    assert "已列入 2022 年计划 3 个社区，其中试点 2 个。" in text_of(response)


def test_enrol_ticked_communities_again_says_so(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    enrol(city_of_chuxiong[0], chuxiong, 2021)
    data = {"community": [one.pk for one in city_of_chuxiong[:2]]}
    response = client_of(district_reviewer).post("/plan/?campaign=chuxiong-2021&year=2022", data, follow=True)
    assert "已列入 2022 年计划 1 个社区；1 个此前已列入，没有改动。" in text_of(response)
    assert [row[1] for row in planned()] == [2021, 2022]


def test_enrol_nothing_asks_for_ticks(client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign) -> None:
    response = client_of(district_reviewer).post("/plan/?campaign=chuxiong-2021&year=2022", {})
    assert response.status_code == 422
    assert "请先勾选要列入计划的社区。" in text_of(response)


def test_enrol_keeps_the_ticks_when_refused(
    client_of: ClientOf, district_reviewer: Actor, city_of_chuxiong: list[Community]
) -> None:
    first, second = city_of_chuxiong[:2]
    Community.objects.filter(pk=second.pk).update(counts_as_urban=False)
    data = {"community": [first.pk, second.pk], "pilot": [first.pk]}
    response = client_of(district_reviewer).post("/plan/?campaign=chuxiong-2021&year=2022", data)
    assert response.status_code == 422
    assert "不计入城市社区" in text_of(response)
    assert response.context["ticked"] == {str(first.pk), str(second.pk)}
    assert text_of(response).count(" checked") >= 2
    assert planned() == []


@pytest.mark.parametrize("wrong", ["elsewhere", "999999999", "one"])
def test_enrol_communities_of_another_place(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, jurisdiction: Find, wrong: str
) -> None:
    elsewhere = Community.objects.below(jurisdiction("532322").path).first()
    asked = elsewhere.pk if wrong == "elsewhere" and elsewhere else wrong
    response = client_of(district_reviewer).post("/plan/?campaign=chuxiong-2021&year=2022", {"community": [asked]})
    assert response.status_code == 422
    assert ("页面已过期，没有保存。" if wrong == "one" else "有的社区已不在本辖区") in text_of(response)
    assert planned() == []


@pytest.mark.parametrize(("code", "role"), [("532301", Role.VIEWER), ("532301101", Role.STREET_OFFICER)])
def test_enrol_wants_the_verb(
    client_of: ClientOf,
    make_actor: Callable[[str, Role], Actor],
    city_of_chuxiong: list[Community],
    code: str,
    role: Role,
) -> None:
    data = {"community": [city_of_chuxiong[0].pk]}
    response = client_of(make_actor(code, role)).post("/plan/?campaign=chuxiong-2021&year=2022", data)
    assert response.status_code == 403
    assert planned() == []


def test_enrol_from_above_is_read_only(
    client_of: ClientOf, city_approver: Actor, city_of_chuxiong: list[Community]
) -> None:
    client = client_of(city_approver)
    address = "/plan/?campaign=chuxiong-2021&year=2022&jurisdiction=532301000000"
    response = client.get(address)
    assert not response.context["may_plan"]
    assert 'name="community"' not in text_of(response)
    assert client.post(address, {"community": [city_of_chuxiong[0].pk]}).status_code == 422
    assert planned() == []


def test_plan_of_a_prefecture_by_county(
    client_of: ClientOf, city_approver: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    enrol(city_of_chuxiong[0], chuxiong, 2022, is_pilot=True)
    response = client_of(city_approver).get("/plan/?campaign=chuxiong-2021&year=2022")
    rows = [
        (line.jurisdiction.name, line.figures.base, line.figures.enrolled, line.figures.pilots, line.wanted, missing)
        for line, missing, *_ in response.context["rows"]
    ]
    assert rows[0] == ("楚雄市", 31, 1, 1, 19, 18)
    assert len(rows) == 10
    assert (response.context["total"].wanted, response.context["missing"]) == (98, 97)
    assert 'href="/plan/?campaign=chuxiong-2021&amp;year=2022&amp;jurisdiction=532301000000"' in text_of(response)


def test_plan_of_a_street_is_its_own_and_read_only(
    client_of: ClientOf, street_officer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    enrol(city_of_chuxiong[0], chuxiong, 2022)
    response = client_of(street_officer).get("/plan/?campaign=chuxiong-2021&year=2022")
    assert [one.jurisdiction.name for one in response.context["sheet"].streets] == ["鹿城镇"]
    assert len(list(response.context["sheet"].choices())) == 19
    assert not response.context["may_plan"]


@pytest.mark.parametrize(("at", "status"), [("120101000000", 404), ("532322000000", 404), ("532301101000", 200)])
def test_plan_of_another_place_is_not_found(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, at: str, status: int
) -> None:
    assert client_of(district_reviewer).get(f"/plan/?jurisdiction={at}").status_code == status


def test_plan_of_a_parent_campaign_leads_to_the_executing_one(
    client_of: ClientOf, district_reviewer: Actor, city_of_chuxiong: list[Community], chuxiong: Campaign
) -> None:
    enrol(city_of_chuxiong[0], chuxiong, 2022)
    response = client_of(district_reviewer).get("/plan/?campaign=national-2020&year=2022")
    assert response.context["executing"] == chuxiong
    assert not response.context["may_plan"]
    assert choices_by_name(response)[city_of_chuxiong[0].short_name].participation is not None
    url = "/plan/?campaign=national-2020&year=2022"
    refused = client_of(district_reviewer).post(url, {"community": city_of_chuxiong[1].pk})
    assert (refused.status_code, city_of_chuxiong[1].participations.count()) == (422, 0)
    assert f"执行“{chuxiong}”，2022 年度计划在其中编制和上报" in refused.text
    submitted = client_of(district_reviewer).post(
        "/plan/submit/?campaign=national-2020&year=2022", {"explanation": "先报"}
    )
    assert (submitted.status_code, AnnualPlan.objects.count()) == (422, 0)


def test_plan_of_a_parent_campaign_is_made_there_in_a_year_that_the_executing_one_lacks(
    client_of: ClientOf, district_reviewer: Actor, city_of_chuxiong: list[Community], chuxiong: Campaign
) -> None:
    client, address = client_of(district_reviewer), "/plan/?campaign=national-2020&year=2020"
    page = client.get(address)
    assert (page.context["executing"], page.context["may_plan"]) == (None, True)
    one = city_of_chuxiong[0]
    done = client.post(address, {"community": one.pk}, follow=True)
    assert "已列入 2020 年计划 1 个社区" in text_of(done)
    assert planned() == [(one.code, 2020, False)]


def test_plan_tells_why_a_community_cannot_be_chosen(
    client_of: ClientOf, district_reviewer: Actor, city_of_chuxiong: list[Community]
) -> None:
    first, second, third = city_of_chuxiong[:3]
    Community.objects.filter(pk=first.pk).update(counts_as_urban=False)
    nation = Campaign.objects.get(code="national-2020")
    Participation.objects.create(campaign=nation, community=second, year=2022, created_at=clock.now())
    choices = choices_by_name(client_of(district_reviewer).get("/plan/?campaign=chuxiong-2021&year=2022"))
    assert choices[first.short_name].obstacle == "不计入城市社区"
    assert choices[second.short_name].obstacle.startswith("已参加“")
    assert choices[third.short_name].is_free


def test_plan_filtered_without_script(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    enrol(city_of_chuxiong[0], chuxiong, 2022, is_pilot=True)
    client = client_of(district_reviewer)
    for query, left in [("q=龙江", 1), ("street=532301101000", 19), ("show=pilots", 1), ("show=open", 30)]:
        response = client.get(f"/plan/?campaign=chuxiong-2021&year=2022&{query}")
        assert 31 - len(response.context["hidden"]) == left, query


def test_remove_and_mark_pilot_without_script(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    one, client = city_of_chuxiong[0], client_of(district_reviewer)
    enrol(one, chuxiong, 2022)
    here = "?campaign=chuxiong-2021&year=2022"
    response = client.post(f"/plan/{one.pk}/pilot/{here}", {"is_pilot": "1"}, follow=True)
    assert f"{one} 已设为试点。" in text_of(response)
    assert planned() == [(one.code, 2022, True)]
    client.post(f"/plan/{one.pk}/pilot/{here}", {"is_pilot": "0"})
    assert planned() == [(one.code, 2022, False)]
    response = client.post(f"/plan/{one.pk}/remove/{here}", {"community": ["1"]}, follow=True)
    assert f"{one} 已调出计划。" in text_of(response)
    assert planned() == []
    assert client.post(f"/plan/{one.pk}/remove/{here}").status_code == 302
    assert client.post(f"/plan/{one.pk}/pilot/{here}", {"is_pilot": "1"}).status_code == 422


def test_remove_with_htmx_gives_the_line_and_the_figures(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    one = city_of_chuxiong[0]
    enrol(one, chuxiong, 2022)
    address = f"/plan/{one.pk}/remove/?campaign=chuxiong-2021&year=2022"
    text = text_of(client_of(district_reviewer).post(address, headers=HTMX))
    assert text.lstrip().startswith("<li")
    assert f'value="{one.pk}"' in text
    assert 'id="plan-sum"' in text
    assert 'id="plan-state"' in text
    assert 'data-enrolled="0"' in text
    assert text.count('hx-swap-oob="true"') == 7
    assert '<div class="messages" hx-swap-oob="outerHTML:.messages"></div>' in text
    assert f"{one} 已调出计划。" in text.partition('id="plan-sum"')[2]


def test_a_change_that_was_refused_says_nothing_of_what_was_done_before(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    one = city_of_chuxiong[0]
    enrol(one, chuxiong, 2022)
    AnnualPlan.objects.create(
        campaign=chuxiong,
        jurisdiction=district_reviewer.jurisdiction,
        year=2022,
        status="accepted",
        submitted_at=clock.now(),
    )
    address = f"/plan/{one.pk}/pilot/?campaign=chuxiong-2021&year=2022"
    refused = client_of(district_reviewer).post(address, {"is_pilot": "1"}, headers=HTMX)
    assert (refused.status_code, "已设为试点" in text_of(refused)) == (422, False)
    assert '<div class="messages" hx-swap-oob="outerHTML:.messages"></div>' in text_of(refused)


def test_all_of_a_street_are_offered_where_something_is_left(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    street = city_of_chuxiong[0].jurisdiction
    inside = [one for one in city_of_chuxiong if one.jurisdiction == street]
    for one in inside[1:]:
        enrol(one, chuxiong, 2022)
    client, address = client_of(district_reviewer), "/plan/?campaign=chuxiong-2021&year=2022"
    offered = f'全选<span class="visually-hidden">{street.name}</span>未列入的'
    assert offered in text_of(client.get(address))
    enrol(inside[0], chuxiong, 2022)
    assert offered not in text_of(client.get(address))
    freed = client.post(f"/plan/{inside[0].pk}/remove/?campaign=chuxiong-2021&year=2022", headers=HTMX)
    assert offered in text_of(freed)


def test_remove_after_the_self_assessment_began(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    one = city_of_chuxiong[0]
    fill_in(enrol(one, chuxiong, 2022))
    response = client_of(district_reviewer).post(f"/plan/{one.pk}/remove/?campaign=chuxiong-2021&year=2022")
    assert response.status_code == 409
    assert "自评中，不能调出计划" in text_of(response)


@pytest.mark.parametrize("verb", ["remove", "pilot"])
def test_change_of_the_plan_by_others(
    client_of: ClientOf,
    stranger: Actor,
    street_officer: Actor,
    city_approver: Actor,
    chuxiong: Campaign,
    city_of_chuxiong: list[Community],
    verb: str,
) -> None:
    one = city_of_chuxiong[0]
    enrol(one, chuxiong, 2022)
    address = f"/plan/{one.pk}/{verb}/"
    assert client_of(stranger).post(address).status_code == 404
    assert client_of(street_officer).post(address).status_code == 403
    assert client_of(city_approver).post(address).status_code == 422
    assert client_of(city_approver).get(address).status_code == 405
    assert planned() == [(one.code, 2022, False)]


def test_plan_holds_pilots_against_the_rule(client_of: ClientOf, planner: Actor, jurisdiction: Find) -> None:
    tianjin, place = Campaign.objects.get(code="tianjin-2020"), jurisdiction("120101")
    streets = list(Jurisdiction.objects.filter(parent=place).in_code_order())
    for street, pilots in zip(streets, [1, 3], strict=False):
        for one in Community.objects.below(street.path).in_code_order()[:pilots]:
            enrol(one, tianjin, 2020, is_pilot=True)
    response = client_of(planner).get("/plan/?campaign=tianjin-2020&year=2020")
    sheet = response.context["sheet"]
    assert str(sheet.rule) == "1–2 个"
    assert [one.pilots_verdict for one in sheet.streets[:3]] == ["", "多 1 个", "还差 1 个"]
    assert sheet.short_of_pilots == len(sheet.streets) - 2
    assert client_of(planner).get("/plan/?campaign=tianjin-2020&year=2021").context["sheet"].rule is None


@pytest.mark.parametrize(
    ("rule", "words", "verdicts"),
    [
        (PilotsRule(2, 3), "2–3 个", ["还差 1 个", "", "", "多 1 个"]),
        (PilotsRule(1, None), "至少 1 个", ["", "", "", ""]),
        (PilotsRule(2, 2), "2 个", ["还差 1 个", "", "多 1 个", "多 2 个"]),
    ],
)
def test_pilots_rule_in_words(rule: PilotsRule, words: str, verdicts: list[str]) -> None:
    assert str(rule) == words
    assert [rule.verdict(9, pilots) for pilots in (1, 2, 3, 4)] == verdicts


def test_no_more_pilots_are_asked_for_than_there_are_communities() -> None:
    rule = PilotsRule(3, None)
    assert [rule.verdict(base, 1) for base in (0, 1, 2, 3)] == ["", "", "还差 1 个", "还差 2 个"]
    assert [rule.is_missed(Figures(base=base, pilots=1)) for base in (0, 1, 2, 3)] == [False, False, True, True]


def test_plan_takes_the_nearest_pilots_rule(jurisdiction: Find) -> None:
    tianjin, place = Campaign.objects.get(code="tianjin-2020"), jurisdiction("120101")
    street = Jurisdiction.objects.filter(parent=place).in_code_order()[0]
    Target.objects.create(
        campaign=tianjin, jurisdiction=street, year=2020, kind=Target.Kind.PILOTS_PER_STREET, value=Decimal(2)
    )
    sheet = sheet_of(tianjin, place, 2020)
    assert [str(one.rule) for one in sheet.streets[:2]] == ["至少 2 个", "1–2 个"]


@pytest.mark.parametrize("at", ["", "532301000000", "532301101000"])
def test_plan_keeps_the_number_of_queries(
    client_of: ClientOf,
    city_approver: Actor,
    chuxiong: Campaign,
    city_of_chuxiong: list[Community],
    django_assert_max_num_queries: Callable[..., Any],
    at: str,
) -> None:
    client, counts = client_of(city_approver), []
    client.get("/plan/")
    for enrolled in (city_of_chuxiong[:1], city_of_chuxiong[1:3]):
        for one in enrolled:
            enrol(one, chuxiong, 2022)
        with django_assert_max_num_queries(25) as captured:
            assert client.get(f"/plan/?campaign=chuxiong-2021&year=2022&jurisdiction={at}").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_enrol_keeps_the_number_of_queries(
    client_of: ClientOf,
    district_reviewer: Actor,
    chuxiong: Campaign,
    city_of_chuxiong: list[Community],
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    client, counts = client_of(district_reviewer), []
    client.get("/plan/")
    for chosen in (city_of_chuxiong[:1], city_of_chuxiong[1:4]):
        with django_assert_max_num_queries(25) as captured:
            client.post("/plan/?campaign=chuxiong-2021&year=2022", {"community": [one.pk for one in chosen]})
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert len(planned()) == 4


def test_remove_of_a_community_closed_since_reloads_the_page(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    one = city_of_chuxiong[0]
    enrol(one, chuxiong, 2022)
    Community.objects.filter(pk=one.pk).update(closed_on=date(2021, 6, 1))
    client, address = client_of(district_reviewer), f"/plan/{one.pk}/remove/?campaign=chuxiong-2021&year=2022"
    response = client.post(address, headers=HTMX)
    assert (response.status_code, response.headers["HX-Refresh"], planned()) == (200, "true", [])
    assert f"{one} 已调出计划。" in text_of(client.get("/plan/?campaign=chuxiong-2021&year=2022"))


def test_what_ended_with_its_community_is_read_in_the_years_before_and_gone_afterwards(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    gone, stays, ended = *city_of_chuxiong[:2], date(2022, 6, 1)
    for one, year in ((gone, 2021), (stays, 2022)):
        enrol(one, chuxiong, year)
    Community.objects.filter(pk=gone.pk).update(closed_on=ended)
    Participation.objects.filter(community=gone).update(ended_on=ended)
    client = client_of(district_reviewer)
    before = client.get("/plan/?campaign=chuxiong-2021&year=2021")
    assert f"/plan/{gone.pk}/pilot/" not in before.text
    assert "已终止" in before.text
    assert (before.context["total"].figures.enrolled, before.context["sheet"].this_year) == (1, 1)
    after = client.get("/plan/?campaign=chuxiong-2021&year=2022")
    assert gone.short_name not in choices_by_name(after)
    assert (after.context["total"].figures.enrolled, after.context["sheet"].this_year) == (1, 1)


def test_what_ended_in_its_own_year_is_no_part_of_the_years_plan(
    client_of: ClientOf, district_reviewer: Actor, chuxiong: Campaign, city_of_chuxiong: list[Community]
) -> None:
    for one in city_of_chuxiong[:2]:
        enrol(one, chuxiong, 2022)
    Community.objects.filter(pk=city_of_chuxiong[0].pk).update(closed_on=date(2022, 6, 1))
    Participation.objects.filter(community=city_of_chuxiong[0]).update(ended_on=date(2022, 6, 1))
    page = client_of(district_reviewer).get("/plan/?campaign=chuxiong-2021&year=2022")
    assert (page.context["total"].figures.enrolled, page.context["sheet"].this_year) == (1, 1)
