"""The desk (工作台)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.campaigns.current import current_campaign, current_year
from apps.campaigns.progress import aim_of
from apps.campaigns.ratios import format_percent
from apps.campaigns.rollup import Rollup, roll_up
from apps.dashboard.todos import next_due, todos_of
from apps.filings.waiting import owed_by


@members_only
@require_safe
def desk(request: ActorRequest) -> HttpResponse:
    """What waits for me, and the figures of my jurisdiction."""
    actor, campaign = request.actor, current_campaign(request)
    owed = owed_by(actor)
    context: dict[str, Any] = {"todos": todos_of(actor, owed)}
    if campaign is not None:
        year = current_year(request, campaign)
        rollup = roll_up(campaign, actor.jurisdiction, year)
        context |= {"year": year, "rollup": rollup, "figures": _figures(rollup), "lines": _lines(rollup)}
        context["coming"] = next_due(owed, campaign)
    return render(request, "dashboard/desk.html", context)


def _figures(rollup: Rollup) -> list[dict[str, Any]]:
    total, figures = rollup.total, rollup.total.figures
    year = rollup.year
    met = total.gap == 0
    target = total.target_ratio
    aim = f"目标 {aim_of(total)} · " if target is not None else ""
    gap = {None: "未设目标", 0: f"{aim}已达到"}.get(total.gap, f"{aim}还差 {total.gap} 个社区")
    below = reverse("community_list")

    def names(**query: str) -> str:
        pairs = {
            "jurisdiction": str(total.jurisdiction.pk),
            "campaign": rollup.campaign.code,
            "year": str(year),
        } | query
        return f"{below}?" + "&".join(f"{key}={value}" for key, value in pairs.items())

    return [
        {"label": "城市社区底数", "value": figures.base, "note": f"{year} 年", "url": names(stage="base")},
        {
            "label": "参与创建",
            "value": figures.enrolled,
            "note": f"试点 {figures.pilots} · 占底数 {format_percent(figures.participation_ratio)}",
            "url": names(stage="enrolled"),
        },
        {"label": "审核中", "value": figures.in_review, "note": "县级及以上", "url": names(stage="in_review")},
        {
            "label": "已认定（累计）",
            "value": figures.cumulative,
            "note": f"其中 {year} 年 {figures.recognised}",
            "url": names(recognised="cumulative"),
        },
        {
            "label": "合计完成比例",
            "value": format_percent(figures.cumulative_ratio),
            "note": gap,
            "tone": "success" if met else "warning" if total.gap else "",
        },
    ]


def _lines(rollup: Rollup) -> list[dict[str, Any]]:
    """Bars of the children that have communities, or take part."""
    return [
        {"line": line, "ratio": format_percent(line.figures.cumulative_ratio)}
        for line in rollup.children
        if line.figures.base or line.figures.enrolled
    ]
