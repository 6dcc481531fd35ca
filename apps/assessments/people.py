"""Who can do the work on assessments in a jurisdiction."""

from apps.accounts.models import Membership, MembershipQuerySet
from apps.accounts.permissions import ROLE_VERBS
from apps.jurisdictions.models import Jurisdiction


def people_able(jurisdiction: Jurisdiction, verb: str) -> MembershipQuerySet:
    """The memberships of people who can sign in and whose role there gives ``verb``; as far as one may see."""
    roles = [role for role, verbs in ROLE_VERBS.items() if verb in verbs]
    return Membership.objects.effective().filter(jurisdiction=jurisdiction, role__in=roles)
