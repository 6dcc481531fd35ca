"""Pages of what is due: a unit's own, what those below have handed in, the calendar, the on-time rates; each list as xlsx."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.campaigns.models import Milestone
from apps.core import clock
from apps.core.downloads import table_download
from apps.filings.listing import (
    ITEM_COLUMNS,
    LIST_COLUMNS,
    ListFilter,
    item_rows,
    items_of,
    list_rows,
    months_of,
    rate_columns,
    rate_rows,
    rated,
)
from apps.filings.obligations import BELOW, ITSELF, Counts, Query, State, child_width, lines_of
from apps.jurisdictions.models import Jurisdiction, Level

PAGE_SIZE = 50


@members_only
@require_safe
def filing_list(request: ActorRequest) -> HttpResponse:
    """What one unit owes, by deadline: without an address one's own, else one below."""
    form = ListFilter(request)
    rows = form.query(ITSELF).rows([form.state_asked] if form.state_asked else [])
    place = form.place.jurisdiction
    if request.GET.get("format") == "xlsx":
        return _table(request, place, f"{place.name}报送事项", LIST_COLUMNS, list_rows(lines_of(rows)))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = _frame(request, form, "list") | {
        "page_obj": page,
        "lines": lines_of(page.object_list),
        "earlier": _overdue_before(form),
    }
    return render(request, "filings/filing_list.html", context)


@members_only
@require_safe
def filing_below(request: ActorRequest) -> HttpResponse:
    """What the units below owe, date by date: how many have handed in, on time, late, and who is missing."""
    form = ListFilter(request, wants_state=False)
    place = form.place.jurisdiction
    items = items_of(form.query(BELOW).by_item(), _units_url(place, request.actor.jurisdiction))
    if request.GET.get("format") == "xlsx":
        return _table(request, place, f"{place.name}下级报送情况", ITEM_COLUMNS, item_rows(items))
    page = Paginator(items, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "filings/filing_below.html", _frame(request, form, "below") | {"page_obj": page})


@members_only
@require_safe
def filing_units(request: ActorRequest, milestone: int, day: str) -> HttpResponse:
    """One due date of a milestone, unit by unit below the place."""
    form, due_on = ListFilter(request), day_of(day)
    named = get_object_or_404(Milestone.objects.select_related("campaign"), pk=milestone)
    place = form.place.jurisdiction
    query = Query(place.path, milestone=named.pk, due_on=due_on)
    states = [form.state_asked] if form.state_asked else []
    counts, rows = query.by_item().get((named.pk, due_on), Counts()), query.rows(states)
    if not counts.units:
        raise Http404(f"{place}没有单位在 {day} 报送“{named}”。")
    if request.GET.get("format") == "xlsx":
        title = f"{place.name}{due_on:%Y-%m-%d}{named.get_kind_display()}报送情况"
        return _table(request, place, title, LIST_COLUMNS, list_rows(lines_of(rows)))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = _frame(request, form, "below") | {
        "milestone": named,
        "due_on": due_on,
        "counts": counts,
        "page_obj": page,
        "lines": lines_of(page.object_list),
    }
    return render(request, "filings/filing_units.html", context)


@members_only
@require_safe
def filing_calendar(request: ActorRequest) -> HttpResponse:
    """The year by months: what the unit owes, and what those below owe."""
    form = ListFilter(request, wants_state=False)
    place, year = form.place.jurisdiction, form.year_shown
    own = lines_of(form.query(ITSELF, year=year).rows())
    counts = form.query(BELOW, year=year).by_item() if place.level != Level.STREET else {}
    months = months_of(own, items_of(counts, _units_url(place, request.actor.jurisdiction)))
    this = clock.today().month if year == clock.today().year else 0
    context = _frame(request, form, "calendar") | {"months": months, "year": year, "this_month": this}
    return render(request, "filings/filing_calendar.html", context)


@members_only
@require_safe
def filing_rates(request: ActorRequest) -> HttpResponse:
    """On-time rates of a year, by unit and quarter; who never answered counts as expected."""
    form = ListFilter(request, wants_state=False)
    place, year = form.place.jurisdiction, form.year_shown
    rates = rated(form, form.query(year=year).by_unit(child_width(place)))
    if request.GET.get("format") == "xlsx":
        return _table(request, place, f"{place.name}{year}年报送按时率", rate_columns(), rate_rows(rates))
    total = sum((one.total for one in rates), Counts())
    return render(
        request,
        "filings/filing_rates.html",
        _frame(request, form, "rates") | {"rates": rates, "total": total, "year": year},
    )


def day_of(text: str) -> date:
    """The day that an address names; 404 for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404(f"“{text[:20]}”不是日期。") from error


def _frame(request: ActorRequest, form: ListFilter, active: str) -> dict[str, Any]:
    """What stands around every list."""
    *above, here = form.place.trail
    return {
        "form": form,
        "place": here,
        "is_own": here == request.actor.jurisdiction,
        "active": active,
        "has_below": here.level != Level.STREET,
        "trail": [*((one.name, f"?jurisdiction={one.key}") for one in above), (here.name, None)] if above else [],
    }


def _units_url(place: Jurisdiction, own: Jurisdiction) -> str:
    """The address of the units of a due date, to be filled with milestone and day."""
    address = reverse("filing_units", args=[0, "day"]).replace("/0/day/", "/{}/{}/")
    return address if place == own else f"{address}?jurisdiction={place.key}"


def _overdue_before(form: ListFilter) -> int:
    """How much of earlier years was never handed in, where the list shows one year only."""
    year = form.year_asked
    if year is None or form.state_asked:
        return 0
    rows = Query(form.place.jurisdiction.path, ITSELF).rows([State.OVERDUE], until=date(year - 1, 12, 31))
    return len(rows)


def _table(
    request: ActorRequest, place: Jurisdiction, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> HttpResponse:
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place)
    return table_download(title, columns, rows)
