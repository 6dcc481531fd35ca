"""Tags behind the components in templates/components: icons, badges, bars, breadcrumbs, form controls."""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField, widgets
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.core.templatetags.figures import percent, points

register = template.Library()

Number = int | float | Decimal | Fraction

CONTROL_CLASSES: dict[type[widgets.Widget], str] = {
    widgets.CheckboxInput: "form-check-input",
    widgets.Select: "form-select",
}


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """A Tabler outline icon, inlined. Decorative: the text beside it says what it means."""
    return mark_safe(  # noqa: S308 the drawing comes from the icon package, the name is checked
        f'<svg class="icon" width="{int(size)}" height="{int(size)}" viewBox="0 0 24 24" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" '
        f'aria-hidden="true" focusable="false">{_drawing(name)}</svg>'
    )


@lru_cache(maxsize=512)
def _drawing(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise template.TemplateSyntaxError(f"not an icon's name: {name!r}")
    source = (Path(settings.TABLER_ICONS_DIR) / "outline" / f"{name}.svg").read_text(encoding="utf-8")
    shapes = re.findall(r"<(?:path|circle|rect|line|polyline|polygon|ellipse)\b[^>]*>", source)
    return "".join(shape for shape in shapes if 'd="M0 0h24v24H0z"' not in shape)


@register.simple_tag
def badge(label: str, tone: str = "neutral") -> SafeString:
    """A state in a word; ``tone``: neutral, info, success, warning, danger."""
    return format_html('<span class="state state-{}">{}</span>', tone or "neutral", label)


@register.inclusion_tag("components/breadcrumbs.html")
def crumbs(*parts: object) -> dict[str, object]:
    """`{% crumbs "自评" url "鹿城镇" %}`: labels with their addresses, the last one without; or one list of pairs."""
    if len(parts) == 1 and not isinstance(parts[0], str) and isinstance(parts[0], Iterable):
        return {"trail": list(parts[0])}
    padded = [*parts, None] if len(parts) % 2 else list(parts)
    return {"trail": list(zip(padded[::2], padded[1::2], strict=True))}


@register.inclusion_tag("components/ratio_bar.html")
def ratio_bar(part: int, whole: int, target: Number | None = None, label: str = "") -> dict[str, object]:
    """A share of a whole against a target: a Fraction of the whole, or any other number as its percent."""
    name = f"{label} " if label else ""
    if not whole:
        return {"tone": "none", "text": f"{name}没有城市社区，不计算比例"}
    ratio = Fraction(part, whole)
    goal = target if target is None or isinstance(target, Fraction) else Fraction(target) / 100
    text = f"{name}{part}/{whole}，{percent(ratio)}"
    if goal is not None:
        text += f"，目标 {points(goal * 100)}%，{'已达到' if ratio >= goal else '未达到'}"
    return _bar(ratio, goal, text)


@register.inclusion_tag("components/ratio_bar.html")
def score_bar(reached: Number, full: Number, pass_mark: Number | None = None, label: str = "得分") -> dict[str, object]:
    """Points against full points, with the pass mark on the bar."""
    text = f"{label} {points(reached)} 分，满分 {points(full)} 分"
    goal = None
    if pass_mark is not None:
        goal = Fraction(pass_mark) / Fraction(full)
        text += f"，达标 {points(pass_mark)} 分，{'已达到' if reached >= pass_mark else '未达到'}"
    return _bar(Fraction(reached) / Fraction(full), goal, text)


def _bar(ratio: Fraction, goal: Fraction | None, text: str) -> dict[str, object]:
    reached = goal is None or ratio >= goal
    return {
        "tone": "good" if reached else "short",
        "width": percent(max(Fraction(0), min(ratio, Fraction(1)))),
        "goal": None if goal is None else percent(min(goal, Fraction(1))),
        "text": text,
    }


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """A form field's widget with the class of its kind; Django adds what assistive technology needs."""
    widget = field.field.widget
    if isinstance(widget, widgets.RadioSelect | widgets.CheckboxSelectMultiple):
        return _choices(field)
    css = next((name for kind, name in CONTROL_CLASSES.items() if isinstance(widget, kind)), "form-control")
    return field.as_widget(attrs={"class": f"{widget.attrs.get('class', '')} {css}".strip()})


def _choices(field: BoundField) -> SafeString:
    for choice in field.subwidgets:
        choice.data["attrs"]["class"] = "form-check-input"
    return format_html_join(
        "",
        '<label class="check">{} {}</label>',
        ((choice.tag(), choice.choice_label) for choice in field.subwidgets),
    )


@register.filter
def page_numbers(page: Page) -> list[int | None]:
    """The page numbers to offer; None stands for a gap."""
    return [
        number if isinstance(number, int) else None
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    ]


@register.inclusion_tag("components/shortcut.html")
def shortcut(key: str, label: str) -> dict[str, str]:
    """A row of the dialog that lists the page's single-key shortcuts."""
    return {"key": key, "label": label}
