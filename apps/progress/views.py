"""HTTP of 进展: one address, whose query string says which block is shown; only that block is counted."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.campaigns.current import access_jurisdiction, current_campaign, current_year
from apps.campaigns.progress import names_of_year, names_url, progress_url
from apps.core import clock
from apps.core.downloads import table_download
from apps.core.inputs import whole_number
from apps.jurisdictions.models import Jurisdiction
from apps.progress.chart import chart_of
from apps.progress.extent import Extent
from apps.progress.late import AGES, DEFAULT_AGE, KINDS, OVERDUE, Late, late_of
from apps.progress.late_rows import late_rows
from apps.progress.missed import missed_of
from apps.progress.pilots import SUMMED, pilots_of
from apps.progress.sheets import sheet_of
from apps.progress.stages import stages_of
from apps.progress.state import SORTS, State, state_of
from apps.progress.strip import strip_of
from apps.progress.table import (
    children_name,
    communities_of,
    direct_name,
    rows_of,
    shown_years,
    total_row,
    transfer_notes,
)
from apps.progress.trend import pace_of, trend_of
from apps.recognitions.models import Recheck
from apps.recognitions.rechecks import overdue_at

PAGE_SIZE = 50
# What an address without a jurisdiction takes along to the one with it.
_STATE_OF_ADDRESS = ("view", "sort", "beside", "kind", "age", "format")


@members_only
@require_safe
def progress(request: ActorRequest, key: str = "") -> HttpResponse:
    """How far a jurisdiction and its children have come; the address without one leads to one's own."""
    campaign = current_campaign(request)
    if campaign is None:
        return render(request, "progress/progress_empty.html")
    year = current_year(request, campaign)
    jurisdiction = access_jurisdiction(request, key)
    kept = {name: value for name in _STATE_OF_ADDRESS if (value := request.GET.get(name))}
    if not campaign.jurisdiction.contains(jurisdiction.path):
        return redirect(progress_url(campaign.jurisdiction, campaign, year, **kept))
    if not key:
        return redirect(progress_url(jurisdiction, campaign, year, **kept))
    state = state_of(request, campaign, jurisdiction, year)
    block = BLOCKS[state.view](request, state)
    if request.GET.get("format") == "xlsx":
        return _sheet(request, state, block)
    return render(request, "progress/progress.html", _frame(request, state) | block)


def _sheet(request: ActorRequest, state: State, block: dict[str, Any]) -> HttpResponse:
    sheet = sheet_of(state, block)
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=sheet.title, jurisdiction=state.place)
    return table_download(sheet.title, sheet.columns, sheet.cells)


def _frame(request: ActorRequest, state: State) -> dict[str, Any]:
    """What stands around every block."""
    own, today, rollup = request.actor.jurisdiction, clock.today(), state.rollup
    return {
        "state": state,
        "rollup": rollup,
        "place": state.place,
        "trail": [
            (one.name, state.url(one) if own.contains(one.path) and one != state.place else None)
            for one in Jurisdiction.objects.ancestors_of(state.place.path)
        ],
        "figures": strip_of(state, pace_of(state.extent, today), today),
        "transfer_notes": transfer_notes(state),
        "children_name": children_name(rollup),
        "names": names_url(rollup, state.place),
        "may_export": request.actor.can("export_reports") and bool(rollup.children),
    }


def _table(request: ActorRequest, state: State) -> dict[str, Any]:
    rollup = state.rollup
    shows_communities = rollup.own.base or rollup.own.enrolled or not rollup.children
    return {
        "years": shown_years(rollup),
        "rows": rows_of(state),
        "total": total_row(state),
        "sorts": {name: state.sort_url(name) for name in SORTS},
        "communities": communities_of(state.extent) if shows_communities and state.view == "table" else [],
    }


def _trend(request: ActorRequest, state: State) -> dict[str, Any]:
    trend = trend_of(state.extent, state.rollup.total.wanted, clock.today())
    names_before = names_of_year(state.rollup.campaign, state.place, trend.year - 1)
    return {"trend": trend, "chart": chart_of(trend), "names_before": names_before}


def _stages(request: ActorRequest, state: State) -> dict[str, Any]:
    return {"stages": stages_of(state.extent)}


def _criteria(request: ActorRequest, state: State) -> dict[str, Any]:
    extent = state.extent
    before = missed_of(Extent(extent.campaign, extent.place, state.before.year)) if state.before else None
    shares = {one.pk: one.share for one in [*before.national, *before.local]} if before else {}
    return {"missed": missed_of(extent), "shares_before": shares, "year_before": state.before and state.before.year}


def _pilots(request: ActorRequest, state: State) -> dict[str, Any]:
    pilots = pilots_of(state.extent)
    return {
        "pilots": pilots,
        "direct_name": direct_name(state.rollup),
        "sums": {name: pilots.sum_of(name) for name in SUMMED},
    }


def _late(request: ActorRequest, state: State) -> dict[str, Any]:
    age = whole_number(request.GET.get("age", ""), digits=3) or DEFAULT_AGE
    late = late_of(state.extent, request.GET.get("kind", ""), age)
    page = Paginator(late.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "late": late,
        "kinds": _kinds(state, late),
        "ages": sorted({*AGES, age}),
        "has_dues": late.kind == OVERDUE,
        "rectifications": Recheck.objects.below(state.place.path).filter(overdue_at(clock.today())).count(),
        "page_obj": page,
        "rows": late_rows(page.object_list, late, request.actor),
    }


def _kinds(state: State, late: Late) -> list[tuple[str, int, str, bool]]:
    return [
        (late.label_of(kind), late.counts[kind], state.url(kind=kind, age=str(late.age)), kind == late.kind)
        for kind in KINDS
    ]


BLOCKS: dict[str, Callable[[ActorRequest, State], dict[str, Any]]] = {
    "table": _table,
    "bars": _table,
    "tiles": _table,
    "trend": _trend,
    "stages": _stages,
    "criteria": _criteria,
    "pilots": _pilots,
    "late": _late,
}
