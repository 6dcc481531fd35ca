"""Verbs of the review chain: open, fill in, submit, review, return, agree, recognise."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.assessments.answers import answer_of, answers_of, snapshot, stored
from apps.assessments.chain import chain_of, place_in
from apps.assessments.files import judge_file, safe_name
from apps.assessments.models import Assessment, CriterionResult, Evidence, ReturnedCriterion, ReviewAction
from apps.assessments.refusals import changed_meanwhile, nobody_else, shortfall, whose_turn
from apps.campaigns.domain import move_stage, recognise_participation
from apps.campaigns.models import Participation, Recognition
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.standards.domain import spec_in_use
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, ScoringError, StandardScore, score, score_criterion, standing

Status = Assessment.Status
Kind = ReviewAction.Kind

TRANSITIONS: dict[str, set[str]] = {
    Status.DRAFT: {Status.IN_REVIEW},
    Status.IN_REVIEW: {Status.IN_REVIEW, Status.RETURNED, Status.RECOGNISED},
    Status.RETURNED: {Status.IN_REVIEW, Status.RETURNED, Status.RECOGNISED},
    Status.RECOGNISED: set(),
}


@dataclass
class Opened:
    """An assessment loaded for a step: locked, with its chain and the place of its holder in it."""

    assessment: Assessment
    chain: list[Jurisdiction]
    place: int = field(init=False)

    def __post_init__(self) -> None:
        self.place = place_in(self.chain, self.assessment.holder)

    @property
    def is_with_submitter(self) -> bool:
        return self.place == 0

    @property
    def is_last(self) -> bool:
        return self.place == len(self.chain) - 1


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
        participation=locked, standard=locked.campaign.standard, holder=submitting, held_since=clock.now()
    )
    move_stage(locked, Participation.Stage.DRAFTING)
    _record(assessment, Kind.OPEN, actor)
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
    opened = _open_for(assessment, actor)
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
    if opened.is_with_submitter:
        _check_editable(locked, criterion)
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
    require(actor, "self_assess", assessment.path)
    judged = judge_file(file)
    opened = _open_for(assessment, actor, by_submitter=True)
    _check_editable(opened.assessment, criterion)
    attached = Evidence.objects.filter(assessment=opened.assessment, criterion=criterion)
    if (same := attached.filter(sha256=judged.sha256).first()) is not None:
        return same
    if attached.count() >= settings.EVIDENCE_MAX_PER_CRITERION:
        raise InvalidInput(
            f"第 {criterion.number} 条已有 {settings.EVIDENCE_MAX_PER_CRITERION} 份材料，请先删去不需要的。"
        )
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
def remove_evidence(evidence: Evidence, *, actor: Actor) -> None:
    """Take a file away again while the self-assessment is open; the stored file goes once this is committed."""
    opened = _open_for(evidence.assessment, actor, by_submitter=True)
    _check_editable(opened.assessment, evidence.criterion)
    name, storage = evidence.file.name, evidence.file.storage
    evidence.delete()
    if name and not Evidence.objects.filter(file=name).exists():
        transaction.on_commit(lambda: storage.delete(name), robust=True)


@transaction.atomic
def submit_assessment(assessment: Assessment, *, actor: Actor) -> ReviewAction:
    """Submit the self-assessment to the next level (提交自评); from then on it is locked until it is returned.

    InvalidInput lists the criteria without an answer or without the evidence that the standard requires.
    """
    opened = _open_for(assessment, actor, by_submitter=True)
    locked = opened.assessment
    results = effective_results(locked, opened.chain[:1])
    criteria = list(Criterion.objects.filter(standard=locked.standard).order_by("number"))
    if missing := [str(one.number) for one in criteria if one.number not in results]:
        raise InvalidInput(f"还有 {len(missing)} 条没有填：第 {'、'.join(missing)} 条。填完后再提交。")
    with_evidence = set(Evidence.objects.filter(assessment=locked).values_list("criterion_id", flat=True))
    lacking = [str(one.number) for one in criteria if one.required_evidence and one.pk not in with_evidence]
    if lacking:
        raise InvalidInput(f"第 {'、'.join(lacking)} 条须附佐证材料。")
    locked.round += 1
    move_stage(locked.participation, Participation.Stage.IN_REVIEW)
    return _pass_on(opened, Kind.SUBMIT, opened.chain[1], Status.IN_REVIEW, actor, results)


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
    opened = _open_for(assessment, actor, by_reviewer=True, seen_action=seen_action)
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
    action = _pass_on(opened, Kind.RETURN, below, Status.RETURNED, actor, results, comment)
    ReturnedCriterion.objects.bulk_create(
        [ReturnedCriterion(action=action, criterion=criteria[number], reason=text) for number, text in reasons.items()]
    )
    return action


@transaction.atomic
def agree_assessment(
    assessment: Assessment, comment: str = "", *, actor: Actor, seen_action: int | None = None
) -> ReviewAction:
    """Agree, with one's own verdicts, and pass it to the next level up (同意上报)."""
    opened = _open_for(assessment, actor, by_reviewer=True, seen_action=seen_action)
    if opened.is_last:
        raise TransitionError(f"{opened.assessment.holder}是最后一级，请直接认定。")
    results = effective_results(opened.assessment, opened.chain[: opened.place + 1])
    return _pass_on(opened, Kind.AGREE, opened.chain[opened.place + 1], Status.IN_REVIEW, actor, results, comment)


@transaction.atomic
def recognise_assessment(
    assessment: Assessment,
    *,
    actor: Actor,
    year: int | None = None,
    document_number: str = "",
    comment: str = "",
    seen_action: int | None = None,
) -> Recognition:
    """Recognise the community as 绿色社区 of ``year`` (认定), at the last level of the chain.

    ``year`` is recognition_year by default; InvalidInput when the assessment does not meet the standard, or the year lies
    outside the campaign or before the plan's year.
    """
    opened = _open_for(assessment, actor, by_reviewer=True, seen_action=seen_action)
    locked, participation = opened.assessment, opened.assessment.participation
    require(actor, "recognise_communities", locked.path)
    if not opened.is_last:
        raise TransitionError(f"认定由{opened.chain[-1]}办理，{locked.holder}请同意上报。")
    campaign = participation.campaign
    year = recognition_year(participation) if year is None else year
    if year not in campaign.years or year < participation.year:
        raise InvalidInput(f"认定年度 {year} 不对：应在 {participation.year} 至 {campaign.last_year} 年之间。")
    results = effective_results(locked, opened.chain)
    judged = score_of(locked, results)
    if not judged.meets_standard:
        failed = standing(spec_in_use(locked.standard), answers_of(results.values())).failed
        raise InvalidInput(shortfall(locked, judged, failed))
    recognition = recognise_participation(
        participation, year=year, document_number=document_number.strip(), actor=actor
    )
    _pass_on(opened, Kind.RECOGNISE, locked.holder, Status.RECOGNISED, actor, results, comment)
    return recognition


def recognition_year(participation: Participation) -> int:
    """Return the year that a recognition today counts for: the business year, within the campaign and not before the plan's."""
    return max(participation.year, participation.campaign.year_for(clock.today().year))


def effective_results(assessment: Assessment, chain: list[Jurisdiction]) -> dict[int, CriterionResult]:
    """Return, by criterion number, the result that stands after the levels of ``chain``: the highest one that spoke."""
    rank = {one.level: position for position, one in enumerate(chain)}
    rows = CriterionResult.objects.filter(assessment=assessment, level__in=rank).select_related("criterion")
    return {row.criterion.number: row for row in sorted(rows, key=lambda row: rank[row.level])}


def score_of(assessment: Assessment, results: Mapping[int, CriterionResult]) -> StandardScore:
    """Score complete results under the standard that the assessment began with."""
    return score(spec_in_use(assessment.standard), answers_of(results.values()))


def open_return(assessment: Assessment) -> ReviewAction | None:
    """Return the return that the holder has to answer, if the last step was one."""
    last = assessment.actions.order_by("-at", "-id").prefetch_related("returned_criteria__criterion").first()
    return last if last is not None and last.kind == Kind.RETURN else None


def editable_criteria(assessment: Assessment) -> set[int] | None:
    """Return the ids of the criteria that were returned singly; None: all of them may be edited."""
    answered = open_return(assessment)
    return {one.criterion_id for one in answered.returned_criteria.all()} or None if answered else None


def _open_for(
    assessment: Assessment,
    actor: Actor,
    *,
    by_submitter: bool = False,
    by_reviewer: bool = False,
    seen_action: int | None = None,
) -> Opened:
    """Lock the assessment and check that it is the actor's turn; the error says whose it is and since when."""
    # Locked alone: joined to its holder, the row would vanish for whoever waited for a step that changed the holder.
    Assessment.objects.select_for_update().get(pk=assessment.pk)
    locked = Assessment.objects.with_context().get(pk=assessment.pk)
    opened = Opened(locked, chain_of(locked.participation))
    is_held = locked.holder == actor.jurisdiction
    submits = by_submitter
    if not (by_submitter or by_reviewer):
        submits = opened.is_with_submitter if is_held else actor.can("self_assess", locked.path)
    require(actor, "self_assess" if submits else "review_assessments", locked.path)
    if locked.status == Status.RECOGNISED or not is_held or opened.is_with_submitter != submits:
        raise TransitionError(whose_turn(locked))
    if not opened.is_with_submitter and locked.actions.filter(kind=Kind.SUBMIT, user=actor.user).exists():
        raise PermissionDenied("这件自评由您提交，须由其他人审核。")
    if seen_action is not None and seen_action != locked.actions.order_by("-at", "-id").values_list("pk", flat=True)[0]:
        raise StaleForm(whose_turn(locked) + "请刷新后再办理。")
    return opened


def _check_editable(assessment: Assessment, criterion: Criterion) -> None:
    returned = editable_criteria(assessment)
    if returned is not None and criterion.pk not in returned:
        raise TransitionError(f"第 {criterion.number} 条未被退回，已锁定。本次只修改退回的条目。")


def _pass_on(
    opened: Opened,
    kind: ReviewAction.Kind,
    to: Jurisdiction,
    status: Assessment.Status,
    actor: Actor,
    results: Mapping[int, CriterionResult],
    comment: str = "",
) -> ReviewAction:
    """Hand the assessment to ``to`` with the score that stands now, and write the step into the history."""
    assessment = opened.assessment
    if status not in TRANSITIONS[assessment.status]:
        raise TransitionError(whose_turn(assessment))
    _drop_agreement(opened, results)
    judged = score_of(assessment, results)
    assessment.total_points, assessment.meets_standard = judged.total, judged.meets_standard
    assessment.status, assessment.holder, assessment.held_since = status, to, clock.now()
    assessment.save(update_fields=["total_points", "meets_standard", "status", "holder", "held_since", "round"])
    return _record(assessment, kind, actor, to, comment, results)


def _drop_agreement(opened: Opened, results: Mapping[int, CriterionResult]) -> None:
    """Delete verdicts of an earlier round that by now say the same as the level below them: who agrees has no row."""
    stands = dict(results)
    rank = {one.level: position for position, one in enumerate(opened.chain)}
    levels = [one.level for one in opened.chain[opened.place + 1 :]]
    rows = CriterionResult.objects.filter(assessment=opened.assessment, level__in=levels).select_related("criterion")
    for row in sorted(rows, key=lambda row: rank[row.level]):
        below = stands.get(row.criterion.number)
        if below is not None and (below.verdict, below.deductions) == (row.verdict, row.deductions):
            row.delete()
        else:
            stands[row.criterion.number] = row


def _record(
    assessment: Assessment,
    kind: ReviewAction.Kind,
    actor: Actor,
    to: Jurisdiction | None = None,
    comment: str = "",
    results: Mapping[int, CriterionResult] | None = None,
) -> ReviewAction:
    return ReviewAction.objects.create(
        assessment=assessment,
        kind=kind,
        jurisdiction=actor.jurisdiction,
        passed_to=to,
        user=actor.user,
        at=clock.now(),
        comment=comment.strip(),
        round=assessment.round,
        total_points=assessment.total_points,
        meets_standard=assessment.meets_standard,
        results=snapshot(results or {}),
    )
