"""One fact: read from what a person typed, written for people, and how complete a survey is."""

from decimal import Decimal

import pytest

from apps.communities.facts import BUILT_IN, Fact, Kind, completeness_of, contradictions
from apps.communities.models import CommunitySurvey
from apps.core.errors import InvalidInput

CHOICE = Fact("f1", "分类", Kind.CHOICE, choices=("老旧", "新建"))
TEXT = Fact("f2", "备注", Kind.TEXT)
BOUNDED = Fact("f3", "层数", Kind.WHOLE, "层", least=Decimal(1), most=Decimal(60))


@pytest.mark.parametrize(
    ("fact", "typed", "value"),
    [
        (BUILT_IN["households"], "1,234", 1234),
        (BUILT_IN["households"], "１２３４", 1234),
        (BUILT_IN["households"], "1234 户", 1234),
        (BUILT_IN["households"], "0", 0),
        (BUILT_IN["households"], "12.0", 12),
        (BUILT_IN["households"], "  ", None),
        (BUILT_IN["area"], "0.35", Decimal("0.3500")),
        (BUILT_IN["area"], "1.23456", Decimal("1.2346")),
        (BUILT_IN["property_coverage"], "85.5%", Decimal("85.50")),
        (BUILT_IN["property_coverage"], "85.5", Decimal("85.50")),
        (BUILT_IN["property_coverage"], "0.5%", Decimal("0.50")),
        (BUILT_IN["property_coverage"], "0", Decimal("0.00")),
        (BUILT_IN["property_coverage"], "33.335%", Decimal("33.34")),
        (BUILT_IN["has_security_system"], "是", True),
        (BUILT_IN["has_security_system"], "无", False),
        (BUILT_IN["renovated_in"], "2019年", 2019),
        (CHOICE, "老旧", "老旧"),
        (TEXT, " 沿街 ", "沿街"),
        (BOUNDED, "60层", 60),
    ],
)
def test_read_what_is_typed(fact: Fact, typed: str, value: object) -> None:
    assert fact.read(typed) == value


@pytest.mark.parametrize(
    ("value", "text", "words"),
    [
        (Decimal("0.50"), "0.5%", "0.5%"),
        (Decimal(1), "1%", "1%"),
        (Decimal(0), "0", "0%"),
        (Decimal("85.50"), "85.5", "85.5%"),
    ],
)
def test_a_share_shown_in_the_form_is_read_as_itself(value: Decimal, text: str, words: str) -> None:
    share = BUILT_IN["property_coverage"]
    assert (share.text_of(value), share.words_for(value)) == (text, words)
    assert share.read(text) == value


@pytest.mark.parametrize(
    ("fact", "typed", "said"),
    [
        (BUILT_IN["households"], "约1200", "“约1200”不是数字"),
        (BUILT_IN["households"], "12.5", "“12.5”有小数，请四舍五入到整数"),
        (BUILT_IN["households"], "1,0", "“1,0”不是数字"),
        (BUILT_IN["households"], "12,0000", "“12,0000”不是数字"),
        (BUILT_IN["property_coverage"], "0,85", "“0,85”不是数字"),
        (BUILT_IN["households"], "-3", "“-3”是负数，应不小于 0。请核对数字和单位"),
        (BUILT_IN["households"], "1" * 30, f"“{'1' * 20}”太大，应不大于 100000000"),
        (BUILT_IN["households"], "９" * 300 + ".5", "太大，应不大于 100000000"),
        (BUILT_IN["households"], "-" + "9" * 30, "是负数，应不小于 0"),
        (BUILT_IN["households"], "\N{MINUS SIGN}3", "是负数，应不小于 0"),
        (BUILT_IN["households"], "999999999", "太大，应不大于 100000000"),
        (BUILT_IN["property_coverage"], "0.85", "“0.85”分不清是 0.85% 还是 85%"),
        (BUILT_IN["property_coverage"], "1", "“1”分不清是 1% 还是 100%"),
        (BUILT_IN["area"], "0.00004", "“0.00004”太小，保留 4 位小数后是 0。请核对数字和单位"),
        (BUILT_IN["property_coverage"], "0.001%", "“0.001%”太小，保留 2 位小数后是 0"),
        (BUILT_IN["property_coverage"], "101%", "“101%”太大，应不大于 100%"),
        (BUILT_IN["has_security_system"], "可能", "“可能”不对，请填“是”或“否”"),
        (BUILT_IN["renovated_in"], "1800", "太小，应不小于 1900"),
        (BUILT_IN["renovated_in"], "2999", "太大"),
        (CHOICE, "其他", "没有“其他”这个选项，可以填：老旧、新建"),
        (TEXT, "字" * 201, "有 201 字，超过 200 字"),
        (BOUNDED, "0", "太小，应不小于 1"),
        (BOUNDED, "61", "太大，应不大于 60"),
    ],
)
def test_read_refuses_and_names_the_value(fact: Fact, typed: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        fact.read(typed)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("fact", "value"), [(BOUNDED, "三"), (BOUNDED, True), (BUILT_IN["has_security_system"], 1), (CHOICE, 3), (TEXT, 3)]
)
def test_a_value_of_another_kind_is_refused(fact: Fact, value: int | bool | str) -> None:
    """What a form held while the kind of the field was being changed."""
    assert fact.refusal(value) == "这个调查项目的类型改过，请刷新页面后再填。"


def test_a_bound_of_nought_is_a_bound() -> None:
    nought = Decimal(0)
    assert Fact("f4", "空置率", Kind.PERCENT, "%", most=Decimal(0)).bounds == (nought, nought)
    assert Fact("f4", "空置率", Kind.PERCENT, "%", most=Decimal(120)).bounds == (nought, Decimal(100))
    assert Fact("f5", "年份", Kind.YEAR, least=Decimal(0), most=Decimal(0)).bounds == (nought, nought)
    assert Fact("f6", "年份", Kind.YEAR, least=None).bounds[0] == 1900


@pytest.mark.parametrize(
    ("fact", "value", "words"),
    [
        (BUILT_IN["households"], 12345, "12,345 户"),
        (BUILT_IN["households"], 0, "0 户"),
        (BUILT_IN["area"], Decimal("0.3500"), "0.35 平方公里"),
        (BUILT_IN["property_coverage"], Decimal("85.50"), "85.5%"),
        (BUILT_IN["has_security_system"], False, "否"),
        (BUILT_IN["renovated_in"], 2019, "2019 年"),
        (CHOICE, "老旧", "老旧"),
        (TEXT, None, ""),
    ],
)
def test_words_for_a_value(fact: Fact, value: int | Decimal | bool | str | None, words: str) -> None:
    assert fact.words_for(value) == words


def test_parts_are_not_more_than_their_whole() -> None:
    assert contradictions({"noise_complaints": 3, "noise_complaints_handled": 4}) == {
        "noise_complaints_handled": "“4”多于噪声投诉“3”，请核对。"
    }
    assert contradictions({"estates": 2, "old_estates": 3}) == {"old_estates": "“3”多于小区数“2”，请核对。"}
    assert contradictions({"noise_complaints": 3, "noise_complaints_handled": 3, "old_estates": 3}) == {}


def test_completeness_counts_what_has_to_be_filled_in() -> None:
    asked = [
        *BUILT_IN.values(),
        Fact("f9", "充电桩", Kind.WHOLE, path="a"),
        Fact("f8", "停用", Kind.WHOLE, is_retired=True),
    ]
    empty = completeness_of(None, asked, "ab")
    assert (empty.required, empty.filled, empty.is_complete) == (14, 0, False)
    survey = CommunitySurvey(**{code: 0 for code, one in BUILT_IN.items() if one.is_required}, further={})
    assert completeness_of(survey, asked, "ab").missing == ("充电桩",)
    # Asked elsewhere only.
    assert completeness_of(survey, asked, "b").is_complete
    survey.further = {"f9": 0}
    assert completeness_of(survey, asked, "ab").is_complete
