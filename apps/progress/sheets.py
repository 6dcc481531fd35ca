"""Each block as a sheet: the rows that the page shows, with the figures as numbers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from apps.core import clock
from apps.core.rounding import round_half_up
from apps.core.xlsx import ListValue
from apps.progress.late import OVERDUE, Late, days_since, since
from apps.progress.missed import MissedCriteria
from apps.progress.pilots import Pilots
from apps.progress.stages import Stages
from apps.progress.state import VIEWS, State
from apps.progress.table import COMMUNITY_COLUMNS, community_cells, table_cells, table_columns
from apps.progress.trend import Month, Trend

Cells = Iterable[list[ListValue]]


@dataclass(frozen=True)
class Sheet:
    """A table to take along."""

    title: str
    columns: list[str]
    cells: Cells


def sheet_of(state: State, block: dict[str, Any]) -> Sheet:
    """Return what is seen as a sheet; ``block`` is the page's."""
    title = f"{state.place.name}{state.rollup.year}年绿色社区创建进展"
    if state.view in ("table", "bars", "tiles"):
        if state.rollup.children:
            return Sheet(title, table_columns(state), table_cells(state))
        return Sheet(title, COMMUNITY_COLUMNS, community_cells(block["communities"]))
    columns, cells = _SHEETS[state.view](block)
    return Sheet(f"{title}（{VIEWS[state.view]}）", columns, cells)


def _trend(block: dict[str, Any]) -> tuple[list[str], Cells]:
    trend: Trend = block["trend"]
    columns = ["月份", "当月认定", "累计认定", "达到目标所需", "与所需相差", "上年同期累计"]
    return columns, (
        [_month(one), one.recognised, one.cumulative, one.needed_whole, one.ahead, one.before] for one in trend.months
    )


def _month(month: Month) -> str:
    return f"{month.key}（截至 {month.until:%m-%d}）" if month.until else month.key


def _stages(block: dict[str, Any]) -> tuple[list[str], Cells]:
    stages: Stages = block["stages"]
    columns = ["环节", "现有社区数", "已停留天数（中位）", "本年度计划已办结（次）", "本年度计划已办结社区数"]
    columns.append("办结用时天数（中位）")
    lines: list[list[ListValue]] = [
        [one.label, one.count, _days(one.days_so_far), one.finished, one.communities, _days(one.days)]
        for one in stages.lines
    ]
    return columns, [*lines, ["合计（参与创建）", stages.total, None, None, None, None]]


def _criteria(block: dict[str, Any]) -> tuple[list[str], Cells]:
    missed: MissedCriteria = block["missed"]
    columns = [
        "标准",
        "内容",
        "条目号",
        "标准条目",
        "未达到社区数",
        "已评社区数",
        "未达到比例",
        "失分率",
        "上年未达到比例",
    ]
    return columns, (
        [
            one.standard,
            one.section,
            one.number,
            one.text,
            one.missed,
            one.assessed,
            one.share,
            one.share_lost,
            block["shares_before"].get(one.pk),
        ]
        for one in [*missed.national, *missed.local]
    )


def _pilots(block: dict[str, Any]) -> tuple[list[str], Cells]:
    pilots: Pilots = block["pilots"]
    columns = [
        "区划代码",
        "辖区",
        "底数",
        "试点",
        "有城市社区的街道",
        "试点不足的街道",
        "超出的街道",
        "还差试点",
        "要求",
    ]
    return columns, (
        [
            one.jurisdiction.code or "",
            block["direct_name"] if one.is_direct else one.jurisdiction.name,
            one.base,
            one.pilots,
            one.streets,
            one.short,
            one.above,
            one.missing,
            str(one.rule) if one.rule else None,
        ]
        for one in pilots.lines
    )


def _late(block: dict[str, Any]) -> tuple[list[str], Cells]:
    """Every row of the kind shown, not the page's alone."""
    late: Late = block["late"]
    columns = ["区划代码", "社区", "街道（镇、乡）", "计划年度", "进度", "办理单位", "到达日期", "已停留天数", "期限"]
    return columns, (_late_cells(part, late) for part in late.rows)


def _late_cells(part: Any, late: Late) -> list[ListValue]:
    assessment, at = getattr(part, "assessment", None), since(part)
    community = part.community
    return [
        community.code or "",
        community.short_name,
        community.jurisdiction.name,
        part.year,
        part.get_stage_display(),
        str(assessment.holder if assessment is not None else community.jurisdiction),
        at,
        days_since(at, clock.today()),
        late.dues.get((part.campaign_id, part.year)) if late.kind == OVERDUE else None,
    ]


def _days(days: Fraction | None) -> ListValue:
    return None if days is None else round_half_up(days, 1)


_SHEETS: dict[str, Callable[[dict[str, Any]], tuple[list[str], Cells]]] = {
    "trend": _trend,
    "stages": _stages,
    "criteria": _criteria,
    "pilots": _pilots,
    "late": _late,
}
