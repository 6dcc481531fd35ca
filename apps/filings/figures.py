"""The figures of a filing (报送数据): counted live by the roll-up, frozen at submission, with the change since the last one.

天津市 五（五）: progress of the creation is reported month by month; the figures are those that 附件2 has.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import F, Q

from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Milestone
from apps.campaigns.ratios import format_percent
from apps.campaigns.rollup import Rollup, family_of, roll_up
from apps.communities.spelling import shorten
from apps.jurisdictions.models import Jurisdiction, paths_down_to

# A plan tells of what is to come.
WITHOUT_FIGURES = (Milestone.Kind.PLAN,)
_WITH_LIST = (Milestone.Kind.SELF_EVALUATION, Milestone.Kind.RESULT_LIST)
_LABELS = {
    "base": "城市社区底数",
    "enrolled": "参与创建（累计）",
    "pilots": "其中试点",
    "in_review": "审核中",
    "recognised": "本年已认定",
    "cumulative": "累计已认定",
    "wanted": "目标数",
    "gap": "还差",
}
_RATIO = "合计完成比例"

Figures = Mapping[str, Any]


class Figure(NamedTuple):
    """A line of the table: what it counts, how many, and how many more than last time; a blank where that is not known."""

    label: str
    value: str
    change: str


def figures_of(rollup: Rollup) -> dict[str, Any]:
    """What a roll-up says of its unit and year; ``ratio`` is [numerator, denominator], None without a base."""
    line = rollup.total
    counted, ratio = line.figures, line.figures.cumulative_ratio
    return {
        "year": rollup.year,
        "base": counted.base,
        "enrolled": counted.enrolled,
        "pilots": counted.pilots,
        "in_review": counted.in_review,
        "recognised": counted.recognised,
        "cumulative": counted.cumulative,
        "ratio": None if ratio is None else [ratio.numerator, ratio.denominator],
        "wanted": line.wanted,
        "gap": line.gap,
    }


def figures_for(milestone: Milestone, unit: Jurisdiction, day: date) -> dict[str, Any]:
    """What a filing of the milestone due on ``day`` freezes: the figures, and where a list of results is asked for its names by
    street."""
    figures = figures_of(roll_up(milestone.campaign, unit, milestone.year_reported(day)))
    if milestone.kind in _WITH_LIST:
        figures["names"] = _names(milestone.campaign, unit, figures["year"])
    return figures


def _names(campaign: Campaign, unit: Jurisdiction, year: int) -> list[list[Any]]:
    """创建成果名单: communities of the year that the unit has agreed with, recognised or still with a level above [reading]."""
    above = Q(status=Assessment.Status.IN_REVIEW, holder__path__in=paths_down_to(unit.path)[:-1])
    rows = Assessment.objects.below(unit.path).filter(
        above | Q(status=Assessment.Status.RECOGNISED),
        participation__year=year,
        participation__campaign__in=family_of(campaign),
    )
    in_order = rows.order_by("path", F("participation__community__code").asc(nulls_last=True), "pk")
    by_street: dict[str, list[str]] = {}
    for street, name in in_order.values_list(
        "participation__community__jurisdiction__name", "participation__community__name"
    ):
        by_street.setdefault(street, []).append(shorten(name))
    return [[street, names] for street, names in by_street.items()]


def table_of(figures: Figures, before: Figures | None) -> list[Figure]:
    """The figures as they print, each with the change since ``before``."""
    if not figures:
        return []
    lines = [
        Figure(label, _said(figures.get(name)), _change(figures.get(name), (before or {}).get(name)))
        for name, label in _LABELS.items()
    ]
    at = list(_LABELS).index("cumulative") + 1
    return [*lines[:at], Figure(_RATIO, format_percent(_ratio(figures)), _points(figures, before)), *lines[at:]]


def _said(count: int | None) -> str:
    return "—" if count is None else f"{count:,}"


def _change(now: int | None, before: int | None) -> str:
    return "" if now is None or before is None else _signed(now - before, f"{abs(now - before):,}")


def _points(figures: Figures, before: Figures | None) -> str:
    now, was = _ratio(figures), _ratio(before or {})
    if now is None or was is None:
        return ""
    return _signed(now - was, f"{format_percent(abs(now - was))[:-1]} 个百分点")


def _ratio(figures: Figures) -> Fraction | None:
    ratio = figures.get("ratio")
    return Fraction(*ratio) if ratio else None


def _signed(difference: Fraction | int, said: str) -> str:
    if not difference:
        return "持平"
    return f"{'+' if difference > 0 else '-'}{said}"
