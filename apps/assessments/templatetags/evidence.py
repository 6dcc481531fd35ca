"""Filters of the pages that show evidence."""

from django import template

from apps.assessments.gallery import doubts, shot_words, upload_words
from apps.assessments.models import Evidence

register = template.Library()
register.filter(shot_words)
register.filter(upload_words)
register.filter(doubts)


@register.filter
def turn(evidence: Evidence) -> str:
    """The class that shows a picture as it was turned: `turn-90`."""
    return f"turn-{evidence.rotation}" if evidence.rotation else ""


@register.filter
def next_turn(evidence: Evidence) -> int:
    """The rotation after a quarter turn clockwise."""
    return (evidence.rotation + 90) % 360
