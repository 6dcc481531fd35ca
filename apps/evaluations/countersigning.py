"""Verbs of countersigning (会签): departments are asked, and each says for its office whether it agrees; what came on paper is
recorded by the bureau's clerk."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.campaigns.departments import key_of
from apps.campaigns.models import Campaign
from apps.campaigns.turns import work_under
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.evaluations.domain import LONGEST_REASON, locked
from apps.evaluations.models import AnnualEvaluation, AnnualEvaluationQuerySet, Countersignature
from apps.evaluations.shortfalls import departments
from apps.evaluations.signals import countersigned, countersigning_asked
from apps.filings.domain import FILE

SIGN = "give_opinions"
Stance = Countersignature.Stance
_LONGEST_OFFICE = 100


@transaction.atomic
def ask_to_countersign(evaluation: AnnualEvaluation, *, actor: Actor) -> AnnualEvaluation:
    """Send the text to the departments of the unit to be countersigned (送会签). Twice has one effect."""
    if actor.jurisdiction != evaluation.jurisdiction or not actor.can(FILE):
        raise PermissionDenied(f"由{evaluation.jurisdiction}的经办人员送会签。")
    work_under(evaluation.campaign, "不能送会签")
    evaluation = locked(evaluation)
    _check_open(evaluation)
    if not departments(evaluation.campaign, evaluation.jurisdiction):
        raise InvalidInput(f"“{evaluation.campaign}”没有写明参与部门，没有需要会签的部门。")
    if evaluation.asked_at is not None and not _changed_since(evaluation):
        return evaluation
    evaluation.asked_at = clock.now()
    evaluation.save()
    countersigning_asked.send(sender=AnnualEvaluation, row=evaluation)
    return evaluation


@transaction.atomic
def countersign(
    evaluation: AnnualEvaluation,
    department: str,
    stance: str,
    text: str = "",
    *,
    office: str = "",
    signed_on: date | None = None,
    actor: Actor,
    seen: int,
) -> Countersignature:
    """Countersign for a department (会签), or change what it said: by its own reviewer, or by the bureau's clerk from paper.

    ``office``: the office that signs, blank: the department as the campaign names it. ``seen``: the version of the text that the
    page showed; StaleForm where it was changed since, as nobody signs what they have not read.
    """
    word = _word_for(evaluation, department, actor)
    work_under(evaluation.campaign, "不能会签")
    evaluation = locked(evaluation)
    _check_open(evaluation)
    if seen != evaluation.version:
        raise StaleForm(f"“{evaluation}”刚刚由{evaluation.saved_by}改过，会签没有登记。请看过最新内容后再会签。")
    text, office, today = text.strip(), office.strip() or word, clock.today()
    if stance not in Stance.values:
        raise InvalidInput("请选择同意或者有意见。")
    if stance == Stance.OBJECTS and not text:
        raise InvalidInput("有意见的，请写明是什么意见。")
    if len(text) > LONGEST_REASON:
        raise InvalidInput(f"会签意见有 {len(text)} 字，超过 {LONGEST_REASON} 字，请缩短。")
    if len(office) > _LONGEST_OFFICE:
        raise InvalidInput(f"会签单位“{office[:20]}…”过长，不超过 {_LONGEST_OFFICE} 个字。")
    day = signed_on or today
    if not evaluation.year <= day.year or day > today:
        raise InvalidInput(f"会签日期 {day:%Y-%m-%d} 应在 {evaluation.year} 年以后、今天以前，请核对。")
    said = {"stance": stance, "text": text, "office": office, "signed_on": day, "version": evaluation.version}
    held = evaluation.countersignatures.filter(department=word).first()
    if held is not None and all(getattr(held, name) == value for name, value in said.items()):
        return held
    kept, _ = Countersignature.objects.update_or_create(
        evaluation=evaluation,
        department=word,
        defaults=said | {"recorded_at": clock.now(), "recorded_by": actor.user},
    )
    countersigned.send(sender=Countersignature, row=kept)
    return kept


def department_of(evaluation: AnnualEvaluation, actor: Actor) -> str:
    """What the campaign calls the actor's department where it is asked to countersign; blank where it is not."""
    if actor.jurisdiction.pk != evaluation.jurisdiction_id or not actor.can(SIGN):
        return ""
    key = key_of(actor.membership.department)
    return next(
        (one for one in departments(evaluation.campaign, evaluation.jurisdiction) if key and key_of(one) == key), ""
    )


def sent_to(actor: Actor) -> AnnualEvaluationQuerySet:
    """What was sent to the departments of the actor's unit to be countersigned, and is not submitted yet, under a campaign that is
    open."""
    if not actor.can(SIGN):
        return AnnualEvaluation.objects.none()
    return AnnualEvaluation.objects.filter(
        jurisdiction=actor.jurisdiction,
        status__in=["draft", "returned"],
        asked_at__isnull=False,
        campaign__status=Campaign.Status.OPEN,
    )


def unsigned_by(actor: Actor) -> list[AnnualEvaluation]:
    """What was sent to the actor's department, and is not signed as it stands now."""
    waiting = []
    for one in sent_to(actor).with_context().prefetch_related("countersignatures"):
        word = department_of(one, actor)
        signed = {each.department for each in one.countersignatures.all() if each.version == one.version}
        if word and word not in signed:
            waiting.append(one)
    return waiting


def _word_for(evaluation: AnnualEvaluation, department: str, actor: Actor) -> str:
    """The department in the campaign's words, for who may speak for it: its own reviewer, or the bureau's clerk."""
    if actor.jurisdiction.pk != evaluation.jurisdiction_id:
        raise PermissionDenied(f"由{evaluation.jurisdiction}的部门会签。")
    if actor.can(SIGN):
        word = department_of(evaluation, actor)
        if not word or (department and key_of(department) != key_of(word)):
            raise PermissionDenied(f"您所在的{actor.membership.department or '部门'}不参加会签，或者只能为本部门会签。")
        return word
    if not actor.can(FILE):
        raise PermissionDenied("会签由参与部门填写，或者由经办人员登记。")
    word = next(
        (one for one in departments(evaluation.campaign, evaluation.jurisdiction) if key_of(one) == key_of(department)),
        "",
    )
    if not word:
        raise InvalidInput(f"“{department[:20]}”不在参与部门里，请从列出的部门里选。")
    return word


def _check_open(evaluation: AnnualEvaluation) -> None:
    if not evaluation.is_editable:
        raise TransitionError(f"“{evaluation}”已经提交，会签已结束。需要补充会签的，请先撤回。")


def _changed_since(evaluation: AnnualEvaluation) -> bool:
    return evaluation.asked_at is not None and timezone.localtime(evaluation.saved_at) > timezone.localtime(
        evaluation.asked_at
    )
