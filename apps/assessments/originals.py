"""The original of a file as it is handed out: to be saved, under its name, on record."""

from django.http import FileResponse

from apps.accounts import access
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import Actor
from apps.assessments.models import Evidence


def original(evidence: Evidence, *, actor: Actor, is_fetched: bool = True) -> FileResponse:
    """The stored file itself; FileNotFoundError where it is gone. ``is_fetched``: not only asked about (HEAD)."""
    file = evidence.file.open("rb")
    if is_fetched:
        participation = evidence.assessment.participation
        subject = f"{participation.community} {participation.year} 年自评{evidence.place}材料“{evidence.name}”"
        where = participation.community.jurisdiction
        access.record(AccessEvent.Kind.DOWNLOADED, actor=actor, subject=subject, jurisdiction=where)
    return FileResponse(file, as_attachment=True, filename=evidence.name, content_type=evidence.content_type)
