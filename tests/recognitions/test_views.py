"""The pages of 认定与公示: the way from the proposed list to the decision, who sees what, downloads, numbers of queries."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from apps.accounts.models import AccessEvent, Role
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.assessments.second_approval import revoke_assessment
from apps.campaigns.models import Campaign, Recognition
from apps.communities.models import Community
from apps.core.todos import todos_from
from apps.recognitions import decisions
from apps.recognitions.listing import notices_for
from apps.recognitions.models import DemonstrationBase, NoticeEntry, Objection, PublicNotice, Recheck
from apps.recognitions.notices import Wording, draft_notice, edit_notice, publish_notice
from apps.recognitions.rechecks import record_recheck
from apps.recognitions.views import shared
from apps.recognitions.waiting import sources_for
from tests.factories import agree, recognised_community, submitted_community
from tests.recognitions.conftest import CONTACT, Acting, act, at

MakeActor = Callable[[str, Role], Actor]
Browser = Callable[[Actor], Client]


def text_of(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def last_of(notice: PublicNotice) -> int:
    """The last entry, as the preview of a short notice names it."""
    return int(notice.entries.latest("pk").pk)


def rows_of(client: Client, name: str) -> list[list[object]]:
    answer = client.get(reverse(name), {"format": "xlsx"})
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_from_the_proposed_list_to_the_decision(
    held: list[Assessment], city_approver: Actor, client_of: Browser
) -> None:
    client = client_of(city_approver)
    page = text_of(client, "proposed_list")
    assert all(str(one.participation.community) in page for one in held)
    client.post(reverse("proposed_list"), {"assessment": [one.pk for one in held]})
    notice = PublicNotice.objects.get()
    words = {"title": notice.title, "text": notice.text, "contact": CONTACT, "working_days": 5, "year": 2022}
    chosen = {"assessment": [one.pk for one in held[:2]], "seen": 1}
    assert client.post(reverse("notice_edit", args=[notice.pk]), words | chosen).status_code == 302
    stale = client.post(reverse("notice_edit", args=[notice.pk]), words | chosen | {"title": "我的标题"})
    assert (stale.status_code, "我的标题" in stale.content.decode()) == (409, True)
    publish = reverse("notice_publish", args=[notice.pk])
    assert [client.post(publish, {"seen": 2}).status_code for _ in range(2)] == [302, 302]
    entry = notice.entries.order_by("assessment").first()
    assert entry is not None
    objection = {"received_on": "2022-08-15", "is_signed": "0", "text": "不实"}
    assert client.post(reverse("objection_add", args=[entry.pk]), objection).status_code == 302
    [recorded] = Objection.objects.all()
    handling = {"outcome": "rejected", "handling": ""}
    assert client.post(reverse("objection_decide", args=[recorded.pk]), handling).status_code == 422
    assert client.get(reverse("notice_decide", args=[notice.pk])).status_code == 302
    with at(date(2022, 8, 23)):
        preview = text_of(client, "notice_decide", notice.pk)
        assert ("一并认定 1 个社区" in preview, "有 1 件异议正在办理" in preview) == (True, True)
        decision = {"year": 2022, "document_number": "楚〔2022〕99号", "through": last_of(notice)}
        page = client.post(reverse("notice_decide", args=[notice.pk]), decision).content.decode()
    assert "已认定 1 个社区" in page
    assert Recognition.objects.get().document_number == "楚〔2022〕99号"


def test_objections_are_seen_by_the_office_and_above_alone(
    published: PublicNotice,
    entries: list[NoticeEntry],
    city_approver: Actor,
    province_reviewer: Actor,
    district_reviewer: Actor,
    street_officer: Actor,
    stranger: Actor,
    client_of: Browser,
) -> None:
    client_of(city_approver).post(
        reverse("objection_add", args=[entries[0].pk]),
        {"received_on": "2022-08-15", "is_signed": "1", "text": "举报内容"},
    )
    objection = Objection.objects.get()
    for actor in (city_approver, province_reviewer):
        assert "举报内容" in text_of(client_of(actor), "notice_detail", published.pk)
    for actor in (district_reviewer, street_officer):
        client = client_of(actor)
        assert "举报内容" not in text_of(client, "notice_detail", published.pk)
        assert client.get(reverse("objection_decide", args=[objection.pk])).status_code == 404
    assert client_of(stranger).get(reverse("notice_detail", args=[published.pk])).status_code == 404
    assert client_of(province_reviewer).get(reverse("objection_decide", args=[objection.pk])).status_code == 403


def test_drafts_are_not_seen_below(drafted: PublicNotice, street_officer: Actor, client_of: Browser) -> None:
    assert client_of(street_officer).get(reverse("notice_detail", args=[drafted.pk])).status_code == 404
    assert drafted.title not in text_of(client_of(street_officer), "notice_list")


def test_recheck_that_fails_leads_to_revoking(
    recognised: Recognition, city_approver: Actor, client_of: Browser
) -> None:
    client = client_of(city_approver)
    assert "待复查" in text_of(client, "recheck_list")
    facts = {"checked_on": "2022-08-15", "result": "failed", "findings": "绿化被占", "seen": "0"}
    answer = client.post(reverse("recheck_record", args=[recognised.pk, 2022]), facts)
    review = reverse("review", args=[recognised.participation.assessment.pk])
    assert (answer.status_code, answer["Location"]) == (302, f"{review}?revoke")
    assert Recheck.objects.get().findings == "绿化被占"
    assert client.get(reverse("recheck_record", args=[recognised.pk, 2020])).status_code == 404


def test_bases_are_named_and_shown_on_the_community_page(
    recognised: Recognition, city_approver: Actor, client_of: Browser
) -> None:
    client = client_of(city_approver)
    facts = {"title": "绿色示范基地", "document_number": "楚〔2022〕5号", "named_on": "2022-08-15"}
    assert [client.post(reverse("base_name", args=[recognised.pk]), facts).status_code for _ in range(2)] == [302, 302]
    other = facts | {"title": "另一称号"}
    assert client.post(reverse("base_name", args=[recognised.pk]), other).status_code == 409
    assert "绿色示范基地" in text_of(client, "community_detail", recognised.community_id)
    base = DemonstrationBase.objects.get()
    assert client.post(reverse("base_end", args=[base.pk]), {"reason": "改建"}).status_code == 302
    assert "有效" not in text_of(client, "base_list", state="ended").split("</thead>")[1]


def test_revocation_is_told_on_the_community_page_and_the_streets_desk(
    recognised: Recognition, city_approver: Actor, street_officer: Actor, client_of: Browser, acting: Acting
) -> None:
    act(city_approver, acting, revoke_assessment, recognised.participation.assessment, "复查不通过")
    client = client_of(street_officer)
    assert "已摘牌" in text_of(client, "community_detail", recognised.community_id)
    desk = text_of(client, "desk")
    assert (f"{recognised.community}（2021 年绿色社区）已摘牌" in desk, "复查不通过" in desk) == (True, True)
    assert "已摘牌" in text_of(client, "recognition_list", state="revoked")


def test_downloads_hold_the_lists_and_are_on_record(
    recognised: Recognition, held: list[Assessment], city_approver: Actor, client_of: Browser, acting: Acting
) -> None:
    facts = {"year": 2022, "checked_on": date(2022, 8, 15), "findings": "=1+1", "rectify_by": date(2022, 9, 1)}
    act(city_approver, acting, record_recheck, recognised, result=Recheck.Result.RECTIFY, **facts)
    client, name = client_of(city_approver), recognised.community.short_name
    assert [row[0] for row in rows_of(client, "recognition_list")] == ["社区", name]
    row = rows_of(client, "recheck_list")[1]
    assert (row[0], row[7], row[9], row[10]) == (name, "限期整改", "否", "=1+1")
    assert len(rows_of(client, "proposed_list")) == 4
    assert rows_of(client, "base_list")[0][3] == "称号"
    subjects = AccessEvent.objects.filter(kind="exported").values_list("subject", flat=True)
    assert "楚雄彝族自治州绿色社区认定名单" in subjects


@pytest.mark.parametrize("name", ["recognition_list", "recheck_list", "notice_list", "base_list", "proposed_list"])
def test_lists_ask_the_same_number_of_queries_for_more_rows(
    name: str,
    recognised: Recognition,
    chuxiong: Campaign,
    community: Callable[[str], Community],
    city_approver: Actor,
    client_of: Browser,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    client = client_of(city_approver)
    with django_assert_max_num_queries(80) as few:  # type: ignore[attr-defined]
        text_of(client, name)
    with at(date(2021, 9, 2)):
        for code in ("532301101003", "532301101005"):
            recognised_community(community(code), chuxiong, 2021)
    with django_assert_max_num_queries(len(few.captured_queries)):  # type: ignore[attr-defined]
        text_of(client, name)


def test_set_notice_rules_by_the_administrator_alone(
    chuxiong: Campaign, make_actor: MakeActor, city_approver: Actor, client_of: Browser
) -> None:
    address = reverse("set_notice_rules", args=[chuxiong.code])
    assert client_of(city_approver).post(address, {"working_days": "5"}).status_code == 403
    manager = client_of(make_actor("5323", Role.BUREAU_ADMIN))
    assert manager.post(address, {"working_days": "许多"}).status_code == 422
    assert manager.post(address, {"working_days": "7", "publishes_list": "1", "reason": "测试"}).status_code == 302
    chuxiong.refresh_from_db()
    assert (chuxiong.notice_working_days, chuxiong.publishes_list) == (7, True)
    assert "公示 7 个工作日" in text_of(manager, "campaign_detail", chuxiong.code)


def test_review_page_says_what_recognition_waits_for(
    published: PublicNotice, held: list[Assessment], city_approver: Actor, client_of: Browser
) -> None:
    client = client_of(city_approver)
    page = text_of(client, "review", held[0].pk)
    assert "公示期至 2022-08-22" in page
    assert ('id="recognise"' in page, 'data-dialog-open="recognise"' in page) == (False, False)
    answer = client.post(
        reverse("review_recognise", args=[held[0].pk]),
        {"year": 2022, "document_number": "", "seen": held[0].actions.latest("pk").pk},
    )
    assert answer.status_code == 409
    assert Recognition.objects.count() == 0


def test_community_history_tells_of_rechecks(
    recognised: Recognition, city_approver: Actor, street_officer: Actor, client_of: Browser, acting: Acting
) -> None:
    facts = {"year": 2022, "checked_on": date(2022, 8, 15), "findings": "楼道堆物", "rectify_by": date(2022, 9, 1)}
    act(city_approver, acting, record_recheck, recognised, result=Recheck.Result.RECTIFY, **facts)
    client = client_of(street_officer)
    page = text_of(client, "community_detail", recognised.community_id)
    assert ("2022 年复查：限期整改，期限 2022-09-01" in page, "楼道堆物" in page) == (True, True)
    assert "限期整改" in text_of(client, "desk")


def test_proposed_list_is_read_in_pages_and_drafted_whole(
    held: list[Assessment], city_approver: Actor, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "PAGE_SIZE", 2)
    client = client_of(city_approver)
    answer = client.get(reverse("proposed_list"))
    assert (len(answer.context["ready"]), answer.context["ready_count"]) == (2, 3)
    assert "全部 3 个拟稿公示" in " ".join(answer.content.decode().split())
    client.post(reverse("proposed_list"), {"all": "1"})
    notice = PublicNotice.objects.get()
    assert notice.entries.count() == 3
    edit = reverse("notice_edit", args=[notice.pk])
    words = {"title": notice.title, "text": notice.text, "contact": CONTACT, "working_days": 5, "year": 2022}
    shown = [one.assessment.pk for one, _ in client.get(edit, {"page": 2}).context["candidates"]]
    assert len(shown) == 1
    saved = client.post(f"{edit}?page=2", words | {"seen": 1, "shown": shown})
    assert (saved.status_code, saved["Location"]) == (302, f"{edit}?page=2")
    assert {one.assessment_id for one in notice.entries.all()} == {one.pk for one in held} - set(shown)


def test_decision_of_a_long_notice_goes_on_by_a_button(
    published: PublicNotice, city_approver: Actor, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button shows the next portion, and asks, before anything of it is decided."""
    monkeypatch.setattr(decisions, "PORTION", 2)
    client, address = client_of(city_approver), reverse("notice_decide", args=[published.pk])
    entered: dict[str, object] = {"year": 2022, "document_number": "楚〔2022〕99号"}
    with at(date(2022, 8, 23)):
        shown = client.get(address)
        assert "这一批之后还有 1 个" in shown.text
        answer = client.post(address, entered | {"through": shown.context["preview"].after})
        assert ("还有 1 个社区没有办理" in answer.text, "继续办理下一批" in answer.text) == (True, True)
        entered["after"] = answer.context["decision"].after
        asked = client.post(address, entered | {"ask": "1"})
        assert ([len(asked.context["preview"].ready), Recognition.objects.count()]) == [1, 2]
        through = asked.context["preview"].after
        assert f'<input type="hidden" name="through" value="{through}">' in asked.text
        page = client.post(address, entered | {"through": through}).text
    assert ("已认定 1 个社区" in page, "继续办理下一批" in page) == (True, False)
    assert Recognition.objects.count() == 3


def test_decision_sent_twice_decides_on_nothing_that_was_not_shown(
    published: PublicNotice, city_approver: Actor, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "PORTION", 2)
    client, address = client_of(city_approver), reverse("notice_decide", args=[published.pk])
    with at(date(2022, 8, 23)):
        entered = {"year": 2022, "document_number": "楚〔2022〕99号", "after": 0}
        entered["through"] = client.get(address).context["preview"].after
        client.post(address, entered)
        again = client.post(address, entered)
    assert ("这次没有新认定的社区" in again.text, "还有 1 个社区没有办理" in again.text) == (True, True)
    assert Recognition.objects.count() == 2


def test_decision_that_does_not_say_what_was_shown_is_stale(
    published: PublicNotice, city_approver: Actor, client_of: Browser
) -> None:
    address = reverse("notice_decide", args=[published.pk])
    with at(date(2022, 8, 23)):
        answer = client_of(city_approver).post(address, {"year": 2022, "document_number": "楚〔2022〕99号"})
    assert (answer.status_code, Recognition.objects.count()) == (409, 0)
    assert "没有列出要认定的社区" in answer.text


def test_objection_decided_before_keeps_the_words_on_the_page(
    published: PublicNotice, entries: list[NoticeEntry], city_approver: Actor, client_of: Browser
) -> None:
    client = client_of(city_approver)
    facts = {"received_on": "2022-08-15", "is_signed": "1", "text": "举报内容"}
    client.post(reverse("objection_add", args=[entries[0].pk]), facts)
    address = reverse("objection_decide", args=[Objection.objects.get().pk])
    first = {"outcome": "rejected", "handling": "不属实"}
    assert [client.post(address, first).status_code for _ in range(2)] == [302, 302]
    answer = client.post(address, first | {"handling": "另一段说明"})
    page = answer.content.decode()
    assert (answer.status_code, "另一段说明" in page, "处理：不成立" in page) == (409, True, True)


def test_desk_asks_the_same_number_of_queries_for_more_ended_notices(
    published: PublicNotice,
    held: list[Assessment],
    chuxiong: Campaign,
    community: Callable[[str], Community],
    city_approver: Actor,
    acting: Acting,
) -> None:
    with at(date(2022, 8, 23)), acting(city_approver), CaptureQueriesContext(connection) as one:
        assert [line.kind for line in todos_from(sources_for(city_approver))] == ["公示期满"]
    with at(date(2022, 8, 1)):
        more = agree(submitted_community(community("532301101003"), chuxiong, 2022))
    notice = act(city_approver, acting, draft_notice, chuxiong, [more.pk])
    act(city_approver, acting, edit_notice, notice, Wording("另一份", "公示", CONTACT, 5, 2022), [more.pk])
    act(city_approver, acting, publish_notice, notice)
    with at(date(2022, 8, 23)), acting(city_approver), CaptureQueriesContext(connection) as two:
        assert [line.kind for line in todos_from(sources_for(city_approver))] == ["公示期满", "公示期满"]
    assert len(two) == len(one)


@pytest.mark.parametrize("seen", [None, "", "x", "二", "9" * 5000, "1"])
def test_publish_from_a_page_that_does_not_say_what_it_showed_is_stale(
    drafted: PublicNotice, city_approver: Actor, client_of: Browser, seen: str | None
) -> None:
    entered = {} if seen is None else {"seen": seen}
    assert client_of(city_approver).post(reverse("notice_publish", args=[drafted.pk]), entered).status_code == 409
    drafted.refresh_from_db()
    assert drafted.status == "draft"


def test_publish_by_staff_names_who_can(drafted: PublicNotice, city_clerk: Actor, client_of: Browser) -> None:
    answer = client_of(city_clerk).post(reverse("notice_publish", args=[drafted.pk]), {"seen": drafted.version})
    assert (answer.status_code, "公示由审批人发布、撤回" in answer.content.decode()) == (403, True)


def test_decision_before_the_end_says_when(published: PublicNotice, city_approver: Actor, client_of: Browser) -> None:
    answer = client_of(city_approver).get(reverse("notice_decide", args=[published.pk]), follow=True)
    assert "公示至 2022-08-22，期满后才能认定" in answer.content.decode()


def test_decision_offers_possible_years_and_repeats_what_was_entered(
    published: PublicNotice, held: list[Assessment], city_approver: Actor, client_of: Browser
) -> None:
    client, address = client_of(city_approver), reverse("notice_decide", args=[published.pk])
    entered = {"year": 2022, "document_number": "楚住建〔2022〕52号", "comment": "同意"}
    with at(date(2022, 8, 23)):
        years = [year for year, _ in client.get(address).context["form"].fields["year"].choices]
        assert (years[0], 2021 in years) == (2022, False)
        early = client.post(address, entered | {"year": 2021})
        assert (early.status_code, "楚住建〔2022〕52号" in early.content.decode()) == (422, True)
        asked = client.post(address, entered | {"ask": "1"})
        page = " ".join(asked.content.decode().split())
        assert (asked.status_code, Recognition.objects.count()) == (200, 0)
        assert "认定年度 2022 年，认定文号 楚住建〔2022〕52号。" in page
        assert '<input type="hidden" name="comment" value="同意" >' in page
        client.post(address, entered | {"through": last_of(published)})
    assert Recognition.objects.count() == 3


def test_unusual_document_number_is_asked_about_once(
    published: PublicNotice, recognised: Recognition, city_approver: Actor, client_of: Browser
) -> None:
    client, address = client_of(city_approver), reverse("notice_decide", args=[published.pk])
    entered = {"year": 2022, "document_number": "会议纪要(2022)3", "through": last_of(published)}
    with at(date(2022, 8, 23)):
        answer = client.post(address, entered)
        page = answer.content.decode()
        assert (answer.status_code, "文号确实如此" in page, 'type="checkbox"' in page) == (422, True, True)
        assert not Recognition.objects.filter(year=2022).exists()
        assert client.post(address, entered | {"number_is_so": "on"}).status_code == 200
    assert Recognition.objects.filter(year=2022).count() == 3
    name, facts = reverse("base_name", args=[recognised.pk]), {"title": "基地", "named_on": "2022-08-15"}
    assert client.post(name, facts | {"document_number": "无"}).status_code == 422
    assert client.post(name, facts | {"document_number": "无", "number_is_so": "on"}).status_code == 302


def test_discard_pressed_twice_leads_to_the_list_both_times(
    drafted: PublicNotice, city_approver: Actor, district_reviewer: Actor, stranger: Actor, client_of: Browser
) -> None:
    client, address = client_of(city_approver), reverse("notice_discard", args=[drafted.pk])
    for _ in range(2):
        answer = client.post(address)
        assert (answer.status_code, answer["Location"]) == (302, reverse("notice_list"))
    assert not PublicNotice.objects.exists()
    for other in (district_reviewer, stranger):
        assert client_of(other).post(address).status_code == 404
    assert client.post(reverse("notice_discard", args=[drafted.pk + 1])).status_code == 404


@pytest.fixture
def holidays_late(published: PublicNotice) -> PublicNotice:
    """It was published when its holidays were not announced: what was stored then is too early."""
    PublicNotice.objects.filter(pk=published.pk).update(ends_on=date(2022, 8, 19))
    return published


def test_pages_say_until_when_a_notice_lasts_now(
    holidays_late: PublicNotice, city_approver: Actor, client_of: Browser, acting: Acting
) -> None:
    client = client_of(city_approver)
    pages = text_of(client, "notice_list"), text_of(client, "proposed_list")
    assert ["2022-08-22" in page for page in pages] == [True, True]
    assert ["2022-08-19" in page for page in pages] == [False, False]
    with at(date(2022, 8, 23)), acting(city_approver):
        [line] = todos_from(sources_for(city_approver))
    assert line.note == "2022-08-22 公示期满，3 个社区可以认定"


def test_recheck_list_begins_with_what_is_overdue_and_what_is_due(
    recognised: Recognition,
    chuxiong: Campaign,
    community: Callable[[str], Community],
    city_approver: Actor,
    client_of: Browser,
    acting: Acting,
) -> None:
    with at(date(2021, 9, 2)):
        others = [recognised_community(community(f"53230110101{n}"), chuxiong, 2021) for n in (0, 1)]
    passed, overdue, due = sorted([recognised, *others], key=lambda one: (one.path, one.pk))
    facts = {"year": 2022, "checked_on": date(2022, 8, 1)}
    asked = {"result": Recheck.Result.RECTIFY, "findings": "楼道堆物", "rectify_by": date(2022, 8, 10)}
    act(city_approver, acting, record_recheck, passed, result=Recheck.Result.PASSED, **facts)
    act(city_approver, acting, record_recheck, overdue, **asked, **facts)
    rows = client_of(city_approver).get(reverse("recheck_list")).context["rows"]
    assert [row.recognition.pk for row in rows] == [overdue.pk, due.pk, passed.pk]


def test_notices_of_an_office_are_found_without_joining_their_lists(
    published: PublicNotice, street_officer: Actor, acting: Acting
) -> None:
    with acting(street_officer):
        seen = notices_for(street_officer)
        assert list(seen) == [published]
        assert ("DISTINCT" in str(seen.query), "EXISTS" in str(seen.query)) == (False, True)


def test_single_recognition_asks_about_an_unusual_number_once(
    held: list[Assessment], city_approver: Actor, client_of: Browser
) -> None:
    client, address = client_of(city_approver), reverse("review_recognise", args=[held[0].pk])
    entered = {"year": 2022, "document_number": "会议纪要(2022)3", "seen": held[0].actions.latest("pk").pk}
    answer = client.post(address, entered)
    assert (answer.status_code, Recognition.objects.count()) == (422, 0)
    assert '<input type="checkbox" name="number_is_so"' in answer.text
    assert client.post(address, entered | {"number_is_so": "on"}).status_code == 302
    assert Recognition.objects.get().document_number == "会议纪要(2022)3"


@pytest.mark.parametrize(("days", "status"), [(0, 302), (5, 422)])
def test_single_recognition_asks_for_a_number_where_the_campaign_asks_for_a_notice(
    published: PublicNotice,
    held: list[Assessment],
    chuxiong: Campaign,
    city_approver: Actor,
    client_of: Browser,
    days: int,
    status: int,
) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(notice_working_days=days)
    client, address = client_of(city_approver), reverse("review_recognise", args=[held[0].pk])
    entered = {"year": 2022, "document_number": "", "seen": held[0].actions.latest("pk").pk}
    with at(date(2022, 8, 23)):
        field = client.get(reverse("review", args=[held[0].pk])).context["recognise_form"].fields["document_number"]
        answer = client.post(address, entered)
    assert (field.required, answer.status_code) == (days > 0, status)
    assert ("请填写认定文号" in answer.text) == (days > 0)
