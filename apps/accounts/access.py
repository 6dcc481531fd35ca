"""Writing down who came in, took something along, or was given a right: beside the history of the rows."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.accounts.models import AccessEvent, Role, User
from apps.accounts.permissions import Actor
from apps.core import history
from apps.jurisdictions.models import Jurisdiction

# What is kept of a name that nobody has: so many signs of it, a mark, so many of its digest.
_SHOWN, _HIDDEN, _DIGEST = 2, "…#", 16
_USERNAME = "（{}）"


def record(
    kind: AccessEvent.Kind, *, actor: Actor, subject: str = "", jurisdiction: Jurisdiction | None = None
) -> None:
    """Record what ``actor`` did to ``subject`` (in words); filed under the jurisdiction it concerns, the actor's by default."""
    _write(
        kind,
        jurisdiction or actor.jurisdiction,
        actor.user,
        unit=actor.jurisdiction.name,
        role=actor.role,
        subject=subject,
    )


def record_sign_in(kind: AccessEvent.Kind, user: User, *, subject: str = "") -> None:
    """Record a step of signing in or out; filed under the bureau that looks after the account."""
    _write(kind, user.jurisdiction, user, subject=subject)


def record_unknown(kind: AccessEvent.Kind, name: str, *, subject: str = "") -> None:
    """Record that somebody tried the user name ``name``, which nobody has; filed under the nation.

    The name itself is kept nowhere: people type their password into the wrong field.
    """
    nation = Jurisdiction.objects.filter(parent__isnull=True).first()
    if nation is not None:
        _write(kind, nation, None, name=unknown_name(name), subject=subject)


def described(user: User) -> str:
    """Return a person as the subject of a record: name and user name, which stays when the name changes."""
    return f"{user.display_name}{_USERNAME.format(user.username)}"


def is_about(subject: str, username: str) -> bool:
    """Whether ``subject`` describes the person with this user name."""
    return subject.endswith(_USERNAME.format(username))


def unknown_name(name: str) -> str:
    """Return what is kept of a user name that nobody has: its beginning, and a digest by which the same name is known again."""
    digest = salted_hmac("accounts.access.unknown_name", name, algorithm="sha256").hexdigest()
    return f"{name[:_SHOWN]}{_HIDDEN}{digest[:_DIGEST]}"


def shown_name(event: AccessEvent) -> str:
    """Return whom a record names, as pages show it."""
    if event.user_id is not None or _HIDDEN not in event.name:
        return event.name or "—"
    return f"{event.name.partition(_HIDDEN)[0]}…（未知用户名）"


def _write(
    kind: AccessEvent.Kind,
    jurisdiction: Jurisdiction,
    user: User | None,
    *,
    name: str = "",
    unit: str = "",
    role: Role | str = "",
    subject: str = "",
) -> None:
    facts = history.current()
    AccessEvent.objects.create(
        kind=kind,
        jurisdiction=jurisdiction,
        user=user,
        name=user.display_name if user else name,
        unit=unit or (user.jurisdiction.name if user else ""),
        role=role,
        subject=subject[:300],
        address=facts.metadata.get("address") if facts else None,
        request_id=facts.id if facts else None,
        at=timezone.now(),
    )


def record_many(kind: AccessEvent.Kind, *, actor: Actor, subjects: Iterable[tuple[str, Jurisdiction]]) -> None:
    """Record what ``actor`` did to each subject, filed under its jurisdiction, in one statement."""
    facts, now = history.current(), timezone.now()
    AccessEvent.objects.bulk_create(
        AccessEvent(
            kind=kind,
            jurisdiction=jurisdiction,
            user=actor.user,
            name=actor.user.display_name,
            unit=actor.jurisdiction.name,
            role=actor.role,
            subject=subject[:300],
            address=facts.metadata.get("address") if facts else None,
            request_id=facts.id if facts else None,
            at=now,
        )
        for subject, jurisdiction in subjects
    )
