"""What becomes of a visit's findings: answered by the visited unit with files, checked by the office that visited."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Q

from apps.accounts.permissions import Actor, require
from apps.assessments.files import judge_file, row_fields
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.supervision.domain import require_own
from apps.supervision.models import LONGEST_TEXT, FindingAttachment, SupervisionVisit, VisitFinding
from apps.supervision.signals import finding_answered, finding_checked

ANSWER = "answer_visits"
MOST_FILES = 20
State = VisitFinding.State

# Where a finding may go from each state.
TRANSITIONS: dict[str, set[str]] = {
    State.OPEN: {State.ANSWERED},
    State.RETURNED: {State.ANSWERED},
    State.ANSWERED: {State.RETURNED, State.MENDED},
    State.MENDED: set(),
}


@dataclass(frozen=True)
class Received:
    """What a year's visits to a unit and those below it came to: ``open`` ones are not mended yet, ``late`` ones past their day."""

    visits: int
    findings: int
    mended: int
    late: int

    @property
    def open(self) -> int:
        return self.findings - self.mended


def findings_in_year(jurisdiction: Jurisdiction, campaign: Campaign | None, year: int) -> Received:
    """Return how many visits ``jurisdiction`` and the units below it received in a calendar year, by the day on which each
    began, and what became of the findings, in one query. ``campaign`` None: under all of them. Drafts and withdrawn ones do not
    count; visits that the jurisdiction itself made to units below it do."""
    visits = SupervisionVisit.objects.below(jurisdiction.path).issued()
    visits = visits.filter(started_on__range=(date(year, 1, 1), date(year, 12, 31)))
    if campaign is not None:
        visits = visits.filter(campaign=campaign)
    late = Q(findings__state__in=VisitFinding.OWED, findings__mend_by__lt=clock.today())
    counts = visits.aggregate(
        visits=Count("pk", distinct=True),
        number=Count("findings"),
        mended=Count("findings", filter=Q(findings__state=State.MENDED)),
        late=Count("findings", filter=late),
    )
    return Received(counts["visits"], counts["number"], counts["mended"], counts["late"])


def may_answer(actor: Actor, visit: SupervisionVisit) -> bool:
    return visit.status == SupervisionVisit.Status.ISSUED and actor.jurisdiction == visit.unit and actor.can(ANSWER)


@transaction.atomic
def answer_finding(
    finding: VisitFinding,
    text: str,
    files: Sequence[UploadedFile] = (),
    removed: Collection[int] = (),
    *,
    actor: Actor,
    seen: int,
) -> VisitFinding:
    """Say what was mended (答复整改情况), with files; ``removed``: ids of files of an earlier answer that go. All of it or nothing
    is taken. ``seen``: the number of answers that the form showed. The same twice, files and all, has one effect."""
    require_unit(finding.visit, actor)
    judged = [(file, judge_file(file)) for file in files]
    locked = _locked(finding)
    known = set(locked.attachments.values_list("sha256", flat=True))
    is_same = (locked.answered_by_id, locked.answer) == (actor.user.pk, text.strip())
    if locked.state == State.ANSWERED and is_same and {one.sha256 for _, one in judged} <= known:
        return locked
    if not locked.is_owed:
        raise TransitionError(f"“{locked}”{locked.get_state_display()}，不能再答复。")
    if seen != locked.round:
        raise StaleForm("这项问题刚刚由同事答复过，您填写的没有提交。请核对最新内容后再办理。")
    if not text.strip():
        raise InvalidInput("请填写整改情况：做了什么，什么时候完成的。")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(f"整改情况有 {len(text):,} 字，超过 {LONGEST_TEXT:,} 字。请缩短，或者作为附件上传。")
    for gone in locked.attachments.filter(pk__in=removed):
        _remove(gone)
    known = set(locked.attachments.values_list("sha256", flat=True))
    new = {one.sha256: (file, one) for file, one in judged if one.sha256 not in known}
    if len(known) + len(new) > MOST_FILES:
        raise InvalidInput(f"附件超过 {MOST_FILES} 份，请删去不需要的，或者合并后再传。")
    for file, one in new.values():
        locked.attachments.create(**row_fields(file, one, by=actor.user))
    locked.answer, locked.state = text.strip(), State.ANSWERED
    locked.round += 1
    locked.answered_at, locked.answered_by = clock.now(), actor.user
    locked.checked_at = locked.checked_by = None
    locked.save()
    finding_answered.send(sender=VisitFinding, row=locked)
    return locked


@transaction.atomic
def confirm_mended(finding: VisitFinding, *, actor: Actor, seen: int) -> VisitFinding:
    """Find that what was answered is mended (整改完成). Twice has one effect. ``seen``: the answer that the page showed."""
    require_own(finding.visit, actor)
    locked = _locked(finding)
    if locked.state == State.MENDED and locked.round == seen:
        return locked
    return _check(locked, State.MENDED, "", actor, seen)


@transaction.atomic
def return_finding(
    finding: VisitFinding, reason: str, mend_by: date | None = None, *, actor: Actor, seen: int
) -> VisitFinding:
    """Give an answer back (退回整改) with a reason, and where need be another day to mend it by."""
    require_own(finding.visit, actor)
    if not reason.strip():
        raise InvalidInput("请填写退回整改的理由。")
    if mend_by is not None and mend_by < clock.today():
        raise InvalidInput(f"新的整改期限 {mend_by:%Y-%m-%d} 已经过了，请选今天或以后的日期。")
    locked = _locked(finding)
    if locked.state == State.RETURNED and (locked.round, locked.return_reason) == (seen, reason.strip()):
        return locked
    locked.mend_by = mend_by or locked.mend_by
    return _check(locked, State.RETURNED, reason.strip(), actor, seen)


def stored_names(names: set[str]) -> set[str]:
    """Those of ``names`` that a row names."""
    rows: Any = FindingAttachment.objects.filter(file__in=names).values_list("file", flat=True)
    return set(rows)


def _check(finding: VisitFinding, state: str, reason: str, actor: Actor, seen: int) -> VisitFinding:
    if state not in TRANSITIONS[finding.state]:
        raise TransitionError(f"“{finding}”{finding.get_state_display()}，现在不用核查。")
    if seen != finding.round:
        raise StaleForm("被检查单位后来又答复过，没有办理。请核对最新的整改情况。")
    finding.state, finding.return_reason = state, reason
    finding.checked_at, finding.checked_by = clock.now(), actor.user
    finding.save()
    finding_checked.send(sender=VisitFinding, row=finding)
    return finding


def require_unit(visit: SupervisionVisit, actor: Actor) -> None:
    """PermissionDenied for people of another unit than the visited one, and for who may not answer there."""
    if actor.jurisdiction != visit.unit:
        raise PermissionDenied(f"由{visit.unit}自己答复，您所在的{actor.jurisdiction}不代为答复。")
    require(actor, ANSWER, visit.path)


def _locked(finding: VisitFinding) -> VisitFinding:
    """The finding, held for this transaction; its visit's row first, so that nobody withdraws it meanwhile."""
    visit = SupervisionVisit.objects.select_for_update(of=("self",)).get(pk=finding.visit_id)
    if visit.status != SupervisionVisit.Status.ISSUED:
        raise TransitionError(f"“{visit}”{visit.get_status_display()}，不用再办理整改。")
    rows = VisitFinding.objects.select_for_update(of=("self",)).select_related("visit__unit", "visit__office")
    return rows.get(pk=finding.pk)


def _remove(attachment: FindingAttachment) -> None:
    """Take a file away; the stored one goes once this is committed."""
    name = str(attachment.file.name)
    attachment.delete()
    transaction.on_commit(lambda: default_storage.delete(name), robust=True)
