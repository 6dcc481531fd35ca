"""What a campaign asks of recognition in public: days of public notice (公示) before it, and publishing the list after it."""

from apps.accounts.permissions import Actor
from apps.campaigns.changing import changing
from apps.campaigns.domain import campaigns_above
from apps.campaigns.issuing import require_issuer
from apps.campaigns.models import Campaign
from apps.core.errors import InvalidInput

# What the constraint of a notice takes.
MOST_DAYS = 60


def set_notice_rules(
    campaign: Campaign,
    working_days: int,
    *,
    publishes_list: bool,
    actor: Actor,
    seen: str | None = None,
    reason: str = "",
) -> Campaign:
    """Set for how many working days a list is shown before recognition (0: no notice), and whether the list is public.

    After the opening with a reason.
    """
    require_issuer(actor, campaign)
    if not 0 <= working_days <= MOST_DAYS:
        raise InvalidInput(f"公示工作日数 {working_days} 不对：应为 0 至 {MOST_DAYS}，0 表示认定前不要求公示。")
    with changing(campaign, "rules", actor=actor, seen=seen, reason=reason) as locked:
        locked.notice_working_days, locked.publishes_list = working_days, publishes_list
        locked.save(update_fields=["notice_working_days", "publishes_list"])
    return locked


def notice_days_of(campaign: Campaign) -> int:
    """Return the days of notice before a recognition: the most that the campaign, or one that it carries out, asks for."""
    line = [campaign.pk, *campaigns_above(campaign)]
    return max(Campaign.objects.filter(pk__in=line).values_list("notice_working_days", flat=True))
