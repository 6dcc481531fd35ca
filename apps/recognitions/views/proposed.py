"""The proposed list (拟认定名单): what lies here for recognition, and the way from it to the draft of a notice."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.campaigns.current import current_campaign
from apps.campaigns.last_level import recognises
from apps.campaigns.models import Campaign
from apps.campaigns.notice_rules import notice_days_of
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.core.inputs import ids_in
from apps.core.xlsx import ListValue
from apps.recognitions.candidates import Candidate, candidates_of
from apps.recognitions.notices import draft_notice
from apps.recognitions.views.shared import page_of, sheet, tabs_of, wants_sheet

_COLUMNS = [
    "社区",
    "街道（镇、乡）",
    "县（市、区）",
    "计划年度",
    "得分",
    "达到创建要求",
    "到达日期",
    "可以公示",
    "说明",
]


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def proposed_list(request: ActorRequest) -> HttpResponse:
    """What lies here for recognition; the chosen ones become the draft of a notice."""
    campaign, here = current_campaign(request), request.actor.jurisdiction
    require(request.actor, "review_assessments")
    is_last = campaign is not None and recognises(here, campaign)
    found = candidates_of(here, campaign) if campaign is not None and is_last else []
    problem, status = "", 200
    if request.method == "POST" and campaign is not None:
        try:
            return _drafted(request, campaign, found)
        except (InvalidInput, TransitionError) as error:
            problem, status = error.message, error.status
    if wants_sheet(request) and is_last:
        title = f"{here.name}{clock.today():%Y年%m月%d日}拟认定绿色社区名单"
        return sheet(request, title, _COLUMNS, map(_cells, found))
    context = _context(request, campaign, found) | {"is_last": is_last, "problem": problem}
    return render(request, "recognitions/proposed_list.html", context, status=status)


def _drafted(request: ActorRequest, campaign: Campaign, found: list[Candidate]) -> HttpResponse:
    """Draft a notice: of a list of several pages for those ticked on this one, or for all that are ready."""
    every = [one.assessment.pk for one in found if one.is_ready] if "all" in request.POST else []
    notice = draft_notice(campaign, every or ids_in(request.POST.getlist("assessment")), actor=request.actor)
    messages.success(request, f"已拟稿，共 {notice.entries.count()} 个社区。请填写异议受理方式，核对后发布。")
    return redirect("notice_edit", notice.pk)


def _context(request: ActorRequest, campaign: Campaign | None, found: list[Candidate]) -> dict[str, object]:
    page = page_of(request, found)
    return {
        "page_obj": page,
        "ready": [(one, False) for one in page if one.is_ready],
        "others": [one for one in page if not one.is_ready],
        "ready_count": sum(one.is_ready for one in found),
        "notice_days": notice_days_of(campaign) if campaign else 0,
        "tabs": tabs_of(request, "proposed_list"),
        "this_campaign": campaign,
    }


def _cells(one: Candidate) -> list[ListValue]:
    participation = one.assessment.participation
    street = participation.community.jurisdiction
    return [
        participation.community.short_name,
        street.name,
        street.parent.name if street.parent else "",
        participation.year,
        one.judged.total if one.judged else None,
        one.judged.meets_standard if one.judged else None,
        one.assessment.held_since,
        one.is_ready,
        one.reason or one.remark or None,
    ]
