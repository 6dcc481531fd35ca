"""HTTP of targets beside their grid: a target divided over the children, the history of a cell."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.campaigns.current import access_campaign, access_jurisdiction
from apps.campaigns.distributing import Division, distribute_target, division_of
from apps.campaigns.distribution_forms import NumbersForm, WayForm
from apps.campaigns.models import Campaign, Target
from apps.campaigns.target_documents import remember_document, usual_document
from apps.campaigns.target_history import history_of
from apps.campaigns.targets import PAST, require_inside
from apps.core import clock
from apps.core.errors import InvalidInput, ProblemForPeople, TransitionError
from apps.jurisdictions.models import Jurisdiction


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def target_distribute(request: ActorRequest, code: str) -> HttpResponse:
    """Divide a jurisdiction's target of a year over its children: a proposal to be edited, then set in one act."""
    campaign, place = access_campaign(request, code), access_jurisdiction(request, request.GET.get("at", ""))
    require(request.actor, "set_targets", place.path)
    require_inside(request.actor, campaign)
    if not campaign.is_open:
        raise TransitionError(f"“{campaign}”{campaign.get_status_display()}，不能分解目标。")
    way = WayForm(request.GET, campaign=campaign)
    division = division_of(campaign, place, way.shown_year, request.actor.jurisdiction)
    if request.method == "POST":
        return _numbers_posted(request, campaign, division, way)
    problem, proposed = "", {}
    try:
        proposed = way.proposed(division)
    except InvalidInput as error:
        problem = error.message
    initial = {"document_number": usual_document(request, campaign), "whole": sum(proposed.values())}
    form = NumbersForm(initial=initial, division=division, proposed=proposed)
    if problem:
        said = {"problem": problem, "problem_title": "不能这样分解"}
        return _distribution_page(request, campaign, division, way, form, is_divided=False, status=422, **said)
    return _distribution_page(request, campaign, division, way, form)


def _numbers_posted(request: ActorRequest, campaign: Campaign, division: Division, way: WayForm) -> HttpResponse:
    """Add up what was typed, or set it."""
    form = NumbersForm(request.POST, division=division)
    if not form.is_valid():
        problem = "".join(map(str, form.non_field_errors()))
        return _distribution_page(request, campaign, division, way, form, problem=problem, status=422)
    if "set" not in request.POST:
        return _distribution_page(request, campaign, division, way, form)
    place, year = division.rollup.total.jurisdiction, division.rollup.year
    seen, number = request.POST.get("version", ""), form.cleaned_data["document_number"]
    try:
        done = distribute_target(
            campaign,
            place,
            year,
            form.numbers(),
            whole=form.cleaned_data["whole"],
            actor=request.actor,
            seen=seen,
            document_number=number,
        )
    except ProblemForPeople as error:
        return _distribution_page(request, campaign, division, way, form, problem=error.message, status=error.status)
    remember_document(request, campaign, number)
    past = f"{PAST.format(year=year)}。" if year < clock.today().year else ""
    messages.success(request, f"已向下级分解 {year} 年目标，{len(done)} 个辖区的目标有变动。{past}")
    return redirect(_grid_url(campaign, place, Target.Kind.NUMBER))


def _distribution_page(
    request: ActorRequest,
    campaign: Campaign,
    division: Division,
    way: WayForm,
    form: NumbersForm,
    *,
    problem: str = "",
    problem_title: str = "没有下达",
    is_divided: bool = True,
    status: int = 200,
) -> HttpResponse:
    place = division.rollup.total.jurisdiction
    context = {
        "shown": campaign,
        "place": place,
        "year": division.rollup.year,
        "division": division,
        "way": way,
        "form": form,
        "problem": problem,
        "problem_title": problem_title,
        "is_divided": is_divided,
        "here": f"?{urlencode(request.GET)}",
        "back": _grid_url(campaign, place, Target.Kind.NUMBER),
        **_sums(form),
    }
    return render(request, "campaigns/target_distribute.html", context, status=status)


def _sums(form: NumbersForm) -> Mapping[str, Any]:
    """What the numbers make together, against the whole."""
    total, whole = form.total, form.asked
    return {"total": total, "whole": whole, "missing": whole - total}


@members_only
@require_safe
def target_history(request: ActorRequest, code: str, kind: str, key: str, year: int) -> HttpResponse:
    """What one cell of the grid has held."""
    campaign, place = access_campaign(request, code), access_jurisdiction(request, key)
    if kind not in Target.Kind.values or year not in campaign.years:
        raise Http404("没有这个目标。")
    context = {
        "shown": campaign,
        "place": place,
        "year": year,
        "kind": Target.Kind(kind).label,
        "moments": history_of(campaign, place, year, Target.Kind(kind)),
        "back": _grid_url(campaign, place, Target.Kind(kind)),
    }
    return render(request, "campaigns/target_history.html", context)


def _grid_url(campaign: Campaign, place: Jurisdiction, kind: Target.Kind) -> str:
    query = urlencode({"at": place.key, "kind": kind.value})
    return f"{reverse('campaign_detail', args=[campaign.code])}?{query}#targets"
