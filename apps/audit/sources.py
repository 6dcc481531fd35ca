"""Where the trail reads: the history table of every tracked model, and the records of access."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from pghistory.models import Event

from apps.accounts.models import AccessEvent

Model = type[models.Model]


@dataclass(frozen=True)
class Source:
    """One table of the trail. ``number`` orders what happened at the same moment and names the table in addresses."""

    number: int
    model: Model
    # None: the records of access, which are no history of a row.
    tracked: Model | None

    @property
    def rows(self) -> models.QuerySet[Any]:
        return models.QuerySet(self.model)

    @property
    def label(self) -> str:
        return str((self.tracked or self.model)._meta.verbose_name)

    @property
    def key(self) -> str:
        return (self.tracked or self.model)._meta.label_lower

    @property
    def at(self) -> str:
        """The column that says when."""
        return "pgh_created_at" if self.tracked else "at"

    @property
    def request(self) -> str:
        """The column that says in which request."""
        return "pgh_context_id" if self.tracked else "request_id"


@cache
def sources() -> tuple[Source, ...]:
    """Every table of the trail, found by walking the models, so that none is forgotten."""
    events = sorted((one for one in apps.get_models() if issubclass(one, Event)), key=lambda one: one._meta.db_table)
    found: list[tuple[Model, Model | None]] = [(AccessEvent, None)]
    found += [(one, one.pgh_tracked_model) for one in events if one.pgh_tracked_model is not None]
    return tuple(Source(number, model, tracked) for number, (model, tracked) in enumerate(found))


@cache
def source_of(tracked: Model) -> Source:
    """The history of a tracked model."""
    return next(one for one in sources() if one.tracked is tracked)


def recorded_fields(source: Source) -> list[models.Field]:
    """The fields of the tracked row that its history holds, in the model's order; not the id, and not the path, which a
    history follows when its row moves."""
    kept = {one.name for one in source.model._meta.concrete_fields} - {"id", "path"}
    return [one for one in _own_fields(source) if one.name in kept]


def secret_fields(source: Source) -> list[models.Field]:
    """The fields whose values are not recorded, only that one of them changed."""
    secret = getattr(source.tracked, "history_secret", ())
    return [one for one in _own_fields(source) if one.name in secret]


def _own_fields(source: Source) -> list[models.Field]:
    return list(source.tracked._meta.concrete_fields) if source.tracked else []
