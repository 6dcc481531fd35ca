"""What the survey of a community (社区基本情况调查) answers of a standard: rules that say which fact they take."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from apps.assessments.models import Assessment
from apps.communities.models import CommunitySurvey
from apps.core.rounding import plain
from apps.standards.domain import parts_in_use
from apps.standards.models import DeductionRule
from apps.standards.scoring import Answer, Deduction
from apps.standards.specs import ENTRY_OF_KIND, RuleKind

# How the note of such an answer begins, as long as nobody has confirmed it.
MARK = "取自社区调查"
Value = Decimal | bool


def answers_from_survey(assessment: Assessment) -> dict[int, tuple[Answer, str]]:
    """Return what the latest survey up to the planned year answers, by criterion number, each with a note that names the source.

    A criterion is answered where every one of its rules takes a fact, and the survey tells them all.
    """
    part = assessment.participation
    survey = CommunitySurvey.objects.filter(community=part.community_id, year__lte=part.year).order_by("-year").first()
    if survey is None:
        return {}
    found = {}
    for criterion in (one for section in parts_in_use(assessment.standard) for one in section.criteria.all()):
        rules = list(criterion.rules.all())
        values = {rule: value for rule in rules if (value := value_of(rule.fact, survey)) is not None}
        if rules and len(values) == len(rules):
            found[criterion.number] = (_answer(values), f"{MARK}（{survey.year} 年）：{_told(values)}。")
    return found


def value_of(fact: str, survey: CommunitySurvey) -> Value | None:
    """Return what the survey says of a fact that rules take (``specs.FACTS_OF_KIND``): percents, counts, or whether there is one;
    None: nothing.

    Where nobody complained of noise, all that was complained of is handled [reading]. Percents are cut, not rounded, to two
    places, so that none reaches a line that it lies below.
    """
    if fact != "noise_handled_rate":
        value: Decimal | int | None = getattr(survey, fact) if fact else None
        return value if value is None or isinstance(value, bool) else Decimal(value)
    if survey.noise_complaints == 0:
        return Decimal(100)
    ratio = survey.noise_handled_ratio
    return None if ratio is None else _percent(ratio)


def _percent(ratio: Fraction) -> Decimal:
    exact = Decimal(100 * ratio.numerator) / Decimal(ratio.denominator)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_FLOOR)


def _answer(values: Mapping[DeductionRule, Value]) -> Answer:
    """What there is costs nothing."""
    return Answer(deductions=tuple(_deduction(rule, value) for rule, value in values.items() if value is not True))


def _deduction(rule: DeductionRule, value: Value) -> Deduction:
    entry = ENTRY_OF_KIND[RuleKind(rule.kind)]
    return Deduction(rule=rule.number, **({entry: value} if entry else {}))


def _told(values: Mapping[DeductionRule, Value]) -> str:
    return "，".join(f"{rule.get_fact_display()} {_words(rule, value)}" for rule, value in values.items())


def _words(rule: DeductionRule, value: Value) -> str:
    if isinstance(value, bool):
        return "有" if value else "无"
    unit = "%" if rule.kind == DeductionRule.Kind.RATE_SHORTFALL else f" {rule.unit or '次'}"
    return f"{plain(value)}{unit}"
