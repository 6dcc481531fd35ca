"""督导检查, from the draft to what the visited unit reads and answers."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.campaigns.current import current_campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput
from apps.core.forms import Problems
from apps.core.inputs import whole_number
from apps.jurisdictions.models import Level
from apps.people.places import place_of
from apps.recognitions.forms import ReasonForm
from apps.recognitions.views.shared import DOWNLOAD_LIMIT, attempt, form_page, page_of, sheet, wants_sheet
from apps.standards.national import national_criteria
from apps.supervision.domain import (
    SUPERVISE,
    discard_visit,
    draft_visit,
    edit_visit,
    issue_visit,
    require_own,
    shortfalls,
    visits_for,
    was_discarded,
    withdraw_visit,
)
from apps.supervision.forms import CommunityForm, FindingLines, UnitForm, VisitFilter, VisitForm
from apps.supervision.listing import COLUMNS, cells, listed_visits, state_of
from apps.supervision.mending import may_answer
from apps.supervision.models import SupervisionVisit

Status = SupervisionVisit.Status
_YEARS_BACK = 5


@members_only
@require_safe
def visit_list(request: ActorRequest) -> HttpResponse:
    """The visits that the office has made and received, and those in its area; also as a spreadsheet."""
    actor, year = request.actor, clock.today().year
    form = VisitFilter(request, range(year - _YEARS_BACK, year + 1))
    place = form.place.jurisdiction
    rows = listed_visits(actor, place, form.state_asked, form.year_asked)
    if wants_sheet(request):
        return sheet(request, f"{place}督导检查", COLUMNS, cells(rows[:DOWNLOAD_LIMIT]), place)
    page = page_of(request, rows)
    context = {
        "form": form,
        "page_obj": page,
        "rows": [(one, *state_of(one)) for one in page.object_list],
        "may_supervise": actor.can(SUPERVISE) and actor.jurisdiction.level != Level.STREET,
    }
    return render(request, "supervision/visit_list.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def visit_add(request: ActorRequest) -> HttpResponse:
    """Choose where the visit was, then write it down."""
    actor = request.actor
    require(actor, SUPERVISE)
    if actor.jurisdiction.level == Level.STREET:
        raise PermissionDenied("督导检查由县级以上单位开展，街道（镇、乡）不用登记。")
    place = place_of(request, key=request.POST.get("jurisdiction", ""))
    inside = Community.objects.filter(jurisdiction=place.jurisdiction, closed_on=None).order_by("code")
    form, status = CommunityForm(list(inside), request.POST or None), 200
    if request.method == "POST":
        drafted: list[SupervisionVisit] = []
        campaign = current_campaign(request)
        status = attempt(
            form, lambda _: drafted.append(draft_visit(campaign, place.jurisdiction, form.chosen, actor=actor))
        )
        if not status:
            return redirect("visit_edit", drafted[0].pk)
    context = {
        "place": place,
        "unit_form": UnitForm(place),
        "form": form,
        "is_own": place.jurisdiction == actor.jurisdiction,
    }
    return render(request, "supervision/visit_add.html", context, status=status or 200)


@members_only
@require_safe
def visit_detail(request: ActorRequest, pk: int) -> HttpResponse:
    """One visit with its findings and what became of them."""
    actor = request.actor
    visit = get_object_or_404(visits_for(actor).counted(), pk=pk)
    is_own = actor.jurisdiction == visit.office
    # What was withdrawn is no more told to those below; that it was, and why, is.
    is_told = is_own or visit.status != Status.WITHDRAWN
    rows = visit.findings.select_related("criterion", "answered_by", "checked_by").prefetch_related("attachments")
    findings = list(rows) if is_told else []
    may_supervise = is_own and actor.can(SUPERVISE)
    context = {
        "visit": visit,
        "state": state_of(visit),
        "is_told": is_told,
        "findings": findings,
        "lacking": shortfalls(visit, findings) if may_supervise and visit.is_draft else [],
        "may_draft": may_supervise and visit.is_draft,
        "may_check": may_supervise and visit.status == Status.ISSUED,
        "may_answer": may_answer(actor, visit),
    }
    return render(request, "supervision/visit_detail.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def visit_edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Change a draft with its findings; ``more`` asks for further lines and saves nothing."""
    visit = _own(request, pk)
    if not visit.is_draft:
        return redirect("visit_detail", pk)
    posted, wants_more = request.POST or None, "more" in request.POST
    standing = list(visit.findings.all()) if posted is None else []
    lines = FindingLines(national_criteria(), posted, standing, adds_lines=wants_more)
    typed = request.POST.dict() if wants_more else None
    form, status = VisitForm(visit, None if wants_more else posted, typed=typed), 200
    if posted is not None and not wants_more:
        status = _save(request, visit, form, lines)
        if not status:
            return redirect("visit_detail", pk)
    problems = form.problems if form.is_bound else Problems([], [])
    problems = Problems(problems.general, [*problems.placed, *lines.problems])
    context = {"visit": visit, "form": form, "lines": lines, "problems": problems}
    return render(request, "supervision/visit_edit.html", context, status=status or 200)


@members_only
@require_POST
def visit_discard(request: ActorRequest, pk: int) -> HttpResponse:
    """Throw a draft away; pressed twice it is thrown away once."""
    if not was_discarded(pk, request.actor):
        visit = _visit(request, pk)
        discard_visit(visit, actor=request.actor)
        messages.success(request, f"草稿“{visit}”已删除。")
    return redirect("visit_list")


@members_only
@require_POST
def visit_issue(request: ActorRequest, pk: int) -> HttpResponse:
    """Issue a draft."""
    visit = _visit(request, pk)
    # What the page did not say is as stale as what it said of an older version: versions start at 1.
    shown = whole_number(request.POST.get("seen", "")) or 0
    try:
        issue_visit(visit, actor=request.actor, seen=shown)
    except InvalidInput as error:
        messages.error(request, error.message)
        return redirect("visit_edit", pk)
    messages.success(request, f"已印发，{visit.unit}可以看到并答复整改情况。")
    return redirect("visit_detail", pk)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def visit_withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Withdraw what was issued, with a reason."""
    visit = _own(request, pk)
    form, status = ReasonForm(request.POST or None, label_suffix=""), 200
    if request.method == "POST":
        status = attempt(form, lambda entered: withdraw_visit(visit, entered["reason"], actor=request.actor))
        if not status:
            messages.success(request, "督导检查意见已撤回。")
            return redirect("visit_detail", pk)
    here = reverse("visit_detail", args=[pk])
    return form_page(
        request,
        form,
        status=status,
        title="撤回督导检查意见",
        trail=[("督导检查", reverse("visit_list")), (visit.title, here), ("撤回", None)],
        facts=[("督导检查", visit.title), ("被检查单位", visit.place)],
        intro="撤回后，被检查单位看到的是撤回的时间和理由，问题不再要求整改；记录仍然保留。",
        action="撤回",
        back=here,
        tone="danger",
    )


def _save(request: ActorRequest, visit: SupervisionVisit, form: VisitForm, lines: FindingLines) -> int:
    """Save what was entered; 0 when done, else the status of the page that says why not."""
    are_valid = lines.is_valid()
    if not form.is_valid() or not are_valid:
        return InvalidInput.status
    status = attempt(
        form, lambda entered: edit_visit(visit, form.facts(lines.facts), actor=request.actor, seen=entered["seen"])
    )
    if not status:
        messages.success(request, "草稿已保存，还没有印发。")
    return status


def _visit(request: ActorRequest, pk: int) -> SupervisionVisit:
    """The visit for whoever sees it; 404 otherwise. A refused deed is then told by its verb."""
    return get_object_or_404(visits_for(request.actor), pk=pk)


def _own(request: ActorRequest, pk: int) -> SupervisionVisit:
    visit = _visit(request, pk)
    require_own(visit, request.actor)
    return visit
