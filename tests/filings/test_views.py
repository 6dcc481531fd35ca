"""Pages of the room: who is shown what, forms that keep what was typed, lists and their downloads."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Milestone
from apps.dashboard.todos import todos_of
from apps.filings.domain import Content
from apps.filings.models import Filing, FilingAttachment
from apps.filings.obligations import filing_url
from apps.jurisdictions.models import Jurisdiction
from tests.factories import made_up
from tests.filings.conftest import PARTS, SELF_EVALUATION, accept, at, clerk, draft, give_back, hand_in, milestone_of

pytestmark = pytest.mark.usefixtures("today")
ClientOf = Callable[[Actor], Client]
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def milestone(chuxiong: Campaign) -> Milestone:
    return milestone_of(chuxiong)


@pytest.fixture
def url(milestone: Milestone, district_reviewer: Actor) -> str:
    return filing_url(milestone, district_reviewer.jurisdiction, SELF_EVALUATION)


@pytest.fixture
def own(client_of: ClientOf, district_reviewer: Actor) -> Client:
    return client_of(district_reviewer)


@pytest.fixture
def above(client_of: ClientOf, city_approver: Actor) -> Client:
    return client_of(city_approver)


def test_save_then_submit_in_one_form(own: Client, url: str) -> None:
    file = SimpleUploadedFile("报告.pdf", PDF)
    answer = own.post(url, {"seen": "0", "narrative": "已自评", "do": "save", "files": file}, follow=True)
    assert "草稿已保存，还没有报送。" in answer.content.decode()
    assert "报告.pdf" in answer.content.decode()
    answer = own.post(url, {"seen": "1", "narrative": "已自评，共 3 个社区", "do": "submit"}, follow=True)
    assert "已报送。按时报送。" in answer.content.decode()
    filed = Filing.objects.get()
    assert (filed.status, filed.narrative, filed.attachments.count()) == ("submitted", "已自评，共 3 个社区", 1)


def test_a_refused_submission_is_saved_and_says_what_lacks(own: Client, url: str, milestone: Milestone) -> None:
    Milestone.objects.filter(pk=milestone.pk).update(required_parts=PARTS)
    form = {"seen": "0", "title-0": "总体目标", "text-0": "60%", "title-1": "工作措施", "text-1": "", "do": "submit"}
    answer = own.post(url, form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "已保存草稿：" in page
    assert "应含内容未填：“工作措施”" in page
    assert Filing.objects.get().parts[0] == {"title": "总体目标", "text": "60%"}


def test_a_stale_form_keeps_what_was_typed(own: Client, url: str, milestone: Milestone) -> None:
    colleague = made_up("532301", Role.APPROVER)
    draft(milestone, colleague.jurisdiction, SELF_EVALUATION, actor=colleague)
    answer = own.post(url, {"seen": "0", "narrative": "我写的一大段", "do": "save"})
    assert answer.status_code == 409
    assert 'name="seen" value="0"' in answer.content.decode(), "sent a second time it is refused as well"
    assert "打开最新内容</a>" in answer.content.decode()
    assert "我写的一大段" in answer.content.decode()
    assert Filing.objects.get().narrative == "已自评"


def test_a_refused_file_is_named_and_the_text_is_kept(own: Client, url: str) -> None:
    file = SimpleUploadedFile("坏.pdf", b"<html>")
    answer = own.post(url, {"seen": "0", "narrative": "已自评", "do": "save", "files": file})
    assert answer.status_code == 422
    assert "“坏.pdf”" in answer.content.decode()
    assert (Filing.objects.get().narrative, FilingAttachment.objects.count()) == ("已自评", 0)


def test_the_last_text_is_filled_in_where_nothing_stands(own: Client, milestone: Milestone) -> None:
    with at(2021, 8, 20):
        hand_in(milestone, date(2021, 8, 31), Content([("创新", "去年的做法")], "去年的情况"))
    url = filing_url(milestone, clerk().jurisdiction, SELF_EVALUATION)
    assert "去年的情况" in own.get(url).content.decode()
    own.post(url, {"seen": "0", "narrative": "今年的情况", "do": "last"})
    made = Filing.objects.get(due_on=SELF_EVALUATION)
    assert (made.narrative, made.parts) == ("今年的情况", [{"title": "创新", "text": "去年的做法"}])


def test_the_change_since_last_time_stands_beside_the_figures(own: Client, milestone: Milestone, url: str) -> None:
    with at(2021, 8, 20):
        hand_in(milestone, date(2021, 8, 31))
    Filing.objects.update(figures=Filing.objects.get().figures | {"base": 30})
    figures = {one.label: (one.value, one.change) for one in own.get(url).context["figures"]}
    assert figures["城市社区底数"] == ("31", "+1")
    assert figures["累计已认定"] == ("0", "持平")


def test_who_may_do_what(own: Client, above: Client, url: str, milestone: Milestone, client_of: ClientOf) -> None:
    rights = ("may_file", "may_withdraw", "may_decide", "may_move", "may_urge")

    def may(client: Client) -> list[str]:
        context = client.get(url).context
        return [name for name in rights if context[name]]

    assert (may(own), may(above)) == (["may_file"], ["may_move"])
    with at(2022, 9, 3):
        assert may(above) == ["may_move", "may_urge"]
    hand_in(milestone, SELF_EVALUATION)
    assert (may(own), may(above)) == (["may_withdraw"], ["may_decide"])
    assert may(client_of(made_up("53", Role.APPROVER))) == []
    assert may(client_of(made_up("5323", Role.VIEWER))) == []


def test_return_and_accept(above: Client, own: Client, url: str, milestone: Milestone) -> None:
    hand_in(milestone, SELF_EVALUATION, Content([("创新", "一")]))
    refused = above.post(f"{url}return/", {"round": "1", "reason": ""})
    assert (refused.status_code, "请填写退回理由" in refused.content.decode()) == (422, True)
    posted = {"round": "1", "reason": "太短", "part-0": "创新", "reason-0": "请写明做法"}
    assert 'value="请写明做法"' in above.post(f"{url}return/", posted | {"round": "7"}).content.decode()
    above.post(f"{url}return/", posted)
    page = own.get(url).content.decode()
    assert "太短" in page
    assert "“创新”：请写明做法" in page
    own.post(url, {"seen": "1", "title-0": "创新", "text-0": "做法", "narrative": "", "do": "submit"})
    assert above.post(f"{url}accept/", {"round": "2"}).status_code == 302
    assert Filing.objects.get().status == "accepted"


def test_move_and_urge_from_the_page(above: Client, url: str) -> None:
    refused = above.post(f"{url}move/", {"moved_to": "明天", "reason": "疫情"})
    assert refused.status_code == 422
    assert "“明天”不是日期" in refused.content.decode()
    assert above.post(f"{url}move/", {"moved_to": "2022-09-15", "reason": "疫情"}).status_code == 302
    assert "原定 2022-08-31" in above.get(url).content.decode()
    assert above.post(f"{url}move-back/").status_code == 302
    with at(2022, 9, 3):
        assert above.post(f"{url}escalate/", {"text": "请三日内报送"}).status_code == 302
    assert "请三日内报送" in above.get(url).content.decode()


def test_what_the_counties_told_feeds_the_prefecture(
    client_of: ClientOf, chuxiong: Campaign, city_approver: Actor
) -> None:
    yearly = milestone_of(chuxiong, "annual_report")
    Milestone.objects.filter(campaign=chuxiong, kind="annual_report").update(kind="progress", required_parts=[])
    Milestone.objects.filter(campaign=chuxiong, level="city").update(dates=[date(2022, 10, 31)])
    own = Milestone.objects.select_related("campaign").get(campaign=chuxiong, level="city")
    yearly.refresh_from_db()
    accept(hand_in(yearly, date(2022, 10, 20), Content(narrative="认定 3 个")), actor=city_approver)
    hand_in(yearly, date(2022, 10, 20), Content(narrative="认定 2 个"), actor=clerk("532302"))
    draft(yearly, clerk("532328").jurisdiction, date(2022, 10, 20), actor=clerk("532328"))
    url, client = filing_url(own, city_approver.jurisdiction, date(2022, 10, 31)), client_of(city_approver)
    assert len(client.get(url).context["sources"]) == 10
    client.post(url, {"seen": "0", "narrative": "全州情况：", "do": "draft"})
    assert Filing.objects.get(milestone=own).narrative == "全州情况：\n\n楚雄市：认定 3 个\n禄丰市：认定 2 个"


def test_lists_for_the_unit_and_for_the_level_above(own: Client, above: Client, milestone: Milestone) -> None:
    hand_in(milestone, SELF_EVALUATION)
    lines = own.get(reverse("filing_list")).context["lines"]
    assert [(one.milestone.kind, one.owed.state.label) for one in lines] == [
        ("self_evaluation", "已报送"),
        ("result_list", "未到期"),
        ("annual_report", "未到期"),
    ]
    narrowed = own.get(reverse("filing_list"), {"state": "submitted", "kind": "self_evaluation"}).context["lines"]
    assert len(narrowed) == 1
    assert own.get(reverse("filing_list")).context["earlier"] == 5
    items = above.get(reverse("filing_below")).context["page_obj"].object_list
    assert [(one.milestone.kind, one.counts.units, one.counts.waiting) for one in items] == [
        ("self_evaluation", 10, 1),
        ("result_list", 10, 0),
        ("annual_report", 10, 0),
    ]
    page = above.get(reverse("filing_units", args=[milestone.pk, "2022-08-31"]), {"state": "submitted"})
    assert [one.unit.name for one in page.context["lines"]] == ["楚雄市"]
    assert above.get(reverse("filing_list"), {"campaign": "no-such"}).status_code == 404
    assert above.get(reverse("filing_units", args=[milestone.pk, "someday"])).status_code == 404


def test_calendar_and_rates(above: Client, milestone: Milestone) -> None:
    hand_in(milestone, SELF_EVALUATION)
    months = above.get(reverse("filing_calendar")).context["months"]
    assert [(one.number, len(one.below)) for one in months if one.below] == [(8, 2), (10, 1)]
    with at(2022, 9, 10):
        answer = above.get(reverse("filing_rates"), {"kind": "self_evaluation"})
    total = answer.context["total"]
    assert (total.expected, total.on_time, total.missing) == (10, 1, 9)
    assert "10.00%" in answer.content.decode()
    rate = {one.unit.name: one.total.rate for one in answer.context["rates"]}
    assert (rate["楚雄市"], rate["禄丰市"]) == (1, 0)


@pytest.mark.parametrize("name", ["filing_list", "filing_below", "filing_rates"])
def test_each_list_as_a_spreadsheet(above: Client, milestone: Milestone, name: str) -> None:
    hand_in(milestone, SELF_EVALUATION)
    answer = above.get(reverse(name), {"format": "xlsx", "jurisdiction": "532300000000"})
    assert answer.status_code == 200
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    if name == "filing_below":
        assert rows[0][1] == "事项"
        assert [row[5:7] for row in rows[1:]] == [(10, 1), (10, 0), (10, 0)]
    if name == "filing_rates":
        county = next(row for row in rows if row[0] == "楚雄市")
        assert county[1:6] == (1, 1, 0, 0, 1)


def test_units_as_a_spreadsheet(above: Client, milestone: Milestone) -> None:
    hand_in(milestone, SELF_EVALUATION)
    answer = above.get(reverse("filing_units", args=[milestone.pk, "2022-08-31"]), {"format": "xlsx"})
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 1 + 10
    assert [row[6] for row in rows[1:]].count("已报送") == 1


def test_a_file_is_given_back_safely(own: Client, url: str, client_of: ClientOf, stranger: Actor) -> None:
    own.post(url, {"seen": "0", "do": "save", "files": SimpleUploadedFile("报告.pdf", PDF)})
    address = reverse("filing_file", args=[FilingAttachment.objects.get().pk])
    answer = own.get(address)
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert client_of(stranger).get(address).status_code == 404
    own.post(url, {"seen": "1", "remove": str(FilingAttachment.objects.get().pk)})
    assert not FilingAttachment.objects.exists()


def test_the_number_of_queries_does_not_grow(above: Client, milestone: Milestone, city_approver: Actor) -> None:
    pages = [
        *(reverse(name) for name in ("filing_list", "filing_below", "filing_calendar", "filing_rates")),
        reverse("filing_units", args=[milestone.pk, "2022-08-31"]),
        "/",
    ]

    def counted() -> list[int]:
        numbers = []
        for page in pages:
            above.get(page)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert above.get(page).status_code == 200
            numbers.append(len(queries))
        return numbers

    hand_in(milestone, SELF_EVALUATION)
    one = counted()
    for code in ("532302", "532322"):
        hand_in(milestone, SELF_EVALUATION, actor=clerk(code))
    assert counted() == one


def test_the_desk_puts_the_returned_one_first(
    milestone: Milestone, city_approver: Actor, district_reviewer: Actor
) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    with acting(city_approver):
        waiting = [(one.title, one.note) for one in todos_of(city_approver) if one.kind == "报送"]
    assert waiting == [(f"{milestone}（2022-08-31）", "1 个单位已报送，待接收")]
    give_back(filed, actor=city_approver)
    with acting(district_reviewer), at(2022, 9, 3):
        first, second, *_ = todos_of(district_reviewer)
    assert (first.kind, first.note, first.tone) == ("退回", "上级退回：数据不全", "danger")
    assert (second.title, second.note.split("，")[0], second.tone) == (
        "上报创建成果名单（2022-08-31）",
        "已逾期 3 天",
        "warning",
    )


def test_of_a_monthly_report_the_desk_shows_the_next_one(db: None) -> None:
    clerk_of_heping = clerk("120101")
    with acting(clerk_of_heping):
        monthly = [one.title for one in todos_of(clerk_of_heping) if "进展情况" in one.title]
    assert monthly == [f"报送绿色社区创建工作进展情况（2022-{end}）" for end in ("06-30", "07-31", "08-31")]


def test_a_draft_is_the_units_own(own: Client, above: Client, url: str, milestone: Milestone) -> None:
    own.post(url, {"seen": "0", "narrative": "还没写完", "files": SimpleUploadedFile("报告.pdf", PDF)})
    page = above.get(url).content.decode()
    assert "还没写完" not in page
    assert "正在填报，报送后在这里查看" in page
    address = reverse("filing_file", args=[FilingAttachment.objects.get().pk])
    assert (above.get(address).status_code, own.get(address).status_code) == (404, 200)
    history = reverse("object_history", args=["filings", "filing", Filing.objects.get().pk])
    assert "还没写完" in own.get(history).content.decode()
    assert "还没写完" not in above.get(history).content.decode()
    hand_in(milestone, SELF_EVALUATION, Content(narrative="写完了"))
    assert "写完了" in above.get(url).content.decode()
    assert above.get(address).status_code == 200


def test_the_history_tells_a_filing_in_words(own: Client, milestone: Milestone, city_approver: Actor) -> None:
    filed = hand_in(milestone, SELF_EVALUATION, Content([("创新", "做法")], "已自评"))
    give_back(filed, "", actor=city_approver, 创新="请写明")
    page = own.get(reverse("object_history", args=["filings", "filing", filed.pk])).content.decode()
    assert "创新“做法”" in page
    assert "2022 年：城市社区底数 31，参与创建（累计） 0" in page
    assert "创新“请写明”" in page


def test_a_unit_of_another_tenant_is_out_of_sight(client_of: ClientOf, stranger: Actor, url: str) -> None:
    client = client_of(stranger)
    assert client.get(url).status_code == 404
    assert client.post(url, {"seen": "0", "narrative": "x"}).status_code == 404
    assert client.get(reverse("filing_list"), {"jurisdiction": "532301000000"}).status_code == 404
    assert Jurisdiction.objects.get(code="532301000000").filings.count() == 0
