"""HTTP of sessions: the list of one's own, ending them, and what pages ask about the session that they live in."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import access, sessions
from apps.accounts.devices import device_words
from apps.accounts.http import ActorRequest
from apps.accounts.models import AccessEvent, User


@login_required
@require_safe
def session_list(request: HttpRequest) -> HttpResponse:
    """Where one is signed in."""
    user = cast(User, request.user)
    rows = [
        {"session": one, "device": device_words(one.user_agent), "is_here": _is_here(one.session_key, request)}
        for one in sessions.sessions_of(user)
    ]
    return render(request, "accounts/session_list.html", {"rows": sorted(rows, key=lambda row: not row["is_here"])})


@login_required
@require_POST
def session_end(request: HttpRequest) -> HttpResponse:
    """End one of one's other sessions (``session``), or all of them."""
    user = cast(User, request.user)
    if "session" in request.POST:
        others = [one for one in sessions.sessions_of(user) if not _is_here(one.session_key, request)]
        ended = next((one for one in others if str(one.pk) == request.POST["session"]), None)
        if ended is None:
            raise Http404("这处登录已经结束。")
        words = device_words(ended.user_agent)
        ended.end()
        messages.success(request, f"已结束这处登录：{words}。")
    else:
        count = sessions.end_sessions_of(user, but=request.session.session_key)
        words = f"其他全部 {count} 处"
        messages.success(request, f"已结束其他 {count} 处登录。")
    access.record_sign_in(AccessEvent.Kind.SESSION_ENDED, user, subject=words)
    return redirect("session_list")


@never_cache
@require_http_methods(["GET", "POST"])
def session_state(request: ActorRequest) -> JsonResponse:
    """Who is signed in, for how many more seconds, and a token for the forms. A POST says that the person works on."""
    user = request.user
    return JsonResponse(
        {
            "user": user.pk if user.is_authenticated else None,
            "name": str(user) if user.is_authenticated else "",
            "left": request.seconds_left,
            "csrf": get_token(request),
        }
    )


@login_required
@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Where a window ends up in which one signed in again for the sake of another window."""
    return render(request, "accounts/signed_in.html")


def _is_here(key: str, request: HttpRequest) -> bool:
    return key == request.session.session_key
