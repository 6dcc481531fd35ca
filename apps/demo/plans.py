"""Plays the annual plans of the demo: submitted by a few counties, accepted or still waiting for the level above."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import partial

from django.utils import timezone

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.annual_plans import accept_plan, level_above, listed_in, submit_plan, version_of
from apps.campaigns.models import AnnualPlan, Campaign
from apps.core import clock
from apps.core.fixture_file import Code, Day, FixtureFile, FixturePart, JurisdictionCode, Text, read_fixture
from apps.demo.accounts import Troupe
from apps.demo.fixture_format import SOURCE, Year
from apps.demo.story import Task
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
            yield _task(clerk, entry.submitted_on, 15, "上报计划", partial(_submit, campaign, county, entry, clerk))
        above = level_above(campaign, county)
        if above is not None and entry.accepted_on and (plan is None or (plan.is_waiting and plan.round == 1)):
            approver = troupe.find(above, Role.APPROVER)
            yield _task(
                approver, entry.accepted_on, 10, "同意计划", partial(_accept, campaign, county, entry, approver)
            )


def _task(actor: Actor, day: date, hour: int, label: str, verb: Callable[[], object]) -> Task:
    moment = timezone.make_aware(datetime.combine(day, time(hour)))

    def run() -> None:
        with clock.stopped_at(moment), acting(actor):
            verb()

    return Task(moment, label, 1, run)


def _submit(campaign: Campaign, county: Jurisdiction, entry: PlanEntry, actor: Actor) -> None:
    seen = version_of(listed_in(campaign, county, entry.year))
    submit_plan(campaign, county, entry.year, actor=actor, seen=seen, explanation=entry.explanation)


def _accept(campaign: Campaign, county: Jurisdiction, entry: PlanEntry, actor: Actor) -> None:
    plan = AnnualPlan.objects.get(campaign=campaign, jurisdiction=county, year=entry.year)
    accept_plan(plan, actor=actor, seen=plan.round)
