"""What views share about who acts: the signed-in request and the guards of a page."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from apps.accounts.models import Membership
from apps.accounts.permissions import Actor


class ActorRequest(HttpRequest):
    """A request after the ActorMiddleware, in a view for members."""

    actor: Actor
    memberships: list[Membership]
    seconds_left: int
    two_factor_first: bool
    htmx: HtmxDetails


def client_address(request: HttpRequest) -> str | None:
    """Return the address that the request came from, as the outermost of our own proxies saw it; None where none is known."""
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return None


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks, not a page."""
    return request.headers.get("Accept", "").startswith("application/json")


_ENDED = "您的登录已被结束，或账号已停用。请重新登录；登录不了的，请联系本单位管理员。"

View = Callable[..., HttpResponseBase]


def members_only(view: View) -> View:
    """Send anonymous people to sign in, show people without a membership whom to ask."""

    @wraps(view)
    def guarded(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor: Actor | None = request.actor
        if actor is None:
            return render(request, "accounts/no_membership.html", status=HTTPStatus.FORBIDDEN)
        return view(request, *args, **kwargs)

    leads_to_sign_in = login_required(guarded)

    @wraps(view)
    def told(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _was_signed_in(request) and not request.htmx and not wants_json(request):
            messages.warning(request, _ENDED)
        return leads_to_sign_in(request, *args, **kwargs)

    return told


def _was_signed_in(request: ActorRequest) -> bool:
    """Whether a browser that looks at a page brings a session that was ended from elsewhere, or whose person was suspended."""
    if (
        request.user.is_authenticated
        or getattr(request, "session_ended", False)
        or request.method not in ("GET", "HEAD")
    ):
        return False
    session = request.session
    return SESSION_KEY in session or bool(request.COOKIES.get(settings.SESSION_COOKIE_NAME) and session.is_empty())
