"""A campaign is opened, extended, shortened, closed and opened again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import open_assessment
from apps.campaigns.domain import enrol_communities
from apps.campaigns.editing import change_departments, change_head
from apps.campaigns.models import Campaign, CampaignChange, Milestone, Participation, Recognition
from apps.campaigns.running import change_years, close_campaign, open_campaign, reopen_campaign, unfinished
from apps.campaigns.targets import set_target
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.scope import scope
from tests.campaigns.drafts import again, opened, ready_draft, seen
from tests.factories import agree, enrol, fill_in, person_at, recognise, submit

Acting = Callable[[Actor], AbstractContextManager[None]]
MakeActor = Callable[[str, Role], Actor]
CommunityOf = Callable[[str], Community]

REASON = {"reason": "州政府要求", "document_number": "楚住建〔2028〕2号"}


@pytest.fixture
def manager(make_actor: MakeActor) -> Actor:
    return make_actor("5323", Role.BUREAU_ADMIN)


@pytest.fixture
def running(manager: Actor) -> Campaign:
    return opened(manager)


def test_open_campaign_lets_everybody_below_see_it(
    acting: Acting, manager: Actor, district_reviewer: Actor, community: CommunityOf
) -> None:
    draft = ready_draft(manager)
    with acting(manager):
        shown = seen(draft)
        for _ in range(2):
            assert open_campaign(draft, actor=manager, seen=shown).is_open
    with scope(district_reviewer.jurisdiction.path):
        assert Campaign.objects.concerning(district_reviewer.jurisdiction.path).filter(pk=draft.pk).exists()
        assert draft.milestones.count() == 6
        assert draft.targets.count() == 3
    with acting(district_reviewer):
        done = enrol_communities(again(draft), 2026, [community("532301101001")], actor=district_reviewer)
    assert len(done.added) == 1
    row = CampaignChange.objects.get(campaign=draft)
    assert (row.kind, row.was, row.now) == ("opened", "状态：草稿", "状态：进行中\n年度：2026–2028")


def test_open_campaign_refuses_what_was_changed_since_it_was_checked(acting: Acting, manager: Actor) -> None:
    draft = ready_draft(manager)
    with acting(manager):
        shown = seen(draft)
        change_departments(draft, ["住建局"], {}, actor=manager, seen=seen(draft, "departments"))
        with pytest.raises(StaleForm, match="核对以后"):
            open_campaign(draft, actor=manager, seen=shown)
    assert again(draft).is_draft


def test_open_campaign_names_what_stands_in_the_way(acting: Acting, manager: Actor) -> None:
    draft = ready_draft(manager)
    with acting(manager):
        change_head(draft, {"document_title": ""}, actor=manager, seen=seen(draft, "head"))
        with pytest.raises(InvalidInput, match="还不能开展。文件名称：没有填写印发行动的文件。"):
            open_campaign(draft, actor=manager, seen=seen(draft))


def test_a_later_last_year_continues_what_recurs(acting: Acting, manager: Actor, running: Campaign) -> None:
    with acting(manager):
        shown = seen(running, "years")
        for _ in range(2):
            change_years(running, 2026, 2029, actor=manager, seen=shown, **REASON)
    assert again(running).last_year == 2029
    assert Milestone.objects.get(campaign=running, title="上报创建成果名单").dates == [
        date(year, 8, 31) for year in range(2026, 2030)
    ]
    assert Milestone.objects.get(campaign=running, title="确定试点社区并启动实施").dates == [date(2026, 3, 31)]
    (row,) = CampaignChange.objects.filter(campaign=running, kind="years")
    assert row.document_number == "楚住建〔2028〕2号"
    assert row.was.splitlines()[0] == "年度：2026–2028"
    assert row.now.splitlines()[0] == "年度：2026–2029"
    # What goes on is told as well: three milestones recur every year.
    assert [line.count("2029-") for line in row.now.splitlines()] == [0, 1, 1, 1]


@pytest.mark.parametrize("first_year", [2026, 2025])
def test_a_later_last_year_asks_for_reason_and_document(
    acting: Acting, manager: Actor, running: Campaign, first_year: int
) -> None:
    with acting(manager):
        shown = seen(running, "years")
        with pytest.raises(InvalidInput, match="请填写延长所依据的文号"):
            change_years(running, first_year, 2029, actor=manager, seen=shown, reason="延长", document_number=" ")
        with pytest.raises(InvalidInput, match="理由"):
            change_years(running, first_year, 2029, actor=manager, seen=shown, reason=" ", document_number="1号")
        change_years(running, 2025, 2028, actor=manager, seen=shown, reason="提前起步")
    assert again(running).years == [2025, 2026, 2027, 2028]


def test_years_fall_away_only_where_nothing_is(
    acting: Acting, manager: Actor, running: Campaign, community: CommunityOf
) -> None:
    planned = enrol(community("532301101001"), running, 2026)
    with acting(manager):
        with pytest.raises(
            InvalidInput, match="不能缩短：2026 年的计划里有 1 个社区；2026 年定了 1 个目标，请先清除。"
        ):
            change_years(running, 2027, 2028, actor=manager, seen=seen(running, "years"), **REASON)
        with pytest.raises(InvalidInput, match="2028 年定了 1 个目标"):
            change_years(running, 2026, 2027, actor=manager, seen=seen(running, "years"), **REASON)
    recognise(agree(submit(fill_in(planned))), year=2028)
    running.targets.filter(year=2028).delete()
    with acting(manager), pytest.raises(InvalidInput, match="不能缩短：2028 年认定了 1 个社区。"):
        change_years(running, 2026, 2027, actor=manager, seen=seen(running, "years"), **REASON)
    Recognition.objects.filter(campaign=running).update(year=2027)
    with acting(manager):
        change_years(running, 2026, 2027, actor=manager, seen=seen(running, "years"), **REASON)
    assert again(running).years == [2026, 2027]
    assert Milestone.objects.get(campaign=running, title="上报创建成果名单").dates == [
        date(2026, 8, 31),
        date(2027, 8, 31),
    ]


def test_closed_campaigns_take_nothing_new_in_and_end_what_is_on_its_way(
    acting: Acting, manager: Actor, running: Campaign, district_reviewer: Actor, community: CommunityOf
) -> None:
    planned = enrol(community("532301101001"), running, 2026)
    begun = fill_in(enrol(community("532301101006"), running, 2026))
    assert str(unfinished(running)) == "自评、审核还没有办结的 1 个，列入计划还没有开始自评的 1 个"
    with acting(manager):
        with pytest.raises(InvalidInput, match="理由"):
            close_campaign(running, actor=manager, reason=" ")
        for _ in range(2):
            assert close_campaign(running, actor=manager, reason="期满").status == "closed"
    row = CampaignChange.objects.get(campaign=running, kind="closed")
    assert row.now == "状态：已结束\n结束时：自评、审核还没有办结的 1 个，列入计划还没有开始自评的 1 个"
    with acting(district_reviewer):
        with pytest.raises(TransitionError, match="已结束，不能列入社区。需要继续的，请楚雄彝族自治州重新开展。"):
            enrol_communities(running, 2026, [community("532301101003")], actor=district_reviewer)
        with pytest.raises(TransitionError, match="已结束，不能改目标"):
            set_target(running, district_reviewer.jurisdiction, 2026, Decimal(90), actor=district_reviewer)
    officer = person_at(planned.community.jurisdiction, Role.STREET_OFFICER)
    with acting(officer), pytest.raises(TransitionError, match="已结束，不能开始自评"):
        open_assessment(planned, actor=officer)
    # What had begun goes on to its end.
    recognise(agree(submit(begun)))
    assert Recognition.objects.filter(campaign=running).count() == 1


def test_what_ended_with_its_community_is_not_on_its_way(
    acting: Acting, manager: Actor, running: Campaign, community: CommunityOf
) -> None:
    planned = enrol(community("532301101001"), running, 2026)
    begun = submit(fill_in(enrol(community("532301101006"), running, 2026))).participation
    Participation.objects.filter(pk__in=[planned.pk, begun.pk]).update(ended_on=date(2026, 3, 1))
    assert str(unfinished(running)) == ""
    with acting(manager):
        close_campaign(running, actor=manager, reason="期满")
    assert CampaignChange.objects.get(campaign=running, kind="closed").now == "状态：已结束"


def test_closed_campaigns_are_not_changed_until_opened_again(
    acting: Acting, manager: Actor, running: Campaign, district_reviewer: Actor, community: CommunityOf
) -> None:
    with acting(manager):
        close_campaign(running, actor=manager, reason="期满")
        with pytest.raises(
            TransitionError, match="已由测试单位管理员5323 于 .* 结束，不能再调整。要调整，请先重新开展。"
        ):
            change_head(running, {"name": "x"}, actor=manager, seen=seen(running, "head"), **REASON)
        with pytest.raises(TransitionError, match="不能再调整"):
            open_campaign(running, actor=manager, seen=seen(running))
        for _ in range(2):
            assert reopen_campaign(running, actor=manager, reason="延期评估").is_open
    with acting(district_reviewer):
        enrol_communities(running, 2026, [community("532301101003")], actor=district_reviewer)
    kinds = CampaignChange.objects.filter(campaign=running).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["opened", "closed", "reopened"]


def test_drafts_are_neither_closed_nor_opened_again(acting: Acting, manager: Actor) -> None:
    draft = ready_draft(manager)
    with acting(manager):
        with pytest.raises(TransitionError, match="草稿，不能转为已结束"):
            close_campaign(draft, actor=manager, reason="x")
        with pytest.raises(TransitionError, match="还是草稿"):
            reopen_campaign(draft, actor=manager, reason="x")


@pytest.mark.parametrize(("code", "role"), [("53", Role.BUREAU_ADMIN), ("5323", Role.APPROVER)])
def test_the_course_is_the_issuers(
    acting: Acting, make_actor: MakeActor, running: Campaign, code: str, role: Role
) -> None:
    actor = make_actor(code, role)
    with acting(actor):
        with pytest.raises(PermissionDenied):
            close_campaign(running, actor=actor, reason="x")
        with pytest.raises(PermissionDenied):
            change_years(running, 2026, 2029, actor=actor, seen=seen(running, "years"), **REASON)
