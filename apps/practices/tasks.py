"""Celery: stored files of practices that nothing names any more."""

from celery import shared_task

from apps.assessments.stored_files import delete_orphans_in
from apps.practices.models import FOLDER
from apps.practices.pictures import stored_names


@shared_task
def delete_orphans() -> None:
    """Delete files whose row was never committed."""
    delete_orphans_in(FOLDER, stored_names, "practice")
