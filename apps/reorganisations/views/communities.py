"""Changes of communities: a page per kind, and the list of all."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import Actor, require
from apps.campaigns.current import access_jurisdiction
from apps.communities.confirming import confirming_unit_of
from apps.communities.models import Community
from apps.core.downloads import table_download
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations import communities as verbs
from apps.reorganisations.carrying_out import Order
from apps.reorganisations.forms import (
    CloseForm,
    CommunityForm,
    MergeForm,
    MoveForm,
    OpenForm,
    RenameForm,
    SplitForm,
)
from apps.reorganisations.models import CommunityChange
from apps.reorganisations.views.shared import take_steps

Kind = CommunityChange.Kind

PAGE_SIZE = 50
DOWNLOAD_LIMIT = 10_000
CHANGE_COLUMNS = ["生效日期", "类型", "变更前", "变更后", "批准文号", "变更理由", "登记时间", "登记人"]


def _rename(form: CommunityForm, community: Community, order: Order, actor: Actor) -> CommunityChange:
    entered = form.cleaned_data
    return verbs.rename_community(community, entered["name"], order, actor=actor, code=entered["code"])


def _close(form: CommunityForm, community: Community, order: Order, actor: Actor) -> CommunityChange:
    return verbs.close_community(community, order, actor=actor)


def _move(form: CommunityForm, community: Community, order: Order, actor: Actor) -> CommunityChange:
    return verbs.move_community(community, form.place("street"), order, actor=actor)


def _merge(form: CommunityForm, community: Community, order: Order, actor: Actor) -> CommunityChange:
    entered = form.cleaned_data
    others = list(Community.objects.select_related("jurisdiction").filter(pk__in=entered["others"]).order_by("pk"))
    if entered["into"] == "new":
        new = verbs.NewCommunity(entered["name"], form.place("street"), entered["code"])
        return verbs.merge_communities([community, *others], new, order, actor=actor)
    if entered["into"] == "this":
        return verbs.merge_communities(others, community, order, actor=actor)
    return verbs.merge_communities([community], others[0], order, actor=actor)


def _split(form: CommunityForm, community: Community, order: Order, actor: Actor) -> CommunityChange:
    entered, street = form.cleaned_data, form.place("street")
    new = [verbs.NewCommunity(name, street) for name in entered["names"]]
    heir = entered["heir"] - 1 if entered["heir"] and not entered["keeps"] else None
    return verbs.split_community(community, new, order, actor=actor, keeps=entered["keeps"], heir=heir)


@dataclass(frozen=True)
class _Page:
    """The page of a kind: its form, what it calls, its words."""

    form: type[CommunityForm]
    verb: Callable[[CommunityForm, Community, Order, Actor], CommunityChange]
    title: str
    intro: str
    tone: str = ""


PAGES = {
    "rename": _Page(RenameForm, _rename, "社区更名", "更改名称或区划代码。参与创建、认定和历年数字不变。"),
    "close": _Page(
        CloseForm,
        _close,
        "撤销社区",
        "撤销后没有承接社区。今年起不计入底数，参与创建和认定随之终止；以前年度的数字和历史保留。",
        "danger",
    ),
    "merge": _Page(
        MergeForm,
        _merge,
        "合并社区",
        "几个社区并为一个，以前年度的数字不变。并入现有社区的，它自己已参加的行动以它的为准，并入一方在同一行动中的创建和认定终止；"
        "其余的由合并后的社区承接，同一行动有几份的，承接进度最快的一份。",
    ),
    "split": _Page(SplitForm, _split, "拆分社区", "一个社区拆成几个。保留原社区的，参与创建和认定仍由原社区承担。"),
    "move": _Page(
        MoveForm,
        _move,
        "调整所属街道",
        "参与创建、自评、认定随社区划转，由新的单位接着办理；以前年度的数字仍计入原来的街道。",
    ),
}


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def community_change(request: ActorRequest, pk: int, kind: str) -> HttpResponse:
    """Rename, close, merge, split or move a community: form, preview, confirmation."""
    page = PAGES.get(kind)
    if page is None:
        raise Http404("没有这种变更。")
    community = get_object_or_404(Community.objects.select_related("jurisdiction__parent"), pk=pk)
    require(request.actor, "change_communities", community.path)
    form = page.form(request.actor, community, request.POST or None)
    url = reverse("community_detail", args=[pk])
    return take_steps(
        request,
        form,
        CommunityChange,
        lambda order: page.verb(form, community, order, request.actor),
        lambda: _places([community.jurisdiction, *_chosen(form)], request.actor),
        lambda change: _done(request, change),
        title=f"{page.title}：{community}",
        intro=page.intro,
        tone=page.tone,
        facts=_facts(community),
        trail=[("社区库", reverse("community_list")), (str(community), url), (page.title, None)],
        back=url,
    )


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def community_open(request: ActorRequest) -> HttpResponse:
    """Set up a new community: form, preview, confirmation."""
    require(request.actor, "change_communities")
    form = OpenForm(request.actor, None, request.POST or None)

    def verb(order: Order) -> CommunityChange:
        entered = form.cleaned_data
        new = verbs.NewCommunity(entered["name"], form.place("street"), entered["code"])
        return verbs.open_community(new, order, actor=request.actor)

    return take_steps(
        request,
        form,
        CommunityChange,
        verb,
        lambda: _places(_chosen(form), request.actor),
        lambda change: _done(request, change),
        title="新设社区",
        intro="新设的社区从今年起计入底数。",
        trail=[("社区库", reverse("community_list")), ("新设社区", None)],
        back=reverse("community_list"),
    )


@members_only
@require_safe
def community_change_list(request: ActorRequest) -> HttpResponse:
    """All changes of communities of the area, newest first; with ``?format=xlsx`` as a sheet."""
    place = access_jurisdiction(request, request.GET.get("jurisdiction", ""))
    changes = CommunityChange.objects.below(place.path).select_related("jurisdiction", "recorded_by")
    changes = changes.prefetch_related("successions__predecessor", "successions__successor")
    if request.GET.get("format") == "xlsx":
        title = f"{place.name}社区变更"
        record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place)
        return table_download(title, CHANGE_COLUMNS, change_cells(changes[:DOWNLOAD_LIMIT]))
    page = Paginator(changes, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"place": place, "page_obj": page, "may_change": request.actor.can("change_communities")}
    return render(request, "reorganisations/community_change_list.html", context)


def change_cells(changes: Collection[Any]) -> Any:
    """Yield changes as rows of a sheet: one per succession, and per community that was taken over singly."""
    for change in changes:
        steps = [(one.name_before, one.name_after) for one in change.successions.all()]
        steps += [(one["name"], one["fate"]) for one in getattr(change, "taken_singly", ())]
        for before, after in steps:
            yield [
                change.effective_on,
                change.get_kind_display(),
                before,
                after,
                change.document_number,
                change.reason,
                timezone.localtime(change.recorded_at),
                str(change.recorded_by),
            ]


def _done(request: ActorRequest, change: CommunityChange) -> HttpResponse:
    successions = list(change.successions.select_related("predecessor", "successor"))
    told = "；".join(map(str, successions))
    messages.success(request, f"已登记{change.get_kind_display()}：{told}。")
    shown = next((one.successor_id for one in successions if one.successor_id), None)
    return redirect("community_detail", shown or successions[0].predecessor_id)


def _chosen(form: CommunityForm) -> list[Jurisdiction]:
    """The streets that the form names beside the community's own."""
    found = [form.place("street")] if form.cleaned_data.get("street") else []
    others = form.cleaned_data.get("others") or []
    return found + list(Jurisdiction.objects.filter(communities__in=others).distinct())


def _places(streets: Collection[Jurisdiction], actor: Actor) -> list[Jurisdiction]:
    """The streets with their districts, as far as the actor sees them."""
    found = {one.pk: one for one in streets}
    for one in streets:
        unit = confirming_unit_of(one.path)
        if unit is not None and actor.jurisdiction.contains(unit.path):
            found[unit.pk] = unit
    return list(found.values())


def _facts(community: Community) -> list[tuple[str, str]]:
    street = community.jurisdiction
    facts = [("社区", community.name), ("所属", f"{street.parent or ''} {street}")]
    return [*facts, ("区划代码", community.code or "没有")]
