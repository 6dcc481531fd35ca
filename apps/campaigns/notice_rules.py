"""What a campaign asks of recognition in public: days of public notice (公示) before it, and publishing the list after it."""

from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.campaigns.changing import Kind, keep_if_opened
from apps.campaigns.domain import campaigns_above
from apps.campaigns.models import Campaign
from apps.core.errors import InvalidInput

# What the constraint of a notice takes.
MOST_DAYS = 60


@transaction.atomic
def set_notice_rules(
    campaign: Campaign, working_days: int, *, publishes_list: bool, actor: Actor, reason: str = ""
) -> Campaign:
    """Set for how many working days a list is shown before recognition (0: no notice), and whether the list is public.

    After the opening with a reason.
    """
    require(actor, "manage_campaign", campaign.path)
    if not 0 <= working_days <= MOST_DAYS:
        raise InvalidInput(f"公示工作日数 {working_days} 不对：应为 0 至 {MOST_DAYS}，0 表示认定前不要求公示。")
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if (locked.notice_working_days, locked.publishes_list) != (working_days, publishes_list):
        before = _told(locked)
        locked.notice_working_days, locked.publishes_list = working_days, publishes_list
        locked.save(update_fields=["notice_working_days", "publishes_list"])
        keep_if_opened(locked, Kind.RULES, before, _told(locked), actor=actor, reason=reason)
    return locked


def _told(campaign: Campaign) -> dict[str, str]:
    days = campaign.notice_working_days
    shown = "向社会公布" if campaign.publishes_list else "不向社会公布"
    return {"认定前公示": f"{days} 个工作日" if days else "不要求", "认定名单": shown}


def notice_days_of(campaign: Campaign) -> int:
    """Return the days of notice before a recognition: the most that the campaign, or one that it carries out, asks for."""
    line = [campaign.pk, *campaigns_above(campaign)]
    return max(Campaign.objects.filter(pk__in=line).values_list("notice_working_days", flat=True))
