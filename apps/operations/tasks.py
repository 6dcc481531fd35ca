"""Celery: counting the work that waits."""

from celery import shared_task

from apps.core.scope import scope_all
from apps.operations.work import measure


@shared_task
def measure_work() -> None:
    """Count what waits in the whole installation, for the metrics."""
    with scope_all():
        measure()
