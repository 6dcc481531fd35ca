"""Filters of the review pages."""

from datetime import datetime

from django import template
from django.utils import timezone

from apps.assessments.models import CriterionResult
from apps.core import clock
from apps.core.rounding import plain

register = template.Library()
register.filter(plain)


@register.filter
def brief(result: CriterionResult | None) -> str:
    """A result for a narrow column: `4`, `符合`, `—`."""
    if result is None:
        return "—"
    if result.points is None or result.verdict != CriterionResult.Verdict.SCORED:
        return str(result.get_verdict_display())
    return plain(result.points)


@register.filter
def waited(since: datetime) -> str:
    """How long something has been waiting, `等 6 天`; empty on the day it came."""
    days = (clock.today() - timezone.localtime(since).date()).days
    return f"等 {days} 天" if days > 0 else ""


@register.filter
def is_long_wait(since: datetime) -> bool:
    return (clock.today() - timezone.localtime(since).date()).days >= 7
