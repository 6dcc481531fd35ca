"""Verbs of the review chain: open, fill in, submit, review, return, agree, recognise.

Nobody reviews what they submitted or filled in (steps.own_work). The 承办人 (``assignee``) says who works on an assessment, it
locks nobody out: whoever opens it; of what is returned whoever last acted for that level, if still there; at a reviewing level
whoever judges a criterion or claims it (claims.py), which for a time keeps colleagues of that level from acting. A hand-over
moves it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, prefetch_related_objects

from apps.accounts.models import User
from apps.accounts.permissions import Actor, require
from apps.assessments.answers import answer_of
from apps.assessments.chain import chain_of
from apps.assessments.filling import check_seen, judged, note_work, write_result
from apps.assessments.models import (
    Assessment,
    CriterionResult,
    ReturnedCriterion,
    ReviewAction,
    SecondApproval,
)
from apps.assessments.opinions import check_objections
from apps.assessments.prefill import take_over
from apps.assessments.recognition import check_recognition, complete_recognition, recognition_year
from apps.assessments.refusals import (
    changed_before_submission,
    locked_singly,
    nobody_else,
    returned_singly,
    taken_off_plan,
)
from apps.assessments.second_approval import propose
from apps.assessments.steps import (
    effective_results,
    keep_claim,
    note_filling_in,
    open_for,
    pass_on,
    record,
    return_to_answer,
)
from apps.assessments.submission import changed_since, check_submission
from apps.assessments.worksheet import Worksheet, worksheet_of
from apps.campaigns.domain import move_stage, needs_second_approval
from apps.campaigns.models import Participation, Recognition
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion
from apps.standards.scoring import Answer

Status = Assessment.Status
Kind = ReviewAction.Kind


@transaction.atomic
def open_assessment(participation: Participation, *, actor: Actor) -> Assessment:
    """Begin the self-assessment of a planned community (开始自评), or return the one that was begun."""
    require(actor, "self_assess", participation.path)
    locked = (
        Participation.objects.select_for_update(of=("self",))
        .select_related("campaign__standard", "community__jurisdiction")
        .filter(pk=participation.pk)
        .first()
    )
    if locked is None:
        raise TransitionError(taken_off_plan(participation))
    existing = Assessment.objects.filter(participation=locked).first()
    if existing is not None:
        return existing
    if locked.ended_on is not None:
        raise TransitionError(f"{locked.community}已于 {locked.ended_on:%Y-%m-%d} 撤销，不再创建，不能开始自评。")
    submitting, *reviewing = chain_of(locked)
    if submitting != actor.jurisdiction:
        raise PermissionDenied(f"{locked.community} 的自评由{submitting}填报，{actor.jurisdiction}只能查看。")
    if not reviewing:
        raise TransitionError(nobody_else(locked, submitting))
    assessment = Assessment.objects.create(
        participation=locked,
        standard=locked.campaign.standard,
        holder=submitting,
        held_since=clock.now(),
        assignee=actor.user,
    )
    move_stage(locked, Participation.Stage.DRAFTING)
    take_over(assessment, actor=actor)
    record(assessment, Kind.OPEN, actor)
    return assessment


@transaction.atomic
def save_result(
    assessment: Assessment,
    criterion: Criterion,
    answer: Answer,
    *,
    actor: Actor,
    note: str = "",
    seen: int | None = None,
) -> CriterionResult | None:
    """Save what the holder found on one criterion: the self-assessment's answer, or the reviewer's own verdict.

    ``seen`` is the version of the row that the form showed (0: none yet); StaleForm when somebody saved another since. A
    reviewer's verdict equal to the lower one's is agreement and leaves no row (returns None); a differing one needs its
    reason in ``note``. InvalidInput names the criterion and value that cannot be.
    """
    opened = open_for(assessment, actor)
    locked, level = opened.assessment, opened.assessment.holder.level
    values = judged(locked, criterion, answer)
    own = CriterionResult.objects.filter(assessment=locked, criterion=criterion, level=level)
    existing = own.select_related("updated_by").first()
    check_seen(criterion, existing, seen)
    check_editable(locked, criterion)
    if opened.is_with_submitter:
        note_work(locked, actor)
        return write_result(locked, criterion, existing, values, note, actor=actor)
    lower = effective_results(locked, opened.chain[: opened.place]).get(criterion.number)
    keep_claim(locked, actor.user)
    if lower is not None and judged(locked, criterion, answer_of(lower)) == values:
        own.delete()
        return None
    if not note.strip():
        raise InvalidInput(f"第 {criterion.number} 条的意见与下级不同，请说明理由。")
    first = 1 if existing is not None else _unused_version(locked, criterion)
    return write_result(locked, criterion, existing, values, note, actor=actor, first_version=first)


@transaction.atomic
def submit_assessment(
    assessment: Assessment, *, actor: Actor, explanation: str | None = None, seen_at: datetime | None = None
) -> ReviewAction:
    """Submit the self-assessment to the next level (提交自评); from then on it is locked until it is returned.

    InvalidInput lists what the standard still asks for. What is merely unusual has to be explained: ``explanation`` stands in the
    history as the comment of the step; None leaves that aside, where nobody was shown what is unusual. ``seen_at`` is the last
    change that the summary knew: StaleForm names the criteria changed since.
    """
    opened = open_for(assessment, actor, by_submitter=True)
    locked = opened.assessment
    sheet = worksheet_of(locked, actor)
    _check_unchanged(sheet, seen_at)
    comment = check_submission(sheet, explanation)
    results = effective_results(locked, opened.chain[:1])
    note_filling_in(locked, actor.user)
    locked.round += 1
    move_stage(locked.participation, Participation.Stage.IN_REVIEW)
    return pass_on(opened, Kind.SUBMIT, opened.chain[1], Status.IN_REVIEW, actor, results, comment)


@transaction.atomic
def return_assessment(
    assessment: Assessment,
    comment: str,
    reasons: Mapping[int, str] | None = None,
    *,
    actor: Actor,
    seen_action: int | None = None,
) -> ReviewAction:
    """Send it back to the level below with reasons (退回), for the whole or for single criteria (``reasons`` by number).

    What the level above returned singly is passed on singly: InvalidInput on anything else.
    ``seen_action`` is the last step that the form knew (here and below): StaleForm when there has been another since.
    """
    opened = open_for(assessment, actor, by_reviewer=True, seen_action=seen_action)
    locked, reasons = opened.assessment, {number: text.strip() for number, text in (reasons or {}).items()}
    if not comment.strip() and not reasons:
        raise InvalidInput("请填写退回理由。")
    if empty := [str(number) for number, text in reasons.items() if not text]:
        raise InvalidInput(f"第 {'、'.join(empty)} 条没有填退回理由。")
    criteria = {one.number: one for one in Criterion.objects.filter(standard=locked.standard, number__in=reasons)}
    if unknown := [str(number) for number in reasons if number not in criteria]:
        raise InvalidInput(f"标准里没有第 {'、'.join(unknown)} 条。")
    below = opened.chain[opened.place - 1]
    _check_returnable(locked, set(criteria), below)
    results = effective_results(locked, opened.chain[: opened.place + 1])
    if opened.place == 1:
        move_stage(locked.participation, Participation.Stage.RETURNED)
    action = pass_on(opened, Kind.RETURN, below, Status.RETURNED, actor, results, comment)
    ReturnedCriterion.objects.bulk_create(
        [ReturnedCriterion(action=action, criterion=criteria[number], reason=text) for number, text in reasons.items()]
    )
    return action


@transaction.atomic
def agree_assessment(
    assessment: Assessment, comment: str = "", *, actor: Actor, seen_action: int | None = None
) -> ReviewAction:
    """Agree, with one's own verdicts, and pass it to the next level up (同意上报)."""
    opened = open_for(assessment, actor, by_reviewer=True, seen_action=seen_action)
    if opened.is_last:
        raise TransitionError(f"{opened.assessment.holder}是最后一级，请直接认定。")
    check_objections(opened, comment)
    results = effective_results(opened.assessment, opened.chain[: opened.place + 1])
    return pass_on(opened, Kind.AGREE, opened.chain[opened.place + 1], Status.IN_REVIEW, actor, results, comment)


@transaction.atomic
def recognise_assessment(
    assessment: Assessment,
    *,
    actor: Actor,
    year: int | None = None,
    document_number: str = "",
    comment: str = "",
    seen_action: int | None = None,
) -> Recognition | SecondApproval:
    """Recognise the community as 绿色社区 of ``year`` (认定), at the last level of the chain.

    Where the campaign asks for a second approver, this proposes it, and it stays with the last level until another person
    has decided.

    ``year`` is recognition_year by default; InvalidInput when the assessment does not meet the standard, or the year lies
    outside the campaign or before the plan's year.
    """
    opened = open_for(assessment, actor, by_reviewer=True, seen_action=seen_action)
    participation, document_number = opened.assessment.participation, document_number.strip()
    year = recognition_year(participation) if year is None else year
    check_objections(opened, comment)
    results = check_recognition(opened, year, document_number, actor=actor)
    if needs_second_approval(participation.campaign):
        values = {"year": year, "document_number": document_number, "comment": comment.strip()}
        return propose(opened, SecondApproval.Kind.RECOGNISE, values, actor=actor, results=results)
    return complete_recognition(
        opened, results, year=year, document_number=document_number, comment=comment, actor=actor
    )


def open_return(assessment: Assessment) -> ReviewAction | None:
    """Return the return that the holder has still to answer; an answer that was recalled is none."""
    steps = assessment.actions.select_related("jurisdiction").order_by("at", "id").defer("results")
    answered = return_to_answer(steps, assessment.holder_id)
    if answered is not None:
        prefetch_related_objects([answered], "returned_criteria__criterion")
    return answered


def editable_criteria(assessment: Assessment) -> set[int] | None:
    """Return the ids of the criteria that were returned singly; None: all of them may be edited."""
    answered = open_return(assessment)
    return {one.criterion_id for one in answered.returned_criteria.all()} or None if answered else None


def check_editable(assessment: Assessment, criterion: Criterion) -> None:
    """TransitionError where other criteria than this one were returned singly; for the verbs, which have locked it."""
    returned = editable_criteria(assessment)
    if returned is not None and criterion.pk not in returned:
        raise TransitionError(locked_singly(assessment, criterion))


def _check_returnable(assessment: Assessment, numbers: set[int], below: Jurisdiction) -> None:
    """InvalidInput where the level above returned single criteria, and others or the whole would go on to ``below``."""
    answered = open_return(assessment)
    returned = {one.criterion.number for one in answered.returned_criteria.all()} if answered else set()
    if answered is not None and returned and not (numbers and numbers <= returned):
        raise InvalidInput(returned_singly(answered, below))


def _check_unchanged(sheet: Worksheet, seen_at: datetime | None) -> None:
    changes: dict[int, tuple[User, datetime]] = {}
    for card in changed_since(sheet, seen_at):
        made = [(one.uploaded_at, one.uploaded_by) for one in card.evidence]
        made += [(card.result.updated_at, card.result.updated_by)] if card.result is not None else []
        when, user = max(made, key=lambda one: one[0])
        changes[card.number] = user, when
    if changes:
        raise StaleForm(changed_before_submission(changes))


def _unused_version(assessment: Assessment, criterion: Criterion) -> int:
    """The version above all that the level's verdict on the criterion ever had: agreement deletes the row, pages remember it."""
    history: Any = apps.get_model("assessments", "CriterionResultEvent")
    # By the path, which has an index.
    of = {"path": assessment.path, "assessment": assessment, "criterion": criterion, "level": assessment.holder.level}
    last: int | None = history.objects.filter(**of).aggregate(last=Max("version"))["last"]
    return (last or 0) + 1
