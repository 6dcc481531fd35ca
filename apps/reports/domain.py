"""Verbs of export jobs: asking, making, cancelling, asking again, and what becomes of jobs whose worker died.

The row says where a job stands, the messages to the workers are hints: whichever is delivered twice, late or never, a job is
made by one worker at a time, and only the attempt that the row names may finish it.
"""

from datetime import timedelta
from pathlib import PurePath
from secrets import token_hex

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from apps.accounts.models import User
from apps.accounts.permissions import Actor, require
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.reports.models import ExportJob
from apps.reports.registry import Document, kind_of

Status = ExportJob.Status

# What one person may have waiting and being made at a time.
LIMIT = 5
KEPT = timedelta(days=30)
# How often a job whose worker died is handed out again.
REPEATED_AT_MOST = 2
# Longer than a queue takes on the busiest day.
_WAITING_AT_MOST = timedelta(hours=2)


@transaction.atomic
def request_export(kind: str, campaign: Campaign, jurisdiction: Jurisdiction, year: int, *, actor: Actor) -> ExportJob:
    """Ask for a document; a second click while the first is being made returns the same job."""
    require(actor, "export_reports", jurisdiction.path)
    kind_of(kind).check(campaign, jurisdiction, year)
    _line_up(actor)
    wanted = {"kind": kind, "campaign": campaign, "jurisdiction": jurisdiction, "year": year, "created_by": actor.user}
    if under_way := ExportJob.objects.under_way().filter(**wanted).first():
        return under_way
    _check_limit(actor)
    now = clock.now()
    return ExportJob.objects.create(**wanted, created_at=now, asked_at=now, called_at=now)


@transaction.atomic
def cancel_export(job: ExportJob, *, actor: Actor) -> ExportJob:
    """Cancel (取消) a job that waits or is being made: its worker stops at the next sign of progress, and nothing is kept."""
    locked = _own(job, "取消", actor)
    if locked.is_under_way:
        locked.status, locked.finished_at = Status.CANCELLED, clock.now()
        locked.save(update_fields=["status", "finished_at"])
    elif locked.status != Status.CANCELLED:
        raise TransitionError(f"“{locked}”{locked.get_status_display()}，不用取消。")
    return locked


@transaction.atomic
def repeat_export(job: ExportJob, *, actor: Actor) -> ExportJob:
    """Make a failed, cancelled or expired job again (重新生成), with the figures of now."""
    _line_up(actor)
    locked = _own(job, "重新生成", actor)
    if locked.is_under_way:
        return locked
    if not locked.can_be_repeated:
        raise TransitionError(f"“{locked}”已经做好，可以直接下载；要最新数据的，请在上面另行生成。")
    kind_of(locked.kind).check(locked.campaign, locked.jurisdiction, locked.year)
    _check_limit(actor)
    locked.status, locked.interruptions, locked.failure = Status.WAITING, 0, ""
    locked.asked_at = locked.called_at = clock.now()
    locked.started_at = locked.finished_at = None
    locked.save()
    return locked


@transaction.atomic
def begin_export(job_id: int) -> ExportJob | None:
    """Begin an attempt at a waiting job; None when another worker has it, it is finished or nobody wants it any more."""
    job = ExportJob.objects.select_for_update(of=("self",)).filter(pk=job_id, status=Status.WAITING).first()
    if job is not None:
        job.status, job.started_at, job.attempts = Status.RUNNING, clock.now(), job.attempts + 1
        job.save(update_fields=["status", "started_at", "attempts"])
    return job


def is_wanted(job: ExportJob) -> bool:
    """Whether this attempt is still the one that makes the job."""
    return ExportJob.objects.filter(pk=job.pk, status=Status.RUNNING, attempts=job.attempts).exists()


@transaction.atomic
def finish_export(job: ExportJob, document: Document) -> None:
    """Store the document; an attempt that was cancelled or replaced meanwhile leaves nothing behind.

    The file lies under a name of its own before the row names it: what is cut off on the way is nobody's, and
    ``stored_files`` clears it away.
    """
    locked = ExportJob.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if (locked.status, locked.attempts) != (Status.RUNNING, job.attempts):
        return
    suffix = PurePath(document.filename).suffix
    locked.file.save(f"{job.pk}-{job.attempts}-{token_hex(8)}{suffix}", ContentFile(document.content), save=False)
    locked.filename, locked.status, locked.finished_at = document.filename, Status.DONE, clock.now()
    locked.save(update_fields=["file", "filename", "status", "finished_at"])


@transaction.atomic
def fail_export(job: ExportJob, reason: str) -> None:
    """Give an attempt up with a reason in words."""
    locked = ExportJob.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if (locked.status, locked.attempts) == (Status.RUNNING, job.attempts):
        _fail(locked, reason)


@transaction.atomic
def hand_out_again(job_id: int, attempts: int) -> bool:
    """Put a job whose worker died back into the queue, at most twice; then it has failed. Whether it waits again.

    ``attempts``: the attempt that was found dead; a job that has moved on since is left alone.
    """
    job = ExportJob.objects.select_for_update(of=("self",)).get(pk=job_id)
    if (job.status, job.attempts) != (Status.RUNNING, attempts):
        return False
    if job.interruptions >= REPEATED_AT_MOST:
        _fail(job, f"生成时中断了 {job.interruptions + 1} 次，没有做成。请稍后重新生成；仍然失败时请联系管理员。")
        return False
    job.status, job.interruptions = Status.WAITING, job.interruptions + 1
    job.asked_at = job.called_at = clock.now()
    job.save(update_fields=["status", "interruptions", "asked_at", "called_at"])
    return True


@transaction.atomic
def call_again(job_id: int) -> bool:
    """Note that a job which waits is called once more, for its message may be lost; whether it waits still."""
    job = ExportJob.objects.select_for_update(of=("self",)).get(pk=job_id)
    if job.status != Status.WAITING:
        return False
    if job.asked_at < clock.now() - _WAITING_AT_MOST:
        _fail(job, "等了两个小时没有轮到。请稍后重新生成；仍然如此时请联系管理员。")
        return False
    job.called_at = clock.now()
    job.save(update_fields=["called_at"])
    return True


@transaction.atomic
def expire_export(job_id: int) -> None:
    """Delete the file of a job that was finished 30 days ago; the job can be made again."""
    job = ExportJob.objects.select_for_update(of=("self",)).get(pk=job_id)
    if job.status != Status.DONE or job.finished_at is None or job.finished_at > clock.now() - KEPT:
        return
    name = str(job.file.name)
    job.status, job.file = Status.EXPIRED, ""
    job.save(update_fields=["status", "file"])
    transaction.on_commit(lambda: default_storage.delete(name), robust=True)


def _line_up(actor: Actor) -> None:
    # The person's row is the queue in which two clicks stand.
    User.objects.select_for_update().get(pk=actor.user.pk)


def _check_limit(actor: Actor) -> None:
    under_way = ExportJob.objects.under_way().filter(created_by=actor.user).count()
    if under_way >= LIMIT:
        raise InvalidInput(
            f"您已有 {under_way} 份文件在等待或生成，一人同时最多 {LIMIT} 份。"
            "请等其中一份做好，或在下面取消一份不需要的，再来生成。"
        )


def _own(job: ExportJob, verb: str, actor: Actor) -> ExportJob:
    require(actor, "export_reports", job.path)
    rows = ExportJob.objects.select_for_update(of=("self",))
    locked = rows.select_related("campaign__jurisdiction", "jurisdiction").get(pk=job.pk)
    if locked.created_by_id != actor.user.pk:
        raise PermissionDenied(f"这份文件由同事发起，由本人{verb}；您可以自己另行生成。")
    return locked


def _fail(job: ExportJob, reason: str) -> None:
    job.status, job.failure, job.finished_at = Status.FAILED, reason, clock.now()
    job.save(update_fields=["status", "failure", "finished_at"])
