"""The report centre (报表中心): asking for documents, watching them being made, fetching them."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.db.models import Case, Q, Value, When
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import Actor, require
from apps.campaigns.current import access_jurisdiction, campaigns_of, current_campaign, current_year
from apps.campaigns.models import Campaign
from apps.core.errors import InvalidInput, TransitionError
from apps.core.paging import KeysFirst
from apps.reports.domain import KEPT, cancel_export, repeat_export, request_export
from apps.reports.forms import ExportForm, JobFilter
from apps.reports.handing_out import fetched, put_out
from apps.reports.heartbeat import progress_of
from apps.reports.models import ExportJob, ExportJobQuerySet

_PAGE_SIZE = 20


@members_only
@require_safe
def report_list(request: ActorRequest) -> HttpResponse:
    """The form for a new document and those asked for so far."""
    require(request.actor, "export_reports")
    campaign, unit = current_campaign(request), access_jurisdiction(request, request.GET.get("jurisdiction", ""))
    initial = {
        "campaign": campaign and campaign.code,
        "jurisdiction": unit,
        "year": current_year(request, campaign) if campaign else None,
    }
    form = ExportForm(campaign=campaign, own=request.actor.jurisdiction, initial=initial)
    return _page(request, form)


@members_only
@require_POST
def export_request(request: ActorRequest) -> HttpResponse:
    """Ask for a document; the worker makes it."""
    require(request.actor, "export_reports")
    form = ExportForm(request.POST, campaign=_posted_campaign(request), own=request.actor.jurisdiction)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        with transaction.atomic():
            job = request_export(**form.cleaned_data, actor=request.actor)
    except InvalidInput as error:
        form.add_error(None, error.message)
        return _page(request, form, status=422)
    put_out(job, actor=request.actor)
    messages.info(request, f"已开始生成{_named(job)}，做好后在导出记录里下载。")
    return redirect("report_list")


@members_only
@require_safe
def export_job(request: ActorRequest, pk: int) -> HttpResponse:
    """The state of one line of the list, asked for again until the document is there; then the whole line."""
    require(request.actor, "export_reports")
    job = get_object_or_404(_jobs(request.actor), pk=pk)
    if job.is_under_way:
        return render(request, "reports/_job_state.html", {"job": _shown(job)})
    return reswap(retarget(render(request, "reports/_job.html", {"job": _shown(job)}), f"#job-{pk}"), "outerHTML")


@members_only
@require_POST
def export_cancel(request: ActorRequest, pk: int) -> HttpResponse:
    """Cancel a job that waits or is being made."""
    return _act(request, pk, cancel_export, lambda job: messages.info(request, f"已取消{_named(job)}，没有留下文件。"))


@members_only
@require_POST
def export_repeat(request: ActorRequest, pk: int) -> HttpResponse:
    """Make a failed, cancelled or expired document again."""

    def follow(job: ExportJob) -> None:
        put_out(job, actor=request.actor)
        messages.info(request, f"正在重新生成{_named(job)}，数字取现在的最新数据。")

    return _act(request, pk, repeat_export, follow)


@members_only
@require_safe
def download_export(request: ActorRequest, pk: int) -> FileResponse:
    """Hand the file over as an attachment."""
    require(request.actor, "export_reports")
    job = get_object_or_404(_jobs(request.actor), pk=pk, status=ExportJob.Status.DONE)
    return fetched(job, actor=request.actor)


def _act(
    request: ActorRequest,
    pk: int,
    verb: Callable[..., ExportJob],
    follow: Callable[[ExportJob], None],
) -> HttpResponse:
    require(request.actor, "export_reports")
    job = get_object_or_404(_jobs(request.actor), pk=pk)
    try:
        with transaction.atomic():
            done = verb(job, actor=request.actor)
    except (InvalidInput, TransitionError) as error:
        messages.error(request, error.message)
    else:
        follow(done)
    return redirect("report_list")


def _named(job: ExportJob) -> str:
    """Which of several of a kind it is: 南华县 2022 年评分表汇编（全部）."""
    return f"{job.jurisdiction} {job.year} 年{job.get_kind_display()}"


def _jobs(actor: Actor) -> ExportJobQuerySet:
    """Exports made for one's jurisdiction, or by oneself for one below; one's own first, the latest first."""
    jobs = ExportJob.objects.select_related("jurisdiction", "campaign", "created_by")
    own = Case(When(created_by=actor.user, then=Value(0)), default=Value(1))
    return jobs.filter(Q(jurisdiction=actor.jurisdiction) | Q(created_by=actor.user)).order_by(
        own, "-created_at", "-pk"
    )


def _page(request: ActorRequest, form: ExportForm, status: int = 200) -> HttpResponse:
    narrowing = JobFilter(request.GET)
    page = KeysFirst(narrowing.narrow(_jobs(request.actor)), _PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "filter": narrowing,
        "page_obj": page,
        "jobs": [_shown(job) for job in page.object_list],
        "kept_days": KEPT.days,
    }
    return render(request, "reports/report_list.html", context, status=status)


def _shown(job: ExportJob) -> ExportJob:
    job.percent = progress_of(job)  # type: ignore[attr-defined]
    return job


def _posted_campaign(request: ActorRequest) -> Campaign | None:
    code = request.POST.get("campaign", "")
    return next((one for one in campaigns_of(request) if one.code == code), None)
