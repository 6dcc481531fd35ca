"""Answers to a standard read from the JSON of `manage.py score`; values are judged in scoring.py."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from apps.standards.scoring import Answer, Deduction, ScoringError, check_known, shown
from apps.standards.specs import StandardSpec

RESULT_KEYS = {"criterion", "deductions", "not_applicable", "met"}
DEDUCTION_KEYS = {"rule", "points", "count", "rate"}


def parse_json(text: str) -> object:
    """JSON with exact decimals; NaN, Infinity and a key given twice are refused (ScoringError)."""
    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_distinct_keys,
        )
    except ScoringError:
        raise
    except json.JSONDecodeError as error:
        where = f"第 {error.lineno} 行第 {error.colno} 列"
        raise ScoringError(where, "不是有效的 JSON") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ScoringError("文件", "不是有效的 JSON：数字过大或层次过深") from error


def parse_answers(standard: StandardSpec, payload: object) -> dict[int, Answer]:
    """{"results": [{"criterion": 1, "deductions": [{"rule": 1}]}, …]} as answers by criterion."""
    document = _mapping(payload, "文件", {"results"})
    answers: dict[int, Answer] = {}
    for position, entry in enumerate(_sequence(document.get("results"), "results"), start=1):
        place = f"results 第 {position} 项"
        result = _mapping(entry, place, None)
        number = _whole(result, "criterion", place)
        place = f"第 {number} 条"
        check_known(standard, {number: None})
        if number in answers:
            raise ScoringError(place, "同一条填了两次")
        answers[number] = _answer(_mapping(result, place, RESULT_KEYS), place)
    return answers


def _answer(result: dict[str, Any], place: str) -> Answer:
    deductions = None
    if "deductions" in result:
        listed = _sequence(result["deductions"], f"{place} deductions")
        deductions = tuple(_deduction(entry, place, position) for position, entry in enumerate(listed, start=1))
    return Answer(
        deductions=deductions,
        not_applicable=_flag(result, "not_applicable", place) or False,
        met=_flag(result, "met", place),
    )


def _deduction(entry: object, place: str, position: int) -> Deduction:
    deduction = _mapping(entry, f"{place}第 {position} 项扣分", None)
    number = _whole(deduction, "rule", f"{place}第 {position} 项扣分")
    _mapping(deduction, f"{place}规则 {number}", DEDUCTION_KEYS)
    for key, value in deduction.items():
        if value is None:
            raise ScoringError(f"{place}规则 {number}", f"{key} 须为数字，填的是 null")
    return Deduction(**deduction)


def _flag(result: dict[str, Any], key: str, place: str) -> bool | None:
    value = result.get(key)
    if key in result and not isinstance(value, bool):
        raise ScoringError(place, f"{key} 须为 true 或 false，填的是 {shown(value)}")
    return value


def _whole(entry: dict[str, Any], key: str, place: str) -> int:
    if key not in entry:
        raise ScoringError(place, f"缺少 {key}")
    value = entry[key]
    if isinstance(value, bool) or not isinstance(value, int):
        raise ScoringError(place, f"{key} 须为整数，填的是 {shown(value)}")
    return value


def _mapping(value: object, place: str, keys: set[str] | None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ScoringError(place, "须为对象 {…}")
    for key in value:
        if keys is not None and key not in keys:
            raise ScoringError(place, f"不认识的项 {shown(key)}")
    return value


def _sequence(value: object, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise ScoringError(place, "须为列表 […]")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ScoringError("文件", f"{name} 不是数字")


def _distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise ScoringError("文件", f"同一对象里 {shown(key)} 出现了两次")
        result[key] = value
    return result
