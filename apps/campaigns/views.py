"""HTTP of campaigns: 进展, 创建行动 with its targets, switching the campaign. 年度计划 is in plan_views.py."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import F, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.campaigns import domain
from apps.campaigns.changeover import may_change_standard, newer_standards
from apps.campaigns.current import (
    CAMPAIGN_KEY,
    access_campaign,
    access_jurisdiction,
    campaigns_of,
    current_campaign,
    current_year,
    drafts_of,
)
from apps.campaigns.forms import TargetForm
from apps.campaigns.issuing import is_issuer, may_issue
from apps.campaigns.models import Campaign, Target
from apps.campaigns.overview import chain_in_words, milestones_of, second_approval_of, sections_of
from apps.campaigns.progress import (
    COMMUNITY_COLUMNS,
    SORTS,
    children_name,
    communities_of,
    community_cells,
    progress_url,
    rows_of,
    shown_years,
    strip_of,
    table_cells,
    table_columns,
    total_row,
)
from apps.campaigns.rollup import Rollup, roll_up
from apps.campaigns.target_grid import Grid, grid_of, shown_value
from apps.core.downloads import table_download
from apps.core.errors import InvalidInput
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction, paths_down_to


@members_only
@require_safe
def progress(request: ActorRequest, key: str = "") -> HttpResponse:
    """How far a jurisdiction and its children have come; the address without one leads to one's own."""
    campaign = current_campaign(request)
    if campaign is None:
        return render(request, "campaigns/progress_empty.html")
    year = current_year(request, campaign)
    jurisdiction = access_jurisdiction(request, key)
    if not campaign.jurisdiction.contains(jurisdiction.path):
        return redirect(progress_url(campaign.jurisdiction, campaign, year))
    if not key:
        return redirect(progress_url(jurisdiction, campaign, year))
    rollup = roll_up(campaign, jurisdiction, year)
    sort = request.GET.get("sort", "code")
    if request.GET.get("format") == "xlsx":
        return _progress_sheet(request, rollup, sort)
    return render(request, "campaigns/progress.html", _progress_context(request, rollup, sort))


def _progress_context(request: ActorRequest, rollup: Rollup, sort: str) -> dict[str, Any]:
    place, campaign = rollup.total.jurisdiction, rollup.campaign
    own = request.actor.jurisdiction
    return {
        "rollup": rollup,
        "place": place,
        "trail": [
            (one.name, progress_url(one, campaign, rollup.year) if own.contains(one.path) and one != place else None)
            for one in Jurisdiction.objects.ancestors_of(place.path)
        ],
        "figures": strip_of(rollup),
        "years": shown_years(rollup),
        "children_name": children_name(rollup),
        "rows": rows_of(rollup, sort),
        "total": total_row(rollup),
        "communities": communities_of(rollup)
        if rollup.direct.base or rollup.direct.enrolled or not rollup.children
        else [],
        "sort": sort if sort in SORTS else "code",
        "sort_label": SORTS.get(sort, SORTS["code"]),
        "may_export": request.actor.can("export_reports") and bool(rollup.children),
    }


def _progress_sheet(request: ActorRequest, rollup: Rollup, sort: str) -> HttpResponse:
    place = rollup.total.jurisdiction
    title = f"{place.name}{rollup.year}年绿色社区创建进展"
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place)
    if rollup.children:
        return table_download(title, table_columns(rollup), table_cells(rollup, sort))
    return table_download(title, COMMUNITY_COLUMNS, community_cells(communities_of(rollup)))


@members_only
@require_safe
def campaign_list(request: ActorRequest) -> HttpResponse:
    """The campaigns that concern who acts."""
    campaigns = [*drafts_of(request).values(), *campaigns_of(request)]
    prefetch_related_objects(campaigns, "standard", "parent")
    goals: dict[int, list[Target]] = {}
    own = Target.objects.filter(campaign__in=campaigns, jurisdiction=F("campaign__jurisdiction"))
    for target in own.filter(kind=Target.Kind.PERCENT).order_by("year"):
        goals.setdefault(target.campaign_id, []).append(target)
    line = paths_down_to(request.actor.jurisdiction.path)
    may_make = may_issue(request.actor)
    rows = [(one, goals.get(one.pk, []), may_make and one.path in line and not one.is_draft) for one in campaigns]
    return render(request, "campaigns/campaign_list.html", {"rows": rows, "may_make": may_make})


@members_only
@require_safe
def campaign_detail(request: ActorRequest, code: str) -> HttpResponse:
    """A campaign as its document has it, with the grid of targets; ``?edit=`` opens a cell."""
    campaign = access_campaign(request, code)
    form = _cell_asked_for(request, campaign)
    return _campaign_page(request, campaign, request.GET.get("at", ""), form)


@members_only
@require_POST
def set_target(request: ActorRequest, code: str) -> HttpResponse:
    """Set one cell of the grid, or let it inherit again."""
    campaign = access_campaign(request, code)
    place, at = access_jurisdiction(request, request.POST.get("jurisdiction", "")), request.POST.get("at", "")
    require(request.actor, "set_targets", place.path)
    form = TargetForm(request.POST, campaign=campaign, place=place)
    if form.is_valid():
        year, kind, value = (form.cleaned_data[name] for name in ("year", "kind", "value"))
        try:
            with transaction.atomic():
                target = domain.set_target(campaign, place, year, value, actor=request.actor, kind=kind)
        except InvalidInput as error:
            form.add_error("value", error.message)
        else:
            said = f"{place.name} {year} 年{f'目标已定为 {shown_value(target)}' if target else '目标已改为沿用上级'}。"
            if request.htmx:
                return _campaign_page(request, campaign, at, saved=said)
            messages.success(request, said)
            return redirect(f"{reverse('campaign_detail', args=[code])}?{urlencode({'at': at})}#targets")
    return _campaign_page(request, campaign, at, form, status=422)


@members_only
@require_POST
def set_second_approval(request: ActorRequest, code: str) -> HttpResponse:
    """Let recognition and revocation under a campaign need a second approver, or no longer."""
    campaign, on = access_campaign(request, code), request.POST.get("on") == "1"
    domain.set_second_approval(campaign, on, actor=request.actor, reason=request.POST.get("reason", ""))
    messages.success(
        request,
        "已开启：认定和摘牌须由第二人复核后生效。" if on else "已关闭：认定和摘牌由一人办理；已提请复核的，仍须复核。",
    )
    return redirect(f"{reverse('campaign_detail', args=[code])}#second-approval")


@members_only
@require_POST
def switch_campaign(request: ActorRequest) -> HttpResponse:
    """Work on another campaign from now on; back to the page one came from, without the old campaign's year."""
    chosen = next((one for one in campaigns_of(request) if str(one.pk) == request.POST.get("campaign")), None)
    if chosen is None:
        raise Http404("没有这个创建行动。")
    request.session[CAMPAIGN_KEY] = chosen.pk
    back = request.POST.get("next", "").partition("?")[0]
    safe = back.startswith("/") and url_has_allowed_host_and_scheme(
        back, {request.get_host()}, require_https=request.is_secure()
    )
    return redirect(back if safe else "desk")


def _cell_asked_for(request: ActorRequest, campaign: Campaign) -> TargetForm | None:
    """``?edit=percent.532301000000.2022`` names a cell; whatever names none opens none."""
    kind, _, rest = request.GET.get("edit", "").partition(".")
    key, _, year = rest.partition(".")
    if not key or year not in map(str, campaign.years) or not (campaign.is_open and request.actor.can("set_targets")):
        return None
    place = access_jurisdiction(request, key)
    own = Target.objects.filter(campaign=campaign, jurisdiction=place, kind=kind, year=year)
    initial = {
        "kind": kind,
        "year": year,
        "jurisdiction": key,
        "value": next((plain(one.value) for one in own), None),
    }
    return TargetForm(initial=initial, campaign=campaign, place=place)


def _campaign_page(
    request: ActorRequest,
    campaign: Campaign,
    at: str,
    form: TargetForm | None = None,
    *,
    saved: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page, or for htmx the grid alone."""
    grid = _grid(request, campaign, at, form)
    context: dict[str, Any] = {"shown": campaign, "grid": grid, "saved": saved}
    if request.htmx:
        return render(request, "campaigns/campaign_targets.html", context, status=status)
    context |= _around_grid(request, campaign)
    return render(request, "campaigns/campaign_detail.html", context, status=status)


def _around_grid(request: ActorRequest, campaign: Campaign) -> dict[str, Any]:
    """What stands around the targets: the document's rules, what is due, what was changed."""
    sections, may_manage = sections_of(campaign), request.actor.can("manage_campaign", campaign.path)
    return {
        "is_issuer": is_issuer(request.actor, campaign),
        "changes": campaign.changes.select_related("changed_by"),
        "chain": chain_in_words(campaign),
        "second_approval": second_approval_of(campaign, managed=may_manage),
        "may_manage": may_manage,
        "newer_standards": newer_standards(campaign) if may_change_standard(request.actor, campaign) else [],
        "sections": sections,
        "shows_departments": any(departments for _, departments in sections),
        "phases": campaign.phases.all(),
        "milestones": milestones_of(campaign),
    }


def _grid(request: ActorRequest, campaign: Campaign, at: str, form: TargetForm | None) -> Grid:
    """The grid of the jurisdiction ``at``, at the top the actor's own, or the campaign's where that lies below."""
    own = request.actor.jurisdiction
    top = own if campaign.jurisdiction.contains(own.path) else campaign.jurisdiction
    root = access_jurisdiction(request, at)
    root = root if top.contains(root.path) else top
    return grid_of(campaign, root, top, may_set=campaign.is_open and request.actor.can("set_targets"), editing=form)
