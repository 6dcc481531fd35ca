"""Activating an account with a one-time code: for people who are not signed in."""

from allauth.core.ratelimit import respond_429
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import allauth_internals
from apps.accounts.models import Invitation, Membership
from apps.core.errors import InvalidInput
from apps.core.scope import scope
from apps.people.forms import CodeForm, NewPasswordForm
from apps.people.inviting import activate, digest_of, invitation_of

# Of the code only the digest is kept in the session: whoever reads that table activates nothing.
_DIGEST_KEY = "activation_digest"
# Wrong codes of one address: a bureau's people share theirs, and a code cannot be guessed in years.
_LIMITS = {"activate": "30/5m/ip"}
_LONGEST = 40


@never_cache
@require_safe
def activate_with(request: HttpRequest, code: str) -> HttpResponse:
    """Take the code out of a link's address, which is kept in histories and logs, and go on without it."""
    response = redirect("activate") if request.user.is_authenticated else _take(request, code)
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@sensitive_post_parameters("code", "password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def activate_account(request: HttpRequest) -> HttpResponse:
    """Ask for the code, then for a password; who it is about is shown only after a right code."""
    if request.user.is_authenticated:
        return render(request, "people/activate_signed_in.html")
    if request.POST.get("code"):
        return _take(request, request.POST["code"])
    digest = request.session.get(_DIGEST_KEY)
    if not digest:
        form = CodeForm(request.POST if request.method == "POST" else None)
        return _ask(request, form, status=422 if form.is_bound else 200)
    try:
        return _set_password(request, digest, invitation_of(digest))
    except InvalidInput as error:
        # The code was right a moment ago: it has been used, or taken back.
        del request.session[_DIGEST_KEY]
        return _refuse(request, "", error)


def _take(request: HttpRequest, code: str) -> HttpResponse:
    """Go on with a code that is right; a wrong one leaves nothing behind but its mark in the count."""
    if not _attempt(request, dry_run=True):
        return respond_429(request)
    digest = digest_of(code[:_LONGEST])
    try:
        invitation_of(digest)
    except InvalidInput as error:
        _attempt(request)
        return _refuse(request, code[:_LONGEST], error)
    request.session[_DIGEST_KEY] = digest
    return redirect("activate")


def _set_password(request: HttpRequest, digest: str, invitation: Invitation) -> HttpResponse:
    person = invitation.user
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = activate(digest, form.cleaned_data["password1"])
        except ValidationError as error:
            form.add_error("password1", error)
        else:
            del request.session[_DIGEST_KEY]
            return allauth_internals.sign_in_by_new_password(request, user)
    with scope("", user_id=person.pk):
        held = list(Membership.objects.filter(user=person).select_related("jurisdiction").order_by("path", "role"))
    context = {"form": form, "person": person, "memberships": held}
    status = 422 if form.is_bound else 200
    return render(request, "people/activate_password.html", context, status=status)


def _refuse(request: HttpRequest, code: str, error: InvalidInput) -> HttpResponse:
    form = CodeForm({"code": code})
    form.errors["code"] = form.error_class([error.message])
    return _ask(request, form, status=error.status)


def _ask(request: HttpRequest, form: CodeForm, status: int) -> HttpResponse:
    return render(request, "people/activate.html", {"form": form}, status=status)


def _attempt(request: HttpRequest, *, dry_run: bool = False) -> bool:
    return allauth_internals.is_within(_LIMITS, request, app="people", action="activate", dry_run=dry_run)
