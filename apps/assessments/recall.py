"""撤回自评: the submitter takes a self-assessment back that nobody has begun to review."""

from dataclasses import dataclass

from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.assessments.chain import chain_of, place_in
from apps.assessments.models import Assessment, CriterionResult, DepartmentOpinion, ReturnNote, ReviewAction, SiteVisit
from apps.assessments.refusals import at, whose_turn
from apps.assessments.steps import (
    Opened,
    claimant,
    effective_results,
    last_act,
    lock,
    note_filling_in,
    pass_on,
    without_recalled,
)
from apps.campaigns.domain import move_stage
from apps.campaigns.models import Participation
from apps.core.errors import TransitionError

Status = Assessment.Status
Kind = ReviewAction.Kind
Stage = Participation.Stage


@dataclass(frozen=True)
class Recallability:
    """What the submitter's page says: whether it may be taken back, else in words why not any more and what to do."""

    refusal: str

    @property
    def is_possible(self) -> bool:
        return not self.refusal


@transaction.atomic
def recall_assessment(assessment: Assessment, *, actor: Actor) -> ReviewAction:
    """Take a submitted self-assessment back (撤回自评), as long as the review has not begun.

    It becomes the draft again, or the return that it answered, with the same criteria open. TransitionError says who has begun
    the review when, and how to get it back all the same.
    """
    opened = lock(assessment.pk)
    locked = opened.assessment
    require(actor, "self_assess", locked.path)
    if opened.chain[0] != actor.jurisdiction:
        raise TransitionError(f"{locked}由{opened.chain[0]}提交，撤回也由{opened.chain[0]}办理。")
    if refusal := _refusal(opened):
        raise TransitionError(refusal)
    steps = without_recalled(locked.actions.order_by("at", "id").defer("results"))
    was_returned = len(steps) > 1 and steps[-2].kind == Kind.RETURN
    note_filling_in(locked, actor.user)
    move_stage(locked.participation, Stage.RETURNED if was_returned else Stage.DRAFTING)
    status = Status.RETURNED if was_returned else Status.DRAFT
    results = effective_results(locked, opened.chain[:1])
    return pass_on(opened, Kind.RECALL, opened.chain[0], status, actor, results)


def recallability(assessment: Assessment, actor: Actor) -> Recallability | None:
    """Whether the person's level may take it back now; None where that is no question: it lies with them, or is decided."""
    chain = chain_of(assessment.participation)
    is_theirs = chain[0] == actor.jurisdiction and actor.can("self_assess", assessment.path)
    if (
        not is_theirs
        or assessment.status in (Status.RECOGNISED, Status.ENDED)
        or place_in(chain, assessment.holder_id) == 0
    ):
        return None
    return Recallability(_refusal(Opened(assessment, chain)))


def _refusal(opened: Opened) -> str:
    """Say who has begun the review, and how to get the assessment all the same; empty while nobody has."""
    assessment, reviewer = opened.assessment, opened.chain[min(1, len(opened.chain) - 1)]
    last = assessment.actions.order_by("-at", "-id").first()
    if last is None or last.kind != Kind.SUBMIT:
        if opened.is_with_submitter:
            return f"{assessment}现在由本单位办理，不用撤回。{whose_turn(assessment)}"
        return f"审核已经开始，不能撤回。{whose_turn(assessment)}需要修改的，请联系{assessment.holder}退回。"
    begun = _begun_since(opened, last)
    if not begun:
        return ""
    return f"{reviewer}{begun}，审核已经开始，不能撤回。需要修改的，请联系{reviewer}退回。"


def _begun_since(opened: Opened, submitted: ReviewAction) -> str:
    """Say what the reviewing level has done since: who, when."""
    assessment, reviewer = opened.assessment, opened.chain[1]
    if (person := claimant(assessment)) is not None:
        since = last_act(assessment)
        return f" {person} 已领办" + (f"（最近操作 {at(since)}）" if since is not None else "")
    verdicts = CriterionResult.objects.filter(
        assessment=assessment, level=reviewer.level, updated_at__gt=submitted.at
    ).order_by("updated_at")
    if (verdict := verdicts.select_related("updated_by").first()) is not None:
        return f" {verdict.updated_by} 已于 {at(verdict.updated_at)} 填写审核意见"
    # They are gone with the next step, so all are later.
    notes = ReturnNote.objects.filter(assessment=assessment).order_by("at")
    if (note := notes.select_related("user").first()) is not None:
        return f" {note.user} 已于 {at(note.at)} 记入退回"
    visits = SiteVisit.objects.filter(assessment=assessment, recorded_at__gt=submitted.at).order_by("recorded_at")
    if (visit := visits.select_related("recorded_by").first()) is not None:
        return f" {visit.recorded_by} 已于 {at(visit.recorded_at)} 登记现场核查"
    opinions = DepartmentOpinion.objects.filter(assessment=assessment, given_at__gt=submitted.at).order_by("given_at")
    if (opinion := opinions.select_related("given_by").first()) is not None:
        return f" {opinion.given_by}（{opinion.department}）已于 {at(opinion.given_at)} 填写部门意见"
    return ""
