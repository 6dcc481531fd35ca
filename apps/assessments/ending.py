"""What becomes of an assessment when its community goes, or comes under another jurisdiction; for ``reorganisations``."""

from apps.accounts.permissions import Actor
from apps.assessments.chain import chain_of
from apps.assessments.models import Assessment, ReviewAction
from apps.assessments.steps import TRANSITIONS, open_proposal, record
from apps.campaigns.models import Participation
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction

UNDER_WAY = (Assessment.Status.DRAFT, Assessment.Status.IN_REVIEW, Assessment.Status.RETURNED)


def assessment_of(participation: Participation) -> Assessment | None:
    """Return the assessment, locked and with what its words name; None while none was begun."""
    if not Assessment.objects.select_for_update().filter(participation=participation).values_list("pk").first():
        return None
    return Assessment.objects.with_context().get(participation=participation)


def is_awaiting_second_approval(assessment: Assessment) -> bool:
    """Whether a recognition or revocation of it waits for its second approver."""
    return open_proposal(assessment) is not None


def end_assessment(assessment: Assessment, comment: str, *, actor: Actor) -> ReviewAction | None:
    """End what is under way (终止), with the reason in its history; None for what is over already. The caller has locked it."""
    if Assessment.Status.ENDED not in TRANSITIONS[assessment.status]:
        return None
    assessment.status, assessment.assignee, assessment.claimed_until = Assessment.Status.ENDED, None, None
    assessment.save(update_fields=["status", "assignee", "claimed_until"])
    return record(assessment, ReviewAction.Kind.END, actor, comment=comment)


def follow_place(assessment: Assessment) -> Jurisdiction | None:
    """Let the holder be the jurisdiction of the same level in the chain of the community's place; return it if it changed.

    A level that the new branch lacks is answered for by the next one above it.
    """
    participation = Participation.objects.select_related("campaign", "community__jurisdiction").get(
        pk=assessment.participation_id
    )
    chain = chain_of(participation)
    if assessment.holder in chain:
        return None
    depth = assessment.holder.level_type.depth
    holder = next((one for one in chain if one.level_type.depth <= depth), chain[-1])
    assessment.holder, assessment.assignee, assessment.claimed_until = holder, None, None
    assessment.held_since = clock.now()
    assessment.save(update_fields=["holder", "assignee", "claimed_until", "held_since"])
    return holder
