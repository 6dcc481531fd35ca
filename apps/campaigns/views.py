"""HTTP of campaigns: 创建行动 with its targets, switching the campaign. 年度计划 is in plan_views.py."""

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

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.campaigns import domain, targets
from apps.campaigns.changeover import may_change_standard, newer_standards
from apps.campaigns.changing import MissingReason
from apps.campaigns.current import (
    CAMPAIGN_KEY,
    access_campaign,
    access_jurisdiction,
    campaigns_of,
    drafts_of,
)
from apps.campaigns.forms import TargetForm
from apps.campaigns.issuing import is_issuer, may_issue
from apps.campaigns.models import Campaign, Target
from apps.campaigns.overview import chain_in_words, milestones_of, second_approval_of, sections_of
from apps.campaigns.sheets import grid_download
from apps.campaigns.target_documents import remember_document, usual_document
from apps.campaigns.target_grid import Grid, grid_of
from apps.campaigns.telling import told, version_of
from apps.core.errors import OUTDATED, InvalidInput, StaleForm
from apps.core.rounding import plain
from apps.jurisdictions.models import paths_down_to


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
    """A campaign as its document has it, with the grid of targets; ``?edit=`` opens a cell, ``?format=xlsx`` gives the grid as a
    sheet."""
    campaign = access_campaign(request, code)
    # A cell that cannot be opened, or not any more, is shown in the grid that it belongs to.
    asked = request.GET.get("edit", "").partition(".")[0] or request.GET.get("kind", "")
    if request.GET.get("format") == "xlsx":
        return grid_download(_grid(request, campaign, request.GET.get("at", ""), _kind(asked)), actor=request.actor)
    form = _cell_asked_for(request, campaign)
    return _campaign_page(request, campaign, request.GET.get("at", ""), _kind(asked), form)


@members_only
@require_POST
def set_target(request: ActorRequest, code: str) -> HttpResponse:
    """Set one cell of the grid, or let it inherit again."""
    campaign = access_campaign(request, code)
    place, at = access_jurisdiction(request, request.POST.get("jurisdiction", "")), request.POST.get("at", "")
    require(request.actor, "set_targets", place.path)
    form, shown = TargetForm(request.POST, campaign=campaign, place=place), _kind(request.POST.get("kind", ""))
    if "value" not in request.POST or form.non_field_errors():
        raise StaleForm(OUTDATED)
    if form.is_valid():
        entered = dict(form.cleaned_data)
        year, value = entered.pop("year"), entered.pop("value")
        del entered["jurisdiction"]
        try:
            with transaction.atomic():
                target = targets.set_target(campaign, place, year, value, actor=request.actor, **entered)
        except InvalidInput as error:
            form.add_error("reason" if isinstance(error, MissingReason) else "value", error.message)
        else:
            remember_document(request, campaign, entered["document_number"])
            done = f"{place.name} {year} 年{f'目标已定为 {target.said}' if target else '目标已改为沿用上级'}"
            said = "".join(f"{one}。" for one in (done, *targets.consequences(campaign, place, year, target)))
            if request.htmx:
                return _campaign_page(request, campaign, at, shown, saved=said)
            messages.success(request, said)
            query = urlencode({"at": at, "kind": shown.value})
            return redirect(f"{reverse('campaign_detail', args=[code])}?{query}#targets")
    return _campaign_page(request, campaign, at, shown, form, status=422)


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
    if not key or year not in map(str, campaign.years) or not targets.may_set_targets(request.actor, campaign):
        return None
    place = access_jurisdiction(request, key)
    own = (
        Target.objects.filter(campaign=campaign, jurisdiction=place, kind=kind, year=year)
        .select_related("issued_by", "campaign")
        .first()
    )
    if own is not None and targets.is_given_to(own, request.actor.jurisdiction):
        return None
    initial = {
        "kind": kind,
        "year": year,
        "jurisdiction": key,
        "value": plain(own.value) if own else None,
        "upper": plain(own.upper) if own and own.upper is not None else None,
        "document_number": own.document_number if own else usual_document(request, campaign),
    }
    return TargetForm(initial=initial, campaign=campaign, place=place)


def _kind(name: str) -> Target.Kind:
    """The kind of targets that the grid shows."""
    return Target.Kind(name) if name in Target.Kind.values else Target.Kind.PERCENT


def _campaign_page(
    request: ActorRequest,
    campaign: Campaign,
    at: str,
    kind: Target.Kind,
    form: TargetForm | None = None,
    *,
    saved: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page, or for htmx the grid alone."""
    grid = _grid(request, campaign, at, kind, form)
    context: dict[str, Any] = {"shown": campaign, "grid": grid, "saved": saved}
    if request.htmx:
        return render(request, "campaigns/campaign_targets.html", context, status=status)
    context |= _around_grid(request, campaign)
    return render(request, "campaigns/campaign_detail.html", context, status=status)


def _around_grid(request: ActorRequest, campaign: Campaign) -> dict[str, Any]:
    """What stands around the targets: the document's rules, what is due, what was changed."""
    sections, issues = sections_of(campaign), is_issuer(request.actor, campaign)
    is_closed = campaign.status == Campaign.Status.CLOSED
    may_change_rules, may_change = issues and not is_closed, may_change_standard(request.actor, campaign)
    return {
        "is_issuer": issues,
        "changes": campaign.changes.select_related("changed_by"),
        "chain": chain_in_words(campaign),
        "second_approval": second_approval_of(campaign, managed=issues),
        "may_change_rules": may_change_rules,
        "rules_version": version_of(campaign, "rules"),
        "reminders": told(campaign, "reminders").items(),
        "reminders_version": version_of(campaign, "reminders"),
        "newer_standards": newer_standards(campaign) if may_change and not is_closed else [],
        "sections": sections,
        "shows_departments": any(departments for _, departments in sections),
        "phases": campaign.phases.all(),
        "milestones": milestones_of(campaign),
    }


def _grid(
    request: ActorRequest, campaign: Campaign, at: str, kind: Target.Kind, form: TargetForm | None = None
) -> Grid:
    """The grid of the jurisdiction ``at``, at the top the actor's own, or the campaign's where that lies below."""
    own = request.actor.jurisdiction
    top = own if campaign.jurisdiction.contains(own.path) else campaign.jurisdiction
    root = access_jurisdiction(request, at)
    root = root if top.contains(root.path) else top
    may_set = targets.may_set_targets(request.actor, campaign)
    return grid_of(campaign, root, top, kind, by=own, may_set=may_set, editing=form)
