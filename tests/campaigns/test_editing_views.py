"""The pages on which campaigns are made, checked, opened, extended and closed."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.editing import change_head
from apps.campaigns.editing_forms import DepartmentsForm
from apps.campaigns.entry_forms import PhaseForm
from apps.campaigns.models import Campaign, Milestone, Phase
from apps.standards.models import Standard
from tests.campaigns.drafts import again, opened, ready_draft, seen
from tests.pages import text

Acting = Callable[[Actor], AbstractContextManager[None]]
MakeActor = Callable[[str, Role], Actor]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def manager(make_actor: MakeActor) -> Actor:
    return make_actor("5323", Role.BUREAU_ADMIN)


@pytest.fixture
def client(client_of: Callable[[Actor], Client], manager: Actor) -> Client:
    return client_of(manager)


@pytest.fixture
def draft(manager: Actor) -> Campaign:
    return ready_draft(manager)


@pytest.fixture
def running(manager: Actor) -> Campaign:
    return opened(manager)


def version_in(page: Any, name: str = "version") -> str:
    found = re.search(rf'name="{name}" value="(\w+)"', page.content.decode())
    assert found is not None
    return found[1]


def test_from_nothing_to_open(client: Client, manager: Actor) -> None:
    """Everything through the pages, as a bureau does it that begins with an empty form."""
    standard = Standard.objects.get(code="chuxiong-2021")
    assert "新建" in text(client.get("/campaigns/"))
    page = client.post(
        "/campaigns/new/", {"name": "楚雄州新行动", "first_year": 2026, "last_year": 2027, "standard": standard.pk}
    )
    edit = "/campaigns/5323-2026-2027/edit/"
    assert (page.status_code, page.headers["Location"]) == (302, edit)
    assert "文件名称 没有填写印发行动的文件" in text(client.get(edit))
    for part, fields in (
        ("head", {
            "name": "楚雄州新行动", "first_year": 2026, "last_year": 2027, "standard": standard.pk,
            "document_title": "新方案", "document_number": "楚住建〔2026〕1号", "issued_on": "2026-01-05",
        }),
        ("chain", {"levels": ["city", "district"]}),
        ("targets", {"percent_2026": "20", "percent_2027": "60.5", "pilots_2026": "1", "upper_2026": "2"}),
        ("departments", {"lead": "住建局\n民政局", "section_1": "民政局、公安局"}),
    ):  # fmt: skip
        shown = version_in(client.get(f"{edit}{part}/"))
        done = client.post(f"{edit}{part}/", fields | {"version": shown})
        assert (part, done.status_code, done.headers.get("Location")) == (part, 302, f"{edit}#{part}")
    shown = version_in(client.get(f"{edit}milestone/add/"))
    fields = {
        "title": "上报名单", "level": "district", "kind": "result_list", "recurrence": "yearly",
        "month": 10, "day": 20, "quarter_month": 3, "required_parts": "名单、附件2", "version": shown,
    }  # fmt: skip
    assert client.post(f"{edit}milestone/add/", fields).status_code == 302
    shown = version_in(client.get("/campaigns/5323-2026-2027/open/"))
    assert client.post("/campaigns/5323-2026-2027/open/", {"version": shown}).status_code == 302
    said = text(client.get("/campaigns/5323-2026-2027/"))
    for words in ("进行中", "乡级填报 → 县级审核 → 地级认定", "60.5%", "民政局、公安局", "2026-10-20、 2027-10-20"):
        assert words in said
    stored = Milestone.objects.get(campaign__code="5323-2026-2027")
    assert (stored.dates, stored.required_parts) == ([date(2026, 10, 20), date(2027, 10, 20)], ["名单", "附件2"])


def test_copy_proposes_the_years_that_follow(client: Client, chuxiong: Campaign) -> None:
    page = client.get("/campaigns/chuxiong-2021/copy/")
    year = date.today().year  # noqa: DTZ011
    assert f'value="楚雄州绿色社区创建行动（{year}–{year + 1} 年）"' in page.content.decode()
    done = client.post("/campaigns/chuxiong-2021/copy/", {"name": "新", "first_year": 2027, "last_year": 2026})
    assert done.status_code == 422
    assert "结束年度 2026 早于起始年度 2027" in text(done)
    assert 'value="2027"' in done.content.decode()


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("楚雄州2021—2022年绿色社区创建行动", "楚雄州{first}—{last}年绿色社区创建行动"),
        ("楚雄州绿色社区创建行动（2021–2022 年）", "楚雄州绿色社区创建行动（{first}–{last} 年）"),
        # Extended since: the name says years that are not the campaign's.
        ("楚雄州绿色社区创建行动（2021–2025 年）", "楚雄州绿色社区创建行动（{first}–{last} 年）"),
        ("楚雄州绿色社区创建行动（第二批）", "楚雄州绿色社区创建行动（{first}–{last} 年）"),
    ],
)
def test_a_copys_proposed_name_says_its_own_years(client: Client, chuxiong: Campaign, name: str, proposed: str) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(name=name)
    page = client.get("/campaigns/chuxiong-2021/copy/")
    year = date.today().year  # noqa: DTZ011
    assert f'value="{proposed.format(first=year, last=year + 1)}"' in page.text


def test_what_stands_in_the_way_leads_to_its_place(client: Client, draft: Campaign) -> None:
    Campaign.objects.filter(pk=draft.pk).update(document_title="")
    one = draft.milestones.get(title="上报创建成果名单")
    Milestone.objects.filter(pk=one.pk).update(dates=[date(2020, 1, 1)])
    page = client.get(f"/campaigns/{draft.code}/open/").content.decode()
    assert f'<a href="/campaigns/{draft.code}/edit/head/">文件名称</a>' in page
    assert f'<a href="/campaigns/{draft.code}/edit/milestone/{one.pk}/">里程碑“上报创建成果名单”</a>' in page
    assert ">开展</button>" not in page
    done = client.post(
        f"/campaigns/{draft.code}/open/", {"version": version_in(client.get(f"/campaigns/{draft.code}/open/"))}
    )
    assert done.status_code == 422
    assert "没有开展" in text(done)


def test_stale_form_shows_what_is_stored_and_keeps_what_was_typed(
    client: Client, acting: Acting, manager: Actor, draft: Campaign
) -> None:
    address = f"/campaigns/{draft.code}/edit/head/"
    form = client.get(address)
    shown = version_in(form)
    with acting(manager):
        change_head(draft, {"document_number": "楚住建〔2026〕9号"}, actor=manager, seen=seen(draft, "head"))
    fields = {
        "name": "我的名称", "first_year": 2026, "last_year": 2028, "standard": draft.standard_id,
        "document_title": draft.document_title, "document_number": "楚住建〔2026〕1号", "version": shown,
    }  # fmt: skip
    page = client.post(address, fields)
    assert page.status_code == 409
    assert 'value="我的名称"' in page.content.decode()
    assert "文号 楚住建〔2026〕9号" in text(page)
    assert client.post(address, fields | {"version": version_in(page)}).status_code == 302
    assert again(draft).name == "我的名称"


def test_who_saves_while_a_form_is_being_made_is_noticed(
    client: Client, acting: Acting, manager: Actor, draft: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version is that of what the form shows, not of what was stored by the time that the page was done."""
    one = draft.phases.create(number=1, title="起步")

    def meanwhile(change: Callable[..., object], fields: dict[str, Any]) -> Callable[[Any], None]:
        def build(form: Any) -> None:
            with acting(manager):
                change(**fields)

        return build

    edit, first = f"/campaigns/{draft.code}/edit/", draft.phases.filter(pk=one.pk)
    departments = {"section_number": 1, "departments": ["甲"]}
    cases: list[tuple[str, type[Any], Callable[..., object], dict[str, Any]]] = [
        (f"{edit}departments/", DepartmentsForm, draft.section_departments.create, departments),
        (f"{edit}phase/add/", PhaseForm, draft.phases.create, {"number": 2, "title": "推进"}),
        (f"{edit}phase/{one.pk}/", PhaseForm, first.update, {"title": "开局"}),
    ]
    for address, form, change, fields in cases:
        with monkeypatch.context() as patched:
            patched.setattr(form, "build", meanwhile(change, fields))
            page = client.get(address)
        done = client.post(address, {"lead": "住建局", "title": "我的", "version": version_in(page)})
        assert (address, done.status_code) == (address, 409)


@pytest.mark.parametrize(
    ("part", "fields", "words"),
    [
        ("head", {"first_year": "二〇二六"}, "请填四位数的年度"),
        ("head", {"issued_on": "2026-13-01"}, "“2026-13-01”不是日期，请按“2022-08-15”这样填写。"),
        ("chain", {}, "至少选一级审核单位"),
        ("targets", {"percent_2026": "六十"}, "请填数字，例如 60 或 62.5。"),
        ("targets", {"percent_2026": "1e1"}, "请填数字，例如 60 或 62.5。"),
        ("targets", {"percent_2026": "120"}, "目标比例 120 不对"),
        ("head", {"name": ""}, "请填写名称。"),
        ("head", {"name": "长" * 201}, "有 201 字，超过 200 字，请缩短。"),
        ("chain", {"levels": ["moon"]}, "没有“moon”这个选项，请刷新页面后重新选择。"),
        ("targets", {"upper_2026": "2"}, "只填了上限"),
        ("departments", {"lead": "部" * 60}, "过长，每个不超过 50 个字"),
    ],
)
def test_refused_forms_say_why(client: Client, draft: Campaign, part: str, fields: dict[str, str], words: str) -> None:
    address = f"/campaigns/{draft.code}/edit/{part}/"
    page = client.post(address, fields | {"version": version_in(client.get(address))})
    assert page.status_code == 422
    assert words in text(page)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"recurrence": "once", "days": "2026-13-40"}, "“2026-13-40”不是日期，请写成 2026-10-20。"),
        ({"recurrence": "yearly", "day": "20"}, "每年的，请选几月。"),
        ({"recurrence": "monthly", "day": "40"}, "请填 1 至 31。"),
        ({"recurrence": "sometimes"}, "没有“sometimes”这个选项，请刷新页面后重新选择。"),
        ({"recurrence": "monthly", "day": "5", "begins": "2027-01-01", "ends": "2026-01-01"}, "之间没有这样的期限"),
    ],
)
def test_refused_milestones_say_why(client: Client, draft: Campaign, fields: dict[str, str], words: str) -> None:
    address = f"/campaigns/{draft.code}/edit/milestone/add/"
    typed = {"title": "进展", "level": "district", "kind": "progress", "quarter_month": "3"} | fields
    page = client.post(address, typed | {"version": version_in(client.get(address))})
    assert page.status_code == 422
    assert words in text(page)
    assert 'value="进展"' in page.content.decode()


@pytest.mark.parametrize("part", ["head", "chain", "departments"])
def test_a_form_without_its_version_says_that_the_page_is_out_of_date(
    client: Client, draft: Campaign, part: str
) -> None:
    fields = {
        "name": "我的名称", "first_year": 2026, "last_year": 2028, "standard": draft.standard_id,
        "levels": ["district"], "lead": "我的单位",
    }  # fmt: skip
    page = client.post(f"/campaigns/{draft.code}/edit/{part}/", fields | {"version": ""})
    assert (page.status_code, "页面已过期，没有保存。" in text(page)) == (409, True)
    assert "改动了这部分内容" not in text(page)


def test_due_dates_are_shown_before_saving(client: Client, draft: Campaign) -> None:
    address = f"/campaigns/{draft.code}/edit/milestone/add/"
    typed = {
        "title": "进展", "level": "district", "kind": "progress", "recurrence": "quarterly", "quarter_month": "3",
        "day": "31", "begins": "2026-01-01", "ends": "2026-12-31", "preview": "1",
    }  # fmt: skip
    said = "期限共 4 次：2026-03-31、2026-06-30、2026-09-30、2026-12-31"
    part = client.post(address, typed, headers=HTMX)
    assert text(part) == said
    page = client.post(address, typed)
    assert said in text(page)
    assert draft.milestones.count() == 6


def test_what_recurs_is_added_to_an_opened_campaign_from_today_on(client: Client, running: Campaign) -> None:
    address = f"/campaigns/{running.code}/edit/milestone/add/"
    typed = {
        "title": "进展", "level": "district", "kind": "progress", "recurrence": "yearly", "quarter_month": "3",
        "month": "3", "day": "31", "change_reason": "州政府要求",
    }  # fmt: skip
    with travel("2026-11-02", tick=False):
        page = client.get(address)
        assert "不填的，从今天起；已经过去的期限不能增加。" in text(page)
        assert client.post(address, typed | {"version": version_in(page)}).status_code == 302
    assert running.milestones.get(title="进展").dates == [date(2027, 3, 31), date(2028, 3, 31)]


def test_what_recurs_under_way_takes_another_day_from_today_on(client: Client, running: Campaign) -> None:
    one = running.milestones.create(
        number=99, title="月报", level="district", kind="progress", recurrence="monthly",
        dates=[date(2026, month, 28) for month in range(1, 13)],
    )  # fmt: skip
    address = f"/campaigns/{running.code}/edit/milestone/{one.pk}/"
    typed = {
        "title": "月报", "level": "district", "kind": "progress", "recurrence": "monthly", "quarter_month": "3",
        "begins": "2026-01-28", "ends": "2026-12-28", "change_reason": "州政府要求",
    }  # fmt: skip
    with travel("2026-11-02", tick=False):
        page = client.get(address)
        assert "已经过去的期限保持不变，改动从今天起执行。" in text(page)
        done = client.post(address, typed | {"day": "25", "version": version_in(page)})
        assert done.status_code == 302
        one.refresh_from_db()
        assert one.dates == [*(date(2026, month, 28) for month in range(1, 11)), date(2026, 11, 25), date(2026, 12, 25)]
        page = client.get(address)
        assert page.context["form"]["day"].value() == 25
        typed |= {"day": "20", "begins": "2026-11-01", "version": version_in(page)}
        assert client.post(address, typed).status_code == 302
    one.refresh_from_db()
    assert one.dates[-3:] == [date(2026, 10, 28), date(2026, 11, 20), date(2026, 12, 20)]


def test_milestone_form_holds_the_rule_behind_the_dates(client: Client, draft: Campaign) -> None:
    one = draft.milestones.get(title="上报创建成果名单")
    address = f"/campaigns/{draft.code}/edit/milestone/{one.pk}/"
    page = client.get(address)
    assert "期限共 3 次：2026-08-31、2027-08-31、2028-08-31" in text(page)
    assert '<option value="8" selected>8 月</option>' in page.content.decode()
    typed = {
        "title": one.title, "level": one.level, "kind": one.kind, "recurrence": "yearly", "quarter_month": "3",
        "month": "9", "day": "15", "begins": "2026-01-01", "ends": "2028-12-31", "version": version_in(page),
    }  # fmt: skip
    assert client.post(address, typed).status_code == 302
    one.refresh_from_db()
    assert one.dates == [date(2026, 9, 15), date(2027, 9, 15), date(2028, 9, 15)]


def test_changes_of_an_opened_campaign_ask_for_the_reason_and_are_listed(client: Client, running: Campaign) -> None:
    address = f"/campaigns/{running.code}/edit/departments/"
    page = client.get(address)
    assert "调整理由" in text(page)
    typed = {"lead": "住建局", "version": version_in(page)}
    refused = client.post(address, typed)
    assert (refused.status_code, "请填写理由。" in text(refused)) == (422, True)
    done = client.post(address, typed | {"change_reason": "机构改革", "change_basis": "楚办〔2026〕3号"})
    assert done.status_code == 302
    shown = text(client.get(f"/campaigns/{running.code}/"))
    assert "行动调整 2 次" in shown
    assert "机构改革 楚办〔2026〕3号" in shown


def test_entry_of_an_opened_campaign_is_deleted_with_the_reason(client: Client, running: Campaign) -> None:
    one = running.milestones.get(title="形成年度报告，报送省住房和城乡建设厅等相关部门")
    address = f"/campaigns/{running.code}/edit/milestone/{one.pk}/"
    shown = version_in(client.get(address))
    refused = client.post(f"{address}delete/", {"version": shown, "title": one.title})
    assert (refused.status_code, "请填写调整理由" in text(refused)) == (422, True)
    assert client.post(f"{address}delete/", {"version": shown, "change_reason": "并入年报"}).status_code == 302
    assert not Milestone.objects.filter(pk=one.pk).exists()


def test_extend_and_close_and_open_again(client: Client, running: Campaign) -> None:
    base = f"/campaigns/{running.code}/"
    typed = {
        "first_year": 2026,
        "last_year": 2029,
        "reason": "延长",
        "version": version_in(client.get(f"{base}years/")),
    }
    refused = client.post(f"{base}years/", typed)
    assert (refused.status_code, "请填写延长所依据的文号" in text(refused)) == (422, True)
    both = client.post(f"{base}years/", typed | {"first_year": 2025})
    assert (both.status_code, "请填写延长所依据的文号" in text(both)) == (422, True)
    assert client.post(f"{base}years/", typed | {"basis": "楚住建〔2028〕1号"}).status_code == 302
    assert again(running).last_year == 2029
    assert client.post(f"{base}close/", {"reason": "期满"}).status_code == 302
    page = text(client.get(base))
    assert "已结束" in page
    assert "重新开展" in page
    assert "已由测试单位管理员5323" in text(client.get(f"{base}edit/"))
    assert client.post(f"{base}reopen/", {"reason": "延期"}).status_code == 302
    assert again(running).is_open


def test_a_refused_form_keeps_the_version_that_it_showed(client: Client, running: Campaign) -> None:
    """A colleague's change is noticed though the first try was refused for something else."""
    base = f"/campaigns/{running.code}/"
    milestone, phase = running.milestones.latest("number"), running.phases.create(number=9, title="起步")
    years = {"first_year": 2026, "last_year": 2029, "reason": "延长"}
    for address, wrong, right in (
        (f"{base}years/", years, years | {"basis": "楚住建〔2028〕1号"}),
        (f"{base}edit/departments/", {"lead": "住建局"}, {"lead": "住建局", "change_reason": "调整"}),
        (f"{base}edit/phase/{phase.pk}/", {"title": "推进"}, {"title": "推进", "change_reason": "调整"}),
    ):
        shown = version_in(client.get(address))
        running.lead_departments = [*running.lead_departments, "甲局"]
        running.save(update_fields=["lead_departments"])
        Milestone.objects.filter(pk=milestone.pk).update(source=address)
        Phase.objects.filter(pk=phase.pk).update(title=address)
        refused = client.post(address, wrong | {"version": shown})
        assert (address, refused.status_code, version_in(refused)) == (address, 422, shown)
        stale = client.post(address, right | {"version": shown})
        assert (address, stale.status_code) == (address, 409)
        assert client.post(address, right | {"version": version_in(stale)}).status_code == 302


def test_others_see_no_buttons(
    client_of: Callable[[Actor], Client], district_reviewer: Actor, running: Campaign
) -> None:
    client = client_of(district_reviewer)
    page = text(client.get(f"/campaigns/{running.code}/"))
    assert not any(word in page for word in ("沿用到新年度", "延长", "结束 ", "调整理由"))
    assert "新建" not in text(client.get("/campaigns/"))


def test_a_running_campaign_comes_before_a_closed_one(
    client_of: Callable[[Actor], Client], district_reviewer: Actor, running: Campaign, chuxiong: Campaign
) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(status="closed")
    page = client_of(district_reviewer).get("/progress/")
    assert f"campaign={running.code}" in page.headers["Location"]


def test_pages_ask_the_same_however_many_rows(client: Client, manager: Actor, draft: Campaign) -> None:
    running = opened(manager, name="另一行动")

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    addresses = [
        "/campaigns/",
        f"/campaigns/{running.code}/",
        f"/campaigns/{running.code}/edit/",
        f"/campaigns/{draft.code}/edit/",
    ]
    before = [queries(one) for one in addresses]
    for campaign in (draft, running):
        for number in (11, 12):
            fields = {"level": "district", "kind": "plan", "recurrence": "once", "dates": []}
            campaign.milestones.create(number=number, title="x", **fields)
            campaign.phases.create(number=number, title="x")
            campaign.section_departments.create(section_number=number - 10, departments=["民政局"])
            campaign.changes.create(kind="head", reason="x", changed_at="2026-01-01T00:00:00+08:00")
    for number in (1, 2):
        Campaign.objects.create(
            code=f"x{number}", name="x", jurisdiction=draft.jurisdiction, first_year=2026, last_year=2026,
            standard=draft.standard, review_chain=["street", "city"], status="open" if number == 1 else "draft",
        )  # fmt: skip
    assert [queries(one) for one in addresses] == before


def test_a_stale_tab_does_not_delete_the_draft_that_has_the_code_now(client: Client, draft: Campaign) -> None:
    address = f"/campaigns/{draft.code}/delete/"
    assert client.post(address, {"campaign": draft.pk + 1}).status_code == 409
    assert Campaign.objects.filter(pk=draft.pk).exists()
    assert client.post(address, {"campaign": draft.pk}).status_code == 302
    assert not Campaign.objects.filter(pk=draft.pk).exists()
