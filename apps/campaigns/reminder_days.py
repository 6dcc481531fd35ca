"""On which days before and after a due date the units that owe something are reminded (报送提醒), as the campaign sets them."""

from collections.abc import Collection

from apps.accounts.permissions import Actor
from apps.campaigns.changing import changing
from apps.campaigns.issuing import require_issuer
from apps.campaigns.models import Campaign
from apps.core.errors import InvalidInput

# The furthest from the date, and how many days there are at the most.
FURTHEST_BEFORE, FURTHEST_AFTER = 60, 180
MOST_BEFORE, MOST_AFTER = 10, 20


def set_reminder_days(
    campaign: Campaign,
    before: Collection[int],
    after: Collection[int],
    *,
    actor: Actor,
    seen: str | None = None,
    reason: str = "",
) -> Campaign:
    """Set the days of reminding: ``before`` from 0, the day itself, and ``after`` from 1; none of them: nobody is reminded.

    After the opening with a reason.
    """
    require_issuer(actor, campaign)
    _check("到期前", before, 0, FURTHEST_BEFORE, MOST_BEFORE)
    _check("逾期后", after, 1, FURTHEST_AFTER, MOST_AFTER)
    with changing(campaign, "reminders", actor=actor, seen=seen, reason=reason) as locked:
        locked.reminder_days_before = sorted(set(before), reverse=True)
        locked.reminder_days_after = sorted(set(after))
        locked.save(update_fields=["reminder_days_before", "reminder_days_after"])
    return locked


def _check(what: str, days: Collection[int], first: int, last: int, most: int) -> None:
    for day in days:
        if not first <= day <= last:
            raise InvalidInput(f"{what}提醒的“{day}”不对：应为 {first} 至 {last} 天。")
    if len(set(days)) > most:
        raise InvalidInput(f"{what}提醒有 {len(set(days))} 天，最多 {most} 天，请减少。")
