"""Plays the projects of the demo: what is built in a few communities, and with which money."""

from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal
from functools import partial
from typing import Annotated

from django.utils import timezone
from pydantic import Field

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.fixture_file import (
    Amount,
    Code,
    Day,
    FixtureFile,
    FixturePart,
    JurisdictionCode,
    Ordinal,
    Text,
    read_fixture,
)
from apps.demo.accounts import Troupe
from apps.demo.fixture_format import SOURCE, Year
from apps.demo.story import Task
from apps.jurisdictions.models import Jurisdiction
from apps.projects.domain import add_project
from apps.projects.facts import Money, ProjectFacts
from apps.projects.models import Project, Source


class MoneyEntry(FixturePart):
    """What a source gives in a year."""

    source: Source
    year: Year
    planned: Amount
    spent: Amount = Decimal(0)


class ProjectEntry(FixturePart):
    """A project as the county's clerk puts it down; `criteria` are numbers."""

    recorded_on: Day
    county: JurisdictionCode
    community: JurisdictionCode
    name: Text
    content: Text
    criteria: Annotated[list[Ordinal], Field(min_length=1)]
    planned_start: Day
    planned_end: Day
    started_on: Day | None = None
    completed_on: Day | None = None
    funding: Annotated[list[MoneyEntry], Field(min_length=1)]


class Projects(FixtureFile):
    """fixtures/demo/projects.yaml."""

    campaign: Code
    projects: list[ProjectEntry]


def tasks_of_projects(campaign: Campaign, troupe: Troupe, branch: str = "") -> Iterator[Task]:
    """Yield the projects that are still to be put down in the branch; one that people have taken back stays away while the
    community has others."""
    told = read_fixture(SOURCE / "projects.yaml", Projects)
    if campaign.code != told.campaign:
        return
    codes = [one.community for one in told.projects]
    communities = Community.objects.in_bulk(codes, field_name="code")
    counties = Jurisdiction.objects.in_bulk([one.county for one in told.projects], field_name="code")
    standing = set(Project.objects.filter(community__code__in=codes).values_list("community__code", flat=True))
    for entry in told.projects:
        county, community = counties.get(entry.county), communities.get(entry.community)
        if county is None or community is None or not county.path.startswith(branch) or entry.community in standing:
            continue
        actor = troupe.find(county, Role.STAFF)
        moment = timezone.make_aware(datetime.combine(entry.recorded_on, time(15)))
        yield Task(moment, "登记项目", 1, partial(_put_down, community, campaign, entry, actor, moment))


def _put_down(community: Community, campaign: Campaign, entry: ProjectEntry, actor: Actor, moment: datetime) -> None:
    named = campaign.standard.criteria.filter(number__in=entry.criteria)
    facts = ProjectFacts(
        name=entry.name,
        content=entry.content,
        criteria=list(named.values_list("pk", flat=True)),
        planned_start=entry.planned_start,
        planned_end=entry.planned_end,
        started_on=entry.started_on,
        completed_on=entry.completed_on,
        funding=[Money(one.source, one.year, one.planned, one.spent) for one in entry.funding],
    )
    with clock.stopped_at(moment), acting(actor):
        add_project(community, campaign, facts, actor=actor)
