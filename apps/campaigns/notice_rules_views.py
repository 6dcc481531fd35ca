"""What a campaign asks of recognition in public, as set on its page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.campaigns import notice_rules
from apps.campaigns.current import access_campaign
from apps.core.errors import InvalidInput, StaleForm, stale
from apps.core.inputs import whole_number


@members_only
@require_POST
def set_notice_rules(request: ActorRequest, code: str) -> HttpResponse:
    """Set the days of public notice before recognition, and whether the recognised list is public."""
    campaign = access_campaign(request, code)
    text, publishes = request.POST.get("working_days", "").strip(), request.POST.get("publishes_list") == "1"
    entered = whole_number(text, digits=3)
    if entered is None:
        raise InvalidInput(
            f"公示工作日数“{text[:10]}”不对：请填 0 至 {notice_rules.MOST_DAYS} 的整数，0 表示不要求公示。"
        )
    seen, reason = request.POST.get("version"), request.POST.get("reason", "")
    try:
        notice_rules.set_notice_rules(
            campaign, entered, publishes_list=publishes, actor=request.actor, seen=seen, reason=reason
        )
    except StaleForm:
        changed = "没有保存：认定规则刚被他人改动。现在显示的是最新的，请核对后再改。"
        messages.error(request, stale(seen, changed).message)
    else:
        said = f"认定前须公示 {entered} 个工作日" if entered else "认定前不要求公示"
        messages.success(request, f"已保存：{said}；认定名单{'向社会公布' if publishes else '不向社会公布'}。")
    return redirect(f"{reverse('campaign_detail', args=[code])}#notice-rules")
