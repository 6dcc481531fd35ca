"""The proposed list (拟认定名单): what lies with the last level, what of it may go on notice, and why the rest may not yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from apps.assessments.answers import answers_of
from apps.assessments.models import Assessment, CriterionResult, ReviewAction, SecondApproval
from apps.assessments.opinions import objected_among
from apps.assessments.refusals import shortfall
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction, Level
from apps.recognitions.entries import DEPARTMENTS_OBJECT, Line, live_lines_of, period_on
from apps.recognitions.models import PublicNotice
from apps.recognitions.standing_objections import standing_objections, why_barred
from apps.standards.domain import spec_in_use
from apps.standards.scoring import ScoringError, score, standing

Status = Assessment.Status


class Judged(NamedTuple):
    """How an assessment stands at the last level."""

    total: Decimal | None
    meets_standard: bool


@dataclass(frozen=True)
class Candidate:
    """An assessment that lies with the last level; ``reason``: why it may not go on a (new) notice, empty where it may.

    ``notice``: where the reason lies. ``remark``: what stands against recognising it together with others after the notice.
    """

    assessment: Assessment
    judged: Judged | None
    reason: str
    notice: PublicNotice | None = None
    remark: str = ""

    @property
    def is_ready(self) -> bool:
        return not self.reason


def candidates_of(
    jurisdiction: Jurisdiction, campaign: Campaign, *, only: Collection[int] | None = None, beside: int | None = None
) -> list[Candidate]:
    """Return what lies with ``jurisdiction`` for recognition under ``campaign``, those that may go on a notice first.

    ``only``: these assessments alone. ``beside``: the id of a notice whose own entries do not stand against themselves.
    """
    held = Assessment.objects.with_context().filter(
        holder=jurisdiction, participation__campaign=campaign, status__in=[Status.IN_REVIEW, Status.RETURNED]
    )
    if only is not None:
        held = held.filter(pk__in=only)
    rows = list(held.select_related("participation__community__jurisdiction__parent").order_by("path", "pk"))
    approvals = set(SecondApproval.objects.filter(assessment__in=rows).values_list("assessment", "outcome"))
    proposed = {pk for pk, outcome in approvals if outcome == SecondApproval.Outcome.OPEN}
    judged = _judged_anew(rows, {pk for pk, _ in approvals}, jurisdiction)
    lines, against = live_lines_of(rows), standing_objections(rows)
    objected = objected_among([one.pk for one in rows], jurisdiction)
    found = []
    for one in rows:
        stands, reason = judged.get(one.pk) or (Judged(one.total_points, meets_standard=True), "")
        line, objections = lines.get(one.pk), against.get(one.pk, [])
        notice: PublicNotice | None = line.entry.notice if line else None
        if not reason and line is not None and line.entry.notice_id != beside:
            reason = _on_notice(line)
        elif not reason and objections:
            reason, notice = why_barred(objections), objections[0].entry.notice
        elif not reason and one.pk in proposed:
            reason = "已提请认定复核，等待另一位审批人。"
        remark = DEPARTMENTS_OBJECT if one.pk in objected else ""
        found.append(Candidate(one, stands, reason, notice, remark))
    return sorted(found, key=lambda one: not one.is_ready)


def returned_today(assessments: Collection[int], jurisdiction: Jurisdiction) -> list[Assessment]:
    """Return those that ``jurisdiction`` has sent back today: a notice counts returns by the day."""
    returns = ReviewAction.objects.filter(
        assessment__in=assessments, jurisdiction=jurisdiction, kind=ReviewAction.Kind.RETURN, at__gte=_midnight()
    )
    return list(Assessment.objects.with_context().filter(pk__in=returns.values("assessment")))


def _midnight() -> datetime:
    return timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)


def _judged_anew(
    rows: list[Assessment], proposed_once: set[int], jurisdiction: Jurisdiction
) -> dict[int, tuple[Judged | None, str]]:
    """Those whose stored score may not be what stands now, or who fall short: how they stand, and what they lack.

    The score is stored as an assessment arrives, and again as it is proposed for recognition: this level's own verdicts
    change it.
    """
    own = CriterionResult.objects.filter(assessment__in=rows, level=jurisdiction.level)
    spoken = set(own.values_list("assessment", flat=True)) | proposed_once
    anew = [one for one in rows if one.pk in spoken or not one.meets_standard]
    results = _results_of(anew, jurisdiction)
    return {one.pk: _judge(one, results[one.pk]) for one in anew}


def _results_of(rows: list[Assessment], jurisdiction: Jurisdiction) -> dict[int, dict[int, CriterionResult]]:
    """By assessment and criterion the result that stands after this level: the highest level's that spoke."""
    found: dict[int, dict[int, CriterionResult]] = {one.pk: {} for one in rows}
    highest = jurisdiction.level_type.depth
    verdicts = CriterionResult.objects.filter(assessment__in=rows).select_related("criterion")
    for row in sorted(verdicts, key=lambda one: -Level(one.level).depth):
        if Level(row.level).depth >= highest:
            found[row.assessment_id][row.criterion.number] = row
    return found


def _judge(assessment: Assessment, results: dict[int, CriterionResult]) -> tuple[Judged | None, str]:
    spec = spec_in_use(assessment.standard)
    missing = sorted(set(spec.criteria()) - set(results))
    if missing:
        return None, f"第 {'、'.join(map(str, missing))} 条没有结果，请退回补填。"
    answers = answers_of(results.values())
    try:
        judged = score(spec, answers)
    except ScoringError as error:
        return None, str(error)
    reason = "" if judged.meets_standard else shortfall(assessment, judged, standing(spec, answers).failed)
    return Judged(judged.total, judged.meets_standard), reason


def _on_notice(line: Line) -> str:
    notice: PublicNotice = line.entry.notice
    if notice.status == PublicNotice.Status.DRAFT:
        return f"已列入草稿“{notice.title}”。"
    if line.left_out:
        return f"“{notice.title}”：{line.left_out}"
    return f"已列入“{notice.title}”，公示至 {period_on(notice).last:%Y-%m-%d}。"
