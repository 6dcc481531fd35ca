"""The arithmetic of points and verdicts: exact, pure, without Django.

A standard comes as a spec (specs.py), what an assessor found as answers (from JSON: answers.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from apps.standards.specs import (
    ENTRY_OF_KIND,
    ZERO,
    CriterionSpec,
    Rounding,
    RuleKind,
    RuleSpec,
    StandardKind,
    StandardSpec,
    SubItemSpec,
)

LARGEST_COUNT = 1_000_000
MOST_DECIMALS = 20

Number = int | Decimal


class Verdict(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"


class ScoringError(ValueError):
    """An answer that cannot be: `place` (第 6 条规则 2) and `reason`, both for people."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}：{reason}")
        self.place = place
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Deduction:
    """One rule that applies, with what the assessor entered for it (see ENTRY_OF_KIND)."""

    rule: int
    points: Number | None = None
    count: Number | None = None
    rate: Number | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found on one criterion. `deductions` None means that none were given at all."""

    deductions: tuple[Deduction, ...] | None = None
    not_applicable: bool = False
    met: bool | None = None


@dataclass(frozen=True, kw_only=True)
class CriterionScore:
    """`points` on a criterion with points, else None; `verdict` where there is one."""

    criterion: int
    points: Decimal | None = None
    verdict: Verdict | None = None

    @property
    def is_fulfilled(self) -> bool:
        """What a veto or mandatory criterion asks for.

        [reading] A criterion with points counts as not met once it has lost all of them.
        """
        if self.verdict is not None:
            return self.verdict is not Verdict.NOT_MET
        return self.points is not None and self.points > ZERO

    def as_dict(self) -> dict[str, int | float | str]:
        if self.points is None:
            return {"criterion": self.criterion, "verdict": str(self.verdict)}
        return {"criterion": self.criterion, "points": plain(self.points)}


@dataclass(frozen=True, kw_only=True)
class StandardScore:
    """`total` is None on a pass/fail standard."""

    criteria: tuple[CriterionScore, ...]
    total: Decimal | None
    meets_standard: bool

    def as_dict(self) -> dict[str, object]:
        """The score as JSON knows it; whole numbers are ints."""
        return {
            "criteria": [criterion.as_dict() for criterion in self.criteria],
            "total": None if self.total is None else plain(self.total),
            "meets_standard": self.meets_standard,
        }


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an unfinished assessment stands.

    points_so_far: weighted points of the criteria answered soundly; points_open: what the others
    can still bring; unanswered: their numbers, those with a problem included; failed: answered
    criteria that by themselves stand against recognition; can_meet: the standard is still in reach.
    """

    scores: Mapping[int, CriterionScore]
    points_so_far: Decimal
    points_open: Decimal
    unanswered: tuple[int, ...]
    failed: tuple[int, ...]
    can_meet: bool
    problems: Mapping[int, ScoringError] = field(default_factory=dict)


def shown(value: object) -> str:
    """A value as it stood in the JSON, cut short if it is long."""
    text = str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:40] + "…"


def plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def score_criterion(criterion: CriterionSpec, answer: Answer) -> CriterionScore:
    """The points or the verdict of one criterion; ScoringError on an impossible answer.

    Points stay within 0 and the criterion's points (楚雄 附件1 gives each rule's loss; that a
    criterion never falls below 0 is a [reading]). A bonus criterion starts at 0 and gains.
    """
    place = criterion.place
    if answer.not_applicable:
        if not criterion.allows_not_applicable:
            raise ScoringError(place, "这一条不能填“不适用”")
        if answer.deductions or answer.met is not None:
            raise ScoringError(place, "填了“不适用”，就不能再填扣分或是否达到")
        # [reading] a community without heritage has nothing to protect, so it keeps its points
        points = None if criterion.by_verdict else criterion.points
        return CriterionScore(criterion=criterion.number, points=points, verdict=Verdict.NOT_APPLICABLE)
    if criterion.by_verdict:
        if answer.deductions is not None:
            raise ScoringError(place, "这一条只判断是否达到，不能填扣分（deductions）")
        if answer.met is None:
            raise ScoringError(place, "没有填是否达到（met）")
        verdict = Verdict.MET if answer.met else Verdict.NOT_MET
        return CriterionScore(criterion=criterion.number, verdict=verdict)
    if answer.met is not None:
        raise ScoringError(place, "这一条按扣分计分，不能填是否达到（met）")
    moved = _moved(criterion, answer.deductions or ())
    points = moved if criterion.is_bonus else criterion.points - moved
    return CriterionScore(criterion=criterion.number, points=points)


def score(standard: StandardSpec, answers: Mapping[int, Answer]) -> StandardScore:
    """Score a whole standard from answers by criterion number.

    A criterion with points that is left out lost nothing (a bonus gained nothing); one judged by
    verdict has to be answered. A scored standard is met at its pass mark or above (楚雄 附件1:
    80分以上, which includes 80 [reading]); a pass/fail standard when every criterion is met or not
    applicable [reading]. A veto or mandatory criterion that is not met stands against either.
    """
    criteria = standard.criteria()
    check_known(standard, answers)
    scores = tuple(score_criterion(c, answers.get(c.number, Answer())) for c in criteria.values())
    fulfilled = not any(_stands_against(criteria[s.criterion], s) for s in scores)
    if standard.kind is StandardKind.PASS_FAIL:
        return StandardScore(criteria=scores, total=None, meets_standard=fulfilled)
    total = _weighted(standard, {s.criterion: s.points for s in scores})
    meets = fulfilled and total >= (standard.pass_mark or ZERO)
    return StandardScore(criteria=scores, total=total, meets_standard=meets)


def standing(standard: StandardSpec, answers: Mapping[int, Answer]) -> Standing:
    """Score what an unfinished assessment holds; wrong answers become `problems`, not errors."""
    criteria = standard.criteria()
    check_known(standard, answers)
    scores: dict[int, CriterionScore] = {}
    problems: dict[int, ScoringError] = {}
    for number, answer in answers.items():
        if answer == Answer() and criteria[number].by_verdict:
            continue
        try:
            scores[number] = score_criterion(criteria[number], answer)
        except ScoringError as error:
            problems[number] = error
    unanswered = tuple(number for number in criteria if number not in scores)
    so_far = _weighted(standard, {number: s.points for number, s in scores.items()})
    still_open = _weighted(standard, {number: criteria[number].points for number in unanswered})
    failed = tuple(n for n in criteria if n in scores and _stands_against(criteria[n], scores[n]))
    return Standing(
        scores=scores,
        points_so_far=so_far,
        points_open=still_open,
        unanswered=unanswered,
        failed=failed,
        can_meet=not failed and so_far + still_open >= (standard.pass_mark or ZERO),
        problems=problems,
    )


def check_known(standard: StandardSpec, numbers: Mapping[int, object]) -> None:
    criteria = standard.criteria()
    for number in numbers:
        if number not in criteria:
            raise ScoringError(f"第 {number} 条", f"标准里没有第 {number} 条")


def _stands_against(criterion: CriterionSpec, result: CriterionScore) -> bool:
    decisive = criterion.by_verdict or criterion.is_veto or criterion.is_mandatory
    return decisive and not result.is_fulfilled


def _weighted(standard: StandardSpec, points: Mapping[int, Decimal | None]) -> Decimal:
    weights = standard.weights()
    return sum((weights[number] * (value or ZERO) for number, value in points.items()), ZERO)


def _moved(criterion: CriterionSpec, deductions: tuple[Deduction, ...]) -> Decimal:
    """Points lost (a bonus: gained), with each sub-item's loss limited to what it holds."""
    rules = criterion.all_rules()
    given: dict[int, Deduction] = {}
    for deduction in deductions:
        place = f"{criterion.place}规则 {deduction.rule}"
        if deduction.rule not in rules:
            raise ScoringError(place, f"这一条没有规则 {deduction.rule}")
        if deduction.rule in given:
            raise ScoringError(place, "同一条规则填了两次")
        given[deduction.rule] = deduction

    def moved_by(holder: CriterionSpec | SubItemSpec) -> Decimal:
        amounts = (
            _amount(rule, given[rule.number], holder.points, f"{criterion.place}规则 {rule.number}")
            for rule in holder.rules
            if rule.number in given
        )
        return sum(amounts, ZERO)

    in_items = sum((min(item.points, moved_by(item)) for item in criterion.sub_items), ZERO)
    return min(criterion.points, moved_by(criterion) + in_items)


def _amount(rule: RuleSpec, deduction: Deduction, held: Decimal, place: str) -> Decimal:
    entries = {"points": deduction.points, "count": deduction.count, "rate": deduction.rate}
    wanted = ENTRY_OF_KIND[rule.kind]
    for name, value in entries.items():
        if value is not None and name != wanted:
            raise ScoringError(place, f"这条规则不能填 {name}（填的是 {shown(value)}）")
    if wanted is None:
        return rule.points
    entered = entries[wanted]
    if entered is None:
        raise ScoringError(place, f"没有填 {wanted}")
    value = _number(entered, wanted, place)
    match rule.kind:
        case RuleKind.RANGE | RuleKind.BONUS_RANGE:
            return _picked(rule, value, place)
        case RuleKind.COUNT:
            return _capped(rule, _whole_count(value, place) * rule.points)
        case RuleKind.COUNT_SHORTFALL:
            missing = max(0, rule.required - _whole_count(value, place))
            return _capped(rule, missing * rule.points)
        case _:
            return _lost_by_rate(rule, value, held, place)


def _number(value: object, name: str, place: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ScoringError(place, f"{name} 须为数字，填的是 {shown(value)}")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ScoringError(place, f"{name} 须为数字，填的是 {shown(value)}")
    return number


def _picked(rule: RuleSpec, points: Decimal, place: str) -> Decimal:
    """[reading] The assessor picks whole points within the range (楚雄 附件1: 扣 1-3 分)."""
    low, high = rule.min_points, rule.max_points
    if not low <= points <= high:
        raise ScoringError(place, f"points 为 {shown(points)}，须在 {low} 到 {high} 之间")
    if points != points.to_integral_value():
        raise ScoringError(place, f"points 为 {shown(points)}，须为整分")
    return points


def _whole_count(count: Decimal, place: str) -> int:
    if not 0 <= count <= LARGEST_COUNT:
        raise ScoringError(place, f"count 为 {shown(count)}，须在 0 到 {LARGEST_COUNT} 之间")
    if count != count.to_integral_value():
        raise ScoringError(place, f"count 为 {shown(count)}，须为整数")
    return int(count)


def _capped(rule: RuleSpec, lost: Decimal) -> Decimal:
    return lost if rule.cap is None else min(lost, rule.cap)


def _lost_by_rate(rule: RuleSpec, rate: Decimal, held: Decimal, place: str) -> Decimal:
    """每降低10%扣1分，低于60%此项不得分 (楚雄 附件1, 10).

    [reading] Below the floor everything held is lost; "每降低" counts full steps, unless the rule
    says started ones.
    """
    if not 0 <= rate <= 100:
        raise ScoringError(place, f"rate 为 {shown(rate)}，须在 0 到 100 之间")
    exponent = rate.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MOST_DECIMALS:
        raise ScoringError(place, f"rate 最多 {MOST_DECIMALS} 位小数")
    if rule.floor is not None and rate < rule.floor:
        return held
    below = max(Fraction(0), Fraction(rule.full_value) - Fraction(rate))
    steps = below / Fraction(rule.step)
    counted = ceil(steps) if rule.rounding is Rounding.STARTED_STEPS else floor(steps)
    return _capped(rule, counted * rule.points)
