"""Verbs of the inbox: telling people of a step or another occasion, reminding, marking as read; what is not told or mailed yet."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, QuerySet, When

from apps.accounts.models import Contact, User
from apps.assessments.models import ReviewAction
from apps.assessments.signals import OF_KIND
from apps.core import clock
from apps.notifications.message import Message
from apps.notifications.models import Notification, NotificationQuerySet
from apps.notifications.occasions import OCCASIONS
from apps.notifications.reminders import key_of_today, reminders
from apps.notifications.words import messages_of, with_context

Kind = Notification.Kind
Step = ReviewAction.Kind

# What has to be known at once, each by a letter of its own; everything else is put together.
AT_ONCE = (Kind.RETURNED, Kind.REVOKED, Kind.URGED)
# What a step answers, so that nobody has to read any more that it was asked for.
_PROPOSED = (Step.PROPOSE_RECOGNISE, Step.PROPOSE_REVOKE)
_ANSWERED: Mapping[Step, tuple[Step, ...]] = {
    Step.SUBMIT: (Step.RETURN,),
    Step.AGREE: (Step.RETURN,),
    Step.RETURN: (Step.DECLINE,),
    Step.PROPOSE_RECOGNISE: (Step.DECLINE,),
    Step.PROPOSE_REVOKE: (Step.DECLINE,),
    Step.RECOGNISE: (*_PROPOSED, Step.DECLINE),
    Step.REVOKE: (*_PROPOSED, Step.DECLINE),
    Step.DECLINE: _PROPOSED,
    Step.WITHDRAW: _PROPOSED,
}
# What is older is found in the inbox; nobody gets a letter about it any more, and no lost step is looked for.
LATELY = timedelta(days=3)
# So many steps at a time are looked through for those that nobody was told of.
PORTION = 1000
# By then a step is committed, or never: ids are given out before.
_COMMITTED = timedelta(hours=1)


def key_of(kind: str, action_id: int) -> str:
    """What a notification of a step is about: ``return:417``."""
    return f"{kind}:{action_id}"


@transaction.atomic
def tell_of_step(action_id: int) -> list[Notification]:
    """Tell everybody whom a step concerns, once however often this runs; return what was written to their inboxes.

    What it answers counts as read.
    """
    action = next(iter(with_context([action_id])), None)
    if action is None:
        return []
    _note_answered(action)
    return _tell(key_of(action.kind, action.pk), messages_of(action), action.at)


@transaction.atomic
def tell_of_occasion(name: str, pk: int) -> list[Notification]:
    """Tell everybody whom an occasion with the row ``pk`` concerns, as with a step; nobody where it does not stand any more."""
    occasion = OCCASIONS[name]
    row = occasion.rows().filter(pk=pk).first()
    if row is None:
        return []
    _note_read(occasion.answers(row))
    messages = occasion.messages(row) if occasion.messages else []
    return _tell(occasion.key_of(row), messages, clock.now())


@transaction.atomic
def remind_of_filings(path: str) -> list[Notification]:
    """Tell everybody who files at ``path`` or below what falls due or is late: once a day, however often this runs."""
    return _tell(key_of_today(), reminders(path), clock.now())


def _note_answered(action: ReviewAction) -> None:
    """Note as read, for everybody who was told of them, the earlier steps that this one answers."""
    kinds = _ANSWERED.get(Step(action.kind), ())
    earlier = ReviewAction.objects.filter(assessment=action.assessment_id, kind__in=kinds, pk__lt=action.pk)
    _note_read([key_of(kind, pk) for kind, pk in earlier.values_list("kind", "pk")])


def _note_read(keys: list[str]) -> None:
    if keys:
        Notification.objects.filter(key__in=keys).unread().update(read_at=clock.now())


def _tell(key: str, messages: Iterable[Message], at: datetime) -> list[Notification]:
    told = [
        Notification(
            user=one.user,
            key=key,
            kind=message.kind,
            title=message.title,
            text=message.text,
            url=_address(message.url, one.pk),
            created_at=at,
        )
        for message in messages
        for one in message.people
    ]
    known = Notification.objects.filter(key=key, user__in=[one.user for one in told])
    already = set(known.values_list("user", flat=True))
    # Whoever is concerned twice, as submitter and as reviewer, reads it once; a second delivery at the same time adds nothing.
    new = {one.user_id: one for one in reversed(told) if one.user_id not in already}
    Notification.objects.bulk_create(new.values(), ignore_conflicts=True)
    return list(new.values())


def _address(url: str, membership: int) -> str:
    """Where a message leads, and in which membership: ``/baselines/?year=2022&as=7``."""
    goal = urlsplit(url)
    return goal._replace(query="&".join(filter(None, [goal.query, f"as={membership}"]))).geturl()


def inbox_of(user: User) -> NotificationQuerySet:
    """What a person was told, whatever the membership they act in."""
    return Notification.objects.filter(user=user)


def unread_first(inbox: NotificationQuerySet) -> NotificationQuerySet:
    """In the order of the page: the unread first, of each the newest."""
    return inbox.order_by(Case(When(read_at=None, then=0), default=1), "-created_at", "-pk")


def mark_read(user: User, ids: Collection[int] | None = None) -> int:
    """Note that a person has read some of their notifications (None: all of them); return how many were unread."""
    unread = inbox_of(user).unread()
    return (unread if ids is None else unread.filter(pk__in=ids)).update(read_at=clock.now())


def steps_nobody_was_told_of(after: int = 0) -> list[tuple[int, str]]:
    """Return id and path of the latest steps that ought to have been told and were not; for the beat, which sees all.

    ``after``: up to this id all is settled.
    """
    latest = ReviewAction.objects.filter(at__gte=clock.now() - LATELY).order_by("pk")
    found: list[tuple[int, str]] = []
    while portion := list(latest.filter(pk__gt=after).values_list("pk", "kind", "path")[:PORTION]):
        steps = {key_of(kind, pk): (pk, path) for pk, kind, path in portion if kind in OF_KIND}
        told = set(Notification.objects.filter(key__in=steps).values_list("key", flat=True).distinct())
        found += [step for key, step in steps.items() if key not in told]
        after = portion[-1][0]
    return found


def occasions_nobody_was_told_of() -> list[tuple[str, int, str]]:
    """Return name, id and path of the latest occasions that ought to have been told and were not; for the beat, too."""
    found: list[tuple[str, int, str]] = []
    for occasion in (one for one in OCCASIONS.values() if one.messages is not None):
        rows = {occasion.key_of(row): row for row in occasion.rows().filter(occasion.since(clock.now() - LATELY))}
        told = set(Notification.objects.filter(key__in=rows).values_list("key", flat=True).distinct())
        found += [(occasion.name, row.pk, row.path) for key, row in rows.items() if key not in told]
    return found


def last_committed_step() -> int:
    """The id up to which no further step can turn up."""
    before = ReviewAction.objects.filter(at__lt=clock.now() - _COMMITTED).order_by("-pk")
    return before.values_list("pk", flat=True).first() or 0


def unmailed() -> QuerySet[Notification]:
    """What was told lately to people with an address, and neither mailed nor read; no more where the address was refused."""
    address = Contact.objects.filter(user=OuterRef("user")).exclude(email="")
    lately = Notification.objects.filter(
        created_at__gte=clock.now() - LATELY, mailed_at=None, mail_refused_at=None
    ).unread()
    return lately.filter(Exists(address), User.in_state(User.State.ACTIVE, "user__"))
