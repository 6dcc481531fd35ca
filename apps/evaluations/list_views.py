"""The list of a year's evaluations, and the way to one that is known by its number."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.campaigns.current import current_campaign, current_year
from apps.core.downloads import table_download
from apps.evaluations.forms import ListFilter
from apps.evaluations.listing import COLUMNS, cells, rows_at
from apps.evaluations.models import AnnualEvaluation
from apps.evaluations.waiting import evaluation_url
from apps.people.places import place_of


@members_only
@require_safe
def evaluation_list(request: ActorRequest) -> HttpResponse:
    """The evaluations of the place and the units right below it, with who has none yet; as a table with grades and scores."""
    place, campaign = place_of(request), current_campaign(request)
    form = ListFilter(request.GET)
    if campaign is None:
        return render(request, "evaluations/evaluation_list.html", {"place": place.jurisdiction, "campaign": None})
    year = current_year(request, campaign)
    rows = rows_at(place.jurisdiction, campaign, year, form.asked)
    if request.GET.get("format") == "xlsx":
        title = f"{place.jurisdiction.name}{year}年度总结评估情况"
        record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place.jurisdiction)
        return table_download(title, COLUMNS, cells(rows))
    *above, here = place.trail
    context = {
        "place": here,
        "campaign": campaign,
        "year": year,
        "years": campaign.years,
        "form": form,
        "rows": rows,
        "approved": sum(row.evaluation is not None and row.evaluation.is_approved for row in rows),
        "trail": [*((one.name, f"?jurisdiction={one.key}") for one in above), (here.name, None)] if above else [],
    }
    return render(request, "evaluations/evaluation_list.html", context)


@members_only
@require_safe
def evaluation_open(request: ActorRequest, pk: int) -> HttpResponse:
    """Go to an evaluation that is known by its number."""
    return redirect(evaluation_url(get_object_or_404(AnnualEvaluation.objects.with_context(), pk=pk)))
