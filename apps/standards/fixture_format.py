"""The shape of fixtures/standards/*.yaml: a 创建标准 with its sections, criteria and rules."""

from collections.abc import Iterator
from decimal import Decimal
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
    Flag,
    JurisdictionCode,
    Loc,
    Ordinal,
    Text,
    duplicates,
    read_fixture,
)
from apps.standards.specs import (
    CriterionSpec,
    Rounding,
    RuleKind,
    RuleSpec,
    SectionSpec,
    StandardKind,
    StandardSpec,
    SubItemSpec,
)

Points = Annotated[Amount, Field(gt=0)]
Percent = Annotated[Amount, Field(le=100)]
CheckMethod = Literal["documents", "site_visit", "interviews", "questionnaire"]


class RuleEntry(FixturePart):
    number: Ordinal
    text: Text

    def complaints(self, loc: Loc) -> Iterator[Complaint]:
        yield from ()

    def to_spec(self) -> RuleSpec:
        return RuleSpec(**self.model_dump(exclude={"text", "unit"}))


class FixedRule(RuleEntry):
    kind: Literal[RuleKind.FIXED]
    points: Points


class RangeRule(RuleEntry):
    kind: Literal[RuleKind.RANGE, RuleKind.BONUS_RANGE]
    min_points: Ordinal
    max_points: Ordinal

    def complaints(self, loc: Loc) -> Iterator[Complaint]:
        if self.min_points > self.max_points:
            yield (*loc, "min_points"), f"最少 {self.min_points} 分大于最多 {self.max_points} 分"


class CountRule(RuleEntry):
    kind: Literal[RuleKind.COUNT]
    points: Points
    cap: Points | None = None
    unit: Text | None = None


class RateShortfallRule(RuleEntry):
    kind: Literal[RuleKind.RATE_SHORTFALL]
    full_value: Percent
    step: Points
    points: Points
    cap: Points | None = None
    floor: Percent | None = None
    rounding: Rounding = Rounding.FULL_STEPS

    def complaints(self, loc: Loc) -> Iterator[Complaint]:
        if self.step > self.full_value:
            yield (*loc, "step"), f"每一档 {self.step} 大于满值 {self.full_value}"
        if self.floor is not None and self.floor > self.full_value:
            yield (*loc, "floor"), f"底线 {self.floor} 大于满值 {self.full_value}"


class CountShortfallRule(RuleEntry):
    kind: Literal[RuleKind.COUNT_SHORTFALL]
    required: Ordinal
    points: Points
    cap: Points | None = None
    unit: Text | None = None


Rule = Annotated[
    FixedRule | RangeRule | CountRule | RateShortfallRule | CountShortfallRule, Field(discriminator="kind")
]


class SubItemEntry(FixturePart):
    number: Ordinal
    text: Text
    points: Points
    rules: tuple[Rule, ...] = ()

    def to_spec(self) -> SubItemSpec:
        return SubItemSpec(number=self.number, points=self.points, rules=tuple(r.to_spec() for r in self.rules))


class CriterionEntry(FixturePart):
    """`national`: the criterion of the root standard that this one refines, null if it is its own."""

    number: Ordinal
    text: Text
    national: Ordinal | None = None
    points: Amount = Decimal(0)
    scoring_text: Text | None = None
    allows_not_applicable: Flag = False
    is_veto: Flag = False
    is_mandatory: Flag = False
    is_bonus: Flag = False
    guidance: Text | None = None
    required_evidence: tuple[Text, ...] = ()
    check_methods: tuple[CheckMethod, ...] = ()
    sub_items: tuple[SubItemEntry, ...] = ()
    rules: tuple[Rule, ...] = ()

    def located_rules(self, loc: Loc) -> Iterator[tuple[Loc, Rule, Decimal]]:
        """Every rule with its place and the points it takes from."""
        for position, rule in enumerate(self.rules):
            yield (*loc, "rules", position), rule, self.points
        for item_position, item in enumerate(self.sub_items):
            for position, rule in enumerate(item.rules):
                yield (*loc, "sub_items", item_position, "rules", position), rule, item.points

    def complaints(self, loc: Loc) -> Iterator[Complaint]:
        yield from duplicates((*loc, "sub_items"), "number", [item.number for item in self.sub_items])
        seen: set[int] = set()
        for rule_loc, rule, held in self.located_rules(loc):
            yield from rule.complaints(rule_loc)
            if rule.number in seen:
                yield (*rule_loc, "number"), f"{rule.number} 出现了两次"
            seen.add(rule.number)
            largest = rule.to_spec().largest
            if self.points and largest is not None and largest > held:
                yield rule_loc, f"这条规则最多扣（加）{largest} 分，超过所属的 {held} 分"
            if (rule.kind is RuleKind.BONUS_RANGE) != self.is_bonus:
                yield (*rule_loc, "kind"), "加分规则只能用在加分条目上，加分条目也只能有加分规则"
        if not self.points and (seen or self.sub_items):
            yield (*loc, "points"), "没有分值的条目不能有扣分规则或分项"
        in_items = sum((item.points for item in self.sub_items), Decimal(0))
        if self.points and self.sub_items and in_items != self.points:
            yield (*loc, "points"), f"分项相加是 {in_items} 分，条目是 {self.points} 分"
        if self.is_bonus:
            yield from self._bonus_complaints(loc)

    def _bonus_complaints(self, loc: Loc) -> Iterator[Complaint]:
        if not self.points:
            yield (*loc, "points"), "加分条目要有分值"
        for name in ("allows_not_applicable", "is_veto", "is_mandatory"):
            if getattr(self, name):
                yield (*loc, name), "不能用在加分条目上"

    def to_spec(self) -> CriterionSpec:
        return CriterionSpec(
            number=self.number,
            points=self.points,
            rules=tuple(rule.to_spec() for rule in self.rules),
            sub_items=tuple(item.to_spec() for item in self.sub_items),
            allows_not_applicable=self.allows_not_applicable,
            is_veto=self.is_veto,
            is_mandatory=self.is_mandatory,
            is_bonus=self.is_bonus,
        )


class SectionEntry(FixturePart):
    number: Ordinal
    title: Text
    weight: Points = Decimal(1)
    criteria: Annotated[tuple[CriterionEntry, ...], Field(min_length=1)]


class DocumentEntry(FixturePart):
    """The official document; what it does not bear (a number, a date) is null."""

    title: Text
    number: Text | None = None
    issued_on: Day | None = None


class StandardFile(FixtureFile):
    """`derived_from`: code of the standard it refines, null for one that stands on its own."""

    code: Code
    name: Text
    jurisdiction: JurisdictionCode
    derived_from: Code | None = None
    kind: StandardKind
    total_points: Points | None = None
    pass_mark: Points | None = None
    note: Text | None = None
    status: Literal["draft", "published"] = "published"
    document: DocumentEntry
    sections: Annotated[tuple[SectionEntry, ...], Field(min_length=1)]

    def located_criteria(self) -> Iterator[tuple[Loc, CriterionEntry]]:
        for s, section in enumerate(self.sections):
            for c, criterion in enumerate(section.criteria):
                yield ("sections", s, "criteria", c), criterion

    def complaints(self) -> Iterator[Complaint]:
        yield from duplicates(("sections",), "number", [section.number for section in self.sections])
        seen: set[int] = set()
        for loc, criterion in self.located_criteria():
            if criterion.number in seen:
                yield (*loc, "number"), f"{criterion.number} 出现了两次"
            seen.add(criterion.number)
            yield from criterion.complaints(loc)
            yield from self._tie_complaints(loc, criterion)
            if self.kind is StandardKind.PASS_FAIL and (criterion.points or criterion.is_bonus):
                yield (*loc, "points"), "达标制（pass_fail）的标准不计分"
        yield from self._total_complaints()

    def _tie_complaints(self, loc: Loc, criterion: CriterionEntry) -> Iterator[Complaint]:
        written = "national" in criterion.model_fields_set
        if self.derived_from and not written:
            yield (*loc, "national"), "缺少对应的上位标准条目；自设的条目写 null"
        if not self.derived_from and written:
            yield (*loc, "national"), "没有写 derived_from，就没有上位标准可对应"

    def _total_complaints(self) -> Iterator[Complaint]:
        if self.kind is StandardKind.PASS_FAIL:
            for name in ("total_points", "pass_mark"):
                if getattr(self, name) is not None:
                    yield (name,), "达标制（pass_fail）的标准不计分"
            return
        for name in ("total_points", "pass_mark"):
            if getattr(self, name) is None:
                yield (name,), "缺少这一项：计分制（scored）的标准要写总分和达标分"
        total = sum((s.weight * c.points for s in self.sections for c in s.criteria), Decimal(0))
        if self.total_points is not None and total != self.total_points:
            yield ("total_points",), f"各条分值（乘以权重）相加是 {total} 分，总分写的是 {self.total_points} 分"
        if self.total_points and self.pass_mark and self.pass_mark > self.total_points:
            yield ("pass_mark",), f"达标分 {self.pass_mark} 大于总分 {self.total_points}"

    def complaints_against(self, root: "StandardFile") -> Iterator[Complaint]:
        """What a refinement of `root` may not do: tie to a criterion it lacks, or drop one (因地制宜…细化量化)."""
        known = {criterion.number for _, criterion in root.located_criteria()}
        tied: set[int] = set()
        for loc, criterion in self.located_criteria():
            if criterion.national is None:
                continue
            tied.add(criterion.national)
            if criterion.national not in known:
                yield (*loc, "national"), f"{root.code} 没有第 {criterion.national} 条"
        for number in sorted(known - tied):
            yield ("sections",), f"缺少与 {root.code} 第 {number} 条对应的条目：下级标准不能删减条目"

    def to_spec(self) -> StandardSpec:
        sections = tuple(
            SectionSpec(
                number=section.number,
                weight=section.weight,
                criteria=tuple(criterion.to_spec() for criterion in section.criteria),
            )
            for section in self.sections
        )
        return StandardSpec(kind=self.kind, sections=sections, total_points=self.total_points, pass_mark=self.pass_mark)


def read_standard(path: Path) -> StandardFile:
    """One file, whole; FixtureError says what is wrong with it."""
    return read_fixture(path, StandardFile)
