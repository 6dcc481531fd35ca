"""What a posted criterion form means: answers, and refusals that name criterion, rule and value."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from apps.assessments.forms import parse_moment, parse_note, parse_version
from apps.assessments.inputs import CriterionInputs, describe
from apps.assessments.models import CriterionResult
from apps.core.errors import InvalidInput
from apps.standards.answer_forms import WrongAnswer, is_blank, parse_answer
from apps.standards.domain import criterion_spec
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from apps.standards.specs import CriterionSpec, RuleKind, RuleSpec

CriterionOf = Callable[..., Criterion]

BY_VERDICT = CriterionSpec(number=3)
HERITAGE = CriterionSpec(number=16, allows_not_applicable=True)


@pytest.fixture
def criterion(db: None) -> CriterionOf:
    """Return a criterion by number: ``criterion(7)`` of Chuxiong's standard."""

    def find(number: int, standard: str = "chuxiong-2021") -> Criterion:
        found = Criterion.objects.prefetch_related("rules", "sub_items")
        return found.get(standard__code=standard, number=number)

    return find


@pytest.mark.parametrize(
    ("number", "data", "answer"),
    [
        (1, {"rule_1": "1", "rule_2": "1", "rule_2_points": "2"}, (Deduction(rule=1), Deduction(rule=2, points=2))),
        (6, {"rule_2_count": "5"}, (Deduction(rule=2, count=5),)),
        (8, {"rule_1_count": "0", "rule_2_count": "", "rule_3_count": "1"}, (Deduction(rule=3, count=1),)),
        (10, {"rule_1_rate": "59.9"}, (Deduction(rule=1, rate=Decimal("59.9")),)),
        (10, {"rule_1_rate": " ８９％ "}, (Deduction(rule=1, rate=89),)),
        (14, {"rule_1_count": "0"}, (Deduction(rule=1, count=0),)),
        (17, {"rule_1": "1", "rule_1_points": "4"}, (Deduction(rule=1, points=4),)),
        (7, {"none": "1", "rule_1": "1", "rule_1_points": "9"}, ()),
        (7, {}, ()),
    ],
)
def test_parse_reads_rules(
    criterion: CriterionOf, number: int, data: dict[str, str], answer: tuple[Deduction, ...]
) -> None:
    assert parse_answer(criterion(number), data) == Answer(deductions=answer)


@pytest.mark.parametrize(
    ("number", "data", "rule", "message"),
    [
        (7, {"rule_1": "1"}, 1, "第 7 条规则 1已勾选，请选择扣几分（1–3 分）。"),
        (7, {"rule_1_points": "2"}, 1, "第 7 条规则 1选了扣 2 分，但没有勾选。请勾选，或不选分值。"),
        (7, {"rule_1": "1", "rule_1_points": "4"}, 1, "第 7 条规则 1：扣 4 分不对，须为 1 到 3 之间的整数。"),
        (7, {"rule_1": "1", "rule_1_points": "1.5"}, 1, "第 7 条规则 1：扣 1.5 分不对，须为 1 到 3 之间的整数。"),
        (8, {"rule_2_count": "-1"}, 2, "第 8 条规则 2：-1 不对，须为不小于 0 的整数。"),
        (8, {"rule_2_count": "1.5"}, 2, "第 8 条规则 2：1.5 不对，须为不小于 0 的整数。"),
        (8, {"rule_2_count": "1e9"}, 2, "第 8 条规则 2：数量“1e9”不是有效的数字（小数最多 4 位）。"),
        (10, {"rule_1_rate": "101"}, 1, "第 10 条规则 1：比率 101% 不对，须在 0 到 100 之间。"),
        (10, {"rule_1_rate": "九成"}, 1, "第 10 条规则 1：比率“九成”不是有效的数字（小数最多 4 位）。"),
        (10, {"rule_1_rate": "NaN"}, 1, "第 10 条规则 1：比率“NaN”不是有效的数字（小数最多 4 位）。"),
        (10, {}, 1, "第 10 条规则 1：请填写比率。"),
        (10, {"none": "1"}, 1, "第 10 条规则 1：请填写比率。"),
        (14, {"rule_1_count": ""}, 1, "第 14 条规则 1：请填写次数。"),
        (17, {"rule_1": "1", "rule_1_points": "14"}, 1, "第 17 条规则 1：加 14 分不对，须为 1 到 4 之间的整数。"),
        (
            16,
            {"not_applicable": "1", "rule_1": "1"},
            None,
            "第 16 条：填了“不适用”，就不能再填扣分或是否达到",
        ),
        (1, {"not_applicable": "1"}, None, "第 1 条：这一条不能填“不适用”"),
    ],
)
def test_parse_refuses_impossible_values(
    criterion: CriterionOf, number: int, data: dict[str, str], rule: int | None, message: str
) -> None:
    with pytest.raises(WrongAnswer) as refused:
        parse_answer(criterion(number), data)
    assert (refused.value.message, refused.value.rule) == (message, rule)


def test_parse_reads_not_applicable_on_points(criterion: CriterionOf) -> None:
    assert parse_answer(criterion(16), {"not_applicable": "1"}) == Answer(not_applicable=True)


@pytest.mark.parametrize(
    ("spec", "chosen", "answer"),
    [
        (BY_VERDICT, "met", Answer(met=True)),
        (BY_VERDICT, "not_met", Answer(met=False)),
        (HERITAGE, "not_applicable", Answer(not_applicable=True)),
    ],
)
def test_parse_reads_verdicts(spec: CriterionSpec, chosen: str, answer: Answer) -> None:
    assert parse_answer(spec, {"verdict": chosen}) == answer


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("not_applicable", "第 3 条不能选“不适用”，请选“符合”或“不符合”。"),
        ("", "第 3 条还没有选择是否符合。"),
        ("maybe", "第 3 条的结果“maybe”不对，请选“符合”或“不符合”。"),
    ],
)
def test_parse_refuses_verdicts(chosen: str, message: str) -> None:
    with pytest.raises(WrongAnswer) as refused:
        parse_answer(BY_VERDICT, {"verdict": chosen})
    assert refused.value.message == message


def test_parse_reads_prefixed_inputs(criterion: CriterionOf) -> None:
    data = {"own-rule_1": "1", "own-rule_1_points": "3", "rule_2": "1"}
    assert parse_answer(criterion(7), data, prefix="own-") == Answer(deductions=(Deduction(rule=1, points=3),))


def test_parse_without_required_figure_when_not_applicable() -> None:
    rate = RuleSpec(number=1, kind=RuleKind.RATE_SHORTFALL, full_value=Decimal(100), points=Decimal(1))
    spec = CriterionSpec(number=4, points=Decimal(6), rules=(rate,), allows_not_applicable=True)
    assert parse_answer(spec, {"not_applicable": "1", "rule_1_rate": ""}) == Answer(not_applicable=True)


def test_blank_until_none_is_pressed() -> None:
    assert is_blank(Answer(deductions=()), {})
    assert not is_blank(Answer(deductions=()), {"none": "1"})
    assert not is_blank(Answer(deductions=(Deduction(rule=1),)), {})


@pytest.mark.parametrize(("text", "version"), [("3", 3), ("", 0), ("-1", 0), ("x", 0), ("٣", 0)])
def test_version_is_zero_unless_a_number(text: str, version: int) -> None:
    assert parse_version({"seen": text}) == version


def test_note_longer_than_the_limit_is_refused(criterion: CriterionOf) -> None:
    assert parse_note(criterion(7), {"note": " 已整改 "}) == "已整改"
    with pytest.raises(WrongAnswer, match="第 7 条的说明有 501 字，请压缩到 500 字以内。"):
        parse_note(criterion(7), {"note": "长" * 501})


def test_inputs_show_what_was_stored(criterion: CriterionOf) -> None:
    result = CriterionResult(verdict="scored", deductions=[{"rule": 2, "points": 2}], points=Decimal(4))
    first, second = CriterionInputs(criterion(7), result).rules
    assert (first.ticked, first.value, second.ticked, second.value) == (False, "", True, "2")
    assert second.key == "rule_2_points"
    assert second.options == [("1", "扣 1 分"), ("2", "扣 2 分"), ("3", "扣 3 分")]


def test_inputs_show_what_was_typed_after_a_refusal(criterion: CriterionOf) -> None:
    error = WrongAnswer("不对", rule=1)
    inputs = CriterionInputs(criterion(10), None, {"rule_1_rate": "101"}, error)
    assert (inputs.rules[0].value, inputs.rules[0].error, inputs.error) == ("101", "不对", "")


@pytest.mark.parametrize(("number", "offered"), [(7, True), (8, True), (10, False), (14, False), (17, True)])
def test_none_is_offered_where_no_figure_is_asked(criterion: CriterionOf, number: int, offered: bool) -> None:
    assert CriterionInputs(criterion(number)).offers_none is offered


@pytest.mark.parametrize(
    ("number", "deductions", "points", "words"),
    [
        (8, [{"rule": 1, "count": 5}], 4, ["4 分", "乱停车每发现1处扣1分，最高扣2分：5 处，扣 2 分"]),
        (
            10,
            [{"rule": 1, "rate": 89}],
            5,
            ["5 分", "噪声扰民投诉处理率100%，每降低10%扣1分，低于60%此项不得分：89%，低 11 个百分点，扣 1 分"],
        ),
        (
            10,
            [{"rule": 1, "rate": "59.9"}],
            0,
            ["0 分", "噪声扰民投诉处理率100%，每降低10%扣1分，低于60%此项不得分：59.9%，低于 60%，不得分"],
        ),
        (9, [{"rule": 1}], 3, ["3 分", "无适老化改造扣3分"]),
        (7, [], 6, ["6 分", "没有扣分"]),
        (17, [], 0, ["0 分", "没有加分"]),
        (
            17,
            [{"rule": 1, "points": 3}],
            3,
            ["3 分", "获得有关上级政府部门或建设部门颁发的奖状、证书、新闻舆论等社会公认的赞誉加14分：加 3 分"],
        ),
    ],
)
def test_describe_says_what_was_lost(
    criterion: CriterionOf, number: int, deductions: list[dict[str, object]], points: int, words: list[str]
) -> None:
    result = CriterionResult(verdict="scored", deductions=deductions, points=Decimal(points))
    assert describe(criterion(number), result) == words


def test_parse_takes_a_spec_as_well(criterion: CriterionOf) -> None:
    spec = criterion_spec(criterion(11))
    assert parse_answer(spec, {"rule_1": "1"}) == Answer(deductions=(Deduction(rule=1),))


@pytest.mark.parametrize("text", ["昨天", "2022-06-01", "2022-06-01T08:00:00", "2022-13-01T08:00:00+08:00"])
def test_parse_moment_takes_nothing_else(text: str) -> None:
    with pytest.raises(InvalidInput, match="页面信息不完整，没有提交"):
        parse_moment(text)


def test_parse_moment_of_a_form_that_says_none_is_none() -> None:
    assert parse_moment("") is None


def test_parse_moment_reads_back_what_was_shown() -> None:
    moment = datetime(2022, 6, 1, 8, 0, 0, 123456, tzinfo=UTC)
    assert parse_moment(moment.isoformat()) == moment
