"""Opinions of departments (部门意见): a department of the reviewing level says on its sections whether it agrees, until the
level decides. Departments judge nothing; deciding against an objection takes a reason."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, Count, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from apps.accounts.models import Membership, Role
from apps.accounts.permissions import Actor, require
from apps.assessments.models import Assessment, AssessmentQuerySet, DepartmentOpinion
from apps.assessments.queue import waiting_at
from apps.assessments.refusals import awaiting_decision, objected, opinion_changed, whose_turn
from apps.assessments.signals import opinion_given
from apps.assessments.steps import Opened, lock, open_proposal, refuse_own_work
from apps.campaigns.departments import Responsibility, key_of, responsibilities
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.attached import attach
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Section

Status = Assessment.Status
Stance = DepartmentOpinion.Stance

LONGEST_OPINION = 1000


@transaction.atomic
def give_opinion(
    assessment: Assessment, section: Section, stance: str, text: str = "", *, actor: Actor, seen: int | None = None
) -> DepartmentOpinion:
    """Say for one's department whether it agrees with a section (填写部门意见), or change what it said in this round.

    ``seen`` is the version that the form showed (0: none yet); StaleForm when a colleague gave another since.
    """
    opened = _open_for_department(assessment, actor)
    word = word_for(opened.assessment, section, actor)
    if word is None:
        raise PermissionDenied(f"“{section}”不由{actor.membership.department or '您所在的部门'}负责，不用填写意见。")
    stance, text = _checked(section, stance, text)
    existing = (
        DepartmentOpinion.objects.filter(
            assessment=opened.assessment,
            section=section,
            jurisdiction=actor.jurisdiction,
            department=word,
            round=opened.assessment.round,
        )
        .select_related("given_by", "section")
        .first()
    )
    if existing is not None and (existing.stance, existing.text) == (stance, text):
        return existing
    if seen is not None and seen != (existing.version if existing else 0):
        raise StaleForm(opinion_changed(existing) if existing else "这条意见已经不在了，请刷新后再填。")
    opinion = existing or DepartmentOpinion(
        assessment=opened.assessment,
        section=section,
        jurisdiction=actor.jurisdiction,
        department=word,
        round=opened.assessment.round,
        version=0,
    )
    opinion.stance, opinion.text = stance, text
    opinion.version += 1
    opinion.given_at, opinion.given_by = clock.now(), actor.user
    opinion.save()
    opinion_given.send(sender=DepartmentOpinion, row=opinion)
    return opinion


@transaction.atomic
def agree_with_rest(assessment: Assessment, *, actor: Actor) -> list[DepartmentOpinion]:
    """Agree for one's department with all of its sections that it has said nothing on in this round."""
    locked = _open_for_department(assessment, actor).assessment
    given = own_opinions(locked, actor)
    rest = [one for one in sections_for(locked, actor) if one.pk not in given]
    return [give_opinion(locked, one, Stance.AGREES, actor=actor) for one in rest]


def word_for(assessment: Assessment, section: Section, actor: Actor) -> str | None:
    """What the campaign calls the actor's department where it answers for ``section``; None where it does not."""
    if section.standard_id != assessment.standard_id:
        return None
    return _responsibility(assessment).word_for(section.number, actor.membership.department)


def sections_for(assessment: Assessment, actor: Actor) -> list[Section]:
    """The sections of the assessment's standard that the actor's department answers for."""
    held = _responsibility(assessment)
    sections = Section.objects.filter(standard=assessment.standard_id).order_by("number")
    return [one for one in sections if held.word_for(one.number, actor.membership.department)]


def own_opinions(assessment: Assessment, actor: Actor) -> dict[int, DepartmentOpinion]:
    """What the actor's department said in this round at its level, by the section's id."""
    rows = DepartmentOpinion.objects.filter(
        assessment=assessment, jurisdiction=actor.jurisdiction, round=assessment.round
    ).select_related("given_by", "section")
    key = key_of(actor.membership.department)
    return {one.section_id: one for one in rows if key and key_of(one.department) == key}


def is_open_for(assessment: Assessment, actor: Actor) -> bool:
    """Whether the actor's department can give its opinion now: the assessment lies with its level, undecided."""
    return (
        actor.can("give_opinions", assessment.path)
        and assessment.holder_id == actor.jurisdiction.pk
        and assessment.status in (Status.IN_REVIEW, Status.RETURNED)
        and open_proposal(assessment) is None
        and actor.user.pk not in assessment.filled_in_by
    )


def asked_of(actor: Actor) -> AssessmentQuerySet:
    """What lies with the actor's level and has sections of the department: ``needed`` of them, ``given`` in this round."""
    waiting = waiting_at(actor.jurisdiction).exclude(filled_in_by__contains=[actor.user.pk])
    if not actor.can("give_opinions") or not actor.membership.department:
        return waiting.none().annotate(given=Value(0), needed=Value(0))
    duties = _duties(waiting, actor.membership.department)
    opinions = DepartmentOpinion.objects.filter(
        assessment=OuterRef("pk"),
        jurisdiction=actor.jurisdiction,
        round=OuterRef("round"),
        department__in={word for words in duties.values() for word in words},
    )
    given = opinions.order_by().values("assessment").annotate(number=Count("section", distinct=True)).values("number")
    needed = [
        When(participation__campaign=campaign, standard=standard, then=Value(len(words)))
        for (campaign, standard), words in duties.items()
    ]
    if not needed:
        return waiting.none().annotate(given=Value(0), needed=Value(0))
    rows = waiting.annotate(given=Coalesce(Subquery(given), 0), needed=Case(*needed, default=Value(0)))
    return rows.filter(needed__gt=0)


def unanswered_by(actor: Actor) -> AssessmentQuerySet:
    """What still waits for the opinion of the actor's department on some section."""
    return asked_of(actor).alias(left=F("needed") - F("given")).filter(left__gt=0)


def objections(assessment: Assessment, jurisdiction: Jurisdiction) -> list[DepartmentOpinion]:
    """The objections of departments that stand in this round at a level; deciding against them takes a reason."""
    found = DepartmentOpinion.objects.filter(
        assessment=assessment, jurisdiction=jurisdiction, round=assessment.round, stance=Stance.OBJECTS
    )
    return list(found.select_related("section").order_by("section__number", "department"))


def objected_among(assessments: Iterable[int], jurisdiction: Jurisdiction) -> set[int]:
    """The ids of those of ``assessments`` against which departments of the level object in this round."""
    found = DepartmentOpinion.objects.filter(
        assessment__in=list(assessments),
        jurisdiction=jurisdiction,
        round=F("assessment__round"),
        stance=Stance.OBJECTS,
    )
    return set(found.values_list("assessment_id", flat=True))


def check_objections(opened: Opened, comment: str) -> None:
    """InvalidInput where departments object and ``comment`` gives no reason; for the verbs that agree or recognise."""
    if not comment.strip() and (found := objections(opened.assessment, opened.assessment.holder)):
        raise InvalidInput(objected(found))


@dataclass(frozen=True)
class SectionOpinions:
    """What the departments of a level said on a section, and which have not answered though they could."""

    section: Section
    given: list[DepartmentOpinion]
    missing: list[str]


@dataclass(frozen=True)
class OpinionPanel:
    """The opinions as the review shows them: of one level in this round by section, and those of other levels and rounds."""

    jurisdiction: Jurisdiction
    sections: list[SectionOpinions] = field(default_factory=list)
    # Departments that answer for something and have nobody who signs in at this level.
    without_account: list[str] = field(default_factory=list)
    others: list[DepartmentOpinion] = field(default_factory=list)

    @property
    def objections(self) -> list[DepartmentOpinion]:
        return [one for row in self.sections for one in row.given if one.stance == Stance.OBJECTS]

    @property
    def is_empty(self) -> bool:
        return not self.others and not any(row.given or row.missing for row in self.sections)


def opinion_panel(
    assessment: Assessment,
    chain: Sequence[Jurisdiction],
    sections: Sequence[Section],
    at: Jurisdiction,
    actor: Actor,
    decided: Collection[int],
) -> OpinionPanel:
    """Gather what departments said for the review's page, looked at from the level ``at`` of the ``chain``.

    ``decided`` are the ids of the jurisdictions that have decided in this round: the levels below read their departments'
    opinions from then on.
    """
    told = list(DepartmentOpinion.objects.filter(assessment=assessment).select_related("given_by"))
    attach(told, "section", sections)
    attach(told, "jurisdiction", chain)
    told.sort(key=lambda one: (one.round, one.section.number, one.department))
    seen = [
        one
        for one in told
        if actor.jurisdiction.contains(one.jurisdiction.path)
        or one.jurisdiction_id in decided
        or one.round < assessment.round
    ]
    here = [one for one in seen if one.jurisdiction_id == at.pk and one.round == assessment.round]
    panel = OpinionPanel(at, others=[one for one in seen if one not in here][::-1])
    held = _responsibility(assessment)
    waits = assessment.holder_id == at.pk and assessment.status in (Status.IN_REVIEW, Status.RETURNED)
    # Who works at a level above is not visible from below.
    known = _departments_at(at) if waits and actor.jurisdiction.contains(at.path) else set()
    for section in sections:
        given = [one for one in here if one.section_id == section.pk]
        answered = {key_of(one.department) for one in given}
        open_ones = [one for one in held.of(section.number) if key_of(one) not in answered]
        missing = [one for one in open_ones if waits and key_of(one) in known]
        if given or missing:
            panel.sections.append(SectionOpinions(section, given, missing))
        for one in open_ones:
            if waits and known and key_of(one) not in known and one not in panel.without_account:
                panel.without_account.append(one)
    return panel


def _responsibility(assessment: Assessment) -> Responsibility:
    """Who answers for the sections of the standard that the assessment began with."""
    campaign = assessment.participation.campaign
    return responsibilities([(campaign, assessment.standard_id)])[campaign.pk, assessment.standard_id]


def _departments_at(jurisdiction: Jurisdiction) -> set[str]:
    reviewers = Membership.objects.effective().filter(jurisdiction=jurisdiction, role=Role.DEPARTMENT_REVIEWER)
    return {key_of(name) for name in reviewers.values_list("department", flat=True) if name}


def _duties(waiting: AssessmentQuerySet, department: str) -> dict[tuple[int, int], list[str]]:
    """The campaign's words for the department, a word for each section that it answers for, by campaign and standard."""
    pairs = set(waiting.order_by().values_list("participation__campaign", "standard").distinct())
    campaigns = Campaign.objects.in_bulk({campaign for campaign, _ in pairs})
    held = responsibilities([(campaigns[campaign], standard) for campaign, standard in pairs])
    numbers: dict[int, list[int]] = defaultdict(list)
    sections = Section.objects.filter(standard__in={standard for _, standard in pairs})
    for standard, number in sections.values_list("standard", "number"):
        numbers[standard].append(number)
    found = {pair: _words(held[pair], numbers[pair[1]], department) for pair in sorted(pairs)}
    return {pair: words for pair, words in found.items() if words}


def _words(held: Responsibility, numbers: Sequence[int], department: str) -> list[str]:
    words = [held.word_for(number, department) for number in numbers]
    return [word for word in words if word is not None]


def _open_for_department(assessment: Assessment, actor: Actor) -> Opened:
    opened = lock(assessment.pk)
    locked = opened.assessment
    require(actor, "give_opinions", locked.path)
    over = locked.status in (Status.RECOGNISED, Status.ENDED)
    if over or locked.holder != actor.jurisdiction or opened.is_with_submitter:
        raise TransitionError(f"{whose_turn(locked)}部门意见只在本级审核期间填写、修改。")
    refuse_own_work(locked, actor.user)
    if (proposal := open_proposal(locked)) is not None:
        raise TransitionError(awaiting_decision(proposal))
    return opened


def _checked(section: Section, stance: str, text: str) -> tuple[str, str]:
    text = text.strip()
    if stance not in Stance.values:
        raise InvalidInput(f"“{section}”：请选“同意”或“有意见”。")
    if stance == Stance.OBJECTS and not text:
        raise InvalidInput(f"“{section}”：有意见的，请写明意见。")
    if len(text) > LONGEST_OPINION:
        raise InvalidInput(f"“{section}”的意见有 {len(text)} 字，请压缩到 {LONGEST_OPINION} 字以内。")
    return stance, text
