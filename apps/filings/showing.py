"""What the page of one obligation shows to whom."""

from datetime import date
from typing import Any

from apps.accounts.permissions import Actor
from apps.campaigns.models import Milestone
from apps.filings.answering import evaluation_year
from apps.filings.domain import FILE, MOST_PARTS, content_of, last_before, may_decide, may_read, shortfalls
from apps.filings.figures import WITHOUT_FIGURES, Figures, figures_for, table_of
from apps.filings.forms import EscalationForm, MoveForm
from apps.filings.models import DueDateMove, Escalation, Filing
from apps.filings.obligations import Owed, State
from apps.filings.sources import sources_of
from apps.filings.supervision import may_supervise
from apps.jurisdictions.models import Jurisdiction, Level


def page_of(
    actor: Actor, owed: Owed, milestone: Milestone, unit: Jurisdiction, filing: Filing | None
) -> dict[str, Any]:
    """The context of `filings/filing.html`."""
    is_own, campaign = actor.jurisdiction == unit and actor.can(FILE), milestone.campaign
    is_editable = filing is None or filing.is_editable
    year = evaluation_year(milestone, owed.due_on)
    own_way = year is None
    last = last_before(milestone, unit, owed.due_on)
    identity = {"milestone": milestone, "jurisdiction": unit, "due_on": owed.due_on}
    move = DueDateMove.objects.filter(**identity).select_related("moved_in", "moved_by").first()
    supervises = may_supervise(actor, unit) and campaign.is_open
    is_shown = filing is not None and may_read(actor, filing)
    content = content_of(milestone, filing)
    return {
        "owed": owed,
        "milestone": milestone,
        "unit": unit,
        "filing": filing,
        "content": content,
        "is_shown": is_shown,
        "evaluation_year": year,
        "may_file": own_way and is_own and is_editable and campaign.is_open,
        "may_withdraw": own_way and is_own and filing is not None and filing.is_waiting,
        "may_decide": own_way and filing is not None and may_decide(actor, filing),
        "may_move": supervises and owed.handed_in_on is None,
        "may_urge": supervises and owed.state in (State.OVERDUE, State.RETURNED),
        "to_return": [(title, "") for title, _ in content.parts],
        "has_room": len(content.parts) < MOST_PARTS,
        "lacking": shortfalls(filing) if filing is not None and is_own and is_editable and own_way else [],
        "last": last,
        "attachments": list(filing.attachments.select_related("uploaded_by"))
        if filing is not None and is_shown
        else [],
        "move": move,
        "move_form": MoveForm(initial={"moved_before": move.moved_to.isoformat() if move else ""}, label_suffix=""),
        "escalations": list(Escalation.objects.filter(**identity).select_related("issued_in", "issued_by")),
        "escalation_form": EscalationForm(label_suffix=""),
    } | _told(owed, milestone, unit, filing, last)


def _told(
    owed: Owed, milestone: Milestone, unit: Jurisdiction, filing: Filing | None, last: Filing | None
) -> dict[str, Any]:
    """Figures, live until they were frozen, and what the units below have told."""
    figures = figures_shown(milestone, unit, owed.due_on, filing)
    return {
        "figures": table_of(figures, last.figures if last else None),
        "figures_year": figures.get("year") if figures else None,
        "named": figures.get("names") if figures else None,
        "is_live": is_live(filing),
        "sources": sources_of(milestone, unit, owed.due_on) if unit.level != Level.STREET else [],
    }


def is_live(filing: Filing | None) -> bool:
    """Whether the figures are still those of the day."""
    return filing is None or filing.is_editable


def figures_shown(milestone: Milestone, unit: Jurisdiction, due_on: date, filing: Filing | None) -> Figures:
    """The figures of a filing, of the day until they were frozen; none of a plan."""
    if milestone.kind in WITHOUT_FIGURES:
        return {}
    return figures_for(milestone, unit, due_on) if filing is None or filing.is_editable else filing.figures
