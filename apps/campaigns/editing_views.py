"""HTTP of a campaign's editor: begin or copy one, look at it, change its parts, give a draft up."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.campaigns.changing import closed
from apps.campaigns.checks import Remark, remarks_on
from apps.campaigns.current import access_campaign
from apps.campaigns.editing import change_chain, change_departments, change_evaluation, change_head, change_targets
from apps.campaigns.editing_forms import (
    ChainForm,
    CopyForm,
    DepartmentsForm,
    EvaluationForm,
    HeadForm,
    NewCampaignForm,
    TargetsForm,
    initial_targets,
)
from apps.campaigns.entry_kinds import kind_of
from apps.campaigns.form_fields import PartForm
from apps.campaigns.issuing import copy_campaign, create_campaign, delete_draft, require_issuer, require_maker
from apps.campaigns.models import Campaign
from apps.campaigns.overview import chain_in_words, milestones_of, sections_of
from apps.campaigns.telling import told, version_of, version_of_row
from apps.core import clock
from apps.core.errors import OUTDATED, InvalidInput, ProblemForPeople, StaleForm, TransitionError


@dataclass(frozen=True)
class PartPage:
    """A part of a campaign on a page of its own: its title, its form with what is stored, and the verb that takes the form."""

    title: str
    form: type[PartForm]
    initial: Callable[[Campaign], Mapping[str, Any]]
    verb: Callable[..., Campaign]
    values: Callable[[Any], tuple[Any, ...]]
    body: str = "components/form.html"


def _head_of(campaign: Campaign) -> dict[str, Any]:
    return {field.name: field.value_from_object(campaign) for field in campaign._meta.concrete_fields}


def _departments_of(campaign: Campaign) -> dict[str, Any]:
    rows = {f"section_{one.section_number}": one.departments for one in campaign.section_departments.all()}
    return rows | {"lead": campaign.lead_departments}


PAGES: Mapping[str, PartPage] = {
    "head": PartPage("基本信息", HeadForm, _head_of, change_head, lambda form: (form.cleaned_data,)),
    "chain": PartPage(
        "审核层级",
        ChainForm,
        lambda campaign: {"levels": campaign.review_chain[1:]},
        change_chain,
        lambda form: (form.cleaned_data["levels"],),
        "campaigns/_chain_fields.html",
    ),
    "targets": PartPage(
        "年度目标和试点",
        TargetsForm,
        lambda campaign: dict(initial_targets(campaign)),
        change_targets,
        lambda form: (form.targets(),),
        "campaigns/_target_fields.html",
    ),
    "departments": PartPage(
        "责任部门",
        DepartmentsForm,
        _departments_of,
        change_departments,
        lambda form: (form.cleaned_data["lead"], form.by_section()),
    ),
    "evaluation": PartPage(
        "年度总结评估",
        EvaluationForm,
        lambda campaign: {
            "sections": campaign.sections_of_evaluation,
            "grades": campaign.evaluation_grades,
            "points": campaign.evaluation_points,
        },
        change_evaluation,
        lambda form: tuple(form.cleaned_data[name] for name in ("sections", "grades", "points")),
    ),
}


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_create(request: ActorRequest) -> HttpResponse:
    """Begin a campaign from nothing."""
    actor, data = request.actor, request.POST if request.method == "POST" else None
    require_maker(actor)
    year = clock.today().year
    form = NewCampaignForm(data, initial={"first_year": year, "last_year": year + 2}, actor=actor)
    refused = ""
    if data is not None and form.is_valid():
        try:
            made = create_campaign(form.cleaned_data, actor=actor)
        except InvalidInput as error:
            refused = error.message
        else:
            messages.success(request, "已建立草稿。各部分填好、核对无误后再开展。")
            return redirect("campaign_edit", made.code)
    context = {"form": form, "refused": refused}
    return render(request, "campaigns/campaign_new.html", context, status=200 if data is None else 422)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_copy(request: ActorRequest, code: str) -> HttpResponse:
    """Begin a campaign from one that stands, with its dates moved to other years."""
    actor, data = request.actor, request.POST if request.method == "POST" else None
    source = access_campaign(request, code)
    require_maker(actor)
    form = CopyForm(data, initial=_usual_copy(source, actor.jurisdiction.name))
    refused = ""
    if data is not None and form.is_valid():
        values = form.cleaned_data
        try:
            made = copy_campaign(source, values, actor=actor, with_targets=values["with_targets"])
        except InvalidInput as error:
            refused = error.message
        else:
            messages.success(
                request, f"已按“{source}”建立草稿，日期后移 {made.first_year - source.first_year} 年。请逐项核对。"
            )
            return redirect("campaign_edit", made.code)
    context = {"form": form, "source": source, "refused": refused}
    return render(request, "campaigns/campaign_new.html", context, status=200 if data is None else 422)


@members_only
@require_safe
def campaign_edit(request: ActorRequest, code: str) -> HttpResponse:
    """A campaign with everything that can be changed in it, and what is wrong with it."""
    campaign = editable_or_refuse(request, code)
    context = {
        "shown": campaign,
        # Versions before what they stand for is read: an older one is noticed, a newer one is not.
        "phases_version": version_of(campaign, "phases"),
        "milestones_version": version_of(campaign, "milestones"),
        "chain": chain_in_words(campaign),
        "targets": told(campaign, "targets"),
        "phases": [(one, version_of_row(one)) for one in campaign.phases.all()],
        "milestones": [(one, version_of_row(one.milestone)) for one in milestones_of(campaign)],
        "sections": sections_of(campaign),
        **found(campaign, remarks_on(campaign)),
    }
    return render(request, "campaigns/campaign_edit.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_part(request: ActorRequest, code: str, part: str) -> HttpResponse:
    """Change the head, the review chain, the targets or the departments of a campaign."""
    campaign = editable_or_refuse(request, code)
    if part not in PAGES:
        raise Http404("没有这一部分。")
    page, data = PAGES[part], request.POST if request.method == "POST" else None
    # Before the form is filled in: an older version is noticed, a newer one is not.
    version = version_of(campaign, part) if data is None else data.get("version", "")
    form = page.form(data, initial=page.initial(campaign), campaign=campaign)
    if data is None or not form.is_valid():
        return _part_page(request, campaign, part, form, version, status=200 if data is None else 422)
    try:
        saved = page.verb(campaign, *page.values(form), actor=request.actor, seen=version, **form.why())
    except ProblemForPeople as error:
        if isinstance(error, StaleForm):
            campaign = _again(campaign)
            version = version_of(campaign, part)
            form = page.form(data, initial=page.initial(campaign), campaign=campaign)
        return _part_page(request, campaign, part, form, version, refused=error)
    messages.success(request, f"{page.title}已保存。")
    return redirect(f"{reverse('campaign_edit', args=[saved.code])}#{part}")


def _part_page(
    request: ActorRequest,
    campaign: Campaign,
    part: str,
    form: PartForm,
    version: str,
    *,
    refused: ProblemForPeople | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a form; a refusal is told above it, and of a stale one what is stored now."""
    form.is_valid()
    page = PAGES[part]
    context = {
        "shown": campaign,
        "title": page.title,
        "form": form,
        "body": page.body,
        "chain": chain_in_words(campaign),
        "version": version,
        "back": f"{reverse('campaign_edit', args=[campaign.code])}#{part}",
        "refused": refused.message if refused else "",
        "stored_otherwise": form.stored_otherwise() if isinstance(refused, StaleForm) else [],
    }
    return render(request, "campaigns/campaign_part.html", context, status=refused.status if refused else status)


@members_only
@require_POST
def campaign_delete(request: ActorRequest, code: str) -> HttpResponse:
    """Delete a draft."""
    campaign = access_campaign(request, code)
    require_issuer(request.actor, campaign)
    if campaign.is_draft and request.POST.get("campaign") != str(campaign.pk):
        raise StaleForm(OUTDATED)
    delete_draft(campaign, actor=request.actor)
    messages.success(request, f"已删除草稿“{campaign}”。")
    return redirect("campaign_list")


def editable_or_refuse(request: ActorRequest, code: str) -> Campaign:
    """The campaign of an address, for those who decide on it; a closed one says why it is not changed."""
    campaign = access_campaign(request, code)
    require_issuer(request.actor, campaign)
    if campaign.status == Campaign.Status.CLOSED:
        raise TransitionError(closed(campaign))
    return _again(campaign)


def found(campaign: Campaign, remarks: list[Remark]) -> dict[str, Any]:
    """Remarks with the addresses where they are mended, as pages list them."""
    linked = [(one, address_of(campaign, one.part)) for one in remarks]
    return {
        "obstacles": [pair for pair in linked if pair[0].blocks],
        "oddities": [pair for pair in linked if not pair[0].blocks],
    }


def address_of(campaign: Campaign, part: Any) -> str:
    """Where a part is changed."""
    if part == "years":
        part = "head" if campaign.is_draft else part
    if part == "years":
        return reverse("campaign_years", args=[campaign.code])
    if part in PAGES:
        return reverse("campaign_part", args=[campaign.code, part])
    if isinstance(part, str):
        return f"{reverse('campaign_edit', args=[campaign.code])}#{part}"
    return reverse("campaign_entry", args=[campaign.code, kind_of(part).slug, part.pk])


def _again(campaign: Campaign) -> Campaign:
    """The campaign as it is stored now, with what its pages show."""
    return Campaign.objects.select_related("jurisdiction", "standard", "parent").get(pk=campaign.pk)


def _usual_copy(source: Campaign, unit: str) -> dict[str, Any]:
    """Years that follow the source's, from this year on at the earliest, and a name that says them."""
    first = max(source.last_year + 1, clock.today().year)
    last = first + source.last_year - source.first_year
    stem = source.name if source.jurisdiction.name == unit else f"{unit}绿色社区创建行动"
    later = {str(source.first_year): str(first), str(source.last_year): str(last)}
    name = re.sub(r"\d{4}", lambda found: later.get(found[0], found[0]), stem)
    if not later.keys() <= set(re.findall(r"\d{4}", stem)):
        name = f"{stem.partition('（')[0]}（{first}–{last} 年）"
    return {"name": name, "first_year": first, "last_year": last, "with_targets": True}
