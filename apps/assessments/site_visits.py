"""Site visits (现场核查): a reviewing level records what it found in the community, mends it while it decides; who sees it when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, QuerySet

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, Evidence, ReviewAction, SiteVisit
from apps.assessments.refusals import visit_locked
from apps.assessments.steps import Opened, open_for
from apps.assessments.stored_files import delete_with_files
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError

Kind = ReviewAction.Kind

LONGEST_FINDINGS = 3000
# With one of these a level has decided: what it saw by then stands.
DECISIONS = (Kind.AGREE, Kind.RETURN, Kind.RECOGNISE)


@dataclass(frozen=True)
class VisitFacts:
    """What is written down of a visit: when, by which offices, what was found."""

    visited_on: date
    offices: str
    findings: str

    def differences(self, visit: SiteVisit) -> list[str]:
        """What stands in ``visit`` instead, in words."""
        now = {"核查日期": visit.visited_on, "参加单位": visit.offices, "核查情况": visit.findings}
        typed = {"核查日期": self.visited_on, "参加单位": self.offices, "核查情况": self.findings}
        return [f"{label}现为“{value}”" for label, value in now.items() if typed[label] != value]


@transaction.atomic
def record_visit(assessment: Assessment, facts: VisitFacts, *, actor: Actor) -> SiteVisit:
    """Record a visit of the level that holds the assessment (登记现场核查); the same one twice is kept once."""
    opened = open_for(assessment, actor, by_reviewer=True)
    facts = _checked(facts, opened.assessment)
    values = {"visited_on": facts.visited_on, "offices": facts.offices, "findings": facts.findings}
    recorded = SiteVisit.objects.filter(assessment=opened.assessment, jurisdiction=actor.jurisdiction, **values)
    if (same := recorded.first()) is not None and decision_on(same) is None:
        return same
    return SiteVisit.objects.create(
        assessment=opened.assessment,
        jurisdiction=actor.jurisdiction,
        recorded_at=clock.now(),
        recorded_by=actor.user,
        **values,
    )


@transaction.atomic
def edit_visit(visit: SiteVisit, facts: VisitFacts, *, actor: Actor, seen: int) -> SiteVisit:
    """Mend a visit while its level has not decided; StaleForm where it is not the version ``seen`` any more."""
    opened, visit = open_visit(visit, actor)
    facts = _checked(facts, opened.assessment)
    changed = facts.differences(visit)
    if not changed:
        return visit
    if seen != visit.version:
        raise StaleForm(
            f"这次核查记录刚被同事改过：{'；'.join(changed)}。您的修改没有保存，填写的内容还在下面，请核对后再保存。"
        )
    visit.visited_on, visit.offices, visit.findings = facts.visited_on, facts.offices, facts.findings
    visit.version += 1
    visit.save(update_fields=["visited_on", "offices", "findings", "version"])
    return visit


@transaction.atomic
def delete_visit(visit: SiteVisit, *, actor: Actor) -> None:
    """Delete a visit with its photos while its level has not decided; a second time changes nothing."""
    if not SiteVisit.objects.filter(pk=visit.pk).exists():
        return
    _, visit = open_visit(visit, actor)
    for photo in visit.evidence.all():
        delete_with_files(photo)
    visit.delete()


@transaction.atomic
def remove_photo(photo: Evidence, *, actor: Actor) -> None:
    """Take a photo away from its visit while the visit can be mended; a second time changes nothing."""
    if photo.site_visit is None:
        raise InvalidInput("这份材料属于自评，不是现场核查的照片。")
    open_visit(photo.site_visit, actor)
    if Evidence.objects.filter(pk=photo.pk).exists():
        delete_with_files(photo)


def open_visit(visit: SiteVisit, actor: Actor) -> tuple[Opened, SiteVisit]:
    """Lock the assessment for a change of ``visit``; the error says by whom and when the visit was locked."""
    check_unlocked(visit, actor)
    opened = open_for(visit.assessment, actor, by_reviewer=True)
    # Whoever waited for a decision, or for a colleague who changed it, sees what stands since.
    return opened, check_unlocked(visit, actor)


def decision_on(visit: SiteVisit) -> ReviewAction | None:
    """The decision of the recording level that rests on the visit; it locks the visit and lets the levels below read it."""
    decisions = ReviewAction.objects.filter(assessment=visit.assessment_id, kind__in=DECISIONS)
    return decision_among(visit, decisions.select_related("user", "jurisdiction").order_by("at", "id"))


def decision_among(visit: SiteVisit, actions: Iterable[ReviewAction]) -> ReviewAction | None:
    """The same among the steps of the assessment in the order of time, where they are loaded already."""
    return next(
        (
            one
            for one in actions
            if one.kind in DECISIONS and one.jurisdiction_id == visit.jurisdiction_id and one.at >= visit.recorded_at
        ),
        None,
    )


def may_see(visit: SiteVisit, actor: Actor, decision: ReviewAction | None) -> bool:
    """The recording level and those above see a visit at once, the levels below once the level has decided."""
    return decision is not None or actor.jurisdiction.contains(visit.jurisdiction.path)


def visits_with_photos(assessment: Assessment) -> QuerySet[SiteVisit]:
    """The visits of an assessment with what a page shows of them, but for where they were recorded."""
    photos = Evidence.objects.select_related("uploaded_by").order_by("id")
    rows = SiteVisit.objects.filter(assessment=assessment).select_related("recorded_by")
    return rows.prefetch_related(Prefetch("evidence", photos))


def check_unlocked(visit: SiteVisit, actor: Actor) -> SiteVisit:
    """Return the visit as it is now; the error says who recorded it, or by whose decision and when it was locked."""
    now = SiteVisit.objects.select_related("assessment", "jurisdiction", "recorded_by").filter(pk=visit.pk).first()
    if now is None:
        raise TransitionError("这次核查记录已被同事删除。")
    if now.jurisdiction != actor.jurisdiction:
        raise PermissionDenied(f"这次核查由{now.jurisdiction}登记，只有{now.jurisdiction}可以修改或删除。")
    if (decision := decision_on(now)) is not None:
        raise TransitionError(visit_locked(decision))
    return now


def _checked(facts: VisitFacts, assessment: Assessment) -> VisitFacts:
    offices, findings = " ".join(facts.offices.split()), facts.findings.strip()
    if facts.visited_on > clock.today():
        raise InvalidInput(f"核查日期 {facts.visited_on} 还没有到，请填已经进行的核查。")
    year = assessment.participation.year
    if facts.visited_on.year < year:
        raise InvalidInput(f"核查日期 {facts.visited_on} 早于计划年度，应在 {year} 年 1 月 1 日以后。")
    if not offices:
        raise InvalidInput("请填写参加单位。")
    longest = SiteVisit._meta.get_field("offices").max_length or 0
    if len(offices) > longest:
        raise InvalidInput(f"参加单位有 {len(offices)} 字，请压缩到 {longest} 字以内。")
    if not findings:
        raise InvalidInput("请填写核查情况。")
    if len(findings) > LONGEST_FINDINGS:
        raise InvalidInput(f"核查情况有 {len(findings)} 字，请压缩到 {LONGEST_FINDINGS} 字以内。")
    return VisitFacts(facts.visited_on, offices, findings)
