"""The grid of targets (创建目标) of one kind: jurisdictions by years, own values beside those that hold otherwise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from apps.campaigns.forms import TargetForm
from apps.campaigns.models import Campaign, Target
from apps.campaigns.rollup import Line, roll_up
from apps.campaigns.targets import is_given_to, sign_of
from apps.jurisdictions.models import Jurisdiction, paths_down_to

Kind = Target.Kind

TABS = {Kind.PERCENT: "比例", Kind.NUMBER: "社区数", Kind.PILOTS_PER_STREET: "每街道试点数"}
NOTES = {
    Kind.PERCENT: "累计认定占城市社区底数的比例",
    Kind.NUMBER: "累计认定的社区数",
    Kind.PILOTS_PER_STREET: "每个街道（镇、乡）的试点个数",
}


@dataclass(frozen=True)
class Cell:
    """What holds in a jurisdiction for a year; ``form`` is there while the cell is being edited.

    ``asked``: how many communities hold there, for a number that is not the jurisdiction's own or that less is than asked;
    ``base``: how many there are, None where the kind does not count them. ``is_given``: somebody above who looks has given it out,
    and alone may change it; ``is_empty``: no communities count there,
    and there is no number to be taken back.
    """

    jurisdiction: Jurisdiction
    year: int
    target: Target | None
    is_own: bool
    is_open: bool
    form: TargetForm | None
    asked: int | None = None
    is_given: bool = False
    is_empty: bool = False
    base: int | None = None

    @property
    def value(self) -> str:
        """The target in short, a dash where there is none."""
        if self.target is not None:
            return self.target.said
        return "—" if self.asked is None else f"{self.asked} 个"

    @property
    def inherited_from(self) -> str:
        """Why there is a value that is not the jurisdiction's own, in words."""
        if self.is_own or self.value == "—":
            return ""
        return "按比例" if self.target is None else f"沿用{self.target.jurisdiction.name}"

    @property
    def issuer(self) -> str:
        """Who gave the jurisdiction's own target out, where it is not the jurisdiction itself."""
        issuer = self.target.issued_by if self.target is not None and self.is_own else None
        return "" if issuer is None or issuer == self.jurisdiction else f"{issuer.name}下达"

    @property
    def seen(self) -> str:
        """What the form carries to say what it showed of the jurisdiction's own target."""
        stands = sign_of(self.target if self.is_own else None)
        return stands if self.form is None else self.form.shows(stands)

    @property
    def overruled(self) -> str:
        """What asks more than the jurisdiction's own number, in words."""
        if self.target is None or self.target.kind != Kind.NUMBER or self.asked is None:
            return ""
        return f"比例要求 {self.asked} 个" if self.asked > self.target.value else ""

    @property
    def out_of_reach(self) -> str:
        """In words that the jurisdiction's number is more than the communities it has."""
        if self.target is None or self.base is None or self.target.value <= self.base:
            return ""
        return f"多于底数 {self.base} 个"


@dataclass(frozen=True)
class GridRow:
    """The years of one jurisdiction."""

    name: str
    jurisdiction: Jurisdiction
    is_root: bool
    cells: list[Cell]


@dataclass(frozen=True)
class Sum:
    """The children's own numbers of a year together, against what the jurisdiction itself has to reach."""

    year: int
    number: int | None
    wanted: int | None

    @property
    def missing(self) -> int | None:
        """How many the children's numbers fall short; None where none of them has any."""
        return None if self.number is None or self.wanted is None else max(0, self.wanted - self.number)


@dataclass(frozen=True)
class Grid:
    """The rows of ``root`` and its children; ``line`` leads from where the actor acts down to ``root``."""

    campaign: Campaign
    root: Jurisdiction
    kind: Target.Kind
    line: list[Jurisdiction]
    rows: list[GridRow]
    may_set: bool
    sums: list[Sum] = field(default_factory=list)

    @property
    def tabs(self) -> list[tuple[str, str]]:
        return [(kind.value, label) for kind, label in TABS.items()]

    @property
    def note(self) -> str:
        return NOTES[self.kind]

    @property
    def may_distribute(self) -> bool:
        """Whether there is somebody to divide a number over."""
        return self.may_set and self.kind == Kind.NUMBER and len(self.rows) > 1


def grid_of(
    campaign: Campaign,
    root: Jurisdiction,
    top: Jurisdiction,
    kind: Target.Kind = Kind.PERCENT,
    *,
    by: Jurisdiction,
    may_set: bool,
    editing: TargetForm | None = None,
) -> Grid:
    """Build the grid as ``by`` sees it, in three queries, for numbers in one more a year; ``editing`` opens its cell."""
    children = list(Jurisdiction.objects.filter(parent=root, closed_on=None).in_code_order())
    rows = Target.objects.filter(campaign=campaign, kind=kind)
    rows = rows.filter(path__in=paths_down_to(root.path)) | rows.filter(jurisdiction__parent=root)
    targets = {(one.path, one.year): one for one in rows.select_related("jurisdiction", "issued_by", "campaign")}
    lines = _lines(campaign, root) if kind == Kind.NUMBER else {}
    grid_rows = [
        GridRow(place.name, place, place == root, list(_cells(campaign, place, by, kind, targets, lines, editing)))
        for place in (root, *children)
    ]
    return Grid(
        campaign,
        root,
        kind,
        list(Jurisdiction.objects.ancestors_of(root.path).below(top.path)),
        grid_rows,
        may_set,
        _sums(grid_rows) if kind == Kind.NUMBER and children else [],
    )


def _lines(campaign: Campaign, root: Jurisdiction) -> dict[tuple[str, int], Line]:
    """The figures of the jurisdictions by path and year: what the target that holds there asks for in communities."""
    rollups = [roll_up(campaign, root, year) for year in campaign.years]
    return {(line.jurisdiction.path, one.year): line for one in rollups for line in (one.total, *one.children)}


def _cells(
    campaign: Campaign,
    place: Jurisdiction,
    by: Jurisdiction,
    kind: Target.Kind,
    targets: Mapping[tuple[str, int], Target],
    lines: Mapping[tuple[str, int], Line],
    editing: TargetForm | None,
) -> Iterator[Cell]:
    # A number holds where it is set; the rest holds below as well.
    paths = [place.path] if kind == Kind.NUMBER else paths_down_to(place.path)
    for year in campaign.years:
        found = (targets.get((path, year)) for path in reversed(paths))
        target = next((one for one in found if one is not None), None)
        line = lines.get((place.path, year))
        is_empty = line is not None and line.figures.base == 0 and target is None
        is_open = editing is not None and editing.is_for(place, year, kind) and (editing.is_bound or not is_empty)
        is_own = target is not None and target.path == place.path
        asked, is_given = None if line is None else line.wanted, target is not None and is_given_to(target, by)
        is_given, form = is_own and is_given, editing if is_open else None
        base = None if line is None else line.figures.base
        yield Cell(place, year, target, is_own, is_open, form, asked, is_given, is_empty, base)


def _sums(rows: list[GridRow]) -> list[Sum]:
    """The foot of the grid, year by year."""
    root, *children = rows
    found = []
    for own, *below in zip(root.cells, *(one.cells for one in children), strict=True):
        numbers = [int(cell.target.value) for cell in below if cell.target is not None]
        found.append(Sum(own.year, sum(numbers) if numbers else None, own.asked))
    return found
