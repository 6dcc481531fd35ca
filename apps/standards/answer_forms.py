"""From the posted inputs of one criterion to the answer that scoring judges.

The inputs (templates/standards/_criterion_inputs.html) are named, after an optional prefix: ``verdict`` (met, not_met,
not_applicable) where a verdict is asked; ``not_applicable``, ``none`` (以上均无), ``rule_N`` (check box), ``rule_N_points``,
``rule_N_count`` and ``rule_N_rate`` where points are.
"""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from apps.core.errors import InvalidInput
from apps.core.rounding import plain
from apps.standards.domain import criterion_spec
from apps.standards.models import Criterion
from apps.standards.scoring import LARGEST_COUNT, Answer, Deduction, ScoringError, Verdict, score_criterion
from apps.standards.specs import CriterionSpec, RuleKind, RuleSpec

# Figures that a criterion cannot be judged without.
FIGURE_KINDS = (RuleKind.RATE_SHORTFALL, RuleKind.COUNT_SHORTFALL)
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,4})?")


class WrongAnswer(InvalidInput):
    """An entry that cannot be taken, at ``rule`` of its criterion, or at the criterion itself (None)."""

    def __init__(self, message: str, rule: int | None = None) -> None:
        super().__init__(message)
        self.rule = rule


def parse_answer(criterion: CriterionSpec | Criterion, data: Mapping[str, str], prefix: str = "") -> Answer:
    """Return the answer to one criterion that a form holds; WrongAnswer names criterion, rule and value."""
    spec = criterion_spec(criterion) if isinstance(criterion, Criterion) else criterion
    if spec.by_verdict:
        return _verdict(spec, data.get(f"{prefix}verdict", ""))
    entered = [_deduction(spec, rule, data, f"{prefix}rule_{rule.number}") for rule in asked_rules(spec, data, prefix)]
    answer = Answer(deductions=tuple(one for one in entered if one is not None))
    if data.get(f"{prefix}not_applicable"):
        answer = Answer(not_applicable=True, deductions=answer.deductions or None)
    try:
        score_criterion(spec, answer)
    except ScoringError as error:
        raise WrongAnswer(str(error)) from error
    return answer


def asked_rules(spec: CriterionSpec, data: Mapping[str, str], prefix: str = "") -> list[RuleSpec]:
    """The rules whose inputs count: none where 以上均无 was pressed or a required figure does not apply."""
    rules = list(spec.all_rules().values())
    if data.get(f"{prefix}none"):
        return [rule for rule in rules if rule.kind in FIGURE_KINDS]
    if data.get(f"{prefix}not_applicable"):
        return [rule for rule in rules if rule.kind not in FIGURE_KINDS]
    return rules


def is_blank(answer: Answer, data: Mapping[str, str]) -> bool:
    """Whether nothing was answered yet: no rule applies, and nobody said that none does."""
    return answer == Answer(deductions=()) and not data.get("none")


def _verdict(spec: CriterionSpec, chosen: str) -> Answer:
    match chosen:
        case Verdict.MET | Verdict.NOT_MET:
            return Answer(met=chosen == Verdict.MET)
        case Verdict.NOT_APPLICABLE if spec.allows_not_applicable:
            return Answer(not_applicable=True)
        case Verdict.NOT_APPLICABLE:
            raise WrongAnswer(f"{spec.place}不能选“不适用”，请选“符合”或“不符合”。")
        case "":
            raise WrongAnswer(f"{spec.place}还没有选择是否符合。")
        case _:
            raise WrongAnswer(f"{spec.place}的结果“{chosen[:20]}”不对，请选“符合”或“不符合”。")


def _deduction(spec: CriterionSpec, rule: RuleSpec, data: Mapping[str, str], name: str) -> Deduction | None:
    place = f"{spec.place}规则 {rule.number}"
    ticked = bool(data.get(name))
    match rule.kind:
        case RuleKind.FIXED:
            return Deduction(rule=rule.number) if ticked else None
        case RuleKind.RANGE | RuleKind.BONUS_RANGE:
            return _picked(rule, ticked, data.get(f"{name}_points", ""), place)
        case RuleKind.COUNT:
            count = _entered(data.get(f"{name}_count", ""), "数量", place, rule)
            return Deduction(rule=rule.number, count=_whole(count, place, rule)) if count else None
        case RuleKind.COUNT_SHORTFALL:
            count = _required(data.get(f"{name}_count", ""), "次数", place, rule)
            return Deduction(rule=rule.number, count=_whole(count, place, rule))
        case _:
            rate = _required(data.get(f"{name}_rate", ""), "比率", place, rule)
            if not 0 <= rate <= 100:
                raise WrongAnswer(f"{place}：比率 {plain(rate)}% 不对，须在 0 到 100 之间。", rule.number)
            return Deduction(rule=rule.number, rate=rate)


def _picked(rule: RuleSpec, ticked: bool, text: str, place: str) -> Deduction | None:
    moves = "加" if rule.kind is RuleKind.BONUS_RANGE else "扣"
    points = _entered(text, f"{moves}分", place, rule)
    if points is None:
        if ticked:
            raise WrongAnswer(
                f"{place}已勾选，请选择{moves}几分（{rule.min_points}–{rule.max_points} 分）。", rule.number
            )
        return None
    if not ticked:
        raise WrongAnswer(f"{place}选了{moves} {plain(points)} 分，但没有勾选。请勾选，或不选分值。", rule.number)
    if not rule.min_points <= points <= rule.max_points or points != points.to_integral_value():
        allowed = f"{rule.min_points} 到 {rule.max_points} 之间的整数"
        raise WrongAnswer(f"{place}：{moves} {plain(points)} 分不对，须为 {allowed}。", rule.number)
    return Deduction(rule=rule.number, points=points)


def _required(text: str, what: str, place: str, rule: RuleSpec) -> Decimal:
    number = _entered(text, what, place, rule)
    if number is None:
        raise WrongAnswer(f"{place}：请填写{what}。", rule.number)
    return number


def _entered(text: str, what: str, place: str, rule: RuleSpec) -> Decimal | None:
    """The number in an input, as people type it (８９％ is 89); None where it is empty."""
    entered = unicodedata.normalize("NFKC", text).strip().removesuffix("%").strip()
    if not entered:
        return None
    if not _NUMBER.fullmatch(entered):
        raise WrongAnswer(f"{place}：{what}“{text.strip()[:20]}”不是有效的数字（小数最多 4 位）。", rule.number)
    return Decimal(entered)


def _whole(count: Decimal, place: str, rule: RuleSpec) -> int:
    if count != count.to_integral_value() or not 0 <= count <= LARGEST_COUNT:
        raise WrongAnswer(f"{place}：{plain(count)} 不对，须为不小于 0 的整数。", rule.number)
    return int(count)
