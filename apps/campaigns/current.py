"""Which campaign, year and jurisdiction a page shows: asked for in the address, chosen before, or the nearest."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.accounts.http import ActorRequest
from apps.campaigns.models import Campaign
from apps.campaigns.nearest import executing
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction

CAMPAIGN_KEY = "campaign_id"


def campaigns_of(request: ActorRequest) -> list[Campaign]:
    """Return the campaigns that concern who acts, those they work under first, of these the ones that run this year; read once per
    request. One whose years are to come, or that began later, stands behind, so that its opening takes nobody away from the work
    that is under way."""
    if not hasattr(request, "_campaigns"):
        path, year = request.actor.jurisdiction.path, clock.today().year
        found = Campaign.objects.concerning(path).select_related("jurisdiction")
        request._campaigns = sorted(found, key=lambda one: _distance(one, path, year))  # type: ignore[attr-defined]  # noqa: SLF001
    return list(request._campaigns)  # type: ignore[attr-defined]  # noqa: SLF001


def _distance(campaign: Campaign, path: str, year: int) -> tuple[bool, bool, bool, bool, int, int]:
    runs = campaign.is_open and year in campaign.years
    is_above = path.startswith(campaign.path)
    began = campaign.first_year if runs else -campaign.first_year
    return not is_above, not runs, campaign.first_year > year, not campaign.is_open, -len(campaign.path), began


def campaigns_worked_under(request: ActorRequest, path: str) -> list[Campaign]:
    """Return those of `campaigns_of` under which something new is put down at ``path`` this year: none that a nearer one carries
    out there."""
    found, year = campaigns_of(request), clock.today().year
    return [one for one in found if executing(one, found, path, one.year_for(year)) is None]


def current_campaign(request: ActorRequest) -> Campaign | None:
    """Return the campaign of ``?campaign=CODE`` (404 if unknown), else the chosen one, else the nearest; None without any."""
    if code := request.GET.get("campaign"):
        asked = next((one for one in campaigns_of(request) if one.code == code), None)
        if asked is None:
            raise Http404(f"没有代码为“{code}”的创建行动。")
        return asked
    return chosen_campaign(request)


def chosen_campaign(request: ActorRequest) -> Campaign | None:
    """Return the campaign chosen before, else the nearest, whatever the address asks for; None without any."""
    campaigns = campaigns_of(request)
    chosen = request.session.get(CAMPAIGN_KEY)
    return next((one for one in campaigns if one.pk == chosen), campaigns[0] if campaigns else None)


def access_campaign(request: ActorRequest, code: str) -> Campaign:
    """Return the campaign that an address names: one that concerns who acts, or a draft of their jurisdiction; else 404."""
    found = next((one for one in campaigns_of(request) if one.code == code), None) or drafts_of(request).get(code)
    if found is None:
        raise Http404(f"没有代码为“{code}”的创建行动。")
    return found


def drafts_of(request: ActorRequest) -> dict[str, Campaign]:
    """Return the drafts of the jurisdiction in which who acts, by code: nobody else sees them."""
    drafts = Campaign.objects.filter(jurisdiction=request.actor.jurisdiction, status=Campaign.Status.DRAFT)
    return {one.code: one for one in drafts.select_related("jurisdiction", "standard", "parent").order_by("-pk")}


def current_year(request: ActorRequest, campaign: Campaign) -> int:
    """Return ``?year=``, or the campaign's year nearest to today; 404 for a year that the campaign does not have."""
    asked = request.GET.get("year")
    if not asked:
        return campaign.year_for(clock.today().year)
    if asked not in map(str, campaign.years):
        raise Http404(f"“{campaign.name}”没有 {asked[:10]} 年度。")
    return int(asked)


def access_jurisdiction(request: ActorRequest, key: str) -> Jurisdiction:
    """Return the jurisdiction that an address names by ``key``, without one where the person acts; 404 outside of that."""
    own = request.actor.jurisdiction
    return get_object_or_404(Jurisdiction.objects.below(own.path).with_key(key)) if key else own
