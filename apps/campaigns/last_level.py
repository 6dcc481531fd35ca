"""Who recognises: the last level of a campaign's chain in its branch."""

from apps.campaigns.models import Campaign
from apps.jurisdictions.models import Jurisdiction


def recognises(jurisdiction: Jurisdiction, campaign: Campaign) -> bool:
    """Whether ``jurisdiction`` is the last level of the campaign's chain: a reviewing one with none above it in its branch."""
    reviewing = campaign.review_chain[1:]
    if jurisdiction.level not in reviewing or not jurisdiction.path.startswith(campaign.path):
        return False
    above = Jurisdiction.objects.ancestors_of(jurisdiction.path).exclude(pk=jurisdiction.pk)
    return not above.filter(level__in=reviewing).exists()
