"""Plays the filings of the demo: handed in by a few units, accepted, returned or still waiting; a moved date."""

from collections.abc import Iterator
from datetime import date
from functools import partial

from django.utils import timezone

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Milestone
from apps.core.fixture_file import Code, Day, FixtureFile, FixturePart, JurisdictionCode, Text, read_fixture
from apps.demo.accounts import Troupe
from apps.demo.fixture_format import SOURCE
from apps.demo.story import Task, at_hour, deed
from apps.filings.domain import Content, accept_filing, return_filing, save_draft, submit_filing
from apps.filings.models import DueDateMove, Filing
from apps.filings.supervision import move_due_date
from apps.jurisdictions.models import Jurisdiction


class FilingEntry(FixturePart):
    """What a unit hands in, or the date that is moved for it, and what the level above does about it."""

    campaign: Code
    kind: Milestone.Kind
    due_on: Day
    unit: JurisdictionCode
    narrative: str = ""
    parts: dict[str, Text] = {}
    drafted_on: Day | None = None
    submitted_on: Day | None = None
    accepted_on: Day | None = None
    returned_on: Day | None = None
    moved_to: Day | None = None
    decided_on: Day | None = None
    reason: str = ""


class Filings(FixtureFile):
    """fixtures/demo/filings.yaml."""

    filings: list[FilingEntry]


def tasks_of_filings(campaign: Campaign, troupe: Troupe, branch: str = "") -> Iterator[Task]:
    """Yield what is still to be done about the filings in the branch; one that people have begun goes the way that they give it."""
    told = read_fixture(SOURCE / "filings.yaml", Filings)
    entries = [one for one in told.filings if one.campaign == campaign.code]
    units = Jurisdiction.objects.select_related("parent").in_bulk([one.unit for one in entries], field_name="code")
    milestones = list(campaign.milestones.select_related("campaign"))
    for entry in entries:
        unit = units.get(entry.unit)
        if unit is None or not unit.path.startswith(branch):
            continue
        milestone = next(one for one in milestones if (one.kind, one.level) == (entry.kind, unit.level))
        yield from _tasks(milestone, unit, entry, troupe)


def _tasks(milestone: Milestone, unit: Jurisdiction, entry: FilingEntry, troupe: Troupe) -> Iterator[Task]:
    of_one = {"milestone": milestone, "jurisdiction": unit, "due_on": entry.due_on}
    filed = Filing.objects.filter(**of_one).first()
    begun = filed is not None or DueDateMove.objects.filter(**of_one).exists()
    clerk = troupe.find(unit, Role.STAFF)
    day = entry.submitted_on or entry.drafted_on
    if not begun and day:
        verb = partial(_hand_in, milestone, unit, entry, clerk)
        yield deed(clerk, at_hour(day, 15), "报送" if entry.submitted_on else "起草报送件", verb)
    above = unit.parent
    if above is None:
        return
    if entry.moved_to and entry.decided_on and not begun:
        approver = troupe.find(above, Role.APPROVER)
        move = partial(move_due_date, milestone, unit, entry.due_on, entry.moved_to, entry.reason, actor=approver)
        yield deed(approver, at_hour(entry.decided_on, 9), "调整期限", move)
    decided = entry.accepted_on or entry.returned_on
    if decided and (filed is None or (filed.is_waiting and entry.submitted_on == _day_of(filed))):
        approver = troupe.find(above, Role.APPROVER)
        label = "接收" if entry.accepted_on else "退回报送件"
        yield deed(approver, at_hour(decided, 10), label, partial(_decide, of_one, entry, approver))


def _day_of(filing: Filing) -> date | None:
    return timezone.localtime(filing.submitted_at).date() if filing.submitted_at else None


def _hand_in(milestone: Milestone, unit: Jurisdiction, entry: FilingEntry, actor: Actor) -> None:
    content = Content(list(entry.parts.items()), entry.narrative)
    saved = save_draft(milestone, unit, entry.due_on, content, actor=actor, seen=0)
    if entry.submitted_on:
        submit_filing(saved, actor=actor, seen=saved.version)


def _decide(of_one: dict[str, object], entry: FilingEntry, actor: Actor) -> None:
    filing = Filing.objects.get(**of_one)
    if entry.accepted_on:
        accept_filing(filing, actor=actor, seen=filing.round)
    else:
        return_filing(filing, entry.reason, actor=actor, seen=filing.round)
