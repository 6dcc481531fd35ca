"""To-dos (待办): what a line of the desk says, and where lines come from. Rooms name their sources; the desk asks all of them at
once whether anything waits, and only those that say so for their lines."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet, Value

from apps.core import clock


@dataclass(frozen=True)
class Todo:
    """One line of the desk: what kind, what about, why it waits, until when, and the place where it is done.

    ``tone``: danger (it came back), warning, info or neutral. ``colleague`` is the 承办人, where that is somebody else: one may do
    it as well.
    """

    kind: str
    tone: str
    title: str
    note: str
    url: str
    action: str
    due: date | None = None
    since: datetime | None = None
    colleague: str = ""

    @property
    def is_overdue(self) -> bool:
        return self.due is not None and self.due < clock.today()


class Source(NamedTuple):
    """Where to-dos come from: rows that wait, and what makes lines of them. Without rows the lines are asked for in any case."""

    rows: QuerySet[Any] | None
    lines: Callable[[Any], list[Todo]]


def todos_from(sources: Iterable[Source]) -> list[Todo]:
    """Return the lines of all sources, in their order."""
    every = list(sources)
    filled = _filled([source.rows for source in every])
    return [
        line
        for number, source in enumerate(every)
        if source.rows is None or number in filled
        for line in source.lines(source.rows)
    ]


def _filled(candidates: Iterable[QuerySet[Any] | None]) -> set[int]:
    """The places of those that have a row, found out in one statement."""
    asked = [
        rows.order_by().values_list(Value(number))[:1] for number, rows in enumerate(candidates) if rows is not None
    ]
    return {number for (number,) in asked[0].union(*asked[1:], all=True)} if asked else set()
