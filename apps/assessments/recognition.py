"""The final acts, recognition (认定) and revocation (摘牌): what they check, and what they do once nobody else has to agree."""

from collections.abc import Mapping
from typing import Protocol

from apps.accounts.permissions import Actor, require
from apps.assessments.answers import answers_of
from apps.assessments.models import Assessment, CriterionResult, ReviewAction
from apps.assessments.refusals import shortfall, whose_turn
from apps.assessments.steps import Opened, assign, effective_results, pass_on, record, score_of
from apps.campaigns.domain import recognise_participation, revoke_recognition
from apps.campaigns.models import Participation, Recognition
from apps.campaigns.notice_rules import notice_days_of
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.standards.domain import spec_in_use
from apps.standards.scoring import standing

Status = Assessment.Status
Kind = ReviewAction.Kind

Results = Mapping[int, CriterionResult]


class Surroundings(Protocol):
    """What a room above knows of a recognition: what stands against it before, and what ends with it after."""

    def stand_against(self, assessment: Assessment) -> str:
        """Say why the assessment, which its holder would recognise, may not be yet, and what to do; empty where nothing does."""
        ...

    def follow_revocation(self, recognition: Recognition, *, actor: Actor) -> None:
        """End what rests on the recognition, which has just been revoked."""
        ...


_registered: list[Surroundings] = []


def register(surroundings: Surroundings) -> None:
    """Let ``surroundings`` be asked before a recognition and told of a revocation; called once, in ``AppConfig.ready``."""
    if surroundings not in _registered:
        _registered.append(surroundings)


def conditions_against(assessment: Assessment) -> list[str]:
    """Return what the rooms above say stands against recognising the assessment now."""
    return [reason for one in _registered if (reason := one.stand_against(assessment))]


def recognition_year(participation: Participation) -> int:
    """Return the year that a recognition today counts for: the business year, within the campaign and not before the plan's."""
    return max(participation.year, participation.campaign.year_for(clock.today().year))


def check_recognition(opened: Opened, year: int, document_number: str, *, actor: Actor) -> Results:
    """Check that the community may be recognised for ``year``; return the results that it rests on.

    Where the campaign asks for a public notice, the decision is public too and has a document number.
    """
    locked, participation = opened.assessment, opened.assessment.participation
    require(actor, "recognise_communities", locked.path)
    if not opened.is_last:
        raise TransitionError(f"认定由{opened.chain[-1]}办理，{locked.holder}请同意上报。")
    campaign = participation.campaign
    if year not in campaign.years or year < participation.year:
        raise InvalidInput(f"认定年度 {year} 不对：应在 {participation.year} 至 {campaign.last_year} 年之间。")
    results = effective_results(locked, opened.chain)
    judged = score_of(locked, results)
    if not judged.meets_standard:
        failed = standing(spec_in_use(locked.standard), answers_of(results.values())).failed
        raise InvalidInput(shortfall(locked, judged, failed))
    if reasons := conditions_against(locked):
        raise TransitionError("".join(reasons))
    if not document_number and notice_days_of(campaign):
        raise InvalidInput(
            "没有认定文号。认定前须公示的，认定须有文号，例如“楚住建城〔2022〕46号”。请填写；"
            "提请复核时没有填的，请选不同意，由提出人填写后重新提请。"
        )
    return results


def complete_recognition(
    opened: Opened, results: Results, *, year: int, document_number: str, comment: str, actor: Actor
) -> Recognition:
    """Recognise what ``check_recognition`` has passed."""
    recognition = recognise_participation(
        opened.assessment.participation, year=year, document_number=document_number, actor=actor
    )
    pass_on(opened, Kind.RECOGNISE, opened.assessment.holder, Status.RECOGNISED, actor, results, comment)
    return recognition


def check_revocation(opened: Opened, *, actor: Actor) -> Recognition:
    """Check that the actor's jurisdiction recognised the community, and that this still stands; return the recognition."""
    locked = opened.assessment
    require(actor, "recognise_communities", locked.path)
    community = locked.participation.community
    if locked.status != Status.RECOGNISED:
        raise TransitionError(f"{community}还没有认定，不能摘牌。{whose_turn(locked)}")
    if locked.holder != actor.jurisdiction:
        raise TransitionError(f"{community}由{locked.holder}认定，摘牌也由{locked.holder}办理，其他单位只能查看。")
    recognition = Recognition.objects.standing().filter(participation=locked.participation).first()
    if recognition is None:
        raise TransitionError(whose_turn(locked))
    return recognition


def complete_revocation(
    opened: Opened, recognition: Recognition, reason: str, *, actor: Actor, remark: str = ""
) -> Recognition:
    """Take back what ``check_revocation`` has found; ``remark`` stands before the reason in the history."""
    revoked = revoke_recognition(recognition, reason, actor=actor)
    for one in _registered:
        one.follow_revocation(revoked, actor=actor)
    assign(opened.assessment, None)
    record(opened.assessment, Kind.REVOKE, actor, comment=remark + reason)
    return revoked
