"""The page 安全要求 of a jurisdiction."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import SecurityPolicy
from apps.accounts.permissions import require
from apps.accounts.security_policy import inherited, reach, set_security_policy


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def security_policy(request: ActorRequest) -> HttpResponse:
    """Show what is asked for here and from above; set what is asked for here."""
    require(request.actor, "manage_people")
    unit = request.actor.jurisdiction
    if request.method == "POST":
        wanted = request.POST.get("requires_two_factor") == "on"
        set_security_policy(unit, requires_two_factor=wanted, actor=request.actor)
        messages.success(request, _said(wanted, *reach(unit)))
        return redirect("security_policy")
    own = SecurityPolicy.objects.filter(jurisdiction=unit, requires_two_factor=True).exists()
    context = {"unit": unit, "own": own, "above": inherited(unit), "reach": reach(unit)}
    return render(request, "accounts/security_policy.html", context)


def _said(is_required: bool, affected: int, lacking: int) -> str:
    if not is_required:
        return "已取消两步验证要求。已经启用的人员不受影响。"
    return (
        f"已要求使用两步验证：涉及审批人和管理员 {affected} 人，其中 {lacking} 人还没有启用，他们下次操作时须先启用。"
    )
