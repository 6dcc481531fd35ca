"""The proposed list (拟认定名单) and public notices (公示), from the draft to the decision."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.campaigns.current import current_campaign
from apps.campaigns.notices import notice_days_of
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.core.xlsx import ListValue
from apps.recognitions.candidates import Candidate, candidates_of, recognises
from apps.recognitions.decisions import decide_notice, preview_of
from apps.recognitions.entries import is_over, lines_of, period_on
from apps.recognitions.forms import DecisionForm, NoticeForm, ReasonForm
from apps.recognitions.listing import notices_for, with_counts
from apps.recognitions.models import PublicNotice
from apps.recognitions.notices import (
    discard_notice,
    draft_notice,
    edit_notice,
    publish_notice,
    refuse_others,
    withdraw_notice,
)
from apps.recognitions.views.shared import attempt, form_page, page_of, sheet, tabs_of, wants_sheet
from apps.recognitions.working_days import working_days_left

Status = PublicNotice.Status
_PROPOSED_COLUMNS = [
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
    actor, campaign = request.actor, current_campaign(request)
    require(actor, "review_assessments")
    here, problem, status = actor.jurisdiction, "", 200
    is_last = campaign is not None and recognises(here, campaign)
    found = candidates_of(here, campaign) if campaign is not None and is_last else []
    if request.method == "POST" and campaign is not None:
        # Of a list of several pages either those ticked on this one, or all that were ready.
        every = [one.assessment.pk for one in found if one.is_ready] if "all" in request.POST else []
        try:
            notice = draft_notice(campaign, every or _chosen(request), actor=actor)
        except (InvalidInput, TransitionError) as error:
            problem, status = error.message, error.status
        else:
            messages.success(request, f"已拟稿，共 {notice.entries.count()} 个社区。请填写异议受理方式，核对后发布。")
            return redirect("notice_edit", notice.pk)
    if wants_sheet(request) and is_last:
        title = f"{here.name}{clock.today():%Y年%m月%d日}拟认定绿色社区名单"
        return sheet(request, title, _PROPOSED_COLUMNS, map(_cells, found))
    page = page_of(request, found)
    context = {
        "page_obj": page,
        "ready": [one for one in page if one.is_ready],
        "others": [one for one in page if not one.is_ready],
        "ready_count": sum(one.is_ready for one in found),
        "is_last": is_last,
        "problem": problem,
        "notice_days": notice_days_of(campaign) if campaign else 0,
        "tabs": tabs_of(request, "proposed_list"),
        "this_campaign": campaign,
    }
    return render(request, "recognitions/proposed_list.html", context, status=status)


def _chosen(request: ActorRequest, name: str = "assessment") -> list[int]:
    return [int(text) for text in request.POST.getlist(name) if re.fullmatch(r"[0-9]{1,18}", text)]


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


@members_only
@require_safe
def notice_list(request: ActorRequest) -> HttpResponse:
    """The notices of the area, and those above with communities of it."""
    page = page_of(request, with_counts(notices_for(request.actor)))
    rows = [(one, *_phase(one)) for one in page.object_list]
    context = {"page_obj": page, "rows": rows, "tabs": tabs_of(request, "notice_list")}
    return render(request, "recognitions/notice_list.html", context)


def _phase(notice: PublicNotice) -> tuple[str, str]:
    """What stands on the badge of a notice, and its tone."""
    if notice.status == Status.DRAFT:
        return "草稿", "warning"
    if notice.status == Status.WITHDRAWN:
        return "已撤回", "danger"
    return ("公示期满", "neutral") if is_over(notice) else ("公示中", "info")


@members_only
@require_safe
def notice_detail(request: ActorRequest, pk: int) -> HttpResponse:
    """One notice with its communities and the objections against them."""
    return render(request, "recognitions/notice_detail.html", _notice_context(request, _notice(request, pk)))


def _notice_context(request: ActorRequest, notice: PublicNotice) -> dict[str, Any]:
    actor, period = request.actor, period_on(notice)
    is_own = actor.jurisdiction == notice.jurisdiction
    label, tone = _phase(notice)
    lines, over = lines_of(notice), is_over(notice)
    published = notice.status == Status.PUBLISHED
    return {
        "notice": notice,
        "lines": lines,
        "phase": label,
        "tone": tone,
        "period": period,
        "is_over": over,
        "days_left": working_days_left(period.last, clock.today()) if published else 0,
        # What people brought forward is for the office that handles it and those above, not for whom it is about.
        "sees_objections": actor.jurisdiction.contains(notice.path),
        "may_draft": is_own and notice.status == Status.DRAFT and actor.can("review_assessments"),
        "may_publish": is_own and notice.status == Status.DRAFT and actor.can("manage_recognition"),
        "may_withdraw": is_own
        and published
        and actor.can("manage_recognition")
        and not any(line.recognition for line in lines),
        "may_record": is_own and published and actor.can("review_assessments"),
        # An objection outlasts the withdrawal of its notice.
        "may_handle": is_own and notice.status != Status.DRAFT and actor.can("manage_recognition"),
        "may_decide": is_own and over and actor.can("recognise_communities"),
        "to_decide": sum(not line.left_out for line in lines),
    }


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def notice_edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Change words and list of a draft."""
    notice = _notice(request, pk)
    require(request.actor, "review_assessments", notice.path)
    refuse_others(notice, request.actor)
    if notice.status != Status.DRAFT:
        return redirect("notice_detail", pk)
    form, status = NoticeForm(notice, request.POST or None), 200
    chosen = set(notice.entries.values_list("assessment", flat=True))
    if request.method == "POST":
        # What stood on another page of the list is left as it is.
        chosen = chosen - (set(_chosen(request, "shown")) or chosen) | set(_chosen(request))
        status = attempt(
            form,
            lambda entered: edit_notice(notice, form.wording, chosen, actor=request.actor, seen=entered["seen"]),
        )
        if not status:
            messages.success(request, "草稿已保存。")
            return redirect(request.get_full_path()) if "page" in request.GET else redirect("notice_detail", pk)
    candidates = candidates_of(notice.jurisdiction, notice.campaign, beside=notice.pk)
    listed = {one.assessment.pk for one in candidates if one.is_ready}
    page = page_of(request, [one for one in candidates if one.is_ready])
    context = {
        "notice": notice,
        "form": form,
        "page_obj": page,
        "candidates": [(one, one.assessment.pk in chosen) for one in page],
        "chosen_count": len(chosen & listed),
        "dropped": [line for line in lines_of(notice) if line.entry.assessment_id not in listed],
    }
    return render(request, "recognitions/notice_edit.html", context, status=status or 200)


@members_only
@require_POST
def notice_discard(request: ActorRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    notice = _notice(request, pk)
    discard_notice(notice, actor=request.actor)
    messages.success(request, f"草稿“{notice.title}”已删除，名单上的社区回到待公示。")
    return redirect("notice_list")


@members_only
@require_POST
def notice_publish(request: ActorRequest, pk: int) -> HttpResponse:
    """Publish a draft; the second press of one's own button is no error."""
    notice, seen = _notice(request, pk), request.POST.get("seen", "")
    try:
        # What the page did not say is as stale as what it said of an older version: versions start at 1.
        shown = int(seen) if re.fullmatch(r"[0-9]{1,9}", seen) else 0
        done = publish_notice(notice, actor=request.actor, seen=shown)
    except InvalidInput as error:
        messages.error(request, error.message)
        return redirect("notice_edit", pk)
    except TransitionError:
        fresh = _notice(request, pk)
        if fresh.status == Status.PUBLISHED and fresh.published_by == request.actor.user:
            return redirect("notice_detail", pk)
        raise
    messages.success(request, f"已发布，公示至 {done.ends_on:%Y-%m-%d}，共 {done.working_days} 个工作日。")
    return redirect("notice_detail", pk)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def notice_withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Withdraw a published notice with a reason."""
    notice = _notice(request, pk)
    require(request.actor, "manage_recognition", notice.path)
    refuse_others(notice, request.actor)
    form, status = ReasonForm(request.POST or None, label_suffix=""), 200
    if request.method == "POST":
        status = attempt(form, lambda entered: withdraw_notice(notice, entered["reason"], actor=request.actor))
        if not status:
            messages.success(request, "公示已撤回，名单上的社区可以另行公示。")
            return redirect("notice_detail", pk)
    back = reverse("notice_detail", args=[pk])
    intro = (
        "撤回后公示立即从公开页面撤下，理由留在记录里；名单上的社区可以重新选入公示，公示期重新计算；"
        "还有异议在办或者异议成立的，处理后才能再公示。"
    )
    return form_page(
        request,
        form,
        status=status,
        title="撤回公示",
        trail=trail_of(notice, "撤回"),
        facts=[("公示", notice.title)],
        intro=intro,
        action="撤回公示",
        back=back,
        tone="danger",
    )


@members_only
@require_safe
def notice_print(request: ActorRequest, pk: int) -> HttpResponse:
    """The notice as the sheet that is put up."""
    notice = _notice(request, pk)
    lines = [line for line in lines_of(notice) if not line.is_off]
    context = {"notice": notice, "lines": lines, "period": period_on(notice)}
    return render(request, "recognitions/notice_print.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def notice_decide(request: ActorRequest, pk: int) -> HttpResponse:
    """Preview and make the decision; the page then says what was done and what was left out."""
    notice = _notice(request, pk)
    require(request.actor, "recognise_communities", notice.path)
    refuse_others(notice, request.actor)
    form, status, decision, is_asked = DecisionForm(notice, request.POST or None), 200, [], False
    if request.method == "POST":
        is_asked = "ask" in request.POST and form.is_valid()
        if not is_asked:
            status = attempt(
                form, lambda entered: decision.append(decide_notice(notice, actor=request.actor, **entered))
            )
    elif not is_over(notice):
        if notice.status == Status.PUBLISHED:
            messages.info(request, f"公示至 {period_on(notice).last:%Y-%m-%d}，期满后才能认定。")
        return redirect("notice_detail", pk)
    context = {"notice": notice, "trail": trail_of(notice, "作出认定")}
    if decision:
        context |= {"decision": decision[0], "entered": form.cleaned_data}
        return render(request, "recognitions/notice_decided.html", context)
    after = form.cleaned_data.get("after", 0) if form.is_bound else 0
    context |= {"form": form, "preview": preview_of(notice, after), "is_asked": is_asked}
    return render(request, "recognitions/notice_decide.html", context, status=status)


def trail_of(notice: PublicNotice, last: str) -> list[tuple[str, str | None]]:
    return [
        ("认定与公示", reverse("recognition_list")),
        ("公示", reverse("notice_list")),
        (notice.title, reverse("notice_detail", args=[notice.pk])),
        (last, None),
    ]


def _notice(request: ActorRequest, pk: int) -> PublicNotice:
    """The notice for whoever sees it; 404 otherwise. A refused deed is then told by its verb."""
    return get_object_or_404(notices_for(request.actor), pk=pk)
