"""Surveys by spreadsheet: the template filled in, judged, stored, marked."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.communities.models import Community, CommunitySurvey
from apps.communities.survey_fields import FieldFacts, add_field
from apps.communities.survey_import import (
    SheetRow,
    State,
    SurveySheet,
    import_rows,
    judge,
    read_file,
    sign,
    unsign,
)
from apps.communities.survey_sheet import build_template, marked_copy
from apps.communities.surveys import save_survey
from apps.core.errors import InvalidInput
from apps.jurisdictions.models import Jurisdiction
from tests.communities.conftest import survey_of

Acting = Callable[[Actor], AbstractContextManager[None]]
Of = Callable[[str], Community]
FIRST, SECOND, THIRD = "532301101001", "532301101003", "532301101006"
HEADS = ["区划代码", "街道（镇、乡）", "社区", "年度", "户数（户）", "物业管理覆盖率（%）", "资料来源", "调查日期"]


def workbook(rows: Iterable[Iterable[Any]], heads: Iterable[str] = HEADS) -> BytesIO:
    book = Workbook()
    assert book.active is not None
    for line in [list(heads), *map(list, rows)]:
        book.active.append(line)
    buffer = BytesIO()
    book.save(buffer)
    buffer.seek(0)
    buffer.name = "基本情况.xlsx"
    return buffer


def line(one: Community, households: Any = 1200, coverage: Any = "85%", **also: Any) -> list[Any]:
    told = {"code": one.code, "name": one.short_name, "year": 2022, "source": "街道台账", "day": "2022-06-30"} | also
    place = one.jurisdiction.name
    return [told["code"], place, told["name"], told["year"], households, coverage, told["source"], told["day"]]


def read(rows: Iterable[Iterable[Any]], actor: Actor, acting: Acting, heads: Iterable[str] = HEADS) -> SurveySheet:
    with acting(actor):
        return read_file(workbook(rows, heads), actor=actor)


def stored(sheet: SurveySheet, actor: Actor, acting: Acting, *, only_good: bool = False) -> SurveySheet:
    """What the confirmation does with a preview."""
    with acting(actor):
        return import_rows(unsign(sign(sheet, actor=actor), actor=actor), actor=actor, only_good=only_good)


def values() -> list[tuple[str | None, int, int | None, Decimal | None, int]]:
    rows = CommunitySurvey.objects.order_by("community__code", "year")
    return list(rows.values_list("community__code", "year", "households", "property_coverage", "version"))


def test_import_new_rows(community: Of, district_reviewer: Actor, acting: Acting) -> None:
    sheet = read([line(community(FIRST)), line(community(SECOND), 800, "70.5%")], district_reviewer, acting)
    assert [row.state for row in sheet.rows] == [State.NEW, State.NEW]
    assert values() == []
    stored(sheet, district_reviewer, acting)
    assert values() == [(FIRST, 2022, 1200, Decimal("85.00"), 1), (SECOND, 2022, 800, Decimal("70.50"), 1)]
    row = CommunitySurvey.objects.get(community__code=FIRST)
    assert (row.source, row.surveyed_on, row.recorded_by) == ("街道台账", date(2022, 6, 30), district_reviewer.user)
    assert row.path == community(FIRST).path
    assert row.history.get().pgh_context["user"] == district_reviewer.user.pk  # type: ignore[attr-defined]


def test_the_same_file_twice_has_one_effect(community: Of, district_reviewer: Actor, acting: Acting) -> None:
    rows = [line(community(FIRST))]
    first = read(rows, district_reviewer, acting)
    stored(first, district_reviewer, acting)
    # The confirmation sent again, and the file uploaded again.
    assert [one.state for one in stored(first, district_reviewer, acting).rows] == [State.UNCHANGED]
    again = read(rows, district_reviewer, acting)
    assert [one.state for one in again.rows] == [State.UNCHANGED]
    stored(again, district_reviewer, acting)
    assert values() == [(FIRST, 2022, 1200, Decimal("85.00"), 1)]
    assert CommunitySurvey.objects.get().history.count() == 1  # type: ignore[attr-defined]


def test_a_change_is_shown_with_before_and_after(community: Of, district_reviewer: Actor, acting: Acting) -> None:
    with acting(district_reviewer):
        save_survey(community(FIRST), 2022, survey_of(), actor=district_reviewer)
    sheet = read([line(community(FIRST), 1300, "", source="", day="")], district_reviewer, acting)
    assert [(row.state, row.changes) for row in sheet.rows] == [(State.CHANGED, [("户数", "1,200 户", "1,300 户")])]
    stored(sheet, district_reviewer, acting)
    row = CommunitySurvey.objects.get()
    # What the sheet leaves blank stays.
    assert (row.households, row.property_coverage, row.trainings, row.source, row.version) == (
        1300,
        Decimal("85.50"),
        2,
        "街道台账",
        2,
    )
    events = row.history.order_by("pgh_id").values_list("pgh_label", "households")  # type: ignore[attr-defined]
    assert list(events) == [("insert", 1200), ("update", 1300)]


@pytest.mark.parametrize(
    ("change", "column", "said"),
    [
        ({"code": "999999999999"}, "区划代码", "没有代码为“999999999999”的社区"),
        ({"name": "别的社区"}, "社区", "代码 532301101001 是东兴社区，不是“别的社区”"),
        ({"year": "去年"}, "年度", "“去年”不是年份"),
        ({"year": None}, "年度", "没有填"),
        ({"year": 1999}, "年度", "1999 年不能填"),
        ({"households": "约一千"}, "户数（户）", "“约一千”不是数字"),
        ({"households": -1}, "户数（户）", "“-1”是负数，应不小于 0"),
        ({"coverage": 0.85}, "物业管理覆盖率（%）", "分不清是 0.85% 还是 85%"),
        ({"source": None}, "资料来源", "请填写资料来源"),
        ({"day": "上月"}, "调查日期", "“上月”不是日期"),
        ({"day": "2022-13-01"}, "调查日期", "“2022-13-01”不是日期"),
        ({"day": "2999-01-01"}, "调查日期", "2999-01-01 不对"),
        ({"households": "=1+1"}, "户数（户）", "是公式"),
    ],
)
def test_what_is_wrong_is_said_by_column(
    community: Of, district_reviewer: Actor, acting: Acting, change: dict[str, Any], column: str, said: str
) -> None:
    sheet = read([line(community(FIRST), **change), line(community(SECOND))], district_reviewer, acting)
    assert [row.state for row in sheet.rows] == [State.WRONG, State.NEW]
    assert said in sheet.rows[0].errors[column]
    # It is still wrong after the way through the page.
    with acting(district_reviewer):
        again = judge(unsign(sign(sheet, actor=district_reviewer), actor=district_reviewer), actor=district_reviewer)
    assert said in again.rows[0].errors[column]


@pytest.mark.parametrize("day", ["2022-06-30", "2022/6/30", "2022.6.30", "2022年6月30日", date(2022, 6, 30)])
def test_dates_as_people_write_them(community: Of, district_reviewer: Actor, acting: Acting, day: object) -> None:
    sheet = read([line(community(FIRST), day=day)], district_reviewer, acting)
    assert sheet.rows[0].survey is not None
    assert sheet.rows[0].survey.surveyed_on == date(2022, 6, 30)


def test_all_or_nothing_or_the_good_rows(community: Of, district_reviewer: Actor, acting: Acting) -> None:
    sheet = read([line(community(FIRST)), line(community(SECOND), "很多")], district_reviewer, acting)
    with pytest.raises(InvalidInput, match="有 1 行需要改正，一行也没有导入"):
        stored(sheet, district_reviewer, acting)
    assert values() == []
    done = stored(sheet, district_reviewer, acting, only_good=True)
    assert list(done.errors) == [3]
    assert [code for code, *_ in values()] == [FIRST]


def test_the_same_community_twice_is_wrong(community: Of, district_reviewer: Actor, acting: Acting) -> None:
    one = community(FIRST)
    sheet = read([line(one), line(one, 5), line(one, 7, year=2021)], district_reviewer, acting)
    assert [row.state for row in sheet.rows] == [State.NEW, State.WRONG, State.NEW]
    assert sheet.rows[1].errors == {"社区": "和第 2 行是同一个社区同一年度，请只留一行。"}


def test_rows_without_facts_do_nothing(community: Of, district_reviewer: Actor, acting: Acting) -> None:
    sheet = read([line(community(FIRST), None, None, source=None, day=None)], district_reviewer, acting)
    assert [row.state for row in sheet.rows] == [State.BLANK]
    stored(sheet, district_reviewer, acting)
    assert values() == []


def test_without_a_code_street_and_name_find_it(community: Of, district_reviewer: Actor, acting: Acting) -> None:
    one = community(FIRST)
    Community.objects.filter(pk=one.pk).update(code=None)
    sheet = read([line(one, code=None), line(one, code=None, name="没有的社区")], district_reviewer, acting)
    assert [row.community for row in sheet.rows] == [one, None]
    assert "鹿城镇没有“没有的社区”" in sheet.rows[1].errors["社区"]


def test_ones_own_street_is_named_once(community: Of, street_officer: Actor, acting: Acting) -> None:
    sheet = read([line(community(FIRST), code=None, name="没有的社区")], street_officer, acting)
    assert sheet.rows[0].errors == {"社区": "鹿城镇没有“没有的社区”，请核对名称，或者填区划代码。"}


def test_communities_elsewhere_are_not_known(
    community: Of, make_actor: Callable[[str, Role], Actor], acting: Acting
) -> None:
    beside = make_actor("532302", Role.STAFF)
    sheet = read([line(community(FIRST))], beside, acting)
    assert sheet.rows[0].errors == {"区划代码": f"{beside.jurisdiction}及以下没有代码为“{FIRST}”的社区，请核对。"}


def test_what_was_saved_since_the_preview_is_not_overwritten(
    community: Of, district_reviewer: Actor, street_officer: Actor, acting: Acting
) -> None:
    sheet = read([line(community(FIRST)), line(community(SECOND))], district_reviewer, acting)
    with acting(street_officer):
        save_survey(community(FIRST), 2022, survey_of(households=7), actor=street_officer)
    with pytest.raises(InvalidInput, match="一行也没有导入"):
        stored(sheet, district_reviewer, acting)
    done = stored(sheet, district_reviewer, acting, only_good=True)
    assert done.errors == {
        2: {"社区": f"预览以后{street_officer.user}改过，没有导入。请重新上传，看过最新内容再导入。"}
    }
    assert [(code, households) for code, _, households, *_ in values()] == [(FIRST, 7), (SECOND, 1200)]


def test_added_fields_are_columns_too(
    community: Of, bureau_admin: Actor, district_reviewer: Actor, acting: Acting
) -> None:
    with acting(bureau_admin):
        field = add_field(FieldFacts("建成年代", "choice", choices=("2000 年前", "2000 年后")), actor=bureau_admin)
    heads = [*HEADS, "建成年代"]
    rows = [[*line(community(FIRST)), "2000 年前"], [*line(community(SECOND)), "很久以前"]]
    sheet = read(rows, district_reviewer, acting, heads)
    assert "可以填：2000 年前、2000 年后" in sheet.rows[1].errors["建成年代"]
    stored(sheet, district_reviewer, acting, only_good=True)
    assert CommunitySurvey.objects.get().further == {field.code: "2000 年前"}


def test_a_field_of_another_county_is_not_asked_here(
    community: Of, make_actor: Callable[[str, Role], Actor], acting: Acting
) -> None:
    beside, city = make_actor("532302", Role.BUREAU_ADMIN), make_actor("5323", Role.STAFF)
    with acting(beside):
        add_field(FieldFacts("充电桩", "whole", "个"), actor=beside)
    sheet = read([[*line(community(FIRST)), 3]], city, acting, [*HEADS, "充电桩（个）"])
    assert sheet.rows[0].errors == {"充电桩（个）": "东兴社区不填这一项，请清空。"}


def test_another_persons_preview_is_refused(
    community: Of, district_reviewer: Actor, city_approver: Actor, acting: Acting
) -> None:
    sheet = read([line(community(FIRST))], district_reviewer, acting)
    signed = sign(sheet, actor=district_reviewer)
    with pytest.raises(InvalidInput, match="另一个任职单位"):
        unsign(signed, actor=city_approver)
    with pytest.raises(InvalidInput, match="已过期"):
        unsign(signed[:-3], actor=district_reviewer)


def test_the_same_queries_for_any_number_of_rows(community: Of, district_reviewer: Actor, acting: Acting) -> None:
    def queries(*codes: str) -> int:
        sheet = read([line(community(code)) for code in codes], district_reviewer, acting)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            stored(sheet, district_reviewer, acting)
        return len(asked)

    assert queries(FIRST) == queries(SECOND, THIRD, "532301101008")


def test_template_lists_what_is_known(
    community: Of,
    district_reviewer: Actor,
    bureau_admin: Actor,
    jurisdiction: Callable[[str], Jurisdiction],
    acting: Acting,
) -> None:
    with acting(bureau_admin):
        add_field(FieldFacts("建成年代", "choice", choices=("2000 年前", "2000 年后")), actor=bureau_admin)
    with acting(district_reviewer):
        save_survey(community(FIRST), 2022, survey_of(), actor=district_reviewer)
        save_survey(community(SECOND), 2021, survey_of(households=9), actor=district_reviewer)
        plain = load_workbook(BytesIO(build_template(jurisdiction("532301"), 2022)))
        carried = load_workbook(BytesIO(build_template(jurisdiction("532301"), 2022, carries=True)))
    sheet = plain["基本情况"]
    assert sheet.max_row == 32
    heads = [cell.value for cell in sheet[1]]
    assert heads[:5] == ["区划代码", "街道（镇、乡）", "社区", "年度", "户数（户）"]
    assert heads[-3:] == ["建成年代", "资料来源", "调查日期"]
    first = dict(zip(heads, [cell.value for cell in sheet[2]], strict=True))
    assert (first["区划代码"], first["年度"], first["户数（户）"]) == (FIRST, 2022, 1200)
    assert (first["物业管理覆盖率（%）"], first["智能化安防系统"], first["调查日期"]) == ("85.5%", "是", "2022-06-30")
    assert [cell.value for cell in sheet[3]][4] is None
    assert sheet["A2"].number_format == "@"
    offered = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation}
    assert offered == {"M2:M32": '"是,否"', "S2:S32": '"2000 年前,2000 年后"'}
    # Last year's values, marked.
    cell = next(row[4] for row in carried["基本情况"].iter_rows() if row[0].value == SECOND)
    assert (cell.value, cell.fill.fgColor.rgb) == (9, "FFFFF3CD")
    assert "黄底" in "".join(str(row[0].value) for row in carried["填写说明"].iter_rows())


def test_template_comes_back_unchanged(
    community: Of, district_reviewer: Actor, jurisdiction: Callable[[str], Jurisdiction], acting: Acting
) -> None:
    with acting(district_reviewer):
        save_survey(community(FIRST), 2022, survey_of(), actor=district_reviewer)
        template = BytesIO(build_template(jurisdiction("532301"), 2022))
        template.name = "模板.xlsx"
        sheet = read_file(template, actor=district_reviewer)
    assert [row.state for row in sheet.rows] == [State.UNCHANGED] + [State.BLANK] * 30


def test_marked_copy_shows_the_wrong_cells(community: Of, district_reviewer: Actor, acting: Acting) -> None:
    rows = [line(community(FIRST)), [None] * len(HEADS), line(community(SECOND), "很多")]
    sheet = read(rows, district_reviewer, acting)
    content = marked_copy(sheet.heads, [(one.number, one.texts) for one in sheet.rows], sheet.errors)
    book = load_workbook(BytesIO(content))
    copy = book["基本情况"]
    assert [cell.value for cell in copy[1]] == [*HEADS, "需要改正"]
    wrong = copy["E4"]
    assert (wrong.value, wrong.fill.fgColor.rgb) == ("很多", "FFF8C9C4")
    assert wrong.comment is not None
    assert wrong.comment.text.startswith("“很多”不是数字")
    assert str(copy["I4"].value).startswith("户数（户）：“很多”不是数字")
    assert (copy["E2"].value, copy["E2"].comment, copy["A3"].value) == ("1200", None, None)
    # Mended, it can be uploaded as it is.
    copy["E4"] = 900
    buffer = BytesIO()
    book.save(buffer)
    buffer.seek(0)
    buffer.name = "改好.xlsx"
    with acting(district_reviewer):
        again = read_file(buffer, actor=district_reviewer)
    assert [row.state for row in again.rows] == [State.NEW, State.NEW]


@pytest.mark.parametrize(
    ("heads", "rows", "said"),
    [
        (HEADS, [], "表格里没有社区"),
        (HEADS[:2], [["1", "2"]], "缺少列：社区、年度"),
        ([*HEADS, "幸福指数"], [[*range(9)]], "“幸福指数”不认识"),
    ],
)
def test_a_file_that_is_no_such_sheet(
    district_reviewer: Actor, acting: Acting, heads: list[str], rows: list[list[Any]], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        read(rows, district_reviewer, acting, heads)


def test_judge_nothing(district_reviewer: Actor, acting: Acting) -> None:
    nothing: list[SheetRow] = []
    with acting(district_reviewer):
        assert judge(nothing, actor=district_reviewer).errors == {}


def test_who_may_not_survey_may_not_import(
    community: Of, make_actor: Callable[[str, Role], Actor], acting: Acting
) -> None:
    with pytest.raises(PermissionDenied):
        read([line(community(FIRST))], make_actor("5323", Role.VIEWER), acting)
