"""Who can do the work on assessments in a jurisdiction."""

from apps.accounts.models import Membership, MembershipQuerySet
from apps.accounts.permissions import roles_with
from apps.jurisdictions.models import Jurisdiction


def people_able(jurisdiction: Jurisdiction, verb: str) -> MembershipQuerySet:
    """The memberships of people who can sign in and whose role there gives ``verb``; as far as one may see."""
    return Membership.objects.effective().filter(jurisdiction=jurisdiction, role__in=roles_with(verb))
