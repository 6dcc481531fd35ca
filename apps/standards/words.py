"""Rules in words, made from their data, and the readings under which a standard is applied. Points come from scoring.py."""

from decimal import Decimal

from apps.core.rounding import plain
from apps.standards.scoring import Answer, Deduction, score_criterion
from apps.standards.specs import CriterionSpec, Rounding, RuleKind, RuleSpec, StandardKind, StandardSpec

_JUST_BELOW = Decimal("0.1")


def rule_in_words(rule: RuleSpec, unit: str = "") -> str:
    """What a rule takes (a bonus: gives), e.g. “每处扣 1 分，最高扣 2 分”; ``unit`` is what a rule of counts counts."""
    match rule.kind:
        case RuleKind.FIXED:
            return f"扣 {plain(rule.points)} 分"
        case RuleKind.RANGE:
            return f"扣 {_range(rule)}"
        case RuleKind.BONUS_RANGE:
            return f"加 {_range(rule)}"
        case RuleKind.COUNT:
            return f"每{unit or '处'}扣 {plain(rule.points)} 分{_cap(rule)}"
        case RuleKind.COUNT_SHORTFALL:
            counted = unit or "次"
            return f"应有 {rule.required} {counted}，每少 1 {counted}扣 {plain(rule.points)} 分{_cap(rule)}"
        case _:
            return _shortfall(rule)


def rule_with_text(text: str, rule: RuleSpec, unit: str = "") -> str:
    """A rule as its document has it, and what it takes; a draft may have no text yet."""
    words = rule_in_words(rule, unit)
    return f"{text}：{words}" if text else words


def rate_examples(rule: RuleSpec, held: Decimal) -> str:
    """What a criterion of ``held`` points loses at the edges of a rule on a rate, as scoring has it."""
    rates = [rule.full_value - rule.step / 2, rule.full_value - rule.step, rule.full_value - rule.step - 1]
    if rule.floor:
        rates += [rule.floor, rule.floor - _JUST_BELOW]
    criterion = CriterionSpec(number=1, points=held, rules=(rule,))
    groups: list[tuple[list[str], str]] = []
    for rate in sorted({rate for rate in rates if rate >= 0}, reverse=True):
        answer = Answer(deductions=(Deduction(rule=rule.number, rate=rate),))
        lost = held - (score_criterion(criterion, answer).points or Decimal(0))
        outcome = "不扣分" if not lost else "不得分" if lost == held else f"扣 {plain(lost)} 分"
        if groups and groups[-1][1] == outcome:
            groups[-1][0].append(f"{plain(rate)}%")
        else:
            groups.append(([f"{plain(rate)}%"], outcome))
    return "，".join(f"{'、'.join(shown)} {outcome}" for shown, outcome in groups)


def readings_of(standard: StandardSpec) -> list[str]:
    """How this standard is read where its document leaves a choice, in sentences for people."""
    criteria = list(standard.criteria().values())
    rules = [rule for criterion in criteria for rule in criterion.all_rules().values()]
    kinds = {rule.kind for rule in rules}
    scored = standard.kind is StandardKind.SCORED
    bonus = [criterion for criterion in criteria if criterion.is_bonus]
    sayings = [
        (scored, _pass_mark(standard)),
        (not scored, "每一条都“符合”或“不适用”，才达到创建要求。"),
        (scored, "没有扣分情形的条目得满分；扣分累加，每条得分不低于 0 分。"),
        (bool(bonus), f"加分项从 0 分起加，计入总分；没有加分情形得 0 分（第 {_numbers(bonus)} 条）。"),
        (bool({RuleKind.RANGE, RuleKind.BONUS_RANGE} & kinds), "写明区间的扣分（加分），由评定人在区间内取整分。"),
        (any(rule.rounding is Rounding.FULL_STEPS for rule in _rates(rules)), "“每降低”只计足一档，不足一档不扣分。"),
        (any(rule.rounding is Rounding.STARTED_STEPS for rule in _rates(rules)), "“每降低”不足一档的按一档扣分。"),
        *_verdict_readings(criteria, scored=scored),
    ]
    return [text for holds, text in sayings if holds]


def _verdict_readings(criteria: list[CriterionSpec], *, scored: bool) -> list[tuple[bool, str]]:
    skippable = [criterion for criterion in criteria if criterion.allows_not_applicable]
    veto = [criterion for criterion in criteria if criterion.is_veto]
    mandatory = [criterion for criterion in criteria if criterion.is_mandatory]
    kept = "，得满分" if scored else "，视同符合"
    return [
        (bool(skippable), f"第 {_numbers(skippable)} 条允许“不适用”：社区没有这一条所指的对象{kept}。"),
        (bool(veto), f"第 {_numbers(veto)} 条一票否决：不符合或得 0 分的，不论总分都不能认定。"),
        (bool(mandatory), f"第 {_numbers(mandatory)} 条为必备条目：不符合或得 0 分的，未达到创建要求。"),
    ]


def _pass_mark(standard: StandardSpec) -> str:
    mark = plain(standard.pass_mark)
    return f"满分 {plain(standard.total_points)} 分，{mark} 分及以上（含 {mark} 分）达到创建要求。"


def _range(rule: RuleSpec) -> str:
    if rule.min_points == rule.max_points:
        return f"{rule.min_points} 分"
    return f"{rule.min_points}–{rule.max_points} 分，由评定人取整分"


def _cap(rule: RuleSpec) -> str:
    return "" if rule.cap is None else f"，最高扣 {plain(rule.cap)} 分"


def _shortfall(rule: RuleSpec) -> str:
    steps = "不足一档按一档" if rule.rounding is Rounding.STARTED_STEPS else "满一档才扣"
    floor = "" if rule.floor is None else f"；低于 {plain(rule.floor)}% 不得分"
    return (
        f"低于 {plain(rule.full_value)}% 的，每低 {plain(rule.step)} 个百分点扣 {plain(rule.points)} 分"
        f"（{steps}）{_cap(rule)}{floor}"
    )


def _rates(rules: list[RuleSpec]) -> list[RuleSpec]:
    return [rule for rule in rules if rule.kind is RuleKind.RATE_SHORTFALL]


def _numbers(criteria: list[CriterionSpec]) -> str:
    return "、".join(str(criterion.number) for criterion in criteria)
