"""HTTP of memberships. Signing in and out is allauth's."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.middleware import MEMBERSHIP_KEY
from apps.accounts.models import Membership


@members_only
@require_POST
def switch_membership(request: ActorRequest) -> HttpResponse:
    """Act in another of one's own memberships from now on."""
    membership = get_object_or_404(Membership, user=request.user, pk=request.POST.get("membership") or None)
    request.session[MEMBERSHIP_KEY] = membership.pk
    return redirect("desk")
