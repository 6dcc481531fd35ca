"""Tags of the pages that show criteria and their results: the self-assessment and the review."""

from collections.abc import Mapping
from pathlib import PurePath

from django import template

from apps.assessments.inputs import CriterionInputs, describe
from apps.assessments.models import Assessment, CriterionResult
from apps.campaigns.deadlines import Deadline
from apps.core import clock
from apps.standards.answer_forms import WrongAnswer
from apps.standards.models import Criterion

register = template.Library()

_STATUS_TONES = {
    Assessment.Status.DRAFT: "warning",
    Assessment.Status.IN_REVIEW: "info",
    Assessment.Status.RETURNED: "danger",
    Assessment.Status.RECOGNISED: "success",
    Assessment.Status.ENDED: "neutral",
}


@register.simple_tag
def inputs_of(
    criterion: Criterion,
    result: CriterionResult | None = None,
    entered: Mapping[str, str] | None = None,
    error: WrongAnswer | None = None,
    prefix: str = "",
) -> CriterionInputs:
    """`{% inputs_of criterion result entered error prefix as inputs %}`: what the inputs of a criterion hold."""
    return CriterionInputs(criterion, result or None, entered or None, error or None, prefix or "")


@register.simple_tag
def result_words(criterion: Criterion, result: CriterionResult) -> str:
    """A result in words: `4 分；乱停车每发现1处扣1分，最高扣2分：5 处，扣 2 分`."""
    return "；".join(describe(criterion, result))


@register.filter
def status_tone(assessment: Assessment) -> str:
    """The tone of the badge that shows where an assessment stands."""
    return _STATUS_TONES[Assessment.Status(assessment.status)]


@register.filter
def days_left(deadline: Deadline) -> str:
    """`，还有 16 天`, `，今天到期`, `，已逾期 3 天`."""
    days = (deadline.day - clock.today()).days
    if days == 0:
        return "，今天到期"
    return f"，还有 {days} 天" if days > 0 else f"，已逾期 {-days} 天"


@register.filter
def ending(name: str) -> str:
    """The ending of a file's name: `PDF`."""
    return PurePath(name).suffix.lstrip(".").upper() or "文件"
