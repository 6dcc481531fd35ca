"""Plays a campaign's story through the verbs, each step in the scope of the person who takes it, on its own day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import (
    agree_assessment,
    open_assessment,
    recognise_assessment,
    return_assessment,
    save_result,
    submit_assessment,
)
from apps.assessments.evidence import attach_evidence, attach_visit_photo
from apps.assessments.models import Assessment, DepartmentOpinion, ReviewAction
from apps.assessments.opinions import give_opinion, sections_for
from apps.assessments.site_visits import VisitFacts, record_visit
from apps.campaigns.domain import enrol_communities
from apps.campaigns.models import Campaign, Participation, Target
from apps.campaigns.targets import set_target
from apps.communities.models import Community
from apps.core import clock
from apps.demo.accounts import Troupe
from apps.demo.casting import Part, cast
from apps.demo.findings import Content, Writer
from apps.demo.fixture_format import CriterionWords, StepEntry, Story, TargetEntry, Unit, words
from apps.demo.pictures import draw_scene
from apps.jurisdictions.models import Jurisdiction
from apps.standards.domain import spec_of
from apps.standards.models import Criterion

Kind = ReviewAction.Kind

_KINDS = {
    "open": Kind.OPEN,
    "submit": Kind.SUBMIT,
    "agree": Kind.AGREE,
    "agree_stricter": Kind.AGREE,
    "return_items": Kind.RETURN,
    "return_whole": Kind.RETURN,
    "return_short": Kind.RETURN,
    "recognise": Kind.RECOGNISE,
}
_ROLES = {
    Kind.OPEN: (Role.STREET_OFFICER,),
    Kind.SUBMIT: (Role.STREET_OFFICER,),
    Kind.RETURN: (Role.STAFF, Role.APPROVER),
    Kind.AGREE: (Role.APPROVER, Role.STAFF),
    Kind.RECOGNISE: (Role.APPROVER,),
}


@dataclass(frozen=True)
class Task:
    """Something that is still to be done: ``label`` says what, ``size`` for how many."""

    moment: datetime
    label: str
    size: int
    run: Callable[[], object]


class Stage:
    """One story on the database as it is. ``missing``: units whose divisions are not loaded.

    ``branch`` is the path of the branch to be played; '' for the whole story.
    """

    def __init__(self, story: Story, campaign: Campaign, troupe: Troupe, branch: str = "") -> None:
        self._story = story
        self._campaign = campaign
        self._troupe = troupe
        self._standard = spec_of(self._campaign.standard)
        criteria = Criterion.objects.filter(standard=self._campaign.standard)
        criteria = criteria.select_related("standard", "national_criterion")
        self._criteria = {one.number: one for one in criteria}
        self._said = {number: _words_for(one) for number, one in self._criteria.items()}
        loaded = Jurisdiction.objects.in_bulk([unit.jurisdiction for unit in story.units], field_name="code")
        self._jurisdictions = {code: one for code, one in loaded.items() if one.path.startswith(branch)}
        self._units = [unit for unit in story.units if unit.jurisdiction in self._jurisdictions]
        self.missing = [unit.jurisdiction for unit in story.units if unit.jurisdiction not in loaded]
        self._writers: dict[int, Writer] = {}

    def tasks(self) -> Iterator[Task]:
        """Yield what is still to be done, unit by unit; the order of time is the caller's."""
        for target in self._story.targets:
            if target.jurisdiction in self._jurisdictions:
                yield from self._target_tasks(target)
        for unit in self._units:
            yield from self._unit_tasks(unit, self._jurisdictions[unit.jurisdiction])

    def _target_tasks(self, target: TargetEntry) -> Iterator[Task]:
        jurisdiction = self._jurisdictions[target.jurisdiction]
        if not Target.objects.filter(campaign=self._campaign, jurisdiction=jurisdiction, year=target.year).exists():
            moment = _at(target.set_on, time(9, 30))
            actor = self._troupe.find(jurisdiction, Role.BUREAU_ADMIN, Role.STAFF)
            verb = partial(set_target, self._campaign, jurisdiction, target.year, target.percent, actor=actor)
            yield Task(moment, "设定目标", 1, partial(_act, actor, moment, verb))

    def _unit_tasks(self, unit: Unit, jurisdiction: Jurisdiction) -> Iterator[Task]:
        communities = Community.objects.below(jurisdiction.path).select_related("jurisdiction").in_code_order()
        if unit.streets:
            communities = communities.filter(jurisdiction__code__in=unit.streets)
        parts = cast(self._story, unit, list(communities))
        done = self._done(jurisdiction)
        for year, day in unit.enrolled_on.items():
            joining = [part for part in parts if part.way.plan == year and part.community.pk not in done]
            if joining:
                moment, actor = _at(day, time(10)), self._troupe.find(jurisdiction, Role.STAFF)
                yield Task(moment, "列入计划", len(joining), partial(self._enrol, year, joining, actor, moment))
        for part in parts:
            kinds = [_KINDS[step.do] for step in part.way.steps]
            taken = done.get(part.community.pk, [])
            # Where people have gone a way of their own, the story ends.
            if taken == kinds[: len(taken)]:
                for place in range(len(taken), len(kinds)):
                    run = partial(self._take_step, part, place)
                    yield Task(part.moments[place], kinds[place].label, 1, run)

    def _done(self, jurisdiction: Jurisdiction) -> dict[int, list[str]]:
        """Return the kinds of steps taken so far by the communities that take part, by the community's id."""
        taken: dict[int, list[str]] = {}
        rows = Participation.objects.below(jurisdiction.path).filter(campaign=self._campaign)
        for community, kind in rows.order_by("assessment__actions__at", "assessment__actions__id").values_list(
            "community_id", "assessment__actions__kind"
        ):
            taken.setdefault(community, []).extend([kind] if kind else [])
        return taken

    def _enrol(self, year: int, parts: list[Part], actor: Actor, moment: datetime) -> None:
        communities = [part.community for part in parts]
        pilots = {part.community.pk for part in parts if part.is_pilot}
        _act(
            actor,
            moment,
            partial(enrol_communities, self._campaign, year, communities, actor=actor, pilots=pilots),
        )

    def _take_step(self, part: Part, place: int) -> None:
        step, moment = part.way.steps[place], part.moments[place]
        participation = Participation.objects.select_related("community__jurisdiction").get(
            campaign=self._campaign, community=part.community
        )
        assessment = Assessment.objects.select_related("holder").filter(participation=participation).first()
        holder = assessment.holder if assessment is not None else part.community.jurisdiction
        actor = self._troupe.find(holder, *_ROLES[_KINDS[step.do]])
        content = self._content(part, place)
        _act(actor, moment, partial(self._carry_out, step, participation, assessment, content, actor))
        if step.objection and assessment is not None:
            assessment.refresh_from_db()
            department = self._troupe.find(assessment.holder, Role.DEPARTMENT_REVIEWER)
            later = moment + timedelta(hours=1)
            _act(department, later, partial(_object, assessment, department))

    def _content(self, part: Part, place: int) -> Content:
        """Return what the step says; where playing goes on after a stop, the steps before are written again."""
        if place == 0 or part.community.pk not in self._writers:
            seed = str(part.community.code)
            writer = Writer(self._standard, self._said, words(), part.way.steps, seed)
            self._writers[part.community.pk] = writer
            for earlier in part.way.steps[:place]:
                writer.write(earlier)
        return self._writers[part.community.pk].write(part.way.steps[place])

    def _carry_out(
        self,
        step: StepEntry,
        participation: Participation,
        assessment: Assessment | None,
        content: Content,
        actor: Actor,
    ) -> None:
        if assessment is None:
            assessment = open_assessment(participation, actor=actor)
        self._fill_in(assessment, content, actor)
        if step.do == "agree_stricter":
            _visit(assessment, content, actor)
        match _KINDS[step.do]:
            case Kind.SUBMIT:
                submit_assessment(assessment, actor=actor)
            case Kind.AGREE:
                agree_assessment(assessment, content.comment, actor=actor)
            case Kind.RETURN:
                return_assessment(assessment, content.comment, content.reasons, actor=actor)
            case Kind.RECOGNISE:
                document = step.document or ""
                recognise_assessment(assessment, actor=actor, document_number=document, comment=content.comment)

    def _fill_in(self, assessment: Assessment, content: Content, actor: Actor) -> None:
        for finding in content.findings:
            save_result(assessment, self._criteria[finding.number], finding.answer, actor=actor, note=finding.note)
        for picture in content.pictures:
            drawn = draw_scene(Random(picture.seed))  # noqa: S311
            file = SimpleUploadedFile(f"{picture.caption}.jpg", drawn, "image/jpeg")
            criterion = self._criteria[picture.number]
            attach_evidence(assessment, criterion, file, actor=actor, caption=picture.caption)


def deed(actor: Actor, moment: datetime, label: str, verb: Callable[[], object]) -> Task:
    """One thing that a person does at a moment."""
    return Task(moment, label, 1, partial(_act, actor, moment, verb))


def at_hour(day: date, hour: int) -> datetime:
    return _at(day, time(hour))


def _act(actor: Actor, moment: datetime, verb: Callable[[], object]) -> None:
    with clock.stopped_at(moment), acting(actor):
        verb()


def _visit(assessment: Assessment, content: Content, actor: Actor) -> None:
    """Record the site visit that the stricter verdicts rest on, with a picture."""
    said = words().visit
    found = "".join(f"\n第 {one.number} 条：{one.note}" for one in content.findings)
    facts = VisitFacts(clock.today(), f"{actor.jurisdiction}{said.offices}", said.findings + found)
    visit = record_visit(assessment, facts, actor=actor)
    drawn = draw_scene(Random(f"visit {assessment.participation.community.code}"))  # noqa: S311
    photo = SimpleUploadedFile(f"{said.caption}.jpg", drawn, "image/jpeg")
    attach_visit_photo(visit, photo, actor=actor, caption=said.caption)


def _object(assessment: Assessment, actor: Actor) -> None:
    """Let a department give its opinions: an objection on its first section, agreement on the others."""
    said = words().opinion
    first, *others = sections_for(assessment, actor)
    give_opinion(assessment, first, DepartmentOpinion.Stance.OBJECTS, said.objection, actor=actor)
    for section in others:
        give_opinion(assessment, section, DepartmentOpinion.Stance.AGREES, said.agreement, actor=actor)


def _words_for(criterion: Criterion) -> CriterionWords:
    national = criterion if criterion.standard.derived_from_id is None else criterion.national_criterion
    own = words().own
    return own if national is None else words().criteria.get(national.number, own)


def _at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))
