"""通报, from the draft to what all below read."""

from collections.abc import Iterable

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.bulletins.domain import (
    bulletins_for,
    discard_bulletin,
    draft_bulletin,
    edit_bulletin,
    is_told_to,
    live_units,
    places_of,
    publish_bulletin,
    require_own,
    was_discarded,
    withdraw_bulletin,
)
from apps.bulletins.forms import BulletinForm
from apps.bulletins.models import Bulletin
from apps.bulletins.ranking import PRAISED, URGED, Place, ranked
from apps.campaigns.current import current_campaign, current_year
from apps.core import clock
from apps.core.downloads import table_download
from apps.core.errors import InvalidInput
from apps.core.inputs import whole_number
from apps.core.xlsx import ListValue
from apps.jurisdictions.models import Level
from apps.recognitions.forms import ReasonForm
from apps.recognitions.views.shared import attempt, form_page, page_of

Status = Bulletin.Status

_TONES = {Status.DRAFT: "warning", Status.PUBLISHED: "success", Status.WITHDRAWN: "danger"}
_COLUMNS = ["名次", "单位", "城市社区底数", "累计认定", "合计完成比例", "目标数", "目标完成率", "还差", "表扬督促"]


@members_only
@require_safe
def bulletin_list(request: ActorRequest) -> HttpResponse:
    """The bulletins of the office, of those above it and of its area; drafts first, then the latest."""
    actor = request.actor
    page = page_of(request, bulletins_for(actor).order_by(F("published_at").desc(nulls_first=True), "-pk"))
    context = {
        "page_obj": page,
        "rows": [(one, _TONES[Status(one.status)]) for one in page.object_list],
        "campaign": current_campaign(request),
        "may_draft": actor.can("draft_bulletins") and actor.jurisdiction.level != Level.STREET,
    }
    return render(request, "bulletins/bulletin_list.html", context)


@members_only
@require_POST
def bulletin_add(request: ActorRequest) -> HttpResponse:
    """Draft a bulletin on the campaign and year of the address."""
    campaign = current_campaign(request)
    if campaign is None:
        raise InvalidInput("本辖区还没有创建行动，没有可以通报的内容。")
    bulletin = draft_bulletin(campaign, current_year(request, campaign), actor=request.actor)
    messages.success(request, "已拟好草稿，请核对、修改后发布。")
    return redirect("bulletin_edit", bulletin.pk)


@members_only
@require_safe
def bulletin_detail(request: ActorRequest, pk: int) -> HttpResponse:
    """One bulletin with its ranking: a draft's of today, a published one's of the day it was published."""
    bulletin = _bulletin(request, pk)
    is_own = request.actor.jurisdiction == bulletin.jurisdiction
    # What was withdrawn is no more told to those below; that it was, and why, is.
    is_told = is_told_to(request.actor, bulletin)
    places = places_of(bulletin) if is_told else []
    if is_told and request.GET.get("format") == "xlsx":
        record(
            AccessEvent.Kind.EXPORTED, actor=request.actor, subject=bulletin.title, jurisdiction=bulletin.jurisdiction
        )
        return table_download(bulletin.title, _COLUMNS, _cells(places))
    may_publish = is_own and request.actor.can("publish_bulletins")
    context = {
        "bulletin": bulletin,
        "tone": _TONES[Status(bulletin.status)],
        "as_of": bulletin.as_of or clock.today(),
        "is_told": is_told,
        "places": places,
        "praised": [one.unit.name for one in places if one.mark == PRAISED],
        "urged": [one.unit.name for one in places if one.mark == URGED],
        "own_name": request.actor.jurisdiction.name,
        "may_draft": is_own and bulletin.status == Status.DRAFT and request.actor.can("draft_bulletins"),
        "may_publish": may_publish and bulletin.status == Status.DRAFT,
        "may_withdraw": may_publish and bulletin.status == Status.PUBLISHED,
    }
    return render(request, "bulletins/bulletin_detail.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    bulletin = _own(request, pk, "draft_bulletins")
    if bulletin.status != Status.DRAFT:
        return redirect("bulletin_detail", pk)
    units = live_units(bulletin)
    form, status = BulletinForm(bulletin, units, request.POST or None), 200
    if request.method == "POST":
        status = attempt(
            form, lambda entered: edit_bulletin(bulletin, form.wording, actor=request.actor, seen=entered["seen"])
        )
        if not status:
            messages.success(request, "草稿已保存。")
            return redirect("bulletin_detail", pk)
    rows = [(number, one, form.mark_of(one)) for number, one in ranked(units, bulletin.ranked_by)]
    context = {"bulletin": bulletin, "form": form, "rows": rows, "today": clock.today()}
    return render(request, "bulletins/bulletin_edit.html", context, status=status or 200)


@members_only
@require_POST
def bulletin_discard(request: ActorRequest, pk: int) -> HttpResponse:
    """Throw a draft away; pressed twice it is thrown away once."""
    if not was_discarded(pk, request.actor):
        bulletin = _bulletin(request, pk)
        discard_bulletin(bulletin, actor=request.actor)
        messages.success(request, f"草稿“{bulletin}”已删除。")
    return redirect("bulletin_list")


@members_only
@require_POST
def bulletin_publish(request: ActorRequest, pk: int) -> HttpResponse:
    """Publish a draft."""
    bulletin = _bulletin(request, pk)
    # What the page did not say is as stale as what it said of an older version: versions start at 1.
    shown = whole_number(request.POST.get("seen", "")) or 0
    try:
        publish_bulletin(bulletin, actor=request.actor, seen=shown)
    except InvalidInput as error:
        messages.error(request, error.message)
        return redirect("bulletin_edit", pk)
    messages.success(request, "通报已发布，辖区内各单位都能看到。")
    return redirect("bulletin_detail", pk)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Withdraw a published bulletin with a reason."""
    bulletin = _own(request, pk, "publish_bulletins")
    form, status = ReasonForm(request.POST or None, label_suffix=""), 200
    if request.method == "POST":
        status = attempt(form, lambda entered: withdraw_bulletin(bulletin, entered["reason"], actor=request.actor))
        if not status:
            messages.success(request, "通报已撤回。")
            return redirect("bulletin_detail", pk)
    here = reverse("bulletin_detail", args=[pk])
    return form_page(
        request,
        form,
        status=status,
        title="撤回通报",
        trail=[("通报", reverse("bulletin_list")), (bulletin.title, here), ("撤回", None)],
        facts=[("通报", bulletin.title)],
        intro="撤回后，辖区内各单位看到的是撤回的时间和理由，不再看到正文和排名；记录仍然保留。",
        action="撤回通报",
        back=here,
        tone="danger",
    )


def _bulletin(request: ActorRequest, pk: int) -> Bulletin:
    """The bulletin for whoever sees it; 404 otherwise. A refused deed is then told by its verb."""
    return get_object_or_404(bulletins_for(request.actor), pk=pk)


def _own(request: ActorRequest, pk: int, verb: str) -> Bulletin:
    bulletin = _bulletin(request, pk)
    require_own(bulletin, verb, request.actor)
    return bulletin


def _cells(places: Iterable[Place]) -> Iterable[list[ListValue]]:
    for number, one, mark in places:
        yield [number, one.name, one.base, one.completed, one.ratio, one.wanted, one.fulfilment, one.gap, mark]
