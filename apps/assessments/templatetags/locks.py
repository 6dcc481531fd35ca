"""Filters of pages that show what one may only read: the sentence that the verbs refuse with."""

from django import template

from apps.accounts.permissions import Actor
from apps.assessments import refusals
from apps.assessments.models import Assessment

register = template.Library()


@register.filter
def locked_for(assessment: Assessment, actor: Actor) -> str:
    """Why the person only reads it: whose turn it is, by whose step, since when, and who unlocks it how."""
    return refusals.locked_for(assessment, actor)
