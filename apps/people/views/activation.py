"""Activating an account with a one-time code: for people who are not signed in."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.internal.ratelimit import consume, respond_429
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Invitation, Membership
from apps.core.errors import InvalidInput
from apps.core.scope import scope
from apps.people.forms import CodeForm, NewPasswordForm
from apps.people.inviting import activate, find_invitation

_CODE_KEY = "activation_code"
# Wrong codes of one address: a bureau's people share theirs, and a code cannot be guessed in years.
_LIMITS = {"activate": "30/5m/ip"}


@never_cache
@require_safe
def activate_with(request: HttpRequest, code: str) -> HttpResponse:
    """Take the code out of a link's address, which is kept in histories and logs, and go on without it."""
    request.session[_CODE_KEY] = code[:40]
    response = redirect("activate")
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@sensitive_post_parameters("code", "password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def activate_account(request: HttpRequest) -> HttpResponse:
    """Ask for the code, then for a password; who it is about is shown only after a right code."""
    if request.user.is_authenticated:
        return render(request, "people/activate_signed_in.html")
    code = request.POST.get("code", "")[:40] or request.session.get(_CODE_KEY, "")
    if not code:
        form = CodeForm(request.POST if request.method == "POST" else None)
        return _ask(request, form, status=422 if form.is_bound else 200)
    if not _attempt(request, dry_run=True):
        return respond_429(request)
    try:
        invitation = find_invitation(code)
    except InvalidInput as error:
        _attempt(request)
        request.session.pop(_CODE_KEY, None)
        form = CodeForm({"code": code[:40]})
        form.add_error("code", error.message)
        return _ask(request, form, status=error.status)
    if "code" in request.POST:
        request.session[_CODE_KEY] = code
        return redirect("activate")
    return _set_password(request, code, invitation)


def _set_password(request: HttpRequest, code: str, invitation: Invitation) -> HttpResponse:
    person = invitation.user
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = activate(code, form.cleaned_data["password1"])
        except ValidationError as error:
            form.add_error("password1", error)
        else:
            request.session.pop(_CODE_KEY, None)
            record_authentication(request, user, method="password", username=user.username)
            return perform_login(request, user)
    with scope("", user_id=person.pk):
        held = list(Membership.objects.filter(user=person).select_related("jurisdiction").order_by("path", "role"))
    context = {"form": form, "person": person, "memberships": held}
    status = 422 if form.is_bound else 200
    return render(request, "people/activate_password.html", context, status=status)


def _ask(request: HttpRequest, form: CodeForm, status: int) -> HttpResponse:
    return render(request, "people/activate.html", {"form": form}, status=status)


def _attempt(request: HttpRequest, *, dry_run: bool = False) -> bool:
    usage = consume(request, app="people", action="activate", config=_LIMITS, dry_run=dry_run, limit_get=True)
    return usage is not None
