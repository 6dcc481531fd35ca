"""A try-out of a standard on a made-up community: what was entered, the points, what is missing. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from apps.core.rounding import plain
from apps.standards.answer_forms import WrongAnswer, is_blank, parse_answer
from apps.standards.checks import total_of
from apps.standards.domain import parts_of, spec_of
from apps.standards.inputs import CriterionInputs
from apps.standards.models import Criterion, Section, Standard
from apps.standards.scoring import Answer, CriterionScore, Standing, standing
from apps.standards.specs import CriterionSpec, RuleKind, StandardSpec

# What an input holds that nobody has touched.
_UNTOUCHED = ("", "0")


@dataclass
class Trial:
    """One criterion with its inputs; ``score`` stands where the answer could be judged."""

    criterion: Criterion
    spec: CriterionSpec
    inputs: CriterionInputs
    is_none: bool
    score: CriterionScore | None = None

    @property
    def number(self) -> int:
        return self.spec.number

    @property
    def lost(self) -> Decimal:
        if self.score is None or self.score.points is None or self.spec.is_bonus:
            return Decimal(0)
        return self.spec.points - self.score.points


@dataclass
class TryOut:
    """A whole try-out as its page shows it."""

    standard: Standard
    spec: StandardSpec
    standing: Standing
    sections: list[tuple[Section, list[Trial]]]

    @cached_property
    def trials(self) -> list[Trial]:
        return [trial for _, trials in self.sections for trial in trials]

    @property
    def unanswered(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.score is None]

    @property
    def answered(self) -> int:
        return len(self.trials) - len(self.unanswered)

    @property
    def failed(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.number in self.standing.failed]

    @property
    def losing(self) -> list[Trial]:
        return sorted((trial for trial in self.trials if trial.lost), key=lambda trial: -self._weighted(trial))

    @property
    def reachable(self) -> Decimal:
        return self.standing.points_so_far + self.standing.points_open

    @property
    def points_to_go(self) -> Decimal:
        """How many points are still missing to the pass mark as things stand now."""
        return max(Decimal(0), (self.spec.pass_mark or Decimal(0)) - self.standing.points_so_far)

    @property
    def is_out_of_reach(self) -> bool:
        return not self.standing.can_meet

    @property
    def meets_standard(self) -> bool:
        return not self.unanswered and self.standing.can_meet

    @property
    def full_points(self) -> Decimal:
        """The total of the standard; of a draft that has none yet, what its criteria hold together."""
        return self.spec.total_points or total_of(self.spec.sections)

    def _weighted(self, trial: Trial) -> Decimal:
        return trial.lost * self.spec.weights()[trial.number]


def prefix_of(number: int) -> str:
    """What the names of a criterion's inputs begin with, where a form holds all criteria."""
    return f"t{number}-"


def try_out(standard: Standard, data: Mapping[str, str] | None = None) -> TryOut:
    """Judge what a form holds, criterion by criterion; without data nothing is answered."""
    sections = parts_of(standard)
    spec = spec_of(standard, sections)
    specs = spec.criteria()
    answers: dict[int, Answer] = {}
    made = [
        (
            section,
            [_trial(criterion, specs[criterion.number], data or {}, answers) for criterion in section.criteria.all()],
        )
        for section in sections
    ]
    found = TryOut(standard, spec, standing(spec, answers), made)
    for trial in found.trials:
        trial.score = found.standing.scores.get(trial.number)
    return found


def perfect_data(standard: Standard) -> dict[str, str]:
    """What a form holds for a community that loses nothing (and gains no bonus)."""
    data: dict[str, str] = {}
    for criterion in spec_of(standard).criteria().values():
        prefix = prefix_of(criterion.number)
        if criterion.by_verdict:
            data[f"{prefix}verdict"] = "met"
            continue
        data[f"{prefix}none"] = "1"
        for rule in criterion.all_rules().values():
            if rule.kind is RuleKind.RATE_SHORTFALL:
                data[f"{prefix}rule_{rule.number}_rate"] = plain(rule.full_value)
            elif rule.kind is RuleKind.COUNT_SHORTFALL:
                data[f"{prefix}rule_{rule.number}_count"] = str(rule.required)
    return data


def _trial(criterion: Criterion, spec: CriterionSpec, data: Mapping[str, str], answers: dict[int, Answer]) -> Trial:
    prefix = prefix_of(spec.number)
    own = {name.removeprefix(prefix): value for name, value in data.items() if name.startswith(prefix)}
    is_none = bool(own.get("none"))
    if all(value.strip() in _UNTOUCHED for value in own.values()):
        return Trial(criterion, spec, CriterionInputs(criterion, prefix=prefix), is_none)
    try:
        answer = parse_answer(spec, own)
    except WrongAnswer as error:
        entered = {f"{prefix}{name}": value for name, value in own.items()}
        return Trial(criterion, spec, CriterionInputs(criterion, None, entered, error, prefix), is_none)
    if not is_blank(answer, own):
        answers[spec.number] = answer
    return Trial(criterion, spec, CriterionInputs(criterion, answer, prefix=prefix), is_none)
