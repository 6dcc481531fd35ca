"""Obligations that a document of a room above answers (年度总结评估报告): it is written, reviewed and approved there, and the
filing follows, so that lists, calendar, on-time rates and reminders hold for it as for any other.

Who may do what has been judged by the verbs of the room above.
"""

from collections.abc import Iterable
from datetime import date

from django.db import models, transaction

from apps.accounts.permissions import Actor
from apps.campaigns.domain import campaigns_above
from apps.campaigns.models import Campaign, Milestone
from apps.core import clock
from apps.filings.figures import figures_for
from apps.filings.models import ANSWERED_BY_EVALUATION, Escalation, Filing
from apps.filings.obligations import ITSELF, Line, Query, lines_of
from apps.jurisdictions.models import Jurisdiction

Status = Filing.Status


def obligations_answered(campaign: Campaign, unit: Jurisdiction, year: int) -> list[Line]:
    """What the evaluation of a year answers: of the campaign and of those that it carries out, where that year is asked about."""
    line = {campaign.pk, *campaigns_above(campaign)}
    rows = [
        one
        for kind in ANSWERED_BY_EVALUATION
        for one in Query(unit.path, ITSELF, kind=kind).rows()
        if one.campaign_id in line
    ]
    return [one for one in lines_of(rows, unit) if one.milestone.year_reported(one.owed.due_on) == year]


@transaction.atomic
def answer(
    campaign: Campaign, unit: Jurisdiction, year: int, parts: Iterable[tuple[str, str]], *, actor: Actor
) -> None:
    """Hand in what the evaluation answers, with its sections and the figures of the day. Repeated, it is the same filing."""
    stored = [{"title": title, "text": text} for title, text in parts]
    for line in obligations_answered(campaign, unit, year):
        filing = _filing(line, actor)
        if filing.status == Status.ACCEPTED:
            continue
        filing.parts, filing.narrative = stored, ""
        filing.figures = figures_for(line.milestone, unit, line.owed.due_on)
        filing.status, filing.round = Status.SUBMITTED, filing.round + 1
        filing.version, filing.saved_at, filing.saved_by = filing.version + 1, clock.now(), actor.user
        filing.submitted_at, filing.submitted_by = clock.now(), actor.user
        filing.handed_in_on = filing.handed_in_on or clock.today()
        filing.decided_in = filing.decided_at = filing.decided_by = None
        filing.save()
        _urged(filing).filter(answered_at=None).update(answered_at=filing.submitted_at)


@transaction.atomic
def decide_answer(
    campaign: Campaign, unit: Jurisdiction, year: int, *, reason: str = "", accepted: bool, actor: Actor
) -> None:
    """The level above has agreed with the evaluation, or given it back with ``reason``."""
    for filing in _answered(campaign, unit, year):
        if filing.is_waiting or (filing.is_accepted and not accepted):
            filing.status = Status.ACCEPTED if accepted else Status.RETURNED
            filing.return_reason = "" if accepted else reason
            filing.returned_parts = {}
            filing.decided_at, filing.decided_by, filing.decided_in = clock.now(), actor.user, actor.jurisdiction
            filing.save()


@transaction.atomic
def take_back_answer(campaign: Campaign, unit: Jurisdiction, year: int) -> None:
    """The unit has withdrawn its evaluation: it was not handed in, unless it had come back before."""
    for filing in _answered(campaign, unit, year):
        if not filing.is_waiting:
            continue
        _urged(filing).filter(answered_at=filing.submitted_at).update(answered_at=None)
        was_returned = bool(filing.return_reason)
        filing.status = Status.RETURNED if was_returned else Status.DRAFT
        if not was_returned:
            filing.handed_in_on, filing.figures = None, {}
        filing.save()


def evaluation_year(milestone: Milestone, due_on: date) -> int | None:
    """The year of the evaluation that answers a due date; None where the obligation is answered by a filing of its own."""
    return milestone.year_reported(due_on) if milestone.kind in ANSWERED_BY_EVALUATION else None


def _filing(line: Line, actor: Actor) -> Filing:
    identity = {"milestone": line.milestone, "jurisdiction": line.unit, "due_on": line.owed.due_on}
    made, _ = Filing.objects.get_or_create(
        **identity, defaults={"version": 0, "saved_at": clock.now(), "saved_by": actor.user}
    )
    return Filing.objects.select_for_update().get(pk=made.pk)


def _answered(campaign: Campaign, unit: Jurisdiction, year: int) -> list[Filing]:
    ids = [line.filing.pk for line in obligations_answered(campaign, unit, year) if line.filing]
    return list(Filing.objects.select_for_update().filter(pk__in=ids))


def _urged(filing: Filing) -> models.QuerySet[Escalation]:
    return Escalation.objects.filter(
        milestone=filing.milestone_id, jurisdiction=filing.jurisdiction_id, due_on=filing.due_on
    )
