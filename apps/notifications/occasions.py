"""What people are told of beside the steps of an assessment: public notices, objections, re-checks, corrected document numbers,
opinions of departments, annual plans, targets, filings, annual evaluations, bulletins, supervision visits, good practice.

No person is named, and nothing is repeated that was brought forward against a community: the same words go out by mail.
"""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from apps.assessments.chain import chain_of, chains_of
from apps.assessments.models import Assessment, DepartmentOpinion
from apps.assessments.signals import opinion_given
from apps.bulletins.signals import bulletin_published, bulletin_withdrawn
from apps.campaigns import signals as plans
from apps.campaigns.models import Recognition
from apps.core import clock
from apps.filings import signals as filings
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.bulletins import bulletin_told, published, withdrawal_told, withdrawn
from apps.notifications.campaigns import campaign_changed_for, campaign_changes
from apps.notifications.changes import (
    baseline_confirmed_again,
    baseline_reopened,
    community_changed_for,
    community_changes,
    confirmed_again,
    jurisdiction_changes,
    reopened_baselines,
    reopenings_answered,
    reorganised,
)
from apps.notifications.evaluations import EVALUATIONS
from apps.notifications.filings import (
    decided_filings,
    due_date_moved,
    due_date_moves,
    escalated,
    filing_answered,
    filing_asked_for,
    filing_decided,
    filing_waits,
    open_escalations,
    submitted_filings,
    withdrawn_filings,
)
from apps.notifications.message import Message, people_with, place_of
from apps.notifications.models import Notification
from apps.notifications.occasion import Occasion
from apps.notifications.plans import (
    asked_for,
    decided_plans,
    plan_changed,
    plan_changes,
    plan_decided,
    plan_waits,
    returned_before,
    submitted_plans,
    withdrawn_plans,
)
from apps.notifications.practices import PRACTICES
from apps.notifications.supervision import VISITS
from apps.notifications.targets import earlier_ones, handed_down, target_handed_down
from apps.recognitions.authority import AUTHORITY, address_of_revocation, authority_of
from apps.recognitions.entries import is_over, lines_of, period_on
from apps.recognitions.models import NoticeEntry, Objection, PublicNotice, Recheck
from apps.recognitions.signals import (
    document_number_corrected,
    notice_published,
    notice_withdrawn,
    objection_decided,
    objection_recorded,
    recheck_recorded,
)
from apps.reorganisations.signals import baseline_confirmed, community_changed, jurisdiction_changed
from apps.reorganisations.signals import baseline_reopened as reopening

Kind = Notification.Kind
Status = PublicNotice.Status
Stance = DepartmentOpinion.Stance
Result = Recheck.Result

# The communities that a title names; of more it gives the number.
_NAMED = 3
# A notice whose holidays were announced late ends so long after the day that it names, at the most.
_LATER = timedelta(days=15)


def _notices(status: PublicNotice.Status) -> QuerySet[PublicNotice]:
    return PublicNotice.objects.filter(status=status).select_related("jurisdiction", "campaign")


def _published(notice: PublicNotice) -> list[Message]:
    text = f"{notice.jurisdiction}拟认定为 {notice.year} 年度绿色社区，公示至 {period_on(notice).last:%Y-%m-%d}。"
    return _to_streets(notice, "正在公示", text)


def _withdrawn(notice: PublicNotice) -> list[Message]:
    return _to_streets(notice, "的公示已撤回", f"{notice.jurisdiction}撤回公示，理由：{notice.withdrawal_reason}")


def _to_streets(notice: PublicNotice, what: str, text: str) -> list[Message]:
    """The same for each submitting jurisdiction, with the names of its own communities."""
    context = "assessment__participation__community__jurisdiction", "assessment__participation__campaign"
    entries = NoticeEntry.objects.filter(notice=notice).select_related(*context).order_by("path", "assessment")
    participations = [one.assessment.participation for one in entries]
    chains = chains_of(participations)
    by_street: dict[Jurisdiction, list[str]] = defaultdict(list)
    for one in participations:
        by_street[chains[one.pk][0]].append(str(one.community))
    url = reverse("notice_detail", args=[notice.pk])
    return [
        Message(Kind.NOTICE, people_with(street, "self_assess"), f"{street}{_listed(names)}{what}", text, url)
        for street, names in by_street.items()
    ]


def _listed(names: list[str]) -> str:
    return "、".join(names) if len(names) <= _NAMED else f"{names[0]}等 {len(names)} 个社区"


def _over(notice: PublicNotice) -> list[Message]:
    """Whoever decides is told, where there is something to decide on."""
    number = sum(not line.left_out for line in lines_of(notice)) if is_over(notice) else 0
    if not number:
        return []
    people = people_with(notice.jurisdiction, "recognise_communities")
    text = f"“{notice.title}”{period_on(notice).last:%Y-%m-%d} 公示期满，{number} 个社区可以认定。"
    url = reverse("notice_detail", args=[notice.pk])
    return [Message(Kind.NOTICE, people, "公示期满，可以作出认定", text, url)]


def _objections() -> QuerySet[Objection]:
    context = "assessment__participation__community__jurisdiction", "assessment__participation__campaign"
    return Objection.objects.select_related("entry__notice__jurisdiction", *(f"entry__{name}" for name in context))


def _objection_recorded(objection: Objection) -> list[Message]:
    notice, community = objection.entry.notice, objection.entry.assessment.participation.community
    people = people_with(notice.jurisdiction, "manage_recognition", but=[objection.recorded_by_id])
    text = f"{objection.received_on:%Y-%m-%d} 收到，请核查处理；处理前不作认定。"
    url = reverse("notice_detail", args=[notice.pk])
    return [Message(Kind.OBJECTION, people, f"收到对{place_of(community)}的公示异议", text, url)]


def _objection_decided(objection: Objection) -> list[Message]:
    """The street, and the colleague who recorded it: how it was handled is for the office alone, and stands on its page."""
    notice, participation = objection.entry.notice, objection.entry.assessment.participation
    is_sustained = objection.outcome == Objection.Outcome.SUSTAINED
    consequence = "移出公示名单，自评退回整改后重新上报。" if is_sustained else "不影响认定。"
    title = f"对{place_of(participation.community)}的公示异议{objection.get_outcome_display()}"
    text, url = f"{notice.jurisdiction}已核查处理：{consequence}", reverse("notice_detail", args=[notice.pk])
    clerks = people_with(notice.jurisdiction, "review_assessments", but=[objection.decided_by_id])
    recorder = [one for one in clerks if one.user_id == objection.recorded_by_id]
    street = people_with(chain_of(participation)[0], "self_assess")
    return [Message(Kind.OBJECTION, people, title, text, url) for people in (street, recorder)]


def _rechecks() -> QuerySet[Recheck]:
    """Those that ask for something, and what came of it."""
    context = *AUTHORITY, "participation__campaign", "community__jurisdiction"
    rows = Recheck.objects.exclude(result=Result.PASSED, version=1).filter(recognition__revoked_at__isnull=True)
    return rows.select_related("jurisdiction", *(f"recognition__{name}" for name in context))


def _rechecked(recheck: Recheck) -> list[Message]:
    participation, community = recheck.recognition.participation, recheck.recognition.community
    asked = f"要求在 {recheck.rectify_by:%Y-%m-%d} 前整改" if recheck.rectify_by else "登记"
    title = f"{place_of(community)} {recheck.year} 年复查：{recheck.get_result_display()}"
    text = "\n".join(filter(None, [f"{recheck.jurisdiction}{asked}。", recheck.findings]))
    street = people_with(chain_of(participation)[0], "self_assess")
    told = [Message(Kind.RECHECK, street, title, text, reverse("community_detail", args=[community.pk]))]
    if recheck.result == Result.FAILED:
        holder = authority_of(recheck.recognition)
        people = people_with(holder, "recognise_communities", but=[recheck.recorded_by_id])
        url = address_of_revocation(recheck.recognition)
        told.append(Message(Kind.RECHECK, people, title, f"{text}\n确需摘牌的，由{holder}办理。", url))
    return told


def _corrections() -> QuerySet[Any]:
    """The moments of the history in which a document number became another one; ``was``: what stood there before."""
    kept = Recognition.pgh_event_model.objects.order_by("-pgh_id")  # type: ignore[attr-defined]
    before = kept.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__lt=OuterRef("pgh_id")).values("document_number")[:1]
    corrected = kept.exclude(correction_reason="").annotate(was=Subquery(before)).exclude(was=F("document_number"))
    context = *AUTHORITY, "participation__campaign", "community__jurisdiction"
    return corrected.select_related(*(f"pgh_obj__{name}" for name in context))


def _corrected(moment: Any) -> list[Message]:
    recognition: Recognition = moment.pgh_obj
    participation, community = recognition.participation, recognition.community
    number = f"“{moment.document_number}”"
    what = f"将认定文号由“{moment.was}”更正为{number}" if moment.was else f"补填认定文号{number}"
    text = f"{authority_of(recognition)}{what}。\n理由：{moment.correction_reason}"
    street = people_with(chain_of(participation)[0], "self_assess")
    title, url = f"{place_of(community)}的认定文号已更正", reverse("community_detail", args=[community.pk])
    return [Message(Kind.RECOGNISED, street, title, text, url)]


def _opinions() -> QuerySet[DepartmentOpinion]:
    """Those that object and those that were changed, while the level has not decided."""
    rows = DepartmentOpinion.objects.filter(Q(stance=Stance.OBJECTS) | Q(version__gt=1))
    open_ones = rows.filter(assessment__status__in=[Assessment.Status.IN_REVIEW, Assessment.Status.RETURNED])
    here = open_ones.filter(assessment__holder=F("jurisdiction"), assessment__round=F("round"))
    return here.select_related("section", "jurisdiction", "assessment__participation__community__jurisdiction")


def _opinion(opinion: DepartmentOpinion) -> list[Message]:
    """The colleague who works on the assessment, or where nobody does, all reviewers of the level."""
    assessment = opinion.assessment
    but = [opinion.given_by_id, *assessment.filled_in_by]
    able = people_with(opinion.jurisdiction, "review_assessments", but=but)
    people = [one for one in able if one.user_id == assessment.assignee_id] or able
    subject = f"{place_of(assessment.participation.community)} {assessment.participation.year} 年自评"
    objects = opinion.stance == Stance.OBJECTS
    title = f"{opinion.department}对{subject}有意见" if objects else f"{opinion.department}改变对{subject}的意见"
    text = f"“{opinion.section}”：{opinion.text or opinion.get_stance_display()}"
    return [Message(Kind.OPINION, people, title, text, reverse("review", args=[assessment.pk]))]


_ALL = (
    Occasion(
        "notice", lambda: _notices(Status.PUBLISHED), lambda day: Q(starts_on__gte=day), _published, notice_published
    ),
    Occasion(
        "notice-withdrawn",
        lambda: _notices(Status.WITHDRAWN),
        lambda day: Q(withdrawn_at__gte=day),
        _withdrawn,
        notice_withdrawn,
    ),
    Occasion(
        "notice-over",
        lambda: _notices(Status.PUBLISHED),
        lambda day: Q(ends_on__gte=day - _LATER, ends_on__lt=clock.today()),
        _over,
    ),
    Occasion("objection", _objections, lambda day: Q(recorded_at__gte=day), _objection_recorded, objection_recorded),
    Occasion(
        "objection-decided",
        lambda: _objections().filter(decided_at__isnull=False),
        lambda day: Q(decided_at__gte=day),
        _objection_decided,
        objection_decided,
    ),
    Occasion("recheck", _rechecks, lambda day: Q(recorded_at__gte=day), _rechecked, recheck_recorded),
    Occasion(
        "document-number", _corrections, lambda day: Q(pgh_created_at__gte=day), _corrected, document_number_corrected
    ),
    Occasion("opinion", _opinions, lambda day: Q(given_at__gte=day), _opinion, opinion_given),
    Occasion("baseline", reopened_baselines, lambda day: Q(reopened_at__gte=day), baseline_reopened, reopening),
    Occasion(
        "baseline-confirmed",
        confirmed_again,
        lambda day: Q(confirmed_at__gte=day),
        baseline_confirmed_again,
        baseline_confirmed,
        answers=reopenings_answered,
    ),
    Occasion(
        "campaign", campaign_changes, lambda day: Q(changed_at__gte=day), campaign_changed_for, plans.campaign_changed
    ),
    Occasion(
        "plan",
        submitted_plans,
        lambda day: Q(submitted_at__gte=day),
        plan_waits,
        plans.plan_submitted,
        answers=returned_before,
    ),
    Occasion(
        "plan-withdrawn",
        withdrawn_plans,
        lambda day: Q(submitted_at__gte=day),
        signal=plans.plan_withdrawn,
        answers=asked_for,
    ),
    Occasion(
        "plan-decided",
        decided_plans,
        lambda day: Q(decided_at__gte=day),
        plan_decided,
        plans.plan_decided,
        answers=asked_for,
    ),
    Occasion("plan-change", plan_changes, lambda day: Q(changed_at__gte=day), plan_changed, plans.plan_changed),
    Occasion(
        "target",
        handed_down,
        lambda day: Q(pgh_created_at__gte=day),
        target_handed_down,
        plans.target_handed_down,
        answers=earlier_ones,
    ),
    Occasion("bulletin", published, lambda day: Q(published_at__gte=day), bulletin_told, bulletin_published),
    Occasion(
        "bulletin-withdrawn", withdrawn, lambda day: Q(withdrawn_at__gte=day), withdrawal_told, bulletin_withdrawn
    ),
    Occasion(
        "filing",
        submitted_filings,
        lambda day: Q(submitted_at__gte=day),
        filing_waits,
        filings.filing_submitted,
        answers=filing_answered,
    ),
    Occasion(
        "filing-withdrawn",
        withdrawn_filings,
        lambda day: Q(submitted_at__gte=day),
        signal=filings.filing_withdrawn,
        answers=filing_asked_for,
    ),
    Occasion(
        "filing-decided",
        decided_filings,
        lambda day: Q(decided_at__gte=day),
        filing_decided,
        filings.filing_decided,
        answers=filing_asked_for,
    ),
    *EVALUATIONS,
    *VISITS,
    *PRACTICES,
    Occasion("due-date", due_date_moves, lambda day: Q(moved_at__gte=day), due_date_moved, filings.due_date_moved),
    Occasion("escalation", open_escalations, lambda day: Q(issued_at__gte=day), escalated, filings.escalated),
    Occasion(
        "community-change",
        community_changes,
        lambda day: Q(recorded_at__gte=day),
        community_changed_for,
        community_changed,
    ),
    Occasion(
        "reorganisation", jurisdiction_changes, lambda day: Q(recorded_at__gte=day), reorganised, jurisdiction_changed
    ),
)
OCCASIONS = {one.name: one for one in _ALL}
