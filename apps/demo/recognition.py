"""Plays what surrounds recognition in the demo: public notices with an objection, re-checks, a demonstration base."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Annotated

from django.utils import timezone
from pydantic import Field

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Recognition
from apps.campaigns.notice_rules import set_notice_rules
from apps.core.fixture_file import Code, Day, FixtureFile, FixturePart, Flag, JurisdictionCode, Text, read_fixture
from apps.demo.accounts import Troupe
from apps.demo.fixture_format import SOURCE
from apps.demo.story import Task, at_hour, deed
from apps.jurisdictions.models import Jurisdiction
from apps.recognitions.candidates import candidates_of
from apps.recognitions.demonstration_bases import name_base
from apps.recognitions.models import DemonstrationBase, NoticeEntry, Objection, PublicNotice, Recheck
from apps.recognitions.notices import Wording, draft_notice, edit_notice, publish_notice
from apps.recognitions.objections import decide_objection, record_objection
from apps.recognitions.rechecks import record_recheck

Place = Annotated[int, Field(strict=True, ge=1)]


class ObjectionEntry(FixturePart):
    """An objection against the community at ``place`` of the list, and what came of it."""

    place: Place
    received_on: Day
    is_signed: Flag
    text: Text
    rejected_on: Day
    handling: Text


class NoticeEntryOf(FixturePart):
    """A notice for what had arrived by a day, in some counties or all."""

    title: Text
    published_on: Day
    arrived_by: Day
    within: list[JurisdictionCode] = []
    objections: list[ObjectionEntry] = []


class RecheckEntry(FixturePart):
    """The re-check of the county's recognised community at ``place``."""

    county: JurisdictionCode
    place: Place
    day: Day
    result: Recheck.Result
    findings: Text
    rectify_by: Day | None = None


class BaseEntry(FixturePart):
    """The naming of the county's recognised community at ``place``."""

    county: JurisdictionCode
    place: Place
    day: Day
    title: Text
    document: Text
    note: Text


class Surroundings(FixtureFile):
    """fixtures/demo/recognition.yaml."""

    campaign: Code
    jurisdiction: JurisdictionCode
    publishes_list_on: Day
    contact: Text
    notices: list[NoticeEntryOf]
    rechecks: list[RecheckEntry]
    bases: list[BaseEntry]


def tasks_around(campaign: Campaign, troupe: Troupe, branch: str = "") -> Iterator[Task]:
    """Yield what is still to be done around the recognitions of ``campaign``; nothing where the branch is only a part of it."""
    told = read_fixture(SOURCE / "recognition.yaml", Surroundings)
    place = Jurisdiction.objects.filter(code=told.jurisdiction).first()
    if campaign.code != told.campaign or place is None or not place.path.startswith(branch):
        return
    approver = troupe.find(place, Role.APPROVER)
    held = PublicNotice.objects.filter(jurisdiction=place)
    if not held.exists():
        manager = troupe.find(place, Role.BUREAU_ADMIN)
        days = campaign.notice_working_days
        opening = partial(set_notice_rules, campaign, days, publishes_list=True, actor=manager, reason="按方案规定")
        yield _task(manager, told.publishes_list_on, 9, "公布名单", opening)
    for notice in told.notices:
        # Where a later one stands already, people have gone past this one.
        if not held.filter(starts_on__gte=notice.published_on).exists():
            verb = partial(_publish, campaign, notice, told.contact, approver)
            yield _task(approver, notice.published_on, 17, "公示", verb)
            for one in notice.objections:
                yield _task(approver, one.received_on, 15, "登记异议", partial(_object, notice, one, approver))
                yield _task(approver, one.rejected_on, 11, "处理异议", partial(_reject, notice, one, approver))
    if not Recheck.objects.filter(path__startswith=place.path).exists():
        for checked in told.rechecks:
            clerk = troupe.find(Jurisdiction.objects.get(code=checked.county), Role.STAFF)
            yield _task(clerk, checked.day, 16, "复查", partial(_recheck, campaign, checked, clerk))
    if not DemonstrationBase.objects.filter(path__startswith=place.path).exists():
        for base in told.bases:
            yield _task(approver, base.day, 10, "命名示范教育基地", partial(_name, campaign, base, approver))


def _task(actor: Actor, day: date, hour: int, label: str, verb: Callable[[], object]) -> Task:
    return deed(actor, at_hour(day, hour), label, verb)


def _publish(campaign: Campaign, told: NoticeEntryOf, contact: str, actor: Actor) -> None:
    """Publish what is ready; nothing where people have gone on by themselves."""
    counties = [one.path for one in Jurisdiction.objects.filter(code__in=told.within)] or [actor.jurisdiction.path]
    chosen = [
        one.assessment.pk
        for one in candidates_of(actor.jurisdiction, campaign)
        if one.is_ready
        and timezone.localtime(one.assessment.held_since).date() <= told.arrived_by
        and any(one.assessment.path.startswith(path) for path in counties)
    ]
    if not chosen:
        return
    notice = draft_notice(campaign, chosen, actor=actor)
    wording = Wording(told.title, notice.text, contact, notice.working_days, notice.year)
    edit_notice(notice, wording, chosen, actor=actor)
    publish_notice(notice, actor=actor)


def _entry(told: NoticeEntryOf, place: int) -> NoticeEntry | None:
    rows = NoticeEntry.objects.filter(notice__title=told.title, notice__status=PublicNotice.Status.PUBLISHED)
    return rows.order_by("assessment__participation__community__code")[place - 1 : place].first()


def _object(notice: NoticeEntryOf, told: ObjectionEntry, actor: Actor) -> None:
    if (entry := _entry(notice, told.place)) is not None:
        record_objection(entry, received_on=told.received_on, is_signed=told.is_signed, text=told.text, actor=actor)


def _reject(notice: NoticeEntryOf, told: ObjectionEntry, actor: Actor) -> None:
    entry = _entry(notice, told.place)
    for objection in entry.objections.filter(outcome=Objection.Outcome.OPEN, text=told.text) if entry else ():
        decide_objection(objection, Objection.Outcome.REJECTED, told.handling, actor=actor)


def _recognition(campaign: Campaign, county: str, place: int, day: date) -> Recognition | None:
    """The county's community at ``place`` among those recognised before the year of ``day``."""
    path = Jurisdiction.objects.get(code=county).path
    rows = Recognition.objects.below(path).in_force().filter(campaign=campaign, year__lt=day.year)
    return rows.order_by("community__code")[place - 1 : place].first()


def _recheck(campaign: Campaign, told: RecheckEntry, actor: Actor) -> None:
    if (recognition := _recognition(campaign, told.county, told.place, told.day)) is not None:
        record_recheck(
            recognition,
            year=told.day.year,
            checked_on=told.day,
            result=told.result,
            findings=told.findings,
            rectify_by=told.rectify_by,
            actor=actor,
        )


def _name(campaign: Campaign, told: BaseEntry, actor: Actor) -> None:
    if (recognition := _recognition(campaign, told.county, told.place, told.day)) is not None:
        name_base(
            recognition,
            title=told.title,
            document_number=told.document,
            named_on=told.day,
            note=told.note,
            actor=actor,
        )
