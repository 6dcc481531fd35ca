"""What the page's address says: jurisdiction, campaign, year, view, order, whether last year stands beside. It holds all of it."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from apps.accounts.http import ActorRequest
from apps.campaigns.models import Campaign
from apps.campaigns.progress import progress_url
from apps.campaigns.rollup import Figures, Rollup, roll_up
from apps.jurisdictions.models import Jurisdiction
from apps.progress.extent import Extent

VIEWS = {
    "table": "表格",
    "bars": "条形图",
    "tiles": "格子图",
    "trend": "月度趋势",
    "stages": "环节",
    "criteria": "薄弱条目",
    "pilots": "试点",
    "late": "滞后事项",
}
# Drawn of the children, and so not offered where there are none.
_OF_CHILDREN = {"bars", "tiles"}
# Those that can show last year's figures.
_BESIDE = {"table", "bars", "tiles", "criteria"}
# What one view asks for besides.
_KEPT = {"late": ("kind", "age")}
# In words: as it usually is, and the other way round, for which the address has a hyphen before the name.
SORTS = {
    "code": ("按区划代码", "按区划代码，大的在前"),
    "ratio": ("按合计完成比例，高的在前", "按合计完成比例，低的在前"),
    "gap": ("按还差社区数，多的在前", "按还差社区数，少的在前"),
}
_OTHER_WAY = "-"


@dataclass(frozen=True)
class State:
    """The figures shown, and how; ``before``: those of the year before, where they stand beside; ``kept``: what the view alone asks
    for."""

    rollup: Rollup
    view: str
    sort: str
    before: Rollup | None
    is_reversed: bool = False
    kept: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> Jurisdiction:
        return self.rollup.total.jurisdiction

    @cached_property
    def extent(self) -> Extent:
        """What every block of the page counts."""
        return Extent.of(self.rollup)

    @property
    def year_before(self) -> int | None:
        """The year that can stand beside; None in the campaign's first, and in views that compare nothing."""
        year = self.rollup.year - 1
        return year if year in self.rollup.campaign.years and self.view in _BESIDE else None

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        """The views offered: label, address, whether it is this one."""
        return [
            (label, self.url(view=view), view == self.view)
            for view, label in VIEWS.items()
            if self.rollup.children or view not in _OF_CHILDREN
        ]

    def url(self, place: Jurisdiction | None = None, **changed: str) -> str:
        """Return the address of this state, for another jurisdiction or with something changed; what goes without saying is
        left out."""
        said = {"view": self.view, "sort": self.said_sort, "beside": "last" if self.before else ""}
        said |= (self.kept if changed.get("view", self.view) == self.view else {}) | changed
        usual = {"view": "table", "sort": "code"}
        told = {name: value for name, value in said.items() if value and value != usual.get(name)}
        return progress_url(place or self.place, self.rollup.campaign, self.rollup.year, **told)

    @property
    def beside_url(self) -> str:
        """The address that shows last year, or leaves it away again."""
        return self.url(beside="" if self.before else "last")

    def sort_url(self, sort: str) -> str:
        """The address that sorts so; by what it is sorted already, the other way round."""
        turns = sort == self.sort and not self.is_reversed
        return self.url(sort=f"{_OTHER_WAY}{sort}" if turns else sort)

    @property
    def said_sort(self) -> str:
        return f"{_OTHER_WAY}{self.sort}" if self.is_reversed else self.sort

    @property
    def sort_label(self) -> str:
        return SORTS[self.sort][self.is_reversed]

    @property
    def direction(self) -> str:
        """What aria-sort says: figures begin with the largest, codes with the smallest."""
        return "ascending" if (self.sort == "code") is not self.is_reversed else "descending"

    @property
    def arrow(self) -> str:
        """The icon of the direction."""
        return "arrow-up" if self.direction == "ascending" else "arrow-down"

    @property
    def hidden(self) -> dict[str, str]:
        """What a form has to carry along."""
        return {
            "campaign": self.rollup.campaign.code,
            "view": self.view,
            "sort": self.said_sort,
            "beside": "last" if self.before else "",
        }

    def figures_before(self) -> dict[int, Figures]:
        """Last year's figures of the children by their ids."""
        return {line.jurisdiction.pk: line.figures for line in self.before.children} if self.before else {}


def state_of(request: ActorRequest, campaign: Campaign, place: Jurisdiction, year: int) -> State:
    """Read the address; whatever names no view or order is the usual one."""
    rollup = roll_up(campaign, place, year)
    asked: Any = request.GET
    view, sort = asked.get("view", ""), asked.get("sort", "").removeprefix(_OTHER_WAY)
    if view not in VIEWS or (view in _OF_CHILDREN and not rollup.children):
        view = "table"
    wants_before = asked.get("beside") == "last" and year > campaign.first_year and view in _BESIDE
    before = roll_up(campaign, place, year - 1) if wants_before else None
    kept = {name: asked[name] for name in _KEPT.get(view, ()) if name in asked}
    is_reversed = sort in SORTS and asked["sort"] != sort
    return State(rollup, view, sort if sort in SORTS else "code", before, is_reversed, kept)
