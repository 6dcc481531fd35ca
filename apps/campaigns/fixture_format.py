"""The shape of fixtures/campaigns/*.yaml: a 绿色社区创建行动 with targets, review chain and milestones."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from apps.core.fixture_file import (
    Amount,
    Code,
    Complaint,
    Day,
    FixtureFile,
    FixturePart,
    JurisdictionCode,
    Loc,
    Ordinal,
    Text,
    duplicates,
    read_fixture,
)

Level = Literal["nation", "province", "city", "district", "street"]
LEVELS: tuple[Level, ...] = ("nation", "province", "city", "district", "street")
Year = Annotated[int, Field(strict=True, ge=2000, le=2100)]
Month = Annotated[int, Field(strict=True, ge=1, le=12)]
DayOfMonth = Annotated[int, Field(strict=True, ge=1, le=31)]
LEAP_YEAR = 2000
MilestoneKind = Literal[
    "plan",
    "pilots",
    "progress",
    "self_evaluation",
    "result_list",
    "annual_report",
    "evaluation",
    "acceptance",
]


class DocumentEntry(FixturePart):
    """The official document; what it does not bear (a number, a date) is null."""

    title: Text
    number: Text | None = None
    issued_on: Day | None = None


class PhaseEntry(FixturePart):
    """A phase (阶段). Documents that name phases without dates leave `start` and `end` null."""

    title: Text
    start: Day | None = None
    end: Day | None = None


class TargetEntry(FixturePart):
    """What each jurisdiction of `applies_to` must reach in `year`; `upper` closes a span like 1-2个."""

    year: Year
    kind: Literal["percent", "pilots_per_street"]
    value: Amount
    upper: Amount | None = None
    applies_to: Level
    clause: Text

    def complaints(self, loc: Loc) -> Iterator[Complaint]:
        if self.kind == "percent" and not 0 < self.value <= 100:
            yield (*loc, "value"), f"比例须大于 0、不超过 100，写的是 {self.value}"
        if self.kind == "pilots_per_street":
            if self.value < 1 or self.value != self.value.to_integral_value():
                yield (*loc, "value"), f"试点个数须为正整数，写的是 {self.value}"
            if self.applies_to != "street":
                yield (*loc, "applies_to"), "每个街道的试点数只能落到 street"
        if self.upper is not None and self.upper < self.value:
            yield (*loc, "upper"), f"上限 {self.upper} 小于下限 {self.value}"


class MilestoneEntry(FixturePart):
    """What is due from each jurisdiction of `levels` (报送要求).

    once: `due_on`. yearly: `due_month` and `due_day`, in `years` or in every year of the campaign.
    monthly, quarterly: no date of its own; due on the last day of the period [reading].
    `due_on` and `due_month` are null together where the document sets no date.
    """

    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    kind: MilestoneKind
    title: Text
    recurrence: Literal["once", "monthly", "quarterly", "yearly"]
    due_on: Day | None = None
    due_month: Month | None = None
    due_day: DayOfMonth | None = None
    years: tuple[Year, ...] = ()
    clause: Text
    required_parts: tuple[Text, ...] = ()

    def complaints(self, loc: Loc) -> Iterator[Complaint]:
        yield from duplicates((*loc, "levels"), "", list(self.levels))
        yield from duplicates((*loc, "years"), "", list(self.years))
        if self.recurrence != "once" and self.due_on is not None:
            yield (*loc, "due_on"), "只有一次性的报送要求（once）才写 due_on"
        if self.recurrence != "yearly" and (self.due_month or self.due_day or self.years):
            name = "due_month" if self.due_month else "due_day" if self.due_day else "years"
            yield (*loc, name), "只有每年的报送要求（yearly）才写 due_month、due_day 和 years"
        if (self.due_month is None) != (self.due_day is None):
            yield (*loc, "due_day" if self.due_day is None else "due_month"), "due_month 和 due_day 要一起写"
        if self.due_month and self.due_day and self.due_day > monthrange(LEAP_YEAR, self.due_month)[1]:
            yield (*loc, "due_day"), f"{self.due_month} 月没有 {self.due_day} 日"


class SectionDepartmentsEntry(FixturePart):
    section: Ordinal
    departments: Annotated[tuple[Text, ...], Field(min_length=1)]


class CampaignFile(FixtureFile):
    """`review_chain`: the levels an assessment passes, the submitting one first, the last recognises.

    `departments`: those that carry the campaign, the leading one first.
    """

    code: Code
    name: Text
    jurisdiction: JurisdictionCode
    parent: Code | None = None
    standard: Code
    document: DocumentEntry
    first_year: Year
    last_year: Year
    review_chain: Annotated[tuple[Level, ...], Field(min_length=2)]
    departments: Annotated[tuple[Text, ...], Field(min_length=1)]
    section_departments: tuple[SectionDepartmentsEntry, ...] = ()
    phases: tuple[PhaseEntry, ...] = ()
    targets: Annotated[tuple[TargetEntry, ...], Field(min_length=1)]
    milestones: tuple[MilestoneEntry, ...] = ()
    summary_note: Text | None = None

    def complaints(self) -> Iterator[Complaint]:
        if self.first_year > self.last_year:
            yield ("last_year",), f"{self.last_year} 早于第一年 {self.first_year}"
            return
        if self.parent == self.code:
            yield ("parent",), "不能以自己为上级行动"
        yield from self._chain_complaints()
        yield from duplicates(
            ("section_departments",), "section", [entry.section for entry in self.section_departments]
        )
        yield from self._phase_complaints()
        yield from self._target_complaints()
        yield from self._milestone_complaints()

    def _in_years(self, year: int) -> bool:
        return self.first_year <= year <= self.last_year

    def _chain_complaints(self) -> Iterator[Complaint]:
        for position, (lower, upper) in enumerate(zip(self.review_chain, self.review_chain[1:], strict=False), 1):
            if LEVELS.index(upper) >= LEVELS.index(lower):
                yield ("review_chain", position), f"{upper} 不在 {lower} 之上：要从填报的一级逐级向上写"

    def _phase_complaints(self) -> Iterator[Complaint]:
        before: date | None = None
        for position, phase in enumerate(self.phases):
            if phase.start and phase.end and phase.start > phase.end:
                yield ("phases", position, "end"), f"结束 {phase.end} 早于开始 {phase.start}"
            if phase.start and before and phase.start <= before:
                yield ("phases", position, "start"), f"开始 {phase.start} 早于上一阶段的结束 {before}"
            before = phase.end or phase.start or before

    def _target_complaints(self) -> Iterator[Complaint]:
        values: dict[tuple[int, str], Amount] = {}
        levels: set[tuple[int, str, str]] = set()
        for position, target in enumerate(self.targets):
            same = (target.year, target.kind)
            if (*same, target.applies_to) in levels:
                yield ("targets", position), f"{target.year} 年同一层级的目标出现了两次"
            elif values.setdefault(same, target.value) != target.value:
                yield (
                    ("targets", position, "value"),
                    f"{target.year} 年各层级的目标要一致：{values[same]} 和 {target.value}",
                )
            levels.add((*same, target.applies_to))
            yield from target.complaints(("targets", position))
            if not self._in_years(target.year):
                yield ("targets", position, "year"), f"{target.year} 不在 {self.first_year}–{self.last_year} 之内"

    def _milestone_complaints(self) -> Iterator[Complaint]:
        for position, milestone in enumerate(self.milestones):
            yield from milestone.complaints(("milestones", position))
            for y, year in enumerate(milestone.years):
                if not self._in_years(year):
                    yield (
                        ("milestones", position, "years", y),
                        f"{year} 不在 {self.first_year}–{self.last_year} 之内",
                    )
            due = milestone.due_on
            if due and not self._in_years(due.year):
                yield (
                    ("milestones", position, "due_on"),
                    f"{due} 不在 {self.first_year}–{self.last_year} 之内",
                )


def read_campaign(path: Path) -> CampaignFile:
    """One file, whole; FixtureError says what is wrong with it."""
    return read_fixture(path, CampaignFile)
