"""Celery: telling people of steps and other occasions, sending letters, and making up for what a lost queue has left out."""

from smtplib import SMTPException, SMTPRecipientsRefused

from celery import shared_task
from django.core.cache import cache
from django.core.mail import send_mail
from django.db.models import Q

from apps.accounts.models import Contact
from apps.core import clock, history
from apps.core.scope import scope, scope_all
from apps.core.wall import TENANT_WIDTH
from apps.jurisdictions.models import Jurisdiction, Level
from apps.notifications.domain import (
    AT_ONCE,
    LATELY,
    last_committed_step,
    occasions_nobody_was_told_of,
    remind_of_filings,
    steps_nobody_was_told_of,
    tell_of_occasion,
    tell_of_step,
    unmailed,
)
from apps.notifications.letters import letter_of

# Steps, and letters, that one run of the beat hands out.
_BATCH = 500
# Up to this step all is told, or concerns nobody.
_SETTLED = "notifications:settled"
# From this reply on a mail server does not ask to try again.
_FOR_GOOD = 500
# How long what concerns nobody is not looked at again.
_NOBODY_SECONDS = 24 * 3600


@shared_task
def deliver_step(action_id: int, path: str) -> None:
    """Tell everybody whom a step concerns, within the scope of its tenant; may be delivered more than once."""
    with history.recording(task="deliver_step"), scope(path):
        told = tell_of_step(action_id)
    if not told:
        cache.add(_nobody_key(str(action_id)), True, _NOBODY_SECONDS)
    since = clock.now() - LATELY
    for user_id in dict.fromkeys(one.user_id for one in told if one.kind in AT_ONCE and one.created_at >= since):
        mail_person.delay(user_id, path, at_once=True)


@shared_task
def deliver_occasion(name: str, pk: int, path: str) -> None:
    """Tell everybody whom an occasion concerns, as ``deliver_step``; the letters are put together."""
    with history.recording(task="deliver_occasion"), scope(path):
        told = tell_of_occasion(name, pk)
    if not told:
        cache.add(_nobody_key(f"{name}:{pk}"), True, _NOBODY_SECONDS)


@shared_task(autoretry_for=(SMTPException, OSError), retry_backoff=30, max_retries=5)
def mail_person(user_id: int, path: str, *, at_once: bool) -> None:
    """Send one person one letter about what waits to be mailed: what is mailed at once, or what is put together.

    Two that run at once share nothing: what one has taken the other passes over. A letter that could not be sent leaves all as
    it was, for the next try; where the address was refused for good, there is none.
    """
    with history.recording(task="mail_person"), scope(path):
        kinds = Q(kind__in=AT_ONCE) if at_once else ~Q(kind__in=AT_ONCE)
        waiting = unmailed().filter(kinds, user=user_id).order_by("created_at", "pk")
        told = list(waiting.select_for_update(of=("self",), skip_locked=True))
        to = Contact.objects.filter(user=user_id).values_list("email", flat=True).first()
        if not told or not to:
            return
        done = "mailed_at" if _is_taken(to, *letter_of(told)) else "mail_refused_at"
        for one in told:
            setattr(one, done, clock.now())
            one.save(update_fields=[done])


def _is_taken(to: str, subject: str, text: str) -> bool:
    """Send a letter; return False where the mail server says that the address will never take any."""
    try:
        send_mail(subject, text, None, [to])
    except SMTPRecipientsRefused as error:
        if all(code >= _FOR_GOOD for code, _ in error.recipients.values()):
            return False
        raise
    return True


@shared_task
def remind_everybody() -> None:
    """Hand out the day's reminders, province by province; run again on the same day, it adds nothing."""
    with scope_all():
        provinces = Jurisdiction.objects.filter(level=Level.PROVINCE, closed_on=None)
        paths = list(provinces.order_by("path").values_list("path", flat=True))
    for path in paths:
        remind_province.delay(path)


@shared_task
def remind_province(path: str) -> None:
    """Remind everybody who files in a province; may be delivered more than once."""
    with history.recording(task="remind_province"), scope(path):
        remind_of_filings(path)


@shared_task
def make_up_for_lost_ones() -> None:
    """Hand out what was not delivered lately, and send what was gathered since the last run: one letter per person."""
    with scope_all():
        committed = last_committed_step()
        steps = steps_nobody_was_told_of(cache.get(_SETTLED, 0))
        occasions = occasions_nobody_was_told_of()
        letters = list(unmailed().order_by("user").values_list("user", "path", "kind").distinct())
    lost = [(pk, path) for pk, path in steps if cache.get(_nobody_key(str(pk))) is None]
    cache.set(_SETTLED, min([committed, *(pk - 1 for pk, _ in lost[:1])]), LATELY.total_seconds())
    for pk, path in lost[:_BATCH]:
        deliver_step.delay(pk, path[:TENANT_WIDTH])
    for name, pk, path in [one for one in occasions if cache.get(_nobody_key(f"{one[0]}:{one[1]}")) is None][:_BATCH]:
        deliver_occasion.delay(name, pk, path[:TENANT_WIDTH])
    waiting = dict.fromkeys((user, path[:TENANT_WIDTH], kind in AT_ONCE) for user, path, kind in letters)
    for user, path, at_once in list(waiting)[:_BATCH]:
        mail_person.delay(user, path, at_once=at_once)


def _nobody_key(about: str) -> str:
    return f"notifications:nobody:{about}"
