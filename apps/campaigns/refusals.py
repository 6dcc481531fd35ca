"""What the verbs of the plan say when they refuse: who took the community how far, or off the plan, and when."""

from collections.abc import Callable

from django.utils import timezone

from apps.campaigns.models import Participation
from apps.core import clock

# How far a participation has come, in the words of the room that knows; '' while nothing has begun.
_tellers: list[Callable[[Participation], str]] = []


def register(teller: Callable[[Participation], str]) -> None:
    """Let a room above say how far a participation has come there."""
    if teller not in _tellers:
        _tellers.append(teller)


def begun(participation: Participation, what: str) -> str:
    """Say that ``what`` cannot be done (any more), because of whom and since when."""
    said = "".join(teller(participation) for teller in _tellers)
    return (
        f"{participation.community} {participation.get_stage_display()}，{what}。{said}自评开始后，年度计划不再改动。"
    )


def ended(participation: Participation, what: str) -> str:
    """Say that ``what`` cannot be done, as the participation ended with its community."""
    return f"{participation.community}已于 {participation.ended_on:%Y-%m-%d} 终止创建，此前的数字不再变动，{what}。"


def taken_off(participation: Participation) -> str:
    """Say who took a participation off the plan, and when; '' where that is not on record."""
    removals = Participation.pgh_event_model.objects.filter(pgh_obj_id=participation.pk, pgh_label="delete")  # type: ignore[attr-defined]
    event = removals.order_by("-pgh_id").first()
    if event is None:
        return ""
    facts = event.pgh_context or {}
    who = " ".join(part for part in (facts.get("unit"), facts.get("name")) if part)
    when = timezone.localtime(clock.shown(event.pgh_created_at))
    return f"{when:%Y-%m-%d %H:%M}{f' 由{who}' if who else ''} 调出。"
