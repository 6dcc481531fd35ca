"""What waits for a reviewing jurisdiction, and where the assessments of its area stand otherwise."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, AssessmentQuerySet, ReviewAction, SecondApproval
from apps.assessments.steps import claimed_by_others, own_work_of
from apps.campaigns.models import Recognition
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction, paths_down_to

Status = Assessment.Status

_ON_ITS_WAY = [Status.IN_REVIEW, Status.RETURNED]
OLDEST_FIRST = ("held_since", "pk")
# The tabs of what this level works on; only there somebody is the 承办人 here.
WORKED_ON_HERE = ("waiting", "proposed")
# A refused revocation changes nothing that would end its line on the desk.
_REFUSAL_SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class Position:
    """The place of one assessment in the queue, with the ones before and after it."""

    number: int
    size: int
    previous: int | None
    following: int | None


def tabs_of(here: Jurisdiction) -> dict[str, tuple[str, Q]]:
    """Return the tabs of the queue by name: label and condition, all within the area of ``here``."""
    below = Q(holder__path__startswith=here.path) & ~Q(holder=here)
    # They are few: their ids cost less than asking for them in every condition.
    proposed = list(_open_proposals(here).values_list("assessment", flat=True))
    recognised = Q(status=Status.RECOGNISED)
    # The few that were taken back: asked for the many that stand, PostgreSQL would look each of them up in a list of all.
    taken_back = Q(participation__in=Recognition.objects.below(here.path).revoked().values("participation"))
    return {
        "waiting": ("待本级审核", _waiting(here, proposed)),
        "proposed": ("待本级复核", Q(pk__in=proposed)),
        "below": ("下级审核中", below & Q(status=Status.IN_REVIEW)),
        "above": ("已上报在上级", Q(holder__path__in=paths_down_to(here.path)[:-1], status__in=_ON_ITS_WAY)),
        "returned": ("已退回", below & Q(status=Status.RETURNED)),
        "recognised": ("已认定", recognised & ~taken_back),
        "revoked": ("已摘牌", recognised & taken_back),
    }


def lines_of(rows: AssessmentQuerySet, tab: str, actor: Actor) -> QuerySet[Assessment]:
    """Give ``rows``, those of a tab, what its lines show besides, and the order that they stand in."""
    rows = rows.with_context()
    if tab in ("recognised", "revoked"):
        recognitions = Recognition.objects.filter(participation=OuterRef("participation")).order_by("-recognised_at")
        told = {
            name: Subquery(recognitions.values(name)[:1])
            for name in ("recognised_at", "revoked_at", "revocation_reason")
        }
        return rows.annotate(**told).order_by("-recognised_at" if tab == "recognised" else "-revoked_at", "-pk")
    if tab not in WORKED_ON_HERE:
        return rows.order_by(*OLDEST_FIRST)
    rows = rows.annotate(is_own_work=ExpressionWrapper(own_work_of(actor.user), output_field=BooleanField()))
    if tab == "waiting":
        return rows.annotate(
            is_claimed=ExpressionWrapper(Q(claimed_until__gt=clock.now()), output_field=BooleanField())
        ).order_by(*OLDEST_FIRST)
    proposals = _open_proposals(actor.jurisdiction).filter(assessment=OuterRef("pk"))
    return rows.annotate(
        proposed_at=Subquery(proposals.order_by("proposed_at").values("proposed_at")[:1]),
        is_own_proposal=Exists(proposals.filter(proposed_by=actor.user)),
    ).order_by("proposed_at", "pk")


def mine_first(actor: Actor) -> Case:
    """For ordering: what the person works on, or nobody yet, before what colleagues do."""
    return Case(When(Q(assignee=actor.user) | Q(assignee=None), then=Value(0)), default=Value(1))


def waiting_at(here: Jurisdiction) -> AssessmentQuerySet:
    """The queue of ``here``: what came up to it or was returned to it, and does not wait for a second approver."""
    return Assessment.objects.filter(tabs_of(here)["waiting"][1])


def open_to(actor: Actor) -> AssessmentQuerySet:
    """Of the queue what the person can act on: neither their own work nor claimed by a colleague."""
    return waiting_at(actor.jurisdiction).exclude(own_work_of(actor.user)).exclude(claimed_by_others(actor.user))


def proposals_for(actor: Actor) -> QuerySet[SecondApproval]:
    """What waits for a second approver in the person's jurisdiction, the oldest first.

    The person's own proposals are among it; what a colleague has proposed of the person's own work is not.
    """
    if not actor.can("recognise_communities"):
        return SecondApproval.objects.none()
    colleagues_of_own_work = ~Q(proposed_by=actor.user) & Q(assessment__filled_in_by__contains=[actor.user.pk])
    return _open_proposals(actor.jurisdiction).exclude(colleagues_of_own_work).order_by("proposed_at", "pk")


def next_proposal_for(actor: Actor) -> SecondApproval | None:
    """The oldest of what the person can decide on as the second approver."""
    return proposals_for(actor).exclude(proposed_by=actor.user).first()


def declined_to(actor: Actor) -> QuerySet[SecondApproval]:
    """What the person proposed, or took over, and a second approver declined, while nothing has been done about it since."""
    actions = ReviewAction.objects.filter(assessment=OuterRef("assessment")).order_by("-at", "-id")
    later = SecondApproval.objects.filter(assessment=OuterRef("assessment"), pk__gt=OuterRef("pk"))
    lately = ~Q(kind=SecondApproval.Kind.REVOKE) | Q(decided_at__gte=clock.now() - _REFUSAL_SHOWN)
    return (
        SecondApproval.objects.filter(jurisdiction=actor.jurisdiction, outcome=SecondApproval.Outcome.DECLINED)
        .filter(Q(proposed_by=actor.user) | Q(assessment__assignee=actor.user))
        .annotate(last_action=Subquery(actions.values("kind")[:1]))
        .filter(~Exists(later), lately, last_action=ReviewAction.Kind.DECLINE)
        .order_by("decided_at", "pk")
    )


def number_waiting_for(actor: Actor) -> int:
    """How many assessments wait for the person's level, claimed by colleagues or not, that are not the person's own work: to
    review, or to decide on a colleague's proposal."""
    proposed = list(
        _open_proposals(actor.jurisdiction).values_list("assessment", "proposed_by", "assessment__filled_in_by")
    )
    waiting = Assessment.objects.filter(_waiting(actor.jurisdiction, [pk for pk, *_ in proposed]))
    to_review = waiting.exclude(own_work_of(actor.user)).count()
    if not actor.can("recognise_communities"):
        return to_review
    return to_review + sum(
        actor.user.pk not in (proposed_by, *filled_in_by) for _, proposed_by, filled_in_by in proposed
    )


def _waiting(here: Jurisdiction, proposed: Collection[int]) -> Q:
    """What waits for review at ``here``; what is ``proposed`` waits for a second approver instead."""
    waiting = Q(holder=here, status__in=_ON_ITS_WAY) & ~Q(pk__in=proposed)
    return waiting & ~filled_in_by(here) if here.is_zone else waiting


def filled_in_by(zone: Jurisdiction) -> Q:
    """The self-assessments that a development zone fills in itself: of communities that it took over without their streets."""
    return Q(participation__community__jurisdiction=zone)


def _open_proposals(here: Jurisdiction) -> QuerySet[SecondApproval]:
    return SecondApproval.objects.filter(jurisdiction=here, outcome=SecondApproval.Outcome.OPEN)


def position_in_queue(actor: Actor, assessment: Assessment, queue: AssessmentQuerySet | None = None) -> Position | None:
    """Return where ``assessment`` stands in the queue of the person's level, or in ``queue``, a part of it; None if not there.

    The ones before and after it are those that the person can act on.
    """
    if assessment.holder != actor.jurisdiction or assessment.status not in _ON_ITS_WAY:
        return None
    queue = waiting_at(actor.jurisdiction) if queue is None else queue
    closed = ExpressionWrapper(
        own_work_of(actor.user) | claimed_by_others(actor.user), output_field=BooleanField(null=True)
    )
    rows = list(queue.order_by(*OLDEST_FIRST).values_list("pk", closed))
    place = next((place for place, (pk, _) in enumerate(rows) if pk == assessment.pk), None)
    if place is None:
        return None
    previous = next((pk for pk, is_closed in reversed(rows[:place]) if not is_closed), None)
    following = next((pk for pk, is_closed in rows[place + 1 :] if not is_closed), None)
    return Position(place + 1, len(rows), previous, following)
