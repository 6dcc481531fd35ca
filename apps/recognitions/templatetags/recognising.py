"""What lists say of a recognition: whose it is, and where it is taken back."""

from django import template

from apps.campaigns.models import Recognition
from apps.jurisdictions.models import Jurisdiction
from apps.recognitions.authority import address_of_revocation, authority_of

register = template.Library()


@register.filter
def authority(recognition: Recognition) -> Jurisdiction:
    """The office that recognised (认定单位)."""
    return authority_of(recognition)


@register.filter
def revocation_url(recognition: Recognition) -> str:
    """Where that office takes the recognition back."""
    return address_of_revocation(recognition)
