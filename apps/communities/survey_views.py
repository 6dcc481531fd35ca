"""Pages of a community's survey, and of whether it counts as urban."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.communities.facts import facts_at
from apps.communities.forms import SurveyForm, UrbanForm, years_to_fill
from apps.communities.models import Community
from apps.communities.surveys import (
    WrongFacts,
    district_of,
    is_district_of,
    refused_year,
    save_survey,
    set_counts_as_urban,
    surveys_of,
)
from apps.core.errors import ProblemForPeople


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def survey_edit(request: ActorRequest, pk: int, year: int) -> HttpResponse:
    """Fill in the survey of a year; what the year before said stands there, marked."""
    community = _community(pk)
    require(request.actor, "survey_communities", community.path)
    if refused := refused_year(community, year):
        raise Http404(refused)
    surveys = surveys_of(community)
    survey = next((one for one in surveys if one.year == year), None)
    earlier = next((one for one in surveys if one.year < year), None)
    form = SurveyForm(facts_at(community.path), survey, earlier, request.POST or None)
    status = 200 if request.method != "POST" else _save(request, community, year, form)
    if not status:
        messages.success(request, f"{community} {year} 年的基本情况已保存。")
        return redirect(f"{reverse('community_detail', args=[pk])}?survey_year={year}")
    context = {
        "community": community,
        "form": form,
        "year": year,
        "survey": survey,
        "years": [one for one in years_to_fill(one.year for one in surveys) if not refused_year(community, one)],
        "trail": _trail(community, f"{year} 年基本情况"),
    }
    return render(request, "communities/survey_form.html", context, status=status)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def community_urban(request: ActorRequest, pk: int) -> HttpResponse:
    """Decide whether the community counts as urban."""
    community = _community(pk)
    require(request.actor, "survey_communities", community.path)
    if not is_district_of(community, request.actor):
        raise PermissionDenied(f"是否计入城市社区由{district_of(community)}确定。")
    form, status = UrbanForm(community, request.POST or None), 200
    if request.method == "POST":
        status = _decide(request, community, form)
        if not status:
            said = "计入" if form.cleaned_data["counts"] else "不计入"
            messages.success(request, f"{community}已{said}城市社区。")
            return redirect("community_detail", pk)
    trail = _trail(community, "是否计入城市社区")
    return render(
        request, "communities/urban_form.html", {"community": community, "form": form, "trail": trail}, status=status
    )


def _save(request: ActorRequest, community: Community, year: int, form: SurveyForm) -> int:
    """Save what was entered; return 0 when done, else the status of the page that says why not."""
    if not form.is_valid():
        return WrongFacts.status
    try:
        save_survey(community, year, form.survey, actor=request.actor, seen=form.cleaned_data["seen"])
    except WrongFacts as error:
        form.tell(error.errors)
        return error.status
    except ProblemForPeople as error:
        form.add_error(None, error.message)
        return error.status
    return 0


def _decide(request: ActorRequest, community: Community, form: UrbanForm) -> int:
    if not form.is_valid():
        return WrongFacts.status
    entered = form.cleaned_data
    try:
        set_counts_as_urban(
            community, entered["counts"], reason=entered["reason"], actor=request.actor, seen=entered["seen"] == "1"
        )
    except ProblemForPeople as error:
        form.add_error(None, error.message)
        return error.status
    return 0


def _community(pk: int) -> Community:
    return get_object_or_404(Community.objects.select_related("jurisdiction"), pk=pk)


def _trail(community: Community, here: str) -> list[tuple[str, Any]]:
    page = reverse("community_detail", args=[community.pk])
    return [("社区库", reverse("community_list")), (community.short_name, page), (here, None)]
