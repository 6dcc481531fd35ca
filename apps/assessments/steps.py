"""What every step of an assessment shares: locking it, whose turn it is, the results that stand, handing it on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from apps.accounts.models import User
from apps.accounts.permissions import Actor, require
from apps.assessments.answers import answers_of, snapshot
from apps.assessments.chain import chain_of, place_in
from apps.assessments.models import Assessment, CriterionResult, ReturnNote, ReviewAction, SecondApproval
from apps.assessments.people import people_able
from apps.assessments.refusals import (
    OF_SECOND_APPROVAL,
    awaiting_decision,
    claimed_by,
    filled_in_by_oneself,
    whose_turn,
)
from apps.assessments.signals import told
from apps.core import clock
from apps.core.errors import StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.standards.domain import spec_in_use
from apps.standards.scoring import StandardScore, score

Status = Assessment.Status
Kind = ReviewAction.Kind

TRANSITIONS: dict[str, set[str]] = {
    Status.DRAFT: {Status.IN_REVIEW, Status.ENDED},
    Status.IN_REVIEW: {Status.IN_REVIEW, Status.RETURNED, Status.RECOGNISED, Status.DRAFT, Status.ENDED},
    Status.RETURNED: {Status.IN_REVIEW, Status.RETURNED, Status.RECOGNISED, Status.ENDED},
    Status.RECOGNISED: set(),
    Status.ENDED: set(),
}


# How long an assessment stays with whoever claimed it (领办) after their last act on it.
CLAIM_LASTS = timedelta(hours=2)
# Not every verdict writes the claim anew.
_LATELY = timedelta(minutes=5)


@dataclass
class Opened:
    """An assessment loaded for a step: locked, with its chain and the place of its holder in it."""

    assessment: Assessment
    chain: list[Jurisdiction]
    place: int = field(init=False)

    def __post_init__(self) -> None:
        self.place = place_in(self.chain, self.assessment.holder_id)

    @property
    def is_with_submitter(self) -> bool:
        return self.place == 0

    @property
    def is_last(self) -> bool:
        return self.place == len(self.chain) - 1


def lock(assessment_id: int) -> Opened:
    """Return the assessment as it stands now; whoever takes a step meanwhile waits."""
    # Locked alone: joined to its holder, the row would vanish for whoever waited for a step that changed the holder.
    Assessment.objects.select_for_update().values_list("pk").get(pk=assessment_id)
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
    if locked.status in (Status.RECOGNISED, Status.ENDED) or not is_held or opened.is_with_submitter != submits:
        raise TransitionError(whose_turn(locked))
    if not opened.is_with_submitter:
        refuse_own_work(locked, actor.user)
        if (proposal := open_proposal(locked)) is not None:
            raise TransitionError(awaiting_decision(proposal))
        refuse_claimed(locked, actor.user)
    if seen_action is not None and seen_action != locked.actions.order_by("-at", "-id").values_list("pk", flat=True)[0]:
        raise StaleForm(whose_turn(locked, actor) + "请刷新后再办理。")
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
    return filled_in_by_oneself(assessment) if user.pk in assessment.filled_in_by else ""


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


def claimant(assessment: Assessment) -> User | None:
    """Return who has claimed the assessment (领办), while that lasts."""
    until = assessment.claimed_until
    return assessment.assignee if until is not None and until > clock.now() else None


def claimed_by_others(user: User) -> Q:
    """What a colleague has claimed and ``user`` therefore only looks at, as a condition."""
    # Nobody's claim is no colleague's: NULL must not make the whole condition unknown.
    return Q(claimed_until__gt=clock.now(), assignee__isnull=False) & ~Q(assignee=user)


def last_act(assessment: Assessment) -> datetime | None:
    """When whoever claimed it claimed it or last worked on it: every act lets the time begin anew."""
    return assessment.claimed_until - CLAIM_LASTS if assessment.claimed_until is not None else None


def refuse_claimed(assessment: Assessment, user: User) -> None:
    other = claimant(assessment)
    if other is not None and other != user:
        raise TransitionError(claimed_by(assessment, last_act(assessment)))


def keep_claim(assessment: Assessment, user: User) -> None:
    """Claim it for ``user`` from now on; for the verbs, which have locked and checked."""
    now = clock.now()
    if claimant(assessment) == user and now - _LATELY < (last_act(assessment) or now):
        return
    assessment.claimed_until, assessment.assignee = now + CLAIM_LASTS, user
    assessment.save(update_fields=["claimed_until", "assignee"])


def leave_claim(assessment: Assessment, assignee: User | None) -> None:
    """End the claim, and note who works on it now; for the verbs, which have locked and checked."""
    assessment.claimed_until, assessment.assignee = None, assignee
    assessment.save(update_fields=["claimed_until", "assignee"])


def without_recalled(actions: Iterable[ReviewAction]) -> list[ReviewAction]:
    """The steps in order without the submissions that were taken back, and their taking back: what they say now."""
    standing: list[ReviewAction] = []
    for one in actions:
        if one.kind == Kind.RECALL and standing and standing[-1].kind == Kind.SUBMIT:
            standing.pop()
        else:
            standing.append(one)
    return standing


def told_to(actor: Actor, actions: Iterable[ReviewAction]) -> list[ReviewAction]:
    """The steps as ``actor`` may read them: those of a second approval (复核) are not for the levels below it."""
    here = actor.jurisdiction
    return [one for one in actions if one.kind not in OF_SECOND_APPROVAL or here.contains(one.jurisdiction.path)]


def results_told_to(
    actor: Actor,
    assessment: Assessment,
    chain: list[Jurisdiction],
    results: Iterable[CriterionResult],
    actions: Iterable[ReviewAction],
) -> list[CriterionResult]:
    """The results as ``actor`` may read them: returned to a level, what it works on is its own and of those above.

    Below stands what stood at its last decision. ``results`` with their criteria, ``actions`` in order.
    """
    rows, holder = list(results), assessment.holder
    answers = assessment.status == Status.RETURNED and holder.pk != chain[0].pk
    if not answers or actor.jurisdiction.contains(holder.path):
        return rows
    criteria = {row.criterion.number: row.criterion for row in rows}
    told = [row for row in rows if row.level != holder.level]
    decisions = [one for one in actions if one.jurisdiction_id == holder.pk and one.kind in (Kind.AGREE, Kind.RETURN)]
    for number, then in decisions[-1].results.items() if decisions else ():
        if then["level"] == holder.level and int(number) in criteria:
            told.append(
                CriterionResult(
                    assessment=assessment,
                    criterion=criteria[int(number)],
                    level=holder.level,
                    verdict=then["verdict"],
                    deductions=then["deductions"],
                    points=None if then["points"] is None else Decimal(then["points"]),
                    note=then["note"],
                    updated_by=decisions[-1].user,
                    updated_at=decisions[-1].at,
                )
            )
    return told


def return_to_answer(actions: Iterable[ReviewAction], holder: int) -> ReviewAction | None:
    """Return the return that the jurisdiction ``holder`` has still to answer: passing it further down is no answer."""
    for one in reversed(without_recalled(actions)):
        if one.kind == Kind.RETURN and one.passed_to_id == holder:
            return one
        if one.kind in (Kind.SUBMIT, Kind.AGREE) and one.jurisdiction_id == holder:
            return None
    return None


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
    assessment.assignee = _next_assignee(opened, kind, to, actor)
    assessment.claimed_until = None
    changed = ["total_points", "meets_standard", "status", "holder", "held_since", "round", "assignee", "claimed_until"]
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
    judged = score_of(assessment, results) if results is not None else None
    ReturnNote.objects.filter(assessment=assessment).delete()
    action = ReviewAction.objects.create(
        assessment=assessment,
        kind=kind,
        jurisdiction=actor.jurisdiction,
        passed_to=to,
        user=actor.user,
        at=clock.now(),
        comment=comment.strip(),
        round=assessment.round,
        total_points=judged.total if judged else None,
        meets_standard=judged.meets_standard if judged else None,
        results=snapshot(results or {}),
    )
    return told(action)


def _next_assignee(opened: Opened, kind: ReviewAction.Kind, to: Jurisdiction, actor: Actor) -> User | None:
    if kind == Kind.RECALL:
        return actor.user
    return _last_at(opened, to) if kind == Kind.RETURN else None


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
