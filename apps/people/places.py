"""Which unit a page is about: asked for in the address, within where the person acts."""

from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404

from apps.accounts.http import ActorRequest
from apps.jurisdictions.models import Jurisdiction


@dataclass(frozen=True)
class Place:
    """The unit that a page shows, those above it down from where the person acts, and those directly below."""

    jurisdiction: Jurisdiction
    trail: list[Jurisdiction]
    children: list[Jurisdiction]

    @property
    def choices(self) -> list[tuple[str, Any]]:
        """For a select that walks through the tree: up the trail, or one step down."""
        line: list[tuple[str, Any]] = [(one.key, one.name) for one in self.trail]
        below = [(one.key, one.name) for one in self.children]
        return [*line, (f"{self.jurisdiction.name}以下", below)] if below else line


def place_of(request: ActorRequest, default: Jurisdiction | None = None, *, key: str = "") -> Place:
    """Return the place of ``key`` or ``?jurisdiction=``, else ``default`` or where the person acts; 404 outside of that."""
    own, key = request.actor.jurisdiction, key or request.GET.get("jurisdiction", "")
    here = get_object_or_404(Jurisdiction.objects.below(own.path).with_key(key)) if key else default or own
    line = Jurisdiction.objects.ancestors_of(here.path).below(own.path)
    return Place(here, list(line), list(Jurisdiction.objects.filter(parent=here, closed_on=None).in_code_order()))
