"""Points and verdicts: every rule of 楚雄 附件1 at its edges, then the kinds of rule it does not use."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.standards.answers import parse_answers, parse_json
from apps.standards.scoring import Answer, Deduction, ScoringError, Verdict, score, score_criterion, standing
from apps.standards.specs import (
    CriterionSpec,
    Rounding,
    RuleKind,
    RuleSpec,
    SectionSpec,
    StandardKind,
    StandardSpec,
    SubItemSpec,
)
from tests.standards.answers_as_json import CHUXIONG, NATIONAL, found, picked, rate, rule, scored, verdicts

ISSUE_EXAMPLE = """
{"results": [
  {"criterion": 1, "deductions": [{"rule": 1}, {"rule": 2, "points": 2}]},
  {"criterion": 6, "deductions": [{"rule": 2, "count": 5}]},
  {"criterion": 10, "deductions": [{"rule": 1, "rate": 89}]},
  {"criterion": 14, "deductions": [{"rule": 1, "count": 1}]},
  {"criterion": 16, "not_applicable": true},
  {"criterion": 17, "deductions": [{"rule": 1, "points": 3}]}
]}
"""


def points(criterion: int, *deductions: str) -> Decimal | None:
    """Points that a criterion of Chuxiong's keeps (17: gains) under the deductions, as JSON."""
    text = f'{{"results": [{{"criterion": {criterion}, "deductions": [{", ".join(deductions)}]}}]}}'
    answers = parse_answers(CHUXIONG, parse_json(text))
    return score_criterion(CHUXIONG.criteria()[criterion], answers[criterion]).points


def test_score_example_of_the_command() -> None:
    result = scored(CHUXIONG, ISSUE_EXAMPLE)
    kept = {1: 1, 6: 3, 10: 5, 14: 3, 17: 3}
    assert result["criteria"] == [{"criterion": n, "points": kept.get(n, 6)} for n in range(1, 18)]
    assert result["total"] == 87
    assert isinstance(result["total"], int)
    assert result["meets_standard"] is True


def test_score_without_losses_gives_96_and_no_bonus() -> None:
    result = scored(CHUXIONG, '{"results": []}')
    assert result["total"] == 96
    assert result["criteria"][16] == {"criterion": 17, "points": 0}


@pytest.mark.parametrize(
    ("criterion", "deductions", "kept"),
    [
        (1, [rule(1)], 3),
        (1, [picked(2, 1)], 5),
        (1, [picked(2, 3)], 3),
        (1, [rule(1), picked(2, 3)], 0),
        (2, [rule(1)], 3),
        (2, [rule(2)], 3),
        (2, [rule(1), rule(2)], 0),
        (3, [picked(1, 1)], 5),
        (3, [picked(1, 3)], 3),
        (4, [picked(1, 1)], 5),
        (4, [rule(2)], 3),
        (4, [picked(1, 3), rule(2)], 0),
        (5, [rule(1)], 4),
        (5, [rule(1), rule(3)], 2),
        (5, [rule(1), rule(2), rule(3)], 0),
        (6, [rule(1)], 3),
        (6, [found(2, 0)], 6),
        (6, [found(2, 1)], 5),
        (6, [found(2, 3)], 3),
        (6, [found(2, 4)], 3),
        (6, [rule(1), found(2, 5)], 0),
        (7, [picked(1, 1)], 5),
        (7, [picked(1, 3), picked(2, 3)], 0),
        (8, [found(1, 1)], 5),
        (8, [found(1, 2)], 4),
        (8, [found(1, 3)], 4),
        (8, [found(2, 9)], 4),
        (8, [found(1, 9), found(2, 9), found(3, 9)], 0),
        (9, [rule(1)], 3),
        (9, [rule(1), rule(2)], 0),
        (11, [rule(1)], 0),
        (13, [rule(1)], 4),
        (13, [found(2, 1)], 4),
        (13, [found(2, 2)], 2),
        (13, [found(2, 3)], 2),
        (13, [rule(1), found(2, 4)], 0),
        (14, [found(1, 0)], 0),
        (14, [found(1, 1)], 3),
        (14, [found(1, 2)], 6),
        (14, [found(1, 7)], 6),
        (15, [rule(1)], 4),
        (15, [rule(1), rule(2), rule(3)], 0),
        (16, [rule(1)], 3),
        (16, [rule(2)], 0),
        (16, [rule(1), rule(2)], 0),
        (17, [], 0),
        (17, [picked(1, 1)], 1),
        (17, [picked(1, 4)], 4),
    ],
)
def test_score_criterion_by_each_rule(criterion: int, deductions: list[str], kept: int) -> None:
    assert points(criterion, *deductions) == kept


@pytest.mark.parametrize(
    ("handled", "kept"),
    [(100, 6), (95, 6), ("90.01", 6), (90, 5), (89, 5), ("80.1", 5), (80, 4), (70, 3), (60, 2), ("59.9", 0), (0, 0)],
)
def test_score_handled_complaints_at_the_edges(handled: object, kept: int) -> None:
    assert points(10, rate(1, handled)) == kept


def test_score_rate_just_below_the_floor_is_exact() -> None:
    assert points(10, rate(1, "59.99999999999999999")) == 0
    assert points(10, rate(1, "90.00000000000000001")) == 6


@pytest.mark.parametrize(
    ("coverage", "kept"),
    [
        (100, 6),
        (30, 6),
        ("29.9", 6),
        ("25.1", 6),
        (25, 5),
        (24, 5),
        (20, 4),
        (15, 3),
        (10, 2),
        (5, 1),
        ("4.9", 1),
        (0, 0),
    ],
)
def test_score_coverage_at_the_edges(coverage: object, kept: int) -> None:
    assert points(12, rate(1, coverage)) == kept


@pytest.mark.parametrize(("total", "losses", "meets"), [(80, 16, True), (79, 17, False)])
def test_score_includes_the_pass_mark(total: int, losses: int, meets: bool) -> None:
    answers = {
        2: Answer(deductions=(Deduction(rule=1), Deduction(rule=2))),
        9: Answer(deductions=(Deduction(rule=1), Deduction(rule=2))),
        13: Answer(deductions=(Deduction(rule=2, count=2),)),
    }
    if losses == 17:
        answers[3] = Answer(deductions=(Deduction(rule=1, points=1),))
    result = score(CHUXIONG, answers)
    assert result.total == total
    assert result.meets_standard is meets


def test_score_not_applicable_keeps_full_points() -> None:
    answer = Answer(not_applicable=True)
    result = score_criterion(CHUXIONG.criteria()[16], answer)
    assert result.points == 6
    assert result.verdict is Verdict.NOT_APPLICABLE


def test_score_pass_fail_when_all_are_met_or_not_applicable() -> None:
    result = scored(NATIONAL, verdicts(c16='"not_applicable": true'))
    assert result["criteria"][0] == {"criterion": 1, "verdict": "met"}
    assert result["criteria"][15] == {"criterion": 16, "verdict": "not_applicable"}
    assert result["total"] is None
    assert result["meets_standard"] is True


def test_score_pass_fail_when_one_is_not_met() -> None:
    result = scored(NATIONAL, verdicts(c3='"met": false'))
    assert result["criteria"][2] == {"criterion": 3, "verdict": "not_met"}
    assert result["meets_standard"] is False


def one_rule(rule_spec: RuleSpec, *, is_veto: bool = False, is_mandatory: bool = False) -> CriterionSpec:
    return CriterionSpec(number=1, points=Decimal(6), rules=(rule_spec,), is_veto=is_veto, is_mandatory=is_mandatory)


@pytest.mark.parametrize(("handled", "kept"), [("100", 6), ("99.9", 5), ("90", 5), ("89", 4), ("60", 2), ("59.9", 0)])
def test_score_started_steps_count_from_the_first_fraction(handled: str, kept: int) -> None:
    spec = RuleSpec(
        number=1,
        kind=RuleKind.RATE_SHORTFALL,
        points=Decimal(1),
        full_value=Decimal(100),
        step=Decimal(10),
        floor=Decimal(60),
        rounding=Rounding.STARTED_STEPS,
    )
    answer = Answer(deductions=(Deduction(rule=1, rate=Decimal(handled)),))
    assert score_criterion(one_rule(spec), answer).points == kept


def test_score_without_a_cap_stops_at_the_criterion() -> None:
    spec = RuleSpec(number=1, kind=RuleKind.COUNT, points=Decimal(2))
    assert score_criterion(one_rule(spec), Answer(deductions=(Deduction(rule=1, count=9),))).points == 0


def test_score_fractions_of_points_are_exact() -> None:
    spec = RuleSpec(number=1, kind=RuleKind.COUNT, points=Decimal("0.1"))
    result = score_criterion(one_rule(spec), Answer(deductions=(Deduction(rule=1, count=3),)))
    assert result.points == Decimal("5.7")
    assert result.as_dict() == {"criterion": 1, "points": 5.7}


def test_score_sub_item_loses_no_more_than_it_holds() -> None:
    fixed = RuleSpec(number=1, kind=RuleKind.FIXED, points=Decimal(2))
    each = RuleSpec(number=2, kind=RuleKind.COUNT, points=Decimal(1))
    by_rate = RuleSpec(
        number=3,
        kind=RuleKind.RATE_SHORTFALL,
        points=Decimal(1),
        full_value=Decimal(100),
        step=Decimal(10),
        floor=Decimal(50),
    )
    criterion = CriterionSpec(
        number=1,
        points=Decimal(10),
        sub_items=(
            SubItemSpec(number=1, points=Decimal(3), rules=(fixed, each)),
            SubItemSpec(number=2, points=Decimal(7), rules=(by_rate,)),
        ),
    )
    first = Answer(deductions=(Deduction(rule=1), Deduction(rule=2, count=8)))
    assert score_criterion(criterion, first).points == 7
    second = Answer(deductions=(Deduction(rule=3, rate=49),))
    assert score_criterion(criterion, second).points == 3
    both = Answer(deductions=(Deduction(rule=1), Deduction(rule=3, rate=80)))
    assert score_criterion(criterion, both).points == 6


def standard_of(*criteria: CriterionSpec, pass_mark: int = 5, weight: str = "1") -> StandardSpec:
    return StandardSpec(
        kind=StandardKind.SCORED,
        sections=(SectionSpec(number=1, weight=Decimal(weight), criteria=criteria),),
        total_points=sum((c.points for c in criteria), Decimal(0)) * Decimal(weight),
        pass_mark=Decimal(pass_mark),
    )


ALL_LOST = RuleSpec(number=1, kind=RuleKind.RANGE, min_points=1, max_points=6)


@pytest.mark.parametrize("flag", ["is_veto", "is_mandatory"])
@pytest.mark.parametrize(("lost", "meets"), [(5, True), (6, False)])
def test_score_decisive_criterion_counts_as_not_met_once_all_is_lost(flag: str, lost: int, meets: bool) -> None:
    decisive = one_rule(ALL_LOST, **{flag: True})
    standard = standard_of(decisive, CriterionSpec(number=2, points=Decimal(94)), pass_mark=80)
    result = score(standard, {1: Answer(deductions=(Deduction(rule=1, points=lost),))})
    assert result.total == 100 - lost
    assert result.meets_standard is meets


@pytest.mark.parametrize(("met", "meets"), [(True, True), (False, False)])
def test_score_veto_beside_the_points_is_a_verdict(met: bool, meets: bool) -> None:
    standard = standard_of(CriterionSpec(number=1, points=Decimal(10)), CriterionSpec(number=2, is_veto=True))
    result = score(standard, {2: Answer(met=met)})
    assert result.total == 10
    assert result.meets_standard is meets
    with pytest.raises(ScoringError, match=r"第 2 条：没有填是否达到"):
        score(standard, {})


def test_score_multiplies_a_section_by_its_weight() -> None:
    standard = standard_of(one_rule(ALL_LOST), pass_mark=2, weight="0.5")
    result = score(standard, {1: Answer(deductions=(Deduction(rule=1, points=1),))})
    assert result.as_dict() == {
        "criteria": [{"criterion": 1, "points": 5}],
        "total": 2.5,
        "meets_standard": True,
    }


def test_standing_of_a_draft_tells_what_is_open() -> None:
    answers = {
        1: Answer(deductions=(Deduction(rule=1),)),
        2: Answer(deductions=()),
        6: Answer(deductions=(Deduction(rule=2),)),
    }
    draft = standing(CHUXIONG, answers)
    assert draft.points_so_far == 9
    assert draft.points_open == 88
    assert draft.unanswered == (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    assert {n: str(problem) for n, problem in draft.problems.items()} == {6: "第 6 条规则 2：没有填 count"}
    assert draft.can_meet is True


def test_standing_of_a_pass_fail_draft_names_failed_and_unanswered() -> None:
    draft = standing(NATIONAL, {1: Answer(met=True), 2: Answer(met=False), 3: Answer()})
    assert draft.failed == (2,)
    assert draft.unanswered == tuple(range(3, 17))
    assert draft.problems == {}
    assert draft.can_meet is False


def deduction_for(spec: RuleSpec) -> st.SearchStrategy[Deduction]:
    match spec.kind:
        case RuleKind.FIXED:
            return st.just(Deduction(rule=spec.number))
        case RuleKind.RANGE | RuleKind.BONUS_RANGE:
            picks = st.integers(spec.min_points, spec.max_points)
            return picks.map(lambda value: Deduction(rule=spec.number, points=value))
        case RuleKind.RATE_SHORTFALL:
            rates = st.decimals(0, 100, places=2)
            return rates.map(lambda value: Deduction(rule=spec.number, rate=value))
        case _:
            return st.integers(0, 9).map(lambda value: Deduction(rule=spec.number, count=value))


@st.composite
def chuxiong_answers(draw: st.DrawFn) -> dict[int, Answer]:
    answers = {}
    for number, criterion in CHUXIONG.criteria().items():
        chosen = [spec for spec in criterion.all_rules().values() if draw(st.booleans())]
        answers[number] = Answer(deductions=tuple(draw(deduction_for(spec)) for spec in chosen))
    return answers


@given(chuxiong_answers())
def test_points_stay_within_the_criterion_and_sum_to_the_total(answers: dict[int, Answer]) -> None:
    result = score(CHUXIONG, answers)
    criteria = CHUXIONG.criteria()
    assert all(s.points is not None and 0 <= s.points <= criteria[s.criterion].points for s in result.criteria)
    assert result.total == sum(s.points or 0 for s in result.criteria)
    assert result.meets_standard is (result.total >= 80)


@given(chuxiong_answers(), st.integers(1, 16))
def test_further_deductions_never_give_points(answers: dict[int, Answer], number: int) -> None:
    criterion = CHUXIONG.criteria()[number]
    deductions = answers[number].deductions or ()
    kept = [score_criterion(criterion, Answer(deductions=deductions[:n])).points for n in range(len(deductions) + 1)]
    assert kept == sorted(kept, reverse=True)  # type: ignore[type-var]


@given(st.decimals(0, 100, places=3), st.decimals(0, 100, places=3))
def test_a_lower_rate_never_gives_points(one: Decimal, other: Decimal) -> None:
    low, high = sorted([one, other])
    for number in (10, 12):
        criterion = CHUXIONG.criteria()[number]
        kept_low, kept_high = (
            score_criterion(criterion, Answer(deductions=(Deduction(rule=1, rate=value),))).points
            for value in (low, high)
        )
        assert kept_low is not None
        assert kept_high is not None
        assert kept_low <= kept_high
