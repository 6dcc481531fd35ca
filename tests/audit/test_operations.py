"""The page 审计 as a clerk reads it: without what machines did, by person, one heading for one operation."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from apps.accounts import access
from apps.accounts.models import AccessEvent, Role, User
from apps.accounts.permissions import Actor
from apps.assessments.domain import submit_assessment
from apps.audit.lines import Entry
from apps.campaigns.domain import mark_pilot
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from apps.core import history
from tests.factories import enrol, fill_in

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
    return district_reviewer


@pytest.fixture
def part(chuxiong: Campaign, clerk: Actor, community: FindCommunity) -> Participation:
    return enrol(community(LONGJIANG), chuxiong, 2022, actor=clerk)


def entries(client: Client, **query: str) -> list[Entry]:
    answer = client.get(reverse("audit_trail"), query)
    assert answer.status_code == 200
    return list(answer.context["entries"])


def said(client: Client, **query: str) -> list[str]:
    return [line.said for entry in entries(client, **query) for line in entry.lines]


def flip(part: Participation, is_pilot: bool) -> None:
    Participation.objects.filter(pk=part.pk).update(is_pilot=is_pilot)


def test_trail_leaves_out_what_machines_did(
    part: Participation, admin: Actor, clerk: Actor, acting: Acting, client_of: ClientOf
) -> None:
    flip(part, True)
    with history.recording(command="tidy"):
        flip(part, False)
    with acting(clerk), history.recording(task="make_renditions"):
        flip(part, True)
    with acting(clerk):
        mark_pilot(part, False, actor=clerk)
    client = client_of(admin)
    assert said(client, **PILOT) == ["试点：是 → 否"]
    with_machines = entries(client, **PILOT, machines="on")
    assert [entry.head.way for entry in with_machines] == ["", "后台任务 make_renditions", "管理命令 tidy", ""]
    assert [entry.head.who for entry in with_machines] == [
        "测试经办人532301", "测试经办人532301", "系统", "系统维护",
    ]  # fmt: skip


def test_trail_keeps_what_somebody_did_before_signing_in(
    part: Participation, admin: Actor, client_of: ClientOf
) -> None:
    with history.recording(address="10.0.0.9", url="POST /activate/"):
        flip(part, True)
    (entry,) = entries(client_of(admin), **PILOT)
    assert (entry.head.who, entry.head.address) == ("未登录", "10.0.0.9")


def test_trail_keeps_what_a_person_did_through_a_command(
    part: Participation, admin: Actor, clerk: Actor, acting: Acting, client_of: ClientOf
) -> None:
    with history.recording(command="seed_demo"), acting(clerk):
        mark_pilot(part, True, actor=clerk)
    assert said(client_of(admin), **PILOT) == ["试点：否 → 是"]


def test_trail_of_one_request_holds_its_machine_steps(part: Participation, admin: Actor, client_of: ClientOf) -> None:
    with history.recording(task="tidy") as facts:
        flip(part, True)
    client = client_of(admin)
    assert said(client, **PILOT) == []
    assert said(client, request=str(facts.id)) == ["试点：否 → 是"]


def test_trail_offers_machines_unticked_and_keeps_the_tick(admin: Actor, client_of: ClientOf) -> None:
    client = client_of(admin)
    page = client.get(reverse("audit_trail"))
    assert page.context["form"]["machines"].label == "包含系统自动处理"
    assert not page.context["form"]["machines"].value()
    assert "包含系统自动处理" in page.content.decode()
    ticked = client.get(reverse("audit_trail"), {"machines": "on"})
    assert ticked.context["form"]["machines"].value()
    assert "machines=on&amp;format=xlsx" in ticked.content.decode()


def test_sheet_leaves_out_machines_as_the_page_does(
    part: Participation, admin: Actor, clerk: Actor, acting: Acting, client_of: ClientOf
) -> None:
    with history.recording(task="tidy"):
        flip(part, True)
    with acting(clerk):
        mark_pilot(part, False, actor=clerk)
    client = client_of(admin)

    def rows(**more: str) -> list[object]:
        answer = client.get(reverse("audit_trail"), PILOT | {"format": "xlsx"} | more)
        sheet = load_workbook(BytesIO(answer.content)).active
        assert sheet is not None
        return [row[8] for row in list(sheet.values)[1:]]

    assert rows() == ["试点：是 → 否"]
    assert rows(machines="on") == ["试点：是 → 否", "试点：否 → 是"]


def test_person_is_found_by_user_name(
    part: Participation, admin: Actor, clerk: Actor, acting: Acting, client_of: ClientOf
) -> None:
    User.objects.filter(pk=clerk.user.pk).update(username="zhao.lin")
    with acting(clerk):
        mark_pilot(part, True, actor=clerk)
        access.record(AccessEvent.Kind.EXPORTED, actor=clerk, subject="楚雄市 社区名单")
    client = client_of(admin)
    found = [line.act for entry in entries(client, person="Zhao.L") for line in entry.lines]
    assert sorted(found) == sorted(["导出", "修改", "新增"])
    assert said(client, person="zhao.wei") == []


def test_person_is_found_by_the_name_then_and_the_name_now(
    part: Participation, admin: Actor, clerk: Actor, acting: Acting, client_of: ClientOf
) -> None:
    with acting(clerk):
        mark_pilot(part, True, actor=clerk)
        access.record(AccessEvent.Kind.EXPORTED, actor=clerk, subject="楚雄市 社区名单")
    User.objects.filter(pk=clerk.user.pk).update(display_name="赵改名")
    client = client_of(admin)
    for name in ("测试经办人532301", "赵改名"):
        assert said(client, **PILOT, person=name) == ["试点：否 → 是"]
        assert said(client, act="export", person=name) == [""]


def test_user_name_of_another_branch_finds_nothing(
    part: Participation, stranger: Actor, clerk: Actor, acting: Acting, client_of: ClientOf, make_actor: MakeActor
) -> None:
    with acting(clerk):
        mark_pilot(part, True, actor=clerk)
    elsewhere = make_actor("12", Role.BUREAU_ADMIN)
    assert entries(client_of(elsewhere), person=clerk.user.username) == []


def test_changes_of_one_request_stand_under_one_heading(
    chuxiong: Campaign, admin: Actor, clerk: Actor, client_of: ClientOf, community: FindCommunity
) -> None:
    codes = (LONGJIANG, SECOND, THIRD)
    client_of(clerk).post(reverse("plan"), {"community": [community(code).pk for code in codes]})
    client = client_of(admin)
    (entry,) = entries(client, thing="campaigns.participation")
    assert (entry.head.name, entry.head.act) == (entry.lines[0].name, "新增")
    assert sorted(line.name for line in entry.lines) == sorted(f"{community(code)} 2022" for code in codes)
    assert entry.rest == entry.lines[1:]
    html = client.get(reverse("audit_trail"), {"thing": "campaigns.participation"}).content.decode()
    assert html.count("同一操作另有 2 项") == 1
    for line in entry.lines:
        assert f"{line.name}" in html
    sheet = client.get(reverse("audit_trail"), {"thing": "campaigns.participation", "format": "xlsx"})
    book = load_workbook(BytesIO(sheet.content)).active
    assert book is not None
    assert book.max_row == 4


def test_heading_names_the_step_where_there_is_one(
    part: Participation, admin: Actor, street_officer: Actor, acting: Acting, client_of: ClientOf
) -> None:
    assessment = fill_in(part, actor=street_officer)
    with acting(street_officer):
        submit_assessment(assessment, actor=street_officer)
    client = client_of(admin)
    step = entries(client, thing="assessments.reviewaction")[0].head
    (entry,) = entries(client, request=str(step.request))
    assert (entry.head.thing, entry.head.act) == ("办理记录", "新增")
    assert "提交自评" in entry.head.name
    assert {"自评", "参与创建"} <= {line.thing for line in entry.rest}


def test_heading_names_what_was_recorded_of_access(
    part: Participation, admin: Actor, clerk: Actor, acting: Acting, client_of: ClientOf
) -> None:
    with acting(clerk):
        access.record(AccessEvent.Kind.GRANTED, actor=clerk, subject="某人")
        mark_pilot(part, True, actor=clerk)
    entry = entries(client_of(admin), person=clerk.user.display_name)[0]
    assert [line.act for line in entry.lines] == ["授予任职", "修改"]


def test_changes_without_a_request_stand_alone(part: Participation, admin: Actor, client_of: ClientOf) -> None:
    flip(part, True)
    flip(part, False)
    found = entries(client_of(admin), **PILOT, machines="on")
    assert [len(entry.lines) for entry in found] == [1, 1]


def test_page_costs_the_same_with_person_and_many_in_one_request(
    part: Participation, chuxiong: Campaign, admin: Actor, clerk: Actor, community: FindCommunity,
    acting: Acting, client_of: ClientOf,
) -> None:  # fmt: skip
    client = client_of(admin)
    query = {"thing": "campaigns.participation", "person": clerk.user.username}

    def cost(shown: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(reverse("audit_trail"), query)
        assert len(answer.context["lines"]) == shown
        return len(queries)

    client.get(reverse("audit_trail"), query)
    one = cost(1)
    with acting(clerk):
        for code in (SECOND, THIRD):
            enrol(community(code), chuxiong, 2022, actor=clerk)
    assert cost(3) == one
