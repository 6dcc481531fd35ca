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
    submit_plan,
    version_of,
    withdraw_plan,
)
from apps.campaigns.models import AnnualPlan, Campaign, Participation
from apps.campaigns.plan import Sheet, plans_itself, sheet_of
from apps.campaigns.plan_forms import ExplanationForm, chosen_plans, shown_number
from apps.campaigns.plan_shortfalls import shortfalls
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
    shown = _second_look(campaign, place, year)
    form = ExplanationForm(data, is_needed=bool(shown["lacking"]))
    problem, status, seen = "", 200 if data is None else 422, "" if data is None else data.get("version", "")
    # Of a list that is another one by now nothing more is asked: the verb says so.
    if data is not None and (form.is_valid() or seen != shown["version"]):
        words = form.cleaned_data.get("explanation", "")
        try:
            plan = submit_plan(campaign, place, year, actor=request.actor, seen=seen, explanation=words)
        except ProblemForPeople as error:
            problem, status = error.message, error.status
        else:
            done = "已确认" if plan.is_accepted else "已上报，等待上级审核"
            messages.success(request, f"{plan}{done}。")
            return redirect(plan_url(campaign, year, place))
    return render(request, "campaigns/plan_submit.html", shown | {"form": form, "problem": problem}, status=status)


@members_only
@require_safe
def annual_plan(request: ActorRequest, pk: int) -> HttpResponse:
    """A plan as its document has it, for reading, deciding, printing and taking along."""
    plan = _access(request, pk)
    if request.GET.get("format") == "xlsx":
        listed = listed_in(plan.campaign, plan.jurisdiction, plan.year)
        title = f"{plan.jurisdiction.name}{plan.year}年绿色社区创建计划"
        record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=plan.jurisdiction)
        return table_download(title, _COLUMNS, _cells(listed))
    return _plan_page(request, plan)


@members_only
@require_POST
def plan_withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Take a plan back to change it."""
    plan = _access(request, pk)
    try:
        plan = withdraw_plan(plan, actor=request.actor, seen=shown_number(request.POST.get("round", "")))
    except ProblemForPeople as error:
        return _plan_page(request, _access(request, pk), refused=("没有撤回", error))
    messages.success(request, f"{plan}已撤回，可以改动，改好后重新上报。")
    return redirect(plan_url(plan.campaign, plan.year, plan.jurisdiction))


@members_only
@require_POST
def plan_return(request: ActorRequest, pk: int) -> HttpResponse:
    """Give a plan back with a reason; refused, the page says why, and what was typed stays."""
    plan, reason = _access(request, pk), request.POST.get("reason", "")
    try:
        return_plan(plan, reason, actor=request.actor, seen=shown_number(request.POST.get("round", "")))
    except ProblemForPeople as error:
        return _plan_page(request, _access(request, pk), refused=("没有退回", error), reason=reason)
    messages.success(request, f"{plan}已退回{plan.jurisdiction}。")
    return redirect("annual_plan", pk)


@members_only
@require_POST
def plan_accept(request: ActorRequest, pk: int) -> HttpResponse:
    """Accept a plan."""
    plan = _access(request, pk)
    try:
        accept_plan(plan, actor=request.actor, seen=shown_number(request.POST.get("round", "")))
    except ProblemForPeople as error:
        return _plan_page(request, _access(request, pk), refused=("没有同意", error))
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
        "fulfilled": _fulfilled(sheet),
        "version": version_of(listed),
        "back": plan_url(campaign, year, place),
    }


def _fulfilled(sheet: Sheet) -> str:
    """What a plan without shortfalls was measured by, in words: a target or pilots that nobody asks for are not met."""
    target = "没有设目标" if sheet.rollup.total.wanted is None else "够目标"
    has_rule = any(one.rule is not None for one in sheet.streets)
    return f"{target}，{'各街道（镇、乡）试点符合规定' if has_rule else '没有试点规定'}。"


def _plan_page(
    request: ActorRequest,
    plan: AnnualPlan,
    *,
    refused: tuple[str, ProblemForPeople] | None = None,
    reason: str = "",
) -> HttpResponse:
    """The page of a plan; ``refused``: what was not done, and why, with the ``reason`` that was typed."""
    listed = listed_in(plan.campaign, plan.jurisdiction, plan.year)
    context = {
        "plan": plan,
        "listed": listed,
        "pilots": sum(one.is_pilot for one in listed),
        "changes": list(plan.changes.select_related("changed_by")),
        "lacking": shortfalls(sheet_of(plan.campaign, plan.jurisdiction, plan.year), listed) if plan.is_waiting else [],
        "may_decide": may_decide(request.actor, plan),
        "may_withdraw": plan.is_waiting
        and request.actor.jurisdiction == plan.jurisdiction
        and request.actor.can("enrol_communities"),
        "above": level_above(plan.campaign, plan.jurisdiction),
        "plan_url": plan_url(plan.campaign, plan.year, plan.jurisdiction),
        "refused": refused,
        "reason": reason,
    }
    return render(request, "campaigns/annual_plan.html", context, status=refused[1].status if refused else 200)


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
