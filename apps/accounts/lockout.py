"""Wrong passwords and codes: put on record, and after too many the account takes no more for a while.

Counted in the records of access, so that it holds in every process and while the cache is away; allauth's own limits
(``ACCOUNT_RATE_LIMITS``) stand in front of it. An administrator's lifting of a lock is a record as well.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.accounts import access, allauth_internals
from apps.accounts.models import AccessEvent, User
from apps.accounts.permissions import Actor

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
    if last is None or _is_lifted(name, last.at, _lifted_since(since)):
        return 0
    return ceil((last.at - since) / timedelta(minutes=1))


def locked_until(people: Iterable[User]) -> dict[int, datetime]:
    """Return by id until when nobody can sign in as those of ``people`` who are locked out, in real time.

    As far as the scope shows it: the lock of an account is filed under the bureau that looks after it.
    """
    since, named = timezone.now() - LOCKED_FOR, {one.pk: one.username for one in people}
    locks = AccessEvent.objects.filter(user__in=list(named), kind=_Kind.LOCKED_OUT, at__gt=since)
    last = dict(locks.order_by("at").values_list("user", "at"))
    lifted = _lifted_since(since) if last else []
    return {pk: at + LOCKED_FOR for pk, at in last.items() if not _is_lifted(named[pk], at, lifted)}


def lift(person: User, *, actor: Actor) -> None:
    """Record that ``actor`` lets ``person`` try again at once; whether they may is the caller's check."""
    access.record(_Kind.UNLOCKED, actor=actor, subject=access.described(person), jurisdiction=person.jurisdiction)
    transaction.on_commit(lambda: allauth_internals.forget_failures(person), robust=True)


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


def _lifted_since(since: datetime) -> list[tuple[str, datetime]]:
    return list(AccessEvent.objects.filter(kind=_Kind.UNLOCKED, at__gt=since).values_list("subject", "at"))


def _is_lifted(name: str, locked_at: datetime, lifted: Iterable[tuple[str, datetime]]) -> bool:
    return any(at > locked_at and access.is_about(subject, name) for subject, at in lifted)


def _record(kind: AccessEvent.Kind, user: User | None, name: str, subject: str) -> None:
    if user is not None:
        access.record_sign_in(kind, user, subject=subject)
    else:
        access.record_unknown(kind, name, subject=subject)
