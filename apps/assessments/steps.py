"""What every step of an assessment shares: locking it, whose turn it is, the results that stand, handing it on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from apps.accounts.models import User
from apps.accounts.permissions import Actor, require
from apps.assessments.answers import answers_of, snapshot
from apps.assessments.chain import chain_of, place_in
from apps.assessments.models import Assessment, CriterionResult, ReviewAction, SecondApproval
from apps.assessments.people import people_able
from apps.assessments.refusals import awaiting_decision, whose_turn
from apps.core import clock
from apps.core.errors import StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.standards.domain import spec_in_use
from apps.standards.scoring import StandardScore, score

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


def lock(assessment_id: int) -> Opened:
    """Return the assessment as it stands now; whoever takes a step meanwhile waits."""
    # Locked alone: joined to its holder, the row would vanish for whoever waited for a step that changed the holder.
    Assessment.objects.select_for_update().get(pk=assessment_id)
    locked = Assessment.objects.with_context().get(pk=assessment_id)
    return Opened(locked, chain_of(locked.participation))


def open_for(
    assessment: Assessment,
    actor: Actor,
    *,
    by_submitter: bool = False,
    by_reviewer: bool = False,
    seen_action: int | None = None,
) -> Opened:
    """Lock the assessment and check that it is the actor's turn; the error says whose it is and since when."""
    opened = lock(assessment.pk)
    locked = opened.assessment
    is_held = locked.holder == actor.jurisdiction
    submits = by_submitter
    if not (by_submitter or by_reviewer):
        submits = opened.is_with_submitter if is_held else actor.can("self_assess", locked.path)
    require(actor, "self_assess" if submits else "review_assessments", locked.path)
    if locked.status == Status.RECOGNISED or not is_held or opened.is_with_submitter != submits:
        raise TransitionError(whose_turn(locked))
    if not opened.is_with_submitter:
        refuse_own_work(locked, actor.user)
        if (proposal := open_proposal(locked)) is not None:
            raise TransitionError(awaiting_decision(proposal))
    if seen_action is not None and seen_action != locked.actions.order_by("-at", "-id").values_list("pk", flat=True)[0]:
        raise StaleForm(whose_turn(locked) + "请刷新后再办理。")
    return opened


def open_proposal(assessment: Assessment) -> SecondApproval | None:
    """Return the recognition or revocation that waits for its second approver."""
    open_ones = assessment.second_approvals.filter(outcome=SecondApproval.Outcome.OPEN)
    return open_ones.select_related("proposed_by", "jurisdiction").first()


def own_work(assessment: Assessment, user: User) -> str:
    """Say why ``user`` may not judge the assessment; empty where nothing stands against it.

    Whoever submitted it in any round never reviews it, whatever the membership; nor does anybody who ever filled in or attached
    something, though a colleague pressed the button.
    """
    return "这件自评由您填报或提交，须由其他人审核。" if user.pk in assessment.filled_in_by else ""


def own_work_of(user: User) -> Q:
    """What ``own_work`` finds, as a condition; for lists and counts."""
    return Q(filled_in_by__contains=[user.pk])


def note_filling_in(assessment: Assessment, user: User) -> None:
    """Remember that ``user`` took part in the self-assessment; for the verbs, which have locked it."""
    if user.pk not in assessment.filled_in_by:
        assessment.filled_in_by.append(user.pk)
        assessment.save(update_fields=["filled_in_by"])


def refuse_own_work(assessment: Assessment, user: User) -> None:
    if reason := own_work(assessment, user):
        raise PermissionDenied(reason)


def effective_results(assessment: Assessment, chain: list[Jurisdiction]) -> dict[int, CriterionResult]:
    """Return, by criterion number, the result that stands after the levels of ``chain``: the highest one that spoke."""
    rank = {one.level: position for position, one in enumerate(chain)}
    rows = CriterionResult.objects.filter(assessment=assessment, level__in=rank).select_related("criterion")
    return {row.criterion.number: row for row in sorted(rows, key=lambda row: rank[row.level])}


def score_of(assessment: Assessment, results: Mapping[int, CriterionResult]) -> StandardScore:
    """Score complete results under the standard that the assessment began with."""
    return score(spec_in_use(assessment.standard), answers_of(results.values()))


def pass_on(
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
    # Recognised, it stays where it is: when it came there does not change.
    if to != assessment.holder:
        assessment.held_since = clock.now()
    assessment.status, assessment.holder = status, to
    assessment.assignee = _last_at(opened, to) if kind == Kind.RETURN else None
    changed = ["total_points", "meets_standard", "status", "holder", "held_since", "round", "assignee"]
    assessment.save(update_fields=changed)
    return record(assessment, kind, actor, to, comment, results)


def assign(assessment: Assessment, user: User | None) -> None:
    """Note who works on it at the level that holds it (承办人); for the verbs, which have locked it."""
    if assessment.assignee != user:
        assessment.assignee = user
        assessment.save(update_fields=["assignee"])


def record(
    assessment: Assessment,
    kind: ReviewAction.Kind,
    actor: Actor,
    to: Jurisdiction | None = None,
    comment: str = "",
    results: Mapping[int, CriterionResult] | None = None,
) -> ReviewAction:
    """Write a step into the history (办理记录); with ``results`` also the score that stood then."""
    judged = results is not None
    return ReviewAction.objects.create(
        assessment=assessment,
        kind=kind,
        jurisdiction=actor.jurisdiction,
        passed_to=to,
        user=actor.user,
        at=clock.now(),
        comment=comment.strip(),
        round=assessment.round,
        total_points=assessment.total_points if judged else None,
        meets_standard=assessment.meets_standard if judged else None,
        results=snapshot(results or {}),
    )


def _last_at(opened: Opened, to: Jurisdiction) -> User | None:
    """Return whoever last acted for ``to`` on this assessment, if the person still works there.

    Only asked downward: who works at a level above is not visible from below.
    """
    last = opened.assessment.actions.filter(jurisdiction=to).select_related("user").order_by("-at", "-id").first()
    verb = "self_assess" if to == opened.chain[0] else "review_assessments"
    if last is None or not people_able(to, verb).filter(user=last.user).exists():
        return None
    return last.user


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
