"""Plays the supervision visits and the good practice of the demo, each all the way that its entry tells."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.fixture_file import Code, Day, FixtureFile, FixturePart, JurisdictionCode, Ordinal, Text, read_fixture
from apps.demo.accounts import Troupe
from apps.demo.fixture_format import SOURCE
from apps.demo.pictures import draw_scene
from apps.demo.story import Task, at_hour, deed
from apps.jurisdictions.models import Jurisdiction
from apps.practices.choosing import Commendation, choose_practice, commend_practice, hand_up_practice
from apps.practices.domain import draft_practice, send_practice
from apps.practices.models import Practice, PracticeChoice
from apps.practices.pictures import add_picture
from apps.standards.national import national_criteria
from apps.supervision.domain import FindingFacts, VisitFacts, draft_visit, edit_visit, issue_visit
from apps.supervision.mending import answer_finding, confirm_mended
from apps.supervision.models import SupervisionVisit, VisitFinding


class FindingEntry(FixturePart):
    """What a visit found, and what became of it; ``criterion`` is the number of a national one."""

    text: Text
    mend_by: Day
    criterion: Ordinal | None = None
    answer: str = ""
    answered_on: Day | None = None
    mended_on: Day | None = None


class VisitEntry(FixturePart):
    """A visit of an office to a unit below it."""

    office: JurisdictionCode
    unit: JurisdictionCode
    started_on: Day
    issued_on: Day
    ended_on: Day | None = None
    document_number: str = ""
    offices: Text
    people: Text
    looked_at: str = ""
    summary: str
    findings: list[FindingEntry] = []


class PracticeEntry(FixturePart):
    """A practice that a unit sends, and what the levels above do with it; ``pictures`` is how many are drawn."""

    unit: JurisdictionCode
    community: JurisdictionCode | None = None
    title: Text
    text: str
    criteria: list[Ordinal] = []
    pictures: int = 0
    sent_on: Day
    chosen_on: Day | None = None
    commended_in: str = ""
    commended_on: Day | None = None
    handed_up_on: Day | None = None
    chosen_above_on: Day | None = None


class Visits(FixtureFile):
    """fixtures/demo/visits.yaml."""

    campaign: Code
    visits: list[VisitEntry]
    practices: list[PracticeEntry]


def tasks_of_visits(campaign: Campaign, troupe: Troupe, branch: str = "") -> Iterator[Task]:
    """Yield what is still to be played in the branch; an entry that was begun is left to what people make of it."""
    told = read_fixture(SOURCE / "visits.yaml", Visits)
    if campaign.code != told.campaign:
        return
    codes = [code for one in told.visits for code in (one.office, one.unit)] + [one.unit for one in told.practices]
    units = Jurisdiction.objects.select_related("parent__parent").in_bulk(codes, field_name="code")
    ids = {one.number: one.pk for one in national_criteria()}
    for visit in told.visits:
        office, unit = units.get(visit.office), units.get(visit.unit)
        if office is None or unit is None or not unit.path.startswith(branch):
            continue
        if not SupervisionVisit.objects.filter(office=office, unit=unit, started_on=visit.started_on).exists():
            yield from _visit(campaign, office, unit, visit, troupe, ids)
    for practice in told.practices:
        sender = units.get(practice.unit)
        if sender is None or not sender.path.startswith(branch):
            continue
        if not Practice.objects.filter(jurisdiction=sender, title=practice.title).exists():
            yield from _practice(sender, practice, troupe, ids)


def _visit(
    campaign: Campaign, office: Jurisdiction, unit: Jurisdiction, entry: VisitEntry, troupe: Troupe, ids: dict[int, int]
) -> Iterator[Task]:
    actor, receiver = troupe.find(office, Role.STAFF), _officer(unit, troupe)
    yield _task(actor, entry.issued_on, 9, "督导检查", partial(_issue, campaign, unit, entry, actor, ids))
    for number, finding in enumerate(entry.findings, 1):
        found = partial(_finding, office, unit, entry, number)
        if finding.answered_on:
            verb = partial(_answer, found, finding, receiver)
            yield _task(receiver, finding.answered_on, 14, "答复整改", verb)
        if finding.mended_on:
            yield _task(actor, finding.mended_on, 10, "核查整改", partial(_mended, found, actor))


def _issue(campaign: Campaign, unit: Jurisdiction, entry: VisitEntry, actor: Actor, ids: dict[int, int]) -> None:
    drafted = draft_visit(campaign, unit, actor=actor)
    findings = [FindingFacts(one.text, one.mend_by, ids.get(one.criterion or 0)) for one in entry.findings]
    names = ("started_on", "ended_on", "document_number", "offices", "people", "looked_at", "summary")
    facts = VisitFacts(title=drafted.title, findings=findings, **{name: getattr(entry, name) for name in names})
    edited = edit_visit(drafted, facts, actor=actor, seen=drafted.version)
    issue_visit(edited, actor=actor, seen=edited.version)


def _finding(office: Jurisdiction, unit: Jurisdiction, entry: VisitEntry, number: int) -> VisitFinding:
    rows = VisitFinding.objects.select_related("visit__office", "visit__unit")
    return rows.get(visit__office=office, visit__unit=unit, visit__started_on=entry.started_on, number=number)


def _answer(found: Callable[[], VisitFinding], entry: FindingEntry, actor: Actor) -> None:
    one = found()
    answer_finding(one, entry.answer, [_photo(entry.text)], actor=actor, seen=one.round)


def _mended(found: Callable[[], VisitFinding], actor: Actor) -> None:
    one = found()
    confirm_mended(one, actor=actor, seen=one.round)


def _practice(unit: Jurisdiction, entry: PracticeEntry, troupe: Troupe, ids: dict[int, int]) -> Iterator[Task]:
    sender, above = _officer(unit, troupe), unit.parent
    yield _task(sender, entry.sent_on, 15, "报送经验做法", partial(_send, unit, entry, sender, ids))
    if above is None or entry.chosen_on is None:
        return
    chooser = troupe.find(above, Role.APPROVER)
    find = partial(_sent, unit, entry)
    yield _task(chooser, entry.chosen_on, 16, "采用经验做法", partial(_choose, find, chooser))
    if entry.commended_on:
        by = Commendation(entry.commended_in, entry.commended_on)
        yield _task(chooser, entry.commended_on, 11, "通报表扬", partial(_commend, find, by, chooser))
    if entry.handed_up_on:
        yield _task(chooser, entry.handed_up_on, 11, "推荐经验做法", partial(_hand_up, find, chooser))
    if entry.chosen_above_on and above.parent is not None:
        higher = troupe.find(above.parent, Role.APPROVER)
        yield _task(higher, entry.chosen_above_on, 16, "采用经验做法", partial(_choose, find, higher))


def _send(unit: Jurisdiction, entry: PracticeEntry, actor: Actor, ids: dict[int, int]) -> None:
    community = Community.objects.filter(code=entry.community).first() if entry.community else None
    criteria = [ids[number] for number in entry.criteria if number in ids]
    practice = draft_practice(
        actor=actor, jurisdiction=unit, title=entry.title, text=entry.text, community=community, criteria=criteria
    )
    for number in range(entry.pictures):
        add_picture(practice, _photo(f"{entry.title} {number}"), actor=actor)
    send_practice(practice, actor=actor, seen=practice.version)


def _sent(unit: Jurisdiction, entry: PracticeEntry) -> Practice:
    return Practice.objects.get(jurisdiction=unit, title=entry.title)


def _choose(find: Callable[[], Practice], actor: Actor) -> None:
    practice = find()
    choose_practice(practice, actor=actor, seen=practice.round)


def _commend(find: Callable[[], Practice], by: Commendation, actor: Actor) -> None:
    choices = PracticeChoice.objects.select_related("practice", "jurisdiction")
    commend_practice(choices.get(practice=find(), jurisdiction=actor.jurisdiction), by, actor=actor)


def _hand_up(find: Callable[[], Practice], actor: Actor) -> None:
    practice = find()
    hand_up_practice(practice, actor=actor, seen=practice.round)


def _officer(unit: Jurisdiction, troupe: Troupe) -> Actor:
    """Who works in a unit: the officer of a street, the clerk of a bureau."""
    return troupe.find(unit, Role.STREET_OFFICER if unit.level == "street" else Role.STAFF)


def _photo(seed: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("演示照片.jpg", draw_scene(Random(seed)), content_type="image/jpeg")  # noqa: S311


def _task(actor: Actor, day: date, hour: int, label: str, verb: Callable[[], object]) -> Task:
    return deed(actor, at_hour(day, hour), label, verb)
