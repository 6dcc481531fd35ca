"""The shape of fixtures/standards/*.yaml: a 创建标准 with its sections, criteria and rules."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from apps.core.fixture_file import (
    Amount,
    Code,
    Complaint,
    Day,
    Figure,
    FixtureFile,
    FixturePart,
    Flag,
    JurisdictionCode,
    Loc,
    Ordinal,
    Text,
    read_fixture,
)
from apps.standards.checks import complaints_about, dropped
from apps.standards.specs import (
    LARGEST_NUMBER,
    LARGEST_REQUIRED,
    CriterionSpec,
    Rounding,
    RuleKind,
    RuleSpec,
    SectionSpec,
    StandardKind,
    StandardSpec,
    SubItemSpec,
)

# No more than the columns of the database hold.
Points = Annotated[Amount, Field(gt=0, max_digits=6)]
Total = Annotated[Amount, Field(gt=0)]
Weight = Annotated[Figure, Field(gt=0, max_digits=6, decimal_places=3)]
Number = Annotated[Ordinal, Field(le=LARGEST_NUMBER)]
WholePoints = Annotated[Ordinal, Field(le=9999)]
Percent = Annotated[Amount, Field(le=100)]
# A text of the document, of one line or several.
Lines = Annotated[str, Field(min_length=1, pattern=r"(?s)^\S(.*\S)?$")]
# What stands in the place of a code in the addresses of pages.
RESERVED_CODES = frozenset({"new", "compare", "template", "import"})
CheckMethod = Literal["documents", "site_visit", "interviews", "questionnaire"]


class RuleEntry(FixturePart):
    number: Number
    text: Lines

    def to_spec(self) -> RuleSpec:
        return RuleSpec(**self.model_dump(exclude={"text", "unit", "fact"}))


class FixedRule(RuleEntry):
    kind: Literal[RuleKind.FIXED]
    points: Points
    fact: Literal["has_security_system"] | None = None


class RangeRule(RuleEntry):
    kind: Literal[RuleKind.RANGE, RuleKind.BONUS_RANGE]
    min_points: WholePoints
    max_points: WholePoints


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
    fact: Literal["noise_handled_rate", "property_coverage"] | None = None


class CountShortfallRule(RuleEntry):
    kind: Literal[RuleKind.COUNT_SHORTFALL]
    required: Annotated[Ordinal, Field(le=LARGEST_REQUIRED)]
    points: Points
    cap: Points | None = None
    unit: Text | None = None
    fact: Literal["trainings"] | None = None


Rule = Annotated[
    FixedRule | RangeRule | CountRule | RateShortfallRule | CountShortfallRule, Field(discriminator="kind")
]


class SubItemEntry(FixturePart):
    number: Number
    text: Lines
    points: Points
    rules: tuple[Rule, ...] = ()

    def to_spec(self) -> SubItemSpec:
        return SubItemSpec(number=self.number, points=self.points, rules=tuple(r.to_spec() for r in self.rules))


class CriterionEntry(FixturePart):
    """`national`: the criterion of the root standard that this one carries out, null if it is its own.

    `refines`: the criterion of the very standard that this one is derived from; wanted where that is not the root itself.
    """

    number: Number
    text: Lines
    national: Number | None = None
    refines: Number | None = None
    points: Annotated[Amount, Field(max_digits=6)] = Decimal(0)
    scoring_text: Lines | None = None
    allows_not_applicable: Flag = False
    is_veto: Flag = False
    is_mandatory: Flag = False
    is_bonus: Flag = False
    guidance: Lines | None = None
    required_evidence: tuple[Text, ...] = ()
    check_methods: tuple[CheckMethod, ...] = ()
    sub_items: tuple[SubItemEntry, ...] = ()
    rules: tuple[Rule, ...] = ()

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
    number: Number
    title: Text
    weight: Weight = Decimal(1)
    criteria: Annotated[tuple[CriterionEntry, ...], Field(min_length=1)]


class DocumentEntry(FixturePart):
    """The official document; what it does not bear (a number, a date) is null."""

    title: Text
    number: Text | None = None
    issued_on: Day | None = None


class StandardFile(FixtureFile):
    """`derived_from`: code of the standard it refines, null for one that stands on its own; `replaces`: of the version before."""

    code: Code
    name: Text
    jurisdiction: JurisdictionCode
    derived_from: Code | None = None
    replaces: Code | None = None
    kind: StandardKind
    total_points: Total | None = None
    pass_mark: Total | None = None
    note: Lines | None = None
    status: Literal["draft", "published"] = "published"
    document: DocumentEntry
    sections: Annotated[tuple[SectionEntry, ...], Field(min_length=1)]

    def located_criteria(self) -> Iterator[tuple[Loc, CriterionEntry]]:
        for s, section in enumerate(self.sections):
            for c, criterion in enumerate(section.criteria):
                yield ("sections", s, "criteria", c), criterion

    def complaints(self) -> Iterator[Complaint]:
        if self.code in RESERVED_CODES:
            yield ("code",), f"“{self.code}”是系统网页的地址，不能作标准代码，请换一个"
        yield from complaints_about(self.to_spec())
        for loc, criterion in self.located_criteria():
            written = [name for name in ("national", "refines") if name in criterion.model_fields_set]
            if self.derived_from and not written:
                yield (*loc, "national"), "缺少对应的上位标准条目；自设的条目写 null"
            if not self.derived_from and written:
                yield (*loc, written[0]), "没有写 derived_from，就没有上位标准可对应"

    def complaints_against(self, base: "StandardFile") -> Iterator[Complaint]:
        """What a refinement of `base` may not do: tie to a criterion it lacks, or drop one (因地制宜…细化量化)."""
        key = "refines" if base.derived_from else "national"
        known = {criterion.number: criterion for _, criterion in base.located_criteria()}
        tied: set[int] = set()
        for loc, criterion in self.located_criteria():
            if base.derived_from and "refines" not in criterion.model_fields_set:
                yield (*loc, key), f"缺少这一项：{base.code} 也依据上级标准，要写细化它的第几条；自设的条目写 null"
                continue
            refined, national = self._ties(criterion, base, known)
            if refined is not None and refined not in known:
                yield (*loc, key), f"{base.code} 没有第 {refined} 条"
                continue
            if "national" in criterion.model_fields_set and criterion.national != national:
                yield (*loc, "national"), f"与所细化的条目不一致：按它应写 {'null' if national is None else national}"
            if refined is not None:
                tied.add(refined)
        yield from ((("sections",), reason) for reason in dropped(f" {base.code} ", known, tied))

    def with_ties(self, base: "StandardFile") -> "StandardFile":
        """The same standard with both ties written at every criterion, whichever its file names."""
        known = {criterion.number: criterion for _, criterion in base.located_criteria()}

        def tied(criterion: CriterionEntry) -> CriterionEntry:
            refined, national = self._ties(criterion, base, known)
            return criterion.model_copy(update={"refines": refined, "national": national})

        sections = tuple(
            section.model_copy(update={"criteria": tuple(tied(one) for one in section.criteria)})
            for section in self.sections
        )
        return self.model_copy(update={"sections": sections})

    @staticmethod
    def _ties(
        criterion: CriterionEntry, base: "StandardFile", known: Mapping[int, CriterionEntry]
    ) -> tuple[int | None, int | None]:
        """Numbers of the criterion refined and of the one of the root standard behind it."""
        refined = criterion.refines if "refines" in criterion.model_fields_set else criterion.national
        if base.derived_from is None or refined is None:
            return refined, refined
        return refined, known[refined].national if refined in known else None

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
