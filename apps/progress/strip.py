"""The figures at the head of the page: each with its base, what it was, and how far it is to the target."""

from datetime import date
from functools import partial
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.campaigns.progress import aim_of, names_of_year, names_url
from apps.campaigns.ratios import format_percent
from apps.campaigns.rollup import Line
from apps.core.templatetags.figures import number
from apps.progress.state import State
from apps.progress.table import children_name, shown_years
from apps.progress.templatetags.progress import change, points_change
from apps.progress.trend import Pace, forecast


def strip_of(state: State, pace: Pace | None, today: date) -> list[dict[str, Any]]:
    """Return the figures of the jurisdiction as components/figure_strip.html takes them."""
    rollup, total, place = state.rollup, state.rollup.total, state.place
    figures, before = total.figures, state.before.total.figures if state.before else None
    names_before = partial(names_of_year, rollup.campaign, place, rollup.year - 1)
    below = f"{len(rollup.children)} 个{children_name(rollup)}" if rollup.children else f"{rollup.year} 年底"
    share = f"占底数 {format_percent(figures.participation_ratio)} · 试点 {number(figures.pilots)}"
    return [
        {
            "label": "城市社区底数",
            "value": number(figures.base),
            "note": _with(below, before and _was(before.base, figures.base, names_before(stage="base"))),
            "url": names_url(rollup, place, stage="base"),
        },
        {
            "label": "参与创建",
            "value": number(figures.enrolled),
            "note": _with(share, before and _was(before.enrolled, figures.enrolled, names_before(stage="enrolled"))),
            "url": names_url(rollup, place, stage="enrolled"),
        },
        {
            "label": "审核中",
            "value": number(figures.in_review),
            "note": "已提交，待上级审核",
            "url": names_url(rollup, place, stage="in_review"),
        },
        {
            "label": "累计认定",
            "value": number(figures.cumulative),
            "note": _with(
                _split(state, pace),
                before and _was(before.cumulative, figures.cumulative, names_before(recognised="cumulative")),
            ),
            "url": names_url(rollup, place, recognised="cumulative"),
        },
        {
            "label": "合计完成比例 / 目标" if total.target else "合计完成比例",
            "value": format_percent(figures.cumulative_ratio),
            "suffix": f"/ {aim_of(total)}" if total.target else "",
            "note": _with(_distance(total), forecast(total, pace, today), _ratio_was(state)),
            "tone": "" if total.gap is None or not figures.base else "warning" if total.gap else "success",
        },
    ]


def _split(state: State, pace: Pace | None) -> SafeString:
    """The recognitions by year, and how many the current month has brought."""
    by_year = state.rollup.total.figures.by_year
    parts = [f"{year} 年 {number(by_year[year])}" for year in shown_years(state.rollup)]
    if pace is not None:
        parts.append(f"比上月末 {change(pace.this_month)}" if pace.this_month else "与上月末持平")
    return format_html_join(" · ", '<span class="nowrap">{}</span>', ((part,) for part in parts))


def _was(before: int, now: int, url: str) -> SafeString:
    """Last year's figure, which opens its names, and how this year's differs."""
    shown = format_html('<a class="figure-link" href="{}">{}</a>', url, number(before)) if before else number(before)
    return format_html('<span class="nowrap">上年 {}，{}</span>', shown, change(now - before))


def _ratio_was(state: State) -> str:
    if state.before is None:
        return ""
    now, before = state.rollup.total.figures.cumulative_ratio, state.before.total.figures.cumulative_ratio
    said = f"上年 {format_percent(before)}"
    return _unbroken(said if now is None or before is None else f"{said}，{points_change(now - before)}")


def _with(*notes: object) -> SafeString:
    return format_html_join(" · ", "{}", ((note,) for note in notes if note))


def _unbroken(note: str) -> SafeString:
    return format_html('<span class="nowrap">{}</span>', note)


def _distance(line: Line) -> str:
    if line.target is None:
        return "本年未设目标"
    if not line.figures.base:
        return "没有城市社区"
    if not line.gap:
        return "已达到目标"
    if line.is_out_of_reach:
        return format_html('<b class="text-danger">目标 {} 个多于底数</b>，请报下达单位调整', number(line.wanted))
    return format_html('还差 <b class="text-danger">{}</b> 个社区', number(line.gap))
