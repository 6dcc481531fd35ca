"""Rules in words: every rule of 楚雄, and the kinds that other standards use."""

from decimal import Decimal

import pytest

from apps.standards.domain import rule_spec, spec_of
from apps.standards.models import DeductionRule, Standard
from apps.standards.specs import CriterionSpec, Rounding, RuleKind, RuleSpec, SectionSpec, StandardKind, StandardSpec
from apps.standards.words import rate_examples, readings_of, rule_in_words

PICKED = "，由评定人取整分"
CHUXIONG = {
    (1, 1): "扣 3 分",
    (1, 2): f"扣 1–3 分{PICKED}",
    (2, 1): "扣 3 分",
    (2, 2): "扣 3 分",
    (3, 1): f"扣 1–3 分{PICKED}",
    (4, 1): f"扣 1–3 分{PICKED}",
    (4, 2): "扣 3 分",
    (5, 1): "扣 2 分",
    (5, 2): "扣 2 分",
    (5, 3): "扣 2 分",
    (6, 1): "扣 3 分",
    (6, 2): "每项扣 1 分，最高扣 3 分",
    (7, 1): f"扣 1–3 分{PICKED}",
    (7, 2): f"扣 1–3 分{PICKED}",
    (8, 1): "每处扣 1 分，最高扣 2 分",
    (8, 2): "每处扣 1 分，最高扣 2 分",
    (8, 3): "每处扣 1 分，最高扣 2 分",
    (9, 1): "扣 3 分",
    (9, 2): "扣 3 分",
    (10, 1): "低于 100% 的，每低 10 个百分点扣 1 分（满一档才扣）；低于 60% 不得分",
    (11, 1): "扣 6 分",
    (12, 1): "低于 30% 的，每低 5 个百分点扣 1 分（满一档才扣），最高扣 6 分",
    (13, 1): "扣 2 分",
    (13, 2): "每个季度扣 2 分，最高扣 4 分",
    (14, 1): "应有 2 次，每少 1 次扣 3 分，最高扣 6 分",
    (15, 1): "扣 2 分",
    (15, 2): "扣 2 分",
    (15, 3): "扣 2 分",
    (16, 1): "扣 3 分",
    (16, 2): "扣 6 分",
    (17, 1): f"加 1–4 分{PICKED}",
}


def test_rule_in_words_for_every_rule_of_chuxiong(db: None) -> None:
    rules = DeductionRule.objects.filter(criterion__standard__code="chuxiong-2021").select_related("criterion")
    assert {(one.criterion.number, one.number): rule_in_words(rule_spec(one), one.unit) for one in rules} == CHUXIONG


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (RuleSpec(number=1, kind=RuleKind.COUNT, points=Decimal("0.5")), "每处扣 0.5 分"),
        (RuleSpec(number=1, kind=RuleKind.RANGE, min_points=2, max_points=2), "扣 2 分"),
        (
            RuleSpec(
                number=1,
                kind=RuleKind.RATE_SHORTFALL,
                points=Decimal(2),
                full_value=Decimal(90),
                step=Decimal("2.5"),
                cap=Decimal(10),
                rounding=Rounding.STARTED_STEPS,
            ),
            "低于 90% 的，每低 2.5 个百分点扣 2 分（不足一档按一档），最高扣 10 分",
        ),
    ],
)
def test_rule_in_words_for_other_parameters(rule: RuleSpec, words: str) -> None:
    assert rule_in_words(rule) == words


@pytest.mark.parametrize(
    ("number", "examples"),
    [
        (10, "95% 不扣分，90%、89% 扣 1 分，60% 扣 4 分，59.9% 不得分"),
        (12, "27.5% 不扣分，25%、24% 扣 1 分"),
    ],
)
def test_rate_examples_at_the_edges(db: None, number: int, examples: str) -> None:
    rule = DeductionRule.objects.get(criterion__standard__code="chuxiong-2021", criterion__number=number)
    assert rate_examples(rule_spec(rule), Decimal(6)) == examples


def test_readings_of_a_scored_standard(db: None) -> None:
    assert readings_of(spec_of(Standard.objects.get(code="chuxiong-2021"))) == [
        "满分 100 分，80 分及以上（含 80 分）达到创建要求。",
        "没有扣分情形的条目得满分；扣分累加，每条得分不低于 0 分。",
        "加分项从 0 分起加，计入总分；没有加分情形得 0 分（第 17 条）。",
        "写明区间的扣分（加分），由评定人在区间内取整分。",
        "“每降低”只计足一档，不足一档不扣分。",
        "第 16 条允许“不适用”：社区没有这一条所指的对象，得满分。",
    ]


@pytest.mark.parametrize(("code", "number"), [("national-2020", 16), ("tianjin-2020", 16), ("anhui-2020", 18)])
def test_readings_of_a_pass_fail_standard(db: None, code: str, number: int) -> None:
    assert readings_of(spec_of(Standard.objects.get(code=code))) == [
        "每一条都“符合”或“不适用”，才达到创建要求。",
        f"第 {number} 条允许“不适用”：社区没有这一条所指的对象，视同符合。",
    ]


def test_readings_name_veto_and_mandatory_criteria() -> None:
    criteria = (
        CriterionSpec(number=1, points=Decimal(100)),
        CriterionSpec(number=2, is_veto=True),
        CriterionSpec(number=3, is_mandatory=True),
    )
    standard = StandardSpec(
        kind=StandardKind.SCORED,
        sections=(SectionSpec(number=1, criteria=criteria),),
        total_points=Decimal(100),
        pass_mark=Decimal("85.5"),
    )
    assert readings_of(standard) == [
        "满分 100 分，85.5 分及以上（含 85.5 分）达到创建要求。",
        "没有扣分情形的条目得满分；扣分累加，每条得分不低于 0 分。",
        "第 2 条一票否决：不符合或得 0 分的，不论总分都不能认定。",
        "第 3 条为必备条目：不符合或得 0 分的，未达到创建要求。",
    ]
