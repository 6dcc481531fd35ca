"""What one cell of the targets' grid has held: every value with who set it, when and by which document."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.campaigns.models import Campaign, Target
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction


@dataclass(frozen=True)
class Moment:
    """One change of a target; ``value`` is '' where it was taken away and what is inherited held again."""

    at: datetime
    who: str
    value: str
    issuer: str
    document_number: str
    source: str


def history_of(campaign: Campaign, place: Jurisdiction, year: int, kind: Target.Kind) -> list[Moment]:
    """Return the changes of a jurisdiction's own target, the newest first; '' for an issuer that was not kept."""
    events = Target.pgh_event_model.objects  # type: ignore[attr-defined]
    rows = events.filter(campaign_id=campaign.pk, jurisdiction_id=place.pk, year=year, kind=kind)
    return [_moment(one) for one in rows.select_related("issued_by").order_by("-pgh_id")]


def _moment(event: Any) -> Moment:
    facts = event.pgh_context or {}
    who = " ".join(str(facts[key]) for key in ("unit", "name") if facts.get(key)) or "系统"
    gone = event.pgh_label == "delete"
    value = "" if gone else Target(kind=event.kind, value=event.value, upper=event.upper).said
    issuer, number, source = ("", "", "") if gone else (event.issued_by, event.document_number, event.source)
    return Moment(clock.shown(event.pgh_created_at), who, value, str(issuer or ""), number, source)
