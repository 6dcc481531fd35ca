"""Celery: stored files of findings that nothing names any more."""

from celery import shared_task

from apps.assessments.stored_files import delete_orphans_in
from apps.supervision.mending import stored_names
from apps.supervision.models import FOLDER


@shared_task
def delete_orphans() -> None:
    """Delete files whose row was never committed."""
    delete_orphans_in(FOLDER, stored_names, "finding")
