"""Which kinds of documents the report centre makes: one entry each, made known in ``kinds``. No models, no queries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from apps.campaigns.models import Campaign
    from apps.jurisdictions.models import Jurisdiction
    from apps.reports.models import ExportJob

# Hears (parts done, parts in all); raises ``Stopped`` where nobody wants the document any more.
Tell = Callable[[int, int], None]


class Stopped(Exception):
    """The job was cancelled, or another worker has it: what is being made is thrown away."""


class Document(NamedTuple):
    """A finished document and the name that people save it under."""

    content: bytes
    filename: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document about a campaign, a jurisdiction and a year.

    ``check`` raises InvalidInput where there can be no such document; ``make`` runs in the worker within the jurisdiction's
    scope and calls its second argument often enough that progress moves and a cancellation is noticed.
    """

    key: str
    label: str
    content_type: str
    check: "Callable[[Campaign, Jurisdiction, int], None]"
    make: "Callable[[ExportJob, Tell], Document]"


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; called once for each, when the application starts."""
    _kinds[kind.key] = kind


def kind_of(key: str) -> Kind:
    """Return the kind; KeyError where none is registered under ``key``."""
    return _kinds[key]


def choices() -> list[tuple[str, str]]:
    """Keys and labels in the order of registration."""
    return [(kind.key, kind.label) for kind in _kinds.values()]
