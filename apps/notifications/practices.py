"""What people are told of good practice (经验做法): that one waits, whether it was chosen, that its origin was commended."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from apps.jurisdictions.models import Jurisdiction
from apps.notifications.message import Message, people_with
from apps.notifications.models import Notification
from apps.notifications.occasion import Occasion
from apps.practices import signals
from apps.practices.choosing import CHOOSE
from apps.practices.domain import SEND
from apps.practices.models import Practice, PracticeChoice

Kind = Notification.Kind
Status = Practice.Status


def sent_practices() -> QuerySet[Practice]:
    return _practices().filter(status=Status.WAITING)


def practice_waits(practice: Any) -> list[Message]:
    """The level to which it was sent, or the nearest above where somebody works who may choose."""
    above: Jurisdiction | None = practice.holder
    while above is not None:
        if people := people_with(above, CHOOSE, but=[practice.sent_by_id]):
            text = f"{practice.sent_in}报送《{practice}》，请决定是否采用。"
            return [Message(Kind.PRACTICE, people, f"{practice.sent_in}报送经验做法", text, _page(practice))]
        above = above.parent
    return []


def practice_answered(practice: Practice) -> list[str]:
    """Keys of the messages that it was declined, before this sending."""
    return [f"practice-decided:{practice.pk}:{number}" for number in range(1, practice.round)]


def recalled_practices() -> QuerySet[Practice]:
    return _practices().filter(decided_at=None, round__gt=0).exclude(status=Status.WAITING)


def practice_asked_for(practice: Practice) -> list[str]:
    """Keys of the messages that ask for a decision, up to this sending."""
    return [f"practice:{practice.pk}:{number}" for number in range(1, practice.round + 1)]


def decided_practices() -> QuerySet[Practice]:
    return _practices().filter(status__in=[Status.CHOSEN, Status.DECLINED], decided_at__isnull=False)


def practice_decided(practice: Any) -> list[Message]:
    """The unit whose practice it is, and the one that handed it up."""
    if practice.decline_reason:
        title, text = f"{practice.holder}没有采用《{practice.title[:150]}》", f"理由：{practice.decline_reason}"
    else:
        title, text = f"{practice.holder}采用《{practice.title[:150]}》", "已公布给其辖区内各单位。"
    units = {one.pk: one for one in (practice.jurisdiction, practice.sent_in) if one is not None}
    return [
        Message(Kind.PRACTICE, people_with(one, SEND, but=[practice.decided_by_id]), title, text, _page(practice))
        for one in units.values()
    ]


def commendations() -> QuerySet[PracticeChoice]:
    rows = PracticeChoice.objects.standing().exclude(commended_in="")
    return rows.select_related("jurisdiction", "practice__jurisdiction")


def commendation_told(choice: Any) -> list[Message]:
    practice = choice.practice
    text = f"{choice.jurisdiction}以{choice.commended_in}通报表扬{practice.origin}，因其经验做法《{practice}》。"
    people = people_with(practice.jurisdiction, SEND)
    return [Message(Kind.PRACTICE, people, f"通报表扬{practice.origin[:150]}", text, _page(practice))]


def _practices() -> QuerySet[Practice]:
    """With what their words name; told again with each sending."""
    rows = Practice.objects.select_related("jurisdiction", "sent_in", "holder__parent__parent__parent")
    return rows.annotate(edition=F("round"))


def _page(practice: Practice) -> str:
    return reverse("practice_detail", args=[practice.pk])


PRACTICES = (
    Occasion(
        "practice",
        sent_practices,
        lambda day: Q(sent_at__gte=day),
        practice_waits,
        signals.practice_sent,
        answers=practice_answered,
    ),
    Occasion(
        "practice-recalled",
        recalled_practices,
        lambda day: Q(sent_at__gte=day),
        signal=signals.practice_recalled,
        answers=practice_asked_for,
    ),
    Occasion(
        "practice-decided",
        decided_practices,
        lambda day: Q(decided_at__gte=day),
        practice_decided,
        signals.practice_decided,
        answers=practice_asked_for,
    ),
    Occasion(
        "practice-commended",
        commendations,
        lambda day: Q(commended_on__gte=day),
        commendation_told,
        signals.practice_commended,
    ),
)
