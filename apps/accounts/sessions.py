"""Where a person is signed in: the time-out after idleness, the list of sessions, ending them.

``UserSession.last_seen_at`` is the session's last activity, kept to the minute.
"""

from datetime import datetime, timedelta
from typing import cast

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from apps.accounts import access
from apps.accounts.http import client_address
from apps.accounts.models import AccessEvent, User

_STEP = timedelta(minutes=1)
# Sent by static/js/session.js with what a page asks on its own, such as how far an export has come.
_IS_BACKGROUND = "X-Background"
_WATCHED = "watched_session"


def watch(request: HttpRequest) -> int:
    """Note that the person works, or end the session after too long a rest. Return the seconds that it has left."""
    session, now = session_of(request, cast(User, request.user)), timezone.now()
    setattr(request, _WATCHED, session)
    reason = _overdue(session, now)
    if reason:
        _expire(request, session, reason)
        return 0
    if now - session.last_seen_at >= min(_STEP, _idle() / 10) and not is_background(request):
        session.last_seen_at = now
        session.ip = client_address(request) or session.ip
        session.save(update_fields=["last_seen_at", "ip"])
    return seconds_left(session, now)


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
    session: UserSession | None = getattr(request, _WATCHED, None)
    if session is not None and request.session.session_key not in (None, session.session_key):
        session.session_key = request.session.session_key
        session.save(update_fields=["session_key"])


def is_background(request: HttpRequest) -> bool:
    """Whether a page asks on its own, nobody having pressed anything."""
    return request.headers.get(_IS_BACKGROUND) == "1" or (
        request.method == "GET" and request.path == reverse("session_state")
    )


def seconds_left(session: UserSession, now: datetime) -> int:
    ends = min(session.last_seen_at + _idle(), session.created_at + _longest())
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


def _idle() -> timedelta:
    return timedelta(seconds=settings.IDLE_SECONDS)


def _longest() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)
