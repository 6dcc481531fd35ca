"""Filters of the review pages."""

from datetime import date, datetime

from django import template
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, CriterionResult
from apps.assessments.recall import Recallability, recallability
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


@register.filter
def until(day: date) -> str:
    """`还有 16 天`, `今天到期`, `已逾期 3 天`."""
    days = (day - clock.today()).days
    if days == 0:
        return "今天到期"
    return f"还有 {days} 天" if days > 0 else f"已逾期 {-days} 天"


@register.simple_tag
def recall_of(assessment: Assessment, actor: Actor) -> Recallability | None:
    """`{% recall_of assessment actor as recall %}`: whether the submitter may take it back now, else why not."""
    return recallability(assessment, actor)
