"""The page 安全要求 of a jurisdiction, and switching two-factor sign-in on, the file with one's recovery codes."""

from typing import Any

from allauth.mfa.recovery_codes.views import DownloadRecoveryCodesView
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.views import ActivateTOTPView
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import SecurityPolicy
from apps.accounts.permissions import require
from apps.accounts.security_policy import inherited, reach, set_security_policy
from apps.accounts.two_factor import has_two_factor, use_first_step


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
    context = {
        "unit": unit,
        "own": own,
        "above": inherited(unit),
        "reach": reach(unit),
        "is_ready": has_two_factor(request.actor.user),
    }
    return render(request, "accounts/security_policy.html", context)


class Activation(ActivateTOTPView):
    """allauth's page; the code that switches it on is taken like one of signing in."""

    def form_valid(self, form: ActivateTOTPForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        use_first_step(form.user, form.cleaned_data["code"])
        return response


class RecoveryCodesFile(DownloadRecoveryCodesView):
    """allauth's file, under a name that people find again."""

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **response_kwargs)
        response["Content-Disposition"] = content_disposition_header(True, "恢复码.txt")
        return response


def _said(is_required: bool, affected: int, lacking: int) -> str:
    if not is_required:
        return "已取消两步验证要求。已经启用的人员不受影响。"
    return (
        f"已要求使用两步验证：涉及审批人和管理员 {affected} 人，其中 {lacking} 人还没有启用，他们下次操作时须先启用。"
    )
