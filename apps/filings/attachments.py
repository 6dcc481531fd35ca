"""Files of filings (报送附件): attached and taken away while the unit may change the filing. They are judged as evidence is."""

from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from apps.accounts.permissions import Actor
from apps.assessments.files import judge_file, row_fields
from apps.core.errors import InvalidInput
from apps.filings.domain import own_draft
from apps.filings.models import Filing, FilingAttachment

MOST_FILES = 20


@transaction.atomic
def attach_file(filing: Filing, file: UploadedFile, *, actor: Actor) -> FilingAttachment:
    """Attach a file; the same one twice is kept once."""
    judged = judge_file(file)
    held = _held(filing, actor)
    if (same := held.attachments.filter(sha256=judged.sha256).first()) is not None:
        return same
    if held.attachments.count() >= MOST_FILES:
        raise InvalidInput(f"已有 {MOST_FILES} 份附件，请先删去不需要的。")
    return FilingAttachment.objects.create(filing=held, **row_fields(file, judged, by=actor.user))


@transaction.atomic
def remove_file(attachment: FilingAttachment, *, actor: Actor) -> None:
    """Take a file away; the stored one goes once this is committed. Twice has one effect."""
    _held(attachment.filing, actor)
    FilingAttachment.objects.filter(pk=attachment.pk).delete()
    name = str(attachment.file.name)
    transaction.on_commit(lambda: default_storage.delete(name), robust=True)


def stored_names(names: set[str]) -> set[str]:
    """Those of ``names`` that a row names."""
    rows: Any = FilingAttachment.objects.filter(file__in=names).values_list("file", flat=True)
    return set(rows)


def _held(filing: Filing, actor: Actor) -> Filing:
    return own_draft(filing.milestone, filing.jurisdiction, filing.due_on, actor=actor)
