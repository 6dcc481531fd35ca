"""Celery: stored files of findings that nothing names any more."""

import logging

from celery import shared_task
from django.core.files.storage import default_storage

from apps.assessments.stored_files import orphans
from apps.core.scope import scope_all
from apps.supervision.mending import stored_names
from apps.supervision.models import FOLDER

logger = logging.getLogger(__name__)


@shared_task
def delete_orphans() -> None:
    """Delete files whose row was never committed."""
    with scope_all():
        for name in orphans(folder=FOLDER, named=stored_names):
            default_storage.delete(name)
            logger.info("deleted %s, which no finding names", name)
