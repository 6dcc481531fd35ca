"""What waits for a person in this room, for the desk: what their unit owes, and what was handed in to it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.core import clock
from apps.core.todos import Source, Todo
from apps.filings.domain import DECIDE, FILE, decided_in
from apps.filings.models import Filing
from apps.filings.obligations import ITSELF, OPEN, Line, Owed, Query, State, lines_of
from apps.jurisdictions.models import Jurisdiction

# What falls due stands on the desk this long before its date; what is late, one by one so long after it.
_AHEAD = _BEHIND = timedelta(days=60)
_SHOWN = 8
_KIND = "报送"


def owed_by(actor: Actor) -> list[Owed]:
    """What the person's unit has not handed in yet, or got back, by deadline."""
    return Query(actor.jurisdiction.path, ITSELF).rows(OPEN)


def sources_for(actor: Actor, owed: Sequence[Owed] | None = None) -> list[Source]:
    """What the person's unit has to hand in, returned ones and those past their date among them, and what waits to be
    accepted; ``owed`` as ``owed_by`` gives it, where it is known."""
    found = [Source(_to_accept(actor), _lines_to_accept)]
    if actor.can(FILE):
        found.insert(0, Source(None, lambda _: _owed(owed_by(actor) if owed is None else owed, actor.jurisdiction)))
    return found


def _owed(owed: Sequence[Owed], own: Jurisdiction) -> list[Todo]:
    today = clock.today()
    rows = [one for one in owed if one.deadline <= today + _AHEAD]
    long_ago = [one for one in rows if one.state == State.OVERDUE and one.deadline < today - _BEHIND]
    waiting = [one for one in rows if one not in long_ago and not _comes_later(one, rows)]
    singly = sorted(waiting, key=lambda one: (one.state != State.RETURNED, one.deadline))[:_SHOWN]
    found = [_line(one) for one in lines_of(singly, own)]
    listed = reverse("filing_list")
    if rest := len(waiting) - len(singly):
        found.append(Todo(_KIND, "neutral", f"其余 {rest} 件报送", "", listed, "逐件填报", None, clock.now()))
    if long_ago:
        # Behind what can still be on time.
        text, url = f"{len(long_ago)} 件报送逾期超过 {_BEHIND.days} 天", f"{listed}?year=all&state=overdue"
        found.append(Todo(_KIND, "neutral", text, "", url, "查看", None, clock.now() + _AHEAD))
    return found


def _comes_later(owed: Owed, rows: Iterable[Owed]) -> bool:
    """Whether what is asked for month by month is due sooner still: of what is to come, the next one is enough."""
    return owed.state == State.AHEAD and any(
        one.milestone_id == owed.milestone_id and one.state == State.AHEAD and one.deadline < owed.deadline
        for one in rows
    )


def _line(line: Line) -> Todo:
    owed, filing = line.owed, line.filing
    name = f"{line.milestone}（{owed.due_on:%Y-%m-%d}）" if line.milestone.recurrence != "once" else str(line.milestone)
    if owed.state == State.RETURNED and filing is not None:
        note = f"上级退回：{'；'.join(filing.reasons)}"
        return Todo("退回", "danger", name, note, line.url, "修改后报送", owed.deadline, filing.decided_at)
    is_late = owed.state == State.OVERDUE
    told = [owed.timing, *["上级督办"] * owed.is_urged, *["已有草稿"] * owed.is_draft, line.campaign.name]
    tone = "danger" if owed.is_urged else "warning" if is_late or owed.state == State.TODAY else "neutral"
    return Todo(_KIND, tone, name, "，".join(told), line.url, "去填报", owed.deadline, clock.midnight(owed.deadline))


def _to_accept(actor: Actor) -> QuerySet[Filing]:
    if not actor.can(DECIDE):
        return Filing.objects.none()
    return decided_in(actor.jurisdiction).filter(status=Filing.Status.SUBMITTED).exclude(submitted_by=actor.user)


def _lines_to_accept(waiting: QuerySet[Filing]) -> list[Todo]:
    """A line for each due date of a milestone."""
    by_date = waiting.values("milestone", "milestone__title", "due_on").annotate(
        number=Count("pk"), since=Min("submitted_at")
    )
    rows = list(by_date.order_by("since")[:_SHOWN])
    return [
        Todo(
            _KIND,
            "info",
            f"{one['milestone__title']}（{one['due_on']:%Y-%m-%d}）",
            f"{one['number']} 个单位已报送，待接收",
            f"{reverse('filing_units', args=[one['milestone'], one['due_on'].isoformat()])}?state=submitted",
            "去接收",
            None,
            one["since"],
        )
        for one in rows
    ]
