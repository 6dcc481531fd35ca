"""The one source of today's date and of the time of acts."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """Return the business time: real time, moved by CLOCK_OFFSET_SECONDS in the demo."""
    return timezone.now() + timedelta(seconds=settings.CLOCK_OFFSET_SECONDS)


def today() -> date:
    """Return the business date in the installation's time zone."""
    return timezone.localtime(now()).date()
