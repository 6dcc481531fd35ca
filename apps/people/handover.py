"""Handing over: what a person still has to do in a membership, and who takes it on. The rooms above register their duties."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from apps.accounts.models import Membership, User
from apps.accounts.permissions import ROLE_VERBS, Actor, Role


@dataclass(frozen=True, slots=True)
class Todo:
    """Open to-dos of one kind: ``Todo("待填报的自评", 3, frozenset({"self_assess"}))``.

    ``verbs`` are what the successor's role must give in the same jurisdiction.
    """

    label: str
    count: int
    verbs: frozenset[str] = field(default=frozenset())

    def __str__(self) -> str:
        return f"{self.label} {self.count} 件"


class Duties(Protocol):
    """What a room knows of people's to-dos. It is asked within the scope of whoever ends the membership."""

    def open_todos(self, membership: Membership) -> Sequence[Todo]:
        """Return what the person still has to do in the membership; kinds without any are left out."""
        ...

    def hand_over(self, membership: Membership, successor: User, *, actor: Actor) -> int:
        """Move all of it to ``successor``, who has been checked; return how many to-dos were moved."""
        ...


_registered: list[Duties] = []


def register(duties: Duties) -> None:
    """Let ``duties`` be asked whenever a membership ends; called once, in ``AppConfig.ready``."""
    if duties not in _registered:
        _registered.append(duties)


def open_todos(membership: Membership) -> list[Todo]:
    """Return all that the person still has to do in the membership."""
    return [todo for duties in _registered for todo in duties.open_todos(membership) if todo.count]


def hand_over(membership: Membership, successor: User, *, actor: Actor) -> int:
    """Move all of it to ``successor``; return how many to-dos were moved. Whether they may take it is the caller's check."""
    return sum(duties.hand_over(membership, successor, actor=actor) for duties in _registered)


def can_take(role: Role, todos: Sequence[Todo]) -> bool:
    """Whether somebody with ``role`` in the same jurisdiction may do all of ``todos``."""
    return all(todo.verbs <= ROLE_VERBS[role] for todo in todos)
