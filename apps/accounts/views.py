"""HTTP of memberships. Signing in and out is allauth's."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.accounts import access
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.middleware import MEMBERSHIP_KEY
from apps.accounts.models import AccessEvent


@members_only
@require_POST
def switch_membership(request: ActorRequest) -> HttpResponse:
    """Act in another of one's own memberships from now on."""
    chosen = request.POST.get("membership", "")
    membership = next((one for one in request.memberships if str(one.pk) == chosen), None)
    if membership is None:
        raise Http404("这不是您的任职单位。")
    if membership != request.actor.membership:
        access.record(AccessEvent.Kind.MEMBERSHIP_SWITCHED, actor=request.actor, subject=f"改为 {membership}")
    request.session[MEMBERSHIP_KEY] = membership.pk
    return redirect("desk")
