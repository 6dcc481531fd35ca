"""Parts of campaigns changed: drafts under several hands, opened campaigns with a reason and without harm."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from time_machine import travel

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.editing import change_chain, change_departments, change_head, change_targets
from apps.campaigns.entries import add_entry, delete_entry, edit_entry, move_entry
from apps.campaigns.models import Campaign, CampaignChange, Milestone, Participation, Phase
from apps.campaigns.targets import set_target
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.standards.models import Standard
from tests.campaigns.drafts import again, opened, ready_draft, seen
from tests.factories import enrol, fill_in, recognised_community, submitted_community

Acting = Callable[[Actor], AbstractContextManager[None]]
MakeActor = Callable[[str, Role], Actor]

REASON = {"reason": "州政府要求", "document_number": "楚住建〔2027〕2号"}


@pytest.fixture
def manager(make_actor: MakeActor) -> Actor:
    return make_actor("5323", Role.BUREAU_ADMIN)


@pytest.fixture
def draft(manager: Actor) -> Campaign:
    return ready_draft(manager)


@pytest.fixture
def running(manager: Actor) -> Campaign:
    return opened(manager)


def kept(campaign: Campaign) -> list[tuple[str, str, str, str]]:
    rows = CampaignChange.objects.filter(campaign=campaign).exclude(kind="opened").order_by("pk")
    return [(one.kind, one.was, one.now, one.reason) for one in rows]


def test_change_head_of_a_draft(acting: Acting, manager: Actor, draft: Campaign) -> None:
    national = Standard.objects.get(code="national-2020")
    fields = {"name": "新名称", "code": "new", "last_year": 2027, "standard": national}
    with acting(manager):
        change_head(draft, fields, actor=manager, seen=seen(draft, "head"))
    stored = again(draft)
    assert (stored.name, stored.code, stored.last_year, stored.standard) == ("新名称", "5323-2026-2027", 2027, national)
    assert kept(draft) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"last_year": 2020}, "结束年度 2020 早于起始年度 2026"),
        ({"last_year": 2036}, "超过 10 年"),
    ],
)
def test_change_head_refuses(
    acting: Acting, manager: Actor, draft: Campaign, fields: dict[str, Any], words: str
) -> None:
    with acting(manager), pytest.raises(InvalidInput, match=words):
        change_head(draft, fields, actor=manager, seen=seen(draft, "head"))


def test_a_draft_of_other_years_has_a_code_of_theirs_that_is_free(
    acting: Acting, manager: Actor, draft: Campaign
) -> None:
    """Also where the first one is taken by a campaign that nobody here sees, which is not told."""
    Campaign.objects.filter(code="tianjin-2020").update(code="5323-2027-2028")
    with acting(manager):
        change_head(draft, {"first_year": 2027}, actor=manager, seen=seen(draft, "head"))
    assert again(draft).code == "5323-2027-2028-2"
    with acting(manager):
        change_head(draft, {"name": "新名称"}, actor=manager, seen=seen(draft, "head"))
    assert again(draft).code == "5323-2027-2028-2"


def test_a_form_without_its_version_is_out_of_date(acting: Acting, manager: Actor, draft: Campaign) -> None:
    with acting(manager), pytest.raises(StaleForm, match="^页面已过期，没有保存。"):
        change_head(draft, {"name": "新名称"}, actor=manager, seen="")


def test_two_who_change_the_same_part_notice_each_other(
    acting: Acting, manager: Actor, make_actor: MakeActor, draft: Campaign
) -> None:
    shown = seen(draft, "head")
    with acting(manager):
        change_head(draft, {"name": "甲改的"}, actor=manager, seen=shown)
        # Another part is another form.
        change_chain(draft, ["district"], actor=manager, seen=seen(draft, "chain"))
        with pytest.raises(StaleForm, match=r"^测试单位管理员5323 .* 改动了这部分内容"):
            change_head(draft, {"name": "乙改的"}, actor=manager, seen=shown)
        # The same once more has no effect, and is no clash.
        change_head(draft, {"name": "甲改的"}, actor=manager, seen=shown)
    assert again(draft).name == "甲改的"


def test_change_chain_puts_the_levels_in_order(acting: Acting, manager: Actor, draft: Campaign) -> None:
    with acting(manager):
        change_chain(draft, ["city", "district"], actor=manager, seen=seen(draft, "chain"))
        assert again(draft).review_chain == ["street", "district", "city"]
        with pytest.raises(InvalidInput, match="至少选一级审核单位"):
            change_chain(draft, [], actor=manager, seen=seen(draft, "chain"))


def test_change_departments_and_targets(acting: Acting, manager: Actor, draft: Campaign) -> None:
    targets = {
        (2026, "percent"): (Decimal(10), None),
        (2028, "percent"): (Decimal("62.5"), None),
        (2026, "pilots_per_street"): (Decimal(1), Decimal(2)),
    }
    with acting(manager):
        change_departments(
            draft, ["住建局"], {1: ["民政局", "公安局"], 2: []}, actor=manager, seen=seen(draft, "departments")
        )
        change_targets(draft, targets, actor=manager, seen=seen(draft, "targets"))
    assert [(one.section_number, one.departments) for one in draft.section_departments.all()] == [
        (1, ["民政局", "公安局"])
    ]
    assert again(draft).lead_departments == ["住建局"]
    rows = draft.targets.order_by("year", "kind").values_list("year", "kind", "value", "upper")
    assert list(rows) == [
        (2026, "percent", Decimal(10), None),
        (2026, "pilots_per_street", Decimal(1), Decimal(2)),
        (2028, "percent", Decimal("62.5"), None),
    ]


def test_change_targets_refuses(acting: Acting, manager: Actor, draft: Campaign) -> None:
    for targets, words in (
        ({(2026, "percent"): (Decimal(0), None)}, "目标比例 0 不对"),
        ({(2030, "percent"): (Decimal(5), None)}, "2030 年不在行动年度"),
        ({(2026, "pilots_per_street"): (Decimal(3), Decimal(2))}, "试点上限 2 小于下限 3"),
    ):
        with acting(manager), pytest.raises(InvalidInput, match=words):
            change_targets(draft, targets, actor=manager, seen=seen(draft, "targets"))
    assert draft.targets.count() == 3


def test_after_the_opening_a_change_has_a_reason_and_is_kept(acting: Acting, manager: Actor, running: Campaign) -> None:
    with acting(manager):
        with pytest.raises(InvalidInput, match="请填写调整理由"):
            change_head(running, {"name": "新名称"}, actor=manager, seen=seen(running, "head"))
        change_head(
            running,
            {"name": "新名称", "code": "x", "last_year": 2030},
            actor=manager,
            seen=seen(running, "head"),
            **REASON,
        )
    stored = again(running)
    assert (stored.name, stored.code, stored.last_year) == ("新名称", "5323-2026-2028", 2028)
    assert kept(running) == [("head", "名称：楚雄州绿色社区创建行动（2026–2028 年）", "名称：新名称", "州政府要求")]
    row = CampaignChange.objects.get(campaign=running, kind="head")
    assert (row.document_number, row.changed_by) == ("楚住建〔2027〕2号", manager.user)


def test_nothing_wrong_comes_in_after_the_opening(acting: Acting, manager: Actor, running: Campaign) -> None:
    falling = {(2026, "percent"): (Decimal(50), None), (2028, "percent"): (Decimal(40), None)}
    with acting(manager), pytest.raises(InvalidInput, match="2028 年 40% 低于 2026 年 50%"):
        change_targets(running, falling, actor=manager, seen=seen(running, "targets"), **REASON)
    assert kept(running) == []


def test_targets_stay_below_what_those_below_have_set(
    acting: Acting, manager: Actor, district_reviewer: Actor, running: Campaign
) -> None:
    with acting(district_reviewer):
        set_target(running, district_reviewer.jurisdiction, 2028, Decimal(65), actor=district_reviewer)
    wanted = {(2028, "percent"): (Decimal(70), None)}
    with acting(manager), pytest.raises(InvalidInput, match="楚雄市的目标低于 70%"):
        change_targets(running, wanted, actor=manager, seen=seen(running, "targets"), **REASON)


def test_the_chain_stays_while_assessments_are_under_way(
    acting: Acting, manager: Actor, running: Campaign, community: Callable[[str], Community]
) -> None:
    planned = enrol(community("532301101001"), running, 2026)
    with acting(manager):
        change_chain(running, ["district"], actor=manager, seen=seen(running, "chain"), **REASON)
    assert again(running).review_chain == ["street", "district"]
    fill_in(planned)
    with acting(manager), pytest.raises(InvalidInput, match="还有 1 个社区的自评正在填报"):
        change_chain(running, ["district", "city"], actor=manager, seen=seen(running, "chain"), **REASON)
    assert kept(running) == [
        ("chain", "审核层级：乡级填报 → 县级审核 → 地级认定", "审核层级：乡级填报 → 县级认定", "州政府要求")
    ]


def test_levels_that_decided_something_stay_in_the_chain(
    acting: Acting,
    manager: Actor,
    running: Campaign,
    community: Callable[[str], Community],
    client_of: Callable[[Actor], Client],
) -> None:
    """Who recognised a community still has it on its pages, so that levels are added from then on, none taken away."""
    with acting(manager):
        change_chain(running, ["city"], actor=manager, seen=seen(running, "chain"), **REASON)
    recognition = recognised_community(community("532301101001"), again(running), 2026)
    with acting(manager):
        with pytest.raises(InvalidInput, match="已有 1 个社区的自评按现在的审核层级办结，不能去掉地级。可以增加层级"):
            change_chain(running, ["district"], actor=manager, seen=seen(running, "chain"), **REASON)
        change_chain(running, ["district", "city"], actor=manager, seen=seen(running, "chain"), **REASON)
    assert again(running).review_chain == ["street", "district", "city"]
    assessment = recognition.participation.assessment
    assert client_of(manager).get(reverse("review", args=[assessment.pk])).status_code == 200


def test_self_assessments_that_ended_with_their_community_keep_levels_but_block_no_change(
    acting: Acting, manager: Actor, running: Campaign, community: Callable[[str], Community]
) -> None:
    ended = submitted_community(community("532301101001"), running, 2026).participation
    Participation.objects.filter(pk=ended.pk).update(ended_on=date(2026, 3, 1))
    with acting(manager), pytest.raises(InvalidInput, match="已有 1 个社区的自评按现在的审核层级办结，不能去掉县级。"):
        change_chain(running, ["city"], actor=manager, seen=seen(running, "chain"), **REASON)
    Participation.objects.filter(pk=ended.pk).update(stage="planned")
    with acting(manager):
        change_chain(running, ["city"], actor=manager, seen=seen(running, "chain"), **REASON)
    assert again(running).review_chain == ["street", "city"]


def test_entries_of_a_draft(acting: Acting, manager: Actor, draft: Campaign) -> None:
    with acting(manager):
        shown = seen(draft, "phases")
        first = add_entry(Phase, draft, {"title": "起步"}, actor=manager, seen=shown)
        # The form sent twice, or a colleague's of the same moment.
        with pytest.raises(StaleForm):
            add_entry(Phase, draft, {"title": "起步"}, actor=manager, seen=shown)
        second = add_entry(Phase, draft, {"title": "推进"}, actor=manager, seen=seen(draft, "phases"))
        move_entry(second, up=True, actor=manager, seen=seen(draft, "phases"))
        edit_entry(first, {"title": "收尾"}, actor=manager, seen=seen(draft, first))
        assert list(draft.phases.values_list("number", "title")) == [(1, "推进"), (2, "收尾")]
        for _ in range(2):
            delete_entry(second, actor=manager, seen=seen(draft, second))
        with pytest.raises(TransitionError, match="已被他人删除"):
            edit_entry(second, {"title": "x"}, actor=manager, seen="")
    assert list(draft.phases.values_list("title", flat=True)) == ["收尾"]


def test_past_dates_of_an_opened_campaign_stay(acting: Acting, manager: Actor, running: Campaign) -> None:
    one = Milestone.objects.get(campaign=running, title="上报创建成果名单")
    assert one.dates == [date(2026, 8, 31), date(2027, 8, 31), date(2028, 8, 31)]
    later = [date(2026, 8, 31), date(2027, 9, 15), date(2028, 9, 15)]
    with travel("2026-11-02", tick=False), acting(manager):
        shown = seen(running, one)
        for fields, words in (
            ({"dates": later[1:]}, "期限 2026-08-31 已过，不能去掉"),
            ({"dates": [date(2026, 9, 1), *later]}, "期限 2026-09-01 已经过去，不能增加"),
            ({"level": "street"}, "已有期限过去，报送层级不能改"),
        ):
            with pytest.raises(InvalidInput, match=words):
                edit_entry(one, fields, actor=manager, seen=shown, **REASON)
        with pytest.raises(InvalidInput, match="的期限 2026-08-31 已过，不能删除"):
            delete_entry(one, actor=manager, seen=shown, **REASON)
        edit_entry(one, {"dates": later}, actor=manager, seen=shown, **REASON)
    one.refresh_from_db()
    assert one.dates == later
    ((kind, was, now, _),) = kept(running)
    assert (kind, "2027-08-31" in was, "2027-09-15" in now) == ("milestones", True, True)


def test_entries_of_an_opened_campaign_are_added_and_deleted_with_a_reason(
    acting: Acting, manager: Actor, running: Campaign
) -> None:
    fields = {
        "title": "季度进展",
        "level": "district",
        "kind": "progress",
        "recurrence": "once",
        "dates": [date(2028, 3, 31)],
    }
    with acting(manager):
        one = add_entry(Milestone, running, fields, actor=manager, seen=seen(running, "milestones"), **REASON)
        with pytest.raises(InvalidInput, match="期限 2030-01-01 不在行动年度"):
            edit_entry(one, {"dates": [date(2030, 1, 1)]}, actor=manager, seen=seen(running, one), **REASON)
        with pytest.raises(TransitionError, match="顺序不再调整"):
            move_entry(one, up=True, actor=manager, seen=seen(running, "milestones"))
        delete_entry(one, actor=manager, seen=seen(running, one), **REASON)
    words = "里程碑 7：季度进展，县级报送，进展情况，一次，2028-03-31"
    assert kept(running) == [("milestones", "", words, "州政府要求"), ("milestones", words, "", "州政府要求")]


def test_due_dates_that_have_passed_are_not_added_with_a_new_milestone(
    acting: Acting, manager: Actor, running: Campaign
) -> None:
    fields = {"title": "补报", "level": "district", "kind": "progress", "recurrence": "once"}
    dates = [date(2026, 9, 1), date(2027, 9, 1)]
    with travel("2026-11-02", tick=False), acting(manager):
        shown = seen(running, "milestones")
        with pytest.raises(
            InvalidInput, match="期限 2026-09-01 已经过去，不能增加。请填今天（2026-11-02）以后的日期。"
        ):
            add_entry(Milestone, running, fields | {"dates": dates}, actor=manager, seen=shown, **REASON)
        add_entry(Milestone, running, fields | {"dates": dates[1:]}, actor=manager, seen=shown, **REASON)
    assert kept(running) == [("milestones", "", "里程碑 7：补报，县级报送，进展情况，一次，2027-09-01", "州政府要求")]


def test_one_of_many_due_dates_is_not_changed_unnoticed(
    acting: Acting, manager: Actor, running: Campaign, draft: Campaign
) -> None:
    dates = [date(2027, month, 5) for month in range(1, 9)]
    other = [*dates[:3], date(2027, 4, 20), *dates[4:]]
    fields = {"title": "周报", "level": "district", "kind": "progress", "recurrence": "once", "dates": dates}
    with acting(manager):
        one = add_entry(Milestone, running, fields, actor=manager, seen=seen(running, "milestones"), **REASON)
        shown = seen(running, one)
        with pytest.raises(InvalidInput, match="请填写调整理由"):
            edit_entry(one, {"dates": other}, actor=manager, seen=shown)
        edit_entry(one, {"dates": other}, actor=manager, seen=shown, **REASON)
        with pytest.raises(StaleForm):
            edit_entry(one, {"title": "旬报"}, actor=manager, seen=shown, **REASON)
    _, (_, was, now, _) = kept(running)
    assert ("2027-04-05" in was, "2027-04-20" in was, "2027-04-20" in now) == (True, False, True)


def test_a_parent_of_the_same_name_is_another_parent(acting: Acting, manager: Actor, draft: Campaign) -> None:
    national = Campaign.objects.get(code="national-2020")
    kinds = {
        "first_year": 2026,
        "last_year": 2028,
        "standard": national.standard,
        "review_chain": national.review_chain,
    }
    first, second = (
        Campaign.objects.create(
            code=code, name="全国行动", jurisdiction=national.jurisdiction, status=Campaign.Status.OPEN, **kinds
        )
        for code in ("n-1", "n-2")
    )
    with acting(manager):
        change_head(draft, {"parent": first}, actor=manager, seen=seen(draft, "head"))
        shown = seen(draft, "head")
        change_head(draft, {"parent": second}, actor=manager, seen=shown)
        with pytest.raises(StaleForm):
            change_head(draft, {"name": "x"}, actor=manager, seen=shown)


@pytest.mark.parametrize(
    ("code", "role"), [("53", Role.BUREAU_ADMIN), ("5323", Role.APPROVER), ("532301", Role.BUREAU_ADMIN)]
)
def test_changes_are_the_issuers(
    acting: Acting, make_actor: MakeActor, running: Campaign, code: str, role: Role
) -> None:
    actor = make_actor(code, role)
    with acting(actor), pytest.raises(PermissionDenied):
        change_chain(running, ["district"], actor=actor, seen=seen(running, "chain"), **REASON)
