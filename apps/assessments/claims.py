"""领办: a reviewer takes an assessment for a time, so that no colleague of the level does the same work."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import User
from apps.accounts.permissions import Actor, require
from apps.assessments.models import Assessment, AssessmentQuerySet
from apps.assessments.queue import OLDEST_FIRST, mine_first
from apps.assessments.refusals import whose_turn
from apps.assessments.steps import (
    CLAIM_LASTS,
    claimant,
    keep_claim,
    leave_claim,
    lock,
    open_for,
    own_work_of,
    refuse_claimed,
)
from apps.core import clock
from apps.core.errors import TransitionError

# Two presses of one button lie no further apart.
_TWO_PRESSES = timedelta(seconds=3)


@transaction.atomic
def claim_assessment(assessment: Assessment, *, actor: Actor) -> Assessment:
    """Claim an assessment that lies with one's own level (领办), or let one's claim begin anew.

    It holds for CLAIM_LASTS after one's last act, until then colleagues only look at it. TransitionError while a colleague's holds.
    """
    opened = open_for(assessment, actor, by_reviewer=True)
    keep_claim(opened.assessment, actor.user)
    return opened.assessment


@transaction.atomic
def take_over_claim(assessment: Assessment, *, actor: Actor) -> Assessment:
    """Take a colleague's claim over (接手): for approvers, who must not wait for a clerk who forgot to release."""
    locked = lock(assessment.pk).assessment
    require(actor, "recognise_communities", locked.path)
    if locked.holder == actor.jurisdiction and claimant(locked) not in (None, actor.user):
        leave_claim(locked, None)
    return claim_assessment(locked, actor=actor)


@transaction.atomic
def release_assessment(assessment: Assessment, *, actor: Actor) -> Assessment:
    """Give one's own claim up (释放): nobody is the 承办人 then. Without a claim nothing changes."""
    locked = lock(assessment.pk).assessment
    require(actor, "review_assessments", locked.path)
    if locked.holder != actor.jurisdiction:
        raise TransitionError(whose_turn(locked))
    refuse_claimed(locked, actor.user)
    if claimant(locked) == actor.user:
        leave_claim(locked, None)
    return locked


@transaction.atomic
def claim_next(waiting: AssessmentQuerySet, *, actor: Actor) -> Assessment | None:
    """Claim of ``waiting``, a part of one's queue, what has come first and nobody has claimed (领办下一件); None: nothing left.

    What a colleague claims at the same moment is passed over, not waited for. What colleagues are the 承办人 of comes last. The
    second of two presses finds what the first has claimed.
    """
    require(actor, "review_assessments")
    User.objects.select_for_update().get(pk=actor.user.pk)
    just_now = clock.now() + CLAIM_LASTS - _TWO_PRESSES
    if (claimed := waiting.filter(assignee=actor.user, claimed_until__gte=just_now).first()) is not None:
        return claimed
    free = unclaimed(waiting, actor).order_by(mine_first(actor), *OLDEST_FIRST)
    first = free.select_for_update(of=("self",), skip_locked=True).first()
    return claim_assessment(first, actor=actor) if first is not None else None


def unclaimed(waiting: AssessmentQuerySet, actor: Actor) -> AssessmentQuerySet:
    """Of ``waiting`` what nobody has claimed and is not the person's own work."""
    return waiting.exclude(Q(claimed_until__gt=clock.now(), assignee__isnull=False)).exclude(own_work_of(actor.user))
