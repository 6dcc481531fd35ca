"""What a line of the trail says: who did what to which thing, when, from where, and what the values were before and after."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, OuterRef, Subquery

from apps.accounts.access import shown_name
from apps.accounts.models import AccessEvent, User
from apps.assessments.models import ReviewAction
from apps.audit.discretion import withheld_from
from apps.audit.names import Names, named_after, snapshot
from apps.audit.sources import Source, recorded_fields, secret_fields, source_of, sources
from apps.audit.trail import ACCESS_ACTS, ROW_ACTS, Mark
from apps.audit.values import in_words, want_value
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction

_TONES = {"insert": "success", "update": "info", "delete": "danger", "rights": "warning"}
UNRECORDED = "（已更改，不记录内容）"
MOVED = "随所属单位或辖区调整，内容没有变化"


_IN_TABLE = 3
_LONGEST = 110


@dataclass(frozen=True)
class Change:
    """One field: its name, what it was and what it became; None where the row did not exist."""

    label: str
    before: str | None
    after: str | None

    @property
    def words(self) -> str:
        if self.before is None or self.after is None:
            return f"{self.label}：{self.after if self.before is None else self.before}"
        return f"{self.label}：{self.before} → {self.after}"


@dataclass(frozen=True)
class Line:
    """One line of the trail, as pages and sheets show it. ``at`` is the moment as people see it."""

    mark: Mark
    at: datetime
    who: str
    unit: str
    role: str
    address: str
    way: str
    act: str
    tone: str
    thing: str
    name: str
    request: UUID | None
    changes: list[Change] = field(default_factory=list)
    # Every recorded field of the row as it stood, for the detail.
    fields: list[tuple[str, str]] = field(default_factory=list)
    place: str = ""
    note: str = ""
    # The row that was changed.
    model: type[models.Model] | None = None
    pk: int | None = None

    @property
    def is_update(self) -> bool:
        return any(one.before is not None and one.after is not None for one in self.changes)

    @property
    def summary(self) -> str:
        """What changed, short enough for a table."""
        shown_changes = [change.words for change in self.changes[:_IN_TABLE]]
        more = f"等 {len(self.changes)} 项" if len(self.changes) > _IN_TABLE else ""
        text = "；".join(shown_changes) or self.note
        return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…") + (f" {more}" if more else "")

    @property
    def said(self) -> str:
        """What changed, on one line."""
        return "；".join([*(change.words for change in self.changes), *([self.note] if self.note else [])])


@dataclass(frozen=True)
class Entry:
    """What was done in one operation; ``head`` says who, when and from where."""

    lines: list[Line]

    @property
    def head(self) -> Line:
        return self.lines[0]

    @property
    def rest(self) -> list[Line]:
        return self.lines[1:]

    @property
    def tone(self) -> str:
        tones = {line.tone for line in self.lines}
        return next((one for one in ("danger", "success", "info") if one in tones), "neutral")


def entries_of(lines: Sequence[Line]) -> list[Entry]:
    """Put what was done in one operation together."""
    return [Entry(list(group)) for _, group in groupby(lines, key=lambda line: (line.request, line.at))]


def operations_of(lines: Sequence[Line]) -> list[Entry]:
    """Put neighbours of one request and one person together, under the line that names the act; what has no request stays alone."""
    groups = groupby(lines, key=lambda line: (line.request or line.mark, line.who))
    return [Entry(_act_first(group)) for _, group in groups]


def _act_first(lines: Iterable[Line]) -> list[Line]:
    """A record of access or a step of a review says what was done; other rows changed with it."""
    return sorted(lines, key=lambda line: (line.model is not None, line.model is not ReviewAction))


def lines_of(marks: Sequence[Mark], reader: Jurisdiction | None = None) -> list[Line]:
    """Return the lines at ``marks``, in their order, as people of ``reader`` may read them; None: in full.

    The number of queries depends on the kinds of things alone.
    """
    events = _events(marks)
    before = _rows_before(events, reader)
    moved, names = _moments_of_moving(events), Names()
    for mark, event in events.items():
        _want(mark, event, before, names)
    names.load()
    lines = []
    for mark, event in events.items():
        if _source(mark).tracked is None:
            lines.append(_access_line(mark, event, names))
        else:
            lines.append(_history_line(mark, event, before.get(mark), names, moved))
    return sorted(lines, key=lambda line: line.mark, reverse=True)


def _source(mark: Mark) -> Source:
    return sources()[mark.source]


def _events(marks: Sequence[Mark]) -> dict[Mark, Any]:
    """The rows at the marks, a query per table."""
    by_source: dict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_source[mark.source].append(mark)
    found: dict[Mark, Any] = {}
    for number, its in by_source.items():
        rows = sources()[number].rows.filter(pk__in=[one.row for one in its])
        if sources()[number].tracked is None:
            rows = rows.select_related("jurisdiction")
        by_pk = {row.pk: row for row in rows}
        found |= {one: by_pk[one.row] for one in its if one.row in by_pk}
    return found


def _rows_before(events: dict[Mark, Any], reader: Jurisdiction | None) -> dict[Mark, Any]:
    """For every change, what the history told ``reader`` of the same row before it: two queries per table."""
    changed: dict[int, list[Mark]] = defaultdict(list)
    for mark, event in events.items():
        if _source(mark).tracked is not None and event.pgh_label == "update":
            changed[mark.source].append(mark)
    found: dict[Mark, Any] = {}
    for number, marks in changed.items():
        rows = sources()[number].rows
        if reader is not None:
            rows = rows.exclude(withheld_from(reader, sources()[number].tracked))
        earlier = rows.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pk__lt=OuterRef("pk")).order_by("-pk").values("pk")[:1]
        asked = rows.filter(pk__in=[one.row for one in marks]).annotate(earlier=Subquery(earlier))
        pairs = dict(asked.values_list("pk", "earlier"))
        earlier_rows = rows.in_bulk([pk for pk in pairs.values() if pk is not None])
        found |= {one: earlier_rows[pk] for one in marks if (pk := pairs.get(one.row)) in earlier_rows}
    return found


def _want(mark: Mark, event: Any, before: dict[Mark, Any], names: Names) -> None:
    source = _source(mark)
    names.want_path(event.path)
    if source.tracked is None:
        return
    names.want_named_by(snapshot(source.tracked, event))
    for one in recorded_fields(source):
        for row in (event, before.get(mark)):
            if row is not None:
                want_value(one, getattr(row, one.attname), names)


def _history_line(mark: Mark, event: Any, before: Any, names: Names, moved: set[datetime]) -> Line:
    source = _source(mark)
    facts = event.pgh_context or {}
    changes = _changes(source, event, before, names)
    return Line(
        mark=mark,
        at=clock.shown(event.pgh_created_at),
        who=facts.get("name") or _machine(facts),
        unit=facts.get("unit", ""),
        role=facts.get("role", ""),
        address=facts.get("address") or "",
        way=_way(facts),
        act=ROW_ACTS.get(event.pgh_label, event.pgh_label),
        tone=_TONES.get(event.pgh_label, "neutral"),
        thing=source.label,
        name=names.title(snapshot(source.tracked or source.model, event)),
        request=event.pgh_context_id,
        changes=changes,
        fields=_fields(source, event, names),
        place=names.place(event.path),
        model=source.tracked,
        pk=event.pgh_obj_id,
        note=_note(mark, event, before, moved) if event.pgh_label == "update" and not changes else "",
    )


def _access_line(mark: Mark, event: AccessEvent, names: Names) -> Line:
    group = next(key for key, (_, kinds) in ACCESS_ACTS.items() if event.kind in kinds)
    return Line(
        mark=mark,
        at=clock.shown(event.at),
        who=shown_name(event),
        unit=event.unit,
        role=event.get_role_display() if event.role else "",
        address=event.address or "",
        way="",
        act=event.get_kind_display(),
        tone=_TONES.get(group, "neutral"),
        thing="",
        name=event.subject,
        request=event.request_id,
        place=names.place(event.path),
    )


def _changes(source: Source, event: Any, before: Any, names: Names) -> list[Change]:
    """What differs from before; of a new or deleted row what is filled in and not in its name already."""
    changes, named = [], named_after(source.tracked)
    for one in recorded_fields(source):
        now, label = getattr(event, one.attname), str(one.verbose_name)
        if event.pgh_label == "update":
            then = getattr(before, one.attname) if before is not None else now
            if then != now:
                changes.append(Change(label, in_words(one, then, names), in_words(one, now, names)))
        elif now not in (None, False, "", [], {}) and one.name not in named:
            words = in_words(one, now, names)
            is_new = event.pgh_label == "insert"
            changes.append(Change(label, None if is_new else words, words if is_new else None))
    return changes


def _note(mark: Mark, event: Any, before: Any, moved: set[datetime]) -> str:
    """What an update says that changed no recorded value."""
    if before is None:
        return "修改前的内容早于记录，无法对比"
    hidden = "、".join(str(one.verbose_name) for one in secret_fields(_source(mark)))
    return MOVED if not hidden or event.pgh_created_at in moved else f"{hidden}{UNRECORDED}"


def _moments_of_moving(events: dict[Mark, Any]) -> set[datetime]:
    """The moments at which a jurisdiction, or a person's bureau, changed: whatever belongs to it moved along.

    Asked only of things with secret fields; of others, nothing but moving changes no recorded value.
    """
    moments = {
        event.pgh_created_at
        for mark, event in events.items()
        if _source(mark).tracked is not None and event.pgh_label == "update" and secret_fields(_source(mark))
    }
    if not moments:
        return set()
    units = source_of(Jurisdiction).rows.filter(pgh_label="update", pgh_created_at__in=moments)
    people = source_of(User).rows
    earlier = people.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pk__lt=OuterRef("pk")).order_by("-pk")
    elsewhere = (
        people.filter(pgh_label="update", pgh_created_at__in=moments)
        .annotate(earlier_unit=Subquery(earlier.values("jurisdiction_id")[:1]))
        .exclude(earlier_unit=F("jurisdiction_id"))
    )
    return set(units.values_list("pgh_created_at", flat=True)) | set(elsewhere.values_list("pgh_created_at", flat=True))


def _fields(source: Source, event: Any, names: Names) -> list[tuple[str, str]]:
    return [
        (str(one.verbose_name), in_words(one, getattr(event, one.attname), names)) for one in recorded_fields(source)
    ]


def _machine(facts: dict[str, Any]) -> str:
    return "系统" if facts.get("task") or facts.get("command") else "未登录" if facts.get("url") else "系统维护"


def _way(facts: dict[str, Any]) -> str:
    """How it came: the page's address, or the task or command."""
    if command := facts.get("command"):
        return f"管理命令 {command}"
    if task := facts.get("task"):
        return f"后台任务 {task}"
    return facts.get("url", "")
