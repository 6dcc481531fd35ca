"""Communities on their way through a campaign, moved by the real verbs in the scope of the people who do it in life."""

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.acting import acting
from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments import filling
from apps.assessments.chain import chain_of
from apps.assessments.domain import (
    agree_assessment,
    open_assessment,
    recognise_assessment,
    submit_assessment,
)
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import Assessment
from apps.campaigns.domain import enrol_communities
from apps.campaigns.models import Campaign, Participation, Recognition
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from apps.standards.scoring import Answer

_PDF = b"%PDF-1.4\n%%EOF\n"


def made_up(code: str, role: Role) -> Actor:
    """The person made up for a role in the jurisdiction with a code, which may leave out the zeros at its end."""
    jurisdiction = Jurisdiction.objects.get(code=code.ljust(12, "0"))
    user, created = User.objects.get_or_create(
        username=f"{code}-{role}",
        defaults={"display_name": f"测试{Role(role).label}{code}", "jurisdiction": jurisdiction},
    )
    if created:
        user.set_password("测试用的密码 42")
        user.save()
    return Actor(user, grant_membership(user, jurisdiction, role))


def person_at(jurisdiction: Jurisdiction, role: Role) -> Actor:
    """The one person made up for a role in a jurisdiction."""
    user, _ = User.objects.get_or_create(
        username=f"{role}-{jurisdiction.pk}",
        defaults={"display_name": f"{jurisdiction.name}{Role(role).label}", "jurisdiction": jurisdiction},
    )
    return Actor(user, grant_membership(user, jurisdiction, role))


def planner_of(campaign: Campaign, community: Community) -> Actor:
    """Who enrols: the clerk of the first reviewing jurisdiction above the community."""
    planned = Participation(campaign=campaign, community=community, path=community.path)
    return person_at(chain_of(planned)[1], Role.STAFF)


def enrol(
    community: Community, campaign: Campaign, year: int, *, is_pilot: bool = False, actor: Actor | None = None
) -> Participation:
    actor = actor or planner_of(campaign, community)
    with acting(actor):
        pilots = [community.pk] if is_pilot else []
        enrolment = enrol_communities(campaign, year, [community], actor=actor, pilots=pilots)
        return [*enrolment.added, *enrolment.unchanged][0]


def fill_in(participation: Participation, *, actor: Actor | None = None) -> Assessment:
    """Open the self-assessment and answer every criterion without losses, with the evidence that it requires."""
    participation = Participation.objects.select_related("campaign__standard", "community").get(pk=participation.pk)
    actor = actor or person_at(chain_of(participation)[0], Role.STREET_OFFICER)
    standard = participation.campaign.standard
    perfect = Answer(deductions=()) if standard.is_scored else Answer(met=True)
    with acting(actor):
        assessment = open_assessment(participation, actor=actor)
        locked = filling.being_filled_in(assessment.pk)
        for criterion in standard.criteria.all():
            filling.fill_in(locked, criterion, perfect, actor=actor)
            if criterion.required_evidence:
                file = SimpleUploadedFile("材料.pdf", _PDF + bytes(str(criterion.number), "ascii"))
                attach_evidence(assessment, criterion, file, actor=actor)
    return assessment


def submit(assessment: Assessment, *, actor: Actor | None = None) -> Assessment:
    actor = actor or _turn_of(assessment, Role.STREET_OFFICER)
    with acting(actor):
        submit_assessment(assessment, actor=actor)
    return _again(assessment)


def agree(assessment: Assessment, *, actor: Actor | None = None) -> Assessment:
    """Let the level whose turn it is agree upward."""
    actor = actor or _turn_of(assessment, Role.APPROVER)
    with acting(actor):
        agree_assessment(assessment, actor=actor)
    return _again(assessment)


def recognise(assessment: Assessment, *, year: int | None = None, actor: Actor | None = None) -> Recognition:
    """Recognise at the last level, ``year`` being the plan's by default."""
    actor = actor or _turn_of(assessment, Role.APPROVER)
    year = year or assessment.participation.year
    with acting(actor):
        recognition = recognise_assessment(assessment, actor=actor, year=year)
    assert isinstance(recognition, Recognition), "the campaign wants a second approver"
    return recognition


def submitted_community(community: Community, campaign: Campaign, year: int) -> Assessment:
    """Enrol, fill in and submit: it lies with the first reviewing level."""
    return submit(fill_in(enrol(community, campaign, year)))


def recognised_community(
    community: Community, campaign: Campaign, year: int, *, planned: int | None = None, is_pilot: bool = False
) -> Recognition:
    """Take a community from the plan of ``planned`` (default: ``year``) all the way to its recognition in ``year``."""
    assessment = submit(fill_in(enrol(community, campaign, planned or year, is_pilot=is_pilot)))
    while assessment.holder != chain_of(assessment.participation)[-1]:
        assessment = agree(assessment)
    return recognise(assessment, year=year)


def _turn_of(assessment: Assessment, role: Role) -> Actor:
    return person_at(_again(assessment).holder, role)


def _again(assessment: Assessment) -> Assessment:
    return Assessment.objects.select_related(
        "holder", "standard", "participation__campaign", "participation__community"
    ).get(pk=assessment.pk)
