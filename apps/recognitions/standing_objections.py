"""Objections that still stand against an assessment, whatever became of the notice on which they were brought forward.

A pending one stands until it is decided; an upheld one until the assessment has been returned after that and come up again.
"""

from collections.abc import Iterable, Sequence

from apps.assessments.models import Assessment, ReviewAction
from apps.recognitions.models import Objection, PublicNotice

Kind = ReviewAction.Kind
Outcome = Objection.Outcome


def standing_objections(assessments: Iterable[Assessment]) -> dict[int, list[Objection]]:
    """Return, by the assessment's id, what still stands against it, in as many queries for many as for one."""
    brought = Objection.objects.filter(entry__assessment__in=list(assessments)).exclude(outcome=Outcome.REJECTED)
    rows = list(brought.select_related("entry__notice", "entry__assessment__participation__community"))
    upheld = {one.entry.assessment_id for one in rows if one.outcome == Outcome.SUSTAINED}
    steps = ReviewAction.objects.filter(assessment__in=upheld, kind__in=[Kind.RETURN, Kind.SUBMIT, Kind.AGREE])
    taken: dict[int, list[ReviewAction]] = {}
    for step in steps.order_by("pk"):
        taken.setdefault(step.assessment_id, []).append(step)
    found: dict[int, list[Objection]] = {}
    for one in rows:
        if not _is_settled(one, taken.get(one.entry.assessment_id, [])):
            found.setdefault(one.entry.assessment_id, []).append(one)
    return found


def why_barred(objections: Sequence[Objection]) -> str:
    """Say what stands against an assessment and what to do; empty where nothing does."""
    upheld = next((one for one in objections if one.outcome == Outcome.SUSTAINED), None)
    if upheld is not None:
        return f"{_named(upheld)}中对它的异议成立。请退回该社区的自评，整改后重新报来。"
    if objections:
        return f"{_named(objections[0])}中对它有 {len(objections)} 件异议正在办理，请在该公示页面处理后再办理。"
    return ""


def _is_settled(objection: Objection, steps: Sequence[ReviewAction]) -> bool:
    """Whether an upheld one has led to a return, and the assessment has come up again since."""
    if objection.outcome != Outcome.SUSTAINED or objection.decided_at is None:
        return False
    since = [step.kind for step in steps if step.at >= objection.decided_at]
    return Kind.RETURN in since and since[-1] != Kind.RETURN


def _named(objection: Objection) -> str:
    notice: PublicNotice = objection.entry.notice
    withdrawn = "（已撤回）" if notice.status == PublicNotice.Status.WITHDRAWN else ""
    return f"“{notice.title}”{withdrawn}"
