"""The report centre (报表中心): asking for documents, watching them being made, fetching them."""

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.campaigns.current import access_jurisdiction, campaigns_of, current_campaign, current_year
from apps.campaigns.models import Campaign
from apps.core.errors import InvalidInput
from apps.reports.domain import request_export
from apps.reports.forms import SummaryForm
from apps.reports.models import ExportJob
from apps.reports.tasks import make_export, progress_of

_SHOWN = 50


@members_only
@require_safe
def report_list(request: ActorRequest) -> HttpResponse:
    """The form for a new 附件2 and the documents made so far."""
    require(request.actor, "export_reports")
    campaign, unit = current_campaign(request), access_jurisdiction(request, request.GET.get("jurisdiction", ""))
    initial = {
        "campaign": campaign and campaign.code,
        "jurisdiction": unit,
        "year": current_year(request, campaign) if campaign else None,
    }
    form = SummaryForm(campaign=campaign, own=request.actor.jurisdiction, initial=initial)
    return _page(request, form)


@members_only
@require_POST
def export_summary(request: ActorRequest) -> HttpResponse:
    """Ask for a 附件2; the worker makes it."""
    require(request.actor, "export_reports")
    form = SummaryForm(request.POST, campaign=_posted_campaign(request), own=request.actor.jurisdiction)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        with transaction.atomic():
            job = request_export(
                ExportJob.Kind.COMPLETION_SUMMARY,
                form.cleaned_data["campaign"],
                form.cleaned_data["jurisdiction"],
                form.cleaned_data["year"],
                actor=request.actor,
            )
    except InvalidInput as error:
        form.add_error(None, error.message)
        return _page(request, form, status=422)
    subject = f"{job.get_kind_display()} {job.jurisdiction} {job.year} 年"
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=subject, jurisdiction=job.jurisdiction)
    path = request.actor.jurisdiction.path
    transaction.on_commit(lambda: make_export.delay(job.pk, path), robust=True)
    messages.info(request, f"已开始生成{job.jurisdiction} {job.year} 年附件2，做好后在下面第一行下载。")
    return redirect("report_list")


@members_only
@require_safe
def export_job(request: ActorRequest, pk: int) -> HttpResponse:
    """One line of the list, asked for again until the document is there."""
    require(request.actor, "export_reports")
    job = get_object_or_404(_jobs(request), pk=pk)
    return render(request, "reports/_job.html", {"job": _shown(job)})


@members_only
@require_safe
def download_export(request: ActorRequest, pk: int) -> FileResponse:
    """Hand the file over as an attachment."""
    require(request.actor, "export_reports")
    job = get_object_or_404(_jobs(request), pk=pk, status=ExportJob.Status.DONE)
    try:
        file = job.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("文件已不在，请重新导出。") from error
    record(AccessEvent.Kind.DOWNLOADED, actor=request.actor, subject=job.filename, jurisdiction=job.jurisdiction)
    return FileResponse(file, as_attachment=True, filename=job.filename)


def _jobs(request: ActorRequest) -> QuerySet[ExportJob]:
    """Exports made for one's jurisdiction, or by oneself for one below."""
    jobs = ExportJob.objects.select_related("jurisdiction", "campaign", "created_by")
    return jobs.filter(jurisdiction=request.actor.jurisdiction) | jobs.filter(created_by=request.user)  # type: ignore[misc]


def _page(request: ActorRequest, form: SummaryForm, status: int = 200) -> HttpResponse:
    jobs = [_shown(job) for job in _jobs(request)[:_SHOWN]]
    return render(request, "reports/report_list.html", {"form": form, "jobs": jobs}, status=status)


def _shown(job: ExportJob) -> ExportJob:
    job.percent = progress_of(job)  # type: ignore[attr-defined]
    return job


def _posted_campaign(request: ActorRequest) -> Campaign | None:
    code = request.POST.get("campaign", "")
    return next((one for one in campaigns_of(request) if one.code == code), None)
