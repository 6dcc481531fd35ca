"""HTTP of going over to a newer standard: what it means, then the step."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.campaigns.changeover import change_standard
from apps.campaigns.current import access_campaign
from apps.standards.models import Standard


@members_only
@require_POST
def campaign_standard(request: ActorRequest, code: str) -> HttpResponse:
    """Let the campaign go by a newer standard from now on."""
    campaign = access_campaign(request, code)
    standard = get_object_or_404(Standard, code=request.POST.get("standard", ""))
    done = change_standard(campaign, standard, actor=request.actor, reason=request.POST.get("reason", ""))
    messages.success(request, f"已改用“{standard}”第 {standard.version} 版。此前开始的自评，仍按原标准办理。")
    if done.dropped_departments:
        names = "、".join(done.dropped_departments)
        messages.warning(request, f"新标准没有“{names}”，这些内容的责任部门没有保留。")
    return redirect(f"{reverse('campaign_detail', args=[code])}#standard")
