"""Where a person is signed in: the time-out after idleness, the list of sessions, ending them.

``UserSession.last_seen_at`` is the session's last activity, kept to the minute; within that minute the cache knows it, so that a
request does not ask the database again.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import cast

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from apps.accounts import access
from apps.accounts.http import client_address
from apps.accounts.models import AccessEvent, User

_STEP = timedelta(minutes=1)
# Sent by static/js/session.js with what a page asks on its own, such as how far an export has come.
_IS_BACKGROUND = "X-Background"
_WATCHED_KEY = "watched_session_key"


def watch(request: HttpRequest) -> int:
    """Note that the person works, or end the session after too long a rest. Return the seconds that it has left."""
    now, key = timezone.now(), cast(str, request.session.session_key)
    setattr(request, _WATCHED_KEY, key)
    seen: tuple[datetime, datetime] | None = cache.get(_cache_key(key))
    if seen is None or not timedelta() <= now - seen[1] < _step():
        session = session_of(request, cast(User, request.user))
        if reason := _overdue(session, now):
            _expire(request, session, reason)
            return 0
        if now - session.last_seen_at >= _step() and not is_background(request):
            session.last_seen_at = now
            session.ip = client_address(request) or session.ip
            session.save(update_fields=["last_seen_at", "ip"])
        seen = (session.created_at, session.last_seen_at)
        cache.set(_cache_key(key), seen, _step().total_seconds())
    return _seconds_left(*seen, now)


def session_of(request: HttpRequest, user: User) -> UserSession:
    """Return the row that says where and since when the person is signed in, made where it is missing."""
    session, _ = UserSession.objects.get_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "ip": client_address(request) or "0.0.0.0",  # noqa: S104
            "user_agent": request.headers.get("User-Agent", "")[:200],
        },
    )
    return session


def follow_key(request: HttpRequest) -> None:
    """Keep the row of this session when its key has changed: it is still the same sign-in, and as old as before."""
    before: str | None = getattr(request, _WATCHED_KEY, None)
    if before is not None and request.session.session_key not in (None, before):
        UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def is_background(request: HttpRequest) -> bool:
    """Whether a page asks on its own, nobody having pressed anything."""
    return request.headers.get(_IS_BACKGROUND) == "1" or (
        request.method == "GET" and request.path == reverse("session_state")
    )


def _seconds_left(created_at: datetime, last_seen_at: datetime, now: datetime) -> int:
    ends = min(last_seen_at + _idle(), created_at + _longest())
    return int((ends - now).total_seconds())


def sessions_of(user: User) -> list[UserSession]:
    """Return the sessions of ``user`` that are open, the last used first."""
    now = timezone.now()
    rows = [one for one in UserSession.objects.purge_and_list(user) if not _overdue(one, now)]
    return sorted(rows, key=lambda one: one.last_seen_at, reverse=True)


def end_sessions_of(user: User, *, but: str | None = None) -> int:
    """End every session of ``user`` but the one with the key ``but``; return how many."""
    rows = [one for one in UserSession.objects.filter(user=user) if one.session_key != but]
    for one in rows:
        one.end()
    return len(rows)


def _overdue(session: UserSession, now: datetime) -> str:
    """Return why the session is over, '' while it is not."""
    if now - session.last_seen_at > _idle():
        return f"超过 {settings.IDLE_SECONDS // 60} 分钟没有操作"
    if now - session.created_at > _longest():
        return f"登录已满 {settings.SESSION_COOKIE_AGE // 3600} 小时"
    return ""


def _expire(request: HttpRequest, session: UserSession, reason: str) -> None:
    access.record_sign_in(AccessEvent.Kind.IDLED_OUT, session.user, subject=reason)
    session.delete()
    request.session.flush()
    request.user = AnonymousUser()
    request.session_ended = reason  # type: ignore[attr-defined]


def _cache_key(session_key: str) -> str:
    """Where the cache keeps when the session began and was last used; the key itself would let its reader sign in."""
    return f"session-seen:{sha256(session_key.encode()).hexdigest()}"


def _step() -> timedelta:
    return min(_STEP, _idle() / 10)


def _idle() -> timedelta:
    return timedelta(seconds=settings.IDLE_SECONDS)


def _longest() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)
