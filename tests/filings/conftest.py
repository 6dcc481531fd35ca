"""Filings as somebody in life would hand them in. Time stands at 15 August 2022 where a test does not say otherwise."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Milestone
from apps.core import clock
from apps.filings.domain import Content, accept_filing, return_filing, save_draft, submit_filing
from apps.filings.models import Filing
from apps.jurisdictions.models import Jurisdiction
from tests.factories import made_up

SELF_EVALUATION = date(2022, 8, 31)
PARTS = ["总体目标", "工作措施"]


@pytest.fixture
def today() -> Iterator[None]:
    with at(2022, 8, 15):
        yield


def at(*day: int) -> Any:
    """The business time stopped at ten o'clock of a day."""
    return clock.stopped_at(clock.midnight(date(*day)) + timedelta(hours=10))


def milestone_of(campaign: Campaign, kind: str = "self_evaluation") -> Milestone:
    return Milestone.objects.select_related("campaign").get(campaign=campaign, kind=kind, level="district")


def clerk(code: str = "532301") -> Actor:
    return made_up(code, Role.STAFF)


def draft(
    milestone: Milestone,
    unit: Jurisdiction,
    due_on: date,
    content: Content | None = None,
    *,
    actor: Actor,
    seen: int = 0,
) -> Filing:
    with acting(actor):
        return save_draft(milestone, unit, due_on, content or Content(narrative="已自评"), actor=actor, seen=seen)


def hand_in(
    milestone: Milestone, due_on: date, content: Content | None = None, *, actor: Actor | None = None
) -> Filing:
    """Save and submit by a clerk of the unit."""
    actor = actor or clerk()
    drafted = Filing.objects.filter(milestone=milestone, jurisdiction=actor.jurisdiction, due_on=due_on).first()
    seen = drafted.version if drafted else 0
    saved = draft(milestone, actor.jurisdiction, due_on, content, actor=actor, seen=seen)
    with acting(actor):
        return submit_filing(saved, actor=actor, seen=saved.version)


def accept(filing: Filing, *, actor: Actor) -> Filing:
    with acting(actor):
        return accept_filing(filing, actor=actor, seen=filing.round)


def give_back(filing: Filing, reason: str = "数据不全", *, actor: Actor, **by_part: str) -> Filing:
    with acting(actor):
        return return_filing(filing, reason, by_part, actor=actor, seen=filing.round)
