"""区划调整: a page per kind, and the list of all; for administrators above the units."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import Actor, require
from apps.core.downloads import table_download
from apps.people.places import place_of
from apps.reorganisations import jurisdictions as verbs
from apps.reorganisations.carrying_out import Order
from apps.reorganisations.models import JurisdictionChange
from apps.reorganisations.unit_forms import (
    MergeUnitForm,
    MoveUnitForm,
    RenameUnitForm,
    TakeOverForm,
    UnitForm,
    ZoneForm,
)
from apps.reorganisations.views.communities import CHANGE_COLUMNS, DOWNLOAD_LIMIT, PAGE_SIZE, change_cells
from apps.reorganisations.views.shared import take_steps


def _rename(form: UnitForm, order: Order, actor: Actor) -> JurisdictionChange:
    entered, unit = form.cleaned_data, form.chosen("unit")
    return verbs.rename_jurisdiction(unit, entered["name"], entered["code"] or unit.code or "", order, actor=actor)


def _move(form: UnitForm, order: Order, actor: Actor) -> JurisdictionChange:
    return verbs.move_jurisdiction(form.chosen("unit"), form.chosen("to"), order, actor=actor)


def _merge(form: UnitForm, order: Order, actor: Actor) -> JurisdictionChange:
    return verbs.merge_jurisdictions(form.chosen("unit"), form.chosen("into"), order, actor=actor)


def _zone(form: UnitForm, order: Order, actor: Actor) -> JurisdictionChange:
    entered = form.cleaned_data
    return verbs.create_zone(
        form.chosen("parent"),
        entered["name"],
        order,
        actor=actor,
        code=entered["code"],
        streets=form.several("streets"),
        communities=form.single(),
    )


def _take_over(form: UnitForm, order: Order, actor: Actor) -> JurisdictionChange:
    zone, streets = form.chosen("zone"), form.several("streets")
    return verbs.take_over(zone, order, actor=actor, streets=streets, communities=form.single())


@dataclass(frozen=True)
class _Page:
    """The page of a kind: its form, what it calls, its words."""

    form: type[UnitForm]
    verb: Callable[[UnitForm, Order, Actor], JurisdictionChange]
    title: str
    intro: str
    tone: str = ""


PAGES = {
    "rename": _Page(
        RenameUnitForm, _rename, "更名、变更代码", "县改区、撤县设市、街道更名等。下级、社区、人员和历年数字不变。"
    ),
    "move": _Page(
        MoveUnitForm,
        _move,
        "调整隶属",
        "街道改属另一个县（市、区）等。社区、人员、自评、认定一并划转；以前年度的数字仍计入原来的上级。",
    ),
    "zone": _Page(ZoneForm, _zone, "设立开发区", "开发区单独填报，可以接管周围的街道或单个社区。"),
    "take-over": _Page(TakeOverForm, _take_over, "开发区接管", "开发区再接管街道或单个社区。"),
    "merge": _Page(
        MergeUnitForm,
        _merge,
        "撤并",
        "一个单位并入同级的另一个单位。下级、社区、人员、自评、认定一并转入；原单位撤销，保留历史和页面。",
        "danger",
    ),
}


@members_only
@require_safe
def jurisdiction_change_list(request: ActorRequest) -> HttpResponse:
    """All reorganisations of the area, newest first; with ``?format=xlsx`` as a sheet."""
    require(request.actor, "reorganise")
    own = request.actor.jurisdiction
    changes = JurisdictionChange.objects.below(own.path).select_related("jurisdiction", "recorded_by")
    changes = changes.prefetch_related("successions")
    if request.GET.get("format") == "xlsx":
        title = f"{own.name}区划调整"
        record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=own)
        return table_download(title, CHANGE_COLUMNS, change_cells(changes[:DOWNLOAD_LIMIT]))
    page = Paginator(changes, PAGE_SIZE).get_page(request.GET.get("page"))
    kinds = [(reverse("jurisdiction_change", args=[kind]), one.title) for kind, one in PAGES.items()]
    return render(request, "reorganisations/jurisdiction_change_list.html", {"page_obj": page, "kinds": kinds})


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def jurisdiction_change(request: ActorRequest, kind: str) -> HttpResponse:
    """Reorganise units below the place of ``?jurisdiction=``: form, preview, confirmation."""
    page = PAGES.get(kind)
    if page is None:
        raise Http404("没有这种调整。")
    require(request.actor, "reorganise")
    place = place_of(request)
    form = page.form(place.jurisdiction, request.POST or None)
    back = reverse("jurisdiction_change_list")
    return take_steps(
        request,
        form,
        JurisdictionChange,
        lambda order: page.verb(form, order, request.actor),
        form.named,
        lambda change: _done(request, change),
        title=page.title,
        intro=page.intro,
        tone=page.tone,
        place=place,
        trail=[("区划调整", back), (page.title, None)],
        back=back,
    )


def _done(request: ActorRequest, change: JurisdictionChange) -> HttpResponse:
    told = "；".join(change.steps)
    messages.success(request, f"已登记{change.get_kind_display()}：{told}。")
    return redirect("jurisdiction_change_list")
