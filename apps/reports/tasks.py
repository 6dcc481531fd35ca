"""Celery: making documents in the background, and looking after jobs whose worker died."""

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.storage import default_storage
from django.db import transaction

from apps.core import clock, history, scope
from apps.core.errors import ProblemForPeople
from apps.reports import heartbeat
from apps.reports.domain import (
    KEPT,
    begin_export,
    call_again,
    expire_export,
    fail_export,
    finish_export,
    hand_out_again,
    is_wanted,
)
from apps.reports.models import ExportJob
from apps.reports.registry import Stopped, kind_of
from apps.reports.stored_files import orphans

logger = logging.getLogger(__name__)

# A job that waits longer is called again: its message may be lost with a broker, or with a worker that had just taken it.
_CALLED_EVERY = timedelta(minutes=5)


# Acknowledged as it is taken: a message that comes back after its worker was killed comes back for ever (celery #6103), or
# after an hour (#5935). The row and the heartbeat say what is to be done again, and how often.
@shared_task(acks_late=False, reject_on_worker_lost=False)
def make_export(job_id: int, path: str) -> None:
    """Make the document of a job within the scope ``path``; runs once, however often it is delivered."""
    with history.recording(task="make_export") as facts:
        with scope.scope_all():
            facts.metadata.update(_asked_by(job_id))
        with scope.scope(path):
            job = begin_export(job_id)
        if job is None:
            return
        with heartbeat.beating(job):
            _make(job, path)


def _make(job: ExportJob, path: str) -> None:
    try:
        with scope.scope(path):
            wanted = ExportJob.objects.select_related("campaign__jurisdiction", "jurisdiction").get(pk=job.pk)
            try:
                document = kind_of(job.kind).make(wanted, heartbeat.Telling(job, is_wanted))
            except Stopped:
                logger.info("export %s stopped: cancelled or taken over", job.pk)
                return
            finish_export(job, document)
    except ProblemForPeople as error:
        _give_up(job, path, error.message)
    except SoftTimeLimitExceeded:
        _give_up(job, path, "生成时间过长，已停止。请改选下级单位分别生成；仍然如此时请联系管理员。")
    except Exception:
        logger.exception("export %s failed", job.pk)
        _give_up(job, path, "生成时出错，请重新生成；仍然失败时请联系管理员。")


def hand_out(job: ExportJob) -> None:
    """Tell the workers of a job, once it is committed; a broker that is away is made up for by ``hand_out_lost_exports``."""
    job_id, path = job.pk, job.path
    transaction.on_commit(lambda: make_export.delay(job_id, path), robust=True)


@shared_task
def hand_out_lost_exports() -> None:
    """Hand out again what a dead worker or a lost message has left behind, so that nobody waits for ever."""
    with history.recording(task="hand_out_lost_exports"), scope.scope_all():
        begun = clock.now() - timedelta(seconds=heartbeat.SILENCE)
        running = ExportJob.objects.filter(status=ExportJob.Status.RUNNING, started_at__lte=begun)
        for job in running:
            if not heartbeat.is_alive(job) and hand_out_again(job.pk, job.attempts):
                logger.warning("export %s: the worker of attempt %s is silent", job.pk, job.attempts)
                hand_out(job)
        called = clock.now() - _CALLED_EVERY
        for job in ExportJob.objects.filter(status=ExportJob.Status.WAITING, called_at__lte=called):
            if call_again(job.pk):
                hand_out(job)


@shared_task
def expire_exports() -> None:
    """Delete the files of old jobs, and those that no job names."""
    with history.recording(task="expire_exports"), scope.scope_all():
        old = ExportJob.objects.filter(status=ExportJob.Status.DONE, finished_at__lte=clock.now() - KEPT)
        for job_id in old.values_list("pk", flat=True):
            expire_export(job_id)
        for name in orphans():
            default_storage.delete(name)
            logger.info("deleted %s, which no export names", name)


def _asked_by(job_id: int) -> dict[str, Any]:
    """Who the task works for, for the history."""
    job = ExportJob.objects.select_related("created_by").filter(pk=job_id).first()
    return {} if job is None else {"user": job.created_by_id, "name": job.created_by.display_name}


def _give_up(job: ExportJob, path: str, reason: str) -> None:
    with scope.scope(path):
        fail_export(job, reason)
