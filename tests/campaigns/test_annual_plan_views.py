"""Annual plans in the browser: state and buttons on the plan, the second look, deciding singly and in bulk, xlsx, to-dos, inbox."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags
from openpyxl import load_workbook

from apps.accounts.acting import acting
from apps.accounts.models import AccessEvent, Role
from apps.accounts.permissions import Actor
from apps.campaigns.annual_plans import accept_plan, listed_in, return_plan, submit_plan, version_of, withdraw_plan
from apps.campaigns.domain import enrol_communities
from apps.campaigns.models import AnnualPlan, Campaign, Participation, Target, TransferredFigures
from apps.campaigns.running import close_campaign
from apps.communities.models import Community
from apps.core import clock
from apps.dashboard.todos import todos_of
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.domain import occasions_nobody_was_told_of, tell_of_occasion
from apps.notifications.models import Notification
from apps.reorganisations.baselines import confirm_baseline
from tests.factories import enrol
from tests.pages import text

ClientOf = Callable[[Actor], Client]
Find = Callable[[str], Jurisdiction]
MakeActor = Callable[[str, Role], Actor]
PLAN = "/plan/?campaign=chuxiong-2021&year=2022"
SUBMIT = "/plan/submit/?campaign=chuxiong-2021&year=2022"


@pytest.fixture
def city(jurisdiction: Find) -> list[Community]:
    return list(Community.objects.below(jurisdiction("532301").path).in_code_order())


def submitted(campaign: Campaign, actor: Actor, year: int = 2022) -> AnnualPlan:
    with acting(actor):
        seen = version_of(listed_in(campaign, actor.jurisdiction, year))
        return submit_plan(campaign, actor.jurisdiction, year, actor=actor, seen=seen, explanation="明年补齐")


def test_submit_asks_for_the_explanation_and_keeps_what_was_typed(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, client_of: ClientOf
) -> None:
    enrol(city[0], chuxiong, 2022, is_pilot=True, actor=district_reviewer)
    client = client_of(district_reviewer)
    page = client.get(SUBMIT)
    assert "1 个社区，其中试点 1 个" in text(page)
    assert "累计列入 1 个，比目标 19 个少 18 个" in text(page)
    version = page.context["version"]
    assert ("（选填）" in text(page), page.context["form"].fields["explanation"].required) == (False, True)
    refused = client.post(SUBMIT, {"version": version, "explanation": " "})
    assert (refused.status_code, "可以上报，请先填写说明。" in text(refused)) == (422, True)
    outdated = client.post(SUBMIT, {"version": "", "explanation": "明年补齐"})
    assert (outdated.status_code, "页面已过期，没有保存。" in text(outdated)) == (409, True)
    stale = client.post(SUBMIT, {"version": "old", "explanation": "明年补齐"})
    assert (stale.status_code, "明年补齐" in text(stale)) == (409, True)
    stale = client.post(SUBMIT, {"version": "old", "explanation": ""})
    assert (stale.status_code, "又有改动，还没有上报" in text(stale)) == (409, True)
    done = client.post(SUBMIT, {"version": version, "explanation": "明年补齐"}, follow=True)
    assert "楚雄市 2022 年计划已上报，等待上级审核。" in text(done)
    assert AnnualPlan.objects.get().communities == 1


def test_submit_of_a_plan_that_lacks_nothing_may_be_explained(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, client_of: ClientOf
) -> None:
    for one in city[:19]:
        enrol(one, chuxiong, 2022, actor=district_reviewer)
    client = client_of(district_reviewer)
    page = client.get(SUBMIT)
    assert "说明（选填）" in text(page).replace(" ", "")
    assert "够目标，没有试点规定。" in text(page)
    assert client.post(SUBMIT, {"version": page.context["version"], "explanation": ""}).status_code == 302


def test_submit_names_only_what_the_plan_was_measured_by(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, client_of: ClientOf
) -> None:
    street = city[0].jurisdiction
    pilots = {"year": 2022, "kind": Target.Kind.PILOTS_PER_STREET, "value": Decimal(1)}
    Target.objects.filter(campaign=chuxiong).delete()
    enrol(city[0], chuxiong, 2022, is_pilot=True, actor=district_reviewer)
    client = client_of(district_reviewer)
    assert "没有设目标，没有试点规定。" in text(client.get(SUBMIT))
    Target.objects.create(campaign=chuxiong, jurisdiction=street, **pilots)
    assert "没有设目标，各街道（镇、乡）试点符合规定。" in text(client.get(SUBMIT))


def test_a_waiting_plan_shows_who_has_it_and_offers_no_ticks(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, client_of: ClientOf
) -> None:
    enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    submitted(chuxiong, district_reviewer)
    client = client_of(district_reviewer)
    page = client.get(PLAN)
    assert "等待楚雄彝族自治州审核；审核前计划锁定，要改动的先撤回。" in text(page)
    assert 'name="community"' not in page.content.decode()
    refused = client.post(PLAN, {"community": city[1].pk})
    assert (refused.status_code, "现在不能改动" in text(refused)) == (422, True)
    plan = AnnualPlan.objects.get()
    stale = client.post(f"/plans/{plan.pk}/withdraw/", {"round": plan.round + 1})
    assert (stale.status_code, "没有撤回" in stale.text) == (409, True)
    done = client.post(f"/plans/{plan.pk}/withdraw/", {"round": plan.round}, follow=True)
    assert "已撤回，可以改动，改好后重新上报。" in text(done)
    assert 'name="community"' in done.content.decode()


def test_the_level_above_decides_on_the_page_of_the_plan(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, city_approver: Actor, client_of: ClientOf
) -> None:
    enrol(city[0], chuxiong, 2022, is_pilot=True, actor=district_reviewer)
    plan = submitted(chuxiong, district_reviewer)
    client = client_of(city_approver)
    page = client.get(f"/plans/{plan.pk}/")
    assert page.context["may_decide"]
    assert "楚雄市2022年绿色社区创建计划" in text(page)
    refused = client.post(f"/plans/{plan.pk}/return/", {"round": 1, "reason": " "})
    assert (refused.status_code, "请填写退回理由。" in text(refused)) == (422, True)
    done = client.post(f"/plans/{plan.pk}/accept/", {"round": 1}, follow=True)
    assert "已同意。以后的改动须说明理由，并告知本级。" in text(done)
    assert not done.context["may_decide"]
    late = client.post(f"/plans/{plan.pk}/return/", {"round": 1, "reason": "晚了"})
    assert (late.status_code, "不能再办理" in text(late)) == (409, True)


def test_an_accepted_plan_takes_changes_with_the_reason_of_the_page(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, city_approver: Actor, client_of: ClientOf
) -> None:
    enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    plan = submitted(chuxiong, district_reviewer)
    with acting(city_approver):
        accept_plan(plan, actor=city_approver, seen=1)
    client = client_of(district_reviewer)
    refused = client.post(PLAN, {"community": city[1].pk, "reason": "", "document_number": "楚市住建〔2022〕3号"})
    assert (refused.status_code, "请填写调整理由。" in text(refused)) == (422, True)
    assert "楚市住建〔2022〕3号" in refused.content.decode()
    too_long = client.post(PLAN, {"community": city[1].pk, "reason": "长" * 1001})
    assert (too_long.status_code, "调整理由过长" in text(too_long)) == (422, True)
    done = client.post(PLAN, {"community": city[1].pk, "reason": "新增"}, follow=True)
    assert "同意后的调整 1 次" in text(done)
    address = f"/plan/{city[1].pk}/pilot/?campaign=chuxiong-2021&year=2022"
    htmx = {"HX-Request": "true"}
    assert client.post(address, {"is_pilot": "1"}, headers=htmx).status_code == 422
    assert client.post(address, {"is_pilot": "1", "reason": "试点"}, headers=htmx).status_code == 200
    assert client.post(f"/plan/{city[1].pk}/remove/?campaign=chuxiong-2021&year=2022").status_code == 422
    assert Participation.objects.filter(year=2022).count() == 2
    assert "新增" in text(client_of(city_approver).get(f"/plans/{plan.pk}/"))


def test_the_overview_filters_by_state_and_accepts_in_bulk(
    chuxiong: Campaign,
    district_reviewer: Actor,
    city_approver: Actor,
    make_actor: MakeActor,
    client_of: ClientOf,
) -> None:
    first, second = submitted(chuxiong, district_reviewer), submitted(chuxiong, make_actor("532302", Role.STAFF))
    client = client_of(city_approver)
    page = client.get(PLAN)
    assert [(label, number) for _, label, number, _ in page.context["state_tabs"]] == [
        ("全部", 10),
        ("未上报", 8),
        ("已上报", 2),
        ("已退回", 0),
        ("已同意", 0),
        ("未列够", 10),
    ]
    waiting = client.get(f"{PLAN}&state=submitted")
    assert [row[0].jurisdiction.name for row in waiting.context["rows"]] == ["楚雄市", "禄丰市"]
    address = "/plans/accept/?campaign=chuxiong-2021&year=2022"
    assert client.post(address, {}).status_code == 422
    done = client.post(address, {"plan": [f"{first.pk}:1", f"{second.pk}:1"]}, follow=True)
    assert "已同意 2 份 2022 年计划：" in text(done)
    assert not done.context["may_accept"]
    province = client_of(make_actor("53", Role.APPROVER)).get(PLAN, follow=True)
    assert not province.context["may_accept"]


def test_the_overview_as_xlsx(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, city_approver: Actor, client_of: ClientOf
) -> None:
    enrol(city[0], chuxiong, 2022, is_pilot=True, actor=district_reviewer)
    submitted(chuxiong, district_reviewer)
    client = client_of(city_approver)
    assert "format=xlsx" in client.get(PLAN).text
    sheet = load_workbook(BytesIO(client.get(f"{PLAN}&state=submitted&format=xlsx").content)).active
    assert sheet is not None
    head, first, total = sheet.iter_rows(values_only=True)
    assert head[:4] == ("区划代码", "辖区", "计划状态", "底数")
    lacking = "累计列入 1 个，比目标 19 个少 18 个"
    assert first == ("532301000000", "楚雄市", "已上报", 31, 0, 1, 1, 0.0323, 19, 18, lacking, "明年补齐")
    assert total[:11] == ("532300000000", "楚雄彝族自治州", None, 163, 0, 1, 1, 0.0061, 98, 97, None)
    assert AccessEvent.objects.filter(kind="exported").get().subject == "楚雄彝族自治州2022年各地绿色社区创建计划"
    AnnualPlan.objects.update(status="accepted")
    sheet = load_workbook(BytesIO(client.get(f"{PLAN}&state=accepted&format=xlsx").content)).active
    assert sheet is not None
    head, first, _ = sheet.iter_rows(values_only=True)
    assert dict(zip(head[-2:], first[-2:], strict=True)) == {
        "不足（待本级审核的，按现在的目标和底数）": None,
        "说明": "明年补齐",
    }


def test_accepting_in_bulk_keeps_the_number_of_queries(
    chuxiong: Campaign,
    city_approver: Actor,
    make_actor: MakeActor,
    client_of: ClientOf,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    client, counts = client_of(city_approver), []
    for codes in (["532301"], ["532302", "532322", "532323"]):
        plans = [submitted(chuxiong, make_actor(code, Role.STAFF)) for code in codes]
        with django_assert_max_num_queries(25) as captured:
            client.post("/plans/accept/?campaign=chuxiong-2021&year=2022", {"plan": [f"{one.pk}:1" for one in plans]})
        counts.append(len(captured))
        assert AnnualPlan.objects.filter(status="accepted").count() == len(counts) ** 2
    assert counts[0] == counts[1]


def test_the_overview_keeps_the_number_of_queries(
    chuxiong: Campaign,
    city_approver: Actor,
    make_actor: MakeActor,
    client_of: ClientOf,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    client, counts = client_of(city_approver), []
    pilots_rule(chuxiong)
    for codes in (["532301"], ["532302", "532322"]):
        for code in codes:
            submitted(chuxiong, make_actor(code, Role.STAFF))
        with django_assert_max_num_queries(25) as captured:
            client.get(PLAN)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_plan_as_xlsx_and_its_queries(
    chuxiong: Campaign,
    city: list[Community],
    district_reviewer: Actor,
    client_of: ClientOf,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    enrol(city[1], chuxiong, 2022, actor=district_reviewer)
    enrol(city[0], chuxiong, 2022, is_pilot=True, actor=district_reviewer)
    plan, client = submitted(chuxiong, district_reviewer), client_of(district_reviewer)
    with django_assert_max_num_queries(25):
        client.get(f"/plans/{plan.pk}/")
    sheet = load_workbook(BytesIO(client.get(f"/plans/{plan.pk}/?format=xlsx").content)).active
    assert sheet is not None
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    street = city[0].jurisdiction.name
    assert [1, street, city[0].short_name, city[0].code, "是", "未填报"] in rows
    assert [2, street, city[1].short_name, city[1].code, "未填报"] in [
        [one for one in row if one != ""] for row in rows
    ]


def test_todos_tell_of_waiting_and_returned_plans(
    chuxiong: Campaign, district_reviewer: Actor, city_approver: Actor
) -> None:
    plan = submitted(chuxiong, district_reviewer)
    with acting(city_approver):
        waiting = [one for one in todos_of(city_approver) if one.kind == "年度计划"]
        return_plan(plan, "试点太少", actor=city_approver, seen=1)
    assert [(one.title, one.note, one.url) for one in waiting] == [
        (
            "楚雄市 2022 年计划",
            "楚雄州绿色社区创建行动：0 个社区，试点 0 个，有不足说明",
            f"/plans/{plan.pk}/",
        )
    ]
    with acting(district_reviewer):
        returned = [one for one in todos_of(district_reviewer) if one.kind == "退回"]
    assert [(one.title, one.note) for one in returned] == [
        ("2022 年计划", "楚雄州绿色社区创建行动：楚雄彝族自治州退回，理由：试点太少")
    ]


def test_inbox_tells_of_each_step(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, city_approver: Actor
) -> None:
    plan = submitted(chuxiong, district_reviewer)
    tell_of_occasion("plan", plan.pk)
    with acting(city_approver):
        return_plan(plan, "试点太少", actor=city_approver, seen=1)
    tell_of_occasion("plan-decided", plan.pk)
    plan = submitted(chuxiong, district_reviewer)
    with acting(city_approver):
        accept_plan(plan, actor=city_approver, seen=2)
    tell_of_occasion("plan-decided", plan.pk)
    with acting(district_reviewer):
        enrol_communities(chuxiong, 2022, city[:1], actor=district_reviewer, reason="新增")
    tell_of_occasion("plan-change", plan.changes.get().pk)
    told = Notification.objects.order_by("pk").values_list("user", "kind", "title", "key")
    above, below = city_approver.user.pk, district_reviewer.user.pk
    assert list(told) == [
        (above, "plan", "楚雄市 2022 年计划待审核", f"plan:{plan.pk}:1"),
        (below, "returned", "楚雄彝族自治州退回楚雄市 2022 年计划", f"plan-decided:{plan.pk}:1"),
        (below, "plan", "楚雄市 2022 年计划已同意", f"plan-decided:{plan.pk}:2"),
        (above, "plan", "楚雄市 2022 年计划已同意后有调整", f"plan-change:{plan.changes.get().pk}"),
    ]


def test_the_plan_of_a_closed_campaign_offers_no_button(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, make_actor: MakeActor, client_of: ClientOf
) -> None:
    enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    administrator = make_actor("5323", Role.BUREAU_ADMIN)
    with acting(administrator):
        close_campaign(chuxiong, actor=administrator, reason="期满")
    page = client_of(district_reviewer).get(PLAN)
    assert "已结束，只能查看" in text(page)
    assert 'name="community"' not in page.content.decode()
    assert "调出" not in text(page)
    assert "上报计划" not in text(page)


def test_the_reason_of_a_change_is_asked_for_beside_its_field_and_cleared_when_taken(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, city_approver: Actor, client_of: ClientOf
) -> None:
    enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    plan = submitted(chuxiong, district_reviewer)
    with acting(city_approver):
        accept_plan(plan, actor=city_approver, seen=1)
    client, htmx = client_of(district_reviewer), {"HX-Request": "true"}
    address = f"/plan/{city[0].pk}/pilot/?campaign=chuxiong-2021&year=2022"
    assert "调整理由（必填）" in text(client.get(PLAN)).replace(" ", "")
    data = {"is_pilot": "1", "reason": " ", "document_number": "楚市住建〔2022〕3号"}
    refused = client.post(address, data, headers=htmx)
    html = refused.content.decode()
    assert (refused.status_code, 'id="id_reason_error"' in html, "data-problem" in html) == (422, True, False)
    assert "请填写调整理由。" in text(refused)
    assert "楚市住建〔2022〕3号" in html
    page = client.post(address, data)
    assert (page.status_code, "请填写调整理由。" in text(page), "没有改动" in text(page)) == (422, True, True)
    assert not Participation.objects.filter(is_pilot=True).exists()
    done = client.post(address, data | {"reason": "新的试点要求"}, headers=htmx)
    fields = done.content.decode().partition('id="plan-why"')[2].partition("</fieldset>")[0]
    assert (done.status_code, "新的试点要求" in fields, "楚市住建〔2022〕3号" in fields) == (200, False, False)
    assert 'id="id_reason"' in fields


def test_the_overview_says_who_lacks_communities_while_the_whole_has_enough(
    chuxiong: Campaign, city: list[Community], jurisdiction: Find, city_approver: Actor, client_of: ClientOf
) -> None:
    lufeng = Community.objects.below(jurisdiction("532302").path).in_code_order()
    for one in [*city, *lufeng, *Community.objects.below(jurisdiction("532326").path)]:
        enrol(one, chuxiong, 2022)
    page = client_of(city_approver).get(PLAN)
    figure = next(one for one in page.context["figures"] if one["label"] == "还需列入")
    said = " ".join(strip_tags(figure["note"]).split())
    assert (figure["value"], figure["tone"]) == (0, "warning")
    assert said == "合计已够目标数；另有 7 个下级未列够：双柏县、牟定县、南华县、姚安县、永仁县等"
    short = client_of(city_approver).get(f"{PLAN}&state=short")
    assert len(short.context["rows"]) == 7
    assert "&amp;state=short" in figure["note"]


def test_the_overview_says_how_many_plans_there_should_be_and_whose_are_missing(
    chuxiong: Campaign, district_reviewer: Actor, city_approver: Actor, make_actor: MakeActor, client_of: ClientOf
) -> None:
    submitted(chuxiong, district_reviewer)
    back = submitted(chuxiong, make_actor("532302", Role.STAFF))
    with acting(city_approver):
        return_plan(back, "试点太少", actor=city_approver, seen=1)
    page = text(client_of(city_approver).get(PLAN))
    assert "编制计划的单位：已报 1 / 应报 10" in page
    assert "直属下级 全部 10" in page
    assert "未报 9 个：禄丰市（退回修改）、双柏县、" in page
    province = client_of(make_actor("53", Role.APPROVER)).get("/plan/?campaign=national-2020&year=2022")
    said = text(province)
    assert "已报 1 / 应报" in said
    assert "楚雄彝族自治州双柏县" in said
    row = next(one for one in province.context["rows"] if one[0].jurisdiction.name == "楚雄彝族自治州")
    assert row[2].words == [("已上报", 1), ("已退回", 1)]


def test_the_overview_counts_a_unit_with_plans_in_two_campaigns_once(
    chuxiong: Campaign, district_reviewer: Actor, city_approver: Actor, make_actor: MakeActor, client_of: ClientOf
) -> None:
    """By the one in the nearest campaign: the other was made before there was a campaign of the prefecture."""
    nation, place = Campaign.objects.get(code="national-2020"), district_reviewer.jurisdiction
    by = {"submitted_at": clock.now(), "submitted_by": district_reviewer.user}
    AnnualPlan.objects.create(campaign=nation, jurisdiction=place, year=2022, status="submitted", **by)
    back = submitted(chuxiong, district_reviewer)
    with acting(city_approver):
        return_plan(back, "试点太少", actor=city_approver, seen=1)
    page = client_of(make_actor("53", Role.APPROVER)).get("/plan/?campaign=national-2020&year=2022")
    row = next(one for one in page.context["rows"] if one[0].jurisdiction.name == "楚雄彝族自治州")
    assert row[2].words == [("已退回", 1)]
    assert "楚雄彝族自治州楚雄市（退回修改）" in text(page)


def pilots_rule(campaign: Campaign) -> Target:
    values = {"year": 2022, "kind": Target.Kind.PILOTS_PER_STREET, "value": Decimal(1)}
    return Target.objects.create(campaign=campaign, jurisdiction=campaign.jurisdiction, **values)


def test_whoever_decides_sees_what_each_plan_lacks_and_why(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, city_approver: Actor, client_of: ClientOf
) -> None:
    pilots_rule(chuxiong)
    enrol(city[0], chuxiong, 2022, is_pilot=True, actor=district_reviewer)
    plan, client = submitted(chuxiong, district_reviewer), client_of(city_approver)
    overview, page = client.get(PLAN), text(client.get(f"/plans/{plan.pk}/"))
    communities = "累计列入 1 个，比目标 19 个少 18 个"
    states = next(row[2] for row in overview.context["rows"] if row[2].chosen_as)
    assert states.lacking[0] == communities
    assert states.lacking[1].endswith("个街道（镇、乡）的试点少于规定的至少 1 个")
    for lacking in states.lacking:
        assert lacking in page
    assert f"不足（按现在的目标和底数）：{communities}；" in text(overview)
    assert "按现在的目标和底数" in page
    assert "说明：明年补齐" in text(overview)
    assert f"楚雄市 1 个社区（按现在的目标和底数，{communities}；" in states.question
    assert states.question.endswith("；说明：明年补齐）")
    assert 'data-plan-named="楚雄市 1 个社区（按现在的目标和底数，' in overview.content.decode()
    assert "js/acceptance.js" in overview.content.decode()
    AnnualPlan.objects.update(explanation="")
    for address in (PLAN, f"/plans/{plan.pk}/"):
        assert "没有填写" in text(client.get(address))


def test_a_plan_that_lacks_nothing_says_so(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, city_approver: Actor, client_of: ClientOf
) -> None:
    for one in city[:19]:
        enrol(one, chuxiong, 2022, actor=district_reviewer)
    plan, client = submitted(chuxiong, district_reviewer), client_of(city_approver)
    AnnualPlan.objects.update(explanation="")
    assert "不足 没有" in text(client.get(f"/plans/{plan.pk}/"))
    states = next(row[2] for row in client.get(PLAN).context["rows"] if row[2].chosen_as)
    assert (states.lacking, states.question) == ([], "楚雄市 19 个社区")


def test_a_return_that_comes_too_late_says_what_happened_and_keeps_the_reason(
    chuxiong: Campaign, district_reviewer: Actor, city_approver: Actor, client_of: ClientOf
) -> None:
    plan, client = submitted(chuxiong, district_reviewer), client_of(city_approver)
    address, typed = f"/plans/{plan.pk}/return/", {"round": "1", "reason": "鹿城镇试点太少"}
    with acting(district_reviewer):
        withdraw_plan(plan, actor=district_reviewer)
    withdrawn = client.post(address, typed)
    assert (withdrawn.status_code, "已由楚雄市撤回，还没有重新上报" in text(withdrawn)) == (409, True)
    assert "您填写的退回理由 鹿城镇试点太少" in text(withdrawn)
    submitted(chuxiong, district_reviewer)
    again = client.post(address, typed)
    assert (again.status_code, "已撤回修改、重新上报" in text(again)) == (409, True)
    html = " ".join(again.content.decode().split())
    assert ('value="鹿城镇试点太少"' in html, 'name="round" value="2"' in html) == (True, True)
    stale = client.post(f"/plans/{plan.pk}/accept/", {"round": "1"})
    assert (stale.status_code, "没有同意" in text(stale), stale.context["may_decide"]) == (409, True, True)
    with acting(city_approver):
        accept_plan(plan, actor=city_approver, seen=2)
    decided = client.post(address, typed | {"round": "2"})
    assert (decided.status_code, "不能再办理" in text(decided), "鹿城镇试点太少" in text(decided)) == (409, True, True)
    plan.refresh_from_db()
    assert plan.is_accepted


def test_a_colleagues_return_is_told_and_loses_nobodys_reason(
    chuxiong: Campaign,
    district_reviewer: Actor,
    city_approver: Actor,
    make_actor: MakeActor,
    client_of: ClientOf,
) -> None:
    plan, colleague = submitted(chuxiong, district_reviewer), make_actor("5323", Role.STAFF)
    with acting(colleague):
        return_plan(plan, "名单有误", actor=colleague, seen=1)
    refused = client_of(city_approver).post(f"/plans/{plan.pk}/return/", {"round": "1", "reason": "鹿城镇试点太少"})
    assert (refused.status_code, "没有退回" in text(refused)) == (409, True)
    assert f"由楚雄彝族自治州{colleague.user}退回，不能再办理" in text(refused)
    assert "您填写的退回理由 鹿城镇试点太少" in text(refused)
    plan.refresh_from_db()
    assert (plan.return_reason, plan.decided_by) == ("名单有误", colleague.user)


def test_the_plan_and_the_overview_ask_pilots_of_the_same_streets(
    chuxiong: Campaign,
    city: list[Community],
    district_reviewer: Actor,
    city_approver: Actor,
    make_actor: MakeActor,
    client_of: ClientOf,
) -> None:
    """Not of one whose communities are closed after they were counted, nor of the district for what a transfer left there."""
    pilots_rule(chuxiong)
    place, approver = district_reviewer.jurisdiction, make_actor("532301", Role.APPROVER)
    gone = city[-1].jurisdiction
    for one in city:
        if one.jurisdiction != gone:
            enrol(one, chuxiong, 2022, is_pilot=True, actor=district_reviewer)
    with acting(approver):
        confirm_baseline(place, 2022, actor=approver)
    Community.objects.filter(jurisdiction=gone).update(closed_on=date(2022, 6, 1))
    TransferredFigures.objects.create(jurisdiction=place, year=2022, base=1, effective_on=date(2023, 3, 1))
    plan, client = submitted(chuxiong, district_reviewer), client_of(city_approver)
    assert client.get(f"/plans/{plan.pk}/").context["lacking"] == []
    states = next(row[2] for row in client.get(PLAN).context["rows"] if row[2].chosen_as)
    assert states.lacking == []


@pytest.mark.parametrize("round_", ["x", "", "1x", "9" * 30])
def test_spoilt_hidden_fields_say_that_the_page_is_out_of_date(
    chuxiong: Campaign, district_reviewer: Actor, city_approver: Actor, client_of: ClientOf, round_: str
) -> None:
    plan, client = submitted(chuxiong, district_reviewer), client_of(city_approver)
    for address, data in (
        (f"/plans/{plan.pk}/accept/", {"round": round_}),
        (f"/plans/{plan.pk}/return/", {"round": round_, "reason": "试点太少"}),
        ("/plans/accept/?campaign=chuxiong-2021&year=2022", {"plan": f"{plan.pk}:{round_}"}),
        ("/plans/accept/?campaign=chuxiong-2021&year=2022", {"plan": ["x", f"{plan.pk}:1"]}),
    ):
        refused = client.post(address, data)
        assert (refused.status_code, "页面已过期，没有保存。" in text(refused)) == (409, True), address
    plan.refresh_from_db()
    assert plan.is_waiting


def test_spoilt_ticks_of_communities_say_that_the_page_is_out_of_date(
    chuxiong: Campaign, city: list[Community], district_reviewer: Actor, client_of: ClientOf
) -> None:
    client = client_of(district_reviewer)
    refused = client.post(PLAN, {"community": ["x"]})
    assert (refused.status_code, "页面已过期，没有保存。" in text(refused)) == (422, True)
    enrol(city[0], chuxiong, 2022, actor=district_reviewer)
    address = f"/plan/{city[0].pk}/pilot/?campaign=chuxiong-2021&year=2022"
    refused = client.post(address, {"is_pilot": "x"})
    assert (refused.status_code, "页面已过期，没有保存。" in text(refused)) == (409, True)


def test_messages_of_a_plan_are_read_once_it_is_settled(
    chuxiong: Campaign, district_reviewer: Actor, city_approver: Actor
) -> None:
    def unread() -> list[str]:
        return sorted(Notification.objects.unread().values_list("key", flat=True))

    plan = submitted(chuxiong, district_reviewer)
    tell_of_occasion("plan", plan.pk)
    assert unread() == [f"plan:{plan.pk}:1"]
    with acting(city_approver):
        return_plan(plan, "试点太少", actor=city_approver, seen=1)
    tell_of_occasion("plan-decided", plan.pk)
    assert unread() == [f"plan-decided:{plan.pk}:1"]
    plan = submitted(chuxiong, district_reviewer)
    tell_of_occasion("plan", plan.pk)
    assert unread() == [f"plan:{plan.pk}:2"]
    with acting(district_reviewer):
        withdraw_plan(plan, actor=district_reviewer)
    tell_of_occasion("plan-withdrawn", plan.pk)
    assert unread() == []
    # It is told to nobody, and the beat does not look for whom.
    assert occasions_nobody_was_told_of() == []
