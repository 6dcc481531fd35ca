"""What the rooms above say of recognising an assessment, for the review's page."""

from django import template

from apps.assessments.models import Assessment
from apps.assessments.recognition import conditions_against

register = template.Library()


@register.simple_tag
def recognition_waits_for(assessment: Assessment) -> str:
    """Why it may not be recognised yet, and what to do; empty where nothing stands against it."""
    return "".join(conditions_against(assessment))
