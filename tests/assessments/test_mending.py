"""The shortest way to the pass mark: exact gains, cheapest first, and always an end."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.assessments.mending import Mend, mended, mends_of
from apps.standards.scoring import Answer, Deduction, score, standing
from apps.standards.specs import CriterionSpec, RuleKind, RuleSpec, SectionSpec, StandardKind, StandardSpec

NOTHING_LOST = Answer(deductions=())


def fixed(number: int, points: int) -> RuleSpec:
    return RuleSpec(number=number, kind=RuleKind.FIXED, points=Decimal(points))


RATE = RuleSpec(
    number=1,
    kind=RuleKind.RATE_SHORTFALL,
    points=Decimal(1),
    full_value=Decimal(90),
    step=Decimal(10),
    floor=Decimal(60),
)
COURSES = RuleSpec(number=1, kind=RuleKind.COUNT_SHORTFALL, points=Decimal(2), required=3)


def scored(*criteria: CriterionSpec, mark: int = 8, weight: int = 1) -> StandardSpec:
    section = SectionSpec(number=1, criteria=criteria, weight=Decimal(weight))
    return StandardSpec(
        kind=StandardKind.SCORED, sections=(section,), total_points=Decimal(100), pass_mark=Decimal(mark)
    )


def criterion(number: int, points: int, *rules: RuleSpec, **flags: Any) -> CriterionSpec:
    return CriterionSpec(number=number, points=Decimal(points), rules=rules, **flags)


def mends(standard: StandardSpec, **answers: Answer) -> list[tuple[int, tuple[int, ...], int, bool]]:
    """What can be mended as number, rules, gain, whether it is needed; answers as ``c1=…``."""
    given_answers = {int(name[1:]): answer for name, answer in answers.items()}
    found = mends_of(standard, given_answers, standing(standard, given_answers))
    return [(one.number, one.rules, int(one.gain), one.is_needed) for one in found]


def lost(*rules: int) -> Answer:
    return Answer(deductions=tuple(Deduction(rule=rule) for rule in rules))


def test_mends_take_the_largest_gain_first_and_mark_what_is_enough() -> None:
    standard = scored(criterion(1, 6, fixed(1, 1), fixed(2, 3)), criterion(2, 4, fixed(1, 2)), mark=8)
    # 2 + 2 of 10: four points short; three and two are enough.
    assert mends(standard, c1=lost(1, 2), c2=lost(1)) == [
        (1, (2,), 3, True),
        (2, (1,), 2, True),
        (1, (1,), 1, False),
    ]


def test_mends_of_what_is_met_need_nothing() -> None:
    standard = scored(criterion(1, 10, fixed(1, 1)), mark=8)
    assert mends(standard, c1=lost(1)) == [(1, (1,), 1, False)]


def test_mends_count_what_is_unanswered_as_full() -> None:
    standard = scored(criterion(1, 4, fixed(1, 3)), criterion(2, 6), mark=8)
    assert mends(standard, c1=lost(1)) == [(1, (1,), 3, True)]


def test_mends_of_a_weighted_section_gain_weighted_points() -> None:
    standard = scored(criterion(1, 4, fixed(1, 3)), mark=8, weight=2)
    assert mends(standard, c1=lost(1)) == [(1, (1,), 6, True)]


def test_mends_of_rates_and_counts_fill_them_up() -> None:
    standard = scored(criterion(1, 5, RATE), criterion(2, 5, COURSES), mark=10)
    half = Answer(deductions=(Deduction(rule=1, rate=55),))
    one_course = Answer(deductions=(Deduction(rule=1, count=1),))
    assert mends(standard, c1=half, c2=one_course) == [(1, (1,), 5, True), (2, (1,), 4, True)]
    assert mended(criterion(2, 5, COURSES), one_course, (1,)) == Answer(deductions=(Deduction(rule=1, count=3),))


def test_mends_together_where_no_single_rule_gains_anything() -> None:
    standard = scored(criterion(1, 4, fixed(1, 9), fixed(2, 9)), criterion(2, 6), mark=10)
    assert mends(standard, c1=lost(1, 2), c2=NOTHING_LOST) == [(1, (1, 2), 4, True)]


def test_mends_begin_with_what_stands_against_the_standard() -> None:
    veto = criterion(3, 0, is_veto=True)
    standard = scored(criterion(1, 9, fixed(1, 5)), criterion(2, 1, fixed(1, 1), is_mandatory=True), veto, mark=1)
    assert mends(standard, c1=lost(1), c2=lost(1), c3=Answer(met=False)) == [
        (2, (1,), 1, True),
        (3, (), 0, True),
        (1, (1,), 5, False),
    ]


def test_mends_of_a_pass_fail_standard_are_what_is_not_met() -> None:
    section = SectionSpec(number=1, criteria=(criterion(1, 0), criterion(2, 0), criterion(3, 0)))
    standard = StandardSpec(kind=StandardKind.PASS_FAIL, sections=(section,))
    assert mends(standard, c1=Answer(met=False), c2=Answer(met=True)) == [(1, (), 0, True)]


@pytest.mark.parametrize("answer", [Answer(not_applicable=True), lost()])
def test_mends_leave_alone_what_lost_nothing(answer: Answer) -> None:
    standard = scored(criterion(1, 5, fixed(1, 1), allows_not_applicable=True), mark=1)
    assert mends(standard, c1=answer) == []


_FOUND = st.lists(st.sampled_from([1, 2, 3]), unique=True)


@given(rules=st.lists(_FOUND, min_size=4, max_size=4), mark=st.integers(1, 24))
def test_mending_all_that_is_needed_reaches_the_standard(rules: list[list[int]], mark: int) -> None:
    criteria = [criterion(n, 6, fixed(1, 1), fixed(2, 4), fixed(3, 6), is_mandatory=n == 1) for n in (1, 2, 3, 4)]
    standard = scored(*criteria, mark=mark)
    answers = {n: lost(*found) for n, found in enumerate(rules, start=1)}
    found: list[Mend] = mends_of(standard, answers, standing(standard, answers))
    needed = [one for one in found if one.is_needed]
    assert found[: len(needed)] == needed
    before = score(standard, answers)
    for one in needed:
        assert not score(standard, answers).meets_standard
        answers[one.number] = mended(criteria[one.number - 1], answers[one.number], one.rules)
    after = score(standard, answers)
    assert after.meets_standard
    assert before.total is not None
    assert after.total == before.total + sum(one.gain for one in needed)
