"""整改: the visited unit answers a finding, the office that visited checks the answer; the files between them."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import access
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.core.downloads import harmless
from apps.core.errors import ProblemForPeople
from apps.core.inputs import ids_in, whole_number
from apps.recognitions.views.shared import attempt, form_page
from apps.supervision.domain import require_own, visits_for
from apps.supervision.forms import AnswerForm, ReturnForm
from apps.supervision.mending import answer_finding, confirm_mended, require_unit, return_finding
from apps.supervision.models import FindingAttachment, SupervisionVisit, VisitFinding


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def finding_answer(request: ActorRequest, pk: int) -> HttpResponse:
    """The visited unit says what it mended."""
    finding = _finding(request, pk)
    require_unit(finding.visit, request.actor)
    form, status = AnswerForm(finding, request.POST or None), 200
    if request.method == "POST":
        files: list[UploadedFile] = request.FILES.getlist("files")
        removed = ids_in(request.POST.getlist("remove"))
        status = attempt(
            form,
            lambda entered: answer_finding(
                finding, entered["answer"], files, removed, actor=request.actor, seen=entered["seen"]
            ),
        )
        if not status:
            messages.success(request, f"已答复，等待{finding.visit.office}核查。")
            return redirect("visit_detail", finding.visit_id)
    elif not finding.is_owed:
        return redirect("visit_detail", finding.visit_id)
    context = {"finding": finding, "visit": finding.visit, "form": form, "attachments": finding.attachments.all()}
    return render(request, "supervision/finding_answer.html", context, status=status or 200)


@members_only
@require_POST
def finding_mended(request: ActorRequest, pk: int) -> HttpResponse:
    """The office finds an answered finding mended."""
    finding = _finding(request, pk)
    try:
        confirm_mended(finding, actor=request.actor, seen=whole_number(request.POST.get("seen", "")) or 0)
        messages.success(request, f"问题 {finding.number} 已核查，整改完成。")
    except ProblemForPeople as error:
        messages.error(request, error.message)
    return redirect("visit_detail", finding.visit_id)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def finding_return(request: ActorRequest, pk: int) -> HttpResponse:
    """The office gives an answer back with a reason."""
    finding = _finding(request, pk)
    visit = finding.visit
    require_own(visit, request.actor)
    form, status = ReturnForm(finding, request.POST or None), 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda entered: return_finding(
                finding, entered["reason"], entered["mend_by"], actor=request.actor, seen=entered["seen"]
            ),
        )
        if not status:
            messages.success(request, f"问题 {finding.number} 已退回{visit.unit}继续整改。")
            return redirect("visit_detail", visit.pk)
    here = reverse("visit_detail", args=[visit.pk])
    due = f"{finding.mend_by:%Y-%m-%d}" if finding.mend_by else "—"
    return form_page(
        request,
        form,
        status=status,
        title=f"退回问题 {finding.number} 的整改",
        trail=[("督导检查", reverse("visit_list")), (visit.title, here), ("退回整改", None)],
        facts=[("问题", finding.text), ("整改期限", due), ("整改情况", finding.answer or "—")],
        action="退回整改",
        back=here,
        tone="danger",
    )


@members_only
@require_safe
def finding_file(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Give a file to save, on record. The wall decides who may; of what is withdrawn only the office itself."""
    attachment = get_object_or_404(FindingAttachment.objects.select_related("finding__visit"), pk=pk)
    visit = get_object_or_404(visits_for(request.actor), pk=attachment.finding.visit_id)
    if visit.status == SupervisionVisit.Status.WITHDRAWN and request.actor.jurisdiction not in (
        visit.office,
        visit.unit,
    ):
        raise Http404
    try:
        file = attachment.file.open("rb")
    except FileNotFoundError as missing:
        raise Http404(f"“{attachment.name}”的文件找不到了，请联系管理员。") from missing
    if request.method == "GET":
        subject = f"“{visit}”问题 {attachment.finding.number} 的整改附件“{attachment.name}”"
        access.record(AccessEvent.Kind.DOWNLOADED, actor=request.actor, subject=subject, jurisdiction=visit.unit)
    response = FileResponse(file, as_attachment=True, filename=attachment.name, content_type=attachment.content_type)
    return harmless(response)


def _finding(request: ActorRequest, pk: int) -> VisitFinding:
    """The finding for whoever sees its visit; 404 otherwise."""
    rows = VisitFinding.objects.select_related("visit__unit", "visit__office", "visit__community", "criterion")
    return get_object_or_404(rows, pk=pk, visit__in=visits_for(request.actor).values("pk"))
