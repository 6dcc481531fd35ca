"""Verbs of demonstration bases (示范教育基地): naming a recognised community, ending it."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.campaigns.models import Recognition
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.recognitions.authority import authority_of
from apps.recognitions.models import DemonstrationBase
from apps.recognitions.rechecks import of_recognition_in_force

USUAL_TITLE = "绿色社区创建行动示范教育基地"


def standing_bases() -> Q:
    """The condition that a base stands: not ended, and its recognition in force."""
    return Q(ended_at__isnull=True) & of_recognition_in_force()


def may_name(recognition: Recognition, actor: Actor) -> bool:
    """Whether the actor's office recognised the community, or stands above the one that did."""
    if not recognition.is_in_force or not actor.can("manage_recognition", recognition.path):
        return False
    return actor.jurisdiction.contains(authority_of(recognition).path)


def refuse_other_offices(recognition: Recognition, actor: Actor) -> None:
    """PermissionDenied for everybody who may not name it; one revoked or ended, nobody's, the verb refuses."""
    require(actor, "manage_recognition", recognition.path)
    if recognition.is_in_force and not may_name(recognition, actor):
        raise PermissionDenied("示范教育基地由认定单位或其上级单位命名。")


def refuse_other_namers(base: DemonstrationBase, actor: Actor) -> None:
    """PermissionDenied for everybody but the office that has named it."""
    require(actor, "manage_recognition", base.path)
    if base.jurisdiction != actor.jurisdiction:
        raise PermissionDenied(f"这个基地由{base.jurisdiction}命名，由{base.jurisdiction}撤销。")


@transaction.atomic
def name_base(
    recognition: Recognition, *, title: str, document_number: str, named_on: date, note: str = "", actor: Actor
) -> DemonstrationBase:
    """Name a recognised community as a demonstration base of the actor's jurisdiction; once while it stands.

    Doing the same twice has one effect.
    """
    locked = Recognition.objects.select_for_update(of=("self",)).select_related("community").get(pk=recognition.pk)
    refuse_other_offices(locked, actor)
    if locked.revoked_at is not None:
        raise TransitionError(f"{locked.community}已摘牌，不能命名为示范教育基地。")
    if locked.ended_on is not None:
        raise TransitionError(
            f"{locked.community}的认定已于 {locked.ended_on:%Y-%m-%d} 随社区终止，不能命名为示范教育基地。"
        )
    standing = DemonstrationBase.objects.filter(recognition=locked, jurisdiction=actor.jurisdiction, ended_at=None)
    if (same := standing.first()) is not None:
        known = (same.title, same.document_number, same.named_on, same.note, same.named_by_id)
        if known == (title.strip(), document_number.strip(), named_on, note.strip(), actor.user.pk):
            return same
        raise TransitionError(
            f"{locked.community}已于 {same.named_on:%Y-%m-%d} 由{actor.jurisdiction}命名为{same.title}。"
        )
    if not title.strip():
        raise InvalidInput("请填写称号。")
    if not document_number.strip():
        raise InvalidInput("请填写命名文号。")
    recognised_on = timezone.localtime(locked.recognised_at).date()
    if not recognised_on <= named_on <= clock.today():
        raise InvalidInput(f"命名日期 {named_on:%Y-%m-%d} 不对：应在认定日期 {recognised_on:%Y-%m-%d} 至今天之间。")
    return DemonstrationBase.objects.create(
        recognition=locked,
        jurisdiction=actor.jurisdiction,
        title=title.strip(),
        document_number=document_number.strip(),
        named_on=named_on,
        note=note.strip(),
        named_by=actor.user,
    )


@transaction.atomic
def end_base(base: DemonstrationBase, reason: str, *, actor: Actor) -> DemonstrationBase:
    """End a demonstration base with a reason (撤销); the recognition stays. Doing it twice for one reason has one effect."""
    Recognition.objects.select_for_update().get(pk=base.recognition_id)
    rows = DemonstrationBase.objects.select_related("jurisdiction", "recognition__community")
    locked = rows.get(pk=base.pk)
    refuse_other_namers(locked, actor)
    if locked.ended_at is not None:
        if locked.end_reason == reason.strip():
            return locked
        raise TransitionError(
            f"{locked.recognition.community}已于 {timezone.localtime(locked.ended_at):%Y-%m-%d} 撤销：{locked.end_reason}"
        )
    if not reason.strip():
        raise InvalidInput("请填写撤销理由。")
    locked.ended_at, locked.end_reason = clock.now(), reason.strip()
    locked.save(update_fields=["ended_at", "end_reason"])
    return locked
