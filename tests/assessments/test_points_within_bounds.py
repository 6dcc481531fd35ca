"""Points stay within bounds whatever a form posts, and the order in which things are entered does not matter."""

from decimal import Decimal
from random import Random

import pytest
from django.conf import settings as settings_of_django
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from apps.accounts.permissions import Actor
from apps.assessments.domain import open_assessment, save_result, submit_assessment
from apps.assessments.models import Assessment
from apps.campaigns.models import Participation
from apps.core.scope import scope
from apps.standards.answer_forms import WrongAnswer, parse_answer
from apps.standards.fixture_format import read_standard
from apps.standards.scoring import Answer, score, score_criterion, standing
from apps.standards.specs import (
    ENTRY_OF_KIND,
    ZERO,
    CriterionSpec,
    Rounding,
    RuleKind,
    RuleSpec,
    SectionSpec,
    StandardKind,
    StandardSpec,
    SubItemSpec,
)

REAL = [
    read_standard(path).to_spec()
    for path in sorted((settings_of_django.BASE_DIR / "fixtures/standards").glob("*.yaml"))
]
# What people type, and what somebody posts by hand.
TYPED = st.one_of(
    st.integers(-2, 110).map(str),
    st.decimals(0, 100, places=2).map(str),
    st.sampled_from(["", " ", "0", "5", "99.99", "８９％", "1e3", "NaN", "-0", "０", "三", "1,5", "9" * 12, "0.00001"]),
)
PLACES = [Decimal(1), Decimal(2), Decimal("0.5")]


@st.composite
def rules(draw: st.DrawFn, number: int, *, is_bonus: bool) -> RuleSpec:
    kinds = [RuleKind.BONUS_RANGE] if is_bonus else [kind for kind in RuleKind if kind is not RuleKind.BONUS_RANGE]
    low = draw(st.integers(0, 3))
    return RuleSpec(
        number=number,
        kind=draw(st.sampled_from(kinds)),
        points=draw(st.sampled_from(PLACES)),
        min_points=low,
        max_points=low + draw(st.integers(0, 5)),
        cap=draw(st.none() | st.sampled_from(PLACES)),
        full_value=Decimal(draw(st.integers(50, 100))),
        step=draw(st.sampled_from([Decimal(1), Decimal(10), Decimal("2.5")])),
        floor=draw(st.none() | st.integers(0, 60).map(Decimal)),
        required=draw(st.integers(0, 5)),
        rounding=draw(st.sampled_from(Rounding)),
    )


@st.composite
def criteria(draw: st.DrawFn, number: int) -> CriterionSpec:
    by_verdict, is_bonus = draw(st.booleans()), draw(st.booleans())
    if by_verdict:
        return CriterionSpec(
            number=number, allows_not_applicable=draw(st.booleans()), is_veto=draw(st.booleans()), is_mandatory=True
        )
    own = draw(st.integers(0, 3))
    items = () if is_bonus else draw(st.sampled_from([(), (Decimal(1),), (Decimal(2), Decimal(1))]))
    return CriterionSpec(
        number=number,
        points=Decimal(draw(st.integers(3, 10))),
        rules=tuple(draw(rules(1 + place, is_bonus=is_bonus)) for place in range(own)),
        sub_items=tuple(
            SubItemSpec(number=1 + at, points=held, rules=(draw(rules(1 + own + at, is_bonus=False)),))
            for at, held in enumerate(items)
        ),
        allows_not_applicable=draw(st.booleans()),
        is_veto=draw(st.booleans()),
        is_bonus=is_bonus,
    )


@st.composite
def standards(draw: st.DrawFn) -> StandardSpec:
    """A scored standard of two sections, of which one weighs more."""
    numbers = list(range(1, 1 + draw(st.integers(2, 5))))
    parts = [draw(criteria(number)) for number in numbers]
    return StandardSpec(
        kind=StandardKind.SCORED,
        sections=(
            SectionSpec(number=1, criteria=tuple(parts[:1])),
            SectionSpec(
                number=2, criteria=tuple(parts[1:]), weight=draw(st.sampled_from([Decimal(2), Decimal("0.5")]))
            ),
        ),
        total_points=Decimal(100),
        pass_mark=Decimal(draw(st.integers(1, 60))),
    )


@st.composite
def posted(draw: st.DrawFn, criterion: CriterionSpec) -> dict[str, str]:
    """A form of one criterion, sensible or not."""
    data = {
        "verdict": draw(st.sampled_from(["", "met", "not_met", "not_applicable", "scored", "是"])),
        "not_applicable": draw(st.sampled_from(["", "", "", "1"])),
        "none": draw(st.sampled_from(["", "", "1"])),
    }
    for rule in criterion.all_rules().values():
        data[f"rule_{rule.number}"] = draw(st.sampled_from(["", "1"]))
        entry = ENTRY_OF_KIND[rule.kind]
        if entry is not None:
            sensible = st.integers(rule.min_points, rule.max_points).map(str) if entry == "points" else TYPED
            data[f"rule_{rule.number}_{entry}"] = draw(st.one_of(sensible, TYPED))
    return data


@st.composite
def answered(draw: st.DrawFn, standard: StandardSpec) -> dict[int, Answer]:
    """What forms made of what was posted for a whole standard; what they refused was not entered."""
    answers: dict[int, Answer] = {}
    for number, criterion in standard.criteria().items():
        try:
            answers[number] = parse_answer(criterion, draw(posted(criterion)))
        except WrongAnswer:
            continue
    return answers


def check_points(standard: StandardSpec, answers: dict[int, Answer]) -> None:
    weights = standard.weights()
    full = sum((weights[number] * one.points for number, one in standard.criteria().items()), ZERO)
    for number, answer in answers.items():
        criterion = standard.criteria()[number]
        result = score_criterion(criterion, answer)
        assert (result.points is None) == criterion.by_verdict
        assert result.points is None or ZERO <= result.points <= criterion.points
    found = standing(standard, answers)
    assert not found.problems
    assert ZERO <= found.points_so_far <= found.points_so_far + found.points_open <= full
    assert {*found.scores, *found.unanswered} == set(standard.criteria())
    if standard.kind is StandardKind.SCORED and all(
        n in answers for n, c in standard.criteria().items() if c.by_verdict
    ):
        total = score(standard, answers).total
        assert total is not None
        assert ZERO <= total <= full


def check_order(standard: StandardSpec, answers: dict[int, Answer], random: Random) -> None:
    """Other criteria first, and the rules of each in another order: all is the same."""
    shuffled = {}
    for number in random.sample(list(answers), len(answers)):
        given_rules = answers[number].deductions
        mixed = None if given_rules is None else tuple(random.sample(given_rules, len(given_rules)))
        shuffled[number] = Answer(
            deductions=mixed, not_applicable=answers[number].not_applicable, met=answers[number].met
        )
    assert standing(standard, answers) == standing(standard, shuffled)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data(), st.sampled_from(REAL), st.randoms(use_true_random=False))
def test_real_standards_keep_points_within_bounds_in_any_order(
    data: st.DataObject, standard: StandardSpec, random: Random
) -> None:
    answers = data.draw(answered(standard))
    check_points(standard, answers)
    check_order(standard, answers, random)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), standards(), st.randoms(use_true_random=False))
def test_any_standard_keeps_points_within_bounds_in_any_order(
    data: st.DataObject, standard: StandardSpec, random: Random
) -> None:
    answers = data.draw(answered(standard))
    assume(answers)
    check_points(standard, answers)
    check_order(standard, answers, random)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_save_in_any_order_gives_the_same_points(
    planned: Participation, street_officer: Actor, seed: int, answers_with_losses: dict[int, Answer]
) -> None:
    """By the real verbs: nine criteria saved in another order, one of them twice."""
    random = Random(seed)
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk):
        assessment = open_assessment(planned, actor=street_officer)
        criteria = list(assessment.standard.criteria.all())
        random.shuffle(criteria)
        for criterion in [*criteria, criteria[0]]:
            answer = answers_with_losses.get(criterion.number, Answer(deductions=()))
            save_result(assessment, criterion, answer, actor=street_officer)
        submit_assessment(assessment, actor=street_officer)
    now = Assessment.objects.get(pk=assessment.pk)
    assert (now.total_points, now.meets_standard) == (Decimal(87), True)


@pytest.fixture
def answers_with_losses() -> dict[int, Answer]:
    """The answers of the issue's example, which give 87 points."""
    from apps.standards.answers import parse_answers, parse_json
    from tests.standards.answers_as_json import CHUXIONG
    from tests.standards.test_scoring import ISSUE_EXAMPLE

    return dict(parse_answers(CHUXIONG, parse_json(ISSUE_EXAMPLE)))
