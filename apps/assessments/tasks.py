"""Celery: pictures for the page, and stored files that nothing names any more."""

import logging

from celery import shared_task
from django.core.cache import cache
from django.core.files.storage import default_storage

from apps.assessments.files import PICTURE_TYPES
from apps.assessments.models import Evidence
from apps.assessments.renditions import Unshowable, complete, given_up_key
from apps.assessments.stored_files import orphans
from apps.core import history
from apps.core.scope import scope, scope_all

logger = logging.getLogger(__name__)

# Pictures that one run of the beat hands out.
_BATCH = 200


@shared_task
def make_renditions(evidence_id: int, path: str) -> None:
    """Make the pictures of a piece of evidence within the scope ``path`` of its row; may be delivered more than once."""
    with scope(path), history.recording(task="make_renditions"):
        evidence = Evidence.objects.filter(pk=evidence_id).first()
        if evidence is None:
            return
        try:
            complete(evidence)
        except (Unshowable, FileNotFoundError) as error:
            logger.warning("evidence %s cannot be shown: %s", evidence_id, error)


@shared_task
def make_missing_renditions() -> None:
    """Hand out the pictures that a dead worker or a lost queue has left without."""
    with scope_all():
        pictures = Evidence.objects.filter(content_type__in=PICTURE_TYPES)
        missing = (pictures.filter(display="") | pictures.filter(thumbnail="")).order_by("-pk")
        found = list(missing.values_list("pk", "path")[: 2 * _BATCH])
    given_up = cache.get_many([given_up_key(pk) for pk, _ in found])
    waiting = [(pk, path) for pk, path in found if given_up_key(pk) not in given_up]
    for pk, path in waiting[:_BATCH]:
        make_renditions.delay(pk, path)


@shared_task
def delete_orphans() -> None:
    """Delete files whose row was never committed."""
    with scope_all():
        for name in orphans():
            default_storage.delete(name)
            logger.info("deleted %s, which no evidence names", name)
