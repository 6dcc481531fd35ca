"""Where finished documents lie, and files that no job names: cut off while they were stored, or left by a job that expired."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from apps.core.storage import listed, stored_at
from apps.reports.models import ExportJob

FOLDER = "exports"
# Longer than any task: what it stored and has not committed by then was rolled back.
_ORPHAN_AGE = timedelta(days=1)


def orphans() -> Iterator[str]:
    """Stored files older than a day that no job names; sees the jobs that the scope sees."""
    before = timezone.now() - _ORPHAN_AGE
    for year in listed(FOLDER)[0]:
        for month in listed(f"{FOLDER}/{year}")[0]:
            folder = f"{FOLDER}/{year}/{month}"
            names = {f"{folder}/{file}" for file in listed(folder)[1]}
            named = set(ExportJob.objects.filter(file__in=names).values_list("file", flat=True))
            yield from (name for name in sorted(names - named) if stored_at(name) < before)
