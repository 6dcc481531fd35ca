"""The pages of the survey: form, panel, fields, import."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from apps.accounts.models import AccessEvent
from apps.accounts.permissions import Actor
from apps.communities.models import Community, CommunitySurvey, SurveyField
from apps.communities.survey_fields import FieldFacts, add_field, retire_field
from apps.communities.surveys import Survey, save_survey
from apps.core import clock
from tests.communities.conftest import survey_of
from tests.communities.test_survey_import import FIRST, SECOND, line, workbook

ClientOf = Callable[[Actor], Client]
Of = Callable[[str], Community]
FILLED = {"households": "1,200", "source": "街道台账", "surveyed_on": "2022-06-30", "seen": "0"}


@pytest.fixture
def one(community: Of) -> Community:
    return community(FIRST)


def test_fill_in_and_see_it(client_of: ClientOf, street_officer: Actor, one: Community) -> None:
    client = client_of(street_officer)
    assert "还没有填写基本情况" in client.get(f"/communities/{one.pk}/").content.decode()
    response = client.post(f"/communities/{one.pk}/survey/2022/", FILLED, follow=True)
    page = response.content.decode()
    assert "东兴社区 2022 年的基本情况已保存。" in page
    assert "1,200 户" in page
    assert "必填 13 项，已填 1 项，还缺：常住人口、面积" in " ".join(page.split())
    assert "来源：街道台账" in page


def test_nothing_typed_is_lost(client_of: ClientOf, street_officer: Actor, one: Community) -> None:
    wrong = FILLED | {"households": "约一千", "population": "3400", "noise_complaints": "1"}
    response = client_of(street_officer).post(f"/communities/{one.pk}/survey/2022/", wrong)
    page = response.content.decode()
    assert response.status_code == 422
    assert "“约一千”不是数字" in page
    assert 'value="约一千"' in page
    assert 'value="3400"' in page
    assert not CommunitySurvey.objects.exists()


def test_what_the_verb_refuses_stands_beside_its_field(
    client_of: ClientOf, street_officer: Actor, one: Community
) -> None:
    wrong = FILLED | {"noise_complaints": "3", "noise_complaints_handled": "4", "surveyed_on": "1990-01-01"}
    response = client_of(street_officer).post(f"/communities/{one.pk}/survey/2022/", wrong)
    assert response.status_code == 422
    assert dict(response.context["form"].errors) == {
        "noise_complaints_handled": ["“4”多于噪声投诉“3”，请核对。"],
        "surveyed_on": ["1990-01-01 不对，应在 2000-01-01 至今天之间。"],
    }


def test_a_refused_survey_tells_everything_at_once_above(
    client_of: ClientOf, street_officer: Actor, one: Community
) -> None:
    wrong = {"households": "1" * 500, "area": "0.00000000001", "source": "", "surveyed_on": "昨天", "seen": "0"}
    response = client_of(street_officer).post(f"/communities/{one.pk}/survey/2022/", wrong)
    assert response.status_code == 422
    assert response.context["form"].problems.placed == [
        ("id_households", "户数", "有 500 字，超过 400 字，请缩短。"),
        ("id_area", "面积", "“0.00000000001”太小，保留 4 位小数后是 0。请核对数字和单位；没有的填 0，不清楚的留空。"),
        ("id_source", "资料来源", "请填写资料来源。"),
        ("id_surveyed_on", "调查日期", "“昨天”不是日期，请按“2022-08-15”这样填写。"),
    ]
    page = response.content.decode()
    assert "没有保存，请改正以下 4 处" in page
    assert 'href="#id_surveyed_on"' in page


def test_what_cannot_stay_blank_is_marked(client_of: ClientOf, street_officer: Actor, one: Community) -> None:
    """Facts may stay blank, source and date may not."""
    page = client_of(street_officer).get(f"/communities/{one.pk}/survey/2022/").content.decode()
    for name in ("id_source", "id_surveyed_on"):
        label = page.split(f'for="{name}"')[1].split("</label>")[0]
        assert "（必填）" in label
    assert page.count("（必填）") == 2


@pytest.mark.parametrize("seen", ["x", ""])
def test_an_old_page_is_told_so(
    client_of: ClientOf, district_reviewer: Actor, bureau_admin: Actor, one: Community, seen: str
) -> None:
    said = "页面已过期，没有保存。请刷新页面，核对后再填。"
    client = client_of(district_reviewer)
    answer = client.post(f"/communities/{one.pk}/survey/2022/", FILLED | {"seen": seen})
    assert (answer.status_code, answer.context["form"].problems.general) == (422, [said])
    asked = {"counts": "0", "reason": "以农业人口为主", "seen": seen}
    answer = client.post(f"/communities/{one.pk}/urban/", asked)
    assert (answer.status_code, answer.context["form"].problems.general) == (422, [said])
    field = add_field(FieldFacts("充电桩", "whole", "个"), actor=bureau_admin)
    asked = {"label": "桩", "kind": "whole", "seen": seen}
    answer = client_of(bureau_admin).post(f"/communities/survey-fields/{field.pk}/", asked)
    assert (answer.status_code, answer.context["form"].problems.general) == (422, [said])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"label": "桩" * 31}, "有 31 字，超过 30 字，请缩短。"),
        ({"kind": "magic"}, "没有“magic”这个选项，请刷新页面后重新选择。"),
        ({"least": "0e9999999999"}, "“0e9999999999”不是数字，请只填数字，不带文字。"),
        ({"most": "很多"}, "“很多”不是数字，请只填数字，不带文字。"),
        (
            {"most": "12345678901"},
            "“12345678901”位数太多，整数部分最多 10 位、小数最多 4 位，请核对数字和单位。",
        ),
    ],
)
def test_each_refusal_of_a_field_names_the_value(
    client_of: ClientOf, bureau_admin: Actor, wrong: dict[str, str], said: str
) -> None:
    asked = {"label": "充电桩", "kind": "whole", "unit": "个"} | wrong
    answer = client_of(bureau_admin).post("/communities/survey-fields/add/", asked)
    assert answer.status_code == 422
    assert dict(answer.context["form"].errors) == {next(iter(wrong)): [said]}


def test_last_year_is_carried_over_and_marked(client_of: ClientOf, street_officer: Actor, one: Community) -> None:
    save_survey(one, 2021, survey_of(), actor=street_officer)
    client = client_of(street_officer)
    page = client.get(f"/communities/{one.pk}/survey/2022/").content.decode()
    assert page.count("沿用 2021 年，请核对") == 14
    assert 'value="1200"' in page
    client.post(f"/communities/{one.pk}/survey/2022/", FILLED)
    page = client.get(f"/communities/{one.pk}/survey/2022/").content.decode()
    assert "沿用 2021 年" not in page


def test_a_colleague_was_first(
    client_of: ClientOf, street_officer: Actor, district_reviewer: Actor, one: Community
) -> None:
    save_survey(one, 2022, survey_of(), actor=district_reviewer)
    response = client_of(street_officer).post(f"/communities/{one.pk}/survey/2022/", FILLED)
    assert response.status_code == 409
    assert "刚刚由测试经办人532301改过" in response.content.decode()
    assert 'value="1,200"' in response.content.decode()


def test_another_year_on_the_page(client_of: ClientOf, street_officer: Actor, one: Community) -> None:
    save_survey(one, 2021, survey_of(households=21), actor=street_officer)
    save_survey(one, 2022, survey_of(households=22), actor=street_officer)
    client = client_of(street_officer)
    assert "22 户" in client.get(f"/communities/{one.pk}/").content.decode()
    page = client.get(f"/communities/{one.pk}/", {"survey_year": "2021"}).content.decode()
    assert "21 户" in page
    assert "（办结率 98.00%）" in page


@pytest.mark.parametrize("year", [1999, 2999])
def test_a_year_that_has_no_survey_is_not_found(
    client_of: ClientOf, street_officer: Actor, one: Community, year: int
) -> None:
    assert client_of(street_officer).get(f"/communities/{one.pk}/survey/{year}/").status_code == 404


def test_decide_what_counts_as_urban(
    client_of: ClientOf, district_reviewer: Actor, street_officer: Actor, one: Community
) -> None:
    address = f"/communities/{one.pk}/urban/"
    assert address not in client_of(street_officer).get(f"/communities/{one.pk}/").content.decode()
    client = client_of(district_reviewer)
    assert address in client.get(f"/communities/{one.pk}/").content.decode()
    asked = {"counts": "0", "reason": "以农业人口为主", "seen": "1"}
    assert client.post(address, asked | {"reason": ""}).status_code == 422
    page = client.post(address, asked, follow=True).content.decode()
    assert "东兴社区已不计入城市社区。" in page
    assert "以农业人口为主" in page
    assert not Community.objects.get(pk=one.pk).counts_as_urban


def test_add_change_and_retire_a_field(client_of: ClientOf, bureau_admin: Actor, one: Community) -> None:
    client = client_of(bureau_admin)
    asked = {"label": "充电桩", "kind": "whole", "unit": "个", "most": "500"}
    page = client.post("/communities/survey-fields/add/", asked, follow=True).content.decode()
    assert "已增加调查项目“充电桩”" in page
    field = SurveyField.objects.get()
    address = f"/communities/survey-fields/{field.pk}/"
    assert client.post(address, asked | {"label": "户数", "seen": "1"}).status_code == 422
    assert client.post(address, asked | {"is_required": "on", "seen": "1"}).status_code == 302
    assert client.post(address, asked | {"label": "桩", "seen": "1"}).status_code == 409
    assert "已停用" in client.post(f"{address}retire/", follow=True).content.decode()
    assert "已恢复使用" in client.post(f"{address}retire/", {"resume": "1"}, follow=True).content.decode()
    field.refresh_from_db()
    assert (field.is_required, field.most, field.retired_at) == (True, Decimal(500), None)


def test_import_over_the_pages(client_of: ClientOf, district_reviewer: Actor, one: Community, community: Of) -> None:
    client = client_of(district_reviewer)
    sheet = workbook([line(one), line(community(SECOND), "很多")])
    preview = client.post("/communities/survey-import/", {"file": sheet})
    page = preview.content.decode()
    assert "预览，还没有保存任何内容" in page
    assert "只导入正确的 1 行" in " ".join(page.split())
    assert not CommunitySurvey.objects.exists()
    signed = preview.context["signed"]
    marked = client.post("/communities/survey-import/marked/", {"rows": signed})
    copy = load_workbook(BytesIO(marked.content))["基本情况"]
    assert copy["E3"].comment is not None
    refused = client.post("/communities/survey-import/confirm/", {"rows": signed, "mode": "all"})
    assert refused.status_code == 422
    assert "一行也没有导入" in refused.content.decode()
    done = client.post("/communities/survey-import/confirm/", {"rows": signed, "mode": "good"}).content.decode()
    assert "还有 1 行没有导入" in done
    assert CommunitySurvey.objects.count() == 1
    again = client.post("/communities/survey-import/", {"file": workbook([line(one)])}).content.decode()
    assert "表格的内容和系统里的相同，不用导入。" in again


def test_import_without_errors_leads_to_the_list(client_of: ClientOf, district_reviewer: Actor, one: Community) -> None:
    client = client_of(district_reviewer)
    signed = client.post("/communities/survey-import/", {"file": workbook([line(one)])}).context["signed"]
    for said in ("新填 1 行", "1 行没有变化"):
        response = client.post("/communities/survey-import/confirm/", {"rows": signed, "mode": "all"}, follow=True)
        assert said in response.content.decode()


@pytest.mark.parametrize(("posted", "said"), [({}, "请选择填好的表格"), ({"file": b"x"}, "")])
def test_upload_what_is_no_sheet(
    client_of: ClientOf, district_reviewer: Actor, posted: dict[str, bytes], said: str
) -> None:
    files = {name: BytesIO(content) for name, content in posted.items()}
    response = client_of(district_reviewer).post("/communities/survey-import/", files)
    assert response.status_code == 422
    assert said in response.content.decode()


def test_template_is_recorded(client_of: ClientOf, district_reviewer: Actor) -> None:
    client = client_of(district_reviewer)
    year = clock.today().year
    response = client.get("/communities/survey-import/template/", {"year": str(year), "jurisdiction": "532301101000"})
    assert load_workbook(BytesIO(response.content)).sheetnames == ["基本情况", "填写说明"]
    assert AccessEvent.objects.filter(subject__startswith=f"鹿城镇{year}年社区基本情况").count() == 1
    assert client.get("/communities/survey-import/template/", {"year": "1990"}).status_code == 422
    assert client.get("/communities/survey-import/template/", {"jurisdiction": "120000000000"}).status_code == 404


def test_page_of_a_community_needs_the_same_queries_with_many_years(
    client_of: ClientOf, street_officer: Actor, one: Community, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client = client_of(street_officer)
    for year in (2020, 2021, 2022):
        save_survey(one, year, Survey({"households": year}, "台账", date(2022, 1, 1)), actor=street_officer)
    with django_assert_max_num_queries(25):  # type: ignore[attr-defined]
        client.get(f"/communities/{one.pk}/")


def test_the_list_taken_along_can_be_brought_back(
    client_of: ClientOf, district_reviewer: Actor, bureau_admin: Actor, one: Community
) -> None:
    field = add_field(FieldFacts("充电桩", "whole", "个"), actor=bureau_admin)
    save_survey(one, 2022, survey_of(**{field.code: 3}), actor=district_reviewer)
    retire_field(field, actor=bureau_admin)
    client = client_of(district_reviewer)
    listed = BytesIO(client.get("/communities/", {"format": "survey", "year": "2022"}).content)
    listed.name = "基本情况.xlsx"
    preview = client.post("/communities/survey-import/", {"file": listed})
    assert preview.context["counts"] == {"new": 0, "changed": 0, "same": 1, "blank": 30, "wrong": 0}
