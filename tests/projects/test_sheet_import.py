"""Projects by spreadsheet: the template filled in, judged, stored, marked."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.errors import InvalidInput
from apps.jurisdictions.models import Jurisdiction
from apps.projects.domain import change_project, end_project
from apps.projects.models import Funding, Project
from apps.projects.sheet import COLUMNS, build_template
from apps.projects.sheet_import import ProjectSheet, RowState, import_rows, judge, read_file, sign, unsign
from tests.projects.conftest import criteria_of, facts, money, put_down, put_down_before

Acting = Callable[[Actor], AbstractContextManager[None]]
Of = Callable[[str], Community]
Told = dict[str, Any]


def workbook(rows: Iterable[Told], heads: Iterable[str] = COLUMNS) -> BytesIO:
    book, heads = Workbook(), list(heads)
    assert book.active is not None
    book.active.append(heads)
    for row in rows:
        book.active.append([row.get(head) for head in heads])
    buffer = BytesIO()
    book.save(buffer)
    buffer.seek(0)
    buffer.name = "项目.xlsx"
    return buffer


def line(one: Community, **also: Any) -> Told:
    """A good row: 120 planned and 50 spent of the budget in 2022."""
    told = {
        "区划代码": one.code,
        "街道（镇、乡）": one.jurisdiction.name,
        "社区": one.short_name,
        "项目名称": "老旧供水管网改造",
        "对应条目": "第3条、5",
        "计划开工": "2022年3月1日",
        "计划完工": date(2022, 10, 31),
        "开工日期": "2022.3.5",
        "资金年度": 2022,
        "财政资金计划（万元）": 120,
        "财政资金完成（万元）": "50",
    }
    return told | also


@pytest.fixture
def one(community: Of) -> Community:
    return community("532301101001")


@pytest.fixture
def read(chuxiong: Campaign, district_reviewer: Actor, acting: Acting) -> Callable[..., ProjectSheet]:
    def judged(*rows: Told) -> ProjectSheet:
        with acting(district_reviewer):
            return read_file(workbook(rows), chuxiong, actor=district_reviewer)

    return judged


@pytest.fixture
def store(chuxiong: Campaign, district_reviewer: Actor, acting: Acting) -> Callable[..., ProjectSheet]:
    """What the confirmation does with a preview."""

    def confirmed(sheet: ProjectSheet, *, only_good: bool = False) -> ProjectSheet:
        with acting(district_reviewer):
            rows, campaign = unsign(sign(sheet, actor=district_reviewer), actor=district_reviewer)
            assert campaign == chuxiong.pk
            return import_rows(rows, chuxiong, actor=district_reviewer, only_good=only_good)

    return confirmed


Read = Callable[..., ProjectSheet]


def stored() -> list[tuple[str, int, str, Decimal, Decimal]]:
    rows = Funding.objects.order_by("project__name", "year", "source")
    return list(rows.values_list("project__name", "year", "source", "planned", "spent"))


def test_import_a_project_of_two_years(read: Read, store: Read, one: Community, chuxiong: Campaign) -> None:
    second = {
        "资金年度": 2023,
        "财政资金计划（万元）": None,
        "财政资金完成（万元）": None,
        "居民出资计划（万元）": "1,000.5",
    }
    sheet = read(line(one), line(one, **second, 对应条目=None))
    assert [row.state for row in sheet.rows] == [RowState.NEW, RowState.NEW]
    assert Project.objects.count() == 0
    store(sheet)
    project = Project.objects.get()
    assert (project.criteria, project.planned_start) == (criteria_of(chuxiong, 3, 5), date(2022, 3, 1))
    assert stored() == [
        ("老旧供水管网改造", 2022, "fiscal", Decimal(120), Decimal(50)),
        ("老旧供水管网改造", 2023, "residents", Decimal("1000.5"), Decimal(0)),
    ]
    # The same file once more changes nothing.
    again = read(line(one), line(one, **second, 对应条目=None))
    assert {row.state for row in again.rows} == {RowState.UNCHANGED}
    store(again)
    assert Project.objects.get().version == 1


def test_a_blank_leaves_what_stands_and_a_zero_takes_it_away(
    read: Read, store: Read, one: Community, chuxiong: Campaign
) -> None:
    put_down(one, chuxiong, money(), money("bond", planned=30), started_on=date(2022, 4, 1))
    sheet = read(
        {
            "区划代码": one.code,
            "社区": one.short_name,
            "项目名称": "老旧供水管网改造",
            "资金年度": 2022,
            "财政资金完成（万元）": 80,
            "专项债券计划（万元）": 0,
        }
    )
    assert sheet.rows[0].changes == [
        ("资金", "2022 年专项债券：计划 30，完成 0 万元", ""),
        ("资金", "2022 年财政资金：计划 120，完成 0 万元", "2022 年财政资金：计划 120，完成 80 万元"),
    ]
    store(sheet)
    assert stored() == [("老旧供水管网改造", 2022, "fiscal", Decimal(120), Decimal(80))]
    assert Project.objects.get().content == "更换供水管 1.2 公里"


@pytest.mark.parametrize(
    ("wrong", "column", "said"),
    [
        ({"区划代码": "532302101001"}, "区划代码", "楚雄市及以下没有代码为“532302101001”的社区"),
        ({"项目名称": None}, "项目名称", "没有填"),
        ({"资金年度": "二二年"}, "资金年度", "不是年份"),
        ({"资金年度": 1990}, "资金年度", "1990 年不对"),
        ({"对应条目": "3、99"}, "对应条目", "没有第“99”条"),
        ({"对应条目": None}, "对应条目", "请至少勾选一条"),
        ({"计划开工": "三月"}, "计划开工", "不是日期"),
        ({"计划完工": "2021-01-01"}, "计划完工", "早于计划开工日期"),
        ({"财政资金计划（万元）": "一百"}, "财政资金计划（万元）", "不是金额"),
        ({"社会资本完成（万元）": -5}, "社会资本完成（万元）", "“-5”是负数，金额应不小于 0"),
        ({"资金年度": 2028}, "财政资金完成（万元）", "2028 年还没有到，不能填完成投资"),
        ({"开工日期": None}, "开工日期", "已填完成投资，请把开工日期也填上"),
        ({"财政资金计划（万元）": None, "财政资金完成（万元）": None}, "资金年度", "请至少填一笔资金"),
        ({"开工日期": None, "完工日期": "2022-05-01"}, "开工日期", "请把开工日期也填上"),
    ],
)
def test_say_what_is_wrong_at_its_cell(read: Read, one: Community, wrong: Told, column: str, said: str) -> None:
    row = read(line(one, **wrong)).rows[0]
    assert row.state == RowState.WRONG
    assert said in row.errors[column]


def test_all_that_is_wrong_is_told_at_once(read: Read, one: Community) -> None:
    wrong = {"计划开工": "三月", "计划完工": None, "开工日期": None, "对应条目": None, "财政资金计划（万元）": "一百"}
    assert read(line(one, **wrong)).rows[0].errors == {
        "计划开工": "“三月”不是日期，请填成 2022-06-30 这样。",
        "计划完工": "请填写计划完工日期，没有确定到日的填月初或月末。",
        "开工日期": "已填完成投资，请把开工日期也填上；还没有开工的，不填完成投资。",
        "对应条目": "请至少勾选一条：项目是为哪一条标准建设改造的。",
        "财政资金计划（万元）": "“一百”不是金额，请填数字，单位万元，如 120 或 85.5。",
    }


def test_the_good_projects_only(read: Read, store: Read, one: Community, community: Of) -> None:
    bad_year = line(one, 资金年度="x")
    sheet = read(line(one), bad_year, line(community("532301101006")))
    assert sheet.rows[0].errors == {"项目名称": "同一个项目的第 3 行有错，改好后一并导入。"}
    with pytest.raises(InvalidInput, match="有 2 行需要改正，一行也没有导入"):
        store(sheet)
    assert Project.objects.count() == 0
    store(sheet, only_good=True)
    assert [one.community.code for one in Project.objects.all()] == ["532301101006"]


def test_rows_of_a_project_agree(read: Read, one: Community) -> None:
    sheet = read(line(one), line(one, 资金年度=2021, 计划开工="2022-04-01"), line(one))
    assert "和第 2 行不一致" in sheet.rows[1].errors["计划开工"]
    assert "和第 2 行是同一个项目同一年度" in sheet.rows[2].errors["资金年度"]


def test_what_was_saved_since_the_preview_is_not_overwritten(
    read: Read, store: Read, one: Community, chuxiong: Campaign, street_officer: Actor
) -> None:
    project = put_down(one, chuxiong)
    sheet = read(line(one))
    change_project(project, facts(chuxiong, [money(planned=7)]), actor=street_officer)
    done = store(sheet, only_good=True)
    assert "预览以后测试街道经办532301101改过" in done.rows[0].errors["项目名称"]
    assert stored() == [("老旧供水管网改造", 2022, "fiscal", Decimal(7), Decimal(0))]


def test_an_ended_project_is_left_alone(read: Read, one: Community, chuxiong: Campaign, street_officer: Actor) -> None:
    end_project(put_down(one, chuxiong), "不建了", actor=street_officer)
    assert "终止，不能修改" in read(line(one)).rows[0].errors["项目名称"]


def test_a_row_of_another_campaign_is_refused(
    one: Community, chuxiong: Campaign, district_reviewer: Actor, acting: Acting
) -> None:
    with acting(district_reviewer):
        row = {**line(one), "创建行动": "另一个行动"}
        sheet = read_file(workbook([row], [*COLUMNS, "创建行动"]), chuxiong, actor=district_reviewer)
    assert "属于“另一个行动”" in sheet.rows[0].errors["创建行动"]


def test_a_campaign_that_a_nearer_one_carries_out_takes_no_new_project(
    one: Community, community: Of, chuxiong: Campaign, district_reviewer: Actor, acting: Acting
) -> None:
    nation, other = Campaign.objects.get(code="national-2020"), community("532301101006")
    put_down_before(chuxiong, other, nation, started_on=date(2022, 3, 5))
    told = {"资金年度": 2022, "财政资金完成（万元）": 60}
    with acting(district_reviewer):
        standing = {"区划代码": other.code, "社区": other.short_name, "项目名称": "老旧供水管网改造"}
        sheet = read_file(workbook([line(one), standing | told]), nation, actor=district_reviewer)
        twice = read_file(workbook([line(other)]), chuxiong, actor=district_reviewer)
    assert f"执行“{chuxiong}”，项目登记在其中" in sheet.rows[0].errors["社区"]
    assert (sheet.rows[1].state, sheet.rows[1].errors) == (RowState.CHANGED, {})
    assert f"已在“{nation}”登记过" in twice.rows[0].errors["项目名称"]


def test_a_project_whose_community_has_left_the_campaign_is_kept(
    one: Community, community: Of, chuxiong: Campaign, province_reviewer: Actor, acting: Acting
) -> None:
    put_down(one, chuxiong)
    Campaign.objects.filter(pk=chuxiong.pk).update(jurisdiction=Jurisdiction.objects.get(code="532302000000"))
    with acting(province_reviewer):
        campaign = Campaign.objects.get(pk=chuxiong.pk)
        rows = [line(one), line(community("532301101006"))]
        kept, new = read_file(workbook(rows), campaign, actor=province_reviewer).rows
    assert (kept.state, kept.errors) == (RowState.CHANGED, {})
    assert "不在“" in new.errors["社区"]


def test_the_import_offers_campaigns_that_are_worked_under_or_hold_projects(
    client_of: Callable[[Actor], Client],
    district_reviewer: Actor,
    province_reviewer: Actor,
    one: Community,
    chuxiong: Campaign,
) -> None:
    """Above the prefecture there are counties that work under the nation's campaign itself."""
    nation, client = Campaign.objects.get(code="national-2020"), client_of(district_reviewer)
    assert client.get("/projects/import/").context["choices"] == [chuxiong]
    assert client.get("/projects/import/template/", {"campaign": nation.code}).status_code == 422
    assert nation in client_of(province_reviewer).get("/projects/import/").context["choices"]
    put_down_before(chuxiong, one, nation)
    assert client.get("/projects/import/").context["choices"] == [chuxiong, nation]


def test_the_template_can_be_brought_back(
    one: Community, chuxiong: Campaign, district_reviewer: Actor, acting: Acting
) -> None:
    put_down(one, chuxiong, money(spent=50), money("bond", 2021, 10, 10), started_on=date(2022, 4, 1))
    with acting(district_reviewer):
        content = build_template(chuxiong, district_reviewer.jurisdiction)
        assert load_workbook(BytesIO(content)).worksheets[0].max_row == 3
        buffer = BytesIO(content)
        buffer.name = "模板.xlsx"
        sheet = read_file(buffer, chuxiong, actor=district_reviewer)
    assert [row.errors for row in sheet.rows] == [{}, {}]
    assert {row.state for row in sheet.rows} == {RowState.UNCHANGED}


def test_the_list_taken_along_can_be_brought_back(
    client_of: Callable[[Actor], Client], district_reviewer: Actor, one: Community, chuxiong: Campaign
) -> None:
    put_down(one, chuxiong, money(spent="50.5"), money("bond", 2021, 10, 10))
    client = client_of(district_reviewer)
    file = BytesIO(client.get("/projects/", {"format": "xlsx"}).content)
    file.name = "名单.xlsx"
    answer = client.post("/projects/import/", {"campaign": "chuxiong-2021", "file": file})
    assert answer.context["counts"] == {"new": 0, "changed": 0, "same": 2, "wrong": 0}


def test_the_same_queries_for_any_number_of_rows(
    read: Read, one: Community, community: Of, chuxiong: Campaign, district_reviewer: Actor
) -> None:
    def queries(*communities: Community) -> int:
        rows = read(*(line(each) for each in communities)).rows
        with CaptureQueriesContext(connection) as asked:
            judge(rows, chuxiong, actor=district_reviewer)
        return len(asked)

    assert queries(one) == queries(one, community("532301101006"), community("532301101008"))


def test_pages_of_the_import(client_of: Callable[[Actor], Client], district_reviewer: Actor, one: Community) -> None:
    client = client_of(district_reviewer)
    posted = {"campaign": "chuxiong-2021", "file": workbook([line(one), line(one, 项目名称="路灯", 对应条目="99")])}
    answer = client.post("/projects/import/", posted)
    assert answer.context["counts"] == {"new": 1, "changed": 0, "same": 0, "wrong": 1}
    signed = {"rows": answer.context["signed"]}
    marked = load_workbook(BytesIO(client.post("/projects/import/marked/", signed).content)).worksheets[0]
    assert "没有第“99”条" in str(marked.cell(3, len(COLUMNS) + 1).value)
    assert client.post("/projects/import/confirm/", signed | {"mode": "all"}).status_code == 422
    answer = client.post("/projects/import/confirm/", signed | {"mode": "good"})
    assert (answer.status_code, Project.objects.count()) == (200, 1)
    client.post("/projects/import/confirm/", signed | {"mode": "good"})
    assert Project.objects.get().version == 1
    template = client.get("/projects/import/template/", {"campaign": "chuxiong-2021"})
    assert template.status_code == 200
    assert client.get("/projects/import/template/", {"campaign": "tianjin-2020"}).status_code == 422


def test_a_formula_stays_in_the_marked_copy(
    client_of: Callable[[Actor], Client], district_reviewer: Actor, one: Community
) -> None:
    """As it was typed, with its error, through the preview and back; it is text there."""
    client = client_of(district_reviewer)
    row = line(one, **{"建设改造内容": "=A1&B1", "财政资金计划（万元）": "=60*2"})
    answer = client.post("/projects/import/", {"campaign": "chuxiong-2021", "file": workbook([row])})
    assert answer.context["counts"]["wrong"] == 1
    marked = client.post("/projects/import/marked/", {"rows": answer.context["signed"]})
    sheet = load_workbook(BytesIO(marked.content)).worksheets[0]
    for head, typed in {"建设改造内容": "=A1&B1", "财政资金计划（万元）": "=60*2"}.items():
        cell = sheet.cell(2, COLUMNS.index(head) + 1)
        assert (cell.value, cell.data_type) == (typed, "s")
        assert cell.comment is not None
        assert cell.comment.text.startswith("是公式。")


def test_who_may_not(
    make_actor: Callable[[str, Role], Actor], chuxiong: Campaign, one: Community, acting: Acting
) -> None:
    viewer = make_actor("532301", Role.VIEWER)
    with acting(viewer), pytest.raises(PermissionDenied):
        read_file(workbook([line(one)]), chuxiong, actor=viewer)
