"""The one source of today's date and of the time of acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

_stopped_at: ContextVar[datetime | None] = ContextVar("stopped_at", default=None)


def now() -> datetime:
    """Return the business time: real time, moved by CLOCK_OFFSET_SECONDS in the demo."""
    return _stopped_at.get() or timezone.now() + timedelta(seconds=settings.CLOCK_OFFSET_SECONDS)


def today() -> date:
    """Return the business date in the installation's time zone."""
    return timezone.localtime(now()).date()


def midnight(day: date) -> datetime:
    """The moment at which a day begins in the installation's time zone; the database may keep another one."""
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())


def shown(at: datetime) -> datetime:
    """Return a moment of real time, such as that of a record, as people see it: the demo lives on a date of its own."""
    return at + timedelta(seconds=settings.CLOCK_OFFSET_SECONDS)


def real(at: datetime) -> datetime:
    """Return the real moment of one that people see."""
    return at - timedelta(seconds=settings.CLOCK_OFFSET_SECONDS)


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Let the business time stand at ``moment``: for telling the demo's story."""
    token = _stopped_at.set(moment)
    try:
        yield
    finally:
        _stopped_at.reset(token)
