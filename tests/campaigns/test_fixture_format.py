"""The campaigns' files: what they hold, and how a wrong one is refused."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apps.campaigns.fixture_format import LEVELS, CampaignFile, read_campaign
from apps.core.fixture_file import FixtureError
from apps.jurisdictions.models import Level

FIXTURES = Path(__file__).parents[2] / "fixtures" / "campaigns"
CODES = ("national-2020", "jiangsu-2020", "anhui-2020", "tianjin-2020", "beijing-2021", "chuxiong-2021")


@pytest.fixture(scope="module")
def files() -> dict[str, CampaignFile]:
    return {code: read_campaign(FIXTURES / f"{code}.yaml") for code in CODES}


def test_levels_are_those_of_the_tree() -> None:
    assert list(LEVELS) == Level.values


@pytest.mark.parametrize(
    ("code", "document", "years", "standard"),
    [
        ("national-2020", ("建城〔2020〕68号", None), (2020, 2022), "national-2020"),
        ("jiangsu-2020", ("苏建房管〔2020〕152号", date(2020, 9, 16)), (2020, 2022), "national-2020"),
        ("anhui-2020", (None, None), (2020, 2022), "anhui-2020"),
        ("tianjin-2020", (None, date(2020, 11, 3)), (2020, 2022), "tianjin-2020"),
        ("beijing-2021", ("京建发〔2021〕315号", date(2021, 9, 27)), (2021, 2022), "national-2020"),
        ("chuxiong-2021", ("楚住建城〔2021〕1号", date(2021, 1, 12)), (2021, 2022), "chuxiong-2021"),
    ],
)
def test_read_campaign_document(
    files: dict[str, CampaignFile],
    code: str,
    document: tuple[str | None, date | None],
    years: tuple[int, int],
    standard: str,
) -> None:
    file = files[code]
    assert (file.document.number, file.document.issued_on) == document
    assert (file.first_year, file.last_year) == years
    assert file.standard == standard
    assert file.parent == (None if code == "national-2020" else "national-2020")


@pytest.mark.parametrize(
    ("code", "chain"),
    [
        ("national-2020", ("street", "district", "city", "province")),
        ("jiangsu-2020", ("street", "district", "city", "province")),
        ("anhui-2020", ("street", "district", "city", "province")),
        ("tianjin-2020", ("street", "district", "province")),
        ("beijing-2021", ("street", "district")),
        ("chuxiong-2021", ("street", "district", "city")),
    ],
)
def test_read_campaign_review_chain(files: dict[str, CampaignFile], code: str, chain: tuple[str, ...]) -> None:
    assert files[code].review_chain == chain


@pytest.mark.parametrize(
    ("code", "targets"),
    [
        ("national-2020", [(2022, "percent", 60, None, "nation")]),
        ("jiangsu-2020", [(2020, "percent", 10, None, "city"), (2022, "percent", 60, None, "province")]),
        ("anhui-2020", [(2022, "percent", 60, None, "province")]),
        (
            "tianjin-2020",
            [
                (2020, "pilots_per_street", 1, 2, "street"),
                (2021, "percent", 30, None, "district"),
                (2022, "percent", 60, None, "district"),
            ],
        ),
        (
            "beijing-2021",
            [
                (2021, "pilots_per_street", 2, 3, "street"),
                (2021, "percent", 25, None, "province"),
                (2021, "percent", 25, None, "district"),
                (2022, "percent", 60, None, "district"),
            ],
        ),
        ("chuxiong-2021", [(2021, "percent", 20, None, "city"), (2022, "percent", 60, None, "city")]),
    ],
)
def test_read_campaign_targets(
    files: dict[str, CampaignFile], code: str, targets: list[tuple[int, str, int, int | None, str]]
) -> None:
    found: list[tuple[Any, ...]] = [(t.year, t.kind, t.value, t.upper, t.applies_to) for t in files[code].targets]
    assert found == targets


def due_dates(file: CampaignFile) -> list[tuple[str, str, date | tuple[int | None, int | None]]]:
    return [(m.kind, m.recurrence, m.due_on or (m.due_month, m.due_day)) for m in file.milestones]


@pytest.mark.parametrize(
    ("code", "milestones"),
    [
        ("national-2020", [("plan", "once", date(2020, 8, 31)), ("annual_report", "yearly", (11, 30))]),
        (
            "jiangsu-2020",
            [
                ("plan", "once", date(2020, 10, 10)),
                ("plan", "once", date(2020, 11, 10)),
                ("evaluation", "yearly", (11, 30)),
            ],
        ),
        (
            "anhui-2020",
            [
                ("plan", "once", date(2020, 11, 30)),
                ("pilots", "once", date(2020, 12, 31)),
                ("annual_report", "yearly", (10, 31)),
            ],
        ),
        (
            "tianjin-2020",
            [
                ("plan", "once", date(2020, 12, 15)),
                ("progress", "monthly", (None, None)),
                ("evaluation", "once", date(2021, 12, 31)),
                ("annual_report", "yearly", (11, 15)),
                ("acceptance", "yearly", (12, 31)),
            ],
        ),
        (
            "beijing-2021",
            [
                ("plan", "once", date(2021, 12, 31)),
                ("progress", "quarterly", (None, None)),
                ("evaluation", "once", date(2022, 5, 31)),
                ("annual_report", "yearly", (11, 10)),
            ],
        ),
        (
            "chuxiong-2021",
            [
                ("plan", "once", date(2021, 3, 31)),
                ("pilots", "once", date(2021, 3, 31)),
                ("self_evaluation", "yearly", (8, 31)),
                ("result_list", "yearly", (8, 31)),
                ("annual_report", "yearly", (10, 20)),
                ("annual_report", "yearly", (None, None)),
            ],
        ),
    ],
)
def test_read_campaign_milestones(
    files: dict[str, CampaignFile],
    code: str,
    milestones: list[tuple[str, str, date | tuple[int | None, int | None]]],
) -> None:
    assert due_dates(files[code]) == milestones


def test_read_campaign_phases(files: dict[str, CampaignFile]) -> None:
    assert [(p.title, p.start, p.end) for p in files["tianjin-2020"].phases] == [
        ("试点先行阶段", date(2020, 11, 1), date(2021, 5, 31)),
        ("推广示范阶段", date(2021, 6, 1), date(2021, 12, 31)),
        ("巩固完成阶段", date(2022, 1, 1), date(2022, 12, 31)),
    ]
    assert [(p.start, p.end) for p in files["jiangsu-2020"].phases] == [(None, None)] * 3
    assert [len(files[code].phases) for code in CODES] == [0, 3, 0, 3, 3, 0]


def test_read_campaign_section_departments(files: dict[str, CampaignFile]) -> None:
    tianjin = {entry.section: entry.departments for entry in files["tianjin-2020"].section_departments}
    assert tianjin[1] == ("市民政局", "市城市管理委", "市水务局")
    assert tianjin[5] == ("市住房城乡建设委", "市生态环境局", "市城市管理委", "市文化和旅游局", "市规划资源局")
    beijing = {entry.section: entry.departments for entry in files["beijing-2021"].section_departments}
    assert {section: len(departments) for section, departments in beijing.items()} == {1: 4, 2: 6, 3: 8, 4: 5, 5: 6}


def test_read_campaign_required_parts_and_note(files: dict[str, CampaignFile]) -> None:
    assert files["tianjin-2020"].milestones[0].required_parts == (
        "本区绿色社区创建总体目标",
        "年度目标",
        "工作措施",
        "工作分工",
    )
    assert files["chuxiong-2021"].summary_note == (
        "注：本表由各县市住房城乡建设部门汇总填写，与年度总结评估报告一并于当年 10 月 20 日前上报州住房城乡建设局。"
    )


SMALL = """\
code: small-2021
name: 小行动
jurisdiction: "532300000000"
standard: small-2021
document: {title: 小文件}
first_year: 2021
last_year: 2022
review_chain: [street, district, city]
departments: [住建局]
phases:
  - {title: 一, start: 2021-01-01, end: 2021-06-30}
  - {title: 二, start: 2021-07-01, end: 2021-12-31}
targets:
  - {year: 2021, kind: percent, value: 20, applies_to: city, clause: 一}
milestones:
  - {levels: [district], kind: plan, title: 方案, recurrence: once, due_on: 2021-03-31, clause: 二}
  - {levels: [district], kind: annual_report, title: 报告, recurrence: yearly, due_month: 10, due_day: 20, clause: 三}
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (SMALL, "", "文件是空的"),
        ("last_year: 2022", "last_year: 2020", "第 7 行 last_year：2020 早于第一年 2021"),
        (
            "city]",
            "town]",
            "第 8 行 review_chain[2]：须为 nation、province、city、district、street 之一，写的是 'town'",
        ),
        (
            "[street, district, city]",
            "[street, city, district]",
            "第 8 行 review_chain[2]：district 不在 city 之上：要从填报的一级逐级向上写",
        ),
        ("end: 2021-06-30", "end: 2020-06-30", "第 11 行 phases[0].end：结束 2020-06-30 早于开始 2021-01-01"),
        (
            "start: 2021-07-01",
            "start: 2021-06-30",
            "第 12 行 phases[1].start：开始 2021-06-30 早于上一阶段的结束 2021-06-30",
        ),
        ("start: 2021-07-01", "start: 七月", "第 12 行 phases[1].start：须为日期，如 2021-03-31，写的是 '七月'"),
        ("value: 20", "value: 120", "第 14 行 targets[0].value：比例须大于 0、不超过 100，写的是 120"),
        ("value: 20", "value: 20, upper: 10", "第 14 行 targets[0].upper：上限 10 小于下限 20"),
        ("year: 2021, kind", "year: 2023, kind", "第 14 行 targets[0].year：2023 不在 2021–2022 之内"),
        ("kind: percent", "kind: pilots_per_street", "第 14 行 targets[0].applies_to：每个街道的试点数只能落到 street"),
        (
            "applies_to: city",
            "applies_to: county",
            "第 14 行 targets[0].applies_to：须为 nation、province、city、district、street 之一，写的是 'county'",
        ),
        ("due_on: 2021-03-31", "due_on: 2020-03-31", "第 16 行 milestones[0].due_on：2020-03-31 不在 2021–2022 之内"),
        (
            "recurrence: once",
            "recurrence: monthly",
            "第 16 行 milestones[0].due_on：只有一次性的报送要求（once）才写 due_on",
        ),
        ("due_month: 10, due_day: 20", "due_month: 2, due_day: 30", "第 17 行 milestones[1].due_day：2 月没有 30 日"),
        (", due_day: 20", "", "第 17 行 milestones[1].due_day：due_month 和 due_day 要一起写"),
        ("code: small-2021", "code: 小", "第 1 行 code：写法不对（要求 ^[a-z0-9]+(-[a-z0-9]+)*$），写的是 '小'"),
    ],
)
def test_read_campaign_refuses_a_wrong_file(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in SMALL
    path = tmp_path / "wrong.yaml"
    path.write_text(SMALL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FixtureError) as caught:
        read_campaign(path)
    assert str(caught.value) == f"{path}：{problem}"


def test_read_campaign_small_file(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    assert read_campaign(path).review_chain == ("street", "district", "city")
