"""The inputs of a stored result, and a result in words. The inputs themselves are those of ``standards.inputs``."""

from collections.abc import Mapping

from apps.assessments.answers import answer_of
from apps.assessments.models import CriterionResult
from apps.core.rounding import plain
from apps.standards import inputs
from apps.standards.answer_forms import WrongAnswer
from apps.standards.inputs import RuleInput
from apps.standards.models import Criterion
from apps.standards.specs import RuleKind

Verdict = CriterionResult.Verdict


class CriterionInputs(inputs.CriterionInputs):
    """The inputs of one criterion: what was typed (``entered``) where it was refused, else the stored result."""

    def __init__(
        self,
        criterion: Criterion,
        result: CriterionResult | None = None,
        entered: Mapping[str, str] | None = None,
        error: WrongAnswer | None = None,
        prefix: str = "",
    ) -> None:
        super().__init__(criterion, answer_of(result) if result is not None else None, entered, error, prefix)


def describe(criterion: Criterion, result: CriterionResult) -> list[str]:
    """A result in words: the verdict, or the points and each rule that moved them."""
    if result.verdict != Verdict.SCORED:
        return [str(result.get_verdict_display())]
    inputs = CriterionInputs(criterion, result)
    moved = [_words(one) for one in inputs.rules if one.ticked and one.effect]
    return [f"{plain(result.points or 0)} 分", *(moved or ["没有扣分" if not criterion.is_bonus else "没有加分"])]


def _words(one: RuleInput) -> str:
    match one.spec.kind:
        case RuleKind.FIXED:
            return one.rule.text
        case RuleKind.COUNT | RuleKind.COUNT_SHORTFALL:
            return f"{one.rule.text}：{one.value} {one.rule.unit}，{one.effect}"
        case RuleKind.RATE_SHORTFALL:
            return f"{one.rule.text}：{one.value}%，{one.effect}"
        case _:
            return f"{one.rule.text}：{one.effect}"
