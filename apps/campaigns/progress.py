"""Addresses of the page 进展 and of the names behind its figures, for every room; the page itself is in ``apps.progress``."""

from urllib.parse import urlencode

from django.urls import reverse

from apps.campaigns.models import Campaign
from apps.campaigns.ratios import format_percent
from apps.campaigns.rollup import Line, Rollup
from apps.jurisdictions.models import Jurisdiction


def progress_url(jurisdiction: Jurisdiction, campaign: Campaign, year: int, **further: str) -> str:
    """Return the address that holds the page's state; ``further``: the view, the order and the like."""
    query = urlencode({"campaign": campaign.code, "year": year} | further)
    return f"{reverse('progress', args=[jurisdiction.key])}?{query}"


def names_url(rollup: Rollup, jurisdiction: Jurisdiction, **figure: str) -> str:
    """Return the address of the communities behind a figure of ``jurisdiction``."""
    return names_of_year(rollup.campaign, jurisdiction, rollup.year, **figure)


def names_of_year(campaign: Campaign, jurisdiction: Jurisdiction, year: int, **figure: str) -> str:
    """As ``names_url``, of any year of a campaign."""
    query = {"jurisdiction": jurisdiction.key, "campaign": campaign.code, "year": year} | figure
    return f"{reverse('community_list')}?{urlencode(query)}"


def aim_of(line: Line) -> str:
    """Return the target of a line as it prints; a whole percent has no decimals."""
    ratio = line.target_ratio
    return format_percent(ratio, 0 if ratio is not None and (ratio * 100).denominator == 1 else 2)
