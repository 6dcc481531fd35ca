"""Evidence (佐证材料): adding files to a criterion, taking them away, looking at them."""

from django.contrib import messages
from django.core.cache import cache
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.assessments.domain import attach_evidence, remove_evidence
from apps.assessments.files import SHOWN_INLINE, thumbnail
from apps.assessments.models import Assessment, Evidence
from apps.assessments.views.self_assessment import card_context
from apps.assessments.worksheet import worksheet_of
from apps.core.errors import InvalidInput
from apps.standards.models import Criterion

THUMBNAIL_SECONDS = 7 * 24 * 3600
# Whatever a file holds, a browser runs nothing of it.
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"


@members_only
@require_POST
def evidence_add(request: ActorRequest, pk: int, number: int) -> HttpResponse:
    """Attach the uploaded files; each refused one is named with its reason, the others are kept."""
    assessment = get_object_or_404(Assessment.objects.with_context(), pk=pk)
    criterion = get_object_or_404(Criterion, standard=assessment.standard_id, number=number)
    files, errors = request.FILES.getlist("files"), []
    for file in files:
        try:
            attach_evidence(assessment, criterion, file, actor=request.actor)
        except InvalidInput as refused:
            errors.append(refused.message)
    if not files:
        errors.append("没有选择文件。")
    kept = len(files) - len(errors)
    return _shown(request, assessment, number, errors, f"第 {number} 条已附 {kept} 份材料。" if files and kept else "")


@members_only
@require_POST
def evidence_delete(request: ActorRequest, pk: int) -> HttpResponse:
    """Take a file away again while the self-assessment is open."""
    evidence = get_object_or_404(Evidence.objects.select_related("criterion"), pk=pk)
    assessment = get_object_or_404(Assessment.objects.with_context(), pk=evidence.assessment_id)
    remove_evidence(evidence, actor=request.actor)
    return _shown(request, assessment, evidence.criterion.number, [], f"已删去“{evidence.name}”。")


@members_only
@require_safe
def evidence_file(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Give the file to save; ``?inline=1`` shows a picture, ``?thumbnail=1`` a small one. The wall decides who may."""
    evidence = get_object_or_404(Evidence, pk=pk)
    is_picture = evidence.content_type in SHOWN_INLINE
    try:
        if is_picture and "thumbnail" in request.GET:
            response: HttpResponseBase = _thumbnail(evidence)
        else:
            response = FileResponse(
                evidence.file.open("rb"),
                as_attachment=not (is_picture and "inline" in request.GET),
                filename=evidence.name,
                content_type=evidence.content_type,
            )
    except FileNotFoundError as missing:
        raise Http404(f"“{evidence.name}”的文件找不到了，请联系管理员。") from missing
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cache-Control"] = "private, max-age=300"
    return response


def _thumbnail(evidence: Evidence) -> HttpResponse:
    key = f"thumbnail:{evidence.sha256}"
    if (content := cache.get(key)) is None:
        with evidence.file.open("rb") as file:
            content = thumbnail(file)
        cache.set(key, content, THUMBNAIL_SECONDS)
    return HttpResponse(content, content_type="image/jpeg")


def _shown(request: ActorRequest, assessment: Assessment, number: int, errors: list[str], done: str) -> HttpResponse:
    """The criterion's evidence as it is now; an ordinary request goes back to its place on the page."""
    if not request.htmx:
        for error in errors:
            messages.error(request, error)
        if done:
            messages.success(request, done)
        return redirect(f"{reverse('self_assessment', args=[assessment.pk])}#c{number}")
    sheet = worksheet_of(assessment, request.actor)
    context = card_context(sheet, sheet.card(number)) | {"errors": errors, "done": done, "with_score": True}
    status = 422 if errors and not done else 200
    return render(request, "assessments/self_assessment_evidence.html", context, status=status)
