"""load_campaigns, on the database."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.campaigns.loading import SOURCE
from apps.campaigns.models import Campaign, Milestone, Participation, Target
from apps.communities.models import Community
from apps.core import clock

pytestmark = pytest.mark.django_db


def run(*args: Any) -> list[str]:
    out = StringIO()
    call_command("load_campaigns", *args, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """The file of 楚雄 with texts replaced."""

    def edit(*replacements: tuple[str, str]) -> Path:
        text = (SOURCE / "chuxiong-2021.yaml").read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "edited.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return edit


def test_load_campaigns_stores_chuxiong() -> None:
    campaign = Campaign.objects.get(code="chuxiong-2021")
    assert campaign.jurisdiction.code == "532300000000"
    assert campaign.parent is not None
    assert campaign.parent.code == "national-2020"
    assert campaign.standard.code == "chuxiong-2021"
    assert campaign.years == [2021, 2022]
    assert campaign.review_chain == ["street", "district", "city"]
    assert campaign.lead_departments[0] == "楚雄彝族自治州住房和城乡建设局"
    targets = Target.objects.filter(campaign=campaign).order_by("year")
    assert [(t.jurisdiction.code, t.year, t.kind, t.value, t.source) for t in targets] == [
        ("532300000000", 2021, "percent", Decimal(20), "一、（二）（落到地级）"),
        ("532300000000", 2022, "percent", Decimal(60), "一、（二）（落到地级）"),
    ]
    assert list(campaign.milestones.order_by("number").values_list("level", "kind", "dates")) == [
        ("district", "plan", [date(2021, 3, 31)]),
        ("district", "pilots", [date(2021, 3, 31)]),
        ("district", "self_evaluation", [date(2021, 8, 31), date(2022, 8, 31)]),
        ("district", "result_list", [date(2021, 8, 31), date(2022, 8, 31)]),
        ("district", "annual_report", [date(2021, 10, 20), date(2022, 10, 20)]),
        ("city", "annual_report", []),
    ]


def test_load_campaigns_spreads_tianjins_months_and_levels() -> None:
    campaign = Campaign.objects.get(code="tianjin-2020")
    monthly = Milestone.objects.get(campaign=campaign, recurrence="monthly")
    assert len(monthly.dates) == 26
    assert monthly.dates[:4] == [date(2020, 11, 30), date(2020, 12, 31), date(2021, 1, 31), date(2021, 2, 28)]
    assert monthly.dates[-1] == date(2022, 12, 31)
    reports = Milestone.objects.filter(campaign=campaign, kind="annual_report").order_by("number")
    assert [report.level for report in reports] == ["district", "province"]
    assert reports[0].dates == [date(2020, 11, 15), date(2021, 11, 15), date(2022, 11, 15)]
    pilots = Target.objects.get(campaign=campaign, kind="pilots_per_street")
    assert pilots.value == 1
    assert pilots.upper == 2
    assert campaign.phases.count() == 3
    assert campaign.section_departments.get(section_number=1).departments == ["市民政局", "市城市管理委", "市水务局"]


def test_load_campaigns_again_changes_nothing() -> None:
    before = list(Milestone.objects.order_by("pk").values_list("pk", flat=True))
    outcomes = dict(line.split(" ", 1) for line in run())
    loaded = set(Campaign.objects.values_list("code", flat=True))
    assert {code for code, outcome in outcomes.items() if outcome == "未变化"} == loaded
    assert {outcome for code, outcome in outcomes.items() if code not in loaded} <= {"已跳过：辖区没有装载"}
    assert list(Milestone.objects.order_by("pk").values_list("pk", flat=True)) == before


def test_load_campaigns_updates_parts_in_place(edited: Callable[..., Path]) -> None:
    plan = Milestone.objects.get(campaign__code="chuxiong-2021", kind="plan")
    assert run(edited(("due_on: 2021-03-31\n    clause: 四", "due_on: 2021-04-30\n    clause: 四"))) == [
        "chuxiong-2021 已更新"
    ]
    plan.refresh_from_db()
    assert plan.dates == [date(2021, 4, 30)]
    assert Milestone.objects.filter(campaign__code="chuxiong-2021").count() == 6


def test_load_campaigns_keeps_a_target_that_stands(edited: Callable[..., Path]) -> None:
    Target.objects.filter(campaign__code="chuxiong-2021", year=2021).update(value=25)
    assert run(edited()) == ["chuxiong-2021 未变化"]
    assert Target.objects.get(campaign__code="chuxiong-2021", year=2021).value == 25


def test_load_campaigns_refuses_another_chain_once_communities_take_part(edited: Callable[..., Path]) -> None:
    shorter = edited(("[street, district, city]", "[street, district]"))
    Participation.objects.create(
        campaign=Campaign.objects.get(code="chuxiong-2021"),
        community=Community.objects.filter(code__startswith="5323")[0],
        year=2021,
        created_at=clock.now(),
    )
    with pytest.raises(CommandError) as refused:
        run(shorter)
    assert str(refused.value) == "创建行动 chuxiong-2021 已有社区参与，不能再改 review_chain。"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("parent: national-2020", "parent: national-1999", "第 10 行 parent：没有创建行动 national-1999"),
        ("parent: national-2020", "parent: chuxiong-2021", "第 10 行 parent：不能以自己为上级行动"),
        (
            "summary_note:",
            "section_departments: [{section: 6, departments: [住建局]}]\nsummary_note:",
            "section_departments[0].section：chuxiong-2021 没有第 6 项内容",
        ),
        (
            "standard: chuxiong-2021",
            "standard: chuxiong-1999",
            "所用的标准 chuxiong-1999 没有装载，请先执行 load_standards。",
        ),
    ],
)
def test_load_campaigns_refuses_what_is_not_there(
    edited: Callable[..., Path], old: str, new: str, message: str
) -> None:
    with pytest.raises(CommandError) as refused:
        run(edited((old, new)))
    assert str(refused.value).endswith(message)


def test_load_campaigns_skips_a_jurisdiction_that_is_not_loaded(edited: Callable[..., Path]) -> None:
    path = edited(('"532300000000"', '"990000000000"'), ("code: chuxiong-2021", "code: nowhere-2021"))
    assert run(path) == ["nowhere-2021 已跳过：辖区没有装载"]
