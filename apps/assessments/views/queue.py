"""The queue of the review (审核): what waits for a jurisdiction, and where the others of its area are."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.assessments.models import Assessment, AssessmentQuerySet
from apps.assessments.queue import WORKED_ON_HERE, assigned_to, lines_of, tabs_of
from apps.jurisdictions.models import Jurisdiction

PAGE_SIZE = 50
# They come with what stands there: most bureaus have no second approver, and few revoke anything.
_SELDOM = ("proposed", "revoked")


@members_only
@require_safe
def review_queue(request: ActorRequest) -> HttpResponse:
    """What waits for my jurisdiction, the oldest first, and where the others of my area are."""
    require(request.actor, "review_assessments")
    here = request.actor.jurisdiction
    tabs, chosen = _tabs(request, here), request.GET.get("tab", "waiting")
    chosen = chosen if chosen in tabs else "waiting"
    found = _filtered(request, Assessment.objects.below(here.path))
    counts = found.aggregate(**{name: Count("pk", filter=condition) for name, (_, condition) in tabs.items()})
    rows = lines_of(found.filter(tabs[chosen][1]), chosen, request.actor)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    by_assignee = chosen in WORKED_ON_HERE
    narrowing = ("area", "q", "of", "assignee") if by_assignee else ("area", "q", "of")
    context = {
        "tab": chosen,
        "tabs": [
            (name, label, counts[name])
            for name, (label, _) in tabs.items()
            if name not in _SELDOM or counts[name] or chosen == name
        ],
        "assignees": [(name, label) for name, (label, _) in assigned_to(request.actor).items()] if by_assignee else [],
        "areas": Jurisdiction.objects.filter(parent=here).in_code_order(),
        "page_obj": page,
        "begin_with": next((one for one in page.object_list if not getattr(one, "is_own_work", False)), None),
        "is_filtered": any(request.GET.get(name) for name in narrowing),
    }
    return render(request, "assessments/review_queue.html", context)


def _tabs(request: ActorRequest, here: Jurisdiction) -> dict[str, tuple[str, Q]]:
    """The tabs, those of what is worked on here narrowed to the chosen 承办人."""
    chosen = assigned_to(request.actor).get(request.GET.get("assignee", ""))
    narrowed = chosen[1] if chosen is not None else Q()
    tabs = tabs_of(here)
    return tabs | {name: (tabs[name][0], tabs[name][1] & narrowed) for name in WORKED_ON_HERE}


def _filtered(request: ActorRequest, rows: AssessmentQuerySet) -> AssessmentQuerySet:
    """``area``: a jurisdiction right below; ``of``: a campaign's code; ``q``: part of a name, or the start of a code."""
    if code := request.GET.get("area", ""):
        area = get_object_or_404(Jurisdiction.objects.below(request.actor.jurisdiction.path), code=code)
        rows = rows.below(area.path)
    if campaign := request.GET.get("of", ""):
        rows = rows.filter(participation__campaign__code=campaign)
    if query := request.GET.get("q", "").strip()[:50]:
        named = Q(participation__community__name__icontains=query)
        rows = rows.filter(named | Q(participation__community__code__startswith=query))
    return rows
