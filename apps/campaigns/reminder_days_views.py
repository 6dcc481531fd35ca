"""The days of reminding, as set on the campaign's page."""

import re

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.campaigns import reminder_days
from apps.campaigns.current import access_campaign
from apps.core.errors import InvalidInput, StaleForm, stale
from apps.core.inputs import whole_number

_BETWEEN = re.compile(r"[、，,;；\s]+")


@members_only
@require_POST
def set_reminder_days(request: ActorRequest, code: str) -> HttpResponse:
    """Set the days before and after a due date on which units are reminded."""
    campaign = access_campaign(request, code)
    before, after = (
        _days(request.POST.get(name, ""), what) for name, what in (("before", "到期前"), ("after", "逾期后"))
    )
    seen, reason = request.POST.get("version"), request.POST.get("reason", "")
    try:
        reminder_days.set_reminder_days(campaign, before, after, actor=request.actor, seen=seen, reason=reason)
    except StaleForm:
        changed = "没有保存：报送提醒刚被他人改动。现在显示的是最新的，请核对后再改。"
        messages.error(request, stale(seen, changed).message)
    else:
        messages.success(request, "报送提醒已保存，从明天起按新的日期提醒。")
    return redirect(f"{reverse('campaign_detail', args=[code])}#reminder-days")


def _days(text: str, what: str) -> list[int]:
    """The days that a line names: 7、3、1、0."""
    found = []
    for one in filter(None, _BETWEEN.split(text.strip())):
        day = whole_number(one, digits=3)
        if day is None:
            raise InvalidInput(f"{what}提醒的“{one[:10]}”不对：请填天数，用顿号隔开，例如 7、3、1、0。")
        found.append(day)
    return found
