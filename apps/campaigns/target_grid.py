"""The grid of targets (创建目标): jurisdictions by years, own values beside inherited ones."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.campaigns.forms import TargetForm
from apps.campaigns.models import Campaign, Target
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction, paths_down_to

Kind = Target.Kind


def shown_value(target: Target) -> str:
    """Return a target in short: `60%`, `1–2 个`."""
    value = plain(target.value)
    if target.kind == Kind.PERCENT:
        return f"{value}%"
    return f"{value} 个" if target.upper is None else f"{value}–{plain(target.upper)} 个"


@dataclass(frozen=True)
class Cell:
    """What holds in a jurisdiction for a year; ``form`` is there while the cell is being edited."""

    jurisdiction: Jurisdiction
    year: int
    target: Target | None
    is_own: bool
    is_open: bool
    form: TargetForm | None

    @property
    def value(self) -> str:
        """The target in short, a dash where there is none."""
        return "—" if self.target is None else shown_value(self.target)


@dataclass(frozen=True)
class GridRow:
    """The years of one jurisdiction."""

    name: str
    jurisdiction: Jurisdiction
    kind: str
    is_root: bool
    cells: list[Cell]


@dataclass(frozen=True)
class Grid:
    """The rows of ``root`` and its children; ``line`` leads from where the actor acts down to ``root``."""

    campaign: Campaign
    root: Jurisdiction
    line: list[Jurisdiction]
    rows: list[GridRow]
    may_set: bool


def grid_of(
    campaign: Campaign, root: Jurisdiction, top: Jurisdiction, *, may_set: bool, editing: TargetForm | None = None
) -> Grid:
    """Build the grid in three queries; ``editing`` opens its cell."""
    children = list(Jurisdiction.objects.filter(parent=root, closed_on=None).in_code_order())
    rows = Target.objects.filter(campaign=campaign, kind__in=[Kind.PERCENT, Kind.PILOTS_PER_STREET])
    rows = rows.filter(path__in=paths_down_to(root.path)) | rows.filter(jurisdiction__parent=root)
    targets = {(one.path, one.year, one.kind): one for one in rows.select_related("jurisdiction")}
    placed = [(root.name, root, Kind.PERCENT), *((one.name, one, Kind.PERCENT) for one in children)]
    placed.append(("每街道试点数", root, Kind.PILOTS_PER_STREET))
    return Grid(
        campaign,
        root,
        list(Jurisdiction.objects.ancestors_of(root.path).below(top.path)),
        [
            GridRow(name, place, kind, place == root, list(_cells(campaign, place, kind, targets, editing)))
            for name, place, kind in placed
        ],
        may_set,
    )


def _cells(
    campaign: Campaign,
    place: Jurisdiction,
    kind: str,
    targets: dict[tuple[str, int, str], Target],
    editing: TargetForm | None,
) -> Iterator[Cell]:
    for year in campaign.years:
        found = (targets.get((path, year, kind)) for path in reversed(paths_down_to(place.path)))
        target = next((one for one in found if one is not None), None)
        is_open = editing is not None and editing.is_for(place, year, kind)
        is_own = target is not None and target.path == place.path
        yield Cell(place, year, target, is_own, is_open, editing if is_open else None)
