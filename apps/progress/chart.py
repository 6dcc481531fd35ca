"""The trend as static/js/charts.js draws it: the same figures as the table beneath, every month since the campaign began."""

import json
from typing import Any

from apps.campaigns.rollup import Rollup
from apps.progress.trend import Trend


def chart_of(trend: Trend, rollup: Rollup) -> str:
    """Return labels and lines as JSON: a value for each month, null where there is none."""
    months = [
        f"{year}-{month:02d}" for year in range(rollup.campaign.first_year, trend.year + 1) for month in range(1, 13)
    ]
    needed = {one.key: one.needed_whole for one in trend.months}
    before = {one.key: one.before for one in trend.months}
    lines: list[dict[str, Any]] = [
        {"name": "累计认定", "kind": "main", "values": [trend.curve.get(one) for one in months]}
    ]
    if trend.wanted is not None:
        lines.append({"name": "达到目标所需", "kind": "goal", "values": [needed.get(one) for one in months]})
    if any(value is not None for value in before.values()):
        lines.append({"name": "上年同期", "kind": "before", "values": [before.get(one) for one in months]})
    return json.dumps({"months": months, "lines": lines}, ensure_ascii=False)
