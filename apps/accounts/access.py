"""Writing down who came in, took something along, or was given a right: beside the history of the rows."""

from django.utils import timezone

from apps.accounts.models import AccessEvent, Role, User
from apps.accounts.permissions import Actor
from apps.core import history
from apps.jurisdictions.models import Jurisdiction


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
    """Record that somebody tried the user name ``name``, which nobody has; filed under the nation."""
    nation = Jurisdiction.objects.filter(parent__isnull=True).first()
    if nation is not None:
        _write(kind, nation, None, name=name, subject=subject)


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
        name=user.display_name if user else name[:150],
        unit=unit or (user.jurisdiction.name if user else ""),
        role=role,
        subject=subject[:300],
        address=facts.metadata.get("address") if facts else None,
        request_id=facts.id if facts else None,
        at=timezone.now(),
    )
