"""督导检查 in the browser: list, draft, what the unit reads and answers, the document, the spreadsheet, the messages."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from apps.accounts.acting import acting
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.core.scope import scope_all
from apps.notifications.domain import tell_of_occasion
from apps.notifications.models import Notification
from apps.standards.national import national_criteria
from apps.supervision.domain import withdraw_visit
from apps.supervision.mending import return_finding
from apps.supervision.models import SupervisionVisit
from tests.pages import text
from tests.supervision.conftest import answered, issued, pdf

ClientOf = Callable[[Actor], Client]
pytestmark = pytest.mark.usefixtures("today")


def told(name: str, pk: int) -> list[tuple[Any, str, str]]:
    with scope_all():
        return [(one.user, one.kind, one.text) for one in tell_of_occasion(name, pk)]


def test_from_the_draft_to_the_mended_finding(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor, client_of: ClientOf
) -> None:
    office, unit = client_of(city_approver), client_of(district_reviewer)
    assert "楚雄彝族自治州以下" in office.get("/visits/add/").content.decode()
    assert office.post("/visits/add/", {"jurisdiction": "532301000000"}).status_code == 302
    visit = SupervisionVisit.objects.get()
    form: dict[str, Any] = {
        "title": "督导检查反馈意见",
        "document_number": "楚住建督〔2022〕3号",
        "started_on": "2022-08-12",
        "people": "张三、李四",
        "summary": "总体较好。",
        "text-0": "雨污没有分流",
        "criterion-0": national_criteria()[3].pk,
        "mend_by-0": "2022-09-30",
        "text-1": "",
        "mend_by-1": "",
        "seen": 1,
    }
    page = office.post(f"/visits/{visit.pk}/edit/", form | {"text-1": "台账不全", "mend_by-1": "九月"})
    assert (page.status_code, "“九月”不是日期" in text(page)) == (422, True)
    more = office.post(f"/visits/{visit.pk}/edit/", form | {"more": "1"}).content.decode()
    assert ('name="text-4"' in more, "雨污没有分流" in more) == (True, True)
    office.post(f"/visits/{visit.pk}/edit/", form | {"mend_by-0": "2022-08-01"})
    assert "逾期" not in text(office.get(f"/visits/{visit.pk}/")), "nothing is late before it is issued"
    assert office.post(f"/visits/{visit.pk}/edit/", form | {"seen": 2}).status_code == 302
    assert unit.get(f"/visits/{visit.pk}/").status_code == 404
    assert unit.get(f"/history/supervision/supervisionvisit/{visit.pk}/").status_code == 404
    done = office.post(f"/visits/{visit.pk}/issue/", {"seen": 3}, follow=True)
    assert "已印发，楚雄市可以看到并答复整改情况。" in text(done)
    read = text(unit.get(f"/visits/{visit.pk}/"))
    assert "问题 1 待整改 整改期限 2022-09-30 雨污没有分流 对应国家标准第 4 条" in read
    finding = visit.findings.get()
    page = unit.post(f"/visits/findings/{finding.pk}/answer/", {"answer": "", "seen": 0})
    assert (page.status_code, "请填写整改情况" in text(page)) == (422, True)
    answer = {"answer": "已改造雨水管", "seen": 0, "files": pdf()}
    assert unit.post(f"/visits/findings/{finding.pk}/answer/", answer).status_code == 302
    shown = text(office.get(f"/visits/{visit.pk}/"))
    assert ("已改造雨水管" in shown, "整改台账.pdf" in shown) == (True, True)
    file = office.get(f"/visits/files/{finding.attachments.get().pk}/")
    assert file["Content-Disposition"].startswith("attachment")
    office.post(f"/visits/findings/{finding.pk}/mended/", {"seen": 1})
    assert "1 项，整改完成 1 项" in text(unit.get(f"/visits/{visit.pk}/"))


def test_the_document_names_findings_and_days(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor, client_of: ClientOf
) -> None:
    visit = issued(chuxiong, district_reviewer.jurisdiction, 2, actor=city_approver)
    office = client_of(city_approver)
    assert office.get(f"/documents/visits/{visit.pk}/").status_code == 200
    assert office.get(f"/documents/visits/{visit.pk}/?format=pdf").content.startswith(b"%PDF")
    docx = office.get(f"/documents/visits/{visit.pk}/?format=docx")
    from docx import Document

    document = Document(BytesIO(docx.content))
    words = "\n".join(one.text for one in document.paragraphs)
    assert (
        "2022年8月15日，楚雄彝族自治州住房和城乡建设局对楚雄市绿色社区创建工作进行了督导检查，参加单位：州住建局。"
        in words
    )
    assert [cell.text for cell in document.tables[0].rows[1].cells] == ["1", "问题1", "—", "2022年8月30日"]


def test_withdrawn_ones_tell_the_unit_only_why(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor, client_of: ClientOf
) -> None:
    visit = issued(chuxiong, district_reviewer.jurisdiction, actor=city_approver)
    with acting(city_approver):
        withdraw_visit(visit, "发错单位", actor=city_approver)
    unit = client_of(district_reviewer)
    read = text(unit.get(f"/visits/{visit.pk}/"))
    assert ("发错单位" in read, "问题1" in read) == (True, False)
    assert unit.get(f"/documents/visits/{visit.pk}/").status_code == 403
    assert "问题1" in text(client_of(city_approver).get(f"/visits/{visit.pk}/"))


def test_the_list_is_narrowed_and_its_queries_do_not_grow(
    chuxiong: Campaign,
    city_approver: Actor,
    district_reviewer: Actor,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    unit, office = district_reviewer.jurisdiction, client_of(city_approver)
    first = issued(chuxiong, unit, 2, actor=city_approver)
    with CaptureQueriesContext(connection) as one:
        office.get("/visits/")
    number = len(one)
    for _ in range(2):
        issued(chuxiong, unit, 2, actor=city_approver)
    answered(first.findings.get(number=1), actor=district_reviewer)
    with django_assert_num_queries(number):
        page = office.get("/visits/")
    assert text(page).count("楚雄彝族自治州 楚雄市 2022-08-15 2 0") == 3
    states = {
        state: len(office.get(f"/visits/?state={state}").context["rows"]) for state in ("open", "answered", "late")
    }
    assert states == {"open": 3, "answered": 1, "late": 0}
    assert "没有符合条件的督导检查" in text(office.get("/visits/?year=2020"))
    sheet = load_workbook(BytesIO(office.get("/visits/?format=xlsx").content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[-1][4:5] + rows[-1][8:12] == ["楚雄市", 2, 0, 1, 0]


def test_a_page_asks_as_often_for_three_findings_as_for_one(
    chuxiong: Campaign,
    city_approver: Actor,
    district_reviewer: Actor,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    unit, client = district_reviewer.jurisdiction, client_of(district_reviewer)
    short, long = (issued(chuxiong, unit, findings, actor=city_approver) for findings in (1, 3))
    for one in (*short.findings.all(), *long.findings.all()):
        answered(one, actor=district_reviewer)
    with CaptureQueriesContext(connection) as few:
        client.get(f"/visits/{short.pk}/")
    number = len(few)
    with django_assert_num_queries(number):
        client.get(f"/visits/{long.pk}/")


def test_unit_and_office_are_told_in_turn(chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor) -> None:
    visit = issued(chuxiong, district_reviewer.jurisdiction, actor=city_approver)
    asked = "楚雄彝族自治州督导检查，有 1 项问题要整改，最近的期限 2022-08-30。"
    assert told("visit", visit.pk) == [(district_reviewer.user, "visit", asked)]
    assert told("visit", visit.pk) == []
    finding = answered(visit.findings.get(), actor=district_reviewer)
    ((who, kind, words),) = told("finding-answered", finding.pk)
    assert (who, kind) == (city_approver.user, "visit")
    assert words == "楚雄市已答复“关于督导检查的反馈意见”问题 1 的整改情况，请核查。"
    with acting(city_approver):
        return_finding(finding, "照片看不清", actor=city_approver, seen=1)
    ((who, kind, words),) = told("finding-checked", finding.pk)
    assert (who, kind, words) == (
        district_reviewer.user,
        "returned",
        "照片看不清\n请在 2022-08-30 前整改后重新答复。",
    )
    with scope_all():
        assert not Notification.objects.filter(user=city_approver.user).unread().exists()
