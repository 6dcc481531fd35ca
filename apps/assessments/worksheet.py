"""The self-assessment as its page shows it: sections and criteria with their results, what is missing, who holds it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from apps.accounts.permissions import Actor
from apps.assessments.answers import answer_of
from apps.assessments.chain import chain_of
from apps.assessments.models import Assessment, CriterionResult, Evidence, ReturnedCriterion, ReviewAction
from apps.campaigns.models import Campaign, Milestone
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction
from apps.standards.domain import parts_of, spec_of
from apps.standards.models import Criterion, Section
from apps.standards.scoring import CriterionScore, Standing, standing
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
    """One criterion. ``reason``: why it was returned singly; ``locked``: another one was, so this one stays as it is."""

    criterion: Criterion
    spec: CriterionSpec
    result: CriterionResult | None = None
    score: CriterionScore | None = None
    evidence: list[Evidence] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)
    reason: str = ""
    locked: bool = False

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
        return bool(self.criterion.required_evidence) and not self.evidence


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


@dataclass
class Worksheet:
    """A self-assessment with everything its page needs; ``is_editable``: the actor may fill it in now."""

    assessment: Assessment
    spec: StandardSpec
    chain: list[Jurisdiction]
    parts: list[Part]
    standing: Standing
    actions: list[ReviewAction]
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
    def answered_points(self) -> Decimal:
        """Full points of the criteria answered so far."""
        weights = self.spec.weights()
        return sum((card.spec.points * weights[card.number] for card in self.cards if card.is_answered), Decimal(0))

    @property
    def failed(self) -> list[Card]:
        return [self.card(number) for number in self.standing.failed]

    @property
    def losing(self) -> list[Card]:
        """Answered criteria that lost points, the largest loss first."""
        return sorted((card for card in self.cards if card.lost), key=lambda card: -card.lost)

    @property
    def lacking_evidence(self) -> list[Card]:
        return [card for card in self.cards if card.lacks_evidence]

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
        return not self.unanswered and not self.lacking_evidence

    @property
    def is_with_submitter(self) -> bool:
        return self.assessment.holder_id == self.chain[0].pk

    @property
    def next_holder(self) -> Jurisdiction:
        """Whom a submission goes to."""
        return self.chain[1]

    @property
    def returned(self) -> ReviewAction | None:
        """The return that waits to be answered here."""
        last = self.actions[-1] if self.actions else None
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
    """Load a self-assessment for its page, in a dozen queries whatever the number of criteria."""
    sections = parts_of(assessment.standard)
    spec = spec_of(assessment.standard, sections)
    chain = chain_of(assessment.participation)
    submitting, names = chain[0], {one.level: one for one in chain}
    results: dict[int, CriterionResult] = {}
    opinions: dict[int, list[Opinion]] = defaultdict(list)
    for row in assessment.results.select_related("criterion", "updated_by"):
        if row.level == submitting.level:
            results[row.criterion.number] = row
        elif assessment.status in (Status.RETURNED, Status.RECOGNISED) and row.level in names:
            opinions[row.criterion_id].append(Opinion(names[row.level], row))
    evidence: dict[int | None, list[Evidence]] = defaultdict(list)
    for one in assessment.evidence.order_by("id"):
        evidence[one.criterion_id].append(one)
    found = standing(spec, {number: answer_of(row) for number, row in results.items()})
    actions = list(
        assessment.actions.select_related("jurisdiction", "passed_to", "user")
        .prefetch_related("returned_criteria__criterion")
        .order_by("at", "id")
    )
    sheet = Worksheet(assessment, spec, chain, [], found, actions, _may_fill(assessment, chain, actor))
    reasons = _reasons(sheet.returned.returned_criteria.all()) if sheet.returned else {}
    specs = spec.criteria()
    for section in sections:
        cards = [
            Card(
                criterion=criterion,
                spec=specs[criterion.number],
                result=results.get(criterion.number),
                score=found.scores.get(criterion.number),
                evidence=evidence[criterion.pk],
                opinions=opinions[criterion.pk],
                reason=reasons.get(criterion.pk, ""),
                locked=bool(reasons) and criterion.pk not in reasons,
            )
            for criterion in section.criteria.all()
        ]
        sheet.parts.append(Part(section, cards))
    return sheet


@dataclass(frozen=True)
class Deadline:
    """When a year's self-assessments have to be done: the campaign's nearest reporting duty that needs them."""

    day: date
    title: str


def deadline_of(campaign: Campaign, year: int) -> Deadline | None:
    """The first date of ``year`` on which self-assessments, the list of results or the annual report are due."""
    wanted = (Milestone.Kind.SELF_EVALUATION, Milestone.Kind.RESULT_LIST, Milestone.Kind.ANNUAL_REPORT)
    milestones = list(campaign.milestones.filter(kind__in=wanted))
    for kind in wanted:
        dates = [
            (day, one.get_kind_display())
            for one in milestones
            if one.kind == kind
            for day in one.dates
            if day.year == year
        ]
        if dates:
            return Deadline(*min(dates))
    return None


def _may_fill(assessment: Assessment, chain: list[Jurisdiction], actor: Actor) -> bool:
    return (
        assessment.status in (Status.DRAFT, Status.RETURNED)
        and assessment.holder_id == chain[0].pk == actor.jurisdiction.pk
        and actor.can("self_assess", assessment.path)
    )


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
