"""Projects as somebody in life would put them down."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.projects.domain import add_project
from apps.projects.facts import Money, ProjectFacts
from apps.projects.models import Project
from tests.factories import person_at


def money(source: str = "fiscal", year: int = 2022, planned: Any = 120, spent: Any = 0) -> Money:
    return Money(source, year, Decimal(str(planned)), Decimal(str(spent)))


def criteria_of(campaign: Campaign, *numbers: int) -> list[int]:
    return list(campaign.standard.criteria.filter(number__in=numbers or (3,)).values_list("pk", flat=True))


def facts(campaign: Campaign, funding: Sequence[Money] = (), **also: Any) -> ProjectFacts:
    """A project with 120 万元 planned in 2022 for criterion 3, with some facts otherwise; begun where money was spent."""
    told: dict[str, Any] = {
        "name": "老旧供水管网改造",
        "content": "更换供水管 1.2 公里",
        "criteria": criteria_of(campaign),
        "planned_start": date(2022, 3, 1),
        "planned_end": date(2022, 10, 31),
        "funding": list(funding) or [money()],
    }
    if any(one.spent for one in funding):
        told["started_on"] = date(2020, 1, 6)
    return ProjectFacts(**(told | also))


def put_down(
    community: Community, campaign: Campaign, *funding: Money, actor: Actor | None = None, **also: Any
) -> Project:
    """Put a project down by the community's street officer."""
    actor = actor or person_at(community.jurisdiction, Role.STREET_OFFICER)
    with acting(actor):
        return add_project(community, campaign, facts(campaign, funding, **also), actor=actor)


def put_down_before(nearer: Campaign, community: Community, campaign: Campaign, **also: Any) -> Project:
    """Put a project down in ``campaign`` as long as ``nearer``, which carries it out there, is not opened."""
    itself = Campaign.objects.filter(pk=nearer.pk)
    itself.update(status=Campaign.Status.DRAFT)
    project = put_down(community, campaign, **also)
    itself.update(status=nearer.status)
    return project
