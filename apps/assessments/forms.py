"""What the forms of a self-assessment hold beside the answers: the note, and what was shown when it was opened."""

import re
from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.standards.answer_forms import WrongAnswer
from apps.standards.models import Criterion

LONGEST_NOTE = 500


def parse_version(data: Mapping[str, str]) -> int:
    """The version of the result that the form showed; 0 without one."""
    text = data.get("seen", "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def parse_moment(text: str) -> datetime | None:
    """When what the form showed was last changed; None where it says no moment."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def parse_note(criterion: Criterion, data: Mapping[str, str], prefix: str = "") -> str:
    note = data.get(f"{prefix}note", "").strip()
    if len(note) > LONGEST_NOTE:
        raise WrongAnswer(f"第 {criterion.number} 条的说明有 {len(note)} 字，请压缩到 {LONGEST_NOTE} 字以内。")
    return note
