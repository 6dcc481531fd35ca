"""Plays the annual plans of the demo: submitted by a few counties, accepted or still waiting for the level above."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.annual_plans import accept_plan, level_above, listed_in, submit_plan, version_of
from apps.campaigns.models import AnnualPlan, Campaign
from apps.core.fixture_file import Code, Day, FixtureFile, FixturePart, JurisdictionCode, Text, read_fixture
from apps.demo.accounts import Troupe
from apps.demo.fixture_format import SOURCE, Year
from apps.demo.story import Task, at_hour, deed
from apps.jurisdictions.models import Jurisdiction


class PlanEntry(FixturePart):
    """The plan of a county; without `accepted_on` it waits for the level above."""

    county: JurisdictionCode
    year: Year
    submitted_on: Day
    explanation: Text
    accepted_on: Day | None = None


class Plans(FixtureFile):
    """fixtures/demo/plans.yaml."""

    campaign: Code
    plans: list[PlanEntry]


def tasks_of_plans(campaign: Campaign, troupe: Troupe, branch: str = "") -> Iterator[Task]:
    """Yield what is still to be done about the plans in the branch; one that people have begun goes the way that they give it."""
    told = read_fixture(SOURCE / "plans.yaml", Plans)
    if campaign.code != told.campaign:
        return
    counties = Jurisdiction.objects.in_bulk([one.county for one in told.plans], field_name="code")
    begun = {(one.jurisdiction_id, one.year): one for one in AnnualPlan.objects.filter(campaign=campaign)}
    for entry in told.plans:
        county = counties.get(entry.county)
        if county is None or not county.path.startswith(branch):
            continue
        plan = begun.get((county.pk, entry.year))
        if plan is None:
            clerk = troupe.find(county, Role.STAFF)
            verb = partial(_submit, campaign, county, entry, clerk)
            yield deed(clerk, _submission(entry), "上报计划", verb)
        above = level_above(campaign, county)
        if above is not None and entry.accepted_on and (plan is None or _is_told(plan, entry)):
            approver = troupe.find(above, Role.APPROVER)
            verb = partial(_accept, campaign, county, entry, approver)
            yield deed(approver, at_hour(entry.accepted_on, 10), "同意计划", verb)


def _submission(entry: PlanEntry) -> datetime:
    return at_hour(entry.submitted_on, 15)


def _is_told(plan: AnnualPlan, entry: PlanEntry) -> bool:
    """Whether the plan waits as the story submitted it, and not as a person did."""
    return plan.is_waiting and plan.submitted_at == _submission(entry)


def _submit(campaign: Campaign, county: Jurisdiction, entry: PlanEntry, actor: Actor) -> None:
    seen = version_of(listed_in(campaign, county, entry.year))
    submit_plan(campaign, county, entry.year, actor=actor, seen=seen, explanation=entry.explanation)


def _accept(campaign: Campaign, county: Jurisdiction, entry: PlanEntry, actor: Actor) -> None:
    plan = AnnualPlan.objects.get(campaign=campaign, jurisdiction=county, year=entry.year)
    accept_plan(plan, actor=actor, seen=plan.round)
