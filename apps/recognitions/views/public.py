"""Pages that need no signing in: who publishes, a jurisdiction's list, a notice."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from django.views.decorators.http import require_safe

from apps.accounts import allauth_internals
from apps.recognitions import public

# Of one address: offices and schools share theirs.
_LIMITS = {"public": "300/m/ip"}


def for_everybody(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Limit how often one address asks; a cache that keeps a page asks each time whether it still stands."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if (refused := _too_often(request)) is not None:
            return refused
        response = view(request, *args, **kwargs)
        if settings.SESSION_COOKIE_NAME in request.COOKIES or response.cookies:
            patch_cache_control(response, private=True, no_store=True)
            return response
        patch_cache_control(response, no_cache=True)
        set_response_etag(response)
        return get_conditional_response(request, etag=response["ETag"], response=response) or response

    return guarded


def _too_often(request: HttpRequest) -> HttpResponse | None:
    """The refusal where the address has asked too often."""
    if allauth_internals.is_within(_LIMITS, request, app="recognitions", action="public"):
        return None
    return respond_429(request)


@require_safe
@for_everybody
def public_index(request: HttpRequest) -> HttpResponse:
    """Who publishes."""
    return render(request, "recognitions/public_index.html", {"publishers": public.publishers()})


@require_safe
@for_everybody
def public_list(request: HttpRequest, key: str) -> HttpResponse:
    """What one jurisdiction publishes, with a search by name, county and year."""
    names = {"text": "q", "county": "county", "year": "year", "number": "page"}
    asked = {argument: request.GET.get(name, "")[:60] for argument, name in names.items()}
    found = public.public_list(key, **asked)
    if found is None:
        raise Http404
    context = {"found": found, "page_obj": found.page, "asked": asked, "is_narrowed": any(asked.values())}
    return render(request, "recognitions/public_list.html", context)


@require_safe
@for_everybody
def public_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One published notice."""
    shown = public.public_notice(pk)
    if shown is None:
        raise Http404
    return render(request, "recognitions/public_notice.html", {"shown": shown, "notice": shown.notice})
