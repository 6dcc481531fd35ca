"""HTTP of annual plans on their way: submit, withdraw, return, accept one or several; the plan as a document and as xlsx."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.campaigns.annual_plans import (
    accept_plan,
    accept_plans,
    level_above,
    listed_in,
    may_decide,
    return_plan,
    shortfalls,
    submit_plan,
    version_of,
    withdraw_plan,
)
from apps.campaigns.models import AnnualPlan, Campaign, Participation
from apps.campaigns.plan import plans_itself, sheet_of
from apps.campaigns.plan_forms import ExplanationForm, chosen_plans, shown_number
from apps.campaigns.plan_views import campaign_to_plan, plan_url
from apps.core.downloads import table_download
from apps.core.errors import InvalidInput, ProblemForPeople
from apps.jurisdictions.models import Jurisdiction

_COLUMNS = ["序号", "街道（镇、乡）", "社区", "社区代码", "试点", "进度"]


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def plan_submit(request: ActorRequest) -> HttpResponse:
    """Look a second time at the plan of a year, with what it lacks, then submit it."""
    campaign, year = campaign_to_plan(request)
    place, data = request.actor.jurisdiction, request.POST if request.method == "POST" else None
    require(request.actor, "enrol_communities", place.path)
    if not plans_itself(place):
        raise InvalidInput(f"{place}的年度计划由县（市、区）编制和上报，本级只能查看。")
    form, problem, status = ExplanationForm(data), "", 200 if data is None else 422
    if data is not None and form.is_valid():
        words, seen = form.cleaned_data["explanation"], data.get("version", "")
        try:
            plan = submit_plan(campaign, place, year, actor=request.actor, seen=seen, explanation=words)
        except ProblemForPeople as error:
            problem, status = error.message, error.status
        else:
            done = "已确认" if plan.is_accepted else "已上报，等待上级审核"
            messages.success(request, f"{plan}{done}。")
            return redirect(plan_url(campaign, year, place))
    context = _second_look(campaign, place, year) | {"form": form, "problem": problem}
    return render(request, "campaigns/plan_submit.html", context, status=status)


@members_only
@require_safe
def annual_plan(request: ActorRequest, pk: int) -> HttpResponse:
    """A plan as its document has it, for reading, deciding, printing and taking along."""
    plan = _access(request, pk)
    listed = listed_in(plan.campaign, plan.jurisdiction, plan.year)
    if request.GET.get("format") == "xlsx":
        title = f"{plan.jurisdiction.name}{plan.year}年绿色社区创建计划"
        record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=plan.jurisdiction)
        return table_download(title, _COLUMNS, _cells(listed))
    return _plan_page(request, plan, listed)


@members_only
@require_POST
def plan_withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Take a plan back to change it."""
    plan = withdraw_plan(_access(request, pk), actor=request.actor)
    messages.success(request, f"{plan}已撤回，可以改动，改好后重新上报。")
    return redirect(plan_url(plan.campaign, plan.year, plan.jurisdiction))


@members_only
@require_POST
def plan_return(request: ActorRequest, pk: int) -> HttpResponse:
    """Give a plan back with a reason; refused, what was typed stays."""
    plan, reason = _access(request, pk), request.POST.get("reason", "")[:1000]
    try:
        return_plan(plan, reason, actor=request.actor, seen=shown_number(request.POST.get("round", "")))
    except InvalidInput as error:
        listed = listed_in(plan.campaign, plan.jurisdiction, plan.year)
        return _plan_page(request, plan, listed, refused=error.message, reason=reason, status=error.status)
    messages.success(request, f"{plan}已退回{plan.jurisdiction}。")
    return redirect("annual_plan", pk)


@members_only
@require_POST
def plan_accept(request: ActorRequest, pk: int) -> HttpResponse:
    """Accept a plan."""
    plan = _access(request, pk)
    accept_plan(plan, actor=request.actor, seen=shown_number(request.POST.get("round", "")))
    messages.success(request, f"{plan}已同意。以后的改动须说明理由，并告知本级。")
    return redirect("annual_plan", pk)


@members_only
@require_POST
def plans_accept(request: ActorRequest) -> HttpResponse:
    """Accept the ticked plans of the overview."""
    campaign, year = campaign_to_plan(request)
    require(request.actor, "review_assessments")
    done = accept_plans(chosen_plans(request.POST.getlist("plan")), actor=request.actor)
    messages.success(
        request, f"已同意 {len(done)} 份 {year} 年计划：{'、'.join(str(one.jurisdiction) for one in done)}。"
    )
    return redirect(plan_url(campaign, year, request.actor.jurisdiction))


def _access(request: ActorRequest, pk: int) -> AnnualPlan:
    rows = AnnualPlan.objects.below(request.actor.jurisdiction.path)
    named = "campaign__jurisdiction", "jurisdiction", "submitted_by", "decided_by", "decided_in"
    return get_object_or_404(rows.select_related(*named), pk=pk)


def _second_look(campaign: Campaign, place: Jurisdiction, year: int) -> dict[str, Any]:
    sheet, listed = sheet_of(campaign, place, year), listed_in(campaign, place, year)
    return {
        "campaign": campaign,
        "year": year,
        "place": place,
        "above": level_above(campaign, place),
        "sheet": sheet,
        "listed": listed,
        "pilots": sum(one.is_pilot for one in listed),
        "lacking": shortfalls(sheet, listed),
        "version": version_of(listed),
        "back": plan_url(campaign, year, place),
    }


def _plan_page(
    request: ActorRequest,
    plan: AnnualPlan,
    listed: list[Participation],
    *,
    refused: str = "",
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "plan": plan,
        "listed": listed,
        "pilots": sum(one.is_pilot for one in listed),
        "changes": list(plan.changes.select_related("changed_by")),
        "may_decide": may_decide(request.actor, plan),
        "may_withdraw": plan.is_waiting
        and request.actor.jurisdiction == plan.jurisdiction
        and request.actor.can("enrol_communities"),
        "above": level_above(plan.campaign, plan.jurisdiction),
        "plan_url": plan_url(plan.campaign, plan.year, plan.jurisdiction),
        "refused": refused,
        "reason": reason,
    }
    return render(request, "campaigns/annual_plan.html", context, status=status)


def _cells(listed: list[Participation]) -> list[list[Any]]:
    return [
        [
            number,
            one.community.jurisdiction.name,
            one.community.short_name,
            one.community.code or "",
            "是" if one.is_pilot else "",
            one.get_stage_display(),
        ]
        for number, one in enumerate(listed, 1)
    ]
