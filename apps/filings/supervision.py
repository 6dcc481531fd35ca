"""Verbs of a unit above: moving a due date for one unit (期限调整), and urging it on record (督办)."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.campaigns.models import Milestone
from apps.campaigns.turns import work_under
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.turns import take_turn
from apps.filings.domain import DECIDE
from apps.filings.models import LONGEST_REASON, DueDateMove, Escalation, Filing
from apps.filings.obligations import Owed, find_owed
from apps.filings.signals import due_date_moved, escalated
from apps.jurisdictions.models import Jurisdiction

# [reading] No document says how far; more than a year is a slip of the pen.
FARTHEST_DAYS = 366


@transaction.atomic
def move_due_date(
    milestone: Milestone, unit: Jurisdiction, due_on: date, moved_to: date, reason: str, *, actor: Actor, seen: str = ""
) -> DueDateMove:
    """Let a due date be another day for one unit (期限调整), with a reason. Not of what was handed in already.

    ``seen``: the day that it was moved to before, as the page showed it; the same twice has one effect.
    """
    owed = _to_supervise(milestone, unit, due_on, actor, "调整期限")
    reason = _reason(reason, "请填写调整理由，例如：受疫情影响，延后报送。")
    before = DueDateMove.objects.filter(milestone=milestone, jurisdiction=unit, due_on=due_on).first()
    if before is not None and (before.moved_to, before.reason) == (moved_to, reason):
        return before
    if seen != (before.moved_to.isoformat() if before else ""):
        now = f"已调整为 {before.moved_to:%Y-%m-%d}" if before else "的调整已取消"
        raise StaleForm(f"{unit}的期限{now}，您填写的没有保存。请核对后再调整。")
    _refuse_handed_in(owed, unit, "不用再调整期限")
    if moved_to == due_on:
        raise InvalidInput(f"{moved_to:%Y-%m-%d} 就是原定期限。要恢复原定期限的，请取消调整。")
    if abs((moved_to - due_on).days) > FARTHEST_DAYS:
        raise InvalidInput(f"{moved_to:%Y-%m-%d} 距原定期限 {due_on:%Y-%m-%d} 超过一年，请核对年份。")
    move = before or DueDateMove(milestone=milestone, jurisdiction=unit, due_on=due_on)
    move.moved_to, move.reason, move.moved_in = moved_to, reason, actor.jurisdiction
    move.moved_at, move.moved_by = clock.now(), actor.user
    move.save()
    due_date_moved.send(sender=DueDateMove, row=move)
    return move


@transaction.atomic
def take_back_move(milestone: Milestone, unit: Jurisdiction, due_on: date, *, actor: Actor) -> None:
    """Let the original date hold again (取消调整); its history stays. Twice has one effect."""
    owed = _to_supervise(milestone, unit, due_on, actor, "调整期限")
    _refuse_handed_in(owed, unit, "不能取消调整")
    DueDateMove.objects.filter(milestone=milestone, jurisdiction=unit, due_on=due_on).delete()


@transaction.atomic
def escalate(
    milestone: Milestone,
    unit: Jurisdiction,
    due_on: date,
    text: str,
    *,
    actor: Actor,
    document_number: str = "",
) -> Escalation:
    """Urge a unit, on record, to hand in what is past its date or came back (督办). The same twice has one effect."""
    owed = _to_supervise(milestone, unit, due_on, actor, "督办")
    text = _reason(text, "请填写督办内容，例如：请于 3 个工作日内报送。")
    document_number = document_number.strip()
    if len(document_number) > 100:
        raise InvalidInput(f"文号有 {len(document_number)} 字，超过 100 字，请核对。")
    open_ones = Escalation.objects.filter(milestone=milestone, jurisdiction=unit, due_on=due_on, answered_at=None)
    same = open_ones.filter(text=text, document_number=document_number, issued_in=actor.jurisdiction).first()
    if same is not None:
        return same
    if not owed.days_late and not owed.state == "returned":
        raise TransitionError(f"{unit}{owed.timing}，还不用督办。")
    if owed.state not in ("overdue", "returned"):
        raise TransitionError(f"{unit}已报送，不用督办。请办理它的报送件。")
    made = Escalation.objects.create(
        milestone=milestone,
        jurisdiction=unit,
        due_on=due_on,
        text=text,
        document_number=document_number,
        issued_in=actor.jurisdiction,
        issued_at=clock.now(),
        issued_by=actor.user,
    )
    escalated.send(sender=Escalation, row=made)
    return made


def may_supervise(actor: Actor, unit: Jurisdiction) -> bool:
    """Whether a person may move a unit's dates and urge it: of a unit above, never of its own."""
    return actor.can(DECIDE, unit.path) and actor.jurisdiction != unit


def _to_supervise(milestone: Milestone, unit: Jurisdiction, due_on: date, actor: Actor, what: str) -> Owed:
    require(actor, DECIDE, unit.path)
    if actor.jurisdiction == unit:
        raise PermissionDenied(f"本单位的报送由上级{what}，不能由{unit}自己办理。")
    work_under(milestone.campaign, f"不能{what}")
    # One after the other, and none while the unit submits: the rows may not be there yet, so the turn is not a row's lock.
    take_turn("filings.obligation", f"{milestone.pk}:{unit.pk}:{due_on}")
    identity = {"milestone": milestone, "jurisdiction": unit, "due_on": due_on}
    list(Filing.objects.select_for_update().filter(**identity).values_list("pk"))
    owed = find_owed(milestone, unit, due_on)
    if owed is None:
        raise InvalidInput(f"{unit}没有 {due_on:%Y-%m-%d} 到期的“{milestone}”，请从报送列表重新打开。")
    return owed


def _refuse_handed_in(owed: Owed, unit: Jurisdiction, what: str) -> None:
    if owed.handed_in_on is not None:
        raise TransitionError(f"{unit}已于 {owed.handed_in_on:%Y-%m-%d} 报送，{what}。")


def _reason(text: str, lacking: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput(lacking)
    if len(text) > LONGEST_REASON:
        raise InvalidInput(f"有 {len(text)} 字，超过 {LONGEST_REASON} 字，请缩短。")
    return text
