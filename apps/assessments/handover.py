"""What a person still has to do on assessments in a membership, and its moving to a successor (移交)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import Membership, MembershipQuerySet, Role, User
from apps.accounts.permissions import ROLE_VERBS, Actor
from apps.assessments.models import Assessment, AssessmentQuerySet, SecondApproval
from apps.assessments.people import people_able
from apps.assessments.steps import own_work
from apps.campaigns.models import Participation
from apps.core.errors import InvalidInput
from apps.people.handover import Todo

Stage = Participation.Stage


@dataclass(frozen=True)
class _Duty:
    """To-dos of one kind, which the role verb ``verb`` lets people do; ``assessments`` are those that change hands.

    ``proposed_by``: who may not take them on, as they decide on their own proposals then.
    """

    label: str
    verb: str
    count: int
    assessments: AssessmentQuerySet | None = None
    proposed_by: frozenset[int] = frozenset()


class AssessmentDuties:
    """The duties of this room: what one is the 承办人 of, and what nobody else of the jurisdiction could do."""

    def open_todos(self, membership: Membership) -> list[Todo]:
        return [Todo(one.label, one.count, frozenset({one.verb})) for one in _duties(membership) if one.count]

    @transaction.atomic
    def hand_over(self, membership: Membership, successor: User, *, actor: Actor) -> int:
        """Make ``successor`` the 承办人; InvalidInput where the successor may not do it, or judged their own work by it."""
        moved = 0
        for duty in list(_duties(membership)):
            if not duty.count:
                continue
            if not people_able(membership.jurisdiction, duty.verb).filter(user=successor).exists():
                raise InvalidInput(
                    f"{successor}在{membership.jurisdiction}没有办理“{duty.label}”的权限，请另选接手人。"
                )
            if duty.assessments is not None:
                _move(duty.assessments, successor, judges=duty.verb != "self_assess")
            if successor.pk in duty.proposed_by:
                raise InvalidInput(f"待复核的事项由{successor}提出，不能由其本人复核，请另选接手人。")
            moved += duty.count
        return moved


def _move(assessments: AssessmentQuerySet, successor: User, *, judges: bool) -> None:
    # Locked in one order; what a colleague passes on meanwhile drops out.
    ids = [one.pk for one in assessments.order_by("pk").select_for_update(of=("self",)).only("pk")]
    rows = Assessment.objects.with_context().filter(pk__in=ids)
    if judges:
        for one in rows:
            if own_work(one, successor):
                community = one.participation.community
                raise InvalidInput(f"{community}的自评由{successor}填报或提交，不能由其审核，请另选接手人。")
    Assessment.objects.filter(pk__in=ids).update(assignee=successor)


def _duties(membership: Membership) -> Iterator[_Duty]:
    here, user, verbs = membership.jurisdiction, membership.user, ROLE_VERBS[Role(membership.role)]
    held = Assessment.objects.filter(holder=here).exclude(status=Assessment.Status.ENDED)
    if "self_assess" in verbs:
        is_alone = not _others(membership, "self_assess").exists()
        mine = Q(assignee=user) | Q(assignee=None) if is_alone else Q(assignee=user)
        open_ones = held.filter(mine, participation__stage__in=[Stage.DRAFTING, Stage.RETURNED])
        yield _Duty("待填报、修改的自评", "self_assess", open_ones.count(), open_ones)
        planned = (
            Participation.objects.below(here.path).going_on().filter(stage=Stage.PLANNED).count() if is_alone else 0
        )
        yield _Duty("尚未开始的自评", "self_assess", planned)
    proposals = SecondApproval.objects.filter(jurisdiction=here, outcome=SecondApproval.Outcome.OPEN)
    if "review_assessments" in verbs:
        is_alone = not _others(membership, "review_assessments").exists()
        mine = Q(assignee=user) | Q(assignee=None) if is_alone else Q(assignee=user)
        waiting = held.filter(mine, participation__stage=Stage.IN_REVIEW).exclude(pk__in=proposals.values("assessment"))
        yield _Duty("待审核的自评", "review_assessments", waiting.count(), waiting)
    if "recognise_communities" in verbs:
        own = held.filter(pk__in=proposals.values("assessment"), assignee=user)
        yield _Duty("已提请、等待复核的事项", "recognise_communities", own.count(), own)
        others = set(_others(membership, "recognise_communities").values_list("user_id", flat=True))
        # A colleague's proposal that no third person could decide on.
        left = proposals.exclude(proposed_by=user).exclude(assessment__assignee=user)
        proposers = set(left.values_list("proposed_by", flat=True)) if len(others) < 2 else set()
        proposers &= others or proposers
        count = left.filter(proposed_by__in=proposers).count()
        yield _Duty("待复核的认定、摘牌", "recognise_communities", count, proposed_by=frozenset(proposers))


def _others(membership: Membership, verb: str) -> MembershipQuerySet:
    """The memberships of others of the jurisdiction who could do it."""
    return people_able(membership.jurisdiction, verb).exclude(user=membership.user)


DUTIES = AssessmentDuties()
