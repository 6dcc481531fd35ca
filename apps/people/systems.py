"""系统账号: other systems of a bureau, which act in a membership of their own, by tokens alone."""

from datetime import date

from django.db import transaction

from apps.accounts import access
from apps.accounts.domain import grant_membership
from apps.accounts.models import AccessEvent, ApiToken, Role, User
from apps.accounts.permissions import ROLE_VERBS, Actor
from apps.accounts.tokens import NewToken, make_token
from apps.core.errors import InvalidInput
from apps.people.authority import check_grant, lock, roles_to_grant
from apps.people.inviting import check_typed, usernames_for


def roles_for_systems(actor: Actor) -> list[Role]:
    """The roles that a system of the actor's jurisdiction may have: none that looks after people, none of a department."""
    unfit = {role for role in Role if "manage_people" in ROLE_VERBS[role]} | {Role.DEPARTMENT_REVIEWER}
    return [role for role in roles_to_grant(actor.jurisdiction, actor) if role not in unfit]


@transaction.atomic
def add_system(
    name: str, role: Role, purpose: str, scope: ApiToken.Scope, expires_on: date, *, actor: Actor
) -> NewToken:
    """Make an account for another system of the actor's jurisdiction, with its membership and its first token."""
    here = actor.jurisdiction
    check_grant(here, role, actor)
    if role not in roles_for_systems(actor):
        raise InvalidInput(f"系统账号不能担任“{role.label}”，请选其他角色。")
    # Who numbers user names of the unit at the same time waits here.
    lock(actor, jurisdictions=[here.pk])
    name = " ".join(name.split())
    if User.objects.filter(jurisdiction=here, is_system=True, is_active=True, display_name=name).exists():
        raise InvalidInput(f"{here}已有名为“{name}”的系统账号。要给它另建令牌，请在列表里办理。")
    user = User(username=usernames_for([(here, "")])[0], display_name=name, jurisdiction=here, is_system=True)
    user.set_unusable_password()
    check_typed(user, f"{name}：")
    user.save()
    access.record(AccessEvent.Kind.SYSTEM_ADDED, actor=actor, subject=access.described(user), jurisdiction=here)
    membership = grant_membership(user, here, role)
    subject = f"{access.described(user)}：{membership}"
    access.record(AccessEvent.Kind.GRANTED, actor=actor, subject=subject, jurisdiction=here)
    return make_token(membership, purpose, scope, expires_on, actor=actor)
