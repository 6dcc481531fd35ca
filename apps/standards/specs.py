"""What scoring knows of a standard: plain frozen values, from database rows or fixture files."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class StandardKind(StrEnum):
    PASS_FAIL = "pass_fail"  # noqa: S105
    SCORED = "scored"


class RuleKind(StrEnum):
    FIXED = "fixed"
    RANGE = "range"
    COUNT = "count"
    RATE_SHORTFALL = "rate_shortfall"
    COUNT_SHORTFALL = "count_shortfall"
    BONUS_RANGE = "bonus_range"


class Rounding(StrEnum):
    """Which steps of a shortfall count: only full ones, or every one that was started."""

    FULL_STEPS = "full_steps"
    STARTED_STEPS = "started_steps"


# What an assessor enters for a rule of each kind; a fixed rule applies by being named.
ENTRY_OF_KIND: Mapping[RuleKind, str | None] = {
    RuleKind.FIXED: None,
    RuleKind.RANGE: "points",
    RuleKind.COUNT: "count",
    RuleKind.RATE_SHORTFALL: "rate",
    RuleKind.COUNT_SHORTFALL: "count",
    RuleKind.BONUS_RANGE: "points",
}

# What a rule of each kind uses, in the order in which people are asked for it; its other parameters stay empty.
PARAMETERS_OF_KIND: Mapping[RuleKind, tuple[str, ...]] = {
    RuleKind.FIXED: ("points", "fact"),
    RuleKind.RANGE: ("min_points", "max_points"),
    RuleKind.COUNT: ("points", "unit", "cap"),
    RuleKind.RATE_SHORTFALL: ("full_value", "step", "points", "rounding", "cap", "floor", "fact"),
    RuleKind.COUNT_SHORTFALL: ("required", "unit", "points", "cap", "fact"),
    RuleKind.BONUS_RANGE: ("min_points", "max_points"),
}
OPTIONAL_PARAMETERS = frozenset({"cap", "fact", "floor", "rounding", "unit"})

# What the survey of communities (社区基本情况调查) tells that a rule asks for, by kind of rule: it need not be typed again. A fixed
# rule applies where the survey says that there is none.
FACTS_OF_KIND: Mapping[RuleKind, Mapping[str, str]] = {
    RuleKind.FIXED: {"has_security_system": "智能化安防系统"},
    RuleKind.RATE_SHORTFALL: {"noise_handled_rate": "噪声投诉处置率", "property_coverage": "物业管理覆盖率"},
    RuleKind.COUNT_SHORTFALL: {"trainings": "当年培训次数"},
}

# Sections, criteria, sub-items and rules are numbered from 1 to this; what lies above is free while numbers move.
LARGEST_NUMBER = 999
# How often something can be required.
LARGEST_REQUIRED = 1000


@dataclass(frozen=True, kw_only=True)
class RuleSpec:
    """One 扣分项. Which fields it uses follows from its kind (PARAMETERS_OF_KIND):

    `points` are those of a fixed rule, of each find, of each step below `full_value`, of each missing one.
    """

    number: int
    kind: RuleKind
    points: Decimal = ZERO
    min_points: int = 0
    max_points: int = 0
    cap: Decimal | None = None
    full_value: Decimal = ZERO
    step: Decimal = Decimal(1)
    floor: Decimal | None = None
    required: int = 0
    rounding: Rounding = Rounding.FULL_STEPS

    @property
    def largest(self) -> Decimal | None:
        """The most that the rule alone moves; None if only its criterion limits it."""
        match self.kind:
            case RuleKind.FIXED:
                return self.points
            case RuleKind.RANGE | RuleKind.BONUS_RANGE:
                return Decimal(self.max_points)
            case _:
                return self.cap


@dataclass(frozen=True, kw_only=True)
class SubItemSpec:
    """A part of a criterion with points of its own; its rules take from these only."""

    number: int
    points: Decimal
    rules: tuple[RuleSpec, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CriterionSpec:
    """One 标准条目. Rule numbers are unique within it, those of its sub-items included.

    A criterion without points is judged by verdict: all of a pass/fail standard, and the veto or
    mandatory criteria that stand beside the points of a scored one.
    """

    number: int
    points: Decimal = ZERO
    rules: tuple[RuleSpec, ...] = ()
    sub_items: tuple[SubItemSpec, ...] = ()
    allows_not_applicable: bool = False
    is_veto: bool = False
    is_mandatory: bool = False
    is_bonus: bool = False

    @property
    def by_verdict(self) -> bool:
        return self.points == ZERO

    @property
    def place(self) -> str:
        return f"第 {self.number} 条"

    def all_rules(self) -> dict[int, RuleSpec]:
        rules = [*self.rules, *(rule for item in self.sub_items for rule in item.rules)]
        return {rule.number: rule for rule in rules}


@dataclass(frozen=True, kw_only=True)
class SectionSpec:
    """One 内容; its criteria's points enter the total multiplied by `weight`."""

    number: int
    criteria: tuple[CriterionSpec, ...]
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class StandardSpec:
    """A 创建标准. `total_points` and `pass_mark` are those of a scored standard, else None."""

    kind: StandardKind
    sections: tuple[SectionSpec, ...]
    total_points: Decimal | None = None
    pass_mark: Decimal | None = None

    def criteria(self) -> dict[int, CriterionSpec]:
        return {c.number: c for section in self.sections for c in section.criteria}

    def weights(self) -> dict[int, Decimal]:
        return {c.number: section.weight for section in self.sections for c in section.criteria}
