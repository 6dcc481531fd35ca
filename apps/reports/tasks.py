"""Celery: making documents in the background."""

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db.models import Q

from apps.core import clock, history, scope
from apps.core.errors import ProblemForPeople
from apps.core.xlsx import workbook_bytes
from apps.reports.completion_summary import build_workbook
from apps.reports.domain import begin_export, fail_export, finish_export, summarise
from apps.reports.models import ExportJob

logger = logging.getLogger(__name__)

_PROGRESS_SECONDS = 3600
# Longer than a task may run, and than a queue of them takes on the busiest day.
_RUNNING_AT_MOST = timedelta(minutes=15)
_WAITING_AT_MOST = timedelta(hours=2)


def progress_of(job: ExportJob) -> int:
    """Return how far a job has come, in percent; progress is shown, not kept."""
    if job.status == ExportJob.Status.DONE:
        return 100
    return int(cache.get(_progress_key(job.pk), 0))


@shared_task
def make_export(job_id: int, path: str) -> None:
    """Make the document of a job within the scope ``path`` of whoever asked; runs once, however often it is delivered."""
    with history.recording(task="make_export") as facts:
        with scope.scope(path):
            facts.metadata.update(_asked_by(job_id))
            job = begin_export(job_id)
        if job is None:
            return
        try:
            with scope.scope(path):
                file, filename = _completion_summary(job)
                finish_export(job_id, file, filename)
        except ProblemForPeople as error:
            _give_up(job_id, path, error.message)
        except Exception:
            logger.exception("export %s failed", job_id)
            _give_up(job_id, path, "生成时出错，请重新导出；仍然失败时请联系管理员。")


@shared_task
def give_up_stuck_exports() -> None:
    """Give up jobs that a dead worker has left behind, so that nobody waits for ever."""
    with history.recording(task="give_up_stuck_exports"), scope.scope_all():
        running = Q(status=ExportJob.Status.RUNNING, started_at__lt=clock.now() - _RUNNING_AT_MOST)
        waiting = Q(status=ExportJob.Status.WAITING, created_at__lt=clock.now() - _WAITING_AT_MOST)
        stuck = ExportJob.objects.filter(running | waiting)
        for job_id in stuck.values_list("pk", flat=True):
            fail_export(job_id, "生成中断，请重新导出。")


def _asked_by(job_id: int) -> dict[str, Any]:
    """Who the task works for, for the history."""
    job = ExportJob.objects.select_related("created_by").filter(pk=job_id).first()
    return {} if job is None else {"user": job.created_by_id, "name": job.created_by.display_name}


def _completion_summary(job: ExportJob) -> tuple[ContentFile, str]:
    job = ExportJob.objects.select_related("campaign__jurisdiction", "jurisdiction").get(pk=job.pk)
    summary = summarise(job.campaign, job.jurisdiction, job.year)

    def tell(done: int, total: int) -> None:
        cache.set(_progress_key(job.pk), 10 + 85 * done // max(total, 1), _PROGRESS_SECONDS)

    cache.set(_progress_key(job.pk), 10, _PROGRESS_SECONDS)
    content = workbook_bytes(build_workbook(summary, on_row=tell))
    return ContentFile(content), f"{job.jurisdiction.name}{job.year}年绿色社区建设任务完成情况汇总表.xlsx"


def _give_up(job_id: int, path: str, reason: str) -> None:
    with scope.scope(path):
        fail_export(job_id, reason)


def _progress_key(job_id: int) -> str:
    return f"export:{job_id}:percent"
