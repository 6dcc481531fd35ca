"""Documents on their way: handed to the workers, and handed over to whoever asked; both on record."""

from django.http import FileResponse, Http404

from apps.accounts.access import record
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import Actor
from apps.reports.models import ExportJob
from apps.reports.registry import kind_of
from apps.reports.tasks import hand_out


def put_out(job: ExportJob, *, actor: Actor) -> None:
    """Tell the workers of a job that ``actor`` has asked for."""
    subject = f"{job.get_kind_display()} {job.jurisdiction} {job.year} 年"
    record(AccessEvent.Kind.EXPORTED, actor=actor, subject=subject, jurisdiction=job.jurisdiction)
    hand_out(job)


def fetched(job: ExportJob, *, actor: Actor) -> FileResponse:
    """The finished document as an attachment; 404 where its file is gone."""
    try:
        file = job.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("文件已不在，请重新生成。") from error
    record(AccessEvent.Kind.DOWNLOADED, actor=actor, subject=job.filename, jurisdiction=job.jurisdiction)
    return FileResponse(file, as_attachment=True, filename=job.filename, content_type=kind_of(job.kind).content_type)
