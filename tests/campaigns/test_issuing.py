"""Campaigns begun in the browser: from nothing, or from one that stands, moved to other years."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.domain import enrol_communities
from apps.campaigns.fixture_format import read_campaign
from apps.campaigns.issuing import copy_campaign, create_campaign, delete_draft
from apps.campaigns.loading import SOURCE, load_campaign
from apps.campaigns.models import Campaign, Target
from apps.communities.models import Community
from apps.core.errors import InvalidInput, TransitionError
from apps.core.scope import scope
from apps.standards.loading import Outcome
from apps.standards.models import Standard

Acting = Callable[[Actor], AbstractContextManager[None]]
MakeActor = Callable[[str, Role], Actor]

NEXT = {"name": "楚雄州绿色社区创建行动（2026–2028 年）", "first_year": 2026, "last_year": 2028}


@pytest.fixture
def manager(make_actor: MakeActor) -> Actor:
    """楚雄州's administrator, who makes its campaigns."""
    return make_actor("5323", Role.BUREAU_ADMIN)


def values(**changes: Any) -> dict[str, Any]:
    return NEXT | {"standard": Standard.objects.get(code="chuxiong-2021")} | changes


def test_create_campaign_from_nothing(acting: Acting, manager: Actor) -> None:
    with acting(manager):
        made = create_campaign(values(), actor=manager)
        assert create_campaign(values(), actor=manager) == made
    stored = Campaign.objects.get(code="5323-2026-2028")
    assert (stored.status, stored.jurisdiction, stored.parent) == ("draft", manager.jurisdiction, None)
    assert stored.review_chain == ["street", "district", "city"]
    assert stored.years == [2026, 2027, 2028]


def test_codes_are_unique_also_of_what_one_does_not_see(acting: Acting, manager: Actor) -> None:
    with acting(manager):
        codes = [create_campaign(values(name=f"行动{n}"), actor=manager).code for n in range(2)]
    assert codes == ["5323-2026-2028", "5323-2026-2028-2"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"last_year": 2025}, "结束年度 2025 早于起始年度 2026"),
        ({"last_year": 2036}, "超过 10 年"),
        ({"standard": "tianjin-2020"}, "只能选用本级或上级已发布的标准"),
    ],
)
def test_create_campaign_refuses(acting: Acting, manager: Actor, changes: dict[str, Any], said: str) -> None:
    if isinstance(changes.get("standard"), str):
        changes = {"standard": Standard.objects.get(code=changes["standard"])}
    with acting(manager), pytest.raises(InvalidInput, match=said):
        create_campaign(values(**changes), actor=manager)


@pytest.mark.parametrize(
    ("code", "role"), [("5323", Role.APPROVER), ("5323", Role.STAFF), ("532301101", Role.BUREAU_ADMIN)]
)
def test_create_campaign_is_for_administrators_above_the_street(
    acting: Acting, make_actor: MakeActor, db: None, code: str, role: Role
) -> None:
    actor = make_actor(code, role)
    with acting(actor), pytest.raises(PermissionDenied):
        create_campaign(values(), actor=actor)


def test_another_draft_of_the_same_name_and_years_is_not_taken_for_it(acting: Acting, manager: Actor) -> None:
    said = "已有同名、同年度的草稿“.*”，它的文件名称、创建标准与这次填的不同，没有另建"
    with acting(manager):
        made = create_campaign(values(), actor=manager)
        assert create_campaign(values(), actor=manager) == made
        other = values(standard=Standard.objects.get(code="national-2020"), document_title="另一份文件")
        with pytest.raises(InvalidInput, match=said):
            create_campaign(other, actor=manager)
    assert Campaign.objects.filter(status="draft").count() == 1


def test_copy_campaign_moves_everything(acting: Acting, manager: Actor, chuxiong: Campaign) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(notice_working_days=5, publishes_list=True)
    with acting(manager):
        made = copy_campaign(Campaign.objects.get(pk=chuxiong.pk), NEXT, actor=manager, with_targets=True)
        again = copy_campaign(Campaign.objects.get(pk=chuxiong.pk), NEXT, actor=manager, with_targets=True)
        assert again == made
    made = Campaign.objects.get(pk=made.pk)
    # The nation's campaign ends in 2022: the new years lie outside of it.
    assert (made.status, made.code, made.parent) == ("draft", "5323-2026-2028", None)
    assert (made.document_title, made.document_number, made.issued_on) == (chuxiong.document_title, "", None)
    assert (made.review_chain, made.standard) == (chuxiong.review_chain, chuxiong.standard)
    assert (made.notice_working_days, made.publishes_list) == (5, True)
    assert made.lead_departments == chuxiong.lead_departments
    moved = {one.title: one.dates for one in made.milestones.all()}
    assert moved["确定试点社区并启动实施"] == [date(2026, 3, 31)]
    assert moved["上报创建成果名单"] == [date(2026, 8, 31), date(2027, 8, 31), date(2028, 8, 31)]
    targets = Target.objects.filter(campaign=made).order_by("year").values_list("jurisdiction__code", "year", "value")
    assert list(targets) == [("532300000000", 2026, Decimal(20)), ("532300000000", 2027, Decimal(60))]


def test_a_copy_of_something_else_is_not_taken_for_the_draft_of_that_name(
    acting: Acting, manager: Actor, chuxiong: Campaign
) -> None:
    said = "已有同名、同年度的草稿“.*”，内容与这次沿用的不同，没有另建"
    with acting(manager):
        made = copy_campaign(chuxiong, NEXT, actor=manager, with_targets=True)
        with pytest.raises(InvalidInput, match=said):
            copy_campaign(chuxiong, NEXT, actor=manager)
        with pytest.raises(InvalidInput, match="已有同名、同年度的草稿"):
            copy_campaign(Campaign.objects.get(code="national-2020"), NEXT, actor=manager, with_targets=True)
        assert copy_campaign(chuxiong, NEXT, actor=manager, with_targets=True) == made
    assert Campaign.objects.filter(status="draft").count() == 1
    kept = Campaign.pgh_event_model.objects.filter(name=made.name)  # type: ignore[attr-defined]
    assert list(kept.values_list("pgh_label", flat=True)) == ["insert"]


def test_copy_campaign_of_an_ancestor_for_the_same_years_carries_it_out(acting: Acting, make_actor: MakeActor) -> None:
    county = make_actor("532301", Role.BUREAU_ADMIN)
    source = Campaign.objects.get(code="chuxiong-2021")
    fields = {"name": "楚雄市绿色社区创建行动", "first_year": 2021, "last_year": 2022}
    with acting(county):
        made = copy_campaign(source, fields, actor=county, with_targets=True)
    assert (made.parent, made.document_title, made.code) == (source, "", "532301-2021-2022")
    assert made.review_chain == ["street", "district"]
    # What the prefecture itself reports to the province is not the county's.
    assert {one.level for one in made.milestones.all()} == {"district"}
    assert list(made.targets.values_list("jurisdiction", "value").order_by("year")) == [
        (county.jurisdiction.pk, Decimal(20)),
        (county.jurisdiction.pk, Decimal(60)),
    ]


def test_copy_campaign_moves_phases_and_departments(acting: Acting, make_actor: MakeActor) -> None:
    actor = make_actor("12", Role.BUREAU_ADMIN)
    source = Campaign.objects.get(code="tianjin-2020")
    with acting(actor):
        made = copy_campaign(source, {"name": "新", "first_year": 2026, "last_year": 2028}, actor=actor)
    assert [(one.title, one.starts_on, one.ends_on) for one in made.phases.all()] == [
        ("试点先行阶段", date(2026, 11, 1), date(2027, 5, 31)),
        ("推广示范阶段", date(2027, 6, 1), date(2027, 12, 31)),
        ("巩固完成阶段", date(2028, 1, 1), date(2028, 12, 31)),
    ]
    assert [one.departments for one in made.section_departments.all()] == [
        one.departments for one in source.section_departments.all()
    ]
    monthly = made.milestones.get(recurrence="monthly").dates
    assert (monthly[0], monthly[-1], len(monthly)) == (date(2026, 11, 30), date(2028, 12, 31), 26)
    assert not made.targets.exists()


def test_copy_campaign_of_another_branch_is_refused(acting: Acting, manager: Actor) -> None:
    foreign = Campaign.objects.get(code="tianjin-2020")
    with acting(manager), pytest.raises(InvalidInput, match="不能沿用"):
        copy_campaign(foreign, NEXT, actor=manager)


def test_a_draft_is_its_issuers_alone(
    acting: Acting,
    manager: Actor,
    district_reviewer: Actor,
    city_approver: Actor,
    province_reviewer: Actor,
    client_of: Callable[[Actor], Client],
) -> None:
    with acting(manager):
        made = copy_campaign(Campaign.objects.get(code="chuxiong-2021"), NEXT, actor=manager, with_targets=True)
        made.section_departments.create(section_number=1, departments=["民政局"])
        made.phases.create(number=1, title="起步")
    # Below nothing of it can be read, whoever asks.
    with scope(district_reviewer.jurisdiction.path):
        assert not Campaign.objects.filter(pk=made.pk).exists()
        for name in ("phases", "milestones", "section_departments", "targets"):
            assert not getattr(made, name).exists()
    page = f"/campaigns/{made.code}/"
    for actor, sees in ((manager, True), (city_approver, True), (district_reviewer, False), (province_reviewer, False)):
        client = client_of(actor)
        assert client.get(page).status_code == (200 if sees else 404)
        assert (str(NEXT["name"]) in client.get("/campaigns/").content.decode()) is sees
        # Nowhere as the campaign that one works under.
        assert client.get(f"/progress/?campaign={made.code}").status_code == 404
        assert f'value="{made.pk}"' not in client.get("/").content.decode()


def test_nobody_is_enrolled_in_a_draft(
    acting: Acting, manager: Actor, district_reviewer: Actor, community: Callable[[str], Community]
) -> None:
    with acting(manager):
        made = copy_campaign(Campaign.objects.get(code="chuxiong-2021"), NEXT, actor=manager)
    with acting(district_reviewer), pytest.raises(TransitionError, match="还没有开展，不能列入社区"):
        enrol_communities(made, 2026, [community("532301101001")], actor=district_reviewer)


def test_delete_draft_twice_has_one_effect(acting: Acting, manager: Actor, chuxiong: Campaign) -> None:
    with acting(manager):
        made = copy_campaign(chuxiong, NEXT, actor=manager, with_targets=True)
        for _ in range(2):
            delete_draft(made, actor=manager)
        assert not Campaign.objects.filter(pk=made.pk).exists()
        with pytest.raises(TransitionError, match="进行中，不能删除"):
            delete_draft(chuxiong, actor=manager)


def test_delete_draft_is_the_issuers(acting: Acting, manager: Actor, make_actor: MakeActor, chuxiong: Campaign) -> None:
    with acting(manager):
        made = copy_campaign(chuxiong, NEXT, actor=manager)
    above = make_actor("53", Role.BUREAU_ADMIN)
    with acting(above), pytest.raises(PermissionDenied, match="由楚雄彝族自治州发起"):
        delete_draft(made, actor=above)


def test_files_leave_a_draft_and_a_changed_campaign_alone(acting: Acting, manager: Actor, chuxiong: Campaign) -> None:
    file = read_campaign(SOURCE / "chuxiong-2021.yaml")
    assert load_campaign(file) is Outcome.UNCHANGED
    chuxiong.changes.create(kind="head", reason="更名", changed_at="2022-08-15T00:00:00+08:00")
    Campaign.objects.filter(pk=chuxiong.pk).update(name="新名称")
    assert load_campaign(file) is Outcome.UNCHANGED
    assert Campaign.objects.get(pk=chuxiong.pk).name == "新名称"
    Campaign.objects.filter(pk=chuxiong.pk).update(status="draft")
    with pytest.raises(InvalidInput, match="已被“新名称”的草稿使用"):
        load_campaign(file)
