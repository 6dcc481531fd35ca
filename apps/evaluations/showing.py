"""What the page of one evaluation shows to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.campaigns.rollup import roll_up
from apps.evaluations.below import Child, children_of
from apps.evaluations.countersigning import department_of
from apps.evaluations.domain import contents_of, has_to_come, is_last, may_decide, may_read, may_reopen, nearer_campaign
from apps.evaluations.drafting import experience_of
from apps.evaluations.facts import differences, frozen_facts, further_figures, live_facts, names_of
from apps.evaluations.forms import ApprovalForm, CountersignatureForm
from apps.evaluations.models import AnnualEvaluation, EvaluationStep
from apps.evaluations.shortfalls import departments, lacking_signatures, shortfalls
from apps.filings.answering import obligations_answered
from apps.filings.domain import FILE
from apps.filings.figures import table_of
from apps.jurisdictions.models import Jurisdiction, Level
from apps.practices.choosing import CHOOSE
from apps.practices.domain import SEND


@dataclass(frozen=True)
class One:
    """The evaluation that an address names: campaign, unit, year; and the row, if it was begun."""

    campaign: Campaign
    unit: Jurisdiction
    year: int
    evaluation: AnnualEvaluation | None


class Part(NamedTuple):
    """A section with its text, why it came back, and what those below say under its title."""

    title: str
    text: str
    reason: str
    below: list[tuple[str, str]]


def page_of(actor: Actor, one: One) -> dict[str, Any]:
    """The context of `evaluations/evaluation.html`."""
    evaluation, is_own = one.evaluation, actor.jurisdiction == one.unit
    is_open = one.campaign.is_open
    is_to_come = has_to_come(one.year)
    may_begin = evaluation is None and is_own and actor.can(FILE) and is_open and _reports(one.unit) and not is_to_come
    nearer = nearer_campaign(one.campaign, one.unit, one.year) if may_begin else None
    common: dict[str, Any] = {
        "one": one,
        "title": f"{one.unit}{one.year}年度总结评估报告",
        "dues": [line.owed for line in obligations_answered(one.campaign, one.unit, one.year)],
        "is_own": is_own,
        "may_begin": may_begin and nearer is None,
        "nearer": nearer,
        "is_to_come": is_to_come,
        "is_shown": evaluation is not None and may_read(actor, evaluation),
    }
    if evaluation is None or not common["is_shown"]:
        return common | {"evaluation": evaluation}
    return common | _shown(actor, one, evaluation, is_own=is_own, is_open=is_open)


def parts_of(
    evaluation: AnnualEvaluation, children: Sequence[Child], typed: dict[str, str] | None = None
) -> list[Part]:
    """The sections for the form and for reading; ``typed``: what stands in the form now."""
    return [
        Part(
            title,
            (typed or {}).get(title, text),
            str(evaluation.returned_sections.get(title, "")) if evaluation.is_returned else "",
            [
                (child.unit.name, told)
                for child in children
                if child.evaluation and child.is_approved and (told := child.evaluation.text_of(title))
            ],
        )
        for title, text in contents_of(evaluation)
    ]


def may_take_up(actor: Actor, evaluation: AnnualEvaluation) -> bool:
    """Whether a person of a level above may choose what a submitted report tells of; who submitted it does not."""
    is_above = actor.jurisdiction != evaluation.jurisdiction and actor.can(CHOOSE, evaluation.path)
    return is_above and not evaluation.is_editable and evaluation.submitted_by_id != actor.user.pk


def _reports(unit: Jurisdiction) -> bool:
    return unit.level not in (Level.STREET, Level.NATION)


def _shown(actor: Actor, one: One, evaluation: AnnualEvaluation, *, is_own: bool, is_open: bool) -> dict[str, Any]:
    rollup = roll_up(one.campaign, one.unit, one.year)
    # Of today: what a draft says, and what a submitted one is compared with.
    live = live_facts(rollup)
    facts = frozen_facts(evaluation) or live
    children = children_of(rollup)
    is_editable = is_own and actor.can(FILE) and evaluation.is_editable and is_open
    decides = may_decide(actor, evaluation)
    last = is_last(actor.jurisdiction, one.unit)
    named = names_of(facts)
    steps = list(evaluation.steps.select_related("taken_in", "passed_to", "by"))
    is_agreed = any(one.kind == EvaluationStep.Kind.AGREED and one.round == evaluation.round for one in steps)
    return {
        "evaluation": evaluation,
        "facts": facts,
        "figures": table_of(facts["figures"], None),
        "further": further_figures(facts),
        "is_live": evaluation.is_editable,
        "named": named,
        "number_named": sum(len(names) for _, names in named),
        "differences": differences(frozen_facts(evaluation), live),
        "children": children,
        "missing": [child for child in children if not child.is_approved],
        "parts": parts_of(evaluation, children if is_editable else []),
        "may_edit": is_editable,
        "lacking": [*shortfalls(evaluation), *lacking_signatures(evaluation)] if is_editable else [],
        "practices": experience_of(evaluation) if is_own and actor.can(SEND) else [],
        "taken_up": experience_of(evaluation) if may_take_up(actor, evaluation) else [],
        "may_withdraw": is_own and actor.can(FILE) and evaluation.is_waiting and not is_agreed and is_open,
        "may_agree": decides and not last,
        "may_approve": decides and last,
        "may_return": is_open and (decides or may_reopen(actor, evaluation)),
        "to_return": [(title, "") for title, _ in contents_of(evaluation)],
        "approval_form": ApprovalForm(one.campaign),
        "steps": steps,
    } | _signing(actor, evaluation, is_editable=is_editable)


def _signing(actor: Actor, evaluation: AnnualEvaluation, *, is_editable: bool) -> dict[str, Any]:
    """The departments with what they said, and the form for who may speak for one."""
    asked = departments(evaluation.campaign, evaluation.jurisdiction)
    signed = list(evaluation.countersignatures.select_related("recorded_by"))
    own = department_of(evaluation, actor) if evaluation.is_editable and evaluation.campaign.is_open else ""
    offered = [own] if own else asked if is_editable else []
    by_department = {one.department: one for one in signed}
    return {
        "departments": [(name, by_department.pop(name, None)) for name in asked] + list(by_department.items()),
        "may_ask": is_editable and bool(asked),
        "signature_form": CountersignatureForm(offered) if offered else None,
        "signs_itself": bool(own),
    }
