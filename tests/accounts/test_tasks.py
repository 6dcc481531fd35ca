"""What signing in leaves behind."""

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.accounts.tasks import clear_sessions


def test_clear_sessions_deletes_those_that_have_run_out_alone(
    client_of: Callable[[Actor], Client], street_officer: Actor, stranger: Actor
) -> None:
    kept, old = client_of(street_officer), client_of(stranger)
    key = old.session.session_key
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    clear_sessions()
    assert [one.session_key for one in Session.objects.all()] == [kept.session.session_key]
    assert [one.user for one in UserSession.objects.all()] == [street_officer.user]
