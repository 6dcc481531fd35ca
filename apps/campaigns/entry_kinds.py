"""The numbered parts of a campaign, its phases and its milestones: what is the same of both but for names and fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.campaigns.models import Milestone, Phase


@dataclass(frozen=True)
class EntryKind:
    """``slug`` stands in addresses; ``part`` is where the campaign keeps them, ``label`` what people call one.

    ``fields`` are those that a form fills in.
    """

    model: type[Any]
    slug: str
    part: str
    label: str
    fields: tuple[str, ...]

    @property
    def is_milestone(self) -> bool:
        return self.model is Milestone

    @property
    def columns(self) -> tuple[str, ...]:
        """All that is stored of one, beside whose it is."""
        return "number", *self.fields


PHASE = EntryKind(Phase, "phase", "phases", "阶段", ("title", "starts_on", "ends_on"))
MILESTONE = EntryKind(
    Milestone,
    "milestone",
    "milestones",
    "里程碑",
    ("title", "level", "kind", "recurrence", "dates", "required_parts", "source"),
)
KINDS: Mapping[str, EntryKind] = {one.slug: one for one in (PHASE, MILESTONE)}


def kind_of(entry: Phase | Milestone | type[Phase] | type[Milestone]) -> EntryKind:
    """The kind of a phase or milestone, or of its model."""
    model = entry if isinstance(entry, type) else type(entry)
    return MILESTONE if model is Milestone else PHASE
