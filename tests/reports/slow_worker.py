"""A worker of the product with one kind of document more, which takes its time; ``celery -A tests.reports.slow_worker worker``."""

import time
from typing import Any

from celery.signals import worker_process_init

from apps.reports.registry import Document, Kind, Tell, register
from config.celery import app

__all__ = ["app"]

# The first attempt outlasts every test, the next one is quick.
FIRST_SECONDS = 120
CONTENT = b"whole\n" * 1000


def make_slowly(job: Any, tell: Tell) -> Document:
    """A document whose first attempt nobody waits for."""
    for second in range(FIRST_SECONDS if job.attempts == 1 else 1):
        tell(second, FIRST_SECONDS)
        time.sleep(1)
    return Document(CONTENT, "慢.txt")


def register_slow_kind() -> None:
    register(Kind("slow", "慢", "text/plain", lambda *_: None, make_slowly))


@worker_process_init.connect
def _set_up(**kwargs: Any) -> None:
    from apps.reports import heartbeat

    heartbeat.EVERY, heartbeat.SILENCE = 0.5, 2.0
    register_slow_kind()
