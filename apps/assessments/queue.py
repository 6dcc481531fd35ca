"""What waits for a reviewing jurisdiction, and where the assessments of its area stand otherwise."""

from dataclasses import dataclass

from django.db.models import Count, Q

from apps.assessments.models import Assessment, AssessmentQuerySet
from apps.jurisdictions.models import Jurisdiction, paths_down_to

Status = Assessment.Status

_ON_ITS_WAY = [Status.IN_REVIEW, Status.RETURNED]
OLDEST_FIRST = ("held_since", "pk")


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
    return {
        "waiting": ("待本级审核", Q(holder=here, status__in=_ON_ITS_WAY)),
        "below": ("下级审核中", below & Q(status=Status.IN_REVIEW)),
        "above": ("已上报在上级", Q(holder__path__in=paths_down_to(here.path)[:-1], status__in=_ON_ITS_WAY)),
        "returned": ("已退回", below & Q(status=Status.RETURNED)),
        "recognised": ("已认定", Q(status=Status.RECOGNISED)),
    }


def waiting_at(here: Jurisdiction) -> AssessmentQuerySet:
    """The queue of ``here``: what came up to it or was returned to it."""
    return Assessment.objects.filter(tabs_of(here)["waiting"][1])


def position_in_queue(here: Jurisdiction, assessment: Assessment) -> Position | None:
    """Return where ``assessment`` stands in the queue of ``here``; None if it does not wait there."""
    if assessment.holder != here or assessment.status not in _ON_ITS_WAY:
        return None
    queue, since = waiting_at(here), assessment.held_since
    before = Q(held_since__lt=since) | Q(held_since=since, pk__lt=assessment.pk)
    after = Q(held_since__gt=since) | Q(held_since=since, pk__gt=assessment.pk)
    counted = queue.aggregate(size=Count("pk"), before=Count("pk", filter=before))
    return Position(
        number=counted["before"] + 1,
        size=counted["size"],
        previous=queue.filter(before).order_by("-held_since", "-pk").values_list("pk", flat=True).first(),
        following=queue.filter(after).order_by(*OLDEST_FIRST).values_list("pk", flat=True).first(),
    )
