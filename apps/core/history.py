"""The history of every row (django-pghistory): who changed what, when, from where. The pages that show it are in ``audit``."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import pghistory
import pgtrigger
from django.db import connection, models
from psycopg.pq import TransactionStatus

_Model = TypeVar("_Model", bound=models.Model)


def tracked(*, secret: Sequence[str] = (), silent: Sequence[str] = ()) -> Callable[[type[_Model]], type[_Model]]:
    """Keep every insert, change and deletion of the model's rows in an event table, behind ``core.wall.HistoryWall``.

    That a ``secret`` field was changed is recorded, its value is not; a change of ``silent`` fields alone is not recorded.
    Both stand on the model, as ``history_secret`` and ``history_silent``.
    """

    def track(model: type[_Model]) -> type[_Model]:
        for name, fields in (("history_secret", secret), ("history_silent", silent)):
            setattr(model, name, tuple(fields))
        watched = [one.name for one in model._meta.concrete_fields if one.name not in silent]
        return pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(condition=pgtrigger.AnyChange(*watched)),
            pghistory.DeleteEvent(),
            exclude=[*secret, *silent],
        )(model)

    return track


def never_pause(**kwargs: Any) -> None:
    """Take away pgtrigger's switch, with which any session could pause the history; it is asked for every row besides."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean"
            " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT false'"
        )


class Facts(NamedTuple):
    """What is known of whoever changes something: stands in every event, and in the records of access."""

    id: UUID
    metadata: dict[str, Any]


_current: ContextVar[Facts | None] = ContextVar("facts", default=None)


@contextmanager
def recording(*, whole_transactions: bool = False, **facts: Any) -> Iterator[Facts]:
    """Write ``facts`` (user, name, unit, role, address, url, task …) beside every change made inside; may be nested.

    More facts can be added to the ``metadata`` that is yielded, once they are known. Where the block holds
    ``whole_transactions``, which take the facts along as they end, nothing is left to be taken back.
    """
    outer = _current.get()
    before = dict(outer.metadata) if outer else {}
    try:
        with pghistory.context(**facts) as context:
            token = _current.set(Facts(context.id, context.metadata))
            try:
                yield Facts(context.id, context.metadata)
            finally:
                _current.reset(token)
                if outer is not None:
                    outer.metadata.clear()
                    outer.metadata.update(before)
    finally:
        if outer is None and not whole_transactions:
            _forget()


def _forget() -> None:
    """Take the facts out of the transaction, where they would stay until its end: what follows is somebody else's.

    A broken transaction takes no statement; its rollback takes the facts along.
    """
    if not connection.in_atomic_block or connection.needs_rollback:
        return
    if connection.connection.info.transaction_status == TransactionStatus.INTRANS:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('pghistory.context_id', '', true), set_config('pghistory.context_metadata', '', true)"
            )


def current() -> Facts | None:
    """Return the facts that are being written, None outside ``recording``."""
    return _current.get()


def was_deleted(model: type[models.Model], pk: int, **of: Any) -> bool:
    """Whether a tracked row with this id was deleted; ``of``: what it held then."""
    gone = model.pgh_event_model.objects.filter(pgh_obj_id=pk, pgh_label="delete")  # type: ignore[attr-defined]
    return bool(gone.filter(**of).exists())
