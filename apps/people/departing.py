"""Verbs of going: suspending and resuming an account, leaving for good, deleting contact data. The audit stays."""

from django.db import transaction

from apps.accounts import access
from apps.accounts.models import AccessEvent, Contact, Membership, User
from apps.accounts.permissions import Actor
from apps.core import clock
from apps.core.errors import TransitionError
from apps.people.authority import lock_person
from apps.people.inviting import end_sessions, forget_sign_in, withdraw_codes
from apps.people.moving import Successors, leave_all_to, take_away

Kind = AccessEvent.Kind


@transaction.atomic
def suspend_person(person: User, *, actor: Actor, successors: Successors | None = None) -> User:
    """Let a person sign in no more; what is signed in ends at once, memberships stay for the day of return.

    OpenTodos for a membership with to-dos that has no successor in ``successors``.
    """
    person = lock_person(person, actor)
    if not person.is_active:
        raise TransitionError(f"{person}的账号{person.state.label}，不用再停用。")
    leave_all_to(_held(person), successors or {}, actor)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person, actor=actor)
    withdraw_codes(person)
    access.record(Kind.SUSPENDED, actor=actor, subject=access.described(person), jurisdiction=person.jurisdiction)
    return person


@transaction.atomic
def resume_person(person: User, *, actor: Actor) -> User:
    """Let a suspended person sign in again."""
    person = lock_person(person, actor)
    if person.state != User.State.SUSPENDED:
        raise TransitionError(f"{person}的账号{person.state.label}，不能恢复。离岗人员回来工作的，请重新邀请。")
    person.is_active = True
    person.save(update_fields=["is_active"])
    access.record(Kind.RESUMED, actor=actor, subject=access.described(person), jurisdiction=person.jurisdiction)
    return person


@transaction.atomic
def depart_person(person: User, *, actor: Actor, successors: Successors | None = None) -> User:
    """Let a person leave for good: to-dos handed over, memberships ended, account closed, contact data deleted.

    The name stays with what the person has done.
    """
    person = lock_person(person, actor)
    if person.state == User.State.DEPARTED:
        raise TransitionError(f"{person}已经办理离岗。")
    for membership in _held(person):
        take_away(membership, (successors or {}).get(membership), actor)
    person.is_active, person.departed_at = False, clock.now()
    person.save(update_fields=["is_active", "departed_at"])
    forget_sign_in(person)
    end_sessions(person, actor=actor)
    withdraw_codes(person)
    access.record(
        Kind.SUSPENDED, actor=actor, subject=f"{access.described(person)}：离岗", jurisdiction=person.jurisdiction
    )
    _erase(person, actor)
    return person


@transaction.atomic
def erase_contact(person: User, *, actor: Actor) -> None:
    """Delete office, phone and mail of a person; the records of what they did stay. A second call changes nothing."""
    _erase(lock_person(person, actor), actor)


def _erase(person: User, actor: Actor) -> None:
    deleted, _ = Contact.objects.filter(user=person).delete()
    if deleted:
        access.record(Kind.ERASED, actor=actor, subject=access.described(person), jurisdiction=person.jurisdiction)


def _held(person: User) -> list[Membership]:
    held = Membership.objects.select_for_update(of=("self",)).filter(user=person)
    return list(held.select_related("jurisdiction", "user").order_by("pk"))
