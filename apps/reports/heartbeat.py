"""Signs of life of the workers that make documents, and how far they have come: shown and watched, never kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic

from django.core.cache import cache

from apps.reports.models import ExportJob
from apps.reports.registry import Stopped

# A worker beats every few seconds; one that has not for so long is dead.
EVERY, SILENCE = 5.0, 30.0
# How often a worker asks whether its document is still wanted.
LOOK_EVERY = 1.0

_KEPT_SECONDS = 3600
# Percent that stand from the start, and that telling goes up to; the file is still to be stored.
_BEGUN, _SPAN = 5, 90


@contextmanager
def beating(job: ExportJob) -> Iterator[None]:
    """Beat beside the work, so that a long query or a slow library does not look like death."""
    done = Event()

    def beat() -> None:
        while True:
            cache.set(_key(job, "beat"), 1, SILENCE)
            if done.wait(EVERY):
                return

    cache.set(_key(job, "percent"), _BEGUN, _KEPT_SECONDS)
    thread = Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def is_alive(job: ExportJob) -> bool:
    """Whether the worker of this attempt has beaten lately."""
    return cache.get(_key(job, "beat")) is not None


def progress_of(job: ExportJob) -> int:
    """Return how far a job has come, in percent."""
    if job.status == ExportJob.Status.DONE:
        return 100
    return int(cache.get(_key(job, "percent"), 0)) if job.status == ExportJob.Status.RUNNING else 0


class Telling:
    """What a maker calls with (parts done, parts in all): keeps the percentage, and stops a job that nobody wants any more."""

    def __init__(self, job: ExportJob, is_wanted: Callable[[ExportJob], bool]) -> None:
        self._job, self._is_wanted, self._looked_at, self._percent = job, is_wanted, monotonic(), _BEGUN

    def __call__(self, done: int, total: int) -> None:
        percent = _BEGUN + _SPAN * done // max(total, 1)
        if percent != self._percent:
            self._percent = percent
            cache.set(_key(self._job, "percent"), percent, _KEPT_SECONDS)
        if monotonic() - self._looked_at >= LOOK_EVERY:
            self._looked_at = monotonic()
            if not self._is_wanted(self._job):
                raise Stopped


def _key(job: ExportJob, what: str) -> str:
    return f"export:{job.pk}:{job.attempts}:{what}"
