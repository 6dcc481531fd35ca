"""What the lists of this room can be narrowed by, from the address; and the lists as tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import Http404

from apps.accounts.http import ActorRequest
from apps.campaigns.current import campaigns_of
from apps.campaigns.models import Campaign, Milestone
from apps.core import clock
from apps.core.inputs import whole_number
from apps.filings.obligations import Counts, Line, Query, State
from apps.jurisdictions.models import Jurisdiction, Level
from apps.people.places import place_of

ALL = "all"
LIST_COLUMNS = ["期限", "事项", "类别", "创建行动", "报送单位", "原定期限", "状态", "首次报送", "按时情况", "退回理由"]
ITEM_COLUMNS = [
    *("期限", "事项", "类别", "报送层级", "创建行动"),
    *("应报单位", "按时报送", "逾期报送", "逾期未报", "待接收", "已退回", "已接收", "按时率"),
]
QUARTERS = (1, 2, 3, 4)


class ListFilter(forms.Form):
    """The filters of a list; ``wants_state`` where single obligations are listed."""

    jurisdiction = forms.CharField(label="单位", required=False)
    campaign = forms.CharField(label="创建行动", required=False)
    year = forms.CharField(label="年度", required=False)
    kind = forms.CharField(label="类别", required=False)
    state = forms.CharField(label="状态", required=False)

    def __init__(self, request: ActorRequest, *, wants_state: bool = True) -> None:
        super().__init__(request.GET, label_suffix="")
        self.place = place_of(request)
        self.campaigns = campaigns_of(request)
        self.campaign_asked = self._campaign(request.GET.get("campaign", ""))
        asked = request.GET.get("year", "")
        self.year_asked = None if asked == ALL else whole_number(asked, digits=4) or clock.today().year
        kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
        self.kind_asked = kind if kind in Milestone.Kind.values else ""
        self.state_asked = State(state) if state in State.values and wants_state else None
        choices: dict[str, list[tuple[Any, Any]]] = {
            "jurisdiction": self.place.choices,
            "campaign": [("", "全部行动"), *((one.code, one.name) for one in self.campaigns)],
            "year": self._years(),
            "kind": [("", "全部类别"), *Milestone.Kind.choices],
            "state": [("", "全部状态"), *State.choices],
        }
        for name, offered in choices.items():
            self.fields[name].widget = forms.Select(choices=offered)
        if not wants_state:
            del self.fields["state"]
        shown = {"jurisdiction": self.place.jurisdiction.key, "year": str(self.year_asked or ALL)}
        self.data = {**request.GET.dict(), **shown}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.campaign_asked or self.kind_asked or self.state_asked)

    @property
    def year_shown(self) -> int:
        """The year of a page that shows just one."""
        return self.year_asked or clock.today().year

    def query(self, part: str = "", *, year: int | None = None) -> Query:
        """The obligations that pass, but for their state."""
        campaign = self.campaign_asked.pk if self.campaign_asked else None
        asked = year or self.year_asked
        return Query(self.place.jurisdiction.path, part, campaign=campaign, kind=self.kind_asked, year=asked)

    def _campaign(self, code: str) -> Campaign | None:
        if not code:
            return None
        found = next((one for one in self.campaigns if one.code == code), None)
        if found is None:
            raise Http404(f"没有代码为“{code}”的创建行动。")
        return found

    def _years(self) -> list[tuple[str, str]]:
        years = {year for one in self.campaigns for year in one.years} | {clock.today().year} | {self.year_asked or 0}
        return [(ALL, "全部年度"), *((str(one), f"{one} 年") for one in sorted(years - {0}, reverse=True))]


@dataclass(frozen=True)
class Item:
    """One due date of a milestone, as the level above sees it: how many units owe it, and what became of it."""

    milestone: Milestone
    due_on: date
    counts: Counts
    url: str

    @property
    def level(self) -> str:
        return str(Level(self.milestone.level).label)

    @property
    def days_left(self) -> int:
        return (self.due_on - clock.today()).days


def items_of(counts: Mapping[tuple[int, date], Counts], url: str) -> list[Item]:
    """The due dates with their milestones, in order; ``url`` is the address of the units, with two places to fill."""
    rows = Milestone.objects.select_related("campaign").in_bulk({pk for pk, _ in counts})
    found = [Item(rows[pk], day, one, url.format(pk, day.isoformat())) for (pk, day), one in counts.items()]
    return sorted(found, key=lambda one: (one.due_on, one.milestone.pk))


@dataclass(frozen=True)
class Rated:
    """How a unit, with all below it, keeps to the dates of a year: by quarter, and altogether."""

    unit: Jurisdiction
    quarters: list[Counts]

    @property
    def total(self) -> Counts:
        return sum(self.quarters, Counts())


def rated(form: ListFilter, counts: Mapping[tuple[str, int], Counts]) -> list[Rated]:
    """The place itself and the units right below it, those that owe anything, in code order."""
    units = {one.path: one for one in [form.place.jurisdiction, *form.place.children]}
    closed = {path for path, _ in counts} - set(units)
    units |= {one.path: one for one in Jurisdiction.objects.filter(path__in=closed)}
    owing = {path for path, _ in counts}
    return [
        Rated(unit, [counts.get((path, quarter), Counts()) for quarter in QUARTERS])
        for path, unit in units.items()
        if path in owing
    ]


def list_rows(lines: Iterable[Line]) -> list[list[Any]]:
    """Obligations as rows of a spreadsheet."""
    return [
        [
            one.owed.deadline,
            one.milestone.title,
            one.milestone.get_kind_display(),
            one.campaign.name,
            one.unit.name,
            one.owed.due_on if one.owed.is_moved else None,
            one.owed.state.label + ("（草稿）" if one.owed.is_draft else ""),
            one.owed.handed_in_on,
            one.owed.timing,
            "；".join(one.filing.reasons) if one.filing and one.filing.is_returned else "",
        ]
        for one in lines
    ]


def item_rows(items: Iterable[Item]) -> list[list[Any]]:
    """Due dates as rows of a spreadsheet."""
    return [
        [
            one.due_on,
            one.milestone.title,
            one.milestone.get_kind_display(),
            one.level,
            one.milestone.campaign.name,
            *(one.counts.units, one.counts.on_time, one.counts.late, one.counts.missing),
            *(one.counts.waiting, one.counts.returned, one.counts.accepted, one.counts.rate),
        ]
        for one in items
    ]


def rate_columns() -> list[str]:
    by_quarter = [
        name for quarter in QUARTERS for name in (f"{quarter} 季度应报", f"{quarter} 季度按时", f"{quarter} 季度按时率")
    ]
    return ["单位", "应报", "按时报送", "逾期报送", "逾期未报", "按时率", *by_quarter]


def rate_rows(rates: Iterable[Rated]) -> list[list[Any]]:
    """Rates as rows of a spreadsheet."""
    return [
        [
            one.unit.name,
            *(one.total.expected, one.total.on_time, one.total.late, one.total.missing, one.total.rate),
            *(value for each in one.quarters for value in (each.expected, each.on_time, each.rate)),
        ]
        for one in rates
    ]


@dataclass(frozen=True)
class Month:
    """What is due in a month: of the unit itself, and of those below it."""

    number: int
    own: list[Line]
    below: list[Item]


def months_of(own: Iterable[Line], below: Iterable[Item]) -> list[Month]:
    """The twelve months of a year with what is due in them."""
    lines, items = list(own), list(below)
    return [
        Month(
            number,
            [one for one in lines if one.owed.deadline.month == number],
            [one for one in items if one.due_on.month == number],
        )
        for number in range(1, 13)
    ]
