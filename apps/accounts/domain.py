"""What memberships are made of: granting and ending them. Who may do so to whom is decided in ``apps.people``."""

from collections.abc import Iterable

from django.db import transaction

from apps.accounts.models import Membership, Role, User
from apps.core.errors import InvalidInput
from apps.core.wall import TENANT_WIDTH
from apps.jurisdictions.models import Jurisdiction


def check_tenant(user: User, home: Jurisdiction, offices: Iterable[Jurisdiction]) -> None:
    """Raise InvalidInput when a person whose bureau is ``home`` could not act in all of ``offices``: one lies in another tenant.

    ``home`` is the bureau that the person has, or is to get. The nation's own people may act in every tenant.
    """
    tenant = home.path[:TENANT_WIDTH]
    if len(tenant) < TENANT_WIDTH:
        return
    stray = next((one for one in offices if not one.path.startswith(tenant)), None)
    if stray is None:
        return
    if home.pk == user.jurisdiction_id:
        raise InvalidInput(f"{user}属于{home}，不能在{stray}任职。跨省任职请另建账号。")
    raise InvalidInput(f"{user}在{stray}还有任职，所属单位不能改为{home}。请先免去该任职，跨省任职请另建账号。")


@transaction.atomic
def grant_membership(user: User, jurisdiction: Jurisdiction, role: Role, department: str = "") -> Membership:
    """Give ``user`` the role in the jurisdiction, as a department reviewer that of ``department``; a second call changes nothing.

    InvalidInput where the jurisdiction lies in another tenant than the person's bureau. Who may grant is the caller's check:
    commands act as the installation's owner.
    """
    check_tenant(user, user.jurisdiction, [jurisdiction])
    membership, _ = Membership.objects.get_or_create(
        user=user, jurisdiction=jurisdiction, role=role, defaults={"department": department}
    )
    return membership


def end_membership(membership: Membership) -> None:
    """Take the membership, and what it gave, from the person; its history stays."""
    membership.delete()
