"""Saving one criterion of the self-assessment, in as few statements as it takes: clerks do it forty times an hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery

from apps.accounts.permissions import Actor, require
from apps.assessments.answers import stored
from apps.assessments.chain import submits
from apps.assessments.models import Assessment, CriterionResult, ReturnedCriterion, ReviewAction
from apps.assessments.refusals import changed_meanwhile, locked_singly, whose_turn
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.standards.domain import parts_in_use, spec_in_use, standard_in_use
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, ScoringError, score_criterion

Status = Assessment.Status

_JOINED = ("participation__path", "participation__community_id", "participation__campaign__review_chain")


@dataclass(frozen=True)
class Filled:
    """What was saved, with what the page around it shows: the level's ``results`` by the id of their criterion, the ids of the
    criteria ``with_evidence``, and the ``reasons`` of criteria that were returned singly.
    """

    assessment: Assessment
    result: CriterionResult
    results: Mapping[int, CriterionResult]
    with_evidence: frozenset[int]
    reasons: Mapping[int, str]


def being_filled_in(pk: int) -> Assessment:
    """The assessment, locked, with what ``fill_in`` has to know of it; no step changes what it is joined to."""
    own = [field.attname for field in Assessment._meta.concrete_fields]
    rows = Assessment.objects.select_related("participation__campaign").only(*own, *_JOINED)
    assessment = rows.select_for_update(of=("self",)).get(pk=pk)
    assessment.standard = standard_in_use(assessment.standard_id)
    return assessment


def may_fill(assessment: Assessment, actor: Actor) -> bool:
    """Whether the actor may fill it in now."""
    return (
        assessment.status in (Status.DRAFT, Status.RETURNED)
        and assessment.holder_id == actor.jurisdiction.pk
        and actor.can("self_assess", assessment.path)
        and submits(assessment.participation, actor.jurisdiction)
    )


def fill_in(
    assessment: Assessment,
    criterion: Criterion,
    answer: Answer,
    *,
    actor: Actor,
    note: str = "",
    seen: int | None = None,
) -> Filled:
    """Save the self-assessment's answer on one criterion; what ``domain.save_result`` refuses is refused here.

    ``assessment`` comes from ``being_filled_in`` in this transaction. Nothing is written before the last refusal, so that no
    savepoint is needed.
    """
    require(actor, "self_assess", assessment.path)
    if not may_fill(assessment, actor):
        raise TransitionError(whose_turn(assessment))
    assessment.holder = actor.jurisdiction
    values = judged(assessment, criterion, answer)
    rows = CriterionResult.objects.filter(assessment=assessment, level=assessment.holder.level)
    results = {row.criterion_id: row for row in rows}
    existing = results.get(criterion.pk)
    check_seen(criterion, existing, seen)
    reasons = _returned_singly(assessment)
    if reasons and criterion.pk not in reasons:
        raise TransitionError(locked_singly(assessment, criterion))
    note_work(assessment, actor)
    result = write_result(assessment, criterion, existing, values, note, actor=actor)
    return Filled(assessment, result, results | {criterion.pk: result}, _with_evidence(assessment), reasons)


def _returned_singly(assessment: Assessment) -> dict[int, str]:
    """The reasons of the last return by the id of the criterion: that is the one to answer, whatever was recalled since."""
    if assessment.status != Status.RETURNED:
        return {}
    last = assessment.actions.filter(kind=ReviewAction.Kind.RETURN).order_by("-at", "-id").values("pk")[:1]
    return dict(ReturnedCriterion.objects.filter(action=Subquery(last)).values_list("criterion_id", "reason"))


def _with_evidence(assessment: Assessment) -> frozenset[int]:
    """The ids of the criteria with evidence; under a standard that requires none of any criterion, nobody asks."""
    criteria = (one for section in parts_in_use(assessment.standard) for one in section.criteria.all())
    if not any(one.required_evidence for one in criteria):
        return frozenset()
    return frozenset(assessment.evidence.filter(criterion__isnull=False).values_list("criterion_id", flat=True))


def judged(assessment: Assessment, criterion: Criterion, answer: Answer) -> dict[str, Any]:
    """Return the columns that hold the answer with its points; InvalidInput on one that cannot be."""
    spec = spec_in_use(assessment.standard).criteria()[criterion.number]
    try:
        return stored(answer, score_criterion(spec, answer))
    except ScoringError as error:
        raise InvalidInput(str(error)) from error


def check_seen(criterion: Criterion, existing: CriterionResult | None, seen: int | None) -> None:
    """StaleForm when the form showed another version (0: none) than the one that stands."""
    if seen is not None and seen != (existing.version if existing else 0):
        raise StaleForm(changed_meanwhile(criterion, existing))


def note_work(assessment: Assessment, actor: Actor) -> None:
    """Remember that the person took part in the self-assessment, and that they work on it while nobody does."""
    changed = []
    if assessment.assignee_id is None:
        assessment.assignee = actor.user
        changed.append("assignee")
    if actor.user.pk not in assessment.filled_in_by:
        assessment.filled_in_by.append(actor.user.pk)
        changed.append("filled_in_by")
    if changed:
        assessment.save(update_fields=changed)


def write_result(
    assessment: Assessment,
    criterion: Criterion,
    existing: CriterionResult | None,
    values: Mapping[str, Any],
    note: str,
    *,
    actor: Actor,
    first_version: int = 1,
) -> CriterionResult:
    """Write the holder's own result; for the verbs, which have locked the assessment. Whoever saves has checked."""
    fresh = {
        **values,
        "note": note.strip(),
        "is_prefilled": False,
        "version": existing.version + 1 if existing else first_version,
        "updated_at": clock.now(),
        "updated_by": actor.user,
    }
    if existing is None:
        return CriterionResult.objects.create(
            assessment=assessment, criterion=criterion, level=assessment.holder.level, **fresh
        )
    for name, value in fresh.items():
        setattr(existing, name, value)
    existing.save(update_fields=list(fresh))
    return existing
