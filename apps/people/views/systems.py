"""HTTP of tokens as an administrator sees them: all of the unit, and those of other systems."""

from allauth.account.decorators import reauthentication_required
from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.adapter import TOKENS
from apps.accounts.http import ActorRequest
from apps.accounts.models import Membership, Role
from apps.accounts.token_forms import TokenForm
from apps.accounts.tokens import NewToken, make_token, tokens_at
from apps.core.errors import ProblemForPeople
from apps.core.paging import KeysFirst
from apps.people.forms import SystemForm
from apps.people.systems import add_system, roles_for_systems
from apps.people.views.shared import administrators_only

PAGE_SIZE = 50


@administrators_only
@require_safe
def system_list(request: ActorRequest) -> HttpResponse:
    """All tokens of the unit and below, of people and of systems."""
    page = KeysFirst(tokens_at(request.actor), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "people/system_list.html", {"page_obj": page, "tokens": page.object_list})


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app=TOKENS)
def system_add(request: ActorRequest) -> HttpResponse:
    """Make an account for another system, with its first token."""
    form = SystemForm(request.POST if request.method == "POST" else None, roles=roles_for_systems(request.actor))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = add_system(data["system"], Role(data["role"]), *form.facts(), actor=request.actor)
        except ProblemForPeople as error:
            form.add_error(None, error.message)
        else:
            return _made(request, made)
    return _form(request, form)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app=TOKENS)
def system_token(request: ActorRequest, pk: int) -> HttpResponse:
    """Make a further token for a system, such as before the old one ends."""
    below = Membership.objects.below(request.actor.jurisdiction.path).filter(user__is_system=True)
    membership = get_object_or_404(below.select_related("user", "jurisdiction"), pk=pk)
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _made(request, make_token(membership, *form.facts(), actor=request.actor))
        except ProblemForPeople as error:
            form.add_error(None, error.message)
    return _form(request, form, membership)


def _form(request: ActorRequest, form: forms.Form, membership: Membership | None = None) -> HttpResponse:
    context = {"form": form, "membership": membership}
    return render(request, "people/system_form.html", context, status=422 if form.errors else 200)


def _made(request: ActorRequest, made: NewToken) -> HttpResponse:
    return render(request, "accounts/token_made.html", {"made": made, "back": reverse("system_list")})
