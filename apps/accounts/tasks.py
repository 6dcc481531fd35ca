"""Celery: what signing in leaves behind, and what was answered to programs."""

from allauth.usersessions.models import UserSession
from celery import shared_task
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.accounts.api.once import KEPT
from apps.accounts.models import ApiAnswer
from apps.core import clock
from apps.core.scope import scope_all


@shared_task
def clear_sessions() -> None:
    """Delete sessions that have run out, and what the list of a person's sessions says of those that are gone."""
    with scope_all():
        Session.objects.filter(expire_date__lt=timezone.now()).delete()
        gone = ~Exists(Session.objects.filter(session_key=OuterRef("session_key")))
        UserSession.objects.filter(gone).delete()


@shared_task
def clear_answers() -> None:
    """Delete the answers to programs that nobody asks for again."""
    with scope_all():
        ApiAnswer.objects.filter(at__lt=clock.now() - KEPT).delete()
