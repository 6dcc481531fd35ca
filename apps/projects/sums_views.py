"""The page of sums (资金统计): a jurisdiction's children by source in a year, and its years beside each other.

国家方案 三（四） has every province tell its year by the end of November; what it tells of funds is read here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.campaigns.current import access_jurisdiction, current_campaign
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.downloads import table_download
from apps.core.inputs import whole_number
from apps.core.rounding import plain
from apps.core.templatetags.figures import percent
from apps.core.xlsx import ListValue
from apps.jurisdictions.models import Jurisdiction
from apps.projects.models import Source
from apps.projects.sums import Amounts, Line, Overview, Sums, sums_of, total_of

ALL_YEARS = "all"
TRANSFERRED = "区划调整前的资金"


@dataclass(frozen=True)
class Cell:
    """Amounts with the address of the projects behind them, '' where there are none to show."""

    amounts: Amounts
    url: str


@dataclass(frozen=True)
class Row:
    """A line of a table: ``url`` leads to its own page; a cell for each source, then all of them together."""

    name: str
    url: str
    cells: list[Cell]
    projects: int
    code: str = ""

    @property
    def total(self) -> Cell:
        return self.cells[-1]

    @property
    def ratio(self) -> Fraction | None:
        """Spent of what was planned."""
        planned, spent = self.total.amounts
        return Fraction(spent) / Fraction(planned) if planned else None


@members_only
@require_safe
def project_funds(request: ActorRequest) -> HttpResponse:
    """The sums of a jurisdiction; with ``?format=`` a table as a spreadsheet: `xlsx` by place, `years` by year."""
    campaign = current_campaign(request)
    if campaign is None:
        return redirect("project_list")
    place, year = access_jurisdiction(request, request.GET.get("jurisdiction", "")), _year(request, campaign)
    overview = sums_of(campaign, place)
    by_place, by_year = rows_by_place(overview, campaign, year), rows_by_year(overview, campaign)
    if request.GET.get("format") in ("xlsx", "years"):
        return _sheet(request, overview, year, by_year if request.GET["format"] == "years" else by_place)
    own, total = request.actor.jurisdiction, row_of(place.name, "", overview.total, year, _names(overview, campaign))
    context = {
        "place": place,
        "campaign": campaign,
        "year": year,
        "year_words": words_of(year),
        "years": _years(overview, campaign, year),
        "trail": [
            (one.name, _url(one, campaign, year) if own.contains(one.path) and one != place else None)
            for one in Jurisdiction.objects.ancestors_of(place.path)
        ],
        "figures": _strip(overview, total, year),
        "sources": Source.labels,
        "transfer_note": transfer_note(overview, year),
        "rows": by_place,
        "total": total,
        "by_year": by_year,
        "all_years": row_of("历年合计", "", overview.total, 0, _names(overview, campaign)),
    }
    return render(request, "projects/project_funds.html", context)


def words_of(year: int) -> str:
    """A year, or all of them, in words."""
    return f"{year} 年" if year else "历年合计"


def transfer_note(overview: Overview, year: int) -> str:
    """What is to be said of amounts that count otherwise than the projects that they open; '' where all count alike."""
    places = [one.place.name for one in overview.lines if one.place and one.sums.transferred_in(year)]
    transferred = overview.total.transferred_in(year)
    if not places and not transferred:
        return ""
    said = [
        f"{label}{'多' if amount > 0 else '少'} {plain(abs(amount))} 万元"
        for label, amount in zip(("计划投资", "完成投资"), total_of(transferred), strict=True)
        if amount
    ]
    total = f"{overview.place.name}的金额比项目名单：{'，'.join(said)}。" if said else ""
    return f"{'、'.join(places)}以前年度的金额按区划调整前的辖区统计，项目名单按现在的辖区。{total}"


def rows_by_place(overview: Overview, campaign: Campaign, year: int) -> list[Row]:
    """The lines of the overview in a year (0: all of them)."""
    rows = []
    for line in overview.lines:
        if line.place is None and line.sums.of(year=year) == Amounts():
            continue
        rows.append(_row_of(line, overview, campaign, year))
    return rows


def rows_by_year(overview: Overview, campaign: Campaign) -> list[Row]:
    """The jurisdiction's own sums, a line for each year that has some."""
    names = _names(overview, campaign)
    return [
        row_of(f"{year} 年", _url(overview.place, campaign, year), overview.total, year, names)
        for year in overview.years
    ]


def row_of(name: str, url: str, sums: Sums, year: int, names: dict[str, object], code: str = "") -> Row:
    """A line of ``sums`` in a year; ``names`` is the query of the projects behind it, empty where they cannot be shown."""
    cells = []
    for source in [*Source.values, ""]:
        amounts = sums.of(source, year)
        query = names | ({"year": year} if year else {}) | ({"source": source} if source else {})
        shown = names and amounts != Amounts()
        cells.append(Cell(amounts, f"{reverse('project_list')}?{urlencode(query)}" if shown else ""))
    return Row(name, url, cells, sums.projects[year], code)


def _row_of(line: Line, overview: Overview, campaign: Campaign, year: int) -> Row:
    names = _names(overview, campaign)
    match line.place:
        case Jurisdiction() as place:
            names = {**names, "jurisdiction": place.key}
            return row_of(place.name, _url(place, campaign, year), line.sums, year, names, place.code or "")
        case Community() as community:
            names = {**names, "community": community.pk}
            url = reverse("community_detail", args=[community.pk])
            return row_of(str(community), url, line.sums, year, names, community.code or "")
    return row_of(TRANSFERRED, "", line.sums, year, {})


def _names(overview: Overview, campaign: Campaign) -> dict[str, object]:
    return {"campaign": campaign.code, "jurisdiction": overview.place.key}


def _url(place: Jurisdiction, campaign: Campaign, year: int) -> str:
    query = {"jurisdiction": place.key, "campaign": campaign.code, "year": year or ALL_YEARS}
    return f"{reverse('project_funds')}?{urlencode(query)}"


def _year(request: ActorRequest, campaign: Campaign) -> int:
    """The year asked for, 0 for all; by default the campaign's that is nearest to today."""
    asked = request.GET.get("year", "")
    if asked == ALL_YEARS:
        return 0
    return whole_number(asked, digits=4) or campaign.year_for(clock.today().year)


def _years(overview: Overview, campaign: Campaign, year: int) -> list[int]:
    return sorted({*campaign.years, *overview.years, *([year] if year else [])}, reverse=True)


def _strip(overview: Overview, total: Row, year: int) -> list[dict[str, Any]]:
    """The figures of the jurisdiction as components/figure_strip.html takes them."""
    whole, (planned, spent) = overview.total.of(), total.total.amounts
    lead = max(Source, key=lambda one: overview.total.of(one, year).spent)
    largest = overview.total.of(lead, year).spent
    share = f"{lead.label} {plain(largest)} 万元" if largest else "还没有完成投资"
    return [
        {
            "label": "建设改造项目",
            "value": f"{total.projects:,}",
            "note": f"{words_of(year)}有资金安排的项目",
            "url": total.total.url,
        },
        {"label": "计划投资（万元）", "value": f"{planned:,.2f}", "note": "已终止的项目，终止后只计已完成的"},
        {"label": "完成投资（万元）", "value": f"{spent:,.2f}", "note": share},
        {
            "label": "投资完成率",
            "value": percent(total.ratio),
            "note": "完成投资 / 计划投资",
        },
        {"label": "历年完成投资（万元）", "value": f"{whole.spent:,.2f}", "note": f"历年计划 {whole.planned:,.2f}"},
    ]


def _sheet(request: ActorRequest, overview: Overview, year: int, rows: list[Row]) -> HttpResponse:
    by_year = request.GET["format"] == "years"
    place, when = overview.place, "各年度" if by_year else f"{year}年" if year else "历年"
    title = f"{place.name}{when}绿色社区建设改造资金"
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place)
    last = row_of("合计", "", overview.total, 0 if by_year else year, {})
    heads = ["资金年度"] if by_year else ["区划代码", "辖区或社区"]
    amounts = [f"{label}{kind}（万元）" for label in [*Source.labels, "合计"] for kind in ("计划", "完成")]
    return table_download(title, [*heads, "项目数", *amounts, "完成率"], _cells([*rows, last], with_code=not by_year))


def _cells(rows: Iterable[Row], *, with_code: bool) -> Iterator[list[ListValue]]:
    for row in rows:
        amounts = [amount for cell in row.cells for amount in cell.amounts]
        yield [*([row.code] if with_code else []), row.name, row.projects, *amounts, row.ratio]
