"""Puts every step and every occasion that concerns somebody into the post, once it is committed."""

from typing import Any

from celery import Task
from django.db import transaction
from django.dispatch import Signal, receiver

from apps.assessments.models import ReviewAction
from apps.assessments.signals import OF_KIND
from apps.core.models import Walled
from apps.core.wall import TENANT_WIDTH
from apps.notifications.occasions import OCCASIONS
from apps.notifications.tasks import deliver_occasion, deliver_step

_NAMES = {one.signal: one.name for one in OCCASIONS.values() if one.signal is not None}


@receiver(list(dict.fromkeys(OF_KIND.values())))
def step_taken(action: ReviewAction, **kwargs: Any) -> None:
    _post(deliver_step, action.pk, action.path[:TENANT_WIDTH])


@receiver(list(_NAMES))
def occasion_arisen(signal: Signal, row: Walled, **kwargs: Any) -> None:
    _post(deliver_occasion, _NAMES[signal], row.pk, row.path[:TENANT_WIDTH])


def _post(task: Task[Any, Any], *args: int | str) -> None:
    """Without the broker the deed stands all the same, and the beat makes up for it: no waiting, no error for the person."""
    transaction.on_commit(lambda: task.apply_async(args, retry=False), robust=True)
