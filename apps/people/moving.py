"""Verbs of memberships and of what is known of a person: adding, changing, ending, mending; open to-dos move along."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from apps.accounts import access
from apps.accounts import domain as memberships
from apps.accounts.domain import check_tenant
from apps.accounts.models import AccessEvent, Contact, Membership, Role, User
from apps.accounts.permissions import GRANTS, Actor, require
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.people.authority import (
    check_grant,
    is_last_administrator,
    lock,
    lock_person,
    memberships_of,
    refusal,
)
from apps.people.departments import check_department, titled
from apps.people.handover import Todo, can_take, hand_over, open_todos
from apps.people.inviting import ContactFacts, check_typed

Kind = AccessEvent.Kind
# Who takes over from each membership that ends.
Successors = Mapping[Membership, User | None]


class OpenTodos(TransitionError):
    """The person still has to-dos in the membership, and nobody was named to take them on."""

    def __init__(self, membership: Membership, todos: Sequence[Todo]) -> None:
        listed = "、".join(map(str, todos))
        super().__init__(f"{membership.user}在“{membership}”还有待办：{listed}。请选择接手人，移交后再办理。")
        self.membership = membership


@transaction.atomic
def add_membership(
    person: User, jurisdiction: Jurisdiction, role: Role, *, actor: Actor, department: str = ""
) -> Membership:
    """Give a person one more membership; InvalidInput for one that they have."""
    check_grant(jurisdiction, role, actor)
    department = check_department(role, department)
    person = lock_person(person, actor)
    if not person.is_active:
        raise TransitionError(f"{person}的账号{person.state.label}，不能增加任职。")
    if person.memberships.filter(jurisdiction=jurisdiction, role=role).exists():
        raise InvalidInput(f"{person}已经是{jurisdiction}的{role.label}，不用再加。")
    membership = memberships.grant_membership(person, jurisdiction, role, department)
    access.record(
        Kind.GRANTED,
        actor=actor,
        subject=f"{access.described(person)}：{titled(membership)}",
        jurisdiction=jurisdiction,
    )
    return membership


@transaction.atomic
def change_membership(
    membership: Membership,
    jurisdiction: Jurisdiction,
    role: Role,
    *,
    actor: Actor,
    successor: User | None = None,
    department: str = "",
) -> Membership:
    """Move a person to another jurisdiction, role or department; whoever belongs to the old bureau then belongs to the new one.

    OpenTodos where to-dos would be left behind without a ``successor``.
    """
    check_grant(jurisdiction, role, actor)
    department = check_department(role, department)
    require(actor, "manage_people", membership.path)
    person = lock_person(membership.user, actor)
    membership = _locked(membership)
    before = membership.jurisdiction
    moves = person.jurisdiction == before and before != jurisdiction
    if (before, membership.role, membership.department) == (jurisdiction, role, department):
        raise InvalidInput(f"{person}已经是{jurisdiction}的{role.label}，没有变动。")
    if not person.is_active:
        raise TransitionError(f"{person}的账号{person.state.label}，不能调整任职。")
    if person.memberships.filter(jurisdiction=jurisdiction, role=role).exclude(pk=membership.pk).exists():
        raise InvalidInput(f"{person}已经是{jurisdiction}的{role.label}。只需免去原来的任职。")
    _check_places(person, jurisdiction, home=jurisdiction if moves else person.jurisdiction, without=membership)
    if before != jurisdiction or not can_take(role, open_todos(membership)):
        _leave_to(membership, successor, actor)
    ended = titled(membership)
    membership.jurisdiction, membership.role, membership.created_at = jurisdiction, role, clock.now()
    membership.department = department
    membership.save(update_fields=["jurisdiction", "role", "department", "created_at"])
    if moves:
        # After the membership: the database keeps people in the tenant of all that they hold.
        person.jurisdiction = jurisdiction
        person.save(update_fields=["jurisdiction"])
    who = access.described(person)
    access.record(Kind.ENDED, actor=actor, subject=f"{who}：{ended}", jurisdiction=before)
    access.record(Kind.GRANTED, actor=actor, subject=f"{who}：{titled(membership)}", jurisdiction=jurisdiction)
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, actor: Actor, successor: User | None = None) -> None:
    """Take a membership from a person: one of somebody whom the actor looks after, one in the actor's jurisdiction of somebody
    who belongs elsewhere, or the actor's own.

    OpenTodos without a ``successor``; TransitionError when the last administrator would leave.
    """
    require(actor, "manage_people", membership.path)
    person = membership.user
    leaving = person.pk == actor.user.pk
    lock(actor, jurisdictions=[membership.jurisdiction_id])
    membership = _locked(membership)
    if not leaving:
        if not may_end(membership, actor):
            raise PermissionDenied(refusal(person, actor) or f"您不能免去{membership.get_role_display()}。")
    elif is_last_administrator(membership):
        raise TransitionError(
            f"您是{membership.jurisdiction}唯一的{membership.get_role_display()}，不能退出。请先邀请一位新的管理员并等其激活账号。"
        )
    take_away(membership, successor, actor)


@transaction.atomic
def edit_person(person: User, *, actor: Actor, name: str, jurisdiction: Jurisdiction, contact: ContactFacts) -> User:
    """Mend name, bureau and contact; of their own people keep what an administrator looks after, of themselves not the bureau."""
    require(actor, "manage_people", person.path)
    if person.pk == actor.user.pk:
        person = lock(actor, people=[person.pk])[person.pk]
        if jurisdiction != person.jurisdiction:
            raise PermissionDenied("自己的所属单位由其他管理员调整。")
    else:
        person = lock_person(person, actor)
        require(actor, "manage_people", jurisdiction.path)
        _check_places(person, jurisdiction, home=jurisdiction)
    if person.state == User.State.DEPARTED:
        raise TransitionError(f"{person}已离岗，资料不再修改。")
    person.display_name, person.jurisdiction = name, jurisdiction
    check_typed(person)
    person.save(update_fields=["display_name", "jurisdiction"])
    kept = Contact.objects.filter(user=person).first() or Contact(user=person)
    kept.office, kept.office_phone, kept.email = contact.office, contact.office_phone, contact.email
    check_typed(kept)
    kept.save()
    return person


def may_end(membership: Membership, actor: Actor, reason: str | None = None) -> bool:
    """Whether ``actor`` may end another's membership: those of people who belong elsewhere too, if the role is theirs to give.

    ``reason`` is the person's ``refusal`` where the caller has asked for it already.
    """
    if not actor.can("manage_people", membership.path) or Role(membership.role) not in GRANTS.get(actor.role, ()):
        return False
    person = membership.user
    elsewhere = not actor.jurisdiction.contains(person.path)
    return elsewhere or not (refusal(person, actor) if reason is None else reason)


def successors_of(membership: Membership) -> list[Membership]:
    """Return who could take over from a membership: colleagues in the same jurisdiction who may do all of it."""
    todos = open_todos(membership)
    colleagues = Membership.objects.effective().filter(jurisdiction=membership.jurisdiction_id)
    found = colleagues.exclude(user=membership.user_id).select_related("user", "jurisdiction").order_by("pk")
    able = {one.user_id: one for one in found if can_take(Role(one.role), todos)}
    return list(able.values())


def take_away(membership: Membership, successor: User | None, actor: Actor) -> None:
    """End a membership after its to-dos have moved; whether it may be is the caller's check."""
    _leave_to(membership, successor, actor)
    subject, jurisdiction = f"{access.described(membership.user)}：{titled(membership)}", membership.jurisdiction
    memberships.end_membership(membership)
    access.record(Kind.ENDED, actor=actor, subject=subject, jurisdiction=jurisdiction)


def leave_all_to(held: Sequence[Membership], successors: Successors, actor: Actor) -> None:
    """Move the to-dos of every membership; OpenTodos for the first that has some and no successor."""
    for membership in held:
        _leave_to(membership, successors.get(membership), actor)


def _leave_to(membership: Membership, successor: User | None, actor: Actor) -> None:
    todos = open_todos(membership)
    if not todos:
        return
    if successor is None:
        raise OpenTodos(membership, todos)
    if successor.pk not in {one.user_id for one in successors_of(membership)}:
        raise InvalidInput(f"{successor}不能接手“{membership}”的待办。请选择同一单位能办理这些事项的人员。")
    hand_over(membership, successor, actor=actor)
    subject = f"{access.described(membership.user)} → {access.described(successor)}：{'、'.join(map(str, todos))}"
    access.record(Kind.HANDED_OVER, actor=actor, subject=subject, jurisdiction=membership.jurisdiction)


def _locked(membership: Membership) -> Membership:
    """The membership as it is now, locked; TransitionError when it has ended meanwhile."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("jurisdiction", "user__jurisdiction")
    found = rows.filter(pk=membership.pk).first()
    if found is None or found.jurisdiction_id != membership.jurisdiction_id:
        raise TransitionError("这个任职刚被别人调整或免去。请刷新页面后再看。")
    return found


def _check_places(person: User, place: Jurisdiction, *, home: Jurisdiction, without: Membership | None = None) -> None:
    """Raise InvalidInput when the person would leave the tenant, or would belong to another one than something they hold."""
    check_tenant(person, person.jurisdiction, [place])
    check_tenant(person, home, [one.jurisdiction for one in memberships_of(person) if one != without])
