"""The tags behind the components."""

from fractions import Fraction

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError

from apps.core.templatetags import ui


def render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_icon_is_inlined_and_hidden_from_assistive_technology() -> None:
    html = ui.icon("check")
    assert 'aria-hidden="true"' in html
    assert '<path d="M5 12l5 5l10 -10" />' in html
    assert "M0 0h24v24H0z" not in html


@pytest.mark.parametrize("name", ["../check", "Check", ""])
def test_icon_refuses_a_path(name: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        ui.icon(name)


@pytest.mark.parametrize(
    ("part", "whole", "target", "tone", "text"),
    [
        (14, 31, 60, "short", "楚雄市 14/31，45.16%，目标 60%，未达到"),
        (3, 5, Fraction(3, 5), "good", "楚雄市 3/5，60.00%，目标 60%，已达到"),
        (3, 5, None, "good", "楚雄市 3/5，60.00%"),
        (0, 0, 60, "none", "楚雄市 没有城市社区，不计算比例"),
    ],
)
def test_ratio_bar_says_in_words_what_its_colour_says(
    part: int, whole: int, target: Fraction | int | None, tone: str, text: str
) -> None:
    bar = ui.ratio_bar(part, whole, target, "楚雄市")
    assert (bar["tone"], bar["text"]) == (tone, text)


def test_ratio_bar_ends_at_its_whole() -> None:
    bar = ui.ratio_bar(7, 5, 120)
    assert (bar["width"], bar["goal"]) == ("100.00%", "100.00%")


def test_score_bar_marks_the_pass_mark() -> None:
    html = render("{% score_bar 30 100 80 %}")
    assert 'width="30.00%"' in html
    assert 'x1="80.00%"' in html
    assert "得分 30 分，满分 100 分，达标 80 分，未达到" in html


def test_crumbs_end_with_the_current_page() -> None:
    html = render('{% crumbs "自评" "/assessments/" "鹿城镇" %}')
    assert '<a href="/assessments/">自评</a>' in html
    assert '<span aria-current="page">鹿城镇</span>' in html
    assert html == render("{% crumbs trail %}", trail=[("自评", "/assessments/"), ("鹿城镇", None)])


def test_control_carries_class_and_error_reference() -> None:
    class Opening(forms.Form):
        name = forms.CharField(help_text="与登记一致")
        kind = forms.ChoiceField(choices=[("y", "计入"), ("n", "不计入")], widget=forms.RadioSelect)

    form = Opening({})
    name = ui.control(form["name"])
    assert 'class="form-control"' in name
    assert 'aria-describedby="id_name_helptext id_name_error"' in name
    assert ui.control(form["kind"]).count('class="form-check-input"') == 2


def test_page_numbers_leave_gaps_as_none() -> None:
    page = Paginator(range(300), 10).page(15)
    assert ui.page_numbers(page) == [1, None, 13, 14, 15, 16, 17, None, 30]
