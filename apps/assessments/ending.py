"""What becomes of assessments when their communities go, or come under another jurisdiction; for ``reorganisations``."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from apps.accounts.permissions import Actor
from apps.assessments.chain import chains_of
from apps.assessments.models import Assessment, ReviewAction, SecondApproval
from apps.assessments.steps import record
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction

UNDER_WAY = (Assessment.Status.DRAFT, Assessment.Status.IN_REVIEW, Assessment.Status.RETURNED)


def open_proposal_among(assessments: Collection[Assessment]) -> SecondApproval | None:
    """Return a recognition or revocation of one of them that waits for its second approver."""
    waiting = SecondApproval.objects.filter(assessment__in=assessments, outcome=SecondApproval.Outcome.OPEN)
    return waiting.select_related("jurisdiction").order_by("pk").first()


def end_assessment(assessment: Assessment, comment: str, *, actor: Actor) -> ReviewAction:
    """End what is under way (终止), with the reason in its history. The caller has locked it."""
    assessment.status, assessment.assignee, assessment.claimed_until = Assessment.Status.ENDED, None, None
    assessment.save(update_fields=["status", "assignee", "claimed_until"])
    return record(assessment, ReviewAction.Kind.END, actor, comment=comment)


class Moved(NamedTuple):
    """An assessment that has to go to another office than its holder."""

    assessment: Assessment
    to: Jurisdiction


def to_be_moved(assessments: Iterable[Assessment]) -> list[Moved]:
    """Return those that no office of their community's place holds, each with the one of the same level there.

    A level that the new branch lacks is answered for by the next one above it. ``assessments``: as they stand after the move.
    """
    found = list(assessments)
    chains = chains_of([one.participation for one in found])
    return [
        Moved(one, _of_level(one.holder, chains[one.participation_id]))
        for one in found
        if one.holder not in chains[one.participation_id]
    ]


def follow_places(moved: Collection[Moved]) -> None:
    """Let the offices hold them from now on, unclaimed."""
    by_office: dict[int, list[int]] = defaultdict(list)
    for one in moved:
        by_office[one.to.pk].append(one.assessment.pk)
    for office, ids in by_office.items():
        Assessment.objects.filter(pk__in=ids).update(
            holder=office, assignee=None, claimed_until=None, held_since=clock.now()
        )


def _of_level(office: Jurisdiction, chain: list[Jurisdiction]) -> Jurisdiction:
    depth = office.level_type.depth
    return next((one for one in chain if one.level_type.depth <= depth), chain[-1])
