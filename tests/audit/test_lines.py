"""The words of the trail: exact, in the field's terms, also for what is gone, moved or secret."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from apps.accounts import access
from apps.accounts.domain import end_membership, grant_membership
from apps.accounts.models import AccessEvent, Contact, Membership, Role, User
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, CriterionResult
from apps.audit.lines import Line, entries_of, lines_of
from apps.audit.names import Names
from apps.audit.sources import secret_fields, source_of, sources
from apps.audit.trail import Asked, find
from apps.campaigns.domain import mark_pilot, remove_from_plan
from apps.campaigns.models import Campaign, Milestone, Target
from apps.campaigns.targets import set_target
from apps.communities.models import Community
from apps.core import history
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Standard
from tests.factories import enrol, fill_in

Acting = Callable[[Actor], AbstractContextManager[None]]
FindJurisdiction = Callable[[str], Jurisdiction]
FindCommunity = Callable[[str], Community]
MakeActor = Callable[[str, Role], Actor]

LONGJIANG = "532301101006"


def trail(path: str = "000001", **asked: Any) -> list[Line]:
    """The trail as the owner reads it, without what the fixtures of the session have loaded."""
    lines = lines_of(find(Asked(path="", **asked), limit=60))
    return [one for one in lines if not one.way.startswith("管理命令 load_")]


def last(thing: str) -> Line:
    return next(one for one in trail() if one.thing == thing)


@pytest.fixture
def admin(make_actor: MakeActor) -> Actor:
    return make_actor("532301", Role.BUREAU_ADMIN)


def test_new_row_is_told_with_its_values(
    chuxiong: Campaign, district_reviewer: Actor, community: FindCommunity, jurisdiction: FindJurisdiction
) -> None:
    enrol(community(LONGJIANG), chuxiong, 2022, actor=district_reviewer, is_pilot=True)
    line = last("参与创建")
    assert (line.act, line.name, line.who, line.unit, line.role) == (
        "新增", "龙江社区 2022", "测试经办人532301", "楚雄市", "经办人",
    )  # fmt: skip
    told = [one.words for one in line.changes if one.label != "列入时间"]
    assert told == [
        "创建行动：楚雄州绿色社区创建行动", "计划年度：2022", "试点：是", "进度：未填报", "列入人：测试经办人532301",
    ]  # fmt: skip
    assert line.place == "云南省楚雄彝族自治州楚雄市鹿城镇"


def test_change_is_told_with_old_and_new_value(
    chuxiong: Campaign, district_reviewer: Actor, community: FindCommunity, acting: Acting
) -> None:
    part = enrol(community(LONGJIANG), chuxiong, 2022, actor=district_reviewer)
    with acting(district_reviewer):
        mark_pilot(part, True, actor=district_reviewer)
    line = last("参与创建")
    assert (line.act, line.name, line.said) == ("修改", "龙江社区 2022", "试点：否 → 是")


def test_deleted_row_stays_readable(
    chuxiong: Campaign, district_reviewer: Actor, community: FindCommunity, acting: Acting
) -> None:
    part = enrol(community(LONGJIANG), chuxiong, 2022, actor=district_reviewer)
    with acting(district_reviewer):
        remove_from_plan(part, actor=district_reviewer)
    line = last("参与创建")
    assert (line.act, line.name) == ("删除", "龙江社区 2022")
    assert line.changes[0].words == "创建行动：楚雄州绿色社区创建行动"
    assert dict(line.fields)["城市社区"] == "龙江社区"


def test_row_whose_parent_is_gone_is_named_from_the_parents_last_snapshot(
    chuxiong: Campaign, street_officer: Actor, community: FindCommunity
) -> None:
    assessment = fill_in(enrol(community(LONGJIANG), chuxiong, 2022), actor=street_officer)
    participation = assessment.participation
    assessment.delete()
    participation.delete()
    line = last("条目结果")
    assert (line.act, line.name.split(" 第 ")[0]) == ("删除", "龙江社区 2022 年自评")
    assert last("自评").name == "龙江社区 2022 年自评"


def test_choices_numbers_dates_and_lists_are_told_in_words(
    chuxiong: Campaign, city_approver: Actor, make_actor: MakeActor, acting: Acting, jurisdiction: FindJurisdiction
) -> None:
    campaign_admin = make_actor("5323", Role.BUREAU_ADMIN)
    with acting(campaign_admin):
        set_target(chuxiong, jurisdiction("532301"), 2022, Decimal("66.5"), actor=campaign_admin)
        set_target(chuxiong, jurisdiction("532301"), 2022, Decimal(70), actor=campaign_admin)
        Campaign.objects.filter(pk=chuxiong.pk).update(
            issued_on=date(2021, 2, 1), lead_departments=["发改委", "民政局"], needs_second_approval=True
        )
    assert last("创建目标").said == "目标值：66.5 → 70"
    said = [one for one in last("创建行动").said.split("；") if not one.startswith("参与部门")]
    assert said[-1] == "认定和摘牌须第二人复核：否 → 是"
    assert last("创建行动").said.split("参与部门：")[1].split("；")[0].endswith(" → 发改委、民政局")
    milestone = Milestone.objects.filter(campaign=chuxiong).first()
    assert milestone is not None
    milestone.dates = [date(2022, 6, 30), date(2022, 12, 31)]
    milestone.kind = Milestone.Kind.PILOTS
    milestone.save()
    words = {one.label: one.after for one in last("里程碑").changes}
    assert words["期限"] == "2022-06-30、2022-12-31"


def test_time_is_told_in_local_time(street_officer: Actor) -> None:
    User.objects.filter(pk=street_officer.user.pk).update(departed_at=datetime(2022, 8, 15, 20, 30, tzinfo=UTC))
    assert last("用户").said == "离岗时间：（空） → 2022-08-16 04:30:00"


def test_long_text_and_json_are_cut(chuxiong: Campaign, street_officer: Actor, community: FindCommunity) -> None:
    assessment = fill_in(enrol(community(LONGJIANG), chuxiong, 2022), actor=street_officer)
    result = CriterionResult.objects.filter(assessment=assessment).earliest("pk")
    CriterionResult.objects.filter(pk=result.pk).update(note="很" * 500, deductions=[{"rule": 1, "count": 2}])
    words = {one.label: one.after for one in last("条目结果").changes}
    assert words == {"扣分": "扣分项 1（数量 2）", "说明": "很" * 120 + "…（共 500 字）"}


def test_secret_value_is_told_as_changed_only(street_officer: Actor, acting: Acting) -> None:
    user = street_officer.user
    with acting(street_officer):
        user.set_password("全新的密码 4711")
        user.save(update_fields=["password"])
    assert last("用户").said == "密码（已更改，不记录内容）"
    contact = Contact.objects.create(user=user, office_phone="0878-3012345")
    assert last("联系方式").said == ""
    contact.office_phone = "0878-3099999"
    contact.save()
    line = last("联系方式")
    assert (line.name, line.said) == (
        f"{user.display_name}的联系方式",
        "科室、办公电话、电子邮箱（已更改，不记录内容）",
    )


def test_row_that_only_moved_is_told_so(
    chuxiong: Campaign, street_officer: Actor, community: FindCommunity, jurisdiction: FindJurisdiction
) -> None:
    Contact.objects.create(user=street_officer.user)
    enrol(community(LONGJIANG), chuxiong, 2022)
    town = jurisdiction("532301101")
    town.parent = jurisdiction("532302")
    town.save()
    moved = {one.thing: one.said for one in trail(since=timezone.now() - timedelta(hours=1)) if one.act == "修改"}
    assert moved["参与创建"] == moved["用户"] == moved["联系方式"] == "随所属单位或辖区调整，内容没有变化"
    assert moved["行政区划"] == "上级辖区：楚雄市 → 禄丰市"


def test_person_who_moved_takes_contact_and_invitation_along(
    street_officer: Actor, jurisdiction: FindJurisdiction
) -> None:
    Contact.objects.create(user=street_officer.user)
    street_officer.user.jurisdiction = jurisdiction("532301102")
    street_officer.user.save()
    assert last("用户").said == "所属单位：鹿城镇 → 东瓜镇"
    assert last("联系方式").said == "随所属单位或辖区调整，内容没有变化"


def test_membership_is_told_with_person_place_and_role(
    admin: Actor, district_reviewer: Actor, acting: Acting, jurisdiction: FindJurisdiction
) -> None:
    with acting(admin):
        membership = grant_membership(district_reviewer.user, jurisdiction("532301"), Role.APPROVER)
        end_membership(membership)
    line = last("任职")
    assert (line.act, line.name) == ("删除", "测试经办人532301 楚雄市 · 审批人")
    assert line.changes[0].words == "角色：审批人"
    assert line.who == "测试单位管理员532301"


def test_access_is_told_with_its_subject(admin: Actor, acting: Acting) -> None:
    with acting(admin):
        access.record(AccessEvent.Kind.EXPORTED, actor=admin, subject="楚雄市 社区名单")
    line = trail(act="export")[0]
    assert (line.act, line.who, line.unit, line.role, line.name) == (
        "导出", "测试单位管理员532301", "楚雄市", "单位管理员", "楚雄市 社区名单",
    )  # fmt: skip
    assert line.request is not None


def test_machines_are_told_by_what_they_ran(db: None, jurisdiction: FindJurisdiction) -> None:
    town = jurisdiction("532301101")
    Jurisdiction.objects.filter(pk=town.pk).update(name="鹿城街道")
    line = last("行政区划")
    assert (line.who, line.way, line.said) == ("系统维护", "", "名称：鹿城镇 → 鹿城街道")
    with history.recording(task="tidy"):
        Jurisdiction.objects.filter(pk=town.pk).update(name="鹿城镇")
    line = last("行政区划")
    assert (line.who, line.way, line.said) == ("系统", "后台任务 tidy", "名称：鹿城街道 → 鹿城镇")


def test_times_are_those_that_people_see(db: None, settings: Settings, jurisdiction: FindJurisdiction) -> None:
    with history.recording(command="tidy"):
        Jurisdiction.objects.filter(pk=jurisdiction("532301101").pk).update(name="鹿城街道")
    real = last("行政区划").at
    settings.CLOCK_OFFSET_SECONDS = -86400 * 1000
    assert last("行政区划").at == real - timedelta(days=1000)


def test_what_was_done_in_one_operation_stands_together(
    chuxiong: Campaign, district_reviewer: Actor, acting: Acting, community: FindCommunity
) -> None:
    part = enrol(community(LONGJIANG), chuxiong, 2022, actor=district_reviewer)
    with acting(district_reviewer):
        mark_pilot(part, True, actor=district_reviewer)
    entries = entries_of([one for one in trail() if one.thing == "参与创建"])
    # A test is one transaction; an operation is told by its id.
    assert [[line.act for line in entry.lines] for entry in entries] == [["修改"], ["新增"]]


@pytest.mark.parametrize("model", [one.tracked for one in sources() if one.tracked], ids=lambda one: one.__name__)
def test_naming_rows_asks_nothing_more_after_loading(
    chuxiong: Campaign, community: FindCommunity, street_officer: Actor, model: Any
) -> None:
    fill_in(enrol(community(LONGJIANG), chuxiong, 2022), actor=street_officer)
    names, pks = Names(), list(model.objects.order_by("-pk").values_list("pk", flat=True)[:3])
    for pk in pks:
        names.want(model, pk)
    names.load()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        named = [names.name(model, pk) for pk in pks]
    assert len(queries) == 0
    assert all(named)
    assert not any("编号" in name for name in named)


def test_row_out_of_sight_is_called_by_its_number(
    db: None, stranger: Actor, street_officer: Actor, acting: Acting
) -> None:
    with acting(stranger):
        names = Names()
        names.want(Membership, street_officer.membership.pk)
        names.load()
        assert names.name(Membership, street_officer.membership.pk) == f"任职（编号 {street_officer.membership.pk}）"


def test_secret_fields_are_those_that_history_leaves_out() -> None:
    secret = {one.tracked: {field.name for field in secret_fields(one)} for one in sources() if one.tracked}
    assert {model.__name__: names for model, names in secret.items() if names} == {
        "User": {"password"},
        "Contact": {"office", "office_phone", "email"},
        "Invitation": {"code_hash"},
        "ApiToken": {"digest"},
    }


def test_every_tracked_model_has_a_source() -> None:
    for model in (User, Membership, Community, Standard, Campaign, Target, Assessment):
        assert source_of(model).tracked is model
    assert apps.is_installed("apps.audit")
