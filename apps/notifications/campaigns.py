"""What people are told of campaigns: one below was opened, extended, closed, opened again, or goes another way from now on."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from apps.accounts.models import Membership
from apps.accounts.permissions import roles_with
from apps.campaigns.models import CampaignChange
from apps.notifications.message import Message, strongest
from apps.notifications.models import Notification

Kind = CampaignChange.Kind
# What everybody works by; the rest is read on the page of the campaign.
_TOLD = (Kind.OPENED, Kind.CHAIN, Kind.YEARS, Kind.STANDARD, Kind.CLOSED, Kind.REOPENED)
_VERBS = ("enrol_communities", "self_assess", "manage_campaign")


def campaign_changes() -> QuerySet[CampaignChange]:
    named = "campaign__jurisdiction", "campaign__standard"
    return CampaignChange.objects.filter(kind__in=_TOLD).select_related(*named)


def campaign_changed_for(change: Any) -> list[Message]:
    """Whoever plans, assesses or runs campaigns in the issuer's area."""
    campaign = change.campaign
    number = change.document_number or (campaign.document_number if change.kind == Kind.OPENED else "")
    lines = [f"{campaign.jurisdiction}发起，{campaign.first_year}–{campaign.last_year} 年。"]
    if change.kind == Kind.OPENED:
        lines.append(f"执行标准：{campaign.standard}。可以列入计划、开始自评。")
    elif change.kind not in (Kind.CLOSED, Kind.REOPENED):
        lines += [f"调整前：{_first(change.was)}", f"调整后：{_first(change.now)}"]
    lines += [f"理由：{change.reason}"] if change.reason else []
    lines += [f"文号：{number}"] if number else []
    what = {Kind.OPENED: "开展", Kind.CLOSED: "结束", Kind.REOPENED: "重新开展"}.get(change.kind)
    title = f"“{campaign}”{'已' + what if what else change.get_kind_display() + '有调整'}"
    people = [one for one in _at_work_below(change) if one.user_id != change.changed_by_id]
    return [Message(Notification.Kind.CHANGE, people, title[:200], "\n".join(lines), campaign_page(change))]


def _first(words: str) -> str:
    """The first line of what was changed; a list of milestones is read on the page of the campaign."""
    first, *more = words.splitlines() or [""]
    return f"{first}；其余见行动页" if more else first


def campaign_page(change: CampaignChange) -> str:
    return reverse("campaign_detail", args=[change.campaign.code])


def _at_work_below(change: CampaignChange) -> list[Membership]:
    roles = {role for verb in _VERBS for role in roles_with(verb)}
    rows = Membership.objects.effective().filter(jurisdiction__path__startswith=change.path, role__in=roles)
    return strongest(rows.filter(jurisdiction__closed_on=None))
