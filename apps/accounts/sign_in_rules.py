"""What comes before anything else: signing in (again), a password of one's own, two-factor sign-in where it is required.

Pages are led there. What a page asks behind the scenes (htmx, JSON) is answered in words and changes nothing on the page.
"""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts import two_factor
from apps.accounts.http import ActorRequest, wants_json
from apps.accounts.models import User
from apps.core.api.problems import is_api

# Sent by static/js/session.js: whom the page was made for. Somebody else may have signed in in another window since.
_PAGE_OF = "X-Page-User"

_ALWAYS = {"account_logout", "session_state", "signed_in"}
_PASSWORD_FIRST = _ALWAYS | {"account_change_password"}
_TWO_FACTOR_FIRST = _PASSWORD_FIRST | {
    "switch_membership",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
}

_SIGN_IN = "登录已过期，操作没有完成。请重新登录。"
_OTHER_USER = "这个浏览器里现在登录的是另一位用户，操作没有完成。请刷新页面，或换回原来的账号。"
_PASSWORD = "您还在使用初始密码，请先修改密码。"  # noqa: S105
_TWO_FACTOR = "您的单位或上级要求审批人和管理员使用两步验证，请先启用。"


class SignInRules:
    """Inside of the ActorMiddleware, which finds out who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, plain_request: HttpRequest) -> HttpResponseBase:
        request = cast(ActorRequest, plain_request)
        if is_api(request):
            # Whoever shows a token has no session; what comes first is told in accounts.bearer.
            return self.get_response(request)
        if _is_for_somebody_else(request):
            return _refuse(request, 401, _OTHER_USER, event="session-changed")
        ended = getattr(request, "session_ended", "")
        if ended and not _is_behind_the_scenes(request):
            messages.warning(request, f"{ended}，系统已退出登录。请重新登录，然后继续。")
        response = self.get_response(request)
        if _leads_to_sign_in(response) and not request.user.is_authenticated:
            return _sign_in_first(request, response)
        return response

    def process_view(self, plain_request: HttpRequest, *args: Any) -> HttpResponseBase | None:
        request = cast(ActorRequest, plain_request)
        user = request.user
        if not isinstance(user, User) or is_api(request):
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        if user.must_change_password and name not in _PASSWORD_FIRST:
            return _first(request, "account_change_password", _PASSWORD)
        request.two_factor_first = _lacks_two_factor(request)
        if request.two_factor_first and name not in _TWO_FACTOR_FIRST:
            return _first(request, "mfa_activate_totp", _TWO_FACTOR)
        return None


def _lacks_two_factor(request: ActorRequest) -> bool:
    actor = request.actor
    return actor is not None and two_factor.is_required(actor.membership) and not two_factor.has_two_factor(actor.user)


def _is_for_somebody_else(request: ActorRequest) -> bool:
    page_of = request.headers.get(_PAGE_OF)
    return page_of is not None and request.user.is_authenticated and page_of != str(request.user.pk)


def _is_behind_the_scenes(request: ActorRequest) -> bool:
    return bool(request.htmx) or wants_json(request)


def _leads_to_sign_in(response: HttpResponseBase) -> bool:
    location = response.headers.get("Location", "")
    return response.status_code == 302 and urlsplit(location).path == resolve_url("account_login")


def _sign_in_first(request: ActorRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Say that one has to sign in: in words behind the scenes; after a form, come back to the page that it was on."""
    if _is_behind_the_scenes(request):
        return _refuse(request, 401, _SIGN_IN, event="session-ended")
    if request.method in ("GET", "HEAD") or request.path == resolve_url("account_logout"):
        return response
    messages.warning(request, "登录已过期，刚才提交的内容没有保存。请登录后重新填写提交。")
    return HttpResponseRedirect(f"{resolve_url('account_login')}?{urlencode({'next': _page_before(request)})}")


def _page_before(request: HttpRequest) -> str:
    referrer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referrer, {request.get_host()}):
        return "/"
    parts = urlsplit(referrer)
    return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"


def _first(request: ActorRequest, name: str, text: str) -> HttpResponseBase:
    if _is_behind_the_scenes(request):
        return _refuse(request, 403, text)
    messages.warning(request, text)
    return redirect(name)


def _refuse(request: ActorRequest, status: int, text: str, *, event: str = "") -> HttpResponseBase:
    if wants_json(request):
        return JsonResponse({"detail": text}, status=status)
    response = render(request, "components/problem.html", {"message": text}, status=status)
    if event:
        response["HX-Trigger"] = event
    return response
