"""What waits for a person in this room, for the desk: what came back, what is to be decided, what is to be countersigned."""

from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.core import clock
from apps.evaluations.countersigning import unsigned_by
from apps.evaluations.domain import DECIDE, decided_in
from apps.evaluations.models import AnnualEvaluation
from apps.filings.domain import FILE
from apps.recognitions.waiting import Waiting

_SHOWN = 8
_KIND = "年度评估"


def evaluation_url(evaluation: AnnualEvaluation) -> str:
    """The address of an evaluation."""
    return reverse("evaluation", args=[evaluation.campaign.code, evaluation.jurisdiction.key, evaluation.year])


def waiting_for(actor: Actor) -> list[Waiting]:
    """Evaluations of the person's unit that came back, those that wait for its decision, and for the department's signature."""
    found: list[Waiting] = []
    rows = AnnualEvaluation.objects.with_context()
    if actor.can(FILE):
        returned = rows.filter(jurisdiction=actor.jurisdiction, status=AnnualEvaluation.Status.RETURNED)
        found += [
            Waiting(
                "退回",
                "danger",
                str(one),
                f"上级退回：{'；'.join(one.reasons)}",
                evaluation_url(one),
                "修改后提交",
                None,
                one.saved_at,
            )
            for one in returned
        ]
    if actor.can(DECIDE):
        waiting = (
            decided_in(actor.jurisdiction).exclude(submitted_by=actor.user).with_context().order_by("submitted_at")
        )
        first = list(waiting[: _SHOWN + 1])
        found += [
            Waiting(_KIND, "info", str(one), "待审核", evaluation_url(one), "去审核", None, one.submitted_at)
            for one in first[:_SHOWN]
        ]
        if len(first) > _SHOWN:
            listed = f"{reverse('evaluation_list')}?state=submitted"
            found.append(
                Waiting(_KIND, "info", "其余待审核的年度总结评估报告", "", listed, "逐件审核", None, clock.now())
            )
    found += [
        Waiting("会签", "info", str(one), "请会签", evaluation_url(one), "去会签", None, one.asked_at)
        for one in unsigned_by(actor)
    ]
    return found
