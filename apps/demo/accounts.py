"""The people of the demo: accounts named for what they do, all with one password that is no secret."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from apps.accounts.domain import grant_membership
from apps.accounts.models import Contact, Membership, Role, User
from apps.accounts.permissions import Actor
from apps.demo.fixture_format import Place, accounts
from apps.jurisdictions.models import Jurisdiction

_TITLES = {
    Role.PLATFORM_ADMIN: "平台管理员",
    Role.BUREAU_ADMIN: "管理员",
    Role.STAFF: "经办",
    Role.APPROVER: "审批",
    Role.STREET_OFFICER: "经办",
    Role.DEPARTMENT_REVIEWER: "审核",
    Role.VIEWER: "查看",
}


@dataclass(frozen=True)
class Account:
    """One line of the accounts: a user name with one role in one place."""

    username: str
    role: Role
    place: Place

    @property
    def label(self) -> str:
        return f"{self.place.name} · {self.place.title or _TITLES[self.role]}"

    @property
    def display_name(self) -> str:
        """What the account is called; with a title of its own, after that alone: it acts in several places."""
        return f"{self.place.title or self.place.name + _TITLES[self.role]}（演示）"


def all_accounts() -> Iterator[Account]:
    for place in accounts().places:
        for username, role in place.accounts.items():
            yield Account(username, role, place)


def sign_in_accounts() -> list[Account]:
    by_name = {one.username: one for one in reversed(list(all_accounts()))}
    return [by_name[username] for username in accounts().at_sign_in]


@transaction.atomic
def create_accounts(branch: str = "") -> int:
    """Create what is missing of the accounts whose jurisdictions are loaded; return how many memberships were added.

    ``branch`` is a path: then only those in that branch and above it.
    """
    memberships = Membership.objects.filter(user__username__in={one.username for one in all_accounts()})
    held = set(memberships.values_list("user__username", "jurisdiction__code", "role"))
    missing = [one for one in all_accounts() if (one.username, one.place.jurisdiction, one.role) not in held]
    if not missing:
        return 0
    loaded = Jurisdiction.objects.in_bulk({one.place.jurisdiction for one in missing}, field_name="code")
    jurisdictions = {
        code: one for code, one in loaded.items() if one.path.startswith(branch) or branch.startswith(one.path)
    }
    password = make_password(accounts().password)
    granted = [one for one in missing if one.place.jurisdiction in jurisdictions]
    for one in granted:
        user, is_new = User.objects.get_or_create(
            username=one.username,
            defaults={
                "display_name": one.display_name,
                "password": password,
                "jurisdiction": jurisdictions[one.place.jurisdiction],
            },
        )
        if is_new:
            _add_contact(user)
        grant_membership(user, jurisdictions[one.place.jurisdiction], one.role, one.place.department or "")
    return len(granted)


def _add_contact(user: User) -> None:
    """A number that no line has and an address that no mail reaches (RFC 2606)."""
    Contact.objects.create(
        user=user,
        office="绿色社区创建专班（演示）",
        office_phone=f"000-{user.pk:08d}",
        email=f"{user.username}@yanshi.invalid",
    )


class Troupe:
    """Who acts in the story: the accounts that exist, by jurisdiction and role."""

    def __init__(self) -> None:
        memberships = Membership.objects.filter(user__username__in={one.username for one in all_accounts()})
        found = memberships.select_related("user", "jurisdiction").order_by("-pk")
        self._actors = {(one.jurisdiction_id, one.role): Actor(one.user, one) for one in found}

    def find(self, jurisdiction: Jurisdiction, *roles: Role) -> Actor:
        """Return who has the first of ``roles`` that somebody has there."""
        for role in roles:
            if (actor := self._actors.get((jurisdiction.pk, role))) is not None:
                return actor
        raise LookupError(f"{jurisdiction}没有{'、'.join(role.label for role in roles)}的演示账号。")
