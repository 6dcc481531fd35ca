"""What the inputs of one criterion show, from an answer or from what was typed; answer_forms.py reads their names."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from apps.core.rounding import plain
from apps.standards.answer_forms import FIGURE_KINDS, WrongAnswer
from apps.standards.domain import criterion_spec, rule_spec
from apps.standards.models import Criterion, DeductionRule
from apps.standards.scoring import Answer, Deduction, ScoringError, Verdict, score_criterion
from apps.standards.specs import ENTRY_OF_KIND, CriterionSpec, RuleKind, RuleSpec

# The verdicts to choose from: label, CSS class.
_CHOICES = {
    Verdict.MET: ("符合", ""),
    Verdict.NOT_MET: ("不符合", "verdict-not"),
    Verdict.NOT_APPLICABLE: ("不适用", "verdict-na"),
}


@dataclass(frozen=True)
class RuleInput:
    """One rule with what was entered for it. ``effect`` says what it takes or gives."""

    rule: DeductionRule
    spec: RuleSpec
    name: str
    ticked: bool
    value: str
    effect: str
    error: str
    heading: str = ""

    @property
    def key(self) -> str:
        """The name of the input for points, count or rate."""
        return f"{self.name}_{ENTRY_OF_KIND[self.spec.kind]}"

    @property
    def widget(self) -> str:
        match self.spec.kind:
            case RuleKind.FIXED:
                return "check"
            case RuleKind.RANGE | RuleKind.BONUS_RANGE:
                return "select"
            case RuleKind.RATE_SHORTFALL:
                return "rate"
            case _:
                return "stepper"

    @property
    def tone(self) -> str:
        is_loss = self.spec.kind is not RuleKind.BONUS_RANGE and not self.effect.endswith("不扣分")
        return "text-danger" if is_loss else "text-success"

    @property
    def blank_label(self) -> str:
        return f"{self._moves} {self.spec.min_points}–{self.spec.max_points} 分"

    @property
    def options(self) -> list[tuple[str, str]]:
        values = range(self.spec.min_points, self.spec.max_points + 1)
        return [(str(points), f"{self._moves} {points} 分") for points in values]

    @property
    def _moves(self) -> str:
        return "加" if self.spec.kind is RuleKind.BONUS_RANGE else "扣"


class CriterionInputs:
    """The inputs of one criterion: what was typed (``entered``) where it was refused, else the ``answer``, if any."""

    def __init__(
        self,
        criterion: Criterion,
        answer: Answer | None = None,
        entered: Mapping[str, str] | None = None,
        error: WrongAnswer | None = None,
        prefix: str = "",
    ) -> None:
        self.criterion = criterion
        self.spec = criterion_spec(criterion)
        self.prefix = prefix
        self._answer = answer
        self._entered = entered
        self._error = error

    @property
    def id(self) -> str:
        """What the ids of the inputs begin with."""
        return f"{self.prefix}c{self.spec.number}-"

    @property
    def error(self) -> str:
        """What is wrong with the criterion as a whole."""
        return self._error.message if self._error is not None and self._error.rule is None else ""

    @property
    def verdict(self) -> str:
        if self._entered is not None:
            return self._entered.get(f"{self.prefix}verdict", "")
        if self._answer is None:
            return ""
        if self._answer.not_applicable:
            return Verdict.NOT_APPLICABLE
        if self._answer.met is None:
            return ""
        return Verdict.MET if self._answer.met else Verdict.NOT_MET

    @property
    def not_applicable(self) -> bool:
        if self._entered is not None:
            return bool(self._entered.get(f"{self.prefix}not_applicable"))
        return self.verdict == Verdict.NOT_APPLICABLE

    @property
    def choices(self) -> list[tuple[str, str, str]]:
        """The verdicts to choose from: value, label, CSS class."""
        offered = [Verdict.MET, Verdict.NOT_MET]
        if self.spec.allows_not_applicable:
            offered.append(Verdict.NOT_APPLICABLE)
        return [(verdict.value, *_CHOICES[verdict]) for verdict in offered]

    @property
    def offers_none(self) -> bool:
        """Whether 以上均无 answers the criterion: not where a figure is asked for."""
        kinds = {rule.kind for rule in self.spec.all_rules().values()}
        return not self.spec.by_verdict and not kinds & set(FIGURE_KINDS)

    @cached_property
    def rules(self) -> list[RuleInput]:
        if self.spec.by_verdict:
            return []
        given = {one.rule: one for one in (self._answer.deductions or ())} if self._answer else {}
        inputs, last_item = [], None
        for rule in self.criterion.rules.all():
            heading = ""
            if rule.sub_item_id is not None and rule.sub_item_id != last_item:
                item = next(one for one in self.criterion.sub_items.all() if one.pk == rule.sub_item_id)
                heading = f"{item.text}（{plain(item.points)} 分）"
            last_item = rule.sub_item_id
            inputs.append(self._rule_input(rule, given.get(rule.number), heading))
        return inputs

    def _rule_input(self, rule: DeductionRule, given: Deduction | None, heading: str) -> RuleInput:
        spec, name = rule_spec(rule), f"{self.prefix}rule_{rule.number}"
        entry = ENTRY_OF_KIND[spec.kind]
        # A find not counted is none; how many trainings were held nobody knows until it is told.
        unfound = "0" if spec.kind is RuleKind.COUNT else ""
        ticked, value = given is not None, unfound
        if given is not None and entry is not None:
            value = plain(getattr(given, entry))
        if self._entered is not None:
            ticked, value = bool(self._entered.get(name)), self._entered.get(f"{name}_{entry}", "")
        return RuleInput(
            rule=rule,
            spec=spec,
            name=name,
            ticked=ticked,
            value=value,
            effect=effect_of(self.spec, spec, given) if given is not None else "",
            error=self._error.message if self._error is not None and self._error.rule == rule.number else "",
            heading=heading,
        )


def effect_of(criterion: CriterionSpec, rule: RuleSpec, given: Deduction) -> str:
    """What one deduction takes or gives: 扣 2 分; with a rate also how it comes about."""
    try:
        points = score_criterion(criterion, Answer(deductions=(given,))).points or Decimal(0)
    except ScoringError:
        return ""
    if criterion.is_bonus:
        return f"加 {plain(points)} 分"
    lost = criterion.points - points
    text = f"扣 {plain(lost)} 分" if lost else "不扣分"
    if rule.kind is not RuleKind.RATE_SHORTFALL or given.rate is None:
        return text
    if rule.floor is not None and given.rate < rule.floor:
        return f"低于 {plain(rule.floor)}%，不得分"
    below = rule.full_value - Decimal(given.rate)
    return f"低 {plain(below)} 个百分点，{text}" if below > 0 else text
