"""The pages of the communities (社区库), reached from search and from the figures of 进展."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from itertools import product
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.domain import revoke_recognition
from apps.campaigns.models import Campaign
from apps.campaigns.rollup import roll_up
from apps.communities.models import Community
from apps.communities.surveys import Survey, save_survey
from apps.jurisdictions.models import Jurisdiction
from tests.communities.conftest import survey_of
from tests.factories import enrol, fill_in, recognised_community, submit

ClientOf = Callable[[Actor], Client]
Find = Callable[[str], Jurisdiction]


def listed(client: Client, **query: object) -> list[str]:
    """Names of the communities that the list shows."""
    response = client.get(f"/communities/?{urlencode(query)}")
    assert response.status_code == 200, response.status_code
    return [row.community.short_name for row in response.context["rows"]]


def streets(jurisdiction: Jurisdiction) -> list[Community]:
    return list(Community.objects.below(jurisdiction.path).in_code_order())


@pytest.fixture
def played(chuxiong: Campaign, jurisdiction: Find) -> list[Community]:
    """Five communities of 楚雄市: recognised in 2021, recognised in 2022 as planned for 2021, in review, a pilot, drafted."""
    five = streets(jurisdiction("532301"))[:5]
    recognised_community(five[0], chuxiong, 2021)
    recognised_community(five[1], chuxiong, 2022, planned=2021, is_pilot=True)
    submit(fill_in(enrol(five[2], chuxiong, 2022)))
    enrol(five[3], chuxiong, 2022, is_pilot=True)
    fill_in(enrol(five[4], chuxiong, 2022))
    return five


def test_list_communities_of_ones_own_place(client_of: ClientOf, district_reviewer: Actor) -> None:
    response = client_of(district_reviewer).get("/communities/")
    assert response.context["page_obj"].paginator.count == 31
    assert "31 个社区" in response.content.decode()


def test_list_communities_in_pages(client_of: ClientOf, city_approver: Actor) -> None:
    client = client_of(city_approver)
    assert len(listed(client)) == 50
    assert len(listed(client, page=4)) == 13


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("龙江", ["龙江社区"]),
        ("鹿城镇 龙江", ["龙江社区"]),
        ("532301101001", None),
        ("没有这个社区", []),
    ],
)
def test_search_communities_by_name_or_code(
    client_of: ClientOf, district_reviewer: Actor, words: str, names: list[str] | None
) -> None:
    found = listed(client_of(district_reviewer), q=words)
    assert found == names if names is not None else len(found) == 1


@pytest.mark.parametrize("words", ["ljsq", "LJ", "longjiang", "long'jiang", "jiangsh", "鹿城镇 longj"])
def test_search_communities_by_pinyin(client_of: ClientOf, district_reviewer: Actor, words: str) -> None:
    assert "龙江社区" in listed(client_of(district_reviewer), q=words)


def test_pinyin_is_found_where_a_syllable_begins(client_of: ClientOf, district_reviewer: Actor) -> None:
    # 龙江 holds the letters "ngji", but no syllable begins with them.
    assert listed(client_of(district_reviewer), q="ngji") == []


def test_list_communities_by_their_survey(
    client_of: ClientOf, district_reviewer: Actor, jurisdiction: Find, chuxiong: Campaign
) -> None:
    first, second, *others = streets(jurisdiction("532301"))
    save_survey(first, 2022, survey_of(), actor=district_reviewer)
    save_survey(second, 2022, Survey({"households": 1}, "台账", date(2022, 1, 1)), actor=district_reviewer)
    client = client_of(district_reviewer)
    assert listed(client, survey="complete", year=2022) == [first.short_name]
    assert listed(client, survey="partial", year=2022) == [second.short_name]
    assert listed(client, survey="none", year=2022) == [one.short_name for one in others]
    page = client.get("/communities/", {"facts_shown": "on", "year": "2022", "q": second.short_name}).content.decode()
    assert "缺 常住人口、面积" in page
    assert "基本情况列" in page


def test_download_the_surveys(client_of: ClientOf, district_reviewer: Actor, jurisdiction: Find) -> None:
    first = streets(jurisdiction("532301"))[0]
    save_survey(first, 2022, survey_of(), actor=district_reviewer)
    response = client_of(district_reviewer).get("/communities/", {"format": "survey", "year": "2022"})
    heads, *rows = load_workbook(BytesIO(response.content)).worksheets[0].iter_rows(values_only=True)
    assert len(rows) == 31
    told = dict(zip(heads, rows[0], strict=True))
    assert (told["社区"], told["年度"], told["户数（户）"]) == (first.short_name, 2022, 1200)
    assert (told["物业管理覆盖率（%）"], told["智能化安防系统"], told["噪声投诉办结率"]) == (0.855, "是", 0.98)
    assert (told["完整程度"], told["缺少"]) == ("13/13", None)
    told = dict(zip(heads, rows[1], strict=True))
    assert (told["年度"], told["户数（户）"], told["完整程度"]) == (2022, None, "未填写")


@pytest.mark.parametrize(
    "query", [{"facts_shown": "on"}, {"survey": "partial", "facts_shown": "on"}, {"format": "survey"}]
)
def test_survey_columns_cost_the_same_for_any_number_of_rows(
    client_of: ClientOf, district_reviewer: Actor, jurisdiction: Find, query: dict[str, str]
) -> None:
    client, some = client_of(district_reviewer), streets(jurisdiction("532301"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get("/communities/", {"year": "2022", **query})
        return len(asked)

    partial = Survey({"households": 1}, "台账", date(2022, 1, 1))
    save_survey(some[0], 2022, partial, actor=district_reviewer)
    with_one = queries()
    for one in some[1:3]:
        save_survey(one, 2022, partial, actor=district_reviewer)
    assert queries() == with_one


def test_search_communities_of_a_street_by_its_code(client_of: ClientOf, district_reviewer: Actor) -> None:
    client = client_of(district_reviewer)
    assert listed(client, q="532301101") == listed(client, jurisdiction="532301101000")


def test_list_communities_by_jurisdiction_code_or_id(
    client_of: ClientOf, city_approver: Actor, jurisdiction: Find
) -> None:
    client, place = client_of(city_approver), jurisdiction("532327")
    by_code = listed(client, jurisdiction=place.code)
    assert len(by_code) == 3
    assert listed(client, jurisdiction=place.pk) == by_code


@pytest.mark.parametrize("asked", ["120000000000", "999999999999", "1234567", "楚雄", "-1", "99999999999"])
def test_list_communities_elsewhere_is_not_found(client_of: ClientOf, city_approver: Actor, asked: str) -> None:
    assert client_of(city_approver).get("/communities/", {"jurisdiction": asked}).status_code == 404


def test_list_communities_by_count_as_urban(client_of: ClientOf, district_reviewer: Actor, jurisdiction: Find) -> None:
    first, second = streets(jurisdiction("532301"))[:2]
    Community.objects.filter(pk=first.pk).update(counts_as_urban=False)
    Community.objects.filter(pk=second.pk).update(closed_on=date(2022, 6, 1))
    client = client_of(district_reviewer)
    assert listed(client, counts_as_urban="no", year=2022) == [first.short_name, second.short_name]
    assert len(listed(client, counts_as_urban="yes", year=2022)) == 29
    assert listed(client, counts_as_urban="no", year=2021) == [first.short_name]


def test_list_communities_at_a_stage_or_recognised(
    client_of: ClientOf, district_reviewer: Actor, played: list[Community]
) -> None:
    client = client_of(district_reviewer)
    for year, query, picked in [
        (2021, {"stage": "enrolled"}, [0, 1]),
        (2022, {"stage": "enrolled"}, [0, 1, 2, 3, 4]),
        (2021, {"stage": "pilots"}, [1]),
        (2022, {"stage": "pilots"}, [1, 3]),
        (2022, {"stage": "in_review"}, [2]),
        (2021, {"stage": "in_review"}, []),
        (2022, {"stage": "planned"}, [3]),
        (2022, {"stage": "drafting"}, [4]),
        (2022, {"stage": "returned"}, []),
        (2022, {"recognised": "2021"}, [0]),
        (2022, {"recognised": "2022"}, [1]),
        (2021, {"recognised": "cumulative"}, [0]),
        (2022, {"recognised": "cumulative"}, [0, 1]),
        (2022, {"stage": "pilots", "recognised": "cumulative"}, [1]),
    ]:
        names = listed(client, campaign="chuxiong-2021", year=year, **query)
        assert names == [played[index].short_name for index in picked], (year, query)


def test_list_holds_the_names_behind_every_figure(
    client_of: ClientOf, city_approver: Actor, jurisdiction: Find, played: list[Community]
) -> None:
    place, client = jurisdiction("532301"), client_of(city_approver)
    for campaign, year in product(Campaign.objects.filter(code__in=["chuxiong-2021", "national-2020"]), [2021, 2022]):
        figures = roll_up(campaign, place, year).total.figures

        def count(campaign: Campaign = campaign, year: int = year, **query: str) -> int:
            return len(listed(client, campaign=campaign.code, year=year, jurisdiction=place.code, **query))

        assert count(stage="base") == figures.base == 31
        assert count(stage="enrolled") == figures.enrolled > 0
        assert count(stage="pilots") == figures.pilots
        assert count(stage="in_review") == figures.in_review
        assert count(recognised=str(year)) == figures.recognised == 1
        assert count(recognised="cumulative") == figures.cumulative
        assert count(recognised="none") == figures.base - figures.cumulative
        assert count(stage="absent") == figures.base - figures.enrolled


def test_list_leaves_out_a_revoked_recognition(
    client_of: ClientOf, city_approver: Actor, played: list[Community], acting: Callable[[Actor], object]
) -> None:
    recognition = played[0].recognitions.get()
    with acting(city_approver):  # type: ignore[attr-defined]
        revoke_recognition(recognition, "复查不达标", actor=city_approver)
    client = client_of(city_approver)
    assert listed(client, campaign="chuxiong-2021", year=2022, recognised="cumulative") == [played[1].short_name]


@pytest.mark.parametrize("query", [{"stage": "no"}, {"recognised": "1999"}, {"counts_as_urban": "maybe"}])
def test_list_shows_nothing_for_a_wrong_filter(
    client_of: ClientOf, district_reviewer: Actor, query: dict[str, str]
) -> None:
    assert listed(client_of(district_reviewer), **query) == []


def test_list_keeps_the_number_of_queries(
    client_of: ClientOf,
    city_approver: Actor,
    played: list[Community],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    client, queries = client_of(city_approver), []
    for query in ("q=龙江", "", "stage=enrolled&year=2022", "stage=absent&recognised=none"):
        with django_assert_max_num_queries(25) as captured:  # type: ignore[attr-defined]
            assert client.get(f"/communities/?{query}").status_code == 200
        queries.append(len(captured))
    assert queries[0] == queries[1]


def test_download_list_as_xlsx(client_of: ClientOf, district_reviewer: Actor, played: list[Community]) -> None:
    response = client_of(district_reviewer).get(
        "/communities/?campaign=chuxiong-2021&year=2022&recognised=cumulative&format=xlsx"
    )
    sheet = load_workbook(BytesIO(response.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:4] == ["区划代码", "社区", "街道（镇、乡）", "上级辖区"]
    assert [(row[0], row[1], row[7], row[9], row[10]) for row in rows[1:]] == [
        (played[0].code, played[0].short_name, 2021, "已认定", 2021),
        (played[1].code, played[1].short_name, 2021, "已认定", 2022),
    ]


def test_download_too_large_a_list_asks_for_a_smaller_place(
    client_of: ClientOf, district_reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.dashboard.community_views.DOWNLOAD_LIMIT", 30)
    response = client_of(district_reviewer).get("/communities/?format=xlsx&counts_as_urban=yes", follow=True)
    assert response.redirect_chain == [("/communities/?counts_as_urban=yes", 302)]
    assert "请按辖区分别下载" in response.content.decode()


def test_show_community(client_of: ClientOf, district_reviewer: Actor, played: list[Community]) -> None:
    text = client_of(district_reviewer).get(f"/communities/{played[0].pk}/").content.decode()
    for part in [
        played[0].name,
        "532301101001",
        "楚雄州绿色社区创建行动",
        "2021 年绿色社区",
        "列入 2021 年计划",
        "提交自评",
    ]:
        assert part in text


def test_show_community_with_a_revoked_recognition(
    client_of: ClientOf, city_approver: Actor, played: list[Community], acting: Callable[[Actor], object]
) -> None:
    recognition = played[0].recognitions.get()
    with acting(city_approver):  # type: ignore[attr-defined]
        revoke_recognition(recognition, "复查不达标", actor=city_approver)
    text = client_of(city_approver).get(f"/communities/{played[0].pk}/").content.decode()
    assert "认定（已摘牌）" in text
    assert "复查不达标" in text


def test_show_community_of_another_tenant_is_not_found(
    client_of: ClientOf, stranger: Actor, street_officer: Actor, jurisdiction: Find
) -> None:
    one = streets(jurisdiction("532301"))[0]
    elsewhere = streets(jurisdiction("532322"))[0]
    assert client_of(stranger).get(f"/communities/{one.pk}/").status_code == 404
    assert client_of(street_officer).get(f"/communities/{elsewhere.pk}/").status_code == 404
    assert client_of(street_officer).get("/communities/99999999/").status_code == 404


def test_show_community_links_to_what_the_role_may_open(
    client_of: ClientOf,
    street_officer: Actor,
    district_reviewer: Actor,
    make_actor: Callable[[str, Role], Actor],
    played: list[Community],
) -> None:
    assessment = played[2].participations.get().assessment
    address = f"/communities/{played[2].pk}/"
    viewer = make_actor("532301", Role.VIEWER)
    own, review = reverse("self_assessment", args=[assessment.pk]), reverse("review", args=[assessment.pk])
    assert f'href="{own}"' in client_of(street_officer).get(address).content.decode()
    assert f'href="{review}"' in client_of(district_reviewer).get(address).content.decode()
    assert "查看自评" not in client_of(viewer).get(address).content.decode()


def test_show_community_keeps_the_number_of_queries(
    client_of: ClientOf,
    city_approver: Actor,
    played: list[Community],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    client = client_of(city_approver)
    for one in (played[0], played[3]):
        with django_assert_max_num_queries(26):  # type: ignore[attr-defined]
            assert client.get(f"/communities/{one.pk}/").status_code == 200


def test_list_narrows_to_revoked_recognitions(
    client_of: ClientOf, city_approver: Actor, played: list[Community], acting: Callable[[Actor], object]
) -> None:
    client = client_of(city_approver)
    for query in ({"stage": "revoked"}, {"recognised": "revoked"}):
        assert listed(client, campaign="chuxiong-2021", year=2022, **query) == []
    with acting(city_approver):  # type: ignore[attr-defined]
        revoke_recognition(played[1].recognitions.get(), "复查不达标", actor=city_approver)
    for query in ({"stage": "revoked"}, {"recognised": "revoked"}):
        assert listed(client, campaign="chuxiong-2021", year=2022, **query) == [played[1].short_name]
    assert listed(client, campaign="chuxiong-2021", year=2021, recognised="revoked") == [played[1].short_name]
