"""Short ways to write the JSON of `manage.py score`."""

from pathlib import Path
from typing import Any

from apps.standards.answers import parse_answers, parse_json
from apps.standards.fixture_format import read_standard
from apps.standards.scoring import score
from apps.standards.specs import StandardSpec

FIXTURES = Path(__file__).parents[2] / "fixtures" / "standards"
CHUXIONG = read_standard(FIXTURES / "chuxiong-2021.yaml").to_spec()
NATIONAL = read_standard(FIXTURES / "national-2020.yaml").to_spec()


def scored(standard: StandardSpec, text: str) -> dict[str, Any]:
    return score(standard, parse_answers(standard, parse_json(text))).as_dict()


def results(*entries: str) -> str:
    return f'{{"results": [{", ".join(entries)}]}}'


def rule(number: int) -> str:
    return f'{{"rule": {number}}}'


def picked(number: int, value: object) -> str:
    return f'{{"rule": {number}, "points": {value}}}'


def found(number: int, value: object) -> str:
    return f'{{"rule": {number}, "count": {value}}}'


def rate(number: int, value: object) -> str:
    return f'{{"rule": {number}, "rate": {value}}}'


def deducted(criterion: int, *deductions: str) -> str:
    return results(f'{{"criterion": {criterion}, "deductions": [{", ".join(deductions)}]}}')


def verdicts(**changed: str) -> str:
    """JSON that answers the 16 criteria with met, but those in `changed` (c3) as it says."""
    answers = {number: changed.get(f"c{number}", '"met": true') for number in range(1, 17)}
    return results(*(f'{{"criterion": {number}, {answer}}}' for number, answer in answers.items()))
