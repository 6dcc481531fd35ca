"""Verbs of objections (异议): recording what is brought forward against a community on a notice, and deciding on it."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.assessments.models import Assessment
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.recognitions.models import NoticeEntry, Objection, PublicNotice
from apps.recognitions.signals import objection_decided, objection_recorded

Outcome = Objection.Outcome


@transaction.atomic
def record_objection(entry: NoticeEntry, *, received_on: date, is_signed: bool, text: str, actor: Actor) -> Objection:
    """Record an objection (登记异议); from now on it holds back this community. Who brought it forward is not kept.

    The same text of the same day is recorded once.
    """
    locked = _lock(entry)
    notice, community = locked.notice, locked.assessment.participation.community
    _may_handle(notice, "review_assessments", actor)
    if notice.status != PublicNotice.Status.PUBLISHED or notice.starts_on is None:
        raise TransitionError(f"“{notice.title}”{notice.get_status_display()}，不登记异议。")
    text = text.strip()
    if not text:
        raise InvalidInput("请填写异议内容。")
    if not notice.starts_on <= received_on <= clock.today():
        raise InvalidInput(
            f"收到日期 {received_on:%Y-%m-%d} 不对：应在公示日期 {notice.starts_on:%Y-%m-%d} 至今天之间。"
        )
    same = locked.objections.filter(received_on=received_on, text=text).first()
    if same is not None:
        return same
    if locked.assessment.status == Assessment.Status.RECOGNISED:
        raise TransitionError(f"{community}已认定，不再登记公示异议。反映的问题请在复查中核实，确不符合的办理摘牌。")
    objection = Objection.objects.create(
        entry=locked,
        received_on=received_on,
        is_signed=is_signed,
        text=text,
        recorded_at=clock.now(),
        recorded_by=actor.user,
    )
    objection_recorded.send(sender=Objection, row=objection)
    return objection


@transaction.atomic
def decide_objection(objection: Objection, outcome: Objection.Outcome, handling: str, *, actor: Actor) -> Objection:
    """Decide on an objection: 成立 takes the community off the list, 不成立 clears it. ``handling``: what was found and done.

    It goes on after the notice was withdrawn: the objection stays with the assessment.
    """
    entry = _lock(objection.entry)
    _may_handle(entry.notice, "manage_recognition", actor)
    locked = Objection.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=objection.pk)
    if locked.outcome != Outcome.OPEN:
        if (locked.outcome, locked.handling, locked.decided_by) == (outcome, handling.strip(), actor.user):
            return locked
        at = timezone.localtime(locked.decided_at) if locked.decided_at else clock.now()
        raise TransitionError(
            f"这件异议已于 {at:%Y-%m-%d %H:%M} 由 {locked.decided_by} 处理：{locked.get_outcome_display()}。"
        )
    if outcome not in (Outcome.SUSTAINED, Outcome.REJECTED):
        raise InvalidInput("请选择处理结果：成立，或不成立。")
    if not handling.strip():
        raise InvalidInput("请填写核查处理情况。")
    locked.outcome, locked.handling = outcome, handling.strip()
    locked.decided_at, locked.decided_by = clock.now(), actor.user
    locked.save(update_fields=["outcome", "handling", "decided_at", "decided_by"])
    objection_decided.send(sender=Objection, row=locked)
    return locked


def _may_handle(notice: PublicNotice, verb: str, actor: Actor) -> None:
    require(actor, verb, notice.path)
    if actor.jurisdiction != notice.jurisdiction:
        raise PermissionDenied(f"异议由{notice.jurisdiction}受理，其他单位只能查看。")


def _lock(entry: NoticeEntry) -> NoticeEntry:
    """Lock the assessment, which whoever recognises it locks too, and return the entry as it stands then."""
    Assessment.objects.select_for_update().get(pk=entry.assessment_id)
    rows = NoticeEntry.objects.select_related(
        "notice__jurisdiction", "assessment__participation__community__jurisdiction"
    )
    return rows.get(pk=entry.pk)
