"""The document (文号) that targets are set by: one sets many after each other by the same one."""

from apps.accounts.http import ActorRequest
from apps.campaigns.models import Campaign

_KEY = "target_documents"


def usual_document(request: ActorRequest, campaign: Campaign) -> str:
    """What a form offers: the document given last in this session, else for the issuer's people the campaign's own."""
    remembered = request.session.get(_KEY, {}).get(str(campaign.pk))
    if remembered is not None:
        return str(remembered)
    return campaign.document_number if request.actor.jurisdiction.pk == campaign.jurisdiction_id else ""


def remember_document(request: ActorRequest, campaign: Campaign, number: str) -> None:
    """Offer ``number`` from now on, also where none was given."""
    request.session[_KEY] = request.session.get(_KEY, {}) | {str(campaign.pk): number}
