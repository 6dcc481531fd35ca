"""What the tests of the review's pages share."""

from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.assessments.domain import save_result
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.scope import scope
from apps.standards.models import Criterion
from apps.standards.scoring import Answer
from tests.factories import submitted_community


def url(name: str, assessment: Assessment, *args: int) -> str:
    return reverse(name, args=[assessment.pk, *args])


def seen(assessment: Assessment) -> int:
    return assessment.actions.latest("at", "id").pk


def state(assessment: Assessment) -> tuple[str, str]:
    now = Assessment.objects.with_context().get(pk=assessment.pk)
    return now.status, now.holder.name


def others_of(number: int, chuxiong: Campaign) -> list[Assessment]:
    """Further submitted assessments of 鹿城镇."""
    communities = Community.objects.filter(code__startswith="532301101").exclude(code="532301101006").order_by("code")
    return [submitted_community(one, chuxiong, 2022) for one in communities[:number]]


def verdict(assessment: Assessment, actor: Actor, number: int, answer: Answer, note: str = "未见") -> None:
    criterion = Criterion.objects.get(standard=assessment.standard, number=number)
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        save_result(assessment, criterion, answer, actor=actor, note=note)
