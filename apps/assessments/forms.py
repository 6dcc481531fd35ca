"""What the form of one criterion holds beside its answer: the note, and the version that it showed.

The answer itself is read by ``standards.answer_forms``, whose names are passed on.
"""

import re
from collections.abc import Mapping

from apps.standards.answer_forms import FIGURE_KINDS, WrongAnswer, asked_rules, is_blank, parse_answer
from apps.standards.models import Criterion

__all__ = [
    "FIGURE_KINDS",
    "LONGEST_NOTE",
    "WrongAnswer",
    "asked_rules",
    "is_blank",
    "parse_answer",
    "parse_note",
    "parse_version",
]

LONGEST_NOTE = 500


def parse_version(data: Mapping[str, str]) -> int:
    """The version of the result that the form showed; 0 without one."""
    text = data.get("seen", "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def parse_note(criterion: Criterion, data: Mapping[str, str], prefix: str = "") -> str:
    note = data.get(f"{prefix}note", "").strip()
    if len(note) > LONGEST_NOTE:
        raise WrongAnswer(f"第 {criterion.number} 条的说明有 {len(note)} 字，请压缩到 {LONGEST_NOTE} 字以内。")
    return note
