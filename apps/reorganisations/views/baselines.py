"""底数确认: a district's own page, the table of those above, confirming and reopening."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.campaigns.current import access_jurisdiction
from apps.communities.confirming import confirming_unit_of, confirming_units, confirms
from apps.communities.models import Baseline
from apps.core import clock
from apps.core.downloads import table_download
from apps.core.errors import InvalidInput, TransitionError
from apps.core.inputs import whole_number
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.baselines import (
    UNIT_COLUMNS,
    confirm_baseline,
    differences,
    mark_of,
    reopen_baseline,
    unit_cells,
    unit_lines,
    years_of,
)
from apps.reorganisations.forms import ReasonForm

PAGE_SIZE = 50


@members_only
@require_safe
def baseline_list(request: ActorRequest) -> HttpResponse:
    """Where the baselines of a year stand: a district's own in detail, of those above each district's in a line."""
    place = access_jurisdiction(request, request.GET.get("jurisdiction", ""))
    year = _year(request, place)
    if request.GET.get("format") == "xlsx":
        return _sheet(request, place, year)
    if confirms(place):
        return _own(request, place, year)
    unit = confirming_unit_of(place.path)
    units = confirming_units(place.path) if unit is None else Jurisdiction.objects.filter(pk=unit.pk)
    page = Paginator(units.order_by("path"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "place": place,
        "year": year,
        "years": years_of(place),
        "page_obj": page,
        "lines": unit_lines(page.object_list, place.path, year),
        "is_below": unit is not None,
        "may_reopen": request.actor.can("confirm_baselines"),
        "confirmed": Baseline.objects.standing().filter(year=year, path__startswith=place.path).count(),
        "trail": _trail(request, place),
    }
    return render(request, "reorganisations/baseline_list.html", context)


def _own(request: ActorRequest, place: Jurisdiction, year: int, status: int = 200, problem: str = "") -> HttpResponse:
    line = unit_lines([place], place.path, year)[0]
    earlier = Baseline.objects.filter(jurisdiction=place, year=year).select_related("confirmed_by", "reopened_by")
    context: dict[str, Any] = {
        "place": place,
        "year": year,
        "years": years_of(place),
        "line": line,
        "differences": differences(line.baseline) if line.baseline and line.is_standing else [],
        "earlier": earlier,
        "mark": mark_of(place, year),
        "may_confirm": request.actor.can("confirm_baselines") and request.actor.jurisdiction == place,
        "may_reopen": request.actor.can("confirm_baselines", place.path) and request.actor.jurisdiction != place,
        "problem": problem,
        "trail": _trail(request, place),
    }
    return render(request, "reorganisations/baseline_detail.html", context, status=status)


@members_only
@require_POST
def baseline_confirm(request: ActorRequest, year: int) -> HttpResponse:
    """Confirm the baseline of a year for the actor's own district."""
    place = request.actor.jurisdiction
    try:
        baseline = confirm_baseline(place, year, actor=request.actor, seen=request.POST.get("seen", ""))
    except (InvalidInput, TransitionError) as refused:
        shown = year if year in years_of(place) else clock.today().year
        return _own(request, place, shown, refused.status, refused.message)
    messages.success(request, f"{baseline}，已确认。")
    return redirect(f"{reverse('baseline_list')}?year={year}")


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def baseline_reopen(request: ActorRequest, pk: int) -> HttpResponse:
    """Give a baseline back to its district with a reason."""
    # Baselines of those above are read below; to give one back takes having it in one's area.
    below = Baseline.objects.below(request.actor.jurisdiction.path)
    baseline = get_object_or_404(below.select_related("jurisdiction", "confirmed_by"), pk=pk)
    require(request.actor, "confirm_baselines", baseline.path)
    form, status = ReasonForm(request.POST or None, label_suffix=""), 200
    if request.method == "POST":
        if form.is_valid():
            try:
                reopen_baseline(baseline, form.cleaned_data["reason"], actor=request.actor)
            except (InvalidInput, TransitionError) as refused:
                form.add_error(None, refused.message)
                status = refused.status
            else:
                messages.success(request, f"{baseline} 已退回，{baseline.jurisdiction}可以更正后重新确认。")
                return redirect(f"{reverse('baseline_list')}?year={baseline.year}")
        else:
            status = InvalidInput.status
    return render(request, "reorganisations/baseline_reopen.html", {"form": form, "baseline": baseline}, status=status)


def _year(request: ActorRequest, place: Jurisdiction) -> int:
    years = years_of(place)
    asked = request.GET.get("year")
    if not asked:
        return years[0]
    year = whole_number(asked, digits=4)
    if year not in years:
        raise Http404(f"{asked[:10]} 年没有底数。")
    return year


def _trail(request: ActorRequest, place: Jurisdiction) -> list[tuple[str, str | None]]:
    own, url = request.actor.jurisdiction, reverse("baseline_list")
    line = Jurisdiction.objects.ancestors_of(place.path).below(own.path).exclude(pk__in=[own.pk, place.pk])
    above = [(one.name, f"{url}?jurisdiction={one.key}") for one in line]
    return [("底数确认", url), *above, (place.name, None)] if place != own else [("底数确认", None)]


def _sheet(request: ActorRequest, place: Jurisdiction, year: int) -> HttpResponse:
    """The table of districts; a district's own has its line."""
    unit = confirming_unit_of(place.path) if not confirms(place) else place
    units = confirming_units(place.path) if unit is None else Jurisdiction.objects.filter(pk=unit.pk)
    title = f"{place.name}{year}年底数确认情况"
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place)
    lines = unit_lines(units.order_by("path"), place.path, year)
    return table_download(title, UNIT_COLUMNS, unit_cells(lines))
