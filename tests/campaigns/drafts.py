"""A draft of 楚雄州's next campaign, as its administrator makes it."""

from typing import Any

from apps.accounts.acting import acting
from apps.accounts.permissions import Actor
from apps.campaigns.issuing import copy_campaign
from apps.campaigns.models import Campaign
from apps.campaigns.running import open_campaign
from apps.campaigns.telling import Part, version_of

NEXT = {"name": "楚雄州绿色社区创建行动（2026–2028 年）", "first_year": 2026, "last_year": 2028}


def ready_draft(actor: Actor, **changes: Any) -> Campaign:
    """A copy of the campaign of 2021–2022 in which everything stands that the opening asks for."""
    with acting(actor):
        source = Campaign.objects.get(code="chuxiong-2021")
        made = copy_campaign(source, NEXT | changes, actor=actor, with_targets=True)
        kind, value = "percent", 60
        made.targets.create(jurisdiction=actor.jurisdiction, year=made.last_year, kind=kind, value=value)
        made.document_number = "楚住建〔2026〕1号"
        made.save(update_fields=["document_number"])
    return again(made)


def opened(actor: Actor, **changes: Any) -> Campaign:
    """The same, opened."""
    draft = ready_draft(actor, **changes)
    with acting(actor):
        return open_campaign(draft, actor=actor, seen=seen(draft))


def again(campaign: Campaign) -> Campaign:
    """The campaign as it is stored now."""
    return Campaign.objects.select_related("jurisdiction", "standard", "parent").get(pk=campaign.pk)


def seen(campaign: Campaign, part: Part = "") -> str:
    """The version that a form would show now."""
    return version_of(again(campaign), part)
