"""Input shapes of this room. The rules are the verbs'."""

from collections.abc import Mapping
from typing import Any

from django import forms

from apps.core.forms import Day, Lines, PlainForm
from apps.core.inputs import as_seen, whole_number
from apps.filings.domain import MOST_PARTS, Content
from apps.filings.models import LONGEST_REASON

_NO_PARTS = MOST_PARTS + 1


def content_from(data: Mapping[str, Any]) -> Content:
    """What was written in the form of a filing: `title-0`, `text-0`, …, `narrative`."""
    numbers = [number for number in range(_NO_PARTS) if f"text-{number}" in data]
    parts = [(_text(data, f"title-{number}"), _text(data, f"text-{number}")) for number in numbers]
    return Content(parts, _text(data, "narrative"))


def number_in(data: Mapping[str, Any], name: str) -> int:
    """A version or the number of a submission that the page showed; 0 for anything else."""
    return whole_number(str(data.get(name, "")), digits=9) or 0


def part_reasons_from(data: Mapping[str, Any]) -> dict[str, str]:
    """Reasons of a return by the title of the part: `part-0` is the title, `reason-0` the reason."""
    numbers = [number for number in range(_NO_PARTS) if f"part-{number}" in data]
    return {_text(data, f"part-{number}"): _text(data, f"reason-{number}") for number in numbers}


def _text(data: Mapping[str, Any], name: str) -> str:
    return as_seen(str(data.get(name, ""))).strip()


class MoveForm(PlainForm):
    """Another day for a due date of one unit."""

    moved_to = Day(label="调整到")
    reason = forms.CharField(label="调整理由", max_length=LONGEST_REASON)
    moved_before = forms.CharField(widget=forms.HiddenInput, required=False)


class EscalationForm(PlainForm):
    """What a unit is urged to do, and by which document."""

    text = Lines(label="督办内容", max_length=LONGEST_REASON, rows=2)
    document_number = forms.CharField(label="文号", max_length=100, required=False)
