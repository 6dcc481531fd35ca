"""Whom an administrator may look after, what may be handed out, and the locks under which both are decided."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from apps.accounts.models import Membership, Role, User
from apps.accounts.permissions import GRANTS, ROLE_VERBS, Actor, require, roles_at
from apps.core import scope
from apps.core.errors import InvalidInput, TransitionError
from apps.core.wall import TENANT_WIDTH
from apps.jurisdictions.models import Jurisdiction, Level

_NOT_ANY_MORE = "您的任职已经变动，不能继续办理。请重新登录后再试。"
_MOVED = "该人员刚被调整，请刷新页面后再看。"


def people_seen(actor: Actor) -> QuerySet[User]:
    """Return the people whose bureau, or one of whose memberships, lies in the actor's jurisdiction or below."""
    return people_in(actor.jurisdiction)


def people_in(jurisdiction: Jurisdiction) -> QuerySet[User]:
    """Return the people whose bureau, or one of whose memberships, lies in ``jurisdiction`` or below."""
    path = jurisdiction.path
    # Two ranges of an index: asked for as one condition, everybody on the installation would be looked at.
    there = User.objects.filter(path__gte=path, path__lt=path + "~").order_by().values("pk")
    acting_there = Membership.objects.below(path).order_by().values("user")
    return User.objects.filter(pk__in=there.union(acting_there))


def memberships_of(person: User) -> list[Membership]:
    """Return all of a person's memberships, those outside of the actor's scope too: seen with the person's own eyes."""
    with scope.scope("", user_id=person.pk):
        found = Membership.objects.filter(user=person).select_related("jurisdiction")
        return list(found.order_by("path", "role", "pk"))


def refusal(person: User, actor: Actor) -> str:
    """Return why ``actor`` may not look after the account and the memberships of ``person``; '' where they may."""
    return refusals([person], actor)[person.pk]


def refusals(people: Sequence[User], actor: Actor) -> dict[int, str]:
    """Return the ``refusal`` of each person by id, for all of them at once."""
    held: dict[int, list[Membership]] = defaultdict(list)
    # Of people who belong to the actor's jurisdiction all memberships lie in its tenant: no more than that is looked at.
    with scope.scope(actor.jurisdiction.path[:TENANT_WIDTH]):
        for one in Membership.objects.filter(user__in=people).order_by("path", "role", "pk"):
            held[one.user_id].append(one)
    return {person.pk: _refusal(person, held[person.pk], actor) for person in people}


def _refusal(person: User, held: Sequence[Membership], actor: Actor) -> str:
    if person.pk == actor.user.pk:
        return "自己的账号和任职由其他管理员办理；自己可以退出担任的角色。"
    if not actor.jurisdiction.contains(person.path):
        return f"{person}的账号属于{person.jurisdiction}，由该单位或其上级的管理员办理；在您辖区内的任职可以免去。"
    if not all(actor.jurisdiction.contains(one.path) for one in held):
        return f"{person}在您的辖区以外还有任职，账号由上级管理员办理；在您辖区内的任职可以免去。"
    above = next((one for one in held if Role(one.role) not in GRANTS.get(actor.role, ())), None)
    if above is not None:
        return f"{person}担任{above.get_role_display()}，您不能授予这个角色，也不能办理其账号。"
    return ""


def require_care(person: User, actor: Actor) -> None:
    """Raise PermissionDenied unless ``actor`` may look after ``person``."""
    require(actor, "manage_people")
    if reason := refusal(person, actor):
        raise PermissionDenied(reason)


def roles_to_grant(jurisdiction: Jurisdiction, actor: Actor) -> list[Role]:
    """Return the roles that ``actor`` may hand out in ``jurisdiction``."""
    granted = GRANTS.get(actor.role, frozenset())
    return [role for role in roles_at(jurisdiction.level_type, is_zone=jurisdiction.is_zone) if role in granted]


def all_roles_to_grant(actor: Actor) -> list[Role]:
    """Return the roles that ``actor`` may hand out somewhere: here or at a level below."""
    levels = [level for level in Level if level.depth >= actor.jurisdiction.level_type.depth]
    granted = GRANTS.get(actor.role, frozenset())
    return [role for role in Role if role in granted and any(role in roles_at(level) for level in levels)]


def check_grant(jurisdiction: Jurisdiction, role: Role, actor: Actor) -> None:
    """Raise PermissionDenied for a place outside the actor's, or a role that they may not hand out; InvalidInput for one that
    the level does not have."""
    require(actor, "manage_people", jurisdiction.path)
    if jurisdiction.closed_on is not None:
        raise InvalidInput(f"{jurisdiction}已于 {jurisdiction.closed_on:%Y-%m-%d} 撤销，不能再任职。")
    if role not in GRANTS.get(actor.role, ()):
        raise PermissionDenied(f"您不能授予“{role.label}”。")
    if role not in roles_at(jurisdiction.level_type, is_zone=jurisdiction.is_zone):
        offered = "、".join(one.label for one in roles_to_grant(jurisdiction, actor))
        raise InvalidInput(
            f"{jurisdiction}（{jurisdiction.get_level_display()}）没有“{role.label}”，可以选：{offered}。"
        )


def lock(actor: Actor, *, jurisdictions: Iterable[int] = (), people: Iterable[int] = ()) -> dict[int, User]:
    """Lock in one fixed order what a verb decides on, and return the people; PermissionDenied when the actor's own membership
    was taken away meanwhile, TransitionError when somebody has moved out of the actor's sight.

    Whoever takes a membership away holds its jurisdiction: two last administrators who do so at once stand in a queue.
    """
    wanted = set(people)
    units = Jurisdiction.objects.select_for_update(no_key=True).filter(pk__in=set(jurisdictions))
    list(units.order_by("pk"))
    locked = User.objects.select_for_update(no_key=True, of=("self",)).select_related("jurisdiction")
    found = {one.pk: one for one in locked.filter(pk__in=wanted).order_by("pk")}
    own = Membership.objects.select_for_update(no_key=True).filter(
        pk=actor.membership.pk, jurisdiction=actor.jurisdiction, role=actor.role
    )
    if own.first() is None or not User.objects.filter(pk=actor.user.pk, is_active=True).exists():
        raise PermissionDenied(_NOT_ANY_MORE)
    if wanted - set(found):
        raise TransitionError(_MOVED)
    return found


def lock_person(person: User, actor: Actor) -> User:
    """Lock a person, whom ``actor`` looks after, with the jurisdictions of their memberships; return them as they are now."""
    require_care(person, actor)
    people = lock(actor, jurisdictions=[one.jurisdiction_id for one in memberships_of(person)], people=[person.pk])
    # What may be done is decided on what is there now, not on what was there before the lock.
    require_care(people[person.pk], actor)
    return people[person.pk]


def is_last_administrator(membership: Membership) -> bool:
    """Whether nobody else, who can sign in, could hand out this administrator's role in the jurisdiction."""
    role = Role(membership.role)
    if "manage_people" not in ROLE_VERBS[role]:
        return False
    heirs = [other for other, granted in GRANTS.items() if role in granted]
    others = Membership.objects.effective().filter(jurisdiction=membership.jurisdiction_id, role__in=heirs)
    return not others.exclude(user=membership.user_id).exists()
