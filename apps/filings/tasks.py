"""Celery: stored files of filings that nothing names any more."""

from celery import shared_task

from apps.assessments.stored_files import delete_orphans_in
from apps.filings.attachments import stored_names
from apps.filings.models import FOLDER


@shared_task
def delete_orphans() -> None:
    """Delete files whose row was never committed."""
    delete_orphans_in(FOLDER, stored_names, "filing")
