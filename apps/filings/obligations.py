"""What is due (报送要求): milestone × unit at its level × due date, with what became of it; derived by one query, never stored.

A unit owes what a campaign asks of its level, be the campaign its own, one above it or one that another campaign carries out
below. It owes what falls due while it exists. A closed campaign asks for nothing after the day on which it was closed.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db import connection, models
from django.urls import reverse

from apps.campaigns.models import Campaign, Milestone
from apps.core import clock
from apps.core.wall import LABEL_WIDTH
from apps.filings.models import DueDateMove, Filing
from apps.jurisdictions.models import Jurisdiction

# Dates of the milestones, and those of filings whose date the milestone does not have any more; then the units that owe them.
# A moved date is the deadline; a filing is on time by the day of its first submission.
_OWED = """
WITH asked AS (
    SELECT m.id AS milestone_id, m.campaign_id, m.kind, m.title, m.level, day AS due_on, day = ANY (m.dates) AS is_asked,
           greatest(c.path, %(from)s) AS path, c.status = 'open' OR day <= coalesce(
               (SELECT max(changed_at)::date FROM campaigns_campaignchange WHERE campaign_id = c.id AND kind = 'closed'),
               make_date(c.last_year, 12, 31)
           ) AS runs
    FROM campaigns_milestone m JOIN campaigns_campaign c ON c.id = m.campaign_id,
         unnest(m.dates || ARRAY(
             SELECT DISTINCT due_on FROM filings_filing WHERE milestone_id = m.id AND due_on <> ALL (m.dates)
         )) AS day
    WHERE c.status <> 'draft' AND (starts_with(c.path, %(from)s) OR starts_with(%(from)s, c.path))
      AND (%(campaign)s::bigint IS NULL OR m.campaign_id = %(campaign)s)
      AND (%(milestone)s::bigint IS NULL OR m.id = %(milestone)s)
      AND (%(kind)s = '' OR m.kind = %(kind)s)
      AND (%(level)s = '' OR m.level = %(level)s)
      AND (%(year)s::int IS NULL OR extract(year FROM day) = %(year)s)
      AND (%(due_on)s::date IS NULL OR day = %(due_on)s)
), met AS (
    SELECT a.milestone_id, a.campaign_id, a.kind, a.title, a.due_on, j.id AS unit_id, j.path, v.id AS move_id, f.id AS filing_id,
           coalesce(v.moved_to, a.due_on) AS deadline, coalesce(f.status, '') AS status, f.handed_in_on,
           EXISTS (
               SELECT 1 FROM filings_escalation e
               WHERE (e.milestone_id, e.jurisdiction_id, e.due_on) = (a.milestone_id, j.id, a.due_on) AND e.answered_at IS NULL
           ) AS is_urged
    FROM asked a
    JOIN jurisdictions_jurisdiction j ON j.path >= a.path AND j.path < a.path || '~' AND j.level = a.level
     AND (j.opened_on IS NULL OR j.opened_on <= a.due_on) AND (j.closed_on IS NULL OR j.closed_on > a.due_on)
     AND (%(part)s <> 'itself' OR j.path = %(from)s) AND (%(part)s <> 'below' OR j.path <> %(from)s)
    LEFT JOIN filings_duedatemove v ON (v.milestone_id, v.jurisdiction_id, v.due_on) = (a.milestone_id, j.id, a.due_on)
    LEFT JOIN filings_filing f ON (f.milestone_id, f.jurisdiction_id, f.due_on) = (a.milestone_id, j.id, a.due_on)
    WHERE a.is_asked AND a.runs OR f.id IS NOT NULL
), owed AS (
    SELECT *, CASE WHEN status IN ('submitted', 'returned', 'accepted') THEN status
                   WHEN deadline < %(today)s THEN 'overdue' WHEN deadline = %(today)s THEN 'today' ELSE 'ahead' END AS state
    FROM met
)
"""
_ROWS = """
SELECT milestone_id, campaign_id, kind, title, due_on, unit_id, path, move_id, filing_id, deadline, status, handed_in_on,
       is_urged, state
FROM owed
WHERE (%(states)s::text[] IS NULL OR state = ANY (%(states)s)) AND (%(until)s::date IS NULL OR deadline <= %(until)s)
  AND (%(since)s::date IS NULL OR deadline >= %(since)s)
ORDER BY deadline, milestone_id, path
"""
_COUNTS = """
SELECT {by}, count(*), count(*) FILTER (WHERE handed_in_on <= deadline), count(*) FILTER (WHERE handed_in_on > deadline),
       count(*) FILTER (WHERE handed_in_on IS NULL AND deadline < %(today)s),
       count(*) FILTER (WHERE status = 'submitted'), count(*) FILTER (WHERE status = 'returned'),
       count(*) FILTER (WHERE status = 'accepted'), count(move_id)
FROM owed GROUP BY {by} ORDER BY {by}
"""


class State(models.TextChoices):
    """Where an obligation stands."""

    AHEAD = "ahead", "未到期"
    TODAY = "today", "今日到期"
    OVERDUE = "overdue", "逾期未报"
    SUBMITTED = "submitted", "已报送"
    RETURNED = "returned", "已退回"
    ACCEPTED = "accepted", "已接收"


ITSELF, BELOW = "itself", "below"
# What the unit itself has to do something about.
OPEN = (State.RETURNED, State.OVERDUE, State.TODAY, State.AHEAD)
TONES = {
    State.AHEAD: "neutral",
    State.TODAY: "warning",
    State.OVERDUE: "danger",
    State.SUBMITTED: "info",
    State.RETURNED: "danger",
    State.ACCEPTED: "success",
}


@dataclass(frozen=True)
class Owed:
    """One obligation; ``deadline`` is the due date, or the one that it was moved to."""

    milestone_id: int
    campaign_id: int
    kind: str
    title: str
    due_on: date
    unit_id: int
    path: str
    move_id: int | None
    filing_id: int | None
    deadline: date
    status: str
    handed_in_on: date | None
    is_urged: bool
    state: State

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def is_moved(self) -> bool:
        return self.move_id is not None

    @property
    def is_draft(self) -> bool:
        return self.status == Filing.Status.DRAFT

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def days_late(self) -> int:
        """Days from the deadline to the submission, or to today; never negative."""
        return max(0, ((self.handed_in_on or clock.today()) - self.deadline).days)

    @property
    def days_left(self) -> int:
        return (self.deadline - clock.today()).days

    @property
    def timing(self) -> str:
        """How it stands to its date, in words."""
        late = self.days_late
        if self.handed_in_on is not None:
            return f"逾期 {late} 天报送" if late else "按时报送"
        return f"已逾期 {late} 天" if late else "今天到期" if not self.days_left else f"还有 {self.days_left} 天"


@dataclass(frozen=True)
class Counts:
    """How many units owe something, and what became of it. ``late``: handed in after the date; ``missing``: past it, without
    an answer."""

    units: int = 0
    on_time: int = 0
    late: int = 0
    missing: int = 0
    waiting: int = 0
    returned: int = 0
    accepted: int = 0
    moved: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))

    @property
    def handed_in(self) -> int:
        return self.on_time + self.late

    @property
    def expected(self) -> int:
        """What is past its date or was handed in already: those who never answered count, what is not due yet does not."""
        return self.handed_in + self.missing

    @property
    def rate(self) -> Fraction | None:
        """按时率: handed in on time of what is expected; None where nothing is."""
        return Fraction(self.on_time, self.expected) if self.expected else None


@dataclass(frozen=True)
class Query:
    """Which obligations: of the unit with ``path`` and all below it, or a ``part`` of these (ITSELF, BELOW), narrowed further."""

    path: str
    part: str = ""
    campaign: int | None = None
    milestone: int | None = None
    kind: str = ""
    level: str = ""
    year: int | None = None
    due_on: date | None = None

    def rows(self, states: Collection[str] = (), *, since: date | None = None, until: date | None = None) -> list[Owed]:
        """The obligations by deadline, in one query; ``since`` and ``until`` are deadlines."""
        narrowed = {"states": list(states) or None, "since": since, "until": until}
        rows = _run(_OWED + _ROWS, self._parameters | narrowed)
        return [replace(Owed(*row), state=State(row[-1])) for row in rows]

    def by_item(self) -> dict[tuple[int, date], Counts]:
        """Counts by milestone and due date."""
        rows = _run(_OWED + _COUNTS.format(by="milestone_id, due_on"), self._parameters)
        return {(row[0], row[1]): Counts(*row[2:]) for row in rows}

    def by_unit(self, width: int) -> dict[tuple[str, int], Counts]:
        """Counts by unit, the path cut to ``width``, and by quarter of the due date."""
        by = "left(path, %(width)s), extract(quarter FROM due_on)::int"
        rows = _run(_OWED + _COUNTS.format(by=by), self._parameters | {"width": width})
        return {(row[0], row[1]): Counts(*row[2:]) for row in rows}

    @cached_property
    def _parameters(self) -> dict[str, Any]:
        own = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "path"}
        return own | {"from": self.path, "today": clock.today()}


def find_owed(milestone: Milestone, unit: Jurisdiction, due_on: date) -> Owed | None:
    """The one obligation of a unit, if there is one."""
    query = Query(unit.path, part=ITSELF, milestone=milestone.pk, due_on=due_on)
    return next(iter(query.rows()), None)


def _run(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def child_width(place: Jurisdiction) -> int:
    """How long the paths of the units right below a place are."""
    return len(place.path) + LABEL_WIDTH


@dataclass(frozen=True)
class Line:
    """An obligation with everything that a list shows of it."""

    owed: Owed
    milestone: Milestone
    unit: Jurisdiction
    filing: Filing | None
    move: DueDateMove | None

    @property
    def campaign(self) -> Campaign:
        return self.milestone.campaign

    @property
    def url(self) -> str:
        return filing_url(self.milestone, self.unit, self.owed.due_on)


def lines_of(rows: Iterable[Owed], own: Jurisdiction | None = None) -> list[Line]:
    """The obligations with milestone, unit, filing and move; four queries however many there are, three of a unit's ``own``."""
    rows = list(rows)
    milestones = Milestone.objects.select_related("campaign__jurisdiction").in_bulk({one.milestone_id for one in rows})
    units = {own.pk: own} if own else Jurisdiction.objects.in_bulk({one.unit_id for one in rows})
    filings = Filing.objects.in_bulk({one.filing_id for one in rows if one.filing_id})
    moves = DueDateMove.objects.in_bulk({one.move_id for one in rows if one.move_id})
    return [
        Line(
            one,
            milestones[one.milestone_id],
            units[one.unit_id],
            filings.get(one.filing_id or 0),
            moves.get(one.move_id or 0),
        )
        for one in rows
    ]


def filing_url(milestone: Milestone, unit: Jurisdiction, due_on: date) -> str:
    """The address of one obligation."""
    return reverse("filing", args=[milestone.pk, unit.key, due_on.isoformat()])
