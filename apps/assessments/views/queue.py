"""The queue of the review (审核): what waits for a jurisdiction, and where the others of its area are."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import Actor, require
from apps.assessments import queue_filter
from apps.assessments.claims import claim_next
from apps.assessments.models import Assessment, AssessmentQuerySet
from apps.assessments.queue import WORKED_ON_HERE, lines_of, tabs_of, waiting_at
from apps.campaigns.current import campaigns_of
from apps.core import clock
from apps.core.paging import KeysFirst
from apps.jurisdictions.models import Jurisdiction

PAGE_SIZE = 50
# They come with what stands there: most bureaus have no second approver, and few revoke anything.
_SELDOM = ("proposed", "revoked")
_FINAL = ("recognised", "revoked")
# The query string of the queue as it was last looked at, for the way back to it.
_SEEN_KEY = "review_queue"


@members_only
@require_safe
def review_queue(request: ActorRequest) -> HttpResponse:
    """What waits for my jurisdiction, the oldest first, and where the others of my area are."""
    require(request.actor, "review_assessments")
    here, data = request.actor.jurisdiction, request.GET
    if request.session.get(_SEEN_KEY, "") != data.urlencode():
        request.session[_SEEN_KEY] = data.urlencode()
    tabs, chosen = _tabs(request.actor, data), data.get("tab", "waiting")
    chosen = chosen if chosen in tabs else "waiting"
    area = _area(request.actor, data)
    rows = Assessment.objects.below(area.path)
    dues = queue_filter.dues_of(here, campaigns_of(request))
    found = queue_filter.narrowed(rows, data, dues)
    counts = found.aggregate(**{name: Count("pk", filter=condition) for name, (_, condition) in tabs.items()})
    paginator = KeysFirst(_lines(found.filter(tabs[chosen][1]), chosen, request, dues), PAGE_SIZE)
    # Counted already.
    paginator.count = counts[chosen]
    page = paginator.get_page(data.get("page"))
    for one in page.object_list:
        # Who works on it is not named to the levels below.
        one.is_named_here = here.contains(one.holder.path)
    is_here = chosen in WORKED_ON_HERE
    context = {
        "tab": chosen,
        "tabs": [
            (name, label, counts[name])
            for name, (label, _) in tabs.items()
            if name not in _SELDOM or counts[name] or chosen == name
        ],
        "is_here": is_here,
        "has_due": bool(dues) and chosen not in _FINAL,
        "page_obj": page,
        "begin_with": next((one for one in page.object_list if _is_open_to(one, request.actor)), None),
        "today": clock.today(),
        "may_decide": request.actor.can("recognise_communities"),
        "may_agree_in_bulk": chosen == "waiting" and any(_goes_up(one, here) for one in page.object_list),
        "is_filtered": queue_filter.is_narrowed(data, here=is_here),
    }
    return render(request, "assessments/review_queue.html", context | _choices(request, is_here=is_here, area=area))


@members_only
@require_POST
def review_claim_next(request: ActorRequest) -> HttpResponse:
    """Claim what has waited longest in the queue as it was narrowed, and open it (领办下一件)."""
    require(request.actor, "review_assessments")
    narrowed = queue_in_view(request)
    waiting = waiting_at(request.actor.jurisdiction) if narrowed is None else narrowed
    claimed = claim_next(waiting, actor=request.actor)
    if claimed is None:
        messages.info(request, "没有可以领办的了：其余的由同事领办，或须由他人审核。")
        return redirect(way_back(request))
    messages.success(request, f"已领办{claimed.participation.community}。")
    return redirect("review", claimed.pk)


def way_back(request: ActorRequest) -> str:
    """The address of the queue with the filters that it was last looked at with."""
    seen = request.session.get(_SEEN_KEY, "")
    return f"{reverse('review_queue')}{'?' if seen else ''}{seen}"


def queue_in_view(request: ActorRequest) -> AssessmentQuerySet | None:
    """What waits for my level, narrowed as the queue was last looked at; None: not narrowed."""
    data, actor = QueryDict(request.session.get(_SEEN_KEY, "")), request.actor
    if not queue_filter.is_narrowed(data, here=True):
        return None
    waiting = waiting_at(actor.jurisdiction)
    try:
        area = _area(actor, data)
    except Http404:
        # Looked at in another membership.
        return None
    dues = queue_filter.dues_of(actor.jurisdiction, campaigns_of(request)) if data.get("due") else {}
    return queue_filter.narrowed(waiting.below(area.path), data, dues).filter(queue_filter.narrowed_here(data, actor))


def _lines(rows: AssessmentQuerySet, tab: str, request: ActorRequest, dues: queue_filter.Dues) -> Any:
    lines = lines_of(queue_filter.with_due(rows, dues), tab, request.actor)
    return (
        lines.order_by(*queue_filter.ordering(request.GET)) if request.GET.get("sort") and tab not in _FINAL else lines
    )


def _tabs(actor: Actor, data: Mapping[str, str]) -> dict[str, tuple[str, Q]]:
    """The tabs, those of what is worked on here narrowed to the chosen state and 承办人."""
    narrowed, tabs = queue_filter.narrowed_here(data, actor), tabs_of(actor.jurisdiction)
    return tabs | {name: (tabs[name][0], tabs[name][1] & narrowed) for name in WORKED_ON_HERE}


def _area(actor: Actor, data: Mapping[str, str]) -> Jurisdiction:
    """The part of the own area that was asked for."""
    key, here = data.get("area", ""), actor.jurisdiction
    if not key:
        return here
    area = Jurisdiction.objects.below(here.path).with_key(key).first()
    if area is None:
        raise Http404
    return area


def _choices(request: ActorRequest, *, is_here: bool, area: Jurisdiction) -> dict[str, Any]:
    """What the filters offer: right below the own area, and below the chosen one."""
    here = request.actor.jurisdiction
    parents = {here.pk, area.pk, area.parent_id} if area != here else {here.pk}
    found = Jurisdiction.objects.filter(parent__in=parents, path__startswith=here.path).in_code_order()
    return {
        # What is worked on here stays narrowed while another tab is looked at.
        "kept": [(name, request.GET[name]) for name in queue_filter.NARROWING_HERE if request.GET.get(name)],
        "areas": [(one, one.parent_id != here.pk) for one in found],
        "assignees": queue_filter.assignees(request.actor) if is_here else [],
        "states": [(name, label) for name, (label, _) in queue_filter.STATES.items()] if is_here else [],
        "orders": queue_filter.ORDERS.items(),
    }


def _goes_up(one: Assessment, here: Jurisdiction) -> bool:
    """Whether agreeing passes it on: at the last level it is recognised instead."""
    return one.participation.campaign.review_chain[-1] != here.level


def _is_open_to(one: Any, actor: Actor) -> bool:
    """Whether the person can act on a line of the queue."""
    is_claimed = getattr(one, "is_claimed", False) and one.assignee_id not in (None, actor.user.pk)
    return not getattr(one, "is_own_work", False) and not is_claimed
