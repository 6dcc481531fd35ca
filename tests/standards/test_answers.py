"""Impossible answers: every one is refused with its place and the value."""

import pytest

from apps.standards.scoring import Answer, Deduction, ScoringError, score
from tests.standards.answers_as_json import (
    CHUXIONG,
    NATIONAL,
    deducted,
    found,
    picked,
    rate,
    results,
    rule,
    scored,
    verdicts,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (deducted(1, picked(2, 4)), "第 1 条规则 2：points 为 4，须在 1 到 3 之间"),
        (deducted(1, picked(2, 0)), "第 1 条规则 2：points 为 0，须在 1 到 3 之间"),
        (deducted(1, picked(2, -1)), "第 1 条规则 2：points 为 -1，须在 1 到 3 之间"),
        (deducted(1, picked(2, "1.5")), "第 1 条规则 2：points 为 1.5，须为整分"),
        (deducted(1, picked(2, "true")), "第 1 条规则 2：points 须为数字，填的是 true"),
        (deducted(1, picked(2, '"2"')), '第 1 条规则 2：points 须为数字，填的是 "2"'),
        (deducted(1, picked(2, "null")), "第 1 条规则 2：points 须为数字，填的是 null"),
        (deducted(1, rule(2)), "第 1 条规则 2：没有填 points"),
        (deducted(1, picked(1, 3)), "第 1 条规则 1：这条规则不能填 points（填的是 3）"),
        (deducted(1, rule(3)), "第 1 条规则 3：这一条没有规则 3"),
        (deducted(1, rule(0)), "第 1 条规则 0：这一条没有规则 0"),
        (deducted(1, rule(1), rule(1)), "第 1 条规则 1：同一条规则填了两次"),
        (deducted(1, "{}"), "第 1 条第 1 项扣分：缺少 rule"),
        (deducted(1, '{"rule": "1"}'), '第 1 条第 1 项扣分：rule 须为整数，填的是 "1"'),
        (deducted(1, '{"rule": true}'), "第 1 条第 1 项扣分：rule 须为整数，填的是 true"),
        (deducted(1, '{"rule": 1, "pts": 1}'), '第 1 条规则 1：不认识的项 "pts"'),
        (deducted(1, "3"), "第 1 条第 1 项扣分：须为对象 {…}"),
        (deducted(6, found(2, -1)), "第 6 条规则 2：count 为 -1，须在 0 到 1000000 之间"),
        (deducted(6, found(2, "2.5")), "第 6 条规则 2：count 为 2.5，须为整数"),
        (deducted(6, found(2, "1e999999")), "第 6 条规则 2：count 为 1E+999999，须在 0 到 1000000 之间"),
        (deducted(6, found(2, "false")), "第 6 条规则 2：count 须为数字，填的是 false"),
        (deducted(6, picked(2, 1)), "第 6 条规则 2：这条规则不能填 points（填的是 1）"),
        (deducted(6, '{"rule": 2, "count": 1, "rate": 1}'), "第 6 条规则 2：这条规则不能填 rate（填的是 1）"),
        (deducted(10, rate(1, "100.1")), "第 10 条规则 1：rate 为 100.1，须在 0 到 100 之间"),
        (deducted(10, rate(1, "-0.1")), "第 10 条规则 1：rate 为 -0.1，须在 0 到 100 之间"),
        (deducted(10, rate(1, "1e-999")), "第 10 条规则 1：rate 最多 20 位小数"),
        (deducted(10, rate(1, "true")), "第 10 条规则 1：rate 须为数字，填的是 true"),
        (deducted(10, rate(1, "NaN")), "文件：NaN 不是数字"),
        (deducted(10, rate(1, "-Infinity")), "文件：-Infinity 不是数字"),
        (deducted(10, found(1, 89)), "第 10 条规则 1：这条规则不能填 count（填的是 89）"),
        (deducted(14, found(1, -1)), "第 14 条规则 1：count 为 -1，须在 0 到 1000000 之间"),
        (deducted(17, picked(1, 5)), "第 17 条规则 1：points 为 5，须在 1 到 4 之间"),
        (deducted(17, picked(1, 14)), "第 17 条规则 1：points 为 14，须在 1 到 4 之间"),
        (deducted(18), "第 18 条：标准里没有第 18 条"),
        (results('{"criterion": 1}', '{"criterion": 1}'), "第 1 条：同一条填了两次"),
        (results('{"criterion": "1"}'), 'results 第 1 项：criterion 须为整数，填的是 "1"'),
        (results('{"criterion": 1.0}'), "results 第 1 项：criterion 须为整数，填的是 1.0"),
        (results("{}"), "results 第 1 项：缺少 criterion"),
        (results("[]"), "results 第 1 项：须为对象 {…}"),
        (results('{"criterion": 1, "note": ""}'), '第 1 条：不认识的项 "note"'),
        (results('{"criterion": 1, "met": true}'), "第 1 条：这一条按扣分计分，不能填是否达到（met）"),
        (results('{"criterion": 1, "deductions": null}'), "第 1 条 deductions：须为列表 […]"),
        (results('{"criterion": 1, "not_applicable": true}'), "第 1 条：这一条不能填“不适用”"),
        (results('{"criterion": 16, "not_applicable": 1}'), "第 16 条：not_applicable 须为 true 或 false，填的是 1"),
        (
            results('{"criterion": 16, "not_applicable": true, "deductions": [{"rule": 1}]}'),
            "第 16 条：填了“不适用”，就不能再填扣分或是否达到",
        ),
        ('{"result": []}', '文件：不认识的项 "result"'),
        ("{}", "results：须为列表 […]"),
        ("[]", "文件：须为对象 {…}"),
        ('{"results": [], "results": []}', '文件：同一对象里 "results" 出现了两次'),
        ('{"results": [}', "第 1 行第 14 列：不是有效的 JSON"),
        (f"[{'9' * 5000}]", "文件：不是有效的 JSON：数字过大或层次过深"),
    ],
)
def test_score_refuses_impossible_values(text: str, message: str) -> None:
    with pytest.raises(ScoringError) as refused:
        scored(CHUXIONG, text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (verdicts(c3='"deductions": []'), "第 3 条：这一条只判断是否达到，不能填扣分（deductions）"),
        (verdicts(c3='"not_applicable": true'), "第 3 条：这一条不能填“不适用”"),
        (verdicts(c3='"not_applicable": false'), "第 3 条：没有填是否达到（met）"),
        (verdicts(c3='"met": "yes"'), '第 3 条：met 须为 true 或 false，填的是 "yes"'),
        (verdicts(c3='"met": null'), "第 3 条：met 须为 true 或 false，填的是 null"),
        (
            verdicts(c16='"met": true, "not_applicable": true'),
            "第 16 条：填了“不适用”，就不能再填扣分或是否达到",
        ),
        ('{"results": []}', "第 1 条：没有填是否达到（met）"),
    ],
)
def test_score_pass_fail_refuses_impossible_values(text: str, message: str) -> None:
    with pytest.raises(ScoringError) as refused:
        scored(NATIONAL, text)
    assert str(refused.value) == message


def test_score_refuses_a_float_that_is_not_a_number() -> None:
    answer = Answer(deductions=(Deduction(rule=1, rate=float("nan")),))  # type: ignore[arg-type]
    with pytest.raises(ScoringError, match="第 10 条规则 1：rate 须为数字"):
        score(CHUXIONG, {10: answer})
