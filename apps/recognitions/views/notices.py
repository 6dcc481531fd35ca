"""Public notices (公示), from the draft to the decision."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import Actor, require
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.inputs import ids_in, whole_number
from apps.recognitions.candidates import candidates_of
from apps.recognitions.decisions import Decision, decide_notice, preview_of
from apps.recognitions.entries import is_over, lines_of, period_on
from apps.recognitions.forms import DecisionForm, NoticeForm, ReasonForm
from apps.recognitions.listing import notices_for, with_counts
from apps.recognitions.models import PublicNotice
from apps.recognitions.notices import (
    discard_notice,
    edit_notice,
    publish_notice,
    refuse_others,
    was_discarded,
    withdraw_notice,
)
from apps.recognitions.views.shared import attempt, form_page, page_of, tabs_of
from apps.recognitions.working_days import working_days_left

Status = PublicNotice.Status

_ON_WITHDRAWING = (
    "撤回后公示立即从公开页面撤下，理由留在记录里；名单上的社区可以重新选入公示，公示期重新计算；"
    "还有异议在办或者异议成立的，处理后才能再公示。"
)


@members_only
@require_safe
def notice_list(request: ActorRequest) -> HttpResponse:
    """The notices of the area, and those above with communities of it."""
    page = page_of(request, with_counts(notices_for(request.actor)))
    rows = [(one, period_on(one), *_phase(one)) for one in page.object_list]
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
    period, lines = period_on(notice), lines_of(notice)
    label, tone = _phase(notice)
    return {
        "notice": notice,
        "lines": lines,
        "phase": label,
        "tone": tone,
        "period": period,
        "is_over": is_over(notice),
        "days_left": working_days_left(period.last, clock.today()) if notice.status == Status.PUBLISHED else 0,
        # What people brought forward is for the office that handles it and those above, not for whom it is about.
        "sees_objections": request.actor.jurisdiction.contains(notice.path),
        "to_decide": sum(not line.left_out for line in lines),
        **_rights(request.actor, notice, is_decided=any(line.recognition for line in lines)),
    }


def _rights(actor: Actor, notice: PublicNotice, *, is_decided: bool) -> dict[str, bool]:
    """What the page offers; the verbs check it again."""
    is_own, is_draft = actor.jurisdiction == notice.jurisdiction, notice.status == Status.DRAFT
    published = notice.status == Status.PUBLISHED
    reviews, manages, recognises = (
        is_own and actor.can(verb) for verb in ("review_assessments", "manage_recognition", "recognise_communities")
    )
    return {
        "may_draft": is_draft and reviews,
        "may_publish": is_draft and manages,
        "may_withdraw": published and manages and not is_decided,
        "may_record": published and reviews,
        # An objection outlasts the withdrawal of its notice.
        "may_handle": manages and not is_draft,
        "may_decide": recognises and is_over(notice),
        "may_correct": recognises,
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
    chosen = _chosen_for(notice, request)
    if request.method == "POST":
        status = attempt(
            form,
            lambda entered: edit_notice(notice, form.wording, chosen, actor=request.actor, seen=entered["seen"]),
        )
        if not status:
            messages.success(request, "草稿已保存。")
            return redirect(request.get_full_path()) if "page" in request.GET else redirect("notice_detail", pk)
    context = {"notice": notice, "form": form, **_draft_context(request, notice, chosen)}
    return render(request, "recognitions/notice_edit.html", context, status=status or 200)


def _chosen_for(notice: PublicNotice, request: ActorRequest) -> set[int]:
    """The assessments on the draft, with what the form changes; what stood on another page of the list is left as it is."""
    chosen = set(notice.entries.values_list("assessment", flat=True))
    if request.method != "POST":
        return chosen
    shown, ticked = ids_in(request.POST.getlist("shown")), ids_in(request.POST.getlist("assessment"))
    return chosen - (set(shown) or chosen) | set(ticked)


def _draft_context(request: ActorRequest, notice: PublicNotice, chosen: set[int]) -> dict[str, Any]:
    candidates = candidates_of(notice.jurisdiction, notice.campaign, beside=notice.pk)
    ready = [one for one in candidates if one.is_ready]
    listed = {one.assessment.pk for one in ready}
    page = page_of(request, ready)
    return {
        "page_obj": page,
        "candidates": [(one, one.assessment.pk in chosen) for one in page],
        "chosen_count": len(chosen & listed),
        "dropped": [line for line in lines_of(notice) if line.entry.assessment_id not in listed],
    }


@members_only
@require_POST
def notice_discard(request: ActorRequest, pk: int) -> HttpResponse:
    """Throw a draft away; pressed twice it is thrown away once."""
    if not was_discarded(pk, request.actor):
        notice = _notice(request, pk)
        discard_notice(notice, actor=request.actor)
        messages.success(request, f"草稿“{notice.title}”已删除，名单上的社区回到待公示。")
    return redirect("notice_list")


@members_only
@require_POST
def notice_publish(request: ActorRequest, pk: int) -> HttpResponse:
    """Publish a draft; the second press of one's own button is no error."""
    notice = _notice(request, pk)
    # What the page did not say is as stale as what it said of an older version: versions start at 1.
    shown = whole_number(request.POST.get("seen", "")) or 0
    try:
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
    return form_page(
        request,
        form,
        status=status,
        title="撤回公示",
        trail=trail_of(notice, "撤回"),
        facts=[("公示", notice.title)],
        intro=_ON_WITHDRAWING,
        action="撤回公示",
        back=reverse("notice_detail", args=[pk]),
        tone="danger",
    )


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def notice_decide(request: ActorRequest, pk: int) -> HttpResponse:
    """Preview and make the decision; the page then says what was done and what was left out."""
    notice = _notice(request, pk)
    require(request.actor, "recognise_communities", notice.path)
    refuse_others(notice, request.actor)
    if request.method != "POST" and not is_over(notice):
        if notice.status == Status.PUBLISHED:
            messages.info(request, f"公示至 {period_on(notice).last:%Y-%m-%d}，期满后才能认定。")
        return redirect("notice_detail", pk)
    form, status, done = DecisionForm(notice, request.POST or None), 200, []
    is_asked = "ask" in request.POST and form.is_valid()
    if request.method == "POST" and not is_asked:
        status = attempt(form, lambda entered: done.append(_decide(request, notice, **entered)))
    context = {"notice": notice, "trail": trail_of(notice, "作出认定")}
    if done:
        context |= {"decision": done[0], "entered": form.cleaned_data}
        return render(request, "recognitions/notice_decided.html", context)
    after = form.cleaned_data.get("after", 0) if form.is_bound else 0
    context |= {"form": form, "preview": preview_of(notice, after), "is_asked": is_asked}
    return render(request, "recognitions/notice_decide.html", context, status=status)


def _decide(request: ActorRequest, notice: PublicNotice, **entered: Any) -> Decision:
    """Decide up to the last entry that the page has shown."""
    through = whole_number(request.POST.get("through", ""))
    if through is None:
        raise StaleForm("页面上没有列出要认定的社区，没有办理。请核对下面的名单，再作出认定。")
    return decide_notice(notice, through=through, actor=request.actor, **entered)


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
