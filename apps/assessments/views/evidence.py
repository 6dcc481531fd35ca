"""Evidence (佐证材料): adding files to a criterion, taking them away, looking at them."""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import PurePath

from django.contrib import messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import access
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.assessments.domain import attach_evidence, remove_evidence
from apps.assessments.models import Assessment, Evidence
from apps.assessments.renditions import Unshowable, complete
from apps.assessments.tasks import make_renditions
from apps.assessments.views.self_assessment import card_context
from apps.assessments.worksheet import worksheet_of
from apps.core.errors import InvalidInput
from apps.standards.models import Criterion

logger = logging.getLogger(__name__)

# Whatever a file holds, a browser runs nothing of it.
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"


@members_only
@require_POST
def evidence_add(request: ActorRequest, pk: int, number: int) -> HttpResponse:
    """Attach the uploaded files; each refused one is named with its reason, the others are kept."""
    assessment = get_object_or_404(Assessment.objects.with_context(), pk=pk)
    criterion = get_object_or_404(Criterion, standard=assessment.standard_id, number=number)
    files, errors, had = request.FILES.getlist("files"), [], []
    attached = set(Evidence.objects.filter(assessment=assessment, criterion=criterion).values_list("pk", flat=True))
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
        transaction.on_commit(partial(make_renditions.delay, evidence.pk, evidence.path), robust=True)
    if not files:
        errors.append("没有选择文件。")
    kept = len(files) - len(errors) - len(had)
    done = f"第 {number} 条已附 {kept} 份材料。" if files and kept else ""
    return _shown(request, assessment, number, errors, done, had)


@members_only
@require_POST
def evidence_delete(request: ActorRequest, pk: int) -> HttpResponse:
    """Take a file away again while the self-assessment is open."""
    evidence = get_object_or_404(Evidence.objects.select_related("criterion"), pk=pk)
    assessment = get_object_or_404(Assessment.objects.with_context(), pk=evidence.assessment_id)
    criterion = remove_evidence(evidence, actor=request.actor)
    return _shown(request, assessment, criterion.number, [], f"已删去“{evidence.name}”。")


@members_only
@require_safe
def evidence_file(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Give the original to save, on record; of a picture ``?inline=1`` shows the large, ``?thumbnail=1`` the small rendition.

    The wall decides who may.
    """
    rows = Evidence.objects.select_related("criterion", "assessment__participation__community__jurisdiction")
    evidence = get_object_or_404(rows, pk=pk)
    size = next((one for one in ("thumbnail", "inline") if one in request.GET), "")
    is_shown = bool(size) and evidence.is_image
    try:
        response = _rendition(evidence, size) if is_shown else _original(request, evidence)
    except FileNotFoundError as missing:
        raise Http404(f"“{evidence.name}”的文件找不到了，请联系管理员。") from missing
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    # Looked at again, a picture may come from the browser's cache; an original is asked for, and recorded, each time.
    response["Cache-Control"] = "private, max-age=300" if is_shown else "private, no-store"
    return response


def _original(request: ActorRequest, evidence: Evidence) -> HttpResponseBase:
    file = evidence.file.open("rb")
    if request.method == "GET":
        participation = evidence.assessment.participation
        subject = f"{participation.community} {participation.year} 年自评{evidence.place}材料“{evidence.name}”"
        where = participation.community.jurisdiction
        access.record(AccessEvent.Kind.DOWNLOADED, actor=request.actor, subject=subject, jurisdiction=where)
    return FileResponse(file, as_attachment=True, filename=evidence.name, content_type=evidence.content_type)


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


def _shown(
    request: ActorRequest, assessment: Assessment, number: int, errors: list[str], done: str, had: Sequence[str] = ()
) -> HttpResponse:
    """The criterion's evidence as it is now; an ordinary request goes back to its place on the page."""
    if not request.htmx:
        for error in errors:
            messages.error(request, error)
        for notice in had:
            messages.info(request, notice)
        if done:
            messages.success(request, done)
        return redirect(f"{reverse('self_assessment', args=[assessment.pk])}#c{number}")
    sheet = worksheet_of(assessment, request.actor)
    context = card_context(sheet, sheet.card(number)) | {"errors": errors, "done": done, "had": had, "with_score": True}
    status = 422 if errors and not (done or had) else 200
    return render(request, "assessments/self_assessment_evidence.html", context, status=status)
