"""Pages of the room: drafting and its help, what is shown to whom, the list and the files, with a number of queries that stands."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Milestone
from apps.communities.models import Community
from apps.core import clock
from apps.core.scope import scope_all
from apps.dashboard.todos import todos_of
from apps.documents.evaluation import evaluation_paper
from apps.documents.supervision import visit_paper
from apps.evaluations.countersigning import ask_to_countersign
from apps.evaluations.facts import facts_of
from apps.evaluations.listing import rows_at
from apps.evaluations.models import AnnualEvaluation, EvaluationStep
from apps.filings.models import Filing
from apps.filings.obligations import filing_url
from apps.notifications.domain import tell_of_occasion
from apps.papers.paper import Table
from apps.practices.models import Practice
from apps.standards.national import national_criteria
from tests.evaluations.conftest import SECTIONS, agree, approve, at, begin, clerk, give_back, submit
from tests.evaluations.test_countersigning import department
from tests.factories import made_up, recognised_community
from tests.supervision.conftest import issued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
ClientOf = Callable[[Actor], Client]
URL = "/evaluations/chuxiong-2021/532301000000/2022/"


@pytest.fixture
def own(client_of: ClientOf) -> Client:
    return client_of(clerk())


@pytest.fixture
def above(client_of: ClientOf, city_approver: Actor) -> Client:
    return client_of(city_approver)


def form(seen: int, do: str = "save", **texts: str) -> dict[str, object]:
    posted: dict[str, object] = {"seen": seen, "do": do, "explanation": "会签单另附", "explained": ""}
    for number, title in enumerate(SECTIONS):
        posted |= {f"title-{number}": title, f"text-{number}": texts.get(title, "无。")}
    return posted


def test_from_nothing_to_submitted(own: Client, chuxiong: Campaign) -> None:
    assert "起草报告" in own.get(URL).content.decode()
    assert "已按数据拟好初稿" in own.post(URL, follow=True).content.decode()
    assert "草稿已保存，还没有提交。" in own.post(URL, form(1, 存在问题="充电设施不足。"), follow=True).content.decode()
    page = own.post(URL, form(2, "submit", 存在问题="充电设施不足。"), follow=True).content.decode()
    assert "已提交，由楚雄彝族自治州审核。" in page
    assert AnnualEvaluation.objects.get().text_of("存在问题") == "充电设施不足。"


def test_a_refused_submission_is_saved_and_a_stale_form_keeps_what_was_typed(own: Client, chuxiong: Campaign) -> None:
    begin(chuxiong)
    answer = own.post(URL, form(1, "submit", 经验做法=""))
    assert (answer.status_code, AnnualEvaluation.objects.get().version) == (422, 2)
    assert "已保存草稿，没有提交" in answer.content.decode()
    answer = own.post(URL, form(1, 存在问题="我写的一大段"))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "我写的一大段" in page
    assert 'name="seen" value="1"' in page, "sent a second time it is refused as well"
    assert "打开最新内容</a>" in page


def test_help_adds_behind_what_is_written(own: Client, chuxiong: Campaign) -> None:
    begin(chuxiong)
    own.post(URL, form(1, "draft-3", 下一年度工作计划="做好复查。"))
    text = AnnualEvaluation.objects.get().text_of("下一年度工作计划")
    assert text.startswith("做好复查。\n\n“楚雄州绿色社区创建行动”至2022年结束")
    answer = own.post(URL, form(2, "below-2"))
    assert (answer.status_code, "没有可以汇总的" in answer.content.decode()) == (422, True)


def test_those_above_see_that_it_is_written_and_then_what(above: Client, chuxiong: Campaign) -> None:
    draft = begin(chuxiong)
    page = above.get(URL).content.decode()
    assert "正在起草" in page
    assert draft.text_of("工作开展情况") not in page
    submit(chuxiong, {"存在问题": "充电设施不足。"})
    answer = above.get(URL)
    assert "充电设施不足。" in answer.content.decode()
    shown = {
        name for name in ("may_edit", "may_agree", "may_approve", "may_return", "may_withdraw") if answer.context[name]
    }
    assert shown == {"may_agree", "may_return"}


def test_a_refused_return_keeps_what_was_typed(above: Client, chuxiong: Campaign) -> None:
    submit(chuxiong)
    posted = {"round": "7", "reason": "数据不全，请核对底数", "part-1": "存在问题", "reason-1": "写得过于简单"}
    answer = above.post(f"{URL}return/", posted)
    page = answer.content.decode()
    assert (answer.status_code, "数据不全，请核对底数" in page, 'value="写得过于简单"' in page) == (409, True, True)
    assert "同意上报" in above.post(f"{URL}agree/", {"round": "7", "words": "同意上报"}).content.decode()
    answer = above.post(f"{URL}return/", posted | {"round": "1"}, follow=True)
    assert "已退回楚雄市。" in answer.content.decode()


def test_what_was_agreed_with_is_not_offered_to_be_withdrawn(
    own: Client, chuxiong: Campaign, city_approver: Actor
) -> None:
    row = submit(chuxiong)
    assert "撤回修改" in own.get(URL).content.decode()
    agree(row, actor=city_approver)
    assert "撤回修改" not in own.get(URL).content.decode()


def test_the_grade_and_the_score_that_a_campaign_asks_for_are_not_optional(
    chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor, client_of: ClientOf
) -> None:
    chuxiong.evaluation_grades, chuxiong.evaluation_points = ["优秀", "合格"], 100
    chuxiong.save()
    agree(submit(chuxiong), actor=city_approver)
    province = client_of(province_reviewer)
    fields = province.get(URL).context["approval_form"].fields
    assert {name for name, field in fields.items() if field.required} == {"grade", "score"}
    answer = province.post(f"{URL}approve/", {"round": "1", "grade": "优秀", "words": "同意"})
    assert (answer.status_code, AnnualEvaluation.objects.get().status) == (422, "submitted")


def test_who_has_given_it_back_is_not_asked_to_mend_it(own: Client, above: Client, chuxiong: Campaign) -> None:
    submit(chuxiong)
    page = above.post(f"{URL}return/", {"round": "1", "reason": "数据不全"}, follow=True).content.decode()
    assert ("等待楚雄市修改后重新提交" in page, "上级退回，请修改" in page) == (True, False)
    assert "上级退回，请修改后重新提交" in own.get(URL).content.decode()


def test_the_obligation_leads_to_the_evaluation(own: Client, above: Client, chuxiong: Campaign) -> None:
    milestone = Milestone.objects.get(campaign=chuxiong, kind="annual_report", level="district")
    obligation = filing_url(milestone, clerk().jurisdiction, date(2022, 10, 20))
    page = own.get(obligation)
    assert URL in page.content.decode()
    assert not page.context["may_file"]
    assert own.post(obligation, {"seen": "0", "narrative": "直接报", "do": "submit"}).status_code == 422
    submit(chuxiong)
    assert Filing.objects.get().status == "submitted"
    assert above.post(f"{obligation}accept/", {"round": "1"}).status_code == 422
    assert not above.get(obligation).context["may_decide"]


def test_the_list_names_who_has_none(above: Client, chuxiong: Campaign, city_approver: Actor) -> None:
    agree(submit(chuxiong), actor=city_approver)
    give_back(submit(chuxiong, actor=clerk("532302")), actor=city_approver)
    rows = above.get("/evaluations/?year=2022").context["rows"]
    states = {row.unit.name: (row.state, row.deadline) for row in rows}
    assert states["楚雄市"] == ("审核中", date(2022, 10, 20))
    assert states["禄丰市"] == ("已退回", date(2022, 10, 20))
    assert states["双柏县"] == ("未起草", date(2022, 10, 20))
    assert states["楚雄彝族自治州"] == ("未起草", None)
    narrowed = above.get("/evaluations/?year=2022&state=returned").context["rows"]
    assert [row.unit.name for row in narrowed] == ["禄丰市"]
    sheet = load_workbook(BytesIO(above.get("/evaluations/?year=2022&format=xlsx").content)).worksheets[0]
    cells = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    state, holder, day, number = cells["楚雄市"][3:7]
    assert (state, holder, f"{day:%Y-%m-%d}", number) == ("审核中", "云南省", "2022-10-18", 1)


def test_the_list_has_the_dates_of_its_own_campaign_alone(chuxiong: Campaign, city_approver: Actor) -> None:
    other = Campaign.objects.create(
        code="other",
        name="另一行动",
        jurisdiction=chuxiong.jurisdiction,
        standard=chuxiong.standard,
        review_chain=chuxiong.review_chain,
        first_year=2022,
        last_year=2022,
        status=Campaign.Status.OPEN,
    )
    asked = {"kind": Milestone.Kind.ANNUAL_REPORT, "level": "district", "recurrence": "yearly"}
    other.milestones.create(number=1, title="年度总结", dates=[date(2022, 9, 1)], **asked)
    with acting(city_approver):
        dues = [{row.deadline for row in rows_at(city_approver.jurisdiction, one, 2022)} for one in (chuxiong, other)]
    assert dues == [{None, date(2022, 10, 20)}, {None, date(2022, 9, 1)}]


def test_days_are_those_of_here_early_in_the_morning(
    above: Client, chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor
) -> None:
    """At half past seven it is still the day before in UTC."""
    with clock.stopped_at(clock.midnight(date(2022, 9, 1)) + timedelta(hours=7, minutes=30)):
        submit(chuxiong)
        visit = issued(chuxiong, district_reviewer.jurisdiction, actor=city_approver)
    sheets = [
        load_workbook(BytesIO(above.get(f"{url}?year=2022&format=xlsx").content)).worksheets[0]
        for url in ("/evaluations/", "/visits/")
    ]
    for sheet in sheets:
        assert "2022-09-01" in [str(cell)[:10] for row in sheet.iter_rows(values_only=True) for cell in row]
    assert visit_paper(visit, []).dated == date(2022, 9, 1)


def test_annex_two_is_frozen_with_the_evaluation(
    own: Client, chuxiong: Campaign, community: Callable[[str], Community]
) -> None:
    recognised_community(community("532301101001"), chuxiong, 2022)
    submit(chuxiong)
    recognised_community(community("532301101002"), chuxiong, 2022)
    sheet = load_workbook(BytesIO(own.get(f"{URL}summary/").content)).worksheets[0]
    row = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "鹿城镇")
    assert row[4:6] == (community("532301101001").short_name, 1)
    assert sheet["A3"].value is not None
    assert "2022年10月18日" in "".join(str(one.value or "") for one in sheet[3])


def test_the_paper_says_sections_figures_list_and_annex(
    own: Client, chuxiong: Campaign, community: Callable[[str], Community]
) -> None:
    recognised_community(community("532301101001"), chuxiong, 2022)
    submitted = submit(chuxiong, {"存在问题": "法脿镇充电设施不足。"})
    paper = evaluation_paper(submitted, facts_of(submitted))
    assert paper.title.endswith("关于2022年绿色社区创建行动年度总结评估的报告")
    assert (paper.recipients, paper.dated) == ("楚雄彝族自治州住房和城乡建设局", date(2022, 10, 18))
    assert [one.title for one in paper.annexes] == ["2022年绿色社区名单（1个）", "绿色社区建设任务完成情况汇总表"]
    content = own.get(f"/documents{URL}?format=pdf").content
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\n", "")
    for words in ("一、工作开展情况", "法脿镇充电设施不足。", "附件2", community("532301101001").short_name):
        assert words in text
    table = paper.annexes[1].blocks[0]
    assert isinstance(table, Table)
    assert [column.label for column in table.columns[:4]] == [
        *("街道（镇、乡）", "2021年绿色社区名单", "2021年完成数量", "2021年完成比例"),
    ]
    assert [row[4] for row in table.rows if row[0] in ("鹿城镇", "楚雄市")] == [
        *(community("532301101001").short_name, "/"),
    ]
    assert own.get(f"/documents{URL}?format=docx").status_code == 200


def test_a_paper_without_anything_recognised_says_so(chuxiong: Campaign) -> None:
    submitted = submit(chuxiong)
    paper = evaluation_paper(submitted, facts_of(submitted))
    assert paper.annexes[0].title == "2022年绿色社区名单（0个）"


def test_experience_becomes_a_draft_of_good_practice(own: Client, chuxiong: Campaign) -> None:
    submit(chuxiong, {"经验做法": "联席会议制度。"})
    assert "把“经验做法”作为经验做法报送" in own.get(URL).content.decode()
    for _ in range(2):
        answer = own.post(f"{URL}practice/", {"title": "经验做法"})
    made = Practice.objects.get()
    assert answer["Location"] == reverse("practice_edit", args=[made.pk])
    assert (made.title, made.text, made.status) == ("楚雄市2022年绿色社区创建经验做法", "联席会议制度。", "draft")
    assert own.post(f"{URL}practice/", {"title": "存在问题"}).status_code == 404


def test_the_level_above_takes_up_what_a_report_tells_of(own: Client, above: Client, chuxiong: Campaign) -> None:
    submit(chuxiong, {"经验做法": "联席会议制度。"})
    assert "把“经验做法”采用为经验做法" in above.get(URL).content.decode()
    page = above.get(f"{URL}take-up/?title=经验做法").content.decode()
    assert "楚雄市2022年绿色社区创建经验做法" in page
    assert "联席会议制度。" in page
    criterion = national_criteria()[7].pk
    posted = {"title": "联席会议管到底", "text": "联席会议制度。", "criteria": [criterion]}
    for _ in range(2):
        answer = above.post(f"{URL}take-up/?title=经验做法", posted)
    made = Practice.objects.get()
    assert answer["Location"] == reverse("practice_detail", args=[made.pk])
    assert (made.status, str(made.jurisdiction), str(made.holder), made.origin) == (
        *("chosen", "楚雄市", "楚雄彝族自治州", "楚雄市"),
    )
    assert "联席会议管到底" in own.get(reverse("practice_list"), {"criterion": criterion}).content.decode()
    assert above.get(f"{URL}take-up/?title=存在问题").status_code == 404
    other = above.post(f"{URL}take-up/", posted | {"text": ""})
    assert (other.status_code, "请填写做法内容" in other.content.decode()) == (422, True)


def test_nothing_told_is_no_experience(own: Client, above: Client, chuxiong: Campaign) -> None:
    submit(chuxiong, {"经验做法": "暂无。"})
    assert "作为经验做法报送" not in own.get(URL).content.decode()
    assert "采用为经验做法" not in above.get(URL).content.decode()


def test_what_is_still_written_is_not_taken_up(above: Client, chuxiong: Campaign) -> None:
    begin(chuxiong)
    assert above.get(f"{URL}take-up/").status_code == 404


def test_what_visits_have_found_stands_in_figures_and_draft(chuxiong: Campaign, city_approver: Actor) -> None:
    issued(chuxiong, clerk().jurisdiction, 2, actor=city_approver)
    draft = begin(chuxiong)
    assert "本地区全年接受督导检查1次，发现问题2项，已整改0项，尚未整改2项。" in draft.text_of("存在问题")
    assert submit(chuxiong).facts["visits"] == {"visits": 1, "findings": 2, "mended": 0}


def test_the_desk_asks_those_who_are_to_do_something(
    chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor
) -> None:
    def lines(actor: Actor) -> list[tuple[str, str]]:
        with acting(actor):
            return [(one.kind, one.title) for one in todos_of(actor) if one.title.endswith("年度总结评估报告")]

    writer, environment = made_up("5323", Role.STAFF), department("生态环境局")
    draft = begin(chuxiong, actor=writer)
    with acting(writer):
        ask_to_countersign(draft, actor=writer)
    assert lines(environment) == [("会签", "楚雄彝族自治州2022年度总结评估报告")]
    submitted = submit(chuxiong)
    title = "楚雄市2022年度总结评估报告"
    assert lines(city_approver) == [("年度评估", title)]
    assert lines(province_reviewer) == []
    agree(submitted, actor=city_approver)
    assert (lines(city_approver), lines(province_reviewer)) == ([], [("年度评估", title)])
    submitted.refresh_from_db()
    give_back(submitted, actor=province_reviewer)
    assert lines(clerk()) == [("退回", title)]


def test_people_are_told_of_each_step(chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor) -> None:
    def told() -> list[tuple[str, str, str]]:
        step = EvaluationStep.objects.latest("pk")
        with scope_all():
            return sorted((str(one.user), one.kind, one.title) for one in tell_of_occasion("evaluation", step.pk))

    title = "楚雄市2022年度总结评估报告"
    submitted = submit(chuxiong)
    assert told() == [(str(city_approver.user), "evaluation", f"{title}待审核")]
    agreed = agree(submitted, actor=city_approver)
    assert told() == [
        (str(province_reviewer.user), "evaluation", f"{title}待审核"),
        (str(clerk().user), "evaluation", f"{title}审核同意"),
    ]
    approve(agreed, actor=province_reviewer)
    assert told() == [(str(clerk().user), "evaluation", f"{title}已通过")]


def test_departments_are_told_that_they_are_asked(chuxiong: Campaign) -> None:
    writer, environment = made_up("5323", Role.STAFF), department("生态环境局")
    draft = begin(chuxiong, actor=writer)
    with acting(writer):
        ask_to_countersign(draft, actor=writer)
    with scope_all():
        told = tell_of_occasion("countersigning", draft.pk)
    assert [(one.user, one.title) for one in told] == [(environment.user, "楚雄彝族自治州2022年度总结评估报告请会签")]


def test_the_number_of_queries_does_not_grow(above: Client, chuxiong: Campaign, city_approver: Actor) -> None:
    of_prefecture = "/evaluations/chuxiong-2021/532300000000/2022/"
    submit(chuxiong, actor=made_up("5323", Role.STAFF))
    pages = ["/evaluations/?year=2022", "/evaluations/?year=2022&state=submitted", URL, of_prefecture, "/"]

    def counted() -> list[int]:
        numbers = []
        for page in pages:
            above.get(page)
            with CaptureQueriesContext(connection) as queries:
                assert above.get(page).status_code == 200
            numbers.append(len(queries))
        return numbers

    submit(chuxiong)
    with_one = counted()
    for code in ("532302", "532322"):
        submit(chuxiong, actor=clerk(code))
    assert counted() == with_one
    assert max(with_one[:4]) <= 40


def test_the_day_of_submission_is_that_of_beijing(above: Client, chuxiong: Campaign) -> None:
    with clock.stopped_at(clock.midnight(date(2022, 10, 19)) + timedelta(hours=1)):
        submit(chuxiong)
    sheet = load_workbook(BytesIO(above.get("/evaluations/?year=2022&format=xlsx").content)).worksheets[0]
    days = [row[5] for row in sheet.iter_rows(values_only=True) if row[0] == "楚雄市"]
    assert [f"{day:%Y-%m-%d}" for day in days] == ["2022-10-19"]


def test_a_year_is_reported_in_the_nearest_campaign(own: Client, chuxiong: Campaign) -> None:
    of_nation = URL.replace("chuxiong-2021", "national-2020")
    page = own.get(of_nation)
    assert (page.context["may_begin"], URL in page.content.decode()) == (False, True)
    answer = own.post(of_nation)
    assert answer.status_code == 422
    assert "楚雄市执行“楚雄州绿色社区创建行动”" in answer.content.decode()
    assert not AnnualEvaluation.objects.exists()


def test_an_unknown_year_or_campaign_is_not_found(own: Client) -> None:
    assert own.get("/evaluations/chuxiong-2021/532301000000/2025/").status_code == 404
    assert own.get("/evaluations/tianjin-2020/532301000000/2022/").status_code == 404
    assert own.get("/evaluations/chuxiong-2021/532302000000/2022/").status_code == 404


def test_without_communities_everything_is_nothing(client_of: ClientOf, chuxiong: Campaign) -> None:
    """A county whose communities all do not count."""
    actor = clerk("532322")
    Community.objects.below(actor.jurisdiction.path).update(counts_as_urban=False)
    with at(2022, 10, 19):
        submitted = submit(chuxiong, actor=actor)
    assert (submitted.facts["figures"]["base"], submitted.facts["figures"]["ratio"]) == (0, None)
    page = client_of(actor).get(reverse("evaluation", args=["chuxiong-2021", actor.jurisdiction.key, 2022]))
    assert page.status_code == 200
