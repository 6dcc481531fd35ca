"""Wrong passwords and codes: put on record, and after too many the account takes no more for a while.

Counted in the records of access, so that it holds in every process and while the cache is away; allauth's own limits
(``ACCOUNT_RATE_LIMITS``) stand in front of it.
"""

from datetime import timedelta
from math import ceil

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.accounts import access
from apps.accounts.models import AccessEvent, User

FAILURES = 5
WITHIN = timedelta(minutes=5)
LOCKED_FOR = timedelta(minutes=10)

_Kind = AccessEvent.Kind


def minutes_locked(name: str) -> int:
    """Return for how many more minutes nobody can sign in as ``name``; 0 where anybody may try. A name that nobody has is
    locked like any other. Names are told apart to the letter, as signing in does (Django's ModelBackend): ``Li`` opens nothing
    of ``li``, and counts for itself.
    """
    since = timezone.now() - LOCKED_FOR
    last = _events(_Kind.LOCKED_OUT, name).filter(at__gt=since).order_by("-at").first()
    return ceil((last.at - since) / timedelta(minutes=1)) if last else 0


def record_failure(name: str, *, subject: str = "") -> None:
    """Record that somebody failed to sign in as ``name``; the last failure that is taken locks the account."""
    user = User.objects.filter(username=name).first()
    _record(_Kind.SIGN_IN_FAILED, user, name, subject)
    since = timezone.now() - WITHIN
    lock = _events(_Kind.LOCKED_OUT, name).filter(at__gt=since).order_by("-at").first()
    if lock is not None:
        since = max(since, lock.at)
    if _events(_Kind.SIGN_IN_FAILED, name).filter(at__gt=since).count() >= FAILURES:
        minutes = LOCKED_FOR // timedelta(minutes=1)
        _record(_Kind.LOCKED_OUT, user, name, f"{FAILURES} 次失败，暂停 {minutes} 分钟")


def _events(kind: AccessEvent.Kind, name: str) -> QuerySet[AccessEvent]:
    tried = Q(user__username=name) | Q(user__isnull=True, name=access.unknown_name(name))
    return AccessEvent.objects.filter(tried, kind=kind)


def _record(kind: AccessEvent.Kind, user: User | None, name: str, subject: str) -> None:
    if user is not None:
        access.record_sign_in(kind, user, subject=subject)
    else:
        access.record_unknown(kind, name, subject=subject)
