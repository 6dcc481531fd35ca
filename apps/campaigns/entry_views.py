"""HTTP of the phases and milestones of a campaign."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.campaigns.editing_views import editable_or_refuse
from apps.campaigns.entries import add_entry, delete_entry, edit_entry, move_entry
from apps.campaigns.entry_forms import MilestoneForm, PhaseForm, initial_of_milestone
from apps.campaigns.entry_kinds import KINDS, EntryKind
from apps.campaigns.form_fields import PartForm
from apps.campaigns.models import Campaign
from apps.campaigns.telling import version_of, version_of_row
from apps.core.errors import ProblemForPeople, StaleForm, TransitionError


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_entry(request: ActorRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Change a phase or a milestone."""
    campaign, data = editable_or_refuse(request, code), request.POST if request.method == "POST" else None
    entry = _entry(campaign, kind, pk, typed=data is not None)
    version = version_of_row(entry) if data is None else data.get("version", "")
    form = _form(campaign, KINDS[kind], data, entry)
    if data is None or "preview" in data or not form.is_valid():
        return _page(request, campaign, form, KINDS[kind], version, entry, status=200 if data is None else 422)
    try:
        edit_entry(entry, form.cleaned_data, actor=request.actor, seen=version, **form.why())
    except ProblemForPeople as error:
        if isinstance(error, StaleForm):
            entry.refresh_from_db()
            version, form = version_of_row(entry), _form(campaign, KINDS[kind], data, entry)
        return _page(request, campaign, form, KINDS[kind], version, entry, refused=error)
    messages.success(request, f"{KINDS[kind].label}“{form.cleaned_data['title']}”已保存。")
    return redirect(_after(campaign, KINDS[kind]))


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_entry_add(request: ActorRequest, code: str, kind: str) -> HttpResponse:
    """Add a phase or a milestone."""
    campaign, data = editable_or_refuse(request, code), request.POST if request.method == "POST" else None
    one = _kind(kind)
    # Before the form is made: an older version is noticed, a newer one is not.
    version = version_of(campaign, one.part) if data is None else data.get("version", "")
    form = _form(campaign, one, data)
    if data is None or "preview" in data or not form.is_valid():
        return _page(request, campaign, form, one, version, status=200 if data is None else 422)
    try:
        add_entry(one.model, campaign, form.cleaned_data, actor=request.actor, seen=version, **form.why())
    except ProblemForPeople as error:
        version = version_of(campaign, one.part) if isinstance(error, StaleForm) else version
        return _page(request, campaign, form, one, version, refused=error)
    messages.success(request, f"已增加{one.label}“{form.cleaned_data['title']}”。")
    return redirect(_after(campaign, one))


@members_only
@require_POST
def campaign_entry_move(request: ActorRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Move a phase or a milestone up or down."""
    campaign = editable_or_refuse(request, code)
    entry = _entry(campaign, kind, pk)
    seen, up = request.POST.get(f"{KINDS[kind].part}_version", ""), request.POST.get("direction") == "up"
    try:
        move_entry(entry, up=up, actor=request.actor, seen=seen)
    except ProblemForPeople as error:
        messages.error(request, error.message)
    return redirect(_after(campaign, KINDS[kind]))


@members_only
@require_POST
def campaign_entry_delete(request: ActorRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Delete a phase or a milestone; refused, the form stands again with the reason that was typed."""
    campaign, data = editable_or_refuse(request, code), request.POST
    entry, version = _entry(campaign, kind, pk), data.get("version", "")
    why = {"reason": data.get("change_reason", ""), "document_number": data.get("change_basis", "")[:100]}
    try:
        delete_entry(entry, actor=request.actor, seen=version, **why)
    except ProblemForPeople as error:
        if isinstance(error, StaleForm):
            entry.refresh_from_db()
            version = version_of_row(entry)
        form = _form(campaign, KINDS[kind], data if "title" in data else None, entry)
        return _page(request, campaign, form, KINDS[kind], version, entry, refused=error)
    messages.success(request, f"已删除{KINDS[kind].label}“{entry.title}”。")
    return redirect(_after(campaign, KINDS[kind]))


def _page(
    request: ActorRequest,
    campaign: Campaign,
    form: PartForm,
    kind: EntryKind,
    version: str,
    entry: Any = None,
    *,
    refused: ProblemForPeople | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a form; for htmx the due dates alone, made from what is being typed."""
    context = {"shown": campaign, "form": form, "dates": _dates(form), "is_milestone": kind.is_milestone}
    if request.htmx:
        return render(request, "campaigns/_due_dates.html", context)
    context |= {
        "title": f"{kind.label}“{entry.title}”" if entry is not None else f"增加{kind.label}",
        "entry": entry,
        "kind": kind.slug,
        "version": version,
        "back": _after(campaign, kind),
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


def _form(campaign: Campaign, kind: EntryKind, data: Any, entry: Any = None) -> PartForm:
    if kind.is_milestone:
        return MilestoneForm(data, initial=initial_of_milestone(entry) if entry else {}, campaign=campaign)
    initial = {name: getattr(entry, name) for name in kind.fields} if entry else {}
    return PhaseForm(data, initial=initial, campaign=campaign)


def _kind(slug: str) -> EntryKind:
    if slug not in KINDS:
        raise Http404("没有这样的内容。")
    return KINDS[slug]


def _entry(campaign: Campaign, kind: str, pk: int, *, typed: bool = False) -> Any:
    """The entry of an address; where it is gone while somebody typed, the browser still holds what was typed."""
    one = _kind(kind)
    entry = one.model.objects.select_related("campaign__jurisdiction").filter(campaign=campaign, pk=pk).first()
    if entry is None and typed:
        raise TransitionError(f"这个{one.label}已被他人删除，没有保存。点浏览器的“后退”可以看到您填写的内容。")
    if entry is None:
        raise Http404("没有这一项，可能已被删除。")
    return entry


def _after(campaign: Campaign, kind: EntryKind) -> str:
    return f"{reverse('campaign_edit', args=[campaign.code])}#{kind.part}"
