"""Where evidence is stored: taking files away with their row, and those that no row names any more."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.assessments.models import Evidence
from apps.core.scope import scope_all
from apps.core.storage import listed, stored_at

logger = logging.getLogger(__name__)

FOLDER = "evidence"
# Longer than any request or task: what it stored and has not committed by then was rolled back.
ORPHAN_AGE = timedelta(days=1)
# A night looks through a part of the folders, a week through all of them.
_PARTS = 7


def delete_with_files(evidence: Evidence) -> None:
    """Delete the row now, and once that is committed its files, but for one that another row names."""
    # What a task has just stored for it counts too.
    locked = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    names = {file.name for file in (locked.file, locked.display, locked.thumbnail) if file.name}
    locked.delete()
    names -= _named(names)

    def delete() -> None:
        for name in names:
            default_storage.delete(name)

    transaction.on_commit(delete, robust=True)


def orphans(
    now: datetime | None = None, *, folder: str = FOLDER, named: Callable[[set[str]], set[str]] | None = None
) -> Iterator[str]:
    """Stored files of today's part of the folders that are older than a day and have no row; sees what the scope sees.

    ``folder`` is where a room keeps its files, ``named`` says which of some names its rows name; without them, of evidence.
    """
    now, with_row = now or timezone.now(), named or _named
    folders, _ = listed(folder)
    for number in folders:
        if not number.isdigit() or int(number) % _PARTS != now.toordinal() % _PARTS:
            continue
        names = {f"{folder}/{number}/{file}" for file in listed(f"{folder}/{number}")[1]}
        yield from (name for name in sorted(names - with_row(names)) if stored_at(name) < now - ORPHAN_AGE)


def delete_orphans_in(folder: str, named: Callable[[set[str]], set[str]], owner: str) -> None:
    """Delete today's ``orphans`` of a folder; ``owner`` says in the log whose files they would be."""
    with scope_all():
        for name in orphans(folder=folder, named=named):
            default_storage.delete(name)
            logger.info("deleted %s, which no %s names", name, owner)


def _named(names: set[str]) -> set[str]:
    """Those of ``names`` that a row names."""
    rows = Evidence.objects.filter(Q(file__in=names) | Q(display__in=names) | Q(thumbnail__in=names))
    return names & {name for row in rows.values_list("file", "display", "thumbnail") for name in row}
