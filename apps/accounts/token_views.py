"""HTTP of one's own tokens (接口令牌): the list, making one, which is shown once, and revoking."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.adapter import TOKENS
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import ApiToken
from apps.accounts.token_forms import TokenForm
from apps.accounts.tokens import make_token, revoke_token, tokens_of
from apps.core.errors import InvalidInput


@members_only
@require_safe
def token_list(request: ActorRequest) -> HttpResponse:
    """One's own tokens, in whichever membership."""
    return render(request, "accounts/token_list.html", {"tokens": tokens_of(request.actor.user)})


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app=TOKENS)
def token_add(request: ActorRequest) -> HttpResponse:
    """Make a token for the membership that one acts in; its text is on this page and nowhere again."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = make_token(request.actor.membership, *form.facts(), actor=request.actor)
        except InvalidInput as error:
            form.add_error(None, error.message)
        else:
            return render(request, "accounts/token_made.html", {"made": made, "back": reverse("token_list")})
    return render(request, "accounts/token_form.html", {"form": form}, status=422 if form.errors else 200)


@members_only
@require_POST
def token_revoke(request: ActorRequest, pk: int) -> HttpResponse:
    """Let a token work no more: one's own, or an administrator's any of the unit."""
    token = get_object_or_404(ApiToken, pk=pk)
    revoke_token(token, actor=request.actor)
    messages.success(request, f"已停用接口令牌“{token}”。用它的程序从现在起不能再访问。")
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "token_list")
