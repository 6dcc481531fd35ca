"""开展前核对: what keeps a campaign from being opened, and what is worth a look."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.checks import remarks_on
from apps.campaigns.entry_kinds import kind_of
from apps.campaigns.models import Campaign, Target
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Standard
from tests.campaigns.drafts import again, ready_draft

MakeActor = Callable[[str, Role], Actor]


@pytest.fixture
def manager(make_actor: MakeActor) -> Actor:
    return make_actor("5323", Role.BUREAU_ADMIN)


@pytest.fixture
def draft(manager: Actor) -> Campaign:
    return ready_draft(manager)


def said(campaign: Campaign, *, blocks: bool = True) -> list[str]:
    return [str(one) for one in remarks_on(again(campaign)) if one.blocks is blocks]


def test_nothing_stands_in_the_way_of_a_ready_draft(draft: Campaign) -> None:
    assert said(draft) == []
    assert said(draft, blocks=False) == [
        "里程碑“形成年度报告，报送省住房和城乡建设厅等相关部门”：没有期限，平台不会提示"
    ]


@pytest.mark.parametrize("code", ["national-2020", "anhui-2020", "tianjin-2020", "chuxiong-2021"])
def test_the_campaigns_of_the_documents_have_no_obstacle(db: None, code: str) -> None:
    campaign = Campaign.objects.get(code=code)
    here = [one for one in said(campaign) if "没有" not in one]
    assert here == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"document_title": ""}, ["文件名称：没有填写印发行动的文件"]),
        ({"review_chain": ["street", "district", "city", "province"]}, [
            "审核层级：末级“省级”高于楚雄彝族自治州，只能由本级和下级审核、认定"
        ]),
    ],
)  # fmt: skip
def test_head_and_chain(draft: Campaign, fields: dict[str, Any], expected: list[str]) -> None:
    Campaign.objects.filter(pk=draft.pk).update(**fields)
    assert said(draft) == expected


def test_years_of_the_parent(draft: Campaign) -> None:
    Campaign.objects.filter(pk=draft.pk).update(parent=Campaign.objects.get(code="national-2020"))
    assert said(draft) == ["上级行动：“绿色社区创建行动”的年度是 2020–2022，与本行动没有同一年度，请改选或不选上级行动"]
    Campaign.objects.filter(pk=draft.pk).update(first_year=2022)
    beyond = "上级行动：“绿色社区创建行动”的年度是 2020–2022，此外的年度不计入上级行动"
    assert beyond in said(draft, blocks=False)
    assert not any(one.startswith("上级行动") for one in said(draft))


def test_targets_of_the_parent_are_not_undercut(manager: Actor) -> None:
    draft = ready_draft(manager)
    parent = Campaign.objects.get(code="national-2020")
    Campaign.objects.filter(pk=draft.pk).update(parent=parent, first_year=2022)
    target = Target.objects.create(campaign=draft, jurisdiction=draft.jurisdiction, year=2022, kind="percent", value=50)
    wanted = "创建目标：2022 年 50% 低于上级行动“绿色社区创建行动”2022 年的目标 60%"
    assert wanted in said(draft)
    target.value = 60
    target.save()
    assert wanted not in said(draft)


def test_targets_rise_and_the_last_year_has_one(draft: Campaign) -> None:
    Target.objects.filter(campaign=draft, year=2028).update(value=10)
    assert said(draft) == ["创建目标：2028 年 10% 低于 2027 年 60%；目标是累计比例，应逐年提高"]
    Target.objects.filter(campaign=draft, year=2028).update(year=2029)
    assert said(draft) == [
        "创建目标：2029 年的目标不在行动年度内",
        "创建目标：没有定 2028 年的目标比例，最后一年要有目标",
    ]


def test_standard_is_published_and_seen_by_all_below(draft: Campaign) -> None:
    standard = Standard.objects.create(code="x", name="州草稿", jurisdiction=draft.jurisdiction, kind="pass_fail")
    Campaign.objects.filter(pk=draft.pk).update(standard=standard)
    assert "创建标准：“州草稿”还没有发布，下级看不到" in said(draft)
    Campaign.objects.filter(pk=draft.pk).update(standard=Standard.objects.get(code="tianjin-2020"))
    assert "创建标准：“天津市绿色社区创建标准（试行）”不是本级或上级的标准" in said(draft)


def test_dates_lie_inside_the_years(draft: Campaign) -> None:
    draft.phases.create(number=1, title="准备", starts_on=date(2025, 12, 1), ends_on=date(2026, 3, 1))
    draft.phases.create(number=2, title="推进", starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1))
    draft.milestones.filter(title="确定试点社区并启动实施").update(dates=[date(2025, 3, 31)])
    assert said(draft) == [
        "阶段“准备”：2025-12-01 不在行动年度内",
        "阶段“推进”：结束 2026-01-01 早于开始 2026-02-01",
        "里程碑“确定试点社区并启动实施”：期限 2025-03-31 不在行动年度（2026–2028）内",
    ]
    assert "阶段“推进”：开始 2026-02-01 早于上一阶段的结束 2026-03-01" in said(draft, blocks=False)


def test_levels_of_milestones_exist(draft: Campaign) -> None:
    draft.milestones.filter(title="上报创建成果名单").update(level="province")
    assert said(draft) == ["里程碑“上报创建成果名单”：楚雄彝族自治州没有省级，没有单位报送"]


def test_departments_are_of_sections_that_exist(draft: Campaign) -> None:
    draft.section_departments.create(section_number=9, departments=["民政局"])
    assert said(draft) == ["责任部门：标准没有第 9 项内容，这一项的责任部门要去掉"]


def test_a_level_that_a_branch_lacks_is_skipped_and_one_that_is_needed_is_missed(make_actor: MakeActor) -> None:
    """东莞 has no districts: its streets stand right under the city."""
    guangdong, city = make_actor("44", Role.BUREAU_ADMIN), make_actor("4419", Role.BUREAU_ADMIN)
    draft = Campaign.objects.create(
        code="g",
        name="广东",
        jurisdiction=guangdong.jurisdiction,
        first_year=2026,
        last_year=2026,
        standard=Standard.objects.get(code="national-2020"),
        review_chain=["street", "district", "city"],
    )
    skipped = [one for one in said(draft, blocks=False) if one.startswith("审核层级")]
    streets = city.jurisdiction.children.count()
    first = min(city.jurisdiction.children.values_list("name", flat=True))
    assert skipped == [f"审核层级：{first}等 {streets} 个街道（镇、乡）没有县级，它们的自评跳过这一级"]
    Campaign.objects.filter(pk=draft.pk).update(review_chain=["street", "district"])
    alone = [one for one in said(draft) if one.startswith("审核层级")]
    assert alone == [f"审核层级：{first}等 {streets} 个街道（镇、乡）没有可以审核的上级，请增加审核层级"]


def test_units_that_were_closed_lack_no_level_and_report_nothing(draft: Campaign) -> None:
    gone = {"level": "street", "opened_on": date(2020, 1, 1), "closed_on": date(2021, 1, 1)}
    Jurisdiction.objects.create(name="旧街道", parent=draft.jurisdiction, **gone)
    assert not [one for one in (*said(draft), *said(draft, blocks=False)) if one.startswith("审核层级")]
    Jurisdiction.objects.create(name="旧州", parent=draft.jurisdiction, **gone | {"level": "province"})
    draft.milestones.filter(title="上报创建成果名单").update(level="province")
    assert said(draft) == ["里程碑“上报创建成果名单”：楚雄彝族自治州没有省级，没有单位报送"]


def test_what_is_worth_a_look(draft: Campaign, chuxiong: Campaign) -> None:
    Campaign.objects.filter(pk=draft.pk).update(first_year=2022, document_number="")
    with travel("2029-01-05", tick=False):
        found = said(draft, blocks=False)
    assert "文号：还没有填写，没有文号的不用填" in found
    assert "年度：结束年度 2028 已经过去" in found
    assert "年度：与正在进行的“楚雄州绿色社区创建行动”（2021–2022）重叠" in found


def test_checks_of_a_part_find_all_that_is_wrong_in_it(draft: Campaign) -> None:
    national = Campaign.objects.get(code="national-2020")
    fields = {"document_title": "", "first_year": 2022, "last_year": 2029, "parent": national}
    Campaign.objects.filter(pk=draft.pk).update(review_chain=["street", "province"], **fields)
    draft.phases.create(number=1, title="准备", starts_on=date(2021, 12, 1))
    draft.section_departments.create(section_number=9, departments=["民政局"])
    draft.milestones.filter(title="确定试点社区并启动实施").update(dates=[date(2021, 3, 31)])
    found = remarks_on(again(draft))
    places = {one.place for one in found if one.blocks}
    wrong = {"文件名称", "审核层级", "创建目标", "阶段“准备”", "里程碑“确定试点社区并启动实施”", "责任部门"}
    assert places == wrong
    for one in found:
        part = one.part if isinstance(one.part, str) else kind_of(one.part).part
        assert one in remarks_on(again(draft), part)


def test_checks_ask_the_same_however_many_rows(draft: Campaign) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            remarks_on(again(draft))
        return len(asked)

    before = queries()
    for number in (1, 2, 3):
        draft.phases.create(number=number, title=f"阶段{number}")
        draft.section_departments.create(section_number=number, departments=["民政局"])
        draft.milestones.create(
            number=90 + number, title="x", level="district", kind="plan", recurrence="once", dates=[]
        )
    assert queries() == before
