"""A reason to tell people something; which ones there are stands in ``occasions``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.dispatch import Signal

from apps.notifications.message import Message


@dataclass(frozen=True)
class Occasion:
    """A reason to tell people something.

    ``rows``: what has come to it, with everything that the words name; ``since`` narrows them to the latest. ``signal`` is sent
    with the row as it comes to it; without one, time alone brings it about. ``answers``: keys of what nobody has to read any more.
    One without ``messages`` does no more than answer.
    """

    name: str
    rows: Callable[[], QuerySet[Any]]
    since: Callable[[datetime], Q]
    messages: Callable[[Any], list[Message]] | None = None
    signal: Signal | None = None
    answers: Callable[[Any], list[str]] = lambda row: []

    def key_of(self, row: Any) -> str:
        """What a notification is about: ``objection:417``; what is written again is told of again: ``recheck:5:2``, by its
        ``edition`` where its ``version`` says something else."""
        version = getattr(row, "edition", None) or getattr(row, "version", None)
        return f"{self.name}:{row.pk}:{version}" if version else f"{self.name}:{row.pk}"
