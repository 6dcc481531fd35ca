"""Filters of the inbox."""

from django import template

from apps.notifications.models import Notification

register = template.Library()

Kind = Notification.Kind
_TONES = {
    Kind.RETURNED: "danger",
    Kind.REVOKED: "danger",
    Kind.ARRIVED: "info",
    Kind.RECOGNISED: "success",
    Kind.NOTICE: "info",
    Kind.OBJECTION: "warning",
    Kind.RECHECK: "warning",
    Kind.OPINION: "info",
    Kind.APPROVAL: "warning",
    Kind.PLAN: "info",
    Kind.TARGET: "info",
    Kind.BULLETIN: "info",
    Kind.VISIT: "warning",
    Kind.PRACTICE: "info",
}


@register.filter
def kind_tone(told: Notification) -> str:
    """The tone of the badge that shows what kind of thing a person is told."""
    return _TONES.get(Kind(told.kind), "neutral")
