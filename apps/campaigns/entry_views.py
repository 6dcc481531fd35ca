"""HTTP of the phases and milestones of a campaign."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.campaigns.editing_views import editable_or_refuse
from apps.campaigns.entries import PART_OF, add_entry, delete_entry, edit_entry, move_entry
from apps.campaigns.entry_forms import MilestoneForm, PhaseForm, initial_of_milestone
from apps.campaigns.form_fields import PartForm
from apps.campaigns.models import Campaign, Milestone, Phase
from apps.campaigns.telling import version_of
from apps.core.errors import ProblemForPeople, StaleForm, TransitionError

MODELS: dict[str, type[Any]] = {"phase": Phase, "milestone": Milestone}
_LABELS: dict[type[Any], str] = {Phase: "阶段", Milestone: "里程碑"}


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_entry(request: ActorRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Change a phase or a milestone."""
    campaign, data = editable_or_refuse(request, code), request.POST if request.method == "POST" else None
    entry = _entry(campaign, kind, pk, typed=data is not None)
    form = _form(campaign, type(entry), data, entry)
    if data is None or "preview" in data or not form.is_valid():
        return _page(request, campaign, form, type(entry), entry, status=200 if data is None else 422)
    try:
        edit_entry(entry, form.cleaned_data, actor=request.actor, seen=data.get("version", ""), **form.why())
    except ProblemForPeople as error:
        entry.refresh_from_db()
        return _page(request, campaign, _form(campaign, type(entry), data, entry), type(entry), entry, refused=error)
    messages.success(request, f"{_LABELS[type(entry)]}“{form.cleaned_data['title']}”已保存。")
    return redirect(_after(campaign, type(entry)))


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_entry_add(request: ActorRequest, code: str, kind: str) -> HttpResponse:
    """Add a phase or a milestone."""
    campaign, data = editable_or_refuse(request, code), request.POST if request.method == "POST" else None
    model = _model(kind)
    form = _form(campaign, model, data)
    if data is None or "preview" in data or not form.is_valid():
        return _page(request, campaign, form, model, status=200 if data is None else 422)
    try:
        add_entry(model, campaign, form.cleaned_data, actor=request.actor, seen=data.get("version", ""), **form.why())
    except ProblemForPeople as error:
        return _page(request, campaign, form, model, refused=error)
    messages.success(request, f"已增加{_LABELS[model]}“{form.cleaned_data['title']}”。")
    return redirect(_after(campaign, model))


@members_only
@require_POST
def campaign_entry_move(request: ActorRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Move a phase or a milestone up or down."""
    campaign = editable_or_refuse(request, code)
    entry = _entry(campaign, kind, pk)
    seen, up = request.POST.get(f"{PART_OF[type(entry)]}_version", ""), request.POST.get("direction") == "up"
    try:
        move_entry(entry, up=up, actor=request.actor, seen=seen)
    except ProblemForPeople as error:
        messages.error(request, error.message)
    return redirect(_after(campaign, type(entry)))


@members_only
@require_POST
def campaign_entry_delete(request: ActorRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Delete a phase or a milestone; refused, the form stands again with the reason that was typed."""
    campaign, data = editable_or_refuse(request, code), request.POST
    entry = _entry(campaign, kind, pk)
    why = {"reason": data.get("change_reason", ""), "document_number": data.get("change_basis", "")[:100]}
    try:
        delete_entry(entry, actor=request.actor, seen=data.get("version", ""), **why)
    except ProblemForPeople as error:
        form = _form(campaign, type(entry), data if "title" in data else None, entry)
        return _page(request, campaign, form, type(entry), entry, refused=error)
    messages.success(request, f"已删除{_LABELS[type(entry)]}“{entry.title}”。")
    return redirect(_after(campaign, type(entry)))


def _page(
    request: ActorRequest,
    campaign: Campaign,
    form: PartForm,
    model: type[Any],
    entry: Any = None,
    *,
    refused: ProblemForPeople | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a form; for htmx the due dates alone, made from what is being typed."""
    context = {"shown": campaign, "form": form, "dates": _dates(form), "is_milestone": model is Milestone}
    if request.htmx:
        return render(request, "campaigns/_due_dates.html", context)
    context |= {
        "title": f"{_LABELS[model]}“{entry.title}”" if entry is not None else f"增加{_LABELS[model]}",
        "entry": entry,
        "kind": "milestone" if model is Milestone else "phase",
        "version": version_of(campaign, PART_OF[model] if entry is None else entry),
        "back": _after(campaign, model),
        "refused": refused.message if refused else "",
        "stored_otherwise": form.stored_otherwise() if entry and isinstance(refused, StaleForm) else [],
    }
    return render(request, "campaigns/campaign_entry.html", context, status=refused.status if refused else status)


def _dates(form: PartForm) -> list[Any]:
    """The due dates that saving would give, or those that are stored."""
    if not form.is_bound:
        return list(form.initial.get("dates", []))
    form.is_valid()
    return list(form.cleaned_data.get("dates", []))


def _form(campaign: Campaign, model: type[Any], data: Any, entry: Any = None) -> PartForm:
    if model is Milestone:
        return MilestoneForm(data, initial=initial_of_milestone(entry) if entry else {}, campaign=campaign)
    names = ("title", "starts_on", "ends_on")
    initial = {name: getattr(entry, name) for name in names} if entry else {}
    return PhaseForm(data, initial=initial, campaign=campaign)


def _model(kind: str) -> type[Any]:
    if kind not in MODELS:
        raise Http404("没有这样的内容。")
    return MODELS[kind]


def _entry(campaign: Campaign, kind: str, pk: int, *, typed: bool = False) -> Any:
    """The entry of an address; where it is gone while somebody typed, the browser still holds what was typed."""
    model = _model(kind)
    entry = model.objects.select_related("campaign__jurisdiction").filter(campaign=campaign, pk=pk).first()
    if entry is None and typed:
        raise TransitionError(f"这个{_LABELS[model]}已被他人删除，没有保存。点浏览器的“后退”可以看到您填写的内容。")
    if entry is None:
        raise Http404("没有这一项，可能已被删除。")
    return entry


def _after(campaign: Campaign, model: type[Any]) -> str:
    return f"{reverse('campaign_edit', args=[campaign.code])}#{PART_OF[model]}"
