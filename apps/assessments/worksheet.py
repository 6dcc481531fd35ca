"""The self-assessment as its page shows it: sections and criteria with their results, what is missing, who holds it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from apps.accounts.permissions import Actor
from apps.assessments.answers import answer_of
from apps.assessments.chain import chain_of
from apps.assessments.filling import Filled, may_fill
from apps.assessments.from_survey import MARK
from apps.assessments.mending import Mend, mends_of
from apps.assessments.models import Assessment, CriterionResult, Evidence, ReturnedCriterion, ReviewAction
from apps.assessments.steps import results_told_to, told_to, without_recalled
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction
from apps.standards.domain import parts_in_use, spec_in_use
from apps.standards.models import Criterion, Section
from apps.standards.scoring import Answer, CriterionScore, Standing, standing
from apps.standards.scoring import Verdict as Scored
from apps.standards.specs import CriterionSpec, StandardSpec

Status = Assessment.Status
Kind = ReviewAction.Kind

TONES = {Kind.SUBMIT: "info", Kind.RETURN: "danger", Kind.AGREE: "success", Kind.RECOGNISE: "success"}


@dataclass
class Opinion:
    """What a level above found on a criterion that differs from the self-assessment."""

    jurisdiction: Jurisdiction
    result: CriterionResult


@dataclass
class Card:
    """One criterion. ``reason``: why it was returned singly; ``locked``: another one was, so this one stays as it is.

    ``has_evidence`` also where the files themselves were not asked for.
    """

    criterion: Criterion
    spec: CriterionSpec
    result: CriterionResult | None = None
    score: CriterionScore | None = None
    evidence: list[Evidence] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)
    reason: str = ""
    locked: bool = False
    has_evidence: bool = False

    @property
    def number(self) -> int:
        return self.spec.number

    @property
    def is_answered(self) -> bool:
        return self.score is not None

    @property
    def points(self) -> Decimal | None:
        return self.score.points if self.score is not None else None

    @property
    def lost(self) -> Decimal:
        """Points lost; a bonus loses none."""
        if self.points is None or self.spec.is_bonus:
            return Decimal(0)
        return self.spec.points - self.points

    @property
    def version(self) -> int:
        return self.result.version if self.result is not None else 0

    @property
    def lacks_evidence(self) -> bool:
        return bool(self.criterion.required_evidence) and not self.has_evidence

    @property
    def is_prefilled(self) -> bool:
        """Whether the answer was taken over from the last time and nobody has confirmed it."""
        return self.result is not None and self.result.is_prefilled

    @property
    def is_surveyed(self) -> bool:
        """Whether the answer that waits to be confirmed comes from the community's survey."""
        return self.is_prefilled and self.result is not None and self.result.note.startswith(MARK)

    @property
    def is_not_met(self) -> bool:
        return self.score is not None and self.score.verdict == Scored.NOT_MET


@dataclass
class Part:
    """One section with its criteria."""

    section: Section
    cards: list[Card]

    @property
    def answered(self) -> int:
        return sum(card.is_answered for card in self.cards)

    @property
    def points(self) -> Decimal:
        return sum((card.points or Decimal(0) for card in self.cards), Decimal(0))

    @property
    def full_points(self) -> Decimal:
        return sum((card.spec.points for card in self.cards), Decimal(0))

    @property
    def has_return(self) -> bool:
        return any(card.reason for card in self.cards)


@dataclass(frozen=True)
class Step:
    """One thing that would bring the assessment nearer to the standard: on the criterion of ``card``, ``what`` in words."""

    card: Card
    mend: Mend
    what: str


@dataclass
class Worksheet:
    """A self-assessment with everything its page needs; ``is_editable``: the actor may fill it in now."""

    assessment: Assessment
    spec: StandardSpec
    parts: list[Part]
    standing: Standing
    actions: list[ReviewAction]
    is_with_submitter: bool
    is_editable: bool

    @cached_property
    def cards(self) -> list[Card]:
        return [card for part in self.parts for card in part.cards]

    def card(self, number: int) -> Card:
        return next(card for card in self.cards if card.number == number)

    def part_of(self, card: Card) -> Part:
        return next(part for part in self.parts if card in part.cards)

    @property
    def is_scored(self) -> bool:
        return self.assessment.standard.is_scored

    @property
    def unanswered(self) -> list[Card]:
        return [card for card in self.cards if not card.is_answered]

    @property
    def answered_count(self) -> int:
        return len(self.cards) - len(self.unanswered)

    @property
    def failed(self) -> list[Card]:
        return [self.card(number) for number in self.standing.failed]

    @property
    def lacking_evidence(self) -> list[Card]:
        return [card for card in self.cards if card.lacks_evidence]

    @property
    def unconfirmed(self) -> list[Card]:
        return [card for card in self.cards if card.is_prefilled]

    @cached_property
    def steps(self) -> list[Step]:
        """What can be mended, cheapest first; those needed for the standard are marked and stand at the head."""
        answers = {card.number: answer_of(card.result) for card in self.cards if card.result is not None}
        return [
            Step(card, mend, _words_of(card, mend))
            for mend in mends_of(self.spec, answers, self.standing)
            for card in [self.card(mend.number)]
        ]

    @property
    def needed_steps(self) -> list[Step]:
        return [one for one in self.steps if one.mend.is_needed]

    @property
    def other_steps(self) -> list[Step]:
        return [one for one in self.steps if not one.mend.is_needed]

    @property
    def points_to_go(self) -> Decimal:
        """How many points are still missing to the pass mark as things stand now."""
        return max(Decimal(0), (self.spec.pass_mark or Decimal(0)) - self.standing.points_so_far)

    @property
    def reachable(self) -> Decimal:
        """The points if all that is still open brings everything."""
        return self.standing.points_so_far + self.standing.points_open

    @property
    def missing_points(self) -> Decimal:
        """How many points the best outcome, or the final one, falls short of the pass mark."""
        return max(Decimal(0), (self.spec.pass_mark or Decimal(0)) - self.reachable)

    @property
    def meets_standard(self) -> bool:
        return not self.unanswered and self.standing.can_meet

    @property
    def is_ready(self) -> bool:
        return not self.unanswered and not self.lacking_evidence and not self.unconfirmed

    @property
    def returned(self) -> ReviewAction | None:
        """The return that waits to be answered here."""
        last = next(reversed(without_recalled(self.actions)), None)
        return last if last is not None and last.kind == Kind.RETURN and self.is_with_submitter else None

    @property
    def history(self) -> list[dict[str, object]]:
        """The steps, newest first, as components/timeline.html takes them."""
        return [_entry(action) for action in reversed(self.actions)]

    @property
    def figures(self) -> list[dict[str, object]]:
        """The outcome in figures, as components/figure_strip.html takes it."""
        shown: list[dict[str, object]] = [
            {"label": "已填", "value": self.answered_count, "suffix": f"/ {len(self.cards)} 条"},
        ]
        if self.is_scored:
            mark = self.spec.pass_mark or Decimal(0)
            value = plain(self.standing.points_so_far)
            shown.append({"label": "得分", "value": value, "suffix": f"达标 {plain(mark)} 分"})
        else:
            met = sum(card.score is not None and card.score.verdict == Scored.MET for card in self.cards)
            shown.append({"label": "符合", "value": met, "suffix": "条"})
            shown.append({"label": "不符合", "value": len(self.failed), "suffix": "条"})
        files = sum(len(card.evidence) for card in self.cards)
        shown.append({"label": "佐证材料", "value": files, "suffix": "份"})
        outcome = "达到" if self.meets_standard else "未达到" if self.is_final else "未填完"
        tone = "success" if self.meets_standard else "warning"
        return [*shown, {"label": "创建要求", "value": outcome, "tone": tone}]

    @property
    def is_final(self) -> bool:
        """Whether the outcome is certain: all is filled in, or the standard is out of reach."""
        return not self.unanswered or not self.standing.can_meet

    @property
    def saved_at(self) -> datetime | None:
        return max((card.result.updated_at for card in self.cards if card.result is not None), default=None)


def worksheet_of(assessment: Assessment, actor: Actor) -> Worksheet:
    """Load a self-assessment for its page, in half a dozen queries whatever the number of criteria."""
    chain = chain_of(assessment.participation)
    submitting, names = chain[0], {one.level: one for one in chain}
    results: dict[int, CriterionResult] = {}
    opinions: dict[int, list[Opinion]] = defaultdict(list)
    actions = list(
        assessment.actions.select_related("jurisdiction", "passed_to", "user")
        .prefetch_related("returned_criteria__criterion")
        .order_by("at", "id")
    )
    stored = assessment.results.select_related("criterion", "updated_by")
    for row in results_told_to(actor, assessment, chain, stored, actions):
        if row.level == submitting.level:
            results[row.criterion_id] = row
        elif assessment.status in (Status.RETURNED, Status.RECOGNISED) and row.level in names:
            opinions[row.criterion_id].append(Opinion(names[row.level], row))
    evidence: dict[int | None, list[Evidence]] = defaultdict(list)
    for one in assessment.evidence.order_by("id"):
        evidence[one.criterion_id].append(one)
    sheet = _sheet(assessment, results)
    sheet.actions, sheet.is_editable = told_to(actor, actions), may_fill(assessment, actor)
    sheet.is_with_submitter = assessment.holder_id == submitting.pk
    reasons = _reasons(sheet.returned.returned_criteria.all()) if sheet.returned else {}
    for card in sheet.cards:
        pk = card.criterion.pk
        card.evidence, card.opinions, card.reason = evidence[pk], opinions[pk], reasons.get(pk, "")
        card.has_evidence, card.locked = bool(card.evidence), bool(reasons) and pk not in reasons
    return sheet


def worksheet_after(filled: Filled) -> Worksheet:
    """What a page shows of a self-assessment of which one criterion was just saved: without history, files and opinions."""
    sheet = _sheet(filled.assessment, filled.results)
    for card in sheet.cards:
        pk = card.criterion.pk
        card.reason, card.has_evidence = filled.reasons.get(pk, ""), pk in filled.with_evidence
        card.locked = bool(filled.reasons) and pk not in filled.reasons
    return sheet


def _sheet(assessment: Assessment, results: Mapping[int, CriterionResult]) -> Worksheet:
    """Sections and criteria with the submitting level's ``results``, by the id of their criterion; being filled in."""
    sections, spec = parts_in_use(assessment.standard), spec_in_use(assessment.standard)
    specs, answers = spec.criteria(), _answers(sections, results)
    found = standing(spec, answers)
    parts = [
        Part(
            section,
            [
                Card(one, specs[one.number], results.get(one.pk), found.scores.get(one.number))
                for one in section.criteria.all()
            ],
        )
        for section in sections
    ]
    return Worksheet(assessment, spec, parts, found, actions=[], is_with_submitter=True, is_editable=True)


def _answers(sections: Iterable[Section], results: Mapping[int, CriterionResult]) -> dict[int, Answer]:
    criteria = (one for section in sections for one in section.criteria.all())
    return {one.number: answer_of(results[one.pk]) for one in criteria if one.pk in results}


def _words_of(card: Card, mend: Mend) -> str:
    """What a step mends: the rules as the standard has them, else the criterion."""
    texts = [rule.text for rule in card.criterion.rules.all() if rule.number in mend.rules]
    return "；".join(texts) or card.criterion.text


def _reasons(returned: Iterable[ReturnedCriterion]) -> dict[int, str]:
    return {one.criterion_id: one.reason for one in returned}


def _entry(action: ReviewAction) -> dict[str, object]:
    singly = [f"第 {one.criterion.number} 条：{one.reason}" for one in action.returned_criteria.all()]
    what = action.get_kind_display()
    if action.passed_to is not None and action.kind != Kind.OPEN:
        what = f"{what}，送{action.passed_to}"
    return {
        "when": action.at,
        "who": f"{action.jurisdiction} {action.user}",
        "what": what,
        "note": "；".join(filter(None, [action.comment, *singly])),
        "tone": TONES.get(Kind(action.kind), "neutral"),
    }
