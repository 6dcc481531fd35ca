"""What a unit's own report may draw on: what the units right below have handed in for the same period, and its own last one."""

from collections.abc import Iterable
from datetime import date, timedelta

from apps.campaigns.models import Milestone
from apps.core.errors import InvalidInput
from apps.filings.models import Filing
from apps.filings.obligations import BELOW, Line, Query, lines_of
from apps.jurisdictions.models import Jurisdiction

_YEAR = timedelta(days=365)


def sources_of(milestone: Milestone, unit: Jurisdiction, due_on: date) -> list[Line]:
    """What the units below owed, of the same kind, in the period that ends with this due date, in code order.

    [reading] The period begins after the date before this one, or a year earlier; of several levels below it is the next one.
    """
    earlier = [day for day in milestone.dates if day < due_on]
    begins = max(earlier) if earlier else due_on - _YEAR
    rows = [one for one in Query(unit.path, BELOW, kind=milestone.kind).rows() if begins < one.due_on <= due_on]
    nearest = min((len(one.path) for one in rows), default=0)
    lines = lines_of([one for one in rows if len(one.path) == nearest])
    return sorted(lines, key=lambda one: (one.unit.code or "~", one.unit.pk, one.owed.due_on))


def drafted_from(lines: Iterable[Line]) -> str:
    """A narrative out of what was handed in below, a paragraph for each unit; InvalidInput where there is nothing to take."""
    told = [
        f"{one.unit}：{one.filing.words}"
        for one in lines
        if one.filing is not None and (one.filing.is_waiting or one.filing.is_accepted) and one.filing.words
    ]
    if not told:
        raise InvalidInput("下级还没有报送工作情况，没有可以汇总的内容。")
    return "\n".join(told)


def with_appended(narrative: str, text: str) -> str:
    """A narrative with a text behind it, unless it stands there already."""
    narrative = narrative.strip()
    return narrative if text in narrative else f"{narrative}\n\n{text}".strip()


def filled_from(parts: Iterable[tuple[str, str]], narrative: str, last: Filing) -> tuple[list[tuple[str, str]], str]:
    """Parts and narrative with what is blank taken from the last filing; free parts of that one come behind."""
    before = {one["title"]: one["text"] for one in last.parts}
    filled = [(title, text or before.get(title, "")) for title, text in parts]
    known = {title for title, _ in filled}
    return [
        *filled,
        *((title, text) for title, text in before.items() if title not in known),
    ], narrative or last.narrative
