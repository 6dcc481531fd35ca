"""Verbs on people: granting and ending memberships."""

from django.db import transaction
from guardian.shortcuts import assign_perm, remove_perm

from apps.accounts.models import Membership, Role, User
from apps.accounts.permissions import ROLE_VERBS
from apps.jurisdictions.models import Jurisdiction


@transaction.atomic
def grant_membership(user: User, jurisdiction: Jurisdiction, role: Role) -> Membership:
    """Give ``user`` the role in the jurisdiction with its permissions; a second call changes nothing.

    Who may grant is the caller's check: commands act as the installation's owner.
    """
    membership, _ = Membership.objects.get_or_create(user=user, jurisdiction=jurisdiction, role=role)
    for verb in sorted(ROLE_VERBS[role]):
        assign_perm(f"jurisdictions.{verb}", user, jurisdiction)
    return membership


@transaction.atomic
def end_membership(membership: Membership) -> None:
    """Take the membership and those of its permissions that no other role of the person there gives."""
    user, jurisdiction = membership.user, membership.jurisdiction
    ended = ROLE_VERBS[Role(membership.role)]
    membership.delete()
    kept = {
        verb
        for role in Membership.objects.filter(user=user, jurisdiction=jurisdiction).values_list("role", flat=True)
        for verb in ROLE_VERBS[Role(role)]
    }
    for verb in sorted(ended - kept):
        remove_perm(f"jurisdictions.{verb}", user, jurisdiction)
