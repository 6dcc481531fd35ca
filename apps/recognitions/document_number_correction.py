"""Correcting the document number of recognitions (更正文号): the decision stands, its number was put down wrong or left out."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.campaigns.models import Recognition, RecognitionQuerySet
from apps.core.errors import InvalidInput, StaleForm
from apps.recognitions.authority import authority_of, recognised_by
from apps.recognitions.signals import document_number_corrected


def same_document(recognition: Recognition) -> RecognitionQuerySet:
    """Return what the same office recognised under the same number, in the order of ids; where there is none, this one alone."""
    rows = Recognition.objects.order_by("pk")
    if not recognition.document_number:
        return rows.filter(pk=recognition.pk)
    return rows.filter(
        recognised_by([authority_of(recognition).path]),
        campaign=recognition.campaign_id,
        document_number=recognition.document_number,
    )


def refuse_other_offices(recognition: Recognition, actor: Actor) -> None:
    """PermissionDenied for everybody but the approvers of the office that recognised."""
    require(actor, "recognise_communities", recognition.path)
    holder = authority_of(recognition)
    if holder != actor.jurisdiction:
        raise PermissionDenied(f"认定文号由认定单位{holder}更正，其他单位只能查看。")


@transaction.atomic
def correct_document_number(
    recognition: Recognition,
    number: str,
    reason: str,
    *,
    whole_document: bool = False,
    actor: Actor,
    seen: str | None = None,
) -> list[Recognition]:
    """Correct the number with a reason, of this recognition or of all under its document; the history keeps what stood there.

    ``seen``: the number that the form showed; StaleForm where a colleague has corrected it since. Doing the same twice has one
    effect. Returns what was corrected.
    """
    refuse_other_offices(recognition, actor)
    number, reason = number.strip(), reason.strip()
    rows = same_document(recognition) if whole_document else Recognition.objects.filter(pk=recognition.pk)
    locked = list(rows.select_for_update(of=("self",)))
    now = Recognition.objects.get(pk=recognition.pk)
    if now.document_number != (recognition.document_number if seen is None else seen):
        if (now.document_number, now.correction_reason) == (number, reason):
            return []
        raise StaleForm(f"认定文号刚刚由同事更正过，现为“{now.document_number}”，您填写的没有保存。请核对后再改。")
    _check(now, number, reason)
    for one in locked:
        one.document_number, one.correction_reason = number, reason
        one.save(update_fields=["document_number", "correction_reason"])
        document_number_corrected.send(sender=Recognition, row=one.history.latest("pgh_id"))  # type: ignore[attr-defined]
    return locked


def _check(recognition: Recognition, number: str, reason: str) -> None:
    if not number:
        raise InvalidInput("请填写认定文号，例如“楚住建城〔2022〕46号”。")
    if number == recognition.document_number:
        raise InvalidInput(f"认定文号“{number}”和原来的一样，不用更正。")
    if not reason:
        raise InvalidInput("请填写更正理由。")
