"""Pages of projects: the list and its figures, one project, its form, the sums, a community's page."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.accounts.models import AccessEvent, Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from apps.projects.domain import delete_project, deleted_before, end_project
from apps.projects.models import Project, Source
from apps.projects.sums import Amounts
from apps.reorganisations.carrying_out import Order
from apps.reorganisations.communities import merge_communities
from apps.reorganisations.jurisdictions import move_jurisdiction
from tests.projects.conftest import criteria_of, money, put_down

ClientOf = Callable[[Actor], Client]
Of = Callable[[str], Community]


@pytest.fixture
def one(community: Of) -> Community:
    return community("532301101001")


@pytest.fixture
def three(one: Community, community: Of, chuxiong: Campaign) -> list[Project]:
    """Pipes under construction and late, lamps completed, trees not begun; the trees in another street."""
    return [
        put_down(one, chuxiong, money(spent=50), money("residents", 2021, 30, 30), started_on=date(2022, 4, 1)),
        put_down(
            one,
            chuxiong,
            money("bond", 2021, 10, 10),
            name="路灯",
            criteria=criteria_of(chuxiong, 4, 5),
            started_on=date(2021, 4, 1),
            completed_on=date(2021, 9, 1),
        ),
        put_down(
            community("532301102001"),
            chuxiong,
            money("credit", 2026, 8, 0),
            name="绿化",
            planned_end=date(2090, 1, 1) if clock.today().year > 2080 else date(2030, 1, 1),
        ),
    ]


def form_of(campaign: Campaign, **also: Any) -> dict[str, Any]:
    """What the form posts."""
    return {
        "name": "老旧供水管网改造",
        "criteria": criteria_of(campaign),
        "planned_start": "2022-03-01",
        "planned_end": "2022-10-31",
        "source-0": "fiscal",
        "year-0": "2022",
        "planned-0": "1,200.50",
        "spent-0": "",
    } | also


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["老旧供水管网改造", "路灯", "绿化"]),
        ({"q": "路灯"}, ["路灯"]),
        ({"q": "龙江"}, []),
        ({"jurisdiction": "532301102000"}, ["绿化"]),
        ({"year": "2021"}, ["老旧供水管网改造", "路灯"]),
        ({"source": "credit"}, ["绿化"]),
        ({"year": "2022", "source": "bond"}, []),
        ({"state": "planned"}, ["绿化"]),
        ({"state": "building"}, ["老旧供水管网改造"]),
        ({"state": "completed"}, ["路灯"]),
        ({"state": "ended"}, []),
        ({"state": "late"}, ["老旧供水管网改造"]),
        ({"year": "nonsense", "state": "nonsense", "criterion": "x"}, ["老旧供水管网改造", "路灯", "绿化"]),
    ],
)
def test_list_narrows(
    client_of: ClientOf, district_reviewer: Actor, three: list[Project], query: dict[str, str], names: list[str]
) -> None:
    answer = client_of(district_reviewer).get("/projects/", query)
    assert [row.project.name for row in answer.context["rows"]] == names


def test_list_narrows_by_criterion_across_standards(
    client_of: ClientOf, city_approver: Actor, chuxiong: Campaign, three: list[Project]
) -> None:
    client = client_of(city_approver)
    local = chuxiong.standard.criteria.get(number=4)
    answer = client.get("/projects/", {"criterion": local.pk})
    assert [row.project.name for row in answer.context["rows"]] == ["路灯"]
    national = local.national_criterion
    assert national is not None
    answer = client.get(f"/projects/?campaign=national-2020&criterion={national.pk}")
    assert "路灯" in [row.project.name for row in answer.context["rows"]]


def test_list_tells_the_sums_of_what_it_shows(
    client_of: ClientOf, district_reviewer: Actor, three: list[Project]
) -> None:
    client = client_of(district_reviewer)
    assert client.get("/projects/").context["totals"] == Amounts(Decimal(168), Decimal(90))
    answer = client.get("/projects/", {"year": "2021"})
    assert answer.context["totals"] == Amounts(Decimal(40), Decimal(40))
    assert [row.amounts for row in answer.context["rows"]] == [
        Amounts(Decimal(30), Decimal(30)),
        Amounts(Decimal(10), Decimal(10)),
    ]


@pytest.mark.parametrize(
    "address", ["/projects/", "/projects/funds/?year=all", "/projects/?format=xlsx", "/projects/{}/"]
)
def test_the_same_queries_for_any_number_of_projects(
    client_of: ClientOf, district_reviewer: Actor, one: Community, chuxiong: Campaign, address: str
) -> None:
    client, project = client_of(district_reviewer), put_down(one, chuxiong)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address.format(project.pk)).status_code == 200
        return len(asked)

    with_one = queries()
    for name in ("甲", "乙"):
        put_down(one, chuxiong, money(), money("bond", 2021, 3, 2), name=name)
    assert queries() == with_one <= 25


def test_every_sum_opens_the_projects_behind_it(
    client_of: ClientOf, city_approver: Actor, chuxiong: Campaign, three: list[Project]
) -> None:
    """From the prefecture to the communities of a street: each figure equals the sums of the list that it opens."""
    end_project(three[0], "并入片区改造", actor=city_approver)
    client, addresses = client_of(city_approver), ["/projects/funds/?year=all", "/projects/funds/?year=2021"]
    opened = 0
    while addresses:
        page = client.get(addresses.pop()).context
        rows = [*page["rows"], *page["by_year"], page["total"], page["all_years"]]
        for row in rows:
            for cell in row.cells:
                if cell.url:
                    answer = client.get(cell.url).context
                    assert answer["totals"] == cell.amounts, (row.name, cell.url)
                    opened += 1
            if row.total.url:
                assert client.get(row.total.url).context["page_obj"].paginator.count == row.projects
        addresses += [row.url for row in page["rows"] if "/funds/" in row.url and row.projects]
    assert opened > 20


def test_sums_say_where_they_differ_from_the_projects_that_they_open(
    client_of: ClientOf, make_actor: Callable[[str, Role], Actor], chuxiong: Campaign, one: Community
) -> None:
    """A street that went to another county left there what it had last year."""
    last = clock.today().year - 1
    put_down(one, chuxiong, money("fiscal", last, 60, 40))
    administrator = make_actor("5323", Role.BUREAU_ADMIN)
    street, county = Jurisdiction.objects.get(code="532301101000"), Jurisdiction.objects.get(code="532324000000")
    order = Order(effective_on=clock.today(), document_number="楚政发〔2026〕1号", reason="区划调整")
    move_jurisdiction(street, county, order, actor=administrator)

    def note(place: str, year: int = last) -> str:
        page = client_of(administrator).get("/projects/funds/", {"jurisdiction": place, "year": str(year)})
        found = re.search(r'<p class="text-muted">(.*?)</p>', page.text)
        return found[1] if found else ""

    rule = "以前年度的金额按区划调整前的辖区统计，项目名单按现在的辖区。"
    assert note("532301000000") == f"{rule}楚雄市的金额比项目名单：计划投资多 60 万元，完成投资多 40 万元。"
    assert note("532324000000") == f"{rule}南华县的金额比项目名单：计划投资少 60 万元，完成投资少 40 万元。"
    assert note("532300000000") == f"楚雄市、南华县{rule}"
    assert note("532301000000", last + 1) == ""


def test_sums_of_a_year(client_of: ClientOf, district_reviewer: Actor, three: list[Project]) -> None:
    answer = client_of(district_reviewer).get("/projects/funds/", {"year": "2021"})
    total = answer.context["total"]
    assert [cell.amounts.spent for cell in total.cells] == [0, 10, 0, 0, 30, 40]
    assert (total.projects, total.ratio) == (2, 1)
    assert [one["value"] for one in answer.context["figures"]] == ["2", "40.00", "40.00", "100.00%", "90.00"]
    assert [row.name for row in answer.context["by_year"]] == ["2021 年", "2022 年", "2026 年"]


def test_sums_taken_along(client_of: ClientOf, district_reviewer: Actor, three: list[Project]) -> None:
    client = client_of(district_reviewer)
    answer = client.get("/projects/funds/", {"year": "2021", "format": "xlsx"})
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert rows[0][:5] == ("区划代码", "辖区或社区", "项目数", "财政资金计划\n（万元）", "财政资金完成\n（万元）")
    assert rows[-1] == (None, "合计", 2, 0, 0, 10, 10, 0, 0, 0, 0, 30, 30, 40, 40, 1)
    answer = client.get("/projects/funds/", {"format": "years"})
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["资金年度", "2021 年", "2022 年", "2026 年", "合计"]
    told = AccessEvent.objects.filter(kind=AccessEvent.Kind.EXPORTED).order_by("pk").values_list("subject", flat=True)
    assert list(told) == ["楚雄市2021年绿色社区建设改造资金", "楚雄市各年度绿色社区建设改造资金"]


def test_the_list_taken_along(client_of: ClientOf, district_reviewer: Actor, three: list[Project]) -> None:
    answer = client_of(district_reviewer).get("/projects/", {"format": "xlsx"})
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    _, *rows = [
        dict(zip([cell.value for cell in sheet[1]], line, strict=True)) for line in sheet.iter_rows(values_only=True)
    ]
    told = [
        (row["项目名称"], row["资金年度"], row["财政资金计划\n（万元）"], row["居民出资完成\n（万元）"], row["状态"])
        for row in rows
    ]
    assert told == [
        ("老旧供水管网改造", 2021, None, 30, "在建"),
        ("老旧供水管网改造", 2022, 120, None, "在建"),
        ("路灯", 2021, None, None, "已完工"),
        ("绿化", 2026, None, None, "未开工"),
    ]
    assert rows[2]["对应条目"] == "4、5"


def test_add_by_the_form(client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign) -> None:
    client, address = client_of(street_officer), f"/projects/add/?community={one.pk}"
    shown = client.get(address).context
    # The nation's campaign is carried out by this one, so that there is nothing to choose.
    assert (shown["project_campaign"], shown["choices"]) == (chuxiong, [chuxiong])
    answer = client.post(address, form_of(chuxiong))
    project = Project.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/projects/{project.pk}/")
    assert project.funding.get().planned == Decimal("1200.50")
    page = client.get(answer["Location"]).content.decode()
    assert "1,200.50" in page
    assert "“老旧供水管网改造”已保存" in page


def test_nothing_typed_is_lost(client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign) -> None:
    wrong = {"name": "", "planned-0": "一百", "source-1": "bond", "year-1": "2022", "planned-1": "5", "content": "换管"}
    answer = client_of(street_officer).post(f"/projects/add/?community={one.pk}", form_of(chuxiong, **wrong))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "“一百”不是金额" in page
    for typed in ('value="一百"', 'value="5"', "换管", 'value="2022-03-01"'):
        assert typed in page
    assert Project.objects.count() == 0
    # What the verb refuses stands at its line.
    answer = client_of(street_officer).post(
        f"/projects/add/?community={one.pk}",
        form_of(chuxiong, **{"source-1": "fiscal", "year-1": "2022", "planned-1": "5"}),
    )
    twice = {"source": "2022 年的财政资金填了两笔，请合成一笔。"}
    assert [line.errors for line in answer.context["lines"]] == [{}, twice]


def test_a_refused_form_tells_everything_at_once_above(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    """With links to the fields; the order of the dates too, and what is wrong with lines that can be read."""
    tomorrow = f"{clock.today() + timedelta(1):%Y-%m-%d}"
    wrong: dict[str, Any] = {"name": "", "criteria": [], "planned_end": "2022-02-01", "completed_on": tomorrow}
    wrong |= {"source-1": "fiscal", "year-1": "2022", "planned-1": "5", "started_on": "去年"}
    answer = client_of(street_officer).post(f"/projects/add/?community={one.pk}", form_of(chuxiong, **wrong))
    assert answer.status_code == 422
    assert [(one.anchor, one.text) for one in answer.context["problems"].placed] == [
        ("id_name", "请填写项目名称。"),
        ("id_planned_end", "早于计划开工日期 2022-03-01，请核对。"),
        ("id_started_on", "“去年”不是日期，请按“2022-08-15”这样填写。"),
        ("id_completed_on", f"{tomorrow} 还没有到，请在当天以后再填。"),
        ("source-1", "2022 年的财政资金填了两笔，请合成一笔。"),
        ("id_criteria_0", "请至少勾选一条：项目是为哪一条标准建设改造的。"),
    ]
    page = answer.content.decode()
    assert "没有保存，请改正以下 6 处" in page
    for anchor in ("id_name", "id_planned_end", "source-1", "id_criteria_0"):
        assert page.count(f'href="#{anchor}"') == page.count(f' id="{anchor}"') == 1


def test_a_form_without_funding_is_told_so_above(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    answer = client_of(street_officer).post(
        f"/projects/add/?community={one.pk}", form_of(chuxiong, **{"source-0": "", "planned-0": ""})
    )
    assert answer.context["problems"].placed == [("funding", "项目资金", "请至少填一笔资金：来源、年度和计划投资。")]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "长" * 101}, "有 101 字，超过 100 字，请缩短。"),
        ({"content": "长" * 5001}, "有 5001 字，超过 500 字，请缩短。"),
        ({"criteria": ["999999"]}, "没有“999999”这个选项，请刷新页面后重新选择。"),
        ({"planned_start": "三月"}, "“三月”不是日期，请按“2022-08-15”这样填写。"),
        ({"year-0": "0e99999"}, "“0e99999”不是年度，请重新选择。"),
        ({"planned-0": "0e9999999999"}, "“0e9999999999”不是金额"),
    ],
)
def test_each_refusal_names_the_value(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign, wrong: dict[str, Any], said: str
) -> None:
    answer = client_of(street_officer).post(f"/projects/add/?community={one.pk}", form_of(chuxiong, **wrong))
    assert answer.status_code == 422
    assert [said in problem.text for problem in answer.context["problems"].placed] == [True]


@pytest.mark.parametrize(
    ("second", "errors"),
    [
        ({}, [{"planned": "“一百”不是金额，请填数字，单位万元，如 120 或 85.5。"}]),
        (
            {"source-1": "bond", "year-1": "2022", "planned-1": "5", "source-2": "bond", "year-2": "2022"},
            [
                {"planned": "“一百”不是金额，请填数字，单位万元，如 120 或 85.5。"},
                {},
                {"source": "2022 年的专项债券填了两笔，请合成一笔。"},
            ],
        ),
        (
            {"spent-0": "-5", "year-0": ""},
            [
                {
                    "year": "请选择年度。",
                    "planned": "“一百”不是金额，请填数字，单位万元，如 120 或 85.5。",
                    "spent": "“-5”是负数，金额应不小于 0，请核对。",
                }
            ],
        ),
    ],
)
def test_lines_that_can_be_read_are_judged_beside_one_that_cannot(
    client_of: ClientOf,
    street_officer: Actor,
    one: Community,
    chuxiong: Campaign,
    second: dict[str, str],
    errors: list[dict[str, str]],
) -> None:
    posted = form_of(chuxiong, **{"planned-0": "一百", **second})
    lines = client_of(street_officer).post(f"/projects/add/?community={one.pk}", posted).context["lines"]
    assert (lines.error, [line.errors for line in lines]) == ("", errors)


def test_an_error_stands_at_the_part_of_the_line_that_it_is_about(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    answer = client_of(street_officer).post(
        f"/projects/add/?community={one.pk}", form_of(chuxiong, **{"spent-0": "很多"})
    )
    problem = answer.context["problems"].placed[0]
    assert (problem.anchor, problem.label) == ("spent-0", "项目资金第 1 行完成投资")
    page = " ".join(answer.content.decode().split())
    assert page.count('aria-invalid="true"') == 1
    assert 'aria-invalid="true" aria-describedby="line-error-spent-0"' in page
    assert 'id="line-error-spent-0"' in page


def test_money_spent_asks_for_the_day_of_beginning(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    """Together with whatever else is wrong."""
    client, address = client_of(street_officer), f"/projects/add/?community={one.pk}"
    answer = client.post(address, form_of(chuxiong, name="", **{"spent-0": "3"}))
    assert [(each.anchor, each.text) for each in answer.context["problems"].placed] == [
        ("id_name", "请填写项目名称。"),
        ("id_started_on", "已填完成投资，请把开工日期也填上；还没有开工的，不填完成投资。"),
    ]
    assert client.post(address, form_of(chuxiong, started_on="2022-03-05", **{"spent-0": "3"})).status_code == 302


def test_digits_of_full_width_are_read_in_years_too(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    posted = form_of(chuxiong, **{"year-0": "２０２２", "planned-0": "１２０"})
    assert client_of(street_officer).post(f"/projects/add/?community={one.pk}", posted).status_code == 302
    assert Project.objects.get().funding.values_list("year", "planned").get() == (2022, Decimal(120))


@pytest.mark.parametrize("seen", ["x", ""])
def test_an_old_page_is_told_so(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign, seen: str
) -> None:
    project = put_down(one, chuxiong)
    answer = client_of(street_officer).post(f"/projects/{project.pk}/edit/", form_of(chuxiong, seen=seen, name="路灯"))
    assert answer.status_code == 422
    assert answer.context["problems"].general == ["页面已过期，没有保存。请刷新页面，核对后再填。"]


def test_a_campaign_that_cannot_be_chosen_is_not_found(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    client = client_of(street_officer)
    address = f"/projects/add/?community={one.pk}&campaign="
    assert client.get(f"{address}{chuxiong.code}").context["project_campaign"] == chuxiong
    assert client.get(address).context["project_campaign"] == chuxiong
    for code in ("anhui-2020", "x", "national-2020"):
        assert client.get(f"{address}{code}").status_code == 404
        assert client.post(f"{address}{code}", form_of(chuxiong)).status_code == 404
    assert Project.objects.count() == 0


def test_delete_pressed_again_says_the_same(
    client_of: ClientOf,
    street_officer: Actor,
    make_actor: Callable[[str, Role], Actor],
    one: Community,
    chuxiong: Campaign,
) -> None:
    """To whoever could have deleted it; to others the project was never there."""
    project = put_down(one, chuxiong)
    client, address = client_of(street_officer), f"/projects/{project.pk}/delete/"
    for _ in range(3):
        answer = client.post(address, follow=True)
        assert answer.redirect_chain == [("/projects/", 302)]
        assert "“老旧供水管网改造”已删除。" in answer.content.decode()
    for code, role, status in (
        ("532301102", Role.STREET_OFFICER, 404),
        ("12", Role.APPROVER, 404),
        ("5323", Role.VIEWER, 403),
    ):
        assert client_of(make_actor(code, role)).post(address).status_code == status
    assert client.post("/projects/999999/delete/").status_code == 404


def test_delete_pressed_while_another_deletes_says_the_same(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = put_down(one, chuxiong)

    def looked_for_too_soon(pk: int) -> Project | None:
        found = deleted_before(pk)
        delete_project(project, actor=street_officer)
        return found

    monkeypatch.setattr("apps.projects.views.deleted_before", looked_for_too_soon)
    assert client_of(street_officer).post(f"/projects/{project.pk}/delete/").status_code == 302


def test_pages_of_a_deleted_project_lead_to_the_list(
    client_of: ClientOf,
    street_officer: Actor,
    make_actor: Callable[[str, Role], Actor],
    one: Community,
    chuxiong: Campaign,
) -> None:
    project = put_down(one, chuxiong)
    delete_project(project, actor=street_officer)
    client, page = client_of(street_officer), f"/projects/{project.pk}/"
    for answer in (
        client.get(page, follow=True),
        client.get(f"{page}edit/", follow=True),
        client.get(f"{page}end/", follow=True),
        client.post(f"{page}complete/", {"completed_on": "2022-10-01"}, follow=True),
        client.post(f"{page}resume/", follow=True),
    ):
        assert answer.redirect_chain == [("/projects/", 302)]
        assert "“老旧供水管网改造”已被删除。" in answer.content.decode()
    for address in (page, f"{page}edit/"):
        assert client_of(make_actor("532301102", Role.STREET_OFFICER)).get(address).status_code == 404
    assert client.get("/projects/999999/").status_code == 404


def test_what_was_typed_of_a_deleted_project_can_be_put_down_anew(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    project = put_down(one, chuxiong)
    delete_project(project, actor=street_officer)
    client = client_of(street_officer)
    posted = form_of(chuxiong, seen="1", content="换管 1.5 公里")
    answer = client.post(f"/projects/{project.pk}/edit/", posted)
    assert answer.status_code == 409
    page = answer.content.decode()
    for part in ("“老旧供水管网改造”刚刚被删除了", "换管 1.5 公里", 'value="1,200.50"', 'href="/projects/"', "checked"):
        assert part in page
    action = re.search(r'<form[^>]*action="(/projects/add/[^"]*)"', page)
    assert action is not None
    assert client.post(action[1].replace("&amp;", "&"), posted).status_code == 302
    assert Project.objects.get().content == "换管 1.5 公里"


def test_a_wrong_day_of_completion_is_named(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    project = put_down(one, chuxiong, started_on=date(2022, 4, 1))
    answer = client_of(street_officer).post(f"/projects/{project.pk}/complete/", {"completed_on": "昨天"})
    assert answer.status_code == 422
    assert "“昨天”不是日期" in answer.context["problem"]


def test_more_lines_keep_what_was_typed(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    client, address = client_of(street_officer), f"/projects/add/?community={one.pk}"
    assert len(client.get(address).context["lines"].lines) == 3
    answer = client.post(address, form_of(chuxiong, more="1", name="路灯", planned_end=""))
    assert (answer.status_code, len(answer.context["lines"].lines)) == (200, 4)
    page = answer.content.decode()
    assert 'value="路灯"' in page
    assert 'value="1,200.50"' in page
    assert page.count("checked") >= 1
    assert "field-error" not in page


def test_an_emptied_line_is_taken_away(
    client_of: ClientOf, district_reviewer: Actor, one: Community, chuxiong: Campaign
) -> None:
    project = put_down(one, chuxiong, money(), money("bond", planned=5))
    client, address = client_of(district_reviewer), f"/projects/{project.pk}/edit/"
    lines = client.get(address).context["lines"]
    assert [line.typed["planned"] for line in lines] == ["120", "5", "", "", ""]
    posted = form_of(chuxiong, **{"planned-0": "120", "source-1": "", "year-1": "2022", "planned-1": "", "seen": "1"})
    assert client.post(address, posted).status_code == 302
    assert list(project.funding.values_list("source", flat=True)) == ["fiscal"]
    # A form that was opened before is told of it.
    assert client.post(address, posted | {"planned-0": "7"}).status_code == 409


def test_what_becomes_of_a_project(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    client, project = client_of(street_officer), put_down(one, chuxiong, started_on=date(2022, 4, 1))
    page = f"/projects/{project.pk}/"
    assert client.post(f"{page}complete/", {"completed_on": "2020-01-01"}).status_code == 422
    assert client.post(f"{page}end/", {"reason": ""}).status_code == 422
    assert client.post(f"{page}end/", {"reason": "资金未落实"}).status_code == 302
    assert "资金未落实" in client.get(page).content.decode()
    assert client.post(f"{page}complete/", {"completed_on": "2022-10-01"}).status_code == 409
    assert client.post(f"{page}resume/").status_code == 302
    assert client.post(f"{page}complete/", {"completed_on": "2022-10-01"}).status_code == 302
    assert client.post(f"{page}delete/").status_code == 302
    assert Project.objects.count() == 0


def test_a_project_whose_community_has_left_the_campaign_is_kept(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    """Its campaign is out of sight there, the project is not."""
    client, project = client_of(street_officer), put_down(one, chuxiong)
    Campaign.objects.filter(pk=chuxiong.pk).update(jurisdiction=Jurisdiction.objects.get(code="532302000000"))
    page = f"/projects/{project.pk}/"
    assert chuxiong.name in client.get(page).content.decode()
    assert client.get(f"{page}edit/").status_code == 200
    posted = form_of(chuxiong, seen="1", **{"started_on": "2022-04-01", "spent-0": "7"})
    assert client.post(f"{page}edit/", posted)["Location"] == page
    assert client.post(f"{page}complete/", {"completed_on": "2022-10-01"}).status_code == 302
    assert client.get(page).context["row"].amounts.spent == 7


def test_choose_the_community(client_of: ClientOf, street_officer: Actor, one: Community) -> None:
    client = client_of(street_officer)
    answer = client.get("/projects/add/")
    assert f"?community={one.pk}" in answer.content.decode()
    found = client.get("/projects/add/", {"q": one.initials.strip().split()[0]}).context["communities"]
    assert one in found
    assert client.get("/projects/add/", {"q": "没有的"}).context["communities"] == []


def test_history_names_criteria_and_lines(
    client_of: ClientOf, make_actor: Callable[[str, Role], Actor], one: Community, chuxiong: Campaign
) -> None:
    project = put_down(one, chuxiong)
    answer = client_of(make_actor("532301", Role.BUREAU_ADMIN)).get(f"/history/projects/project/{project.pk}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "老旧供水管网改造 2022 年财政资金" in page
    assert chuxiong.standard.criteria.get(number=3).text[:10] in page


def test_page_of_a_community_shows_its_projects(
    client_of: ClientOf, street_officer: Actor, one: Community, three: list[Project]
) -> None:
    answer = client_of(street_officer).get(f"/communities/{one.pk}/")
    shown = answer.context["projects"]
    assert [row.project.name for row in shown["rows"]] == ["老旧供水管网改造", "路灯"]
    assert shown["total"] == Amounts(Decimal(160), Decimal(90))
    assert f"/projects/add/?community={one.pk}" in answer.content.decode()


def test_page_of_an_heir_shows_what_it_took_over(
    client_of: ClientOf, district_reviewer: Actor, one: Community, community: Of, three: list[Project]
) -> None:
    heir = community("532301101006")
    order = Order(effective_on=clock.today(), document_number="楚政发〔2026〕1号", reason="合并")
    merge_communities([one], heir, order, actor=district_reviewer)
    client = client_of(district_reviewer)
    shown = client.get(f"/communities/{heir.pk}/").context["projects"]
    assert [(row.project.name, row.is_inherited) for row in shown["rows"]] == [
        ("老旧供水管网改造", True),
        ("路灯", True),
    ]
    old = client.get(f"/communities/{one.pk}/").context["projects"]
    assert [row.is_inherited for row in old["rows"]] == [False, False]
    assert (old["may_add"], shown["may_add"]) == (False, True)


def test_page_of_a_community_asks_once_for_projects(
    client_of: ClientOf, street_officer: Actor, one: Community, chuxiong: Campaign
) -> None:
    client = client_of(street_officer)

    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/communities/{one.pk}/")
        return [query["sql"] for query in asked.captured_queries]

    without = queries()
    for name in ("甲", "乙", "丙"):
        put_down(one, chuxiong, money(), money("bond", 2021, 3, 2), name=name)
    with_three = queries()
    assert len(with_three) == len(without)
    assert sum("projects_project" in sql for sql in with_three) == 1


def test_sources_are_told_in_the_words_of_the_documents() -> None:
    assert Source.labels == ["财政资金", "专项债券", "信贷资金", "社会资本", "居民出资"]
