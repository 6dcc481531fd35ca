"""Objections (异议) against a community on a notice: recording one, deciding on it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.recognitions.forms import ObjectionForm, OutcomeForm
from apps.recognitions.models import NoticeEntry, Objection, PublicNotice
from apps.recognitions.notices import refuse_others
from apps.recognitions.objections import decide_objection, record_objection
from apps.recognitions.views.notices import trail_of
from apps.recognitions.views.shared import attempt, form_page

_NAMED = ("notice__jurisdiction", "assessment__participation__community__jurisdiction")


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def objection_add(request: ActorRequest, pk: int) -> HttpResponse:
    """Record an objection that came in."""
    entry = get_object_or_404(NoticeEntry.objects.select_related(*_NAMED), pk=pk)
    _check_seen(request, entry.notice)
    require(request.actor, "review_assessments", entry.notice.path)
    refuse_others(entry.notice, request.actor)
    form, status = ObjectionForm(request.POST or None), 200
    if request.method == "POST":
        status = attempt(form, lambda entered: record_objection(entry, actor=request.actor, **entered))
        if not status:
            messages.success(request, f"已登记对{entry}的异议。处理之前，{entry}不作认定，其他社区不受影响。")
            return redirect("notice_detail", entry.notice_id)
    back = reverse("notice_detail", args=[entry.notice_id])
    return form_page(
        request,
        form,
        status=status,
        title=f"登记异议：{entry}",
        trail=trail_of(entry.notice, "登记异议"),
        facts=[("公示", entry.notice.title), ("社区", _place(entry))],
        action="登记",
        back=back,
    )


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def objection_decide(request: ActorRequest, pk: int) -> HttpResponse:
    """Decide on an objection: sustained, or not."""
    named = [f"entry__{name}" for name in _NAMED]
    objection = get_object_or_404(Objection.objects.select_related(*named), pk=pk)
    entry = objection.entry
    _check_seen(request, entry.notice)
    require(request.actor, "manage_recognition", entry.notice.path)
    refuse_others(entry.notice, request.actor)
    form, status = OutcomeForm(request.POST or None, label_suffix=""), 200
    if request.method == "POST":
        status = attempt(form, lambda entered: decide_objection(objection, actor=request.actor, **entered))
        if not status:
            return _decided(request, entry, form.cleaned_data["outcome"])
    facts = [
        ("社区", _place(entry)),
        ("收到", f"{objection.received_on:%Y-%m-%d}，{'实名' if objection.is_signed else '匿名'}"),
        ("异议内容", objection.text),
    ]
    back = reverse("notice_detail", args=[entry.notice_id])
    trail = trail_of(entry.notice, "处理异议")
    title = f"处理异议：{entry}"
    return form_page(request, form, status=status, title=title, trail=trail, facts=facts, action="保存", back=back)


def _decided(request: ActorRequest, entry: NoticeEntry, outcome: str) -> HttpResponse:
    if outcome == Objection.Outcome.REJECTED:
        messages.success(request, f"异议不成立，{entry}保留在名单中。")
    else:
        messages.warning(request, f"异议成立，{entry}已移出名单。请点该社区的“去退回”，写明理由退回自评。")
    return redirect("notice_detail", entry.notice_id)


def _check_seen(request: ActorRequest, notice: PublicNotice) -> None:
    """What was brought forward is not for those whom it is about, though the community is theirs."""
    if not request.actor.jurisdiction.contains(notice.path):
        raise Http404


def _place(entry: NoticeEntry) -> str:
    return f"{entry.assessment.participation.community.jurisdiction} {entry}"
