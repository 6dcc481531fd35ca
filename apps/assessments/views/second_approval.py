"""The second approver's page parts: taking a recognition back (摘牌), and deciding on what a colleague has proposed (复核)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.assessments.comparison import compare
from apps.assessments.forms import parse_remark
from apps.assessments.models import Assessment, ReviewAction, SecondApproval
from apps.assessments.queue import next_proposal_for
from apps.assessments.second_approval import (
    confirm_second_approval,
    decline_second_approval,
    revoke_assessment,
    withdraw_second_approval,
)
from apps.assessments.views.review import load_review, review_page
from apps.core.errors import InvalidInput, TransitionError

Kind = ReviewAction.Kind
Outcome = SecondApproval.Outcome


@members_only
@require_POST
def review_revoke(request: ActorRequest, pk: int) -> HttpResponse:
    """Take the recognition back, or propose it (摘牌)."""
    assessment = load_review(pk)
    community = assessment.participation.community
    try:
        done = revoke_assessment(assessment, parse_remark(request.POST, "reason"), actor=request.actor)
    except (InvalidInput, TransitionError) as refused:
        last = assessment.actions.latest("at", "id")
        is_mine = last.kind in (Kind.REVOKE, Kind.PROPOSE_REVOKE) and last.user == request.actor.user
        return _not_done(request, assessment, "revoke", refused, is_done=is_mine)
    if isinstance(done, SecondApproval):
        return _again(request, assessment, f"{community}的摘牌已提请复核，由本单位另一位审批人同意后生效。")
    return _again(request, assessment, f"{community}已摘牌，不再计入绿色社区；认定和摘牌都留在历史中。")


@members_only
@require_POST
def second_approval_confirm(request: ActorRequest, pk: int) -> HttpResponse:
    """Agree to a colleague's proposal: it takes effect (复核同意)."""
    proposal = _load(pk)
    try:
        comment = parse_remark(request.POST, "comment")
        recognition = confirm_second_approval(proposal, actor=request.actor, comment=comment)
    except (InvalidInput, TransitionError) as refused:
        return _not_decided(request, proposal, "confirm", refused, Outcome.CONFIRMED)
    community = recognition.community
    if proposal.kind == SecondApproval.Kind.REVOKE:
        return _on(request, f"已同意，{community}已摘牌，不再计入绿色社区。")
    return _on(request, f"已同意，{community}已认定为 {recognition.year} 年度绿色社区。")


@members_only
@require_POST
def second_approval_decline(request: ActorRequest, pk: int) -> HttpResponse:
    """Refuse a colleague's proposal with a reason (复核不同意)."""
    proposal = _load(pk)
    try:
        decline_second_approval(proposal, parse_remark(request.POST, "reason"), actor=request.actor)
    except (InvalidInput, TransitionError) as refused:
        return _not_decided(request, proposal, "decline", refused, Outcome.DECLINED)
    return _on(request, f"已答复{proposal.proposed_by}：不同意{proposal.get_kind_display()}。")


@members_only
@require_POST
def second_approval_withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Take one's own proposal back (撤回复核)."""
    proposal = _load(pk)
    try:
        withdraw_second_approval(proposal, actor=request.actor)
    except TransitionError as refused:
        return _not_decided(request, proposal, "", refused, Outcome.WITHDRAWN)
    return _again(request, proposal.assessment, f"{proposal.get_kind_display()}已撤回，不用再复核。")


def _load(pk: int) -> SecondApproval:
    return get_object_or_404(SecondApproval.objects.select_related("assessment", "proposed_by", "decided_by"), pk=pk)


def _on(request: ActorRequest, text: str) -> HttpResponse:
    """Lead from a decision to the next one that waits for it, after the last back to the list."""
    following = next_proposal_for(request.actor)
    if following is None:
        messages.success(request, f"{text}待您复核的都已办完。")
        return redirect(f"{reverse('review_queue')}?tab=proposed")
    messages.success(request, f"{text}下面是下一件。")
    return redirect("review", following.assessment_id)


def _again(request: ActorRequest, assessment: Assessment, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("review", assessment.pk)


def _not_decided(
    request: ActorRequest,
    proposal: SecondApproval,
    dialog: str,
    problem: InvalidInput | TransitionError,
    wanted: SecondApproval.Outcome,
) -> HttpResponse:
    fresh = _load(proposal.pk)
    is_mine = fresh.outcome == wanted and request.actor.user == (fresh.decided_by or fresh.proposed_by)
    return _not_done(request, fresh.assessment, dialog, problem, is_done=is_mine)


def _not_done(
    request: ActorRequest,
    assessment: Assessment,
    dialog: str,
    problem: InvalidInput | TransitionError,
    *,
    is_done: bool,
) -> HttpResponse:
    """Show the page as it is now with the reason; the second press of one's own button (``is_done``) is no error."""
    if is_done and isinstance(problem, TransitionError):
        return _again(request, assessment, problem.message)
    sheet = compare(load_review(assessment.pk), request.actor)
    also: dict[str, Any] = {"dialog": dialog, "problem": problem.message, "typed": request.POST}
    return review_page(request, sheet, status=problem.status, **also)
