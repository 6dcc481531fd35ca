"""Verbs of the review chain: open, fill in, submit, review, return, agree, recognise.

Nobody reviews what they submitted or filled in (steps.own_work). The 承办人 (``assignee``) says who works on an assessment, it
locks nobody out: whoever opens it; at a reviewing level whoever first judges a criterion while nobody does; of what is
returned whoever last acted for that level, if still there. Colleagues may act as well; a hand-over moves it.
"""

from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.assessments.answers import answer_of, stored
from apps.assessments.chain import chain_of
from apps.assessments.files import judge_file, safe_name
from apps.assessments.models import (
    Assessment,
    CriterionResult,
    Evidence,
    ReturnedCriterion,
    ReviewAction,
    SecondApproval,
)
from apps.assessments.recognition import check_recognition, complete_recognition, recognition_year
from apps.assessments.refusals import changed_meanwhile, nobody_else, whose_turn
from apps.assessments.second_approval import propose
from apps.assessments.steps import assign, effective_results, note_filling_in, open_for, pass_on, record
from apps.assessments.stored_files import delete_with_files
from apps.campaigns.domain import move_stage, needs_second_approval
from apps.campaigns.models import Participation, Recognition
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.standards.domain import spec_in_use
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, ScoringError, score_criterion

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
        raise TransitionError(f"{participation.community} 已调出年度创建计划，不能开始自评。")
    existing = Assessment.objects.filter(participation=locked).first()
    if existing is not None:
        return existing
    submitting, *reviewing = chain_of(locked)
    if submitting != actor.jurisdiction:
        raise PermissionDenied(f"{locked.community} 的自评由{submitting}填报。")
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
    criterion_spec = spec_in_use(locked.standard).criteria()[criterion.number]
    try:
        values = stored(answer, score_criterion(criterion_spec, answer))
    except ScoringError as error:
        raise InvalidInput(str(error)) from error
    own = CriterionResult.objects.filter(assessment=locked, criterion=criterion, level=level)
    existing = own.select_related("updated_by").first()
    if seen is not None and seen != (existing.version if existing else 0):
        raise StaleForm(changed_meanwhile(criterion, existing))
    if locked.assignee is None:
        assign(locked, actor.user)
    if opened.is_with_submitter:
        _check_editable(locked, criterion)
        note_filling_in(locked, actor.user)
    else:
        lower = effective_results(locked, opened.chain[: opened.place]).get(criterion.number)
        if lower is not None and stored(answer_of(lower), score_criterion(criterion_spec, answer_of(lower))) == values:
            own.delete()
            return None
        if not note.strip():
            raise InvalidInput(f"第 {criterion.number} 条的意见与下级不同，请说明理由。")
    result, _ = own.update_or_create(
        assessment=locked,
        criterion=criterion,
        level=level,
        defaults={
            **values,
            "note": note.strip(),
            "version": existing.version + 1 if existing else 1,
            "updated_at": clock.now(),
            "updated_by": actor.user,
        },
    )
    return result


@transaction.atomic
def attach_evidence(
    assessment: Assessment, criterion: Criterion, file: UploadedFile, *, actor: Actor, caption: str = ""
) -> Evidence:
    """Attach a file to a criterion (佐证材料); the same file twice on one criterion is kept once."""
    # Judging may take seconds: only for whom it is open, and without the lock that others would wait for.
    require(actor, "self_assess", assessment.path)
    now = Assessment.objects.with_context().get(pk=assessment.pk)
    is_with_submitter = now.holder == chain_of(now.participation)[0]
    if now.status == Status.RECOGNISED or now.holder != actor.jurisdiction or not is_with_submitter:
        raise TransitionError(whose_turn(now))
    _check_editable(now, criterion)
    judged = judge_file(file)
    opened = open_for(assessment, actor, by_submitter=True)
    _check_editable(opened.assessment, criterion)
    attached = Evidence.objects.filter(assessment=opened.assessment, criterion=criterion)
    if (same := attached.filter(sha256=judged.sha256).first()) is not None:
        return same
    if attached.count() >= settings.EVIDENCE_MAX_PER_CRITERION:
        raise InvalidInput(
            f"第 {criterion.number} 条已有 {settings.EVIDENCE_MAX_PER_CRITERION} 份材料，请先删去不需要的。"
        )
    note_filling_in(opened.assessment, actor.user)
    name = safe_name(file.name or "文件", judged.ending)
    file.name = f"file{judged.ending}"
    return Evidence.objects.create(
        assessment=opened.assessment,
        criterion=criterion,
        file=file,
        name=name,
        content_type=judged.content_type,
        size=judged.size,
        sha256=judged.sha256,
        caption=caption.strip(),
        round=opened.assessment.round,
        uploaded_at=clock.now(),
        uploaded_by=actor.user,
    )


@transaction.atomic
def remove_evidence(evidence: Evidence, *, actor: Actor) -> Criterion:
    """Take a file away from its criterion while the self-assessment is open; stored files go once this is committed."""
    opened = open_for(evidence.assessment, actor, by_submitter=True)
    if evidence.criterion is None:
        raise TransitionError("这是现场核查的照片，由核查单位在核查记录里删除。")
    _check_editable(opened.assessment, evidence.criterion)
    delete_with_files(evidence)
    return evidence.criterion


@transaction.atomic
def submit_assessment(assessment: Assessment, *, actor: Actor) -> ReviewAction:
    """Submit the self-assessment to the next level (提交自评); from then on it is locked until it is returned.

    InvalidInput lists the criteria without an answer or without the evidence that the standard requires.
    """
    opened = open_for(assessment, actor, by_submitter=True)
    locked = opened.assessment
    results = effective_results(locked, opened.chain[:1])
    criteria = list(Criterion.objects.filter(standard=locked.standard).order_by("number"))
    if missing := [str(one.number) for one in criteria if one.number not in results]:
        raise InvalidInput(f"还有 {len(missing)} 条没有填：第 {'、'.join(missing)} 条。填完后再提交。")
    with_evidence = set(Evidence.objects.filter(assessment=locked).values_list("criterion_id", flat=True))
    lacking = [str(one.number) for one in criteria if one.required_evidence and one.pk not in with_evidence]
    if lacking:
        raise InvalidInput(f"第 {'、'.join(lacking)} 条须附佐证材料。")
    note_filling_in(locked, actor.user)
    locked.round += 1
    move_stage(locked.participation, Participation.Stage.IN_REVIEW)
    return pass_on(opened, Kind.SUBMIT, opened.chain[1], Status.IN_REVIEW, actor, results)


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
    results = check_recognition(opened, year, actor=actor)
    if needs_second_approval(participation.campaign):
        values = {"year": year, "document_number": document_number, "comment": comment.strip()}
        return propose(opened, SecondApproval.Kind.RECOGNISE, values, actor=actor, results=results)
    return complete_recognition(
        opened, results, year=year, document_number=document_number, comment=comment, actor=actor
    )


def open_return(assessment: Assessment) -> ReviewAction | None:
    """Return the return that the holder has to answer, if the last step was one."""
    last = assessment.actions.order_by("-at", "-id").prefetch_related("returned_criteria__criterion").first()
    return last if last is not None and last.kind == Kind.RETURN else None


def editable_criteria(assessment: Assessment) -> set[int] | None:
    """Return the ids of the criteria that were returned singly; None: all of them may be edited."""
    answered = open_return(assessment)
    return {one.criterion_id for one in answered.returned_criteria.all()} or None if answered else None


def _check_editable(assessment: Assessment, criterion: Criterion) -> None:
    returned = editable_criteria(assessment)
    if returned is not None and criterion.pk not in returned:
        raise TransitionError(f"第 {criterion.number} 条未被退回，已锁定。本次只修改退回的条目。")
