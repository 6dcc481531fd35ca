"""The scope of a transaction: which part of the tree its statements may see and write. No domain words.

The policies made by ``core.wall`` compare a row's ``path`` with the settings ``app.scope_from`` and ``app.scope_to``. Without
them no walled row is visible or writable.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

# Above every label of a path, which are hexadecimal digits.
_END = "~"


class Place(NamedTuple):
    """What a transaction's statements run as: the database role, the range of paths, the user's id ('' for none).

    ``signing_in`` is 'on' while nobody is signed in yet: only then the tables of signing in open to whoever asks.
    """

    role: str
    scope_from: str
    scope_to: str
    user_id: str
    signing_in: str = ""


# What the open transaction runs as, as far as this module has said so.
_placed: ContextVar[Place | None] = ContextVar("placed", default=None)


@contextmanager
def scope(path: str, *, user_id: int | None = None) -> Iterator[None]:
    """Run a transaction as the application role, limited to ``path`` and all below it; '' sees nothing."""
    with _transaction_at(_place_of(path, user_id)):
        yield


@contextmanager
def signing_in(user_id: int | str = "") -> Iterator[None]:
    """Run a transaction of somebody who is not known yet: no walled row, but people and what they sign in with.

    ``user_id`` is whom the session names, where there is one: what belongs to that person is seen too.
    """
    with _transaction_at(Place(settings.APPLICATION_ROLE, "", "", str(user_id), "on")):
        yield


def forget_person() -> None:
    """Go on in ``signing_in`` without the person that the session named, who may not use it any more."""
    _apply(Place(settings.APPLICATION_ROLE, "", "", "", "on"))


@contextmanager
def scope_all() -> Iterator[None]:
    """Run a transaction that sees the whole installation: for tasks that serve every tenant, never for a request."""
    with _transaction_at(Place(settings.APPLICATION_ROLE, "", _END, "")):
        yield


def narrow(path: str, *, user_id: int) -> None:
    """Set the scope of the transaction that is open, once the person and their place ('' for none) are known."""
    _apply(_place_of(path, user_id))


def is_limited_to(path: str) -> bool:
    """Whether the policies hold the open transaction to just this range, so that a statement need not name it again."""
    placed = _placed.get()
    return placed is not None and placed.scope_from == path != "" and placed.scope_to == path + _END


def take_place(opened: Any) -> None:
    """Give a new connection its role: the owner (commands, migrations) sees all, everybody else nothing yet."""
    with opened.cursor() as cursor:
        if settings.ACT_AS_OWNER:
            cursor.execute(
                "SELECT set_config('app.scope_from', '', false), set_config('app.scope_to', %s, false)", [_END]
            )
        else:
            cursor.execute("SELECT set_config('role', %s, false)", [settings.APPLICATION_ROLE])


def _place_of(path: str, user_id: int | None) -> Place:
    return Place(settings.APPLICATION_ROLE, path, path and path + _END, "" if user_id is None else str(user_id))


@contextmanager
def _transaction_at(place: Place) -> Iterator[None]:
    nested = connection.in_atomic_block
    told = _placed.set(None)
    try:
        with transaction.atomic():
            outer = _current() if nested else None
            _apply(place)
            yield
            # The settings end with their transaction; inside another one they are put back by hand. After an error the
            # rollback to the savepoint has done it.
            if outer is not None and not connection.needs_rollback:
                _apply(outer)
    finally:
        _placed.reset(told)


def _current() -> Place:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('role'), coalesce(current_setting('app.scope_from', true), ''),"
            " coalesce(current_setting('app.scope_to', true), ''), coalesce(current_setting('app.user_id', true), ''),"
            " coalesce(current_setting('app.signing_in', true), '')"
        )
        return Place(*cursor.fetchone())


def _apply(place: Place) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('app.scope_from', %s, true),"
            " set_config('app.scope_to', %s, true), set_config('app.user_id', %s, true),"
            " set_config('app.signing_in', %s, true)",
            place,
        )
    _placed.set(place)
