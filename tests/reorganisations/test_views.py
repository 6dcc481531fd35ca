"""The pages: form, preview, confirmation; baselines; lists as sheets; the succession on a community's page."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest
from django.test import Client
from openpyxl import load_workbook

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Baseline, Community
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.baselines import confirm_baseline
from apps.reorganisations.carrying_out import Order
from apps.reorganisations.jurisdictions import create_zone
from apps.reorganisations.models import CommunityChange, JurisdictionChange
from tests.factories import person_at, submitted_community

ClientOf = Callable[[Actor], Client]
Find = Callable[[str], Community]
Place = Callable[[str], Jurisdiction]
MakeActor = Callable[[str, Role], Actor]
FewQueries = Callable[[int], AbstractContextManager[None]]


def entered(**also: object) -> dict[str, object]:
    return {
        "effective_on": "2022-08-01",
        "document_number": "楚政发〔2022〕9号",
        "reason": "优化设置",
        "submission": str(uuid4()),
        **also,
    }


def test_close_is_previewed_then_confirmed(
    client_of: ClientOf, clerk: Actor, community: Find, chuxiong: Campaign
) -> None:
    one = community("532301101008")
    submitted_community(one, chuxiong, 2022)
    client, url, form = client_of(clerk), f"/communities/{one.pk}/change/close/", entered()
    assert "撤销社区" in client.get(url).content.decode()
    page = client.post(url, form)
    text = page.content.decode()
    assert (page.status_code, "终止办理" in text, "均不变" in text) == (200, True, True)
    assert not CommunityChange.objects.exists()
    seen = page.context["preview"].seen
    refused = client.post(url, form | {"confirm": "1", "seen": seen})
    assert (refused.status_code, "请等办结后再变更" in refused.content.decode()) == (422, True)
    done = client.post(url, form | {"confirm": "1", "seen": seen, "ends_assessments": "1"}, follow=True)
    assert "已登记撤销" in done.content.decode()
    again = client.post(url, form | {"confirm": "1", "seen": seen, "ends_assessments": "1"})
    assert (again.status_code, CommunityChange.objects.count()) == (302, 1)


def test_what_was_typed_stays_on_a_refused_form(client_of: ClientOf, clerk: Actor, community: Find) -> None:
    client, url = client_of(clerk), f"/communities/{community('532301101008').pk}/change/rename/"
    page = client.post(url, entered(name="福运社区居民委员会", effective_on="2021-01-01", reason="优化"))
    text = page.content.decode()
    assert page.status_code == 422
    assert "生效日期 2021-01-01 不对" in text
    assert "福运社区居民委员会" in text
    assert "优化" in text


@pytest.mark.parametrize("submission", ["", "x", None])
def test_a_form_without_its_number_is_out_of_date(
    client_of: ClientOf, clerk: Actor, city_administrator: Actor, community: Find, submission: str | None
) -> None:
    form = {key: value for key, value in entered(submission=submission).items() if value is not None}
    for client, url in (
        (client_of(clerk), f"/communities/{community('532301101008').pk}/change/close/"),
        (client_of(city_administrator), "/reorganisations/rename/"),
    ):
        page = client.post(url, form)
        assert (page.status_code, "页面已过期，没有保存。" in page.content.decode()) == (422, True)


def test_refused_fields_say_what_is_to_be_done(
    client_of: ClientOf, clerk: Actor, city_administrator: Actor, community: Find
) -> None:
    typed = entered(effective_on="昨天", reason="", street="999999999", unit="999999999", document_number="")
    move = client_of(clerk).post(f"/communities/{community('532301101008').pk}/change/move/", typed)
    unit = client_of(city_administrator).post("/reorganisations/move/", typed)
    said = {
        "effective_on": ["“昨天”不是日期，请按“2022-08-15”这样填写。"],
        "reason": ["请填写变更理由。"],
    }
    gone = "没有“999999999”这个选项，请刷新页面后重新选择。"
    assert move.context["form"].errors == {"street": [gone]} | said
    number = {"document_number": ["请填写批准文号。"]}
    assert unit.context["form"].errors == {"unit": [gone], "to": ["请选择改为隶属哪个单位。"]} | number | said


def test_a_preview_that_is_out_of_date_is_shown_anew(client_of: ClientOf, clerk: Actor, community: Find) -> None:
    client, url = client_of(clerk), f"/communities/{community('532301101008').pk}/change/close/"
    page = client.post(url, entered(confirm="1", seen="something else"))
    assert page.status_code == 409
    assert "打开预览后" in page.content.decode()
    unread = client.post(url, entered(confirm="1", seen=""))
    assert (unread.status_code, "页面已过期，没有保存。" in unread.content.decode()) == (409, True)
    assert page.context["preview"].seen != "something else"


def test_merging_is_done_once_though_the_button_is_pressed_twice(
    client_of: ClientOf, clerk: Actor, community: Find
) -> None:
    one, other = community("532301101008"), community("532301101009")
    client, url = client_of(clerk), f"/communities/{one.pk}/change/merge/"
    form = entered(others=other.pk, into="this")
    seen = client.post(url, form).context["preview"].seen
    pressed = [client.post(url, form | {"confirm": "1", "seen": seen}) for _ in range(2)]
    assert [page.status_code for page in pressed] == [302, 302]
    assert {page.headers["Location"] for page in pressed} == {f"/communities/{one.pk}/"}
    assert CommunityChange.objects.count() == 1


def test_a_form_that_has_done_its_work_does_nothing_else(client_of: ClientOf, clerk: Actor, community: Find) -> None:
    client, url = client_of(clerk), f"/communities/{community('532301101008').pk}/change/rename/"
    form = entered(name="第一次改名社区居民委员会")
    seen = client.post(url, form).context["preview"].seen
    assert client.post(url, form | {"confirm": "1", "seen": seen}).status_code == 302
    form["name"] = "第二次改名社区居民委员会"
    for more in ({}, {"confirm": "1", "seen": "of another preview"}):
        used = client.post(url, form | more)
        assert (used.status_code, "这份表单已经办理过“" in used.content.decode()) == (409, True)
    named = Community.objects.filter(name__contains="次改名社区").values_list("name", flat=True)
    assert list(named) == ["第一次改名社区居民委员会"]


def test_the_number_of_a_form_that_a_stranger_sent_is_refused(
    client_of: ClientOf, clerk: Actor, make_actor: MakeActor, community: Find
) -> None:
    form, theirs = entered(name="第一次改名社区居民委员会"), community("532302101001")
    url = f"/communities/{community('532301101008').pk}/change/rename/"
    seen = client_of(clerk).post(url, form).context["preview"].seen
    assert client_of(clerk).post(url, form | {"confirm": "1", "seen": seen}).status_code == 302
    stranger = client_of(make_actor("532302", Role.STAFF))
    refused = stranger.post(f"/communities/{theirs.pk}/change/rename/", form)
    assert (refused.status_code, "页面已过期，没有保存。" in refused.content.decode()) == (409, True)


def test_communities_are_opened_and_moved_in_a_zone_that_has_no_streets(
    client_of: ClientOf, city_administrator: Actor, jurisdiction: Place, community: Find
) -> None:
    one, given = community("532301101008"), Order(date(2022, 8, 1), "区划调整", "楚政发〔2022〕9号")
    with acting(city_administrator):
        create_zone(jurisdiction("5323"), "高新区", given, actor=city_administrator, communities=[one])
    zone = Jurisdiction.objects.get(name="高新区")
    client = client_of(person_at(zone, Role.STAFF))
    page = client.post("/community-changes/open/", entered(name="高新社区居民委员会", street=zone.pk))
    assert page.status_code == 200, page.context["form"].errors
    form = client.get(f"/communities/{one.pk}/change/split/").context["form"]
    assert str(form.fields["street"].initial) in dict(form.fields["street"].choices)


def test_merge_and_the_succession_on_both_pages(client_of: ClientOf, clerk: Actor, community: Find) -> None:
    one, two = community("532301101008"), community("532301101009")
    client, url = client_of(clerk), f"/communities/{one.pk}/change/merge/"
    form = entered(others=two.pk, into="new", name="合心社区居民委员会", street=one.jurisdiction_id)
    page = client.post(url, form)
    assert page.status_code == 200, page.context["form"].errors
    client.post(url, form | {"confirm": "1", "seen": page.context["preview"].seen})
    heir = Community.objects.get(name="合心社区居民委员会")
    text = "".join(client.get(f"/communities/{heir.pk}/").content.decode().split())
    assert f'href="/communities/{one.pk}/">鹿城镇{one}</a>' in text
    text = "".join(client.get(f"/communities/{one.pk}/").content.decode().split())
    assert f'href="/communities/{heir.pk}/">鹿城镇合心社区</a>' in text
    assert "change/close" not in text
    sheet = load_workbook(BytesIO(client.get("/community-changes/?format=xlsx").content)).active
    rows = [[cell.value for cell in row[:4]] for row in sheet.iter_rows(min_row=2)]  # type: ignore[union-attr]
    assert {row[2] for row in rows} == {f"鹿城镇{one}", f"鹿城镇{two}"}
    assert {row[3] for row in rows} == {"鹿城镇合心社区"}


@pytest.mark.parametrize(
    ("kind", "also"),
    [
        ("rename", {"name": "福运社区居民委员会"}),
        ("move", {"street": "532301102000"}),
        ("split", {"names": "东社区测试\n西社区测试", "street": "532301101000", "keeps": "0", "heir": "2"}),
        ("merge", {"others": "532301101009", "into": "this"}),
        ("merge", {"others": "532301101009", "into": "other"}),
    ],
)
def test_every_kind_is_previewed_and_done(
    client_of: ClientOf, clerk: Actor, community: Find, jurisdiction: Place, kind: str, also: dict[str, str]
) -> None:
    form = entered(**also)
    if "street" in also:
        form["street"] = jurisdiction(also["street"]).pk
    if "others" in also:
        form["others"] = community(also["others"]).pk
    client, url = client_of(clerk), f"/communities/{community('532301101008').pk}/change/{kind}/"
    page = client.post(url, form)
    assert page.status_code == 200, page.context["form"].errors
    assert client.post(url, form | {"confirm": "1", "seen": page.context["preview"].seen}).status_code == 302
    assert CommunityChange.objects.get().kind == kind


def test_open_from_the_list(client_of: ClientOf, clerk: Actor, jurisdiction: Place) -> None:
    client, form = client_of(clerk), entered(name="新设测试社区居民委员会", street=jurisdiction("532301101").pk)
    assert "新设社区" in client.get("/community-changes/").content.decode()
    page = client.post("/community-changes/open/", form)
    client.post("/community-changes/open/", form | {"confirm": "1", "seen": page.context["preview"].seen})
    assert Community.objects.filter(name="新设测试社区居民委员会").count() == 1


def test_list_of_changes_takes_the_same_queries_whatever_its_length(
    client_of: ClientOf, clerk: Actor, community: Find, django_assert_max_num_queries: FewQueries
) -> None:
    client = client_of(clerk)
    for code in ("532301101008", "532301101009", "532301101010"):
        url, form = f"/communities/{community(code).pk}/change/close/", entered()
        seen = client.post(url, form).context["preview"].seen
        client.post(url, form | {"confirm": "1", "seen": seen})
        with django_assert_max_num_queries(18):
            assert client.get("/community-changes/").status_code == 200


def test_baseline_is_confirmed_on_the_districts_page_and_reopened_above(
    client_of: ClientOf, approver: Actor, city_approver: Actor, clerk: Actor
) -> None:
    client = client_of(approver)
    page = client.get("/baselines/?year=2022")
    text = page.content.decode()
    assert "确认 31 个" in text
    assert 'data-confirm="楚雄市 2022 年的底数定为现名单的 31 个社区？' in page.content.decode()
    client.post("/baselines/2022/confirm/", {"seen": page.context["mark"]})
    baseline = Baseline.objects.get()
    text = client.get("/baselines/?year=2022").content.decode()
    assert ("已确认" in text, "没有差异" in text, "/reopen/" in text) == (True, True, False)
    above = client_of(city_approver)
    text = above.get("/baselines/?year=2022").content.decode()
    assert ("10 个确认单位，已确认 1 个" in text, f"/baselines/{baseline.pk}/reopen/" in text) == (True, True)
    assert above.post(f"/baselines/{baseline.pk}/reopen/", {"reason": ""}).status_code == 422
    above.post(f"/baselines/{baseline.pk}/reopen/", {"reason": "漏报一个社区"})
    text = client.get("/baselines/?year=2022").content.decode()
    assert ("已退回" in text, "漏报一个社区" in text) == (True, True)
    assert "确认 31 个" not in client_of(clerk).get("/baselines/?year=2022").content.decode()


def test_baseline_of_a_changed_list_is_refused_with_the_page(client_of: ClientOf, approver: Actor) -> None:
    page = client_of(approver).post("/baselines/2022/confirm/", {"seen": "old"})
    assert (page.status_code, "名单有变化" in page.content.decode()) == (409, True)
    page = client_of(approver).post("/baselines/2022/confirm/")
    assert (page.status_code, "页面已过期，没有保存。" in page.content.decode()) == (409, True)


def test_baselines_as_a_sheet_and_for_the_street(
    client_of: ClientOf, approver: Actor, city_approver: Actor, make_actor: MakeActor
) -> None:
    with acting(approver):
        confirm_baseline(approver.jurisdiction, 2022, actor=approver)
    answer = client_of(city_approver).get("/baselines/?year=2022&format=xlsx")
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = {row[1].value: [cell.value for cell in row[2:7]] for row in sheet.iter_rows(min_row=2)}  # type: ignore[union-attr]
    assert rows["楚雄市"] == ["已确认", 31, 31, 0, 31]
    assert rows["南华县"] == ["未确认", None, 12, None, 12]
    text = client_of(make_actor("532301101", Role.STREET_OFFICER)).get("/baselines/?year=2022").content.decode()
    assert ("楚雄市" in text, "已确认" in text) == (True, True)


def test_a_year_of_no_baseline_is_not_found(client_of: ClientOf, approver: Actor) -> None:
    assert client_of(approver).get("/baselines/?year=2019").status_code == 404
    assert client_of(approver).get("/baselines/?year=abc").status_code == 404


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("rename", {"unit": "532324", "name": "南华区", "code": ""}),
        ("move", {"unit": "532301101", "to": "532324"}),
        ("merge", {"unit": "532324", "into": "532301"}),
        ("zone", {"parent": "5323", "name": "楚雄高新区", "streets": "532301102"}),
    ],
)
def test_reorganisation_is_previewed_and_done(
    client_of: ClientOf, city_administrator: Actor, jurisdiction: Place, kind: str, fields: dict[str, str]
) -> None:
    client, url = client_of(city_administrator), f"/reorganisations/{kind}/"
    assert client.get(url).status_code == 200
    places = {name: jurisdiction(value).pk for name, value in fields.items() if value.startswith("5323")}
    form = entered(**(fields | places))
    page = client.post(url, form)
    assert page.status_code == 200, page.context["form"].errors
    assert "均不变" in page.content.decode()
    assert client.post(url, form | {"confirm": "1", "seen": page.context["preview"].seen}).status_code == 302
    assert JurisdictionChange.objects.get().kind == kind
    assert "楚政发〔2022〕9号" in client.get("/reorganisations/").content.decode()
    assert client.get("/reorganisations/?format=xlsx").status_code == 200


def test_unknown_kinds_are_not_found(
    client_of: ClientOf, clerk: Actor, city_administrator: Actor, community: Find
) -> None:
    assert client_of(clerk).get(f"/communities/{community('532301101008').pk}/change/sell/").status_code == 404
    assert client_of(city_administrator).get("/reorganisations/sell/").status_code == 404


def test_a_code_that_is_left_blank_stays(client_of: ClientOf, city_administrator: Actor, jurisdiction: Place) -> None:
    form = entered(unit=jurisdiction("532324").pk, name="南华区", code="")
    page = client_of(city_administrator).post("/reorganisations/rename/", form)
    assert [one["what"] for one in page.context["preview"].effects] == ["名称", "下级、社区、人员、历年数字"]


def test_a_zone_stands_in_the_preview_and_what_it_takes_over_in_the_list(
    client_of: ClientOf, city_administrator: Actor, jurisdiction: Place, community: Find
) -> None:
    client, one = client_of(city_administrator), community("532301101008")
    made = entered(parent=jurisdiction("5323").pk, name="高新区", communities=community("532301101001").pk)
    shown = client.post("/reorganisations/zone/", made).context["preview"]
    moved = {line.place.name: line.cells[0] for line in shown.figures}
    assert (moved["高新区"], moved["鹿城镇"]) == ((0, 1), (19, 18))
    assert ("人员", "还没有人员") in [(told["what"], told["fate"]) for told in shown.effects]
    client.post("/reorganisations/zone/", made | {"confirm": "1", "seen": shown.seen})
    form = entered(zone=Jurisdiction.objects.get(name="高新区").pk, communities=one.pk)
    seen = client.post("/reorganisations/take-over/", form).context["preview"].seen
    done = client.post("/reorganisations/take-over/", form | {"confirm": "1", "seen": seen}, follow=True)
    step = f"{one}由鹿城镇划归高新区"
    assert f"已登记开发区接管：楚雄彝族自治州高新区；{step}。" in done.content.decode()
    assert f"<div>{step}</div>" in done.content.decode()
    page = client.get(f"/communities/{one.pk}/").content.decode()
    assert f"开发区接管：{step}" in page
    sheet = load_workbook(BytesIO(client.get("/reorganisations/?format=xlsx").content)).worksheets[0]
    assert (str(one), "由鹿城镇划归高新区") in {(row[2], row[3]) for row in sheet.iter_rows(values_only=True)}
