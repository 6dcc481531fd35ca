"""HTTP of a campaign's course: check and open, extend or shorten, close, open again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.http import ActorRequest, members_only
from apps.campaigns.changing import closed
from apps.campaigns.checks import remarks_on
from apps.campaigns.current import access_campaign
from apps.campaigns.editing_forms import YearsForm
from apps.campaigns.editing_views import editable_or_refuse, found
from apps.campaigns.form_fields import ReasonForm
from apps.campaigns.issuing import require_issuer
from apps.campaigns.models import Campaign
from apps.campaigns.overview import chain_in_words
from apps.campaigns.running import change_years, close_campaign, open_campaign, reopen_campaign, unfinished
from apps.campaigns.telling import told, version_of
from apps.core.errors import ProblemForPeople, StaleForm, TransitionError

_BOTH = ["GET", "HEAD", "POST"]


@members_only
@require_http_methods(_BOTH)
def campaign_open(request: ActorRequest, code: str) -> HttpResponse:
    """Look a second time at what is to be opened, then open it."""
    campaign = editable_or_refuse(request, code)
    problem, status = "", 200
    if request.method == "POST":
        try:
            open_campaign(campaign, actor=request.actor, seen=request.POST.get("version", ""))
        except ProblemForPeople as error:
            problem, status = error.message, error.status
        else:
            messages.success(
                request, f"“{campaign}”已开展。{campaign.jurisdiction}和下级各单位都可以看到，可以列入计划了。"
            )
            return redirect("campaign_detail", code)
    elif not campaign.is_draft:
        raise TransitionError(f"“{campaign}”已经开展，不用再办理。要改动的，请点“调整”。")
    context = _second_look(campaign) | {"problem": problem}
    return render(request, "campaigns/campaign_open.html", context, status=status)


def _second_look(campaign: Campaign) -> dict[str, Any]:
    return {
        # Before what it stands for is read: an older one is noticed, a newer one is not.
        "version": version_of(campaign),
        "shown": campaign,
        "chain": chain_in_words(campaign),
        "targets": told(campaign, "targets"),
        "counts": f"阶段 {campaign.phases.count()} 个，里程碑 {campaign.milestones.count()} 项",
        **found(campaign, remarks_on(campaign)),
    }


@members_only
@require_http_methods(_BOTH)
def campaign_years(request: ActorRequest, code: str) -> HttpResponse:
    """Let an opened campaign end later, or change its years otherwise."""
    campaign, data = editable_or_refuse(request, code), request.POST if request.method == "POST" else None
    if campaign.is_draft:
        return redirect("campaign_part", code, "head")
    now = version_of(campaign, "years")
    form = YearsForm(data, initial={"first_year": campaign.first_year, "last_year": campaign.last_year})
    context = {
        "form": form,
        "title": "调整年度",
        "act": "保存",
        "version": now if data is None else data.get("version", ""),
        "version_now": now,
        "notes": [
            f"现在是 {campaign.first_year}–{campaign.last_year} 年。",
            "延长后，到原结束年度为止的每月、每季度、每年的里程碑顺延到新的结束年度；目标比例请另行确定。",
            "已列入计划、已认定、已定目标的年度不能去掉。",
        ],
    }
    return _step(request, campaign, context, lambda: _change_years(request, campaign, form))


def _change_years(request: ActorRequest, campaign: Campaign, form: YearsForm) -> str:
    values, seen = form.cleaned_data, request.POST.get("version", "")
    first, last = values["first_year"], values["last_year"]
    why = {"reason": values["reason"], "document_number": values["basis"]}
    change_years(campaign, first, last, actor=request.actor, seen=seen, **why)
    further = "请核对里程碑，并确定新年度的目标。" if last > campaign.last_year else ""
    return f"“{campaign}”的年度已是 {first}–{last}。{further}"


@members_only
@require_http_methods(_BOTH)
def campaign_close(request: ActorRequest, code: str) -> HttpResponse:
    """Close a campaign, told what is still on its way."""
    campaign, data = access_campaign(request, code), request.POST if request.method == "POST" else None
    require_issuer(request.actor, campaign)
    if data is None and not campaign.is_open:
        raise TransitionError(closed(campaign) if not campaign.is_draft else f"“{campaign}”还是草稿，不用结束。")
    left = unfinished(campaign)
    form = ReasonForm(data)
    context = {
        "form": form,
        "title": "结束行动",
        "act": "结束",
        "warning": f"还有没有办完的：{left}。" if str(left) else "",
        "notes": [
            "结束后不能再列入社区、开始自评、改目标；已经开始的自评和审核照常办理，直到认定或退回。",
            "进展、认定名单、报表照常查看。确有需要的，可以重新开展。",
        ],
    }

    def act() -> str:
        values = form.cleaned_data
        close_campaign(campaign, actor=request.actor, reason=values["reason"], document_number=values["basis"])
        return f"“{campaign}”已结束。"

    return _step(request, campaign, context, act)


@members_only
@require_http_methods(_BOTH)
def campaign_reopen(request: ActorRequest, code: str) -> HttpResponse:
    """Open a closed campaign again."""
    campaign, data = access_campaign(request, code), request.POST if request.method == "POST" else None
    require_issuer(request.actor, campaign)
    if data is None and campaign.status != Campaign.Status.CLOSED:
        raise TransitionError(f"“{campaign}”{campaign.get_status_display()}，不用重新开展。")
    form = ReasonForm(data)
    notes = ["重新开展后，可以继续列入社区、开始自评、调整目标。"]
    context = {"form": form, "title": "重新开展", "act": "重新开展", "notes": notes}

    def act() -> str:
        values = form.cleaned_data
        reopen_campaign(campaign, actor=request.actor, reason=values["reason"], document_number=values["basis"])
        return f"“{campaign}”已重新开展。"

    return _step(request, campaign, context, act)


def _step(request: ActorRequest, campaign: Campaign, context: dict[str, Any], act: Callable[[], str]) -> HttpResponse:
    """The page of one step; taken, it leads to the campaign and says what was done."""
    form, status = context["form"], 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                done = act()
            except ProblemForPeople as error:
                context["problem"], status = error.message, error.status
                if isinstance(error, StaleForm):
                    context["version"] = context["version_now"]
            else:
                messages.success(request, done)
                return redirect("campaign_detail", campaign.code)
    return render(request, "campaigns/campaign_step.html", context | {"shown": campaign}, status=status)
