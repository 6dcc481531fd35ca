"""Site visits (现场核查): recording and mending them, their photos, and the form on paper."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.assessments.comparison import compare
from apps.assessments.evidence import attach_visit_photo
from apps.assessments.forms import VisitForm
from apps.assessments.models import Assessment, Evidence, SiteVisit
from apps.assessments.site_visits import (
    decision_on,
    delete_visit,
    edit_visit,
    may_see,
    open_visit,
    record_visit,
    remove_photo,
    visits_with_photos,
)
from apps.assessments.steps import open_for
from apps.assessments.tasks import make_renditions
from apps.assessments.views.review import load_review
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.inputs import whole_number
from apps.jurisdictions.models import Jurisdiction

# Two to a row, three rows to a page, two pages; the others are named.
PRINTED_PICTURES = 12


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def site_visit_add(request: ActorRequest, pk: int) -> HttpResponse:
    """Record a visit of my level (登记现场核查), with its photos."""
    assessment = load_review(pk)
    if request.method != "POST":
        with transaction.atomic():
            open_for(assessment, request.actor, by_reviewer=True)
        initial = {"visited_on": clock.today(), "offices": str(request.actor.jurisdiction)}
        return _form_page(request, assessment, VisitForm(initial=initial, assessment=assessment))
    form = VisitForm(request.POST, assessment=assessment)
    if not form.is_valid():
        require(request.actor, "review_assessments", assessment.path)
        return _form_page(request, assessment, form, status=422)
    try:
        visit = record_visit(assessment, form.facts(), actor=request.actor)
    except InvalidInput as refused:
        form.add_error(None, refused.message)
        return _form_page(request, assessment, form, status=refused.status)
    return _kept(request, visit, f"已登记 {visit.visited_on:%Y-%m-%d} 的现场核查。")


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def site_visit(request: ActorRequest, pk: int, visit: int) -> HttpResponse:
    """Mend a visit of my level while it decides; after that, and for others, it is read on the review's page."""
    assessment, found = load_review(pk), _load(request, pk, visit)
    if request.method != "POST":
        initial = {name: getattr(found, name) for name in ("visited_on", "offices", "findings", "version")}
        return _form_page(request, assessment, VisitForm(initial=initial, assessment=assessment), found)
    form = VisitForm(request.POST, assessment=assessment)
    if not form.is_valid():
        require(request.actor, "review_assessments", assessment.path)
        return _form_page(request, assessment, form, found, status=422)
    try:
        seen = form.cleaned_data["version"] or 0
        found = edit_visit(found, form.facts(), actor=request.actor, seen=seen)
    except (InvalidInput, StaleForm) as refused:
        fresh = _load(request, pk, visit)
        if isinstance(refused, StaleForm):
            # What stands has been shown with the refusal: pressed again, one's own counts.
            form.data = {**request.POST.dict(), "version": str(fresh.version)}
        form.add_error(None, refused.message)
        return _form_page(request, assessment, form, fresh, status=refused.status)
    return _kept(request, found, f"已保存 {found.visited_on:%Y-%m-%d} 的现场核查。")


@members_only
@require_POST
def site_visit_delete(request: ActorRequest, pk: int, visit: int) -> HttpResponse:
    """Delete a visit with its photos; pressed twice it is deleted once."""
    assessment = load_review(pk)
    require(request.actor, "review_assessments", assessment.path)
    if (found := SiteVisit.objects.filter(pk=visit, assessment=assessment).first()) is not None:
        delete_visit(_load(request, pk, found.pk), actor=request.actor)
        messages.success(request, f"已删除 {found.visited_on:%Y-%m-%d} 的现场核查和照片。")
    return redirect(_on_review(pk))


@members_only
@require_POST
def site_visit_photos(request: ActorRequest, pk: int, visit: int) -> HttpResponse:
    """Add photos to a visit, or take one away (``remove``)."""
    found = _load(request, pk, visit)
    if (number := whole_number(request.POST.get("remove", ""), digits=9)) is not None:
        photo = Evidence.objects.filter(pk=number, site_visit=found).select_related("site_visit__assessment").first()
        if photo is not None:
            remove_photo(photo, actor=request.actor)
            messages.success(request, f"已删去照片“{photo.name}”。")
        return redirect(reverse("site_visit", args=[pk, visit]) + "#photos")
    if not request.FILES.getlist("photos"):
        messages.error(request, "没有选择照片。")
    return _kept(request, found, "")


@members_only
@require_safe
def site_visit_print(request: ActorRequest, pk: int, visit: int) -> HttpResponse:
    """A recorded visit as a form on A4 (现场核查记录表)."""
    return _paper(request, load_review(pk), _load(request, pk, visit))


@members_only
@require_safe
def site_visit_blank(request: ActorRequest, pk: int) -> HttpResponse:
    """The form with blanks, to take along (空白核查表)."""
    assessment = load_review(pk)
    require(request.actor, "review_assessments", assessment.path)
    return _paper(request, assessment, None)


def _load(request: ActorRequest, pk: int, visit: int) -> SiteVisit:
    """A visit of the assessment that the person may see; 404 for any other."""
    found = get_object_or_404(visits_with_photos(load_review(pk)).select_related("assessment"), pk=visit)
    if not may_see(found, request.actor, decision_on(found)):
        raise Http404("核查单位办理完毕后才能查看这次现场核查。")
    return found


def _kept(request: ActorRequest, visit: SiteVisit, done: str) -> HttpResponse:
    """Attach the photos that came along; back to the review, or where one was refused to the visit, saying which and why."""
    refused, added = [], 0
    for file in request.FILES.getlist("photos"):
        try:
            photo = attach_visit_photo(visit, file, actor=request.actor)
        except InvalidInput as problem:
            refused.append(problem.message)
            continue
        added += 1
        transaction.on_commit(partial(make_renditions.delay, photo.pk, photo.path), robust=True)
    if said := f"{done}{f'已附 {added} 张照片。' if added else ''}":
        messages.success(request, said)
    for message in refused:
        messages.error(request, message)
    if done and not refused:
        return redirect(_on_review(visit.assessment_id))
    return redirect(reverse("site_visit", args=[visit.assessment_id, visit.pk]) + "#photos")


def _on_review(pk: int) -> str:
    return f"{reverse('review', args=[pk])}#visits"


def _form_page(
    request: ActorRequest, assessment: Assessment, form: VisitForm, visit: SiteVisit | None = None, *, status: int = 200
) -> HttpResponse:
    """The form; of a visit that is locked, or another level's, what stands in it and why it cannot be changed."""
    locked = ""
    if visit is not None and request.method in ("GET", "HEAD"):
        locked = _lock_reason(request, visit)
    photos = list(visit.evidence.all()) if visit is not None else []
    context = {"assessment": assessment, "form": form, "visit": visit, "photos": photos, "locked": locked}
    return render(request, "assessments/site_visit.html", context, status=status)


def _lock_reason(request: ActorRequest, visit: SiteVisit) -> str:
    if visit.jurisdiction != request.actor.jurisdiction:
        return f"这次核查由{visit.jurisdiction}登记，只有{visit.jurisdiction}可以修改或删除。"
    if not request.actor.can("review_assessments", visit.path):
        return "现场核查由本单位经办人、审批人登记，您只能查看。"
    try:
        with transaction.atomic():
            open_visit(visit, request.actor)
    except TransitionError as refused:
        return refused.message
    except PermissionDenied as refused:
        return str(refused)
    return ""


def _paper(request: ActorRequest, assessment: Assessment, visit: SiteVisit | None) -> HttpResponse:
    sheet = compare(assessment, request.actor)
    visitor: Jurisdiction = visit.jurisdiction if visit is not None else sheet.viewed
    files = list(visit.evidence.all()) if visit is not None else []
    pictures = [one for one in files if one.is_image][:PRINTED_PICTURES]
    context = {
        "assessment": assessment,
        "sheet": sheet,
        "visit": visit,
        "visitor": visitor,
        "files": files,
        "pictures": pictures,
        "unprinted": [one for one in files if one not in pictures],
        "printed_at": clock.now(),
    }
    return render(request, "assessments/site_visit_print.html", context)
