"""What waits for a person in this room, for the desk: what came back, what is to be decided, what is to be countersigned."""

from django.db.models import Q
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.core import clock
from apps.core.todos import Source, Todo
from apps.evaluations.countersigning import sent_to, unsigned_by
from apps.evaluations.domain import DECIDE, decided_in
from apps.evaluations.models import AnnualEvaluation, AnnualEvaluationQuerySet
from apps.filings.domain import FILE

_SHOWN = 8
_KIND = "年度评估"
Status = AnnualEvaluation.Status


def evaluation_url(evaluation: AnnualEvaluation) -> str:
    """The address of an evaluation."""
    return reverse("evaluation", args=[evaluation.campaign.code, evaluation.jurisdiction.key, evaluation.year])


def sources_for(actor: Actor) -> list[Source]:
    """Evaluations of the person's unit that came back, those that wait for its decision, and for the department's signature."""
    return [Source(_reports(actor), _report_lines), Source(sent_to(actor), lambda _rows: _to_countersign(actor))]


def _reports(actor: Actor) -> AnnualEvaluationQuerySet:
    if not actor.can(FILE) and not actor.can(DECIDE):
        return AnnualEvaluation.objects.none()
    nothing = Q(pk__in=[])
    returned = Q(jurisdiction=actor.jurisdiction, status=Status.RETURNED) if actor.can(FILE) else nothing
    deciding = (
        Q(pk__in=decided_in(actor.jurisdiction).exclude(submitted_by=actor.user)) if actor.can(DECIDE) else nothing
    )
    return AnnualEvaluation.objects.below(actor.jurisdiction.path).filter(returned | deciding)


def _report_lines(rows: AnnualEvaluationQuerySet) -> list[Todo]:
    # What came back is the unit's own and stands first.
    first = list(rows.with_context().order_by("status", "submitted_at", "pk")[: _SHOWN + 1])
    found = [_line(one) for one in first[:_SHOWN]]
    if len(first) > _SHOWN:
        listed = f"{reverse('evaluation_list')}?state=submitted"
        found.append(Todo(_KIND, "info", "其余年度总结评估报告", "", listed, "逐件办理", None, clock.now()))
    return found


def _to_countersign(actor: Actor) -> list[Todo]:
    return [
        Todo("会签", "info", str(one), "请会签", evaluation_url(one), "去会签", None, one.asked_at)
        for one in unsigned_by(actor)
    ]


def _line(one: AnnualEvaluation) -> Todo:
    if one.is_returned:
        note = f"上级退回：{'；'.join(one.reasons)}"
        return Todo("退回", "danger", str(one), note, evaluation_url(one), "修改后提交", None, one.saved_at)
    return Todo(_KIND, "info", str(one), "待审核", evaluation_url(one), "去审核", None, one.submitted_at)
