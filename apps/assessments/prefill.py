"""What is known of a community when its self-assessment begins, to be confirmed one by one: what its survey tells, and the answers
that it gave the last time."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.assessments.answers import answer_of, stored
from apps.assessments.filling import note_work
from apps.assessments.from_survey import answers_from_survey
from apps.assessments.models import Assessment, CriterionResult, ReviewAction
from apps.assessments.steps import open_for
from apps.core import clock
from apps.standards.domain import parts_in_use, spec_in_use
from apps.standards.models import Criterion, Standard
from apps.standards.scoring import Answer, ScoringError, score_criterion

Kind = ReviewAction.Kind


@dataclass(frozen=True)
class Source:
    """Where answers were taken over from: the last submission of an earlier assessment of the same community."""

    action: ReviewAction

    @property
    def standard(self) -> Standard:
        return self.action.assessment.standard

    @property
    def results(self) -> Mapping[str, Mapping[str, Any]]:
        """The submitting level's own answers as they were handed in, by criterion number."""
        return self.action.results

    def __str__(self) -> str:
        participation = self.action.assessment.participation
        day = timezone.localtime(self.action.at)
        return f"{participation.year} 年“{participation.campaign}”，{day:%Y-%m-%d} 提交"


def source_of(assessment: Assessment, before: datetime | None = None) -> Source | None:
    """Return what the community handed in last before ``before`` (None: until now), in another campaign, and did not recall."""
    later = ReviewAction.objects.filter(assessment=OuterRef("assessment"), pk__gt=OuterRef("pk")).order_by("at", "id")
    submitted = (
        ReviewAction.objects.filter(
            kind=Kind.SUBMIT, assessment__participation__community=assessment.participation.community_id
        )
        .exclude(assessment=assessment)
        .annotate(next_kind=Coalesce(Subquery(later.values("kind")[:1]), Value("")))
        .exclude(next_kind=Kind.RECALL)
    )
    if before is not None:
        submitted = submitted.filter(at__lte=before)
    joined = submitted.select_related("assessment__participation__campaign", "assessment__standard")
    action = joined.order_by("-at", "-id").first()
    return Source(action) if action is not None else None


def take_over(assessment: Assessment, *, actor: Actor) -> list[CriterionResult]:
    """Write what is known as results that wait to be confirmed; for ``open_assessment``, which has created the assessment.

    What the survey tells comes before the answer of the last time: it is newer.
    """
    specs, now = spec_in_use(assessment.standard).criteria(), clock.now()
    known = _last_answers(assessment) | answers_from_survey(assessment)
    rows = []
    for criterion in _criteria(assessment.standard):
        if criterion.number not in known:
            continue
        answer, note = known[criterion.number]
        try:
            values = stored(answer, score_criterion(specs[criterion.number], answer))
        except ScoringError:
            continue
        rows.append(
            CriterionResult(
                assessment=assessment,
                criterion=criterion,
                level=assessment.holder.level,
                **values,
                note=note,
                is_prefilled=True,
                updated_at=now,
                updated_by=actor.user,
            )
        )
    return CriterionResult.objects.bulk_create(rows)


def _last_answers(assessment: Assessment) -> dict[int, tuple[Answer, str]]:
    """What the community handed in the last time, as far as it answers the same; by criterion number, with the note."""
    source = source_of(assessment)
    if source is None:
        return {}
    fitting = matches(assessment.standard, source.standard)
    return {
        fitting[number].number: (
            answer_of(CriterionResult(verdict=found["verdict"], deductions=found["deductions"])),
            found["note"],
        )
        for number, found in ((int(key), found) for key, found in source.results.items())
        if number in fitting
    }


@transaction.atomic
def confirm_results(assessment: Assessment, *, actor: Actor) -> list[int]:
    """Confirm all that was taken over and not looked at yet (全部核对无误); return the numbers. Twice has one effect.

    A single one is confirmed by saving it.
    """
    opened = open_for(assessment, actor, by_submitter=True)
    rows = CriterionResult.objects.filter(
        assessment=opened.assessment, level=opened.assessment.holder.level, is_prefilled=True
    )
    waiting = list(rows.select_related("criterion").order_by("criterion__number"))
    if not waiting:
        return []
    note_work(opened.assessment, actor)
    now = clock.now()
    for row in waiting:
        row.is_prefilled, row.version, row.updated_at, row.updated_by = False, row.version + 1, now, actor.user
    CriterionResult.objects.bulk_update(waiting, ["is_prefilled", "version", "updated_at", "updated_by"])
    return [row.criterion.number for row in waiting]


def matches(standard: Standard, earlier: Standard) -> dict[int, Criterion]:
    """Return, by number in the ``earlier`` standard, the criterion of ``standard`` that its answer fits exactly.

    The same number in the same standard; otherwise what is tied to it, if it is the only one and their rules are the same.
    """
    ours, theirs = _criteria(standard), _criteria(earlier)
    if standard.pk == earlier.pk:
        return {one.number: one for one in ours}
    found: dict[int, list[Criterion]] = defaultdict(list)
    tied: dict[int, list[Criterion]] = defaultdict(list)
    for new in ours:
        for old in theirs:
            if _is_tied(new, old) or (standard.replaces_id == earlier.pk and new.number == old.number):
                found[old.number].append(new)
                tied[new.pk].append(old)
    by_number = {old.number: old for old in theirs}
    return {
        number: news[0]
        for number, news in found.items()
        if len(news) == 1 and len(tied[news[0].pk]) == 1 and _fits(news[0], by_number[number])
    }


def _criteria(standard: Standard) -> list[Criterion]:
    return [one for section in parts_in_use(standard) for one in section.criteria.all()]


def _is_tied(new: Criterion, old: Criterion) -> bool:
    """One carries out the other, or both the same third one."""
    ours = {new.pk, new.refines_id, new.national_criterion_id} - {None}
    theirs = {old.pk, old.refines_id, old.national_criterion_id} - {None}
    return bool(ours & theirs)


def _fits(new: Criterion, old: Criterion) -> bool:
    """Whether an answer to one is an answer to the other: the same points, and rule by rule the same arithmetic and words."""
    specs = [
        replace(spec_in_use(one.standard).criteria()[one.number], number=0, is_veto=False, is_mandatory=False)
        for one in (new, old)
    ]
    rules = [[(rule.number, rule.text.strip()) for rule in one.rules.all()] for one in (new, old)]
    return specs[0] == specs[1] and rules[0] == rules[1]
