"""What would bring an assessment to the pass mark, cheapest first: which rules to mend, and what each gains."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from apps.standards.scoring import Answer, CriterionScore, Deduction, Standing, score_criterion
from apps.standards.specs import ZERO, CriterionSpec, RuleKind, StandardSpec


@dataclass(frozen=True)
class Mend:
    """One thing to do: on criterion ``number`` mend the ``rules`` (none: the criterion as a whole), which gains ``gain`` points.

    ``is_needed``: it belongs to the shortest way to the standard.
    """

    number: int
    rules: tuple[int, ...]
    gain: Decimal
    is_needed: bool


def mends_of(standard: StandardSpec, answers: Mapping[int, Answer], found: Standing) -> list[Mend]:
    """Return what can be mended in the criteria answered so far: first what stands against the standard by itself, then what
    gains most. Those needed to reach the pass mark, if all that is unanswered brought everything, come first and are marked.
    """
    specs, weights = standard.criteria(), standard.weights()
    now = {number: answer for number, answer in answers.items() if number in found.scores}
    points = {number: score.points or ZERO for number, score in found.scores.items()}
    missing = (standard.pass_mark or ZERO) - found.points_so_far - found.points_open
    options = {number: _options(specs[number], now[number], points[number]) for number in now}
    failed = set(found.failed)
    mends: list[Mend] = []
    while True:
        offered = [
            (number in failed, gain * weights[number], -number, rules)
            for number, rest in options.items()
            for rules, gain in rest.items()
        ]
        if not offered:
            return mends
        is_against, gain, negative, rules = max(offered, key=lambda one: (one[0], one[1], one[2], -len(one[3])))
        number = -negative
        mends.append(Mend(number, rules, gain, is_needed=is_against or missing > ZERO))
        missing -= gain
        now[number] = mended(specs[number], now[number], rules)
        score = score_criterion(specs[number], now[number])
        points[number] = score.points or ZERO
        if _is_fulfilled(specs[number], score):
            failed.discard(number)
        # Only here has anything changed.
        options[number] = _options(specs[number], now[number], points[number])


def mended(criterion: CriterionSpec, answer: Answer, rules: tuple[int, ...]) -> Answer:
    """The answer once what ``rules`` (none: everything) asks for is done."""
    if criterion.by_verdict:
        return Answer(met=True)
    specs, kept = criterion.all_rules(), []
    for one in answer.deductions or ():
        if rules and one.rule not in rules:
            kept.append(one)
        elif specs[one.rule].kind is RuleKind.RATE_SHORTFALL:
            kept.append(replace(one, rate=max(specs[one.rule].full_value, Decimal(one.rate or 0))))
        elif specs[one.rule].kind is RuleKind.COUNT_SHORTFALL:
            kept.append(replace(one, count=max(specs[one.rule].required, one.count or 0)))
    return Answer(deductions=tuple(kept))


def _options(criterion: CriterionSpec, answer: Answer, points: Decimal) -> dict[tuple[int, ...], Decimal]:
    """What mending gains: each rule by itself, or all together where no single one gains anything."""
    if answer.not_applicable or criterion.is_bonus:
        return {}
    if criterion.by_verdict:
        return {} if answer.met else {(): ZERO}
    singly: dict[tuple[int, ...], Decimal] = {
        (one.rule,): gain
        for one in answer.deductions or ()
        if (gain := _gain(criterion, answer, (one.rule,), points)) > ZERO
    }
    if singly or points == criterion.points:
        return singly
    return {tuple(_losing(criterion, answer)): criterion.points - points}


def _gain(criterion: CriterionSpec, answer: Answer, rules: tuple[int, ...], points: Decimal) -> Decimal:
    return (score_criterion(criterion, mended(criterion, answer, rules)).points or ZERO) - points


def _losing(criterion: CriterionSpec, answer: Answer) -> list[int]:
    def loses(one: Deduction) -> bool:
        alone = score_criterion(criterion, Answer(deductions=(one,)))
        return alone.points != criterion.points

    return [one.rule for one in answer.deductions or () if loses(one)]


def _is_fulfilled(criterion: CriterionSpec, score: CriterionScore) -> bool:
    decisive = criterion.by_verdict or criterion.is_veto or criterion.is_mandatory
    return not decisive or score.is_fulfilled
