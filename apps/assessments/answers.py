"""Between a stored result and the answer that scoring judges."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from apps.assessments.models import CriterionResult
from apps.standards.scoring import Answer, CriterionScore, Deduction

Verdict = CriterionResult.Verdict


def answer_of(result: CriterionResult) -> Answer:
    """Return what ``result`` says, as scoring takes it."""
    match result.verdict:
        case Verdict.NOT_APPLICABLE:
            return Answer(not_applicable=True)
        case Verdict.MET | Verdict.NOT_MET:
            return Answer(met=result.verdict == Verdict.MET)
        case _:
            return Answer(deductions=tuple(_deduction(entry) for entry in result.deductions))


def answers_of(results: Iterable[CriterionResult]) -> dict[int, Answer]:
    """Return the answers by the number of their criterion."""
    return {result.criterion.number: answer_of(result) for result in results}


def stored(answer: Answer, scored: CriterionScore) -> dict[str, Any]:
    """Return the columns of a result that hold ``answer`` and its points."""
    if scored.verdict is not None:
        return {"verdict": str(scored.verdict), "deductions": [], "points": scored.points}
    deductions = [
        {key: _plain(value) for key, value in vars(deduction).items() if value is not None}
        for deduction in sorted(answer.deductions or (), key=lambda deduction: deduction.rule)
    ]
    return {"verdict": Verdict.SCORED, "deductions": deductions, "points": scored.points}


def snapshot(results: Mapping[int, CriterionResult]) -> dict[str, dict[str, Any]]:
    """Return effective results by criterion number, as an action keeps them."""
    return {
        str(number): {
            "level": result.level,
            "verdict": result.verdict,
            "deductions": result.deductions,
            "points": None if result.points is None else str(result.points),
            "note": result.note,
        }
        for number, result in results.items()
    }


def _deduction(entry: Mapping[str, Any]) -> Deduction:
    values = {key: Decimal(str(entry[key])) for key in entry if key != "rule"}
    return Deduction(rule=entry["rule"], **values)


def _plain(value: int | Decimal) -> int | str:
    return int(value) if value == int(value) else str(value)
