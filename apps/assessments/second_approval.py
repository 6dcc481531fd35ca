"""The second approver (复核): proposing a recognition or revocation, confirming, declining, taking it back."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from apps.accounts.models import User
from apps.accounts.permissions import Actor, require
from apps.assessments.models import Assessment, ReviewAction, SecondApproval
from apps.assessments.people import people_able
from apps.assessments.recognition import (
    Results,
    check_recognition,
    check_revocation,
    complete_recognition,
    complete_revocation,
)
from apps.assessments.refusals import already_decided, awaiting_decision, decided_elsewhere, proposed_by_another, said
from apps.assessments.steps import (
    Opened,
    assign,
    leave_claim,
    lock,
    open_for,
    open_proposal,
    record,
    refuse_own_work,
)
from apps.campaigns.domain import needs_second_approval
from apps.campaigns.models import Recognition
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError

Action = ReviewAction.Kind
Kind = SecondApproval.Kind
Outcome = SecondApproval.Outcome

_PROPOSES = {Kind.RECOGNISE: Action.PROPOSE_RECOGNISE, Kind.REVOKE: Action.PROPOSE_REVOKE}


@transaction.atomic
def revoke_assessment(assessment: Assessment, reason: str, *, actor: Actor) -> Recognition | SecondApproval:
    """Take the community's recognition back (摘牌), in the jurisdiction that recognised it.

    Where the campaign asks for a second approver, this proposes it.
    """
    opened = lock(assessment.pk)
    recognition = check_revocation(opened, actor=actor)
    refuse_own_work(opened.assessment, actor.user)
    if (standing := open_proposal(opened.assessment)) is not None:
        raise TransitionError(awaiting_decision(standing))
    if not reason.strip():
        raise InvalidInput("请填写摘牌理由。")
    if needs_second_approval(recognition.campaign):
        return propose(opened, Kind.REVOKE, {"reason": reason.strip()}, actor=actor)
    return complete_revocation(opened, recognition, reason.strip(), actor=actor)


def propose(
    opened: Opened, kind: SecondApproval.Kind, values: dict[str, Any], *, actor: Actor, results: Results | None = None
) -> SecondApproval:
    """Leave the act to a second approver (提请复核); for the verbs of recognition and revocation, which have locked and checked.

    The score that stands stays the last decision's: levels below read it.
    """
    assessment = opened.assessment
    proposal = SecondApproval.objects.create(
        assessment=assessment,
        kind=kind,
        jurisdiction=assessment.holder,
        values=values,
        proposed_by=actor.user,
        proposed_at=clock.now(),
    )
    leave_claim(assessment, actor.user)
    record(assessment, _PROPOSES[kind], actor, comment=said(proposal), results=results)
    return proposal


@transaction.atomic
def confirm_second_approval(proposal: SecondApproval, *, actor: Actor, comment: str = "") -> Recognition:
    """Agree as the second approver: the community is recognised, or its recognition taken back, as was proposed.

    Everything is checked again. The history shows both people; the act itself is the second one's.
    """
    opened, standing = _open(proposal, actor)
    _refuse_same_person(opened, standing, actor)
    comment = comment.strip()
    # Decided before the act: what is open stands in the way of every step.
    _decide(standing, Outcome.CONFIRMED, actor)
    if standing.kind == Kind.REVOKE:
        recognition = check_revocation(opened, actor=actor)
        reason: str = standing.values["reason"]
        remark = f"同意{standing.proposed_by}的意见，同意摘牌。{_sentence(comment)}理由："
        return complete_revocation(opened, recognition, reason, actor=actor, remark=remark)
    opened = open_for(opened.assessment, actor, by_reviewer=True)
    year: int = standing.values["year"]
    document_number: str = standing.values["document_number"]
    results = check_recognition(opened, year, document_number, actor=actor)
    return complete_recognition(
        opened,
        results,
        year=year,
        document_number=document_number,
        comment=f"同意{standing.proposed_by}的意见。{comment}",
        actor=actor,
    )


@transaction.atomic
def decline_second_approval(proposal: SecondApproval, reason: str, *, actor: Actor) -> SecondApproval:
    """Refuse as the second approver, with a reason: everything stays as it was, and may be worked on again."""
    opened, standing = _open(proposal, actor)
    _refuse_same_person(opened, standing, actor)
    if not reason.strip():
        raise InvalidInput("请填写不同意的理由。")
    standing.decline_reason = reason.strip()
    _decide(standing, Outcome.DECLINED, actor)
    _resume(opened, standing)
    record(opened.assessment, Action.DECLINE, actor, comment=reason)
    return standing


@transaction.atomic
def withdraw_second_approval(proposal: SecondApproval, *, actor: Actor) -> SecondApproval:
    """Take back one's own proposal, or the one that one has taken over from its proposer."""
    opened, standing = _open(proposal, actor)
    if not may_withdraw(standing, opened.assessment, actor.user):
        raise PermissionDenied(proposed_by_another(standing))
    _decide(standing, Outcome.WITHDRAWN)
    _resume(opened, standing)
    record(opened.assessment, Action.WITHDRAW, actor)
    return standing


def may_withdraw(proposal: SecondApproval, assessment: Assessment, user: User) -> bool:
    """Whether it is the person's own proposal: proposed, or taken over with the assessment when its proposer handed over."""
    return user.pk in (proposal.proposed_by_id, assessment.assignee_id)


def others_able(proposal: SecondApproval) -> bool:
    """Whether anybody but the proposer could decide on it."""
    able = people_able(proposal.jurisdiction, "recognise_communities")
    return able.exclude(user=proposal.proposed_by_id).exists()


def last_proposed(assessment: Assessment) -> dict[str, Any]:
    """What the last proposal of a recognition held that was declined or withdrawn, for who proposes again; else nothing."""
    ended = assessment.second_approvals.filter(kind=Kind.RECOGNISE, outcome__in=[Outcome.DECLINED, Outcome.WITHDRAWN])
    return ended.order_by("-pk").values_list("values", flat=True).first() or {}


def _sentence(text: str) -> str:
    """What was typed, closed by a full stop."""
    return text if not text or text[-1] in "。！？；.!?;" else f"{text}。"


def _open(proposal: SecondApproval, actor: Actor) -> tuple[Opened, SecondApproval]:
    """Lock the assessment, which all who decide queue up for, and return the proposal as it stands then."""
    opened = lock(proposal.assessment_id)
    require(actor, "recognise_communities", opened.assessment.path)
    people = ("proposed_by", "decided_by", "jurisdiction")
    standing = SecondApproval.objects.select_related(*people).get(pk=proposal.pk)
    if standing.jurisdiction != actor.jurisdiction:
        raise TransitionError(decided_elsewhere(standing))
    if standing.outcome != Outcome.OPEN:
        raise TransitionError(already_decided(standing, opened.assessment))
    return opened, standing


def _refuse_same_person(opened: Opened, proposal: SecondApproval, actor: Actor) -> None:
    if proposal.proposed_by == actor.user:
        raise PermissionDenied("这件由您提出，须由本单位另一位审批人复核。您可以撤回。")
    refuse_own_work(opened.assessment, actor.user)


def _decide(proposal: SecondApproval, outcome: SecondApproval.Outcome, actor: Actor | None = None) -> None:
    proposal.outcome, proposal.decided_at = outcome, clock.now()
    proposal.decided_by = actor.user if actor is not None else None
    proposal.save(update_fields=["outcome", "decided_at", "decided_by", "decline_reason"])


def _resume(opened: Opened, proposal: SecondApproval) -> None:
    """What was to be recognised stays with whoever proposed it; a recognition that stands is nobody's work."""
    if proposal.kind == Kind.REVOKE:
        assign(opened.assessment, None)
