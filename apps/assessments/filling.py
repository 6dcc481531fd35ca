"""Saving one criterion of the self-assessment, in as few statements as it takes: clerks do it forty times an hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from apps.accounts.permissions import Actor
from apps.assessments.answers import stored
from apps.assessments.models import (
    Assessment,
    AssessmentQuerySet,
    CriterionResult,
    Evidence,
    ReturnedCriterion,
    ReviewAction,
)
from apps.assessments.refusals import changed_meanwhile, locked_singly
from apps.assessments.steps import Opened, open_for
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.standards.domain import spec_in_use
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, ScoringError, score_criterion

_NEEDED = (
    *("path", "status", "held_since", "round", "assignee_id"),
    *("participation__path", "participation__community_id", "participation__campaign__review_chain"),
    *("standard__status", "standard__kind"),
    *("holder__path", "holder__level", "holder__name"),
)


@dataclass(frozen=True)
class Filled:
    """What was saved, with what the page around it shows: the level's ``results`` by the id of their criterion, the ids of the
    criteria ``with_evidence``, and the ``reasons`` of criteria that were returned singly.
    """

    opened: Opened
    result: CriterionResult
    results: Mapping[int, CriterionResult]
    with_evidence: frozenset[int]
    reasons: Mapping[int, str]


@cache
def being_filled_in() -> AssessmentQuerySet:
    """Assessments with what ``fill_in`` has to know of each, in one statement; put together once, and never evaluated itself."""
    # With the submitter, the last return is the one to answer, whatever was submitted and recalled since.
    returns = ReviewAction.objects.filter(assessment=OuterRef(OuterRef("pk")), kind="return").order_by("-at", "-id")
    returned = ReturnedCriterion.objects.filter(action=Subquery(returns.values("pk")[:1]))
    attached = Evidence.objects.filter(assessment=OuterRef("pk"), criterion__isnull=False).order_by("criterion_id")
    # Whatever else a refusal tells is read when it tells it.
    rows = Assessment.objects.select_related("participation__campaign", "standard", "holder").only(*_NEEDED)
    return rows.annotate(
        with_evidence=ArraySubquery(attached.values("criterion_id").distinct()),
        returned_singly=ArraySubquery(
            returned.order_by("criterion_id").values(entry=JSONObject(criterion="criterion_id", reason="reason"))
        ),
    )


@transaction.atomic
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

    ``assessment`` comes from ``being_filled_in``, read in this request: what was returned singly is believed of it as long as
    no step was taken since.
    """
    opened = open_for(assessment, actor, by_submitter=True, known=assessment)
    locked = opened.assessment
    if locked.held_since != assessment.held_since or locked.round != assessment.round:
        assessment = being_filled_in().get(pk=assessment.pk)
    known: Any = assessment
    reasons = {one["criterion"]: one["reason"] for one in known.returned_singly}
    values = judged(locked, criterion, answer)
    rows = CriterionResult.objects.filter(assessment=locked, level=locked.holder.level)
    results = {row.criterion_id: row for row in rows.select_related("updated_by")}
    existing = results.get(criterion.pk)
    check_seen(criterion, existing, seen)
    if reasons and criterion.pk not in reasons:
        raise TransitionError(locked_singly(locked, criterion))
    note_work(locked, actor)
    result = write_result(locked, criterion, existing, values, note, actor=actor)
    return Filled(opened, result, results | {criterion.pk: result}, frozenset(known.with_evidence), reasons)


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
