"""The page 审计, its sheet, and the history on an object's page: who may see them, what they show, what they cost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import Settings

from apps.accounts import access
from apps.accounts.acting import acting
from apps.accounts.models import AccessEvent, Role
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.audit import views
from apps.campaigns.domain import mark_pilot, remove_from_plan
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from apps.core.history import recording
from apps.reports.tasks import make_export
from tests.factories import enrol, fill_in, recognised_community, submit

Acting = Callable[[Actor], AbstractContextManager[None]]
ClientOf = Callable[[Actor], Client]
FindCommunity = Callable[[str], Community]
MakeActor = Callable[[str, Role], Actor]

LONGJIANG, SECOND, THIRD = "532301101006", "532301101008", "532301101001"
PILOT = {"thing": "campaigns.participation", "act": "update"}


@pytest.fixture
def admin(make_actor: MakeActor) -> Actor:
    return make_actor("532301", Role.BUREAU_ADMIN)


@pytest.fixture
def clerk(admin: Actor, district_reviewer: Actor) -> Actor:
    """楚雄市's clerk; the administrator is there before anything happens."""
    return district_reviewer


def make_pilot(code: str, campaign: Campaign, clerk: Actor, acting: Acting, community: FindCommunity) -> None:
    part = enrol(community(code), campaign, 2022, actor=clerk)
    with acting(clerk):
        mark_pilot(part, True, actor=clerk)


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", [Role.STAFF, Role.APPROVER, Role.DEPARTMENT_REVIEWER, Role.VIEWER])
def test_audit_trail_is_for_administrators(make_actor: MakeActor, client_of: ClientOf, role: Role) -> None:
    assert client_of(make_actor("532301", role)).get(reverse("audit_trail")).status_code == 403


def test_audit_trail_shows_who_did_what(
    chuxiong: Campaign, admin: Actor, clerk: Actor, acting: Acting, community: FindCommunity, client_of: ClientOf
) -> None:
    make_pilot(LONGJIANG, chuxiong, clerk, acting, community)
    answer = client_of(admin).get(reverse("audit_trail"), PILOT)
    assert answer.status_code == 200
    (line,) = answer.context["lines"]
    assert (line.who, line.unit, line.role, line.name, line.said) == (
        "测试经办人532301", "楚雄市", "经办人", "龙江社区 2022", "试点：否 → 是",
    )  # fmt: skip
    assert "试点：否 → 是" in text_of(answer)
    assert f"request={line.request}" in text_of(answer)


def test_audit_trail_of_a_request_shows_its_other_changes(
    chuxiong: Campaign, admin: Actor, clerk: Actor, client_of: ClientOf, community: FindCommunity
) -> None:
    client_of(clerk).post(reverse("plan"), {"community": [community(LONGJIANG).pk, community(SECOND).pk]})
    client = client_of(admin)
    first = client.get(reverse("audit_trail"), {"thing": "campaigns.participation"}).context["lines"][0]
    assert (first.address, first.way) == ("127.0.0.1", "POST /plan/")
    answer = client.get(reverse("audit_trail"), {"request": str(first.request)})
    assert [(one.act, one.thing) for one in answer.context["lines"]] == [("新增", "参与创建")] * 2
    assert "只显示同一次操作的记录" in text_of(answer)


def test_audit_trail_shows_nothing_of_other_branches(
    chuxiong: Campaign, clerk: Actor, stranger: Actor, make_actor: MakeActor, acting: Acting,
    community: FindCommunity, client_of: ClientOf,
) -> None:  # fmt: skip
    elsewhere = [make_actor("12", Role.BUREAU_ADMIN), make_actor("532302", Role.BUREAU_ADMIN)]
    make_pilot(LONGJIANG, chuxiong, clerk, acting, community)
    for actor in elsewhere:
        answer = client_of(actor).get(reverse("audit_trail"), {"thing": "campaigns.participation"})
        assert answer.context["lines"] == []
        assert client_of(actor).get(reverse("audit_trail"), {"jurisdiction": "532301000000"}).status_code == 404


def test_audit_trail_without_dates_shows_thirty_days(admin: Actor, client_of: ClientOf, settings: Settings) -> None:
    client = client_of(admin)
    assert client.get(reverse("audit_trail"), {"thing": "accounts.membership", "machines": "on"}).context["lines"]
    # Nothing of today where the people's day is forty days on.
    settings.CLOCK_OFFSET_SECONDS = 40 * 86400
    shown = timezone.localtime(timezone.now() + timedelta(days=40))
    answer = client.get(reverse("audit_trail"), {"thing": "accounts.membership", "machines": "on"})
    assert [one.at.date() for one in answer.context["lines"]] == [(timezone.now() + timedelta(days=40)).date()]
    assert f'value="{shown.date()}"' in text_of(answer)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"since": "上周"}, "请写成 2022-08-15 这样的日期。"),
        ({"since": "2022-08-15", "until": "2022-08-14"}, "结束日期 2022-08-14 早于开始日期 2022-08-15，请改正。"),
        ({"request": "123"}, "操作编号不完整，请从一行记录的详情里点开。"),
        ({"act": "fly"}, "选择一个有效的选项"),
        ({"until": "9999-12-31"}, "请填 2000 年至 2100 年之间的日期。"),
        ({"since": "0001-01-01"}, "请填 2000 年至 2100 年之间的日期。"),
        ({"since": "1999-12-31"}, "请填 2000 年至 2100 年之间的日期。"),
        ({"until": "2101-01-01"}, "请填 2000 年至 2100 年之间的日期。"),
    ],
)
def test_audit_trail_with_a_wrong_filter_says_what_is_wrong(
    admin: Actor, client_of: ClientOf, query: dict[str, str], said: str
) -> None:
    answer = client_of(admin).get(reverse("audit_trail"), query)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert answer.context["lines"] == []


def test_audit_trail_goes_on_page_by_page(
    chuxiong: Campaign, admin: Actor, clerk: Actor, acting: Acting, community: FindCommunity, client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    for code in (LONGJIANG, SECOND, THIRD):
        enrol(community(code), chuxiong, 2022, actor=clerk)
    client, query = client_of(admin), {"thing": "campaigns.participation"}
    first = client.get(reverse("audit_trail"), query)
    assert (len(first.context["lines"]), first.context["older"] is not None) == (2, True)
    second = client.get(reverse("audit_trail"), query | {"after": first.context["older"]})
    assert (len(second.context["lines"]), second.context["older"]) == (1, None)
    assert "回到最新" in text_of(second)


def test_audit_trail_of_the_first_and_the_last_day_is_shown(admin: Actor, client_of: ClientOf) -> None:
    query = {"since": "2000-01-01", "until": "2100-12-31", "machines": "on"}
    assert client_of(admin).get(reverse("audit_trail"), query).context["lines"]


def test_audit_trail_shows_the_beginning_of_a_name_that_nobody_has(make_actor: MakeActor, client_of: ClientOf) -> None:
    Client().post("/accounts/login/", {"login": "Lucheng-2026", "password": "不对"})
    platform = make_actor("000000", Role.PLATFORM_ADMIN)
    answer = client_of(platform).get(reverse("audit_trail"), {"act": "sign_in"})
    who = [line.who for line in answer.context["lines"] if line.act == "登录失败"]
    assert who == ["Lu…（未知用户名）"]
    assert "Lu…（未知用户名）" in text_of(answer)


def test_audit_trail_of_a_refused_request_shows_the_refusal(
    admin: Actor, street_officer: Actor, client_of: ClientOf
) -> None:
    client_of(street_officer).get("/reviews/")
    client = client_of(admin)
    (line,) = client.get(reverse("audit_trail"), {"act": "refused"}).context["lines"]
    assert line.name == "GET /reviews/"
    found = client.get(reverse("audit_trail"), {"request": str(line.request)}).context["lines"]
    assert [one.act for one in found] == ["没有权限被拒"]


def test_audit_trail_empty_says_so(admin: Actor, client_of: ClientOf) -> None:
    answer = client_of(admin).get(reverse("audit_trail"), {"person": "没有这个人"})
    assert "没有符合条件的记录" in text_of(answer)


def test_audit_trail_sheet_holds_what_is_filtered_and_is_recorded(
    chuxiong: Campaign, admin: Actor, clerk: Actor, acting: Acting, community: FindCommunity, client_of: ClientOf
) -> None:
    make_pilot(LONGJIANG, chuxiong, clerk, acting, community)
    with acting(clerk):
        access.record(AccessEvent.Kind.EXPORTED, actor=clerk, subject='=HYPERLINK("http://example.org")')
    client = client_of(admin)
    answer = client.get(reverse("audit_trail"), PILOT | {"format": "xlsx"})
    rows = list(load_workbook(BytesIO(answer.content)).active.values)  # type: ignore[union-attr]
    assert rows[0] == tuple(views._COLUMNS)
    assert rows[1][1:9] == (
        "测试经办人532301", "楚雄市", "经办人", None, "修改", "参与创建", "龙江社区 2022", "试点：否 → 是",
    )  # fmt: skip
    assert len(rows) == 2
    taken = AccessEvent.objects.filter(kind="exported").latest("pk")
    today = timezone.localdate()
    assert taken.user == admin.user
    assert taken.subject == f"楚雄市 {today - timedelta(days=30)} 至 {today} 审计记录，1 条"
    formula = client.get(reverse("audit_trail"), {"act": "export", "format": "xlsx"})
    cell = load_workbook(BytesIO(formula.content)).active["H3"]  # type: ignore[index]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://example.org")', "s")


def test_audit_trail_sheet_that_is_too_long_asks_for_less(
    admin: Actor, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "SHEET_LIMIT", 1)
    client = client_of(admin)
    answer = client.get(reverse("audit_trail"), {"format": "xlsx", "act": "insert", "machines": "on"}, follow=True)
    assert answer.redirect_chain == [(f"{reverse('audit_trail')}?act=insert&machines=on", 302)]
    assert "超过一次导出的 1 条" in text_of(answer)
    assert not AccessEvent.objects.filter(kind="exported").exists()


def test_other_lists_taken_along_are_recorded(chuxiong: Campaign, clerk: Actor, client_of: ClientOf) -> None:
    client = client_of(clerk)
    client.get(reverse("community_list"), {"format": "xlsx"})
    shown = {"format": "xlsx", "campaign": chuxiong.code, "year": "2022"}
    client.get(reverse("progress", args=["532301000000"]), shown)
    client.get(reverse("community_list"))
    records = AccessEvent.objects.filter(user=clerk.user, kind="exported").order_by("pk")
    assert [one.subject for one in records] == ["楚雄市 社区名单", "楚雄市2022年绿色社区创建进展"]
    assert {(one.jurisdiction.name, one.address) for one in records} == {("楚雄市", "127.0.0.1")}


def test_document_asked_for_and_fetched_is_recorded(chuxiong: Campaign, clerk: Actor, client_of: ClientOf) -> None:
    client = client_of(clerk)
    body = {
        "campaign": chuxiong.code,
        "jurisdiction": clerk.jurisdiction.pk,
        "year": 2022,
        "kind": "completion_summary",
    }
    assert client.post(reverse("export_request"), body).status_code == 302
    job = clerk.jurisdiction.exports.get()
    make_export(job.pk, clerk.jurisdiction.path)
    answer = client.get(reverse("download_export", args=[job.pk]))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    records = AccessEvent.objects.filter(user=clerk.user, kind__in=["exported", "downloaded"]).order_by("pk")
    assert [(one.kind, one.subject) for one in records] == [
        ("exported", "附件2 完成情况汇总表 楚雄市 2022 年"),
        ("downloaded", "楚雄市2022年绿色社区建设任务完成情况汇总表.xlsx"),
    ]


def history_url(row: object, pk: int | None = None) -> str:
    meta = row._meta  # type: ignore[attr-defined]
    return reverse("object_history", args=[meta.app_label, meta.model_name, pk or row.pk])  # type: ignore[attr-defined]


def test_object_history_holds_the_object_and_its_parts(
    chuxiong: Campaign, admin: Actor, clerk: Actor, community: FindCommunity, client_of: ClientOf
) -> None:
    recognition = recognised_community(community(LONGJIANG), chuxiong, 2022)
    answer = client_of(clerk).get(history_url(recognition.community))
    lines = [line for entry in answer.context["entries"] for line in entry.lines]
    assert {line.thing for line in lines} == {"城市社区", "参与创建", "绿色社区认定"}
    assert lines[0].act == "新增"
    assessment = recognition.participation.assessment
    answer = client_of(clerk).get(history_url(assessment))
    things = {line.thing for entry in answer.context["entries"] for line in entry.lines}
    assert things == {"自评", "条目结果", "办理记录"}


def test_object_history_leaves_out_what_tasks_make_of_it(
    chuxiong: Campaign, clerk: Actor, street_officer: Actor, community: FindCommunity, client_of: ClientOf
) -> None:
    assessment = fill_in(enrol(community(LONGJIANG), chuxiong, 2022), actor=street_officer)
    with acting(street_officer), recording(task="make_renditions"):
        Assessment.objects.filter(pk=assessment.pk).update(round=7)
    assert "提交次数" not in text_of(client_of(clerk).get(history_url(assessment)))
    with acting(street_officer):
        Assessment.objects.filter(pk=assessment.pk).update(round=8)
    assert "提交次数" in text_of(client_of(clerk).get(history_url(assessment)))


def test_object_history_in_a_panel_is_a_fragment(
    chuxiong: Campaign, clerk: Actor, community: FindCommunity, client_of: ClientOf
) -> None:
    enrol(community(LONGJIANG), chuxiong, 2022, actor=clerk)
    client = client_of(clerk)
    page = client.get(reverse("community_detail", args=[community(LONGJIANG).pk]))
    assert f'hx-get="{history_url(community(LONGJIANG))}"' in text_of(page)
    fragment = client.get(history_url(community(LONGJIANG)), headers={"HX-Request": "true"})
    assert "<html" not in text_of(fragment)
    assert "列入人：测试经办人532301" in text_of(fragment)
    assert "<h1" in text_of(client.get(history_url(community(LONGJIANG))))


def test_object_history_shows_addresses_to_administrators_alone(
    chuxiong: Campaign, admin: Actor, clerk: Actor, community: FindCommunity, client_of: ClientOf
) -> None:
    client_of(clerk).post(reverse("plan"), {"community": community(LONGJIANG).pk}, REMOTE_ADDR="10.11.12.13")
    url = history_url(community(LONGJIANG))
    assert "10.11.12.13" in text_of(client_of(admin).get(url))
    assert "10.11.12.13" not in text_of(client_of(clerk).get(url))


def test_object_history_of_what_lies_outside_is_not_found(
    chuxiong: Campaign, stranger: Actor, street_officer: Actor, make_actor: MakeActor,
    community: FindCommunity, client_of: ClientOf,
) -> None:  # fmt: skip
    beside = make_actor("532301102", Role.STREET_OFFICER)
    assessment = submit(
        fill_in(enrol(community(LONGJIANG), chuxiong, 2022), actor=street_officer), actor=street_officer
    )
    for actor in (stranger, beside):
        assert client_of(actor).get(history_url(assessment)).status_code == 404
        assert client_of(actor).get(history_url(community(LONGJIANG))).status_code == 404
    officer = client_of(street_officer)
    assert officer.get(history_url(assessment)).status_code == 200
    # What an ancestor issued is read below, its history is not, and no panel offers it.
    assert officer.get(history_url(chuxiong)).status_code == 404
    assert "变更记录" not in text_of(officer.get(reverse("campaign_detail", args=[chuxiong.code])))
    assert "变更记录" in text_of(officer.get(reverse("self_assessment", args=[assessment.pk])))


@pytest.mark.parametrize("name", ["campaigns/target", "accounts/invitation", "sessions/session", "no/such"])
def test_object_history_of_a_model_without_a_page_is_not_found(admin: Actor, client_of: ClientOf, name: str) -> None:
    assert client_of(admin).get(f"/history/{name}/1/").status_code == 404


def test_object_history_of_a_person_is_for_administrators(
    admin: Actor, clerk: Actor, street_officer: Actor, client_of: ClientOf
) -> None:
    url = history_url(street_officer.user)
    assert client_of(clerk).get(url).status_code == 403
    answer = client_of(admin).get(url)
    assert {line.thing for entry in answer.context["entries"] for line in entry.lines} == {"用户", "任职"}


def test_object_history_of_a_deleted_object_stays(
    chuxiong: Campaign, clerk: Actor, community: FindCommunity, acting: Acting, client_of: ClientOf
) -> None:
    place = Community.objects.create(name="将撤社区居民委员会", jurisdiction=community(LONGJIANG).jurisdiction)
    part = enrol(place, chuxiong, 2022, actor=clerk)
    with acting(clerk):
        remove_from_plan(part, actor=clerk)
    pk, url = place.pk, history_url(place)
    place.delete()
    answer = client_of(clerk).get(url)
    assert answer.context["object"].pk == pk
    acts = [line.act for entry in answer.context["entries"] for line in entry.lines]
    assert sorted(acts) == sorted(["新增", "新增", "删除", "删除"])


def test_pages_cost_the_same_for_one_row_and_three(
    chuxiong: Campaign, admin: Actor, clerk: Actor, acting: Acting, community: FindCommunity, client_of: ClientOf
) -> None:
    client = client_of(admin)
    # The first request after signing in does more.
    client.get(reverse("audit_trail"), PILOT)

    def cost(url: str, shown: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url, PILOT)
        lines = answer.context.get("lines") or [one for entry in answer.context["entries"] for one in entry.lines]
        assert len(lines) == shown
        return len(queries)

    make_pilot(LONGJIANG, chuxiong, clerk, acting, community)
    # Its own row, the participation and that it became a pilot.
    one = cost(reverse("audit_trail"), 1), cost(history_url(community(LONGJIANG)), 3)
    make_pilot(SECOND, chuxiong, clerk, acting, community)
    make_pilot(THIRD, chuxiong, clerk, acting, community)
    part = Participation.objects.get(community__code=LONGJIANG)
    for is_pilot in (False, True):
        with acting(clerk):
            mark_pilot(part, is_pilot, actor=clerk)
    three = cost(reverse("audit_trail"), 5), cost(history_url(community(LONGJIANG)), 5)
    assert one == three
    assert max(three) <= 32
