"""What is found, noted and asked for in a community's assessment: plausible, and the same for the same seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from apps.demo.fixture_format import CriterionWords, StepEntry, Words
from apps.standards.scoring import Answer, Deduction, Verdict, score, score_criterion
from apps.standards.specs import CriterionSpec, RuleKind, RuleSpec, StandardSpec

# Points that a sound and a weak self-assessment reach on a scored standard, the bounds included.
_SOUND = (84, 100)
_WEAK = (66, 78)


@dataclass(frozen=True)
class Finding:
    """The answer to one criterion, with its note."""

    number: int
    answer: Answer
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture to attach to a criterion; ``seed`` says which."""

    number: int
    caption: str
    seed: str


@dataclass(frozen=True)
class Content:
    """What one step writes down."""

    findings: tuple[Finding, ...] = ()
    pictures: tuple[Picture, ...] = ()
    comment: str = ""
    reasons: Mapping[int, str] = field(default_factory=dict)


class Writer:
    """Writes the steps of one community in order; what a later step says follows from the earlier ones."""

    def __init__(
        self,
        standard: StandardSpec,
        said: Mapping[int, CriterionWords],
        words: Words,
        steps: list[StepEntry],
        seed: str,
    ) -> None:
        self._standard = standard
        self._criteria = standard.criteria()
        self._said = said
        self._words = words
        self._seed = seed
        self._rng = Random(f"findings {seed}")  # noqa: S311
        self._answers = self._first_answers(is_weak=any(step.do == "return_short" for step in steps))
        self._returned: list[int] = []
        self._last_return = ""
        self._unwritten = list(self._criteria)

    def write(self, step: StepEntry) -> Content:
        """Return the content of the next step."""
        match step.do:
            case "open":
                half = len(self._criteria) // 2 + self._rng.randint(-2, 2)
                written, self._unwritten = self._unwritten[:half], self._unwritten[half:]
                return Content(findings=tuple(self._first_finding(number) for number in written))
            case "submit":
                return self._amended() if self._last_return else self._submitted()
            case "agree":
                return Content(comment=self._rng.choice(self._words.agree))
            case "agree_stricter":
                return Content(findings=tuple(self._stricter()), comment=self._words.agree_stricter)
            case "recognise":
                return Content(comment=self._rng.choice(self._words.recognise))
            case _:
                return self._return(step.do)

    def _submitted(self) -> Content:
        pictured = self._rng.sample(list(self._criteria), self._rng.randint(1, 3)) if self._rng.random() < 0.35 else []
        return Content(
            findings=tuple(self._first_finding(number) for number in self._unwritten),
            pictures=tuple(self._picture(number) for number in pictured),
        )

    def _return(self, how: str) -> Content:
        self._last_return = how
        if how == "return_whole":
            return Content(comment=self._rng.choice(self._words.whole))
        if how == "return_short":
            scored = self._standard.pass_mark is not None
            return Content(comment=self._words.short_scored if scored else self._words.short_pass_fail)
        if not self._returned:
            with_reason = [number for number in self._criteria if self._said[number].reason]
            self._returned = sorted(self._rng.sample(with_reason, self._rng.randint(1, 3)))
        return Content(
            comment=self._words.items, reasons={number: self._said[number].reason or "" for number in self._returned}
        )

    def _amended(self) -> Content:
        if self._last_return == "return_short":
            return Content(findings=tuple(self._improved()))
        if self._last_return == "return_whole":
            numbers = sorted(self._rng.sample(list(self._criteria), 4))
            return Content(findings=tuple(Finding(n, self._answers[n], self._said[n].note) for n in numbers))
        return Content(
            findings=tuple(Finding(n, self._answers[n], self._said[n].answer or "") for n in self._returned),
            pictures=tuple(self._picture(n) for n in self._returned if self._rng.random() < 0.6),
        )

    def _improved(self) -> list[Finding]:
        """Mend what lost most, until the standard is met."""
        worst_first = sorted(self._criteria, key=lambda n: (self._points(n), n))
        findings = []
        for number in worst_first:
            if self._meets(_SOUND[0]):
                break
            if self._criteria[number].is_bonus:
                continue
            self._answers[number] = self._without_loss(self._criteria[number])
            findings.append(Finding(number, self._answers[number], self._words.improved))
        return findings

    def _stricter(self) -> list[Finding]:
        """One or two criteria on which the reviewer takes one point more."""
        open_to_it = [n for n in self._criteria if self._said[n].found and not self._loses(n) and self._soft_rule(n)]
        findings = []
        for number in sorted(self._rng.sample(open_to_it, min(len(open_to_it), self._rng.randint(1, 2)))):
            rule = self._soft_rule(number)
            assert rule is not None  # noqa: S101
            found = Deduction(rule=rule.number, **{"count" if rule.kind is RuleKind.COUNT else "points": 1})
            others = self._answers[number].deductions or ()
            findings.append(Finding(number, Answer(deductions=(*others, found)), self._said[number].found or ""))
        return findings

    def _soft_rule(self, number: int) -> RuleSpec | None:
        rules = self._criteria[number].rules
        return next((rule for rule in rules if rule.kind in (RuleKind.RANGE, RuleKind.COUNT)), None)

    def _first_answers(self, *, is_weak: bool) -> dict[int, Answer]:
        low, high = _WEAK if is_weak else _SOUND
        while True:
            self._answers = {n: self._first_answer(one, is_weak=is_weak) for n, one in self._criteria.items()}
            judged = score(self._standard, self._answers)
            fits = judged.meets_standard is not is_weak if judged.total is None else low <= judged.total <= high
            if fits:
                return self._answers

    def _first_answer(self, criterion: CriterionSpec, *, is_weak: bool) -> Answer:
        chance = self._rng.random()
        if criterion.is_bonus:
            rule = criterion.rules[0].number
            return Answer(deductions=(Deduction(rule=rule, points=1),) if chance < 0.12 else ())
        if criterion.allows_not_applicable and chance < 0.6:
            return Answer(not_applicable=True)
        if criterion.by_verdict:
            return Answer(met=not is_weak or chance > 0.08)
        if chance > (0.7 if is_weak else 0.28):
            return self._without_loss(criterion)
        return self._with_loss(criterion, is_weak=is_weak)

    def _without_loss(self, criterion: CriterionSpec) -> Answer:
        if criterion.by_verdict:
            return Answer(met=True)
        return Answer(deductions=tuple(self._measured(rule) for rule in criterion.rules if _is_measured(rule)))

    def _with_loss(self, criterion: CriterionSpec, *, is_weak: bool) -> Answer:
        hit = self._rng.choice(criterion.rules)
        if hit.kind is RuleKind.FIXED and hit.points > 3 and not is_weak:
            return self._without_loss(criterion)
        others = [self._measured(rule) for rule in criterion.rules if _is_measured(rule) and rule != hit]
        return Answer(deductions=(*others, self._hit(hit, most=3 if is_weak else 2)))

    def _hit(self, rule: RuleSpec, most: int) -> Deduction:
        much = self._rng.randint(1, most)
        match rule.kind:
            case RuleKind.FIXED:
                return Deduction(rule=rule.number)
            case RuleKind.RANGE:
                return Deduction(rule=rule.number, points=max(rule.min_points, min(rule.max_points, much)))
            case RuleKind.COUNT:
                return Deduction(rule=rule.number, count=min(2, much))
            case RuleKind.COUNT_SHORTFALL:
                return Deduction(rule=rule.number, count=rule.required - 1)
            case _:
                return Deduction(rule=rule.number, rate=rule.full_value - much * rule.step)

    def _measured(self, rule: RuleSpec) -> Deduction:
        """A figure that is entered in any case, here without a loss."""
        if rule.kind is RuleKind.COUNT_SHORTFALL:
            return Deduction(rule=rule.number, count=rule.required + self._rng.choice([0, 0, 1, 2]))
        room = Decimal(100) - rule.full_value
        return Deduction(rule=rule.number, rate=rule.full_value + self._rng.randint(0, int(room * 3 / 4)))

    def _first_finding(self, number: int) -> Finding:
        answer = self._answers[number]
        if answer.not_applicable:
            return Finding(number, answer, self._words.not_applicable)
        if self._criteria[number].is_bonus:
            return Finding(number, answer, self._words.bonus if answer.deductions else "")
        if answer.met is False:
            return Finding(number, answer, self._said[number].loss)
        if self._loses(number):
            return Finding(number, answer, self._rng.choice(self._words.losses))
        return Finding(number, answer, self._said[number].note if self._rng.random() < 0.4 else "")

    def _picture(self, number: int) -> Picture:
        return Picture(number, self._said[number].picture, f"picture {self._seed} {number}")

    def _loses(self, number: int) -> bool:
        return self._points(number) < self._criteria[number].points

    def _points(self, number: int) -> Decimal:
        """The points of the answer; on a verdict 1 for met, 0 for not met."""
        scored = score_criterion(self._criteria[number], self._answers[number])
        return Decimal(scored.verdict is not Verdict.NOT_MET) if scored.points is None else scored.points

    def _meets(self, points: int) -> bool:
        judged = score(self._standard, self._answers)
        return judged.meets_standard and (judged.total is None or judged.total >= points)


def _is_measured(rule: RuleSpec) -> bool:
    return rule.kind in (RuleKind.RATE_SHORTFALL, RuleKind.COUNT_SHORTFALL)
