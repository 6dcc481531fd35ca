"""Claiming (领办), releasing (释放), and the submitter's taking back (撤回自评)."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.assessments.claims import claim_assessment, release_assessment, take_over_claim
from apps.assessments.models import Assessment, ReviewAction
from apps.assessments.recall import recall_assessment
from apps.assessments.steps import CLAIM_LASTS, claimant
from apps.assessments.views.review import back_to_criterion, load_review, refused_page
from apps.core.errors import TransitionError

_HOURS = int(CLAIM_LASTS.total_seconds() // 3600)


@members_only
@require_POST
def review_claim(request: ActorRequest, pk: int) -> HttpResponse:
    """Take it for a time (领办), as an approver also from a colleague (接手)."""
    claim = take_over_claim if request.POST.get("from_colleague") else claim_assessment
    return _taken(request, pk, claim, f"已领办。{_HOURS} 小时内本级同事只能查看，每次操作后重新计时。")


@members_only
@require_POST
def review_release(request: ActorRequest, pk: int) -> HttpResponse:
    """Give the claim up (释放)."""
    is_held = claimant(load_review(pk)) is not None
    said = "已释放，本级同事可以办理。" if is_held else "这件没有人领办，不用释放。"
    return _taken(request, pk, release_assessment, said)


@members_only
@require_POST
def self_assessment_recall(request: ActorRequest, pk: int) -> HttpResponse:
    """Take the submitted self-assessment back while nobody has begun to review it (撤回自评)."""
    assessment = load_review(pk)
    try:
        recall_assessment(assessment, actor=request.actor)
    except TransitionError as refused:
        last = assessment.actions.latest("at", "id")
        if last.kind == ReviewAction.Kind.RECALL and last.user == request.actor.user:
            return redirect("self_assessment", pk)
        messages.error(request, refused.message)
    else:
        messages.success(request, "已撤回，修改后请重新提交。")
    return redirect("self_assessment", pk)


def _taken(request: ActorRequest, pk: int, step: Callable[..., Assessment], said: str) -> HttpResponse:
    """Take a step with the claim and go back to the criterion in view; what is refused is said on the page as it is now."""
    assessment = load_review(pk)
    try:
        step(assessment, actor=request.actor)
    except TransitionError as refused:
        return refused_page(request, assessment, refused)
    messages.success(request, said)
    return back_to_criterion(request, pk)
