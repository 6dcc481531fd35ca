"""Evidence (佐证材料): adding files to a criterion, choosing one again, captions, turning, taking away, looking at them."""

import logging
import re
from collections.abc import Sequence
from functools import partial
from pathlib import PurePath
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.assessments.evidence import attach_again, attach_evidence, caption_evidence, remove_evidence, rotate_evidence
from apps.assessments.gallery import choices_for, pictures_of
from apps.assessments.models import Assessment, Evidence
from apps.assessments.originals import original
from apps.assessments.renditions import Unshowable, complete
from apps.assessments.site_visits import decision_on, may_see
from apps.assessments.tasks import make_renditions
from apps.assessments.views.self_assessment import card_context
from apps.assessments.worksheet import worksheet_of
from apps.core.downloads import harmless
from apps.core.errors import InvalidInput
from apps.core.inputs import ids_in
from apps.standards.models import Criterion

logger = logging.getLogger(__name__)


@members_only
@require_POST
def evidence_add(request: ActorRequest, pk: int, number: int) -> HttpResponse:
    """Attach the uploaded files; each refused one is named with its reason, the others are kept."""
    assessment, criterion = _place(pk, number)
    files, errors, had = request.FILES.getlist("files"), [], []
    attached, added = _attached(assessment, criterion), []
    for file in files:
        name = file.name
        try:
            evidence = attach_evidence(assessment, criterion, file, actor=request.actor)
        except InvalidInput as refused:
            errors.append(refused.message)
            continue
        if evidence.pk in attached:
            had.append(f"“{name}”已有（{evidence.name}），没有重复保存。")
            continue
        attached.add(evidence.pk)
        added.append(evidence)
    if not files:
        errors.append("没有选择文件。")
    had += _elsewhere(assessment, added)
    return _added(request, assessment, number, added, errors, had)


@members_only
@require_http_methods(["GET", "POST"])
def evidence_choose(request: ActorRequest, pk: int, number: int) -> HttpResponse:
    """Offer the assessment's own files that do not stand at the criterion yet; let those chosen stand there too."""
    assessment, criterion = _place(pk, number)
    require(request.actor, "self_assess", assessment.path)
    if request.method == "GET":
        context = {"assessment": assessment, "criterion": criterion, "choices": choices_for(assessment, criterion)}
        name = "self_assessment_choice_form" if request.htmx else "self_assessment_choice"
        return render(request, f"assessments/{name}.html", context)
    chosen = ids_in(request.POST.getlist("evidence"))
    attached, added, errors = _attached(assessment, criterion), [], []
    for source in Evidence.objects.filter(assessment=assessment, pk__in=chosen).order_by("criterion__number", "pk"):
        try:
            evidence = attach_again(source, criterion, actor=request.actor)
        except InvalidInput as refused:
            errors.append(refused.message)
            continue
        if evidence.pk not in attached:
            added.append(evidence)
    if not chosen:
        errors.append("没有选择材料。")
    return _added(request, assessment, number, added, errors)


@members_only
@require_POST
def evidence_caption(request: ActorRequest, pk: int) -> HttpResponse:
    """Save what a file shows, as it is typed."""
    evidence = _own(pk)
    seen, caption = request.POST.get("seen"), request.POST.get("caption", "")
    captioned = caption_evidence(evidence, caption, actor=request.actor, seen=seen)
    if request.htmx:
        return render(request, "assessments/self_assessment_captioned.html", {"one": captioned})
    messages.success(request, f"“{evidence.name}”的说明已保存。")
    return _back(evidence)


@members_only
@require_POST
def evidence_rotate(request: ActorRequest, pk: int) -> HttpResponse:
    """Turn a picture to the asked rotation."""
    evidence = _own(pk)
    asked = request.POST.get("rotation", "")
    rotation = int(asked) if re.fullmatch(r"[0-9]{1,3}", asked) else -1
    rotated = rotate_evidence(evidence, rotation, actor=request.actor)
    if request.htmx:
        context = {"one": rotated, "can_edit": True, "card": {"number": evidence.number}}
        return render(request, "assessments/self_assessment_picture.html", context)
    return _back(evidence)


@members_only
@require_POST
def evidence_delete(request: ActorRequest, pk: int) -> HttpResponse:
    """Take a file away again while the self-assessment is open."""
    evidence = _deleted_already(pk) or _own(pk)
    criterion = remove_evidence(evidence, actor=request.actor)
    if not request.htmx:
        messages.success(request, f"已删去“{evidence.name}”。")
        return _back(evidence)
    assessment = get_object_or_404(Assessment.objects.with_context(), pk=evidence.assessment_id)
    return _changed(request, assessment, criterion.number)


@members_only
@require_safe
def evidence_list(request: ActorRequest, pk: int) -> HttpResponse:
    """Every picture of an assessment with what is known of it, for the viewer."""
    assessment = get_object_or_404(Assessment.objects.with_context(), pk=pk)
    return JsonResponse({"pictures": pictures_of(assessment, request.actor)})


@members_only
@require_safe
def evidence_file(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Give the original to save, on record; of a picture ``?inline=1`` shows the large, ``?thumbnail=1`` the small rendition.

    The wall decides who may; of a site visit also whether its level has decided.
    """
    rows = Evidence.objects.select_related("criterion", "assessment__participation__community__jurisdiction")
    evidence = get_object_or_404(rows.select_related("site_visit__jurisdiction"), pk=pk)
    visit = evidence.site_visit
    if visit is not None and not may_see(visit, request.actor, decision_on(visit)):
        raise Http404
    size = next((one for one in ("thumbnail", "inline") if one in request.GET), "")
    is_shown = bool(size) and evidence.is_image
    try:
        response = (
            _rendition(evidence, size)
            if is_shown
            else original(evidence, actor=request.actor, is_fetched=request.method == "GET")
        )
    except FileNotFoundError as missing:
        raise Http404(f"“{evidence.name}”的文件找不到了，请联系管理员。") from missing
    # Looked at again, a picture may come from the browser's cache; an original is asked for, and recorded, each time.
    return harmless(response, cache="private, max-age=300") if is_shown else harmless(response)


def _rendition(evidence: Evidence, size: str) -> HttpResponseBase:
    """The picture as it is shown; made now where no worker has made it yet."""
    try:
        shown = evidence if evidence.display and evidence.thumbnail else complete(evidence)
    except Unshowable as error:
        logger.warning("evidence %s cannot be shown: %s", evidence.pk, error)
        return redirect(staticfiles_storage.url("img/no-picture.svg"))
    file = shown.thumbnail if size == "thumbnail" else shown.display
    if not file:
        raise Http404("这份材料刚被删去。")
    filename = f"{PurePath(evidence.name).stem}.jpg"
    return FileResponse(file.open("rb"), filename=filename, content_type="image/jpeg")


def _place(pk: int, number: int) -> tuple[Assessment, Criterion]:
    assessment = get_object_or_404(Assessment.objects.with_context(), pk=pk)
    return assessment, get_object_or_404(Criterion, standard=assessment.standard_id, number=number)


def _own(pk: int) -> Evidence:
    # Photos of a visit belong to it, and are not even there for those who may not see it.
    of_criteria = Evidence.objects.select_related("criterion", "assessment").filter(criterion__isnull=False)
    return get_object_or_404(of_criteria, pk=pk)


def _deleted_already(pk: int) -> Evidence | None:
    """A file of a criterion as it was when it was taken away: pressed again, the button says the same."""
    events: Any = apps.get_model("assessments", "EvidenceEvent")
    gone = events.objects.filter(pgh_obj_id=pk, pgh_label="delete", criterion__isnull=False).first()
    if gone is None:
        return None
    kept = {field.attname: getattr(gone, field.attname) for field in Evidence._meta.concrete_fields}
    return Evidence(**kept)


def _attached(assessment: Assessment, criterion: Criterion) -> set[int]:
    return set(Evidence.objects.filter(assessment=assessment, criterion=criterion).values_list("pk", flat=True))


def _elsewhere(assessment: Assessment, added: Sequence[Evidence]) -> list[str]:
    """Say of which files there was no need to store them again."""
    hashes = [one.sha256 for one in added]
    others = Evidence.objects.filter(assessment=assessment, sha256__in=hashes, criterion__isnull=False)
    others = others.exclude(pk__in=[one.pk for one in added]).select_related("criterion").order_by("pk")
    first = {one.sha256: one for one in reversed(others)}
    return [
        f"“{one.name}”与{first[one.sha256].place}的“{first[one.sha256].name}”是同一个文件，没有重复保存。"
        for one in added
        if one.sha256 in first
    ]


def _back(evidence: Evidence) -> HttpResponse:
    """Go back to the file's place on the page, after an ordinary request."""
    anchor = f"#c{evidence.number}" if evidence.number else ""
    return redirect(f"{reverse('self_assessment', args=[evidence.assessment_id])}{anchor}")


def _added(
    request: ActorRequest,
    assessment: Assessment,
    number: int,
    added: Sequence[Evidence],
    errors: Sequence[str],
    had: Sequence[str] = (),
) -> HttpResponse:
    """The files that the criterion has now besides, and what was refused; an ordinary request goes back to its place."""
    for one in added:
        transaction.on_commit(partial(make_renditions.delay, one.pk, one.path), robust=True)
    done = f"第 {number} 条已附 {len(added)} 份材料。" if added else ""
    if request.htmx:
        status = 422 if errors and not (added or had) else 200
        return _changed(request, assessment, number, status, added=added, errors=errors, had=had, done=done)
    for say, texts in ((messages.error, errors), (messages.info, had), (messages.success, [done] if done else [])):
        for text in texts:
            say(request, text)
    return redirect(f"{reverse('self_assessment', args=[assessment.pk])}#c{number}")


def _changed(
    request: ActorRequest, assessment: Assessment, number: int, status: int = 200, **also: object
) -> HttpResponse:
    """Everything on the page that depends on a criterion's evidence, each put in its place."""
    sheet = worksheet_of(assessment, request.actor)
    context = card_context(sheet, sheet.card(number)) | {"oob": True, **also}
    return render(request, "assessments/self_assessment_evidence_changed.html", context, status=status)
