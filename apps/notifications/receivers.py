"""Puts every step that concerns somebody into the post, once it is committed."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from apps.assessments.models import ReviewAction
from apps.assessments.signals import OF_KIND
from apps.core.wall import TENANT_WIDTH
from apps.notifications.tasks import deliver_step


@receiver(list(OF_KIND.values()))
def step_taken(action: ReviewAction, **kwargs: Any) -> None:
    """Without the broker the step stands all the same, and the beat makes up for it: no waiting, no error for the person."""
    step, tenant = action.pk, action.path[:TENANT_WIDTH]
    transaction.on_commit(lambda: deliver_step.apply_async((step, tenant), retry=False), robust=True)
