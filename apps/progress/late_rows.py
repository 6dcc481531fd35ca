"""The lines of 滞后事项: what each waits for, with whom, since when, and where it is opened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.campaigns.models import Participation
from apps.core import clock
from apps.progress.late import Late, days_since, since

Stage = Participation.Stage


@dataclass(frozen=True)
class LateRow:
    """A participation that is late; ``person`` is told only in the office that it waits in, and above it."""

    participation: Participation
    holder: str
    person: str
    since: datetime
    days: int
    due: date | None
    days_overdue: int | None
    url: str
    action: str


def late_rows(parts: Iterable[Participation], late: Late, actor: Actor) -> list[LateRow]:
    """Say of each what a clerk has to know before they ring somebody up."""
    today = clock.today()
    return [_row(part, late, actor, today) for part in parts]


def _row(part: Participation, late: Late, actor: Actor, today: date) -> LateRow:
    assessment = getattr(part, "assessment", None)
    at, due = since(part), late.dues.get((part.campaign_id, part.year))
    person = ""
    if assessment is not None and assessment.assignee and actor.jurisdiction.contains(assessment.holder.path):
        person = str(assessment.assignee)
    url, action = _place_to_open(part, actor)
    return LateRow(
        participation=part,
        holder=str(assessment.holder if assessment is not None else part.community.jurisdiction),
        person=person,
        since=at,
        days=days_since(at, today),
        due=due,
        days_overdue=(today - due).days if due is not None and due < today else None,
        url=url,
        action=action,
    )


def _place_to_open(part: Participation, actor: Actor) -> tuple[str, str]:
    assessment = getattr(part, "assessment", None)
    if assessment is None:
        return reverse("community_detail", args=[part.community_id]), "看社区"
    if part.stage == Stage.IN_REVIEW and assessment.holder == actor.jurisdiction and actor.can("review_assessments"):
        return reverse("review", args=[assessment.pk]), "去审核"
    return reverse("self_assessment", args=[assessment.pk]), "看自评"
