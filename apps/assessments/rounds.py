"""What earlier rounds found on a criterion, in words: from the results that the history keeps (ReviewAction.results)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.assessments.inputs import describe
from apps.assessments.models import CriterionResult, ReviewAction
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion


@dataclass(frozen=True)
class Wording:
    """How what the level below found differs from what it had found before: entries gone, entries new, its note."""

    gone: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    note_before: str = ""
    note_now: str = ""

    @property
    def is_note_changed(self) -> bool:
        return self.note_before != self.note_now


@dataclass(frozen=True)
class Round:
    """One earlier arrival: when, what it brought; and what this level then said where it differed, and why it was sent back."""

    number: int
    at: datetime
    found: list[str]
    note: str
    own: list[str]
    own_note: str
    returned: str


def change_of(criterion: Criterion, arrivals: Sequence[ReviewAction]) -> Wording | None:
    """What changed on a criterion between the last two arrivals; None where nothing did."""
    if len(arrivals) < 2:
        return None
    then, now = (one.results.get(str(criterion.number)) for one in arrivals[-2:])
    if then is None or now is None:
        return None
    is_same = (then["verdict"], then["deductions"]) == (now["verdict"], now["deductions"])
    if is_same and then["note"] == now["note"]:
        return None
    before, after = ([] if is_same else _words(criterion, one) for one in (then, now))
    return Wording(
        gone=[one for one in before if one not in after],
        new=[one for one in after if one not in before],
        note_before=then["note"],
        note_now=now["note"],
    )


def rounds_of(
    criterion: Criterion, arrivals: Sequence[ReviewAction], actions: Sequence[ReviewAction], viewed: Jurisdiction
) -> list[Round]:
    """What stood on a criterion at each arrival before the last, the latest first."""
    found = []
    for position, arrival in enumerate(arrivals[:-1]):
        result = arrival.results.get(str(criterion.number))
        if result is None:
            continue
        until = arrivals[position + 1]
        # What this level did with it then: it was sent back, or passed on and came back from above.
        left = next(
            (
                one
                for one in actions
                if one.jurisdiction_id == viewed.pk
                and one.results
                and (arrival.at, arrival.pk) < (one.at, one.pk)
                and (one.at, one.pk) < (until.at, until.pk)
            ),
            None,
        )
        own = left.results.get(str(criterion.number)) if left is not None else None
        if own is not None and own["level"] != viewed.level:
            own = None
        found.append(
            Round(
                number=arrival.round,
                at=arrival.at,
                found=_words(criterion, result),
                note=result["note"],
                own=_words(criterion, own) if own is not None else [],
                own_note=own["note"] if own is not None else "",
                returned=_reason(left, criterion) if left is not None else "",
            )
        )
    return found[::-1]


def _words(criterion: Criterion, stored: Mapping[str, Any]) -> list[str]:
    points = stored["points"]
    result = CriterionResult(
        criterion=criterion,
        verdict=stored["verdict"],
        deductions=stored["deductions"],
        points=None if points is None else Decimal(points),
    )
    return describe(criterion, result)


def _reason(action: ReviewAction, criterion: Criterion) -> str:
    return next((one.reason for one in action.returned_criteria.all() if one.criterion_id == criterion.pk), "")
