"""What is kept as JSON, in words: a proposal's values, the results as they stood, deductions; never braces."""

from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db import models

from apps.assessments.models import CriterionResult, ReviewAction, SecondApproval
from apps.bulletins.models import Bulletin
from apps.campaigns.models import TransferredFigures
from apps.core.rounding import plain
from apps.evaluations.models import AnnualEvaluation
from apps.filings.figures import table_of
from apps.filings.models import Filing
from apps.reorganisations.models import CommunityChange, JurisdictionChange

_NOTHING = "（空）"
_VERDICTS = CriterionResult.Verdict
# What a proposal may hold, in the order it is told; quoted is what somebody wrote freely.
_PROPOSED: Mapping[str, tuple[str, bool]] = {
    "year": ("年度", False),
    "document_number": ("文号", False),
    "comment": ("意见", True),
    "reason": ("理由", True),
}
_ENTERED = {"points": "分值 {}", "count": "数量 {}", "rate": "比率 {}%"}


def json_in_words(field: models.Field, value: Any) -> str:
    """Return the value of a field of JSON as a person reads it; what has another shape than today's is told plainly."""
    tell = JSON_WORDS.get((field.model, field.name), _plainly)
    try:
        return tell(value)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
        return _plainly(value)


def _proposal(values: Mapping[str, Any]) -> str:
    if values.keys() - _PROPOSED.keys():
        return _plainly(values)
    told = [(label, values.get(key), is_quoted) for key, (label, is_quoted) in _PROPOSED.items()]
    return "，".join(f"{label}“{one}”" if is_quoted else f"{label} {one}" for label, one, is_quoted in told if one)


def _deductions(found: list[Mapping[str, Any]]) -> str:
    return "、".join(map(_deduction, found))


def _deduction(found: Mapping[str, Any]) -> str:
    entered = [_ENTERED[key].format(plain(Decimal(str(one)))) for key, one in found.items() if key != "rule"]
    return f"扣分项 {found['rule']}" + (f"（{'，'.join(entered)}）" if entered else "")


def _results(results: Mapping[str, Mapping[str, Any]]) -> str:
    """How many there are of each verdict, then whatever says more than that a criterion is met."""
    counted = Counter(one["verdict"] for one in results.values())
    sums = "、".join(f"{one.label} {counted[one]} 条" for one in _VERDICTS if counted[one])
    in_order = sorted(results.items(), key=lambda item: int(item[0]))
    told = [_result(number, one) for number, one in in_order if one["verdict"] != _VERDICTS.MET or one["note"]]
    return "；".join([f"共 {len(results)} 条：{sums}", *told])


def _result(number: str, found: Mapping[str, Any]) -> str:
    points = found["points"]
    said = [_VERDICTS(found["verdict"]).label if points is None else f"{plain(Decimal(points))} 分"]
    said += [_deductions(found["deductions"])] if found["deductions"] else []
    said += [f"说明“{found['note']}”"] if found["note"] else []
    return f"第 {number} 条 {'，'.join(said)}"


def _recognitions(numbers: Mapping[str, int]) -> str:
    by_day: Counter[str] = Counter()
    for recognition, number in numbers.items():
        by_day[recognition.partition("#")[0]] += number
    return "，".join(f"{day} {number:+d} 个" for day, number in sorted(by_day.items())) or _NOTHING


def _units(found: list[Mapping[str, Any]]) -> str:
    return "；".join(f"{one['name']} {one['completed']}/{one['base']}" for one in found) or _NOTHING


def _effects(found: list[Mapping[str, Any]]) -> str:
    return "；".join(f"{one['what']} {one['name']}：{one['fate']}" for one in found) or _NOTHING


def _parts(found: list[Mapping[str, Any]]) -> str:
    return "；".join(f"{one['title']}“{one['text']}”" for one in found if one["text"]) or _NOTHING


def _figures(figures: Mapping[str, Any]) -> str:
    told = [f"{one.label} {one.value}" for one in table_of(figures, None)]
    return f"{figures['year']} 年：{'，'.join(told)}" if told else _NOTHING


def _returned_parts(reasons: Mapping[str, str]) -> str:
    return "；".join(f"{title}“{reason}”" for title, reason in reasons.items()) or _NOTHING


def _facts(facts: Mapping[str, Any]) -> str:
    return _figures(facts["figures"]) if facts else _NOTHING


def _plainly(value: Any) -> str:
    """Any JSON, names and values one after the other; what is inside another stands in brackets for people."""
    if isinstance(value, Mapping):
        return "，".join(f"{name} {_inside(one)}" for name, one in value.items()) or _NOTHING
    if isinstance(value, list):
        return "、".join(map(_inside, value)) or _NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    return _NOTHING if value in (None, "") else str(value)


def _inside(value: Any) -> str:
    return f"（{_plainly(value)}）" if isinstance(value, list | Mapping) and value else _plainly(value)


JSON_WORDS: Mapping[tuple[type[models.Model], str], Callable[[Any], str]] = {
    (SecondApproval, "values"): _proposal,
    (ReviewAction, "results"): _results,
    (CriterionResult, "deductions"): _deductions,
    (TransferredFigures, "recognitions"): _recognitions,
    (Bulletin, "units"): _units,
    (CommunityChange, "effects"): _effects,
    (JurisdictionChange, "effects"): _effects,
    (AnnualEvaluation, "sections"): _parts,
    (AnnualEvaluation, "facts"): _facts,
    (AnnualEvaluation, "returned_sections"): _returned_parts,
    (Filing, "parts"): _parts,
    (Filing, "figures"): _figures,
    (Filing, "returned_parts"): _returned_parts,
}
