"""Turns at a campaign: many work under it at once, whoever changes its years, its chain or its status does so alone.

Those who work below may not lock a row of their superiors', so that the turns are not the row's lock.
"""

from apps.campaigns.models import Campaign
from apps.core.errors import TransitionError
from apps.core.turns import take_turn

_CHANGING, _PLANNING = "campaigns.campaign", "campaigns.plan"


def work_under(campaign: Campaign, what: str) -> Campaign:
    """Wait until nobody changes the campaign, and return it as it stands now; TransitionError unless it is open.

    ``what`` is what cannot be done under one that is closed, in words.
    """
    take_turn(_CHANGING, campaign.pk, shared=True)
    now = Campaign.objects.select_related("jurisdiction", "standard").filter(pk=campaign.pk).first()
    if now is None or now.is_draft:
        raise TransitionError(f"“{campaign.name}”还没有开展，{what}。")
    if not now.is_open:
        raise TransitionError(f"“{now.name}”已结束，{what}。需要继续的，请{now.jurisdiction}重新开展。")
    return now


def change_alone(campaign: Campaign) -> None:
    """Wait until nobody works under the campaign, and let nobody begin before this transaction ends."""
    take_turn(_CHANGING, campaign.pk)


def plan_together(campaign: Campaign) -> None:
    """Wait until nobody submits an annual plan of the campaign, and let nobody do so before this transaction ends."""
    take_turn(_PLANNING, campaign.pk, shared=True)


def submit_alone(campaign: Campaign) -> None:
    """Wait until nobody changes an annual plan of the campaign, and let nobody before this transaction ends."""
    take_turn(_PLANNING, campaign.pk)
