"""记入退回: a reviewing level notes criteria with reasons while it reads, and returns them together afterwards.

What is noted is the level's: colleagues see it and go on with it. The next step, whichever it is, ends it (steps.record).
"""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from apps.accounts.permissions import Actor
from apps.assessments.domain import check_editable
from apps.assessments.models import Assessment, ReturnNote
from apps.assessments.steps import keep_claim, open_for
from apps.core import clock
from apps.core.attached import attach
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion


@transaction.atomic
def note_for_return(assessment: Assessment, criterion: Criterion, reason: str, *, actor: Actor) -> None:
    """Note a criterion for the return with its reason, or drop it again where the reason is empty."""
    locked = open_for(assessment, actor, by_reviewer=True).assessment
    check_editable(locked, criterion)
    keep_claim(locked, actor.user)
    noted: dict[str, Any] = {"assessment": locked, "criterion": criterion, "jurisdiction": actor.jurisdiction}
    if not reason.strip():
        ReturnNote.objects.filter(**noted).delete()
        return
    fresh = {"reason": reason.strip(), "user": actor.user, "at": clock.now()}
    ReturnNote.objects.update_or_create(**noted, defaults=fresh)


def notes_of(assessment: Assessment, here: Jurisdiction, criteria: Collection[Criterion] = ()) -> dict[int, ReturnNote]:
    """Return what the level of ``here`` has noted, by the number of the criterion, in order.

    ``criteria`` are those of the assessment that are loaded already.
    """
    rows = list(ReturnNote.objects.filter(assessment=assessment, jurisdiction=here).select_related("user"))
    attach(rows, "criterion", criteria)
    return {one.criterion.number: one for one in sorted(rows, key=lambda one: one.criterion.number)}


def reasons_noted(assessment: Assessment, here: Jurisdiction) -> dict[int, str]:
    """Return the reasons of ``notes_of``."""
    return {number: one.reason for number, one in notes_of(assessment, here).items()}
