"""Acting as a person outside a request, with everything that a request would put on record."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.accounts.permissions import Actor
from apps.core import history
from apps.core.scope import scope


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Open a transaction in the actor's scope; what is changed in it is recorded as theirs."""
    with history.recording(**facts_of(actor)), scope(actor.jurisdiction.path, user_id=actor.user.pk):
        yield


def facts_of(actor: Actor) -> dict[str, Any]:
    """Return what the history keeps of whoever acts: it stays readable when the person has left or changed office."""
    return {
        "user": actor.user.pk,
        "name": actor.user.display_name,
        "membership": actor.membership.pk,
        "unit": actor.jurisdiction.name,
        "role": actor.membership.get_role_display(),
    }
