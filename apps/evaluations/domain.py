"""Verbs of annual evaluations: begun and written, submitted, withdrawn by the unit; agreed with, returned, approved by those above.

Countersigning is in ``countersigning``; the figures are in ``facts``, what is drafted in ``drafting``.
"""

from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.campaigns.annual_plans import answering_to
from apps.campaigns.models import Campaign
from apps.campaigns.nearest import campaigns_around, executing
from apps.campaigns.rollup import roll_up
from apps.campaigns.turns import work_under
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.evaluations.drafting import Source, drafted
from apps.evaluations.facts import live_facts
from apps.evaluations.models import AnnualEvaluation, AnnualEvaluationQuerySet, EvaluationStep
from apps.evaluations.shortfalls import lacking_signatures, shortfalls
from apps.evaluations.signals import evaluation_stepped
from apps.evaluations.summarising import check_scope
from apps.filings.answering import answer, decide_answer, take_back_answer
from apps.filings.domain import FILE
from apps.jurisdictions.models import Jurisdiction, Level

DECIDE = "decide_evaluations"
LONGEST_TEXT, LONGEST_REASON, LONGEST_REASONS = 20_000, 1000, 10_000
Status = AnnualEvaluation.Status
Kind = EvaluationStep.Kind

# Where an evaluation may go from each status; agreed with, it stays in review one level up.
TRANSITIONS: dict[str, set[str]] = {
    Status.DRAFT: {Status.SUBMITTED},
    Status.RETURNED: {Status.SUBMITTED},
    Status.SUBMITTED: {Status.SUBMITTED, Status.DRAFT, Status.RETURNED, Status.APPROVED},
    Status.APPROVED: {Status.RETURNED},
}


def may_read(actor: Actor, evaluation: AnnualEvaluation) -> bool:
    """A draft is the unit's own until it is submitted."""
    return evaluation.status != Status.DRAFT or evaluation.jurisdiction_id == actor.jurisdiction.pk


def decided_in(own: Jurisdiction) -> AnnualEvaluationQuerySet:
    """The evaluations in review that lie with ``own``, or with a unit below it where nobody works who could decide."""
    waiting = AnnualEvaluation.objects.below(own.path).filter(status=Status.SUBMITTED)
    return waiting.filter(answering_to(own, DECIDE, first="holder"))


def may_decide(actor: Actor, evaluation: AnnualEvaluation) -> bool:
    """Whether a person may decide on an evaluation in review: of the unit with which it lies, and not who submitted it."""
    if (
        not evaluation.is_waiting
        or not actor.can(DECIDE, evaluation.path)
        or actor.user.pk == evaluation.submitted_by_id
    ):
        return False
    return decided_in(actor.jurisdiction).filter(pk=evaluation.pk).exists()


def may_reopen(actor: Actor, evaluation: AnnualEvaluation) -> bool:
    """Whether a person may give back an evaluation that their unit has approved."""
    return (
        evaluation.is_approved
        and actor.can(DECIDE, evaluation.path)
        and actor.jurisdiction.pk == evaluation.approved_in_id
    )


def is_last(own: Jurisdiction, unit: Jurisdiction) -> bool:
    """Whether ``own`` approves what ``unit`` reports: the province, and of a province the nation."""
    top = Level.NATION if unit.level == Level.PROVINCE else Level.PROVINCE
    return own.level_type.depth <= top.depth


def nearer_campaign(campaign: Campaign, unit: Jurisdiction, year: int) -> Campaign | None:
    """The campaign by which ``unit`` carries ``campaign`` out: the year is reported in it, once."""
    return executing(campaign, campaigns_around([unit.path]), unit.path, year)


def has_to_come(year: int) -> bool:
    """Whether a year has not begun: nothing can be reported of it yet."""
    return year > clock.today().year


def contents_of(evaluation: AnnualEvaluation) -> list[tuple[str, str]]:
    """The sections as (title, text): the campaign's first, then what was written under titles that it does not have any more."""
    stored = {one["title"]: one["text"] for one in evaluation.sections}
    asked = [(title, stored.pop(title, "")) for title in evaluation.campaign.sections_of_evaluation]
    return [*asked, *((title, text) for title, text in stored.items() if text)]


@transaction.atomic
def begin_evaluation(campaign: Campaign, unit: Jurisdiction, year: int, *, actor: Actor) -> AnnualEvaluation:
    """Begin the evaluation of a year, every section drafted from the data. Twice leads to the same one."""
    _require_own(actor, unit)
    _check_reports(campaign, unit, year)
    campaign = work_under(campaign, "不能起草年度总结评估报告")
    # The unit's row is the queue in which two clicks stand.
    Jurisdiction.objects.select_for_update().get(pk=unit.pk)
    if (found := AnnualEvaluation.objects.with_context().of(campaign, unit, year).first()) is not None:
        return found
    source = Source(campaign, unit, year)
    sections = [{"title": title, "text": drafted(title, source)} for title in campaign.sections_of_evaluation]
    return AnnualEvaluation.objects.create(
        campaign=campaign,
        jurisdiction=unit,
        year=year,
        sections=sections,
        saved_at=clock.now(),
        saved_by=actor.user,
    )


@transaction.atomic
def save_evaluation(
    evaluation: AnnualEvaluation,
    texts: Mapping[str, str],
    explanation: str = "",
    *,
    actor: Actor,
    seen: int,
    explained: str | None = None,
) -> AnnualEvaluation:
    """Keep what was written, by the title of the section. The same twice has one effect.

    ``seen``: the version of the text that the form showed; ``explained``: the 会签说明 that it showed, which has no version as
    departments sign the text alone. StaleForm where a colleague has changed since then what would be overwritten.
    """
    _require_own(actor, evaluation.jurisdiction)
    work_under(evaluation.campaign, "报告不能再改")
    evaluation = locked(evaluation)
    _check_editable(evaluation)
    sections = _checked(evaluation, texts)
    explanation = explanation.strip()
    _check_length("会签说明", explanation, LONGEST_REASON)
    if explained is not None and explanation == explained.strip():
        explanation = evaluation.explanation
    if (sections, explanation) == (evaluation.sections, evaluation.explanation):
        return evaluation
    overwrites = explained is not None and explained.strip() != evaluation.explanation != explanation
    if seen != evaluation.version or overwrites:
        raise StaleForm(
            f"“{evaluation}”刚刚由{evaluation.saved_by}改过，您填写的没有保存，还在下面。请打开最新内容，核对后再填。"
        )
    if sections != evaluation.sections:
        evaluation.version += 1
    evaluation.sections, evaluation.explanation = sections, explanation
    evaluation.saved_at, evaluation.saved_by = clock.now(), actor.user
    evaluation.save()
    return evaluation


@transaction.atomic
def submit_evaluation(evaluation: AnnualEvaluation, *, actor: Actor, seen: int) -> AnnualEvaluation:
    """Put an evaluation before the unit above (提交): its figures, base and list are frozen with it. Every section has to be
    written; departments that have not countersigned want an explanation. Twice has one effect."""
    _require_own(actor, evaluation.jurisdiction)
    campaign = work_under(evaluation.campaign, "不能提交年度总结评估报告")
    evaluation = locked(evaluation)
    if evaluation.is_waiting:
        return evaluation
    _check_editable(evaluation)
    if seen != evaluation.version:
        raise StaleForm(f"“{evaluation}”刚刚由{evaluation.saved_by}改过，还没有提交。请核对最新内容后再提交。")
    unsigned = [] if evaluation.explanation else lacking_signatures(evaluation)
    if lacking := [*shortfalls(evaluation), *unsigned]:
        way = "没有全部会签同意的，在“会签说明”里写明原因后也可以提交。" if unsigned else ""
        raise InvalidInput(f"{'；'.join(lacking)}。{way}")
    unit = evaluation.jurisdiction
    holder = unit.parent
    if holder is None:
        raise InvalidInput(f"{unit}没有上级单位，不用提交。")
    _check_year(evaluation.year)
    _go(evaluation, Status.SUBMITTED)
    evaluation.facts = live_facts(roll_up(campaign, unit, evaluation.year))
    evaluation.round += 1
    evaluation.submitted_at, evaluation.submitted_by, evaluation.holder = clock.now(), actor.user, holder
    evaluation.save()
    answer(campaign, unit, evaluation.year, contents_of(evaluation), actor=actor)
    _step(evaluation, Kind.SUBMITTED, actor, passed_to=holder)
    return evaluation


@transaction.atomic
def withdraw_evaluation(evaluation: AnnualEvaluation, *, actor: Actor, seen: int) -> AnnualEvaluation:
    """Take an evaluation back that nobody above has agreed with yet (撤回). Twice has one effect. ``seen``: the submission that the
    page showed. Under a closed campaign it could not be submitted again, and stays."""
    _require_own(actor, evaluation.jurisdiction)
    work_under(evaluation.campaign, "不能撤回")
    evaluation = locked(evaluation)
    if evaluation.is_editable:
        return evaluation
    if evaluation.is_approved:
        raise TransitionError(
            f"“{evaluation}”{said(evaluation)}，不能撤回。需要更正的，请{evaluation.approved_in}退回。"
        )
    if seen != evaluation.round:
        raise StaleForm("后来又重新提交过，没有撤回。请核对最新内容，要撤回的再点一次。")
    if evaluation.steps.filter(round=evaluation.round, kind=Kind.AGREED).exists():
        raise TransitionError(
            f"上级已审核同意，现由{evaluation.holder}办理，不能撤回。需要修改的，请联系{evaluation.holder}退回。"
        )
    was_returned = bool(evaluation.reasons)
    _go(evaluation, Status.RETURNED if was_returned else Status.DRAFT)
    evaluation.holder = None
    evaluation.save()
    take_back_answer(evaluation.campaign, evaluation.jurisdiction, evaluation.year)
    _step(evaluation, Kind.WITHDRAWN, actor)
    return evaluation


@transaction.atomic
def agree_evaluation(evaluation: AnnualEvaluation, words: str = "", *, actor: Actor, seen: int) -> AnnualEvaluation:
    """Agree with an evaluation and pass it on to the unit above (审核同意). Twice has one effect."""
    evaluation = _to_decide(evaluation, actor)
    done = evaluation.steps.filter(kind=Kind.AGREED, round=seen, taken_in=actor.jurisdiction, by=actor.user)
    if evaluation.round == seen and done.exists():
        return evaluation
    _check_turn(evaluation, actor, seen)
    above = actor.jurisdiction.parent
    if above is None or is_last(actor.jurisdiction, evaluation.jurisdiction):
        raise InvalidInput(f"{evaluation.jurisdiction}的报告由{actor.jurisdiction}审定，请填写评估结果后通过。")
    _go(evaluation, Status.SUBMITTED)
    evaluation.holder = above
    evaluation.save()
    decide_answer(evaluation.campaign, evaluation.jurisdiction, evaluation.year, accepted=True, actor=actor)
    _step(evaluation, Kind.AGREED, actor, words, passed_to=above)
    return evaluation


@transaction.atomic
def return_evaluation(
    evaluation: AnnualEvaluation, reason: str, by_section: Mapping[str, str] | None = None, *, actor: Actor, seen: int
) -> AnnualEvaluation:
    """Give an evaluation back to its unit (退回): a reason for the whole, or reasons by the title of sections, or both. An
    approved one is given back by the unit that approved it."""
    reason = reason.strip()
    sections = {title: one.strip() for title, one in (by_section or {}).items() if one.strip()}
    if not reason and not sections:
        raise InvalidInput("请填写退回理由：可以写总的理由，也可以逐项写。")
    for text in (reason, *sections.values()):
        _check_length("退回理由", text, LONGEST_REASON)
    _check_length("退回理由合计", "".join((reason, *sections.values())), LONGEST_REASONS)
    work_under(evaluation.campaign, "不能退回")
    evaluation = _to_decide(evaluation, actor)
    if unknown := set(sections) - {title for title, _ in contents_of(evaluation)}:
        raise InvalidInput(f"报告里没有“{next(iter(unknown))}”这一项，请刷新页面后再退回。")
    same = (evaluation.return_reason, evaluation.returned_sections) == (reason, sections)
    if evaluation.is_returned and evaluation.round == seen and same:
        return evaluation
    if not may_reopen(actor, evaluation):
        _check_turn(evaluation, actor, seen)
    elif evaluation.round != seen:
        raise StaleForm(f"{evaluation.jurisdiction}已重新提交。请核对最新内容后再办理。")
    _go(evaluation, Status.RETURNED)
    evaluation.return_reason, evaluation.returned_sections = reason, sections
    evaluation.holder = evaluation.approved_in = evaluation.approved_at = evaluation.score = None
    evaluation.grade = ""
    evaluation.save()
    unit, words = evaluation.jurisdiction, "\n".join(evaluation.reasons)
    decide_answer(evaluation.campaign, unit, evaluation.year, reason=words, accepted=False, actor=actor)
    _step(evaluation, Kind.RETURNED, actor, words)
    return evaluation


@transaction.atomic
def approve_evaluation(
    evaluation: AnnualEvaluation,
    grade: str = "",
    score: Decimal | None = None,
    words: str = "",
    *,
    actor: Actor,
    seen: int,
) -> AnnualEvaluation:
    """Approve an evaluation at the last level (通过), with the grade and the score that the campaign asks for. Twice has one
    effect."""
    evaluation = _to_decide(evaluation, actor)
    same = evaluation.approved_in_id == actor.jurisdiction.pk and (evaluation.grade, evaluation.score) == (grade, score)
    if evaluation.is_approved and evaluation.round == seen and same:
        return evaluation
    _check_turn(evaluation, actor, seen)
    if not is_last(actor.jurisdiction, evaluation.jurisdiction):
        raise InvalidInput(f"{evaluation.jurisdiction}的报告由省级审定，请审核同意后报上一级。")
    _check_judgement(evaluation.campaign, grade, score)
    _go(evaluation, Status.APPROVED)
    evaluation.grade, evaluation.score = grade, score
    evaluation.approved_at, evaluation.approved_in, evaluation.holder = clock.now(), actor.jurisdiction, None
    evaluation.return_reason, evaluation.returned_sections = "", {}
    evaluation.save()
    decide_answer(evaluation.campaign, evaluation.jurisdiction, evaluation.year, accepted=True, actor=actor)
    _step(evaluation, Kind.APPROVED, actor, "；".join(filter(None, [evaluation.judged, words.strip()])))
    return evaluation


def said(evaluation: AnnualEvaluation) -> str:
    """What became of it last: 已于 2022-11-10 10:20 由云南省通过."""
    if evaluation.approved_at:
        return f"已于 {timezone.localtime(evaluation.approved_at):%Y-%m-%d %H:%M} 由{evaluation.approved_in}通过"
    if evaluation.submitted_at and evaluation.is_waiting:
        at = f"{timezone.localtime(evaluation.submitted_at):%Y-%m-%d %H:%M}"
        return f"已于 {at} 由{evaluation.submitted_by}提交，现由{evaluation.holder}办理"
    return f"现为{evaluation.get_status_display()}"


def locked(evaluation: AnnualEvaluation) -> AnnualEvaluation:
    """The evaluation as it stands now, locked; read after the wait."""
    list(AnnualEvaluation.objects.select_for_update().filter(pk=evaluation.pk).values_list("pk"))
    return AnnualEvaluation.objects.with_context().get(pk=evaluation.pk)


def _require_own(actor: Actor, unit: Jurisdiction) -> None:
    require(actor, FILE, unit.path)
    if actor.jurisdiction != unit:
        raise PermissionDenied(f"由{unit}自己报告，您所在的{actor.jurisdiction}不代为填写。")


def _check_reports(campaign: Campaign, unit: Jurisdiction, year: int) -> None:
    if unit.level in (Level.STREET, Level.NATION):
        raise InvalidInput(f"年度总结评估报告由省、市、县级单位编写，{unit}不用填报。")
    check_scope(campaign, unit, year)
    _check_year(year)
    if (nearer := nearer_campaign(campaign, unit, year)) is not None:
        raise InvalidInput(
            f"{unit}执行“{nearer}”，{year} 年度总结评估报告在其中编写，不在“{campaign}”中办理。请先切换到“{nearer}”。"
        )


def _check_year(year: int) -> None:
    if has_to_come(year):
        raise InvalidInput(f"{year} 年还没有开始，{year} 年度总结评估报告到 {year} 年再起草、提交。")


def _checked(evaluation: AnnualEvaluation, texts: Mapping[str, str]) -> list[dict[str, str]]:
    known = contents_of(evaluation)
    if strange := set(texts) - {title for title, _ in known}:
        raise StaleForm(f"报告内容里没有“{next(iter(strange))[:30]}”这一项了，没有保存。请打开最新内容后再填。")
    found = [{"title": title, "text": texts.get(title, text).strip()} for title, text in known]
    for one in found:
        _check_length(f"“{one['title']}”", one["text"], LONGEST_TEXT)
    return found


def _check_length(what: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise InvalidInput(f"{what}有 {len(text):,} 字，超过 {longest:,} 字，请缩短。")


def _check_editable(evaluation: AnnualEvaluation) -> None:
    if evaluation.is_waiting:
        raise TransitionError(f"“{evaluation}”{said(evaluation)}，要改的请先撤回。")
    if evaluation.is_approved:
        raise TransitionError(
            f"“{evaluation}”{said(evaluation)}，不能再改。需要更正的，请{evaluation.approved_in}退回。"
        )


def _check_judgement(campaign: Campaign, grade: str, score: Decimal | None) -> None:
    grades, most = campaign.evaluation_grades, campaign.evaluation_points
    if grades and not grade:
        raise InvalidInput(f"请选择评估等次：{'、'.join(grades)}。")
    if grade and grade not in grades:
        raise InvalidInput(f"没有“{grade[:20]}”这个等次，请从{'、'.join(grades) or '（本行动不评等次）'}里选。")
    if most is None and score is not None:
        raise InvalidInput(f"“{campaign}”不评分，请不要填得分。")
    if most is not None and score is None:
        raise InvalidInput(f"请填写评估得分，满分 {most} 分。")
    if most is not None and score is not None and not 0 <= score <= most:
        raise InvalidInput(f"得分 {score} 不在 0 至 {most} 分之间，请核对。")


def _to_decide(evaluation: AnnualEvaluation, actor: Actor) -> AnnualEvaluation:
    """The locked evaluation, for whoever decides at a unit above."""
    require(actor, DECIDE, evaluation.path)
    if actor.jurisdiction == evaluation.jurisdiction:
        raise PermissionDenied("本单位的报告由上级审核。")
    return locked(evaluation)


def _check_turn(evaluation: AnnualEvaluation, actor: Actor, seen: int) -> None:
    if not evaluation.is_waiting:
        state = said(evaluation) if evaluation.is_approved else "已退回或撤回，还没有重新提交"
        raise TransitionError(f"“{evaluation}”{state}，现在不用办理。")
    if evaluation.round != seen:
        raise StaleForm(f"{evaluation.jurisdiction}已修改并重新提交。请核对最新内容后再办理。")
    if not decided_in(actor.jurisdiction).filter(pk=evaluation.pk).exists():
        raise TransitionError(f"“{evaluation}”现由{evaluation.holder}办理，{actor.jurisdiction}现在不用办理。")
    if evaluation.submitted_by_id == actor.user.pk:
        raise PermissionDenied("这是您提交的，请由其他人员审核。")


def _go(evaluation: AnnualEvaluation, status: Status) -> None:
    if status not in TRANSITIONS[evaluation.status]:
        raise TransitionError(f"“{evaluation}”{said(evaluation)}，不能转为{status.label}。")
    evaluation.status = status


def _step(
    evaluation: AnnualEvaluation,
    kind: Kind,
    actor: Actor,
    words: str = "",
    *,
    passed_to: Jurisdiction | None = None,
) -> EvaluationStep:
    _check_length("意见", words, LONGEST_TEXT)
    step = EvaluationStep.objects.create(
        evaluation=evaluation,
        kind=kind,
        round=evaluation.round,
        taken_in=actor.jurisdiction,
        passed_to=passed_to,
        words=words.strip(),
        at=clock.now(),
        by=actor.user,
    )
    evaluation_stepped.send(sender=EvaluationStep, row=step)
    return step
