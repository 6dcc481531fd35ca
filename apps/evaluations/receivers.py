"""What happens below and concerns evaluations: a unit that comes under another one takes its report in review along."""

from typing import Any

from django.db.models import F
from django.dispatch import receiver

from apps.evaluations.models import AnnualEvaluation
from apps.reorganisations.signals import jurisdiction_changed


@receiver(jurisdiction_changed)
def follow_the_unit(**kwargs: Any) -> None:
    """Where the unit with which a report lies is not above its own unit any more, the present one above it has it."""
    waiting = AnnualEvaluation.objects.filter(status=AnnualEvaluation.Status.SUBMITTED)
    astray = waiting.exclude(path__startswith=F("holder__path"))
    for one in astray.select_related("jurisdiction__parent"):
        one.holder = one.jurisdiction.parent
        one.save(update_fields=["holder"])
