"""What forms say of what Django refuses: the value and the way out, and nothing about fields that nobody sees."""

from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template.loader import render_to_string

from apps.core.forms import Number, PlainForm


class Sample(PlainForm):
    name = forms.CharField(label="名称", max_length=5)
    day = forms.DateField(label="日期", required=False)
    number = forms.IntegerField(label="个数", required=False)
    amount = Number(label="金额", required=False, max_digits=6, decimal_places=2)
    kind = forms.ChoiceField(label="类型", choices=[("a", "甲")], required=False)
    parts = forms.TypedMultipleChoiceField(
        label="条目",
        choices=[(1, "一"), (2, "二")],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少勾选一条。"},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


def sample(**typed: Any) -> Sample:
    return Sample({"name": "甲", "parts": ["1"]} | typed)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "请填写名称。"),
        ("name", "一二三四五六", "有 6 字，超过 5 字，请缩短。"),
        ("day", "明天", "“明天”不是日期，请按“2022-08-15”这样填写。"),
        ("number", "十个", "“十个”不是整数，请只填数字。"),
        ("amount", "许多", "“许多”不是数字，请只填数字，不带文字。"),
        ("amount", "0e9999999999", "“0e9999999999”不是数字，请只填数字，不带文字。"),
        ("amount", "NaN", "“NaN”不是数字，请只填数字，不带文字。"),
        ("amount", "12345", "“12345”位数太多，整数部分最多 4 位、小数最多 2 位，请核对数字和单位。"),
        ("amount", "1234567890", "“1234567890”位数太多，整数部分最多 4 位、小数最多 2 位，请核对数字和单位。"),
        ("amount", "0.001", "“0.001”的小数超过 2 位，请四舍五入到 2 位。"),
        ("kind", "b" * 50, f"没有“{'b' * 20}”这个选项，请刷新页面后重新选择。"),
        ("parts", ["9"], "没有“9”这个选项，请刷新页面后重新选择。"),
        ("parts", [], "请至少勾选一条。"),
    ],
)
def test_each_sentence_names_the_value_and_the_way_out(field: str, typed: Any, said: str) -> None:
    assert sample(**{field: typed}).errors == {field: [said]}


@pytest.mark.parametrize(
    ("typed", "number"), [("12.50", "12.50"), ("-3", "-3"), ("１２", "12"), ("+7", "7"), (".5", "0.5")]
)
def test_numbers_are_read_as_people_write_them(typed: str, number: str) -> None:
    form = sample(amount=typed)
    assert form.is_valid()
    assert form.cleaned_data["amount"] == Decimal(number)


def test_whole_numbers_are_read_as_people_write_them() -> None:
    form = sample(number="１２")
    assert form.is_valid()
    assert form.cleaned_data["number"] == 12


def test_a_spoilt_hidden_field_is_an_old_page() -> None:
    assert sample(seen="x").errors == {"__all__": ["页面已过期，没有保存。请刷新页面，核对后再填。"]}


def test_problems_stand_together_with_links_to_their_fields() -> None:
    form = sample(name="", parts=[], seen="x")
    form.is_valid()
    assert form.problems.general == ["页面已过期，没有保存。请刷新页面，核对后再填。"]
    assert form.problems.placed == [
        ("id_name", "名称", "请填写名称。"),
        ("id_parts_0", "条目", "请至少勾选一条。"),
    ]
    page = render_to_string("components/error_summary.html", {"problems": form.problems})
    for part in (
        'role="alert"',
        'tabindex="-1"',
        "data-takes-focus",
        'href="#id_name"',
        "没有保存，请改正以下 2 处",
        "页面已过期",
    ):
        assert part in page
    nothing = render_to_string("components/error_summary.html", {"problems": sample().problems})
    assert not nothing.strip()
