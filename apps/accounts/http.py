"""What views share about who acts: the signed-in request and the guards of a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
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


View = Callable[..., HttpResponseBase]


def members_only(view: View) -> View:
    """Send anonymous people to sign in, refuse people without a membership."""

    @wraps(view)
    def guarded(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.actor is None:
            raise PermissionDenied("您的账号还没有任职单位，请联系本单位管理员。")
        return view(request, *args, **kwargs)

    return login_required(guarded)
