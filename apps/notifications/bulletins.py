"""What people are told of bulletins (通报): all below that one was published, or withdrawn."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from apps.accounts.models import Membership, Role
from apps.bulletins.models import Bulletin
from apps.notifications.message import Message, strongest
from apps.notifications.models import Notification

Status = Bulletin.Status
# Whoever only looks, or only gives opinions, finds it in the list.
_ADDRESSED = [role for role in Role if role not in (Role.VIEWER, Role.DEPARTMENT_REVIEWER, Role.PLATFORM_ADMIN)]


def published() -> QuerySet[Bulletin]:
    return Bulletin.objects.filter(status=Status.PUBLISHED).select_related("jurisdiction")


def withdrawn() -> QuerySet[Bulletin]:
    return Bulletin.objects.filter(status=Status.WITHDRAWN).select_related("jurisdiction")


def bulletin_told(bulletin: Any) -> list[Message]:
    number = f"（{bulletin.document_number}）" if bulletin.document_number else ""
    text = f"{bulletin.jurisdiction}印发{number}。"
    return [Message(Notification.Kind.BULLETIN, _all_below(bulletin), bulletin.title, text, _page(bulletin))]


def withdrawal_told(bulletin: Any) -> list[Message]:
    title = f"{bulletin.title[:180]}（已撤回）"
    text = f"{bulletin.jurisdiction}撤回这份通报，理由：{bulletin.withdrawal_reason}"
    return [Message(Notification.Kind.BULLETIN, _all_below(bulletin), title, text, _page(bulletin))]


def _all_below(bulletin: Bulletin) -> list[Membership]:
    """Everybody who works in the units below: of each person the membership in which they may do most."""
    below = Membership.objects.effective().filter(
        jurisdiction__path__startswith=bulletin.path, role__in=_ADDRESSED, jurisdiction__closed_on=None
    )
    return strongest(below.exclude(jurisdiction=bulletin.jurisdiction))


def _page(bulletin: Bulletin) -> str:
    return reverse("bulletin_detail", args=[bulletin.pk])
