"""附件2 from real recognitions: what it says, as a file, as a command."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pytest_django import DjangoAssertNumQueries

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.domain import revoke_recognition
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput
from apps.core.scope import scope
from apps.evaluations.summarising import summarise
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.carrying_out import Order
from apps.reorganisations.jurisdictions import create_zone, merge_jurisdictions
from tests.factories import recognised_community

FindCommunity = Callable[[str], Community]
FindJurisdiction = Callable[[str], Jurisdiction]

# 楚雄市: 龙江 and 北浦 in 鹿城镇, 紫溪 in 紫溪镇.
LONGJIANG, BEIPU, ZIXI = "532301101006", "532301101008", "532301104001"


@pytest.fixture
def two_years(chuxiong: Campaign, community: FindCommunity) -> None:
    recognised_community(community(BEIPU), chuxiong, 2021)
    recognised_community(community(LONGJIANG), chuxiong, 2021)
    recognised_community(community(ZIXI), chuxiong, 2022)


def rows_of(sheet: Worksheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]


def test_summarise_lists_children_in_code_order_with_names_and_sums(
    two_years: None, chuxiong: Campaign, jurisdiction: FindJurisdiction
) -> None:
    summary = summarise(chuxiong, jurisdiction("5323"), 2022)
    assert [row.label for row in summary.rows][:2] == ["楚雄市", "禄丰市"]
    assert len(summary.rows) == 10
    assert summary.rows[0].names_by_year == {2021: ["龙江社区", "北浦社区"], 2022: ["紫溪社区"]}
    assert summary.rows[0].base_by_year == {2021: 31, 2022: 31}
    assert summary.rows[1].names_by_year == {}
    assert summary.direct is None
    assert summary.region_header == "县（市、区）"
    assert summary.note.startswith("注：本表由各县市住房城乡建设部门汇总填写")


def test_summarise_leaves_out_later_years_and_revoked_ones(
    two_years: None, chuxiong: Campaign, jurisdiction: FindJurisdiction, community: FindCommunity, city_approver: Actor
) -> None:
    revoked = community(BEIPU).recognitions.get()
    with scope(city_approver.jurisdiction.path, user_id=city_approver.user.pk):
        revoke_recognition(revoked, "公共车位长期被占", actor=city_approver)
    assert summarise(chuxiong, jurisdiction("5323"), 2021).rows[0].names_by_year == {2021: ["龙江社区"]}


def test_summarise_tells_two_of_the_same_name_apart(
    chuxiong: Campaign, jurisdiction: FindJurisdiction, community: FindCommunity
) -> None:
    Community.objects.filter(code=ZIXI).update(name="龙江社区居民委员会")
    for code in (LONGJIANG, ZIXI):
        recognised_community(community(code), chuxiong, 2021)
    names = summarise(chuxiong, jurisdiction("5323"), 2021).rows[0].names_by_year
    assert names == {2021: ["龙江社区（鹿城镇）", "龙江社区（紫溪镇）"]}


def test_summarise_after_a_reorganisation_counts_what_each_unit_has_now(
    two_years: None,
    chuxiong: Campaign,
    jurisdiction: FindJurisdiction,
    community: FindCommunity,
    make_actor: Callable[[str, Role], Actor],
) -> None:
    administrator = make_actor("5323", Role.BUREAU_ADMIN)
    orders = [
        Order(date(2022, 8, 1), reason="区划调整", document_number=f"楚政发〔2022〕{number}号") for number in (8, 9)
    ]
    with clock.stopped_at(datetime(2022, 8, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))), acting(administrator):
        create_zone(
            jurisdiction("5323"),
            "楚雄高新区",
            orders[0],
            actor=administrator,
            streets=[jurisdiction("532301104")],
            communities=[community(BEIPU)],
        )
        merge_jurisdictions(jurisdiction("532329"), jurisdiction("532302"), orders[1], actor=administrator)
    summary = summarise(chuxiong, jurisdiction("5323"), 2022)
    rows = {row.label: (row.base_by_year, row.names_by_year) for row in summary.rows}
    assert (len(rows), "武定县" in rows) == (10, False)
    assert rows["禄丰市"] == ({2021: 45 + 9, 2022: 45 + 9}, {})
    moved = Community.objects.below(jurisdiction("532301104").path).count() + 1
    assert rows["楚雄高新区"] == ({2021: moved, 2022: moved}, {2021: ["北浦社区"], 2022: ["紫溪社区"]})
    assert rows["楚雄市"] == ({2021: 31 - moved, 2022: 31 - moved}, {2021: ["龙江社区"]})
    assert [sum(row.base(year) for row in summary.rows) for year in (2021, 2022)] == [163, 163]


def test_summarise_of_a_county_lists_its_towns(
    two_years: None, chuxiong: Campaign, jurisdiction: FindJurisdiction
) -> None:
    summary = summarise(chuxiong, jurisdiction("532301"), 2022)
    assert summary.region_header == "街道（镇、乡）"
    assert [row.label for row in summary.rows if row.names_by_year] == ["鹿城镇", "紫溪镇"]


@pytest.mark.parametrize(
    ("code", "year", "message"),
    [("532301101", 2022, "鹿城镇不是填报单位"), ("5323", 2023, "2023 年不在"), ("12", 2022, "天津市不在")],
)
def test_summarise_refuses_what_cannot_be(
    chuxiong: Campaign, jurisdiction: FindJurisdiction, code: str, year: int, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        summarise(chuxiong, jurisdiction(code), year)


def test_summarise_asks_no_more_for_more_names(
    chuxiong: Campaign,
    jurisdiction: FindJurisdiction,
    community: FindCommunity,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    prefecture = jurisdiction("5323")
    recognised_community(community(LONGJIANG), chuxiong, 2021)
    with CaptureQueriesContext(connection) as few:
        summarise(chuxiong, prefecture, 2022)
    recognised_community(community(BEIPU), chuxiong, 2021)
    recognised_community(community(ZIXI), chuxiong, 2022)
    with django_assert_num_queries(len(few)):
        summarise(chuxiong, prefecture, 2022)
    assert len(few) <= 10


def test_command_writes_the_form(two_years: None, tmp_path: Path) -> None:
    file = tmp_path / "附件2.xlsx"
    call_command("export_summary", campaign="chuxiong-2021", jurisdiction="5323", year=2022, output=file)
    sheet = load_workbook(file).active
    assert isinstance(sheet, Worksheet)
    assert sheet["A1"].value == "附件2"
    rows = rows_of(sheet)
    assert rows[0] == [
        "县（市、区）",
        "2021年绿色社区名单",
        "2021年完成数量",
        "2021年完成比例",
        "2022年绿色社区名单",
        "2022年完成数量",
        "2022年完成比例",
        "合计完成比例",
    ]
    assert rows[1] == ["楚雄市", "龙江社区、北浦社区", 2, 0.0645, "紫溪社区", 1, 0.0323, 0.0968]
    assert rows[11] == ["楚雄彝族自治州", "/", 2, 0.0123, "/", 1, 0.0061, 0.0184]


def test_command_leaves_years_to_come_blank(two_years: None, tmp_path: Path) -> None:
    file = tmp_path / "附件2.xlsx"
    call_command("export_summary", campaign="chuxiong-2021", jurisdiction="532300000000", year=2021, output=file)
    sheet = load_workbook(file).active
    assert isinstance(sheet, Worksheet)
    assert rows_of(sheet)[1] == ["楚雄市", "龙江社区、北浦社区", 2, 0.0645, None, None, None, 0.0645]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"campaign": "nowhere"}, "没有代码为“nowhere”的创建行动"),
        ({"jurisdiction": "999"}, "没有代码为 999000000000"),
        ({"jurisdiction": "x"}, "区划代码“x”不对"),
        ({"year": 1999}, "1999 年不在"),
        ({"output": Path("/nowhere/file.xlsx")}, "写不了 /nowhere/file.xlsx"),
    ],
)
def test_command_names_what_is_wrong(db: None, tmp_path: Path, changed: dict[str, object], message: str) -> None:
    options = {"campaign": "chuxiong-2021", "jurisdiction": "5323", "year": 2022, "output": tmp_path / "x.xlsx"}
    with pytest.raises(CommandError, match=message):
        call_command("export_summary", **options | changed)
