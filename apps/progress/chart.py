"""The trend as static/js/charts.js draws it: the table's figures at the end of every month since the campaign began."""

import json
from typing import Any

from apps.core.templatetags.figures import day
from apps.progress.trend import Trend


def chart_of(trend: Trend) -> str:
    """Return labels and lines as JSON: a value for each month, null where there is none.

    ``until`` names the day that 累计认定 of the running month goes up to. The other lines go to that month's end as to any other:
    measured at a day within it, a straight line would be drawn with a dent.
    """
    months = [(year, month) for year in range(trend.first_year, trend.year + 1) for month in range(1, 13)]
    lines: list[dict[str, Any]] = [
        {"name": "累计认定", "kind": "main", "values": [trend.curve.get(one) for one in months]}
    ]
    if trend.wanted is not None:
        needed = [trend.needed_by(month) if year == trend.year else None for year, month in months]
        lines.append({"name": "达到目标所需", "kind": "goal", "values": needed})
    before = [trend.before.get((year - 1, month)) if year == trend.year else None for year, month in months]
    if any(value is not None for value in before):
        lines.append({"name": "上年同期", "kind": "before", "values": before})
    until = {one.key: day(one.until) for one in trend.months if one.until}
    labels = [f"{year}-{month:02d}" for year, month in months]
    return json.dumps({"months": labels, "lines": lines, "until": until}, ensure_ascii=False)
