"""What every page shows around its content: navigation, who acts, the campaign, the demo's banner."""

from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest
from django.urls import reverse

from apps.accounts.http import ActorRequest
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.assessments.opinions import unanswered_by
from apps.assessments.queue import number_waiting_for
from apps.campaigns.current import campaigns_of, chosen_campaign, current_campaign
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.notifications.domain import inbox_of

# Group, then address name, label and the verbs of which the person needs one (none: everybody with a membership).
_NAVIGATION: list[tuple[str, list[tuple[str, str, tuple[str, ...]]]]] = [
    ("", [("desk", "工作台", ()), ("progress", "进展", ())]),
    (
        "社区",
        [
            ("community_list", "社区库", ()),
            ("baseline_list", "底数确认", ()),
            ("plan", "年度计划", ("enrol_communities", "self_assess")),
            ("self_assessment_list", "自评", ("self_assess", "review_assessments")),
            ("review_queue", "审核", ("review_assessments",)),
            ("recognition_list", "认定与公示", ()),
            ("project_list", "项目与资金", ()),
            ("opinion_list", "部门意见", ("give_opinions",)),
        ],
    ),
    (
        "报送",
        [
            ("filing_list", "报送事项", ()),
            ("evaluation_list", "年度总结评估", ()),
            ("bulletin_list", "通报", ()),
            ("visit_list", "督导检查", ()),
            ("practice_list", "经验做法", ()),
            ("report_list", "报表中心", ("export_reports",)),
            ("consolidation", "汇总核对", ("export_reports",)),
        ],
    ),
    (
        "管理",
        [
            ("person_list", "人员", ("manage_people",)),
            ("jurisdiction_change_list", "区划调整", ("reorganise",)),
            ("office_profile", "单位信息", ("manage_office",)),
            ("security_policy", "安全要求", ("manage_people",)),
            ("system_list", "接口令牌", ("manage_people",)),
            ("audit_trail", "审计", ("manage_people",)),
        ],
    ),
    ("设置", [("standard_list", "标准", ()), ("campaign_list", "创建行动", ())]),
]


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html; see its head for what is read."""
    context: dict[str, Any] = {}
    if settings.DEMO:
        context["demo_banner"] = f"演示数据，均为虚构 · 业务日期 {clock.today():%Y-%m-%d}"
    actor: Actor | None = getattr(request, "actor", None)
    # After an error the transaction takes no more queries; the pages that tell of it need none.
    if actor is None or connection.needs_rollback:
        return context
    # A fragment has no header.
    if not getattr(request, "htmx", False):
        context["unread"] = inbox_of(actor.user).unread().count()
    return context | {
        "actor": actor,
        "memberships": request.memberships,  # type: ignore[attr-defined]
        "navigation": _navigation(request, actor),
        "campaigns": campaigns_of(request),  # type: ignore[arg-type]
        "campaign": _campaign(request),  # type: ignore[arg-type]
        "search_url": reverse("community_list"),
    }


def _campaign(request: ActorRequest) -> Campaign | None:
    """The page's campaign; on the page that says that there is none of that code, the one chosen before."""
    try:
        return current_campaign(request)
    except Http404:
        return chosen_campaign(request)


def _navigation(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    waiting = Assessment.objects.filter(holder=actor.jurisdiction)
    badges: dict[str, tuple[int, str]] = {}
    if actor.can("review_assessments"):
        count = number_waiting_for(actor)
        badges["review_queue"] = (count, f"{count} 件待审核")
    if actor.can("self_assess"):
        count = waiting.filter(status="returned").count()
        badges["self_assessment_list"] = (count, f"{count} 件被退回")
    if actor.can("give_opinions"):
        count = unanswered_by(actor).count()
        badges["opinion_list"] = (count, f"{count} 件待填部门意见")
    groups = []
    for label, items in _NAVIGATION:
        shown = [
            _item(request, name, text, badges.get(name, (0, "")))
            for name, text, verbs in items
            if not verbs or any(actor.can(verb) for verb in verbs)
        ]
        if shown:
            groups.append({"label": label, "items": shown})
    return groups


def _item(request: HttpRequest, name: str, label: str, badge: tuple[int, str]) -> dict[str, Any]:
    url = reverse(name)
    active = request.path == url if name == "desk" else request.path.startswith(url)
    return {"label": label, "url": url, "active": active, "badge": badge[0] or None, "badge_label": badge[1]}
