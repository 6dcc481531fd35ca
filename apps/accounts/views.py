"""HTTP of memberships. Signing in and out is allauth's."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.accounts import access
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.middleware import MEMBERSHIP_KEY
from apps.accounts.models import AccessEvent, Membership


@members_only
@require_POST
def switch_membership(request: ActorRequest) -> HttpResponse:
    """Act in another of one's own memberships from now on."""
    chosen = request.POST.get("membership", "")
    membership = next((one for one in request.memberships if str(one.pk) == chosen), None)
    if membership is None:
        raise Http404("这不是您的任职单位。")
    act_in(request, membership)
    return redirect("desk")


def act_in(request: ActorRequest, membership: Membership) -> bool:
    """Act in ``membership`` from the next request on; return whether that is another one, which goes on record."""
    is_other = membership != request.actor.membership
    if is_other:
        access.record(AccessEvent.Kind.MEMBERSHIP_SWITCHED, actor=request.actor, subject=f"改为 {membership}")
    request.session[MEMBERSHIP_KEY] = membership.pk
    return is_other
