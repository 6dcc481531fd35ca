"""What memberships are made of: granting and ending them. Who may do so to whom is decided in people.py."""

from django.db import transaction

from apps.accounts.models import Membership, Role, User
from apps.core.errors import InvalidInput
from apps.core.wall import TENANT_WIDTH
from apps.jurisdictions.models import Jurisdiction


@transaction.atomic
def grant_membership(user: User, jurisdiction: Jurisdiction, role: Role) -> Membership:
    """Give ``user`` the role in the jurisdiction; a second call changes nothing.

    InvalidInput where the jurisdiction lies in another tenant than the person's bureau. Who may grant is the caller's check:
    commands act as the installation's owner.
    """
    home = user.jurisdiction
    if len(home.path) >= TENANT_WIDTH and not jurisdiction.path.startswith(home.path[:TENANT_WIDTH]):
        raise InvalidInput(f"{user}属于{home}，不能在{jurisdiction}任职。跨省任职请另建账号。")
    membership, _ = Membership.objects.get_or_create(user=user, jurisdiction=jurisdiction, role=role)
    return membership


def end_membership(membership: Membership) -> None:
    """Take the membership, and what it gave, from the person; its history stays."""
    membership.delete()
