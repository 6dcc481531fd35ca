"""What people are told of annual evaluations (年度总结评估): that one waits, came back, was approved; that departments are asked to
countersign; and which of it is answered by the next step."""

from typing import Any

from django.db.models import Q, QuerySet

from apps.campaigns.departments import key_of
from apps.evaluations import signals as evaluations
from apps.evaluations.countersigning import SIGN
from apps.evaluations.domain import DECIDE
from apps.evaluations.models import AnnualEvaluation, Countersignature, EvaluationStep
from apps.evaluations.shortfalls import departments
from apps.evaluations.waiting import evaluation_url
from apps.filings.domain import FILE
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.message import Message, people_with
from apps.notifications.models import Notification
from apps.notifications.occasion import Occasion

Kind = Notification.Kind
Step = EvaluationStep.Kind
_NAMED = "evaluation__campaign", "evaluation__jurisdiction"


def steps_taken() -> QuerySet[EvaluationStep]:
    return EvaluationStep.objects.exclude(kind=Step.WITHDRAWN).select_related(*_NAMED, "taken_in", "passed_to__parent")


def step_told(step: EvaluationStep) -> list[Message]:
    """Whoever is to decide next, and the unit whose evaluation it is."""
    evaluation = step.evaluation
    url, told = evaluation_url(evaluation), []
    if step.passed_to is not None:
        text = f"{step.taken_in}{'审核同意后报来' if step.kind == Step.AGREED else '提交'}，请审核。"
        people = _deciders(step.passed_to, step.by_id)
        told.append(Message(Kind.EVALUATION, people, f"{evaluation}待审核", text, url))
    own = people_with(evaluation.jurisdiction, FILE, but=[step.by_id])
    match step.kind:
        case Step.RETURNED:
            text = f"{step.words}\n请修改后重新提交。"
            told.append(Message(Kind.RETURNED, own, f"{evaluation}被{step.taken_in}退回", text, url))
        case Step.AGREED:
            text = f"{step.taken_in}审核同意，已报{step.passed_to}。"
            told.append(Message(Kind.EVALUATION, own, f"{evaluation}审核同意", text, url))
        case Step.APPROVED:
            text = f"{step.taken_in}通过。" + (f"\n{step.words}" if step.words else "")
            told.append(Message(Kind.EVALUATION, own, f"{evaluation}已通过", text, url))
    return told


def withdrawals() -> QuerySet[EvaluationStep]:
    return EvaluationStep.objects.filter(kind=Step.WITHDRAWN).select_related("evaluation")


def answered_by_step(step: EvaluationStep) -> list[str]:
    """Keys of the messages that the step answers: what asked for it, and the departments once it is handed in."""
    earlier = EvaluationStep.objects.filter(evaluation=step.evaluation_id, pk__lt=step.pk).values_list("pk", flat=True)
    signing = range(1, step.evaluation.version + 1) if step.kind == Step.SUBMITTED else ()
    return [*(f"evaluation:{pk}" for pk in earlier), *(f"countersigning:{step.evaluation_id}:{one}" for one in signing)]


def asked_to_sign() -> QuerySet[AnnualEvaluation]:
    return AnnualEvaluation.objects.with_context().filter(status__in=["draft", "returned"], asked_at__isnull=False)


def signing_asked(evaluation: AnnualEvaluation) -> list[Message]:
    """The reviewers of the departments that are asked and have not signed the text as it stands."""
    signed = {key_of(one.department) for one in evaluation.countersignatures.filter(version=evaluation.version)}
    asked = {key_of(one) for one in departments(evaluation.campaign, evaluation.jurisdiction)} - signed
    able = people_with(evaluation.jurisdiction, SIGN)
    people = [one for one in able if key_of(one.department) in asked]
    text = f"{evaluation.jurisdiction}请各参与部门会签，请阅后填写意见。"
    return [Message(Kind.EVALUATION, people, f"{evaluation}请会签", text, evaluation_url(evaluation))]


def signatures() -> QuerySet[Any]:
    """Countersignatures with the text that they are of, so that a changed one is told again."""
    rows = Countersignature.objects.select_related(*_NAMED, "recorded_by")
    return rows.filter(stance=Countersignature.Stance.OBJECTS)


def objection_told(signature: Countersignature) -> list[Message]:
    """The clerks of the unit hear of a department that does not agree."""
    evaluation = signature.evaluation
    people = people_with(evaluation.jurisdiction, FILE, but=[signature.recorded_by_id])
    title = f"{signature.department}对{evaluation}有会签意见"
    return [Message(Kind.OPINION, people, title, signature.text, evaluation_url(evaluation))]


def _deciders(holder: Jurisdiction, but: int) -> list[Any]:
    above: Jurisdiction | None = holder
    while above is not None:
        if people := people_with(above, DECIDE, but=[but]):
            return list(people)
        above = above.parent
    return []


EVALUATIONS = (
    Occasion(
        "evaluation",
        steps_taken,
        lambda day: Q(at__gte=day),
        step_told,
        evaluations.evaluation_stepped,
        answers=answered_by_step,
    ),
    Occasion("evaluation-withdrawn", withdrawals, lambda day: Q(at__gte=day), answers=answered_by_step),
    Occasion(
        "countersigning",
        asked_to_sign,
        lambda day: Q(asked_at__gte=day),
        signing_asked,
        evaluations.countersigning_asked,
    ),
    Occasion(
        "countersignature",
        signatures,
        lambda day: Q(recorded_at__gte=day),
        objection_told,
        evaluations.countersigned,
    ),
)
