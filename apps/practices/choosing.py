"""What levels above do with a practice: choose it for all below, decline it, hand it further up, commend, withdraw a choice."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.permissions import Actor, require
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.practices.domain import (
    Wording,
    checked_wording,
    locked_practice,
    pass_on,
    practices_for,
    standing_status,
)
from apps.practices.models import Practice, PracticeChoice, PracticeQuerySet
from apps.practices.signals import practice_commended, practice_decided

CHOOSE = "choose_practices"
Status = Practice.Status


@dataclass(frozen=True)
class Commendation:
    """通报表扬: by which document, and of which day."""

    document_number: str
    commended_on: date


def waiting_at(actor: Actor) -> PracticeQuerySet:
    """What was sent to the actor's office and waits there."""
    return practices_for(actor).filter(holder=actor.jurisdiction, status=Status.WAITING)


def may_decide(actor: Actor, practice: Practice) -> bool:
    """Whether a person may choose or decline a practice that waits: of the level to which it was sent, or of one above that
    level where nobody there does it; not who sent it."""
    if not practice.is_waiting or practice.holder is None or practice.sent_by_id == actor.user.pk:
        return False
    return actor.can(CHOOSE, practice.holder.path)


def may_hand_up(actor: Actor, practice: Practice) -> bool:
    """Whether a person may send on to the next level what their own has chosen, unless that or a higher one has done so too."""
    own = actor.jurisdiction
    if practice.status != Status.CHOSEN or own.parent_id is None or not actor.can(CHOOSE, practice.path):
        return False
    chosen_in = [one.jurisdiction for one in practice.choices.standing().select_related("jurisdiction")]
    return own in chosen_in and not any(one != own and one.contains(own.path) for one in chosen_in)


@transaction.atomic
def choose_practice(practice: Practice, *, actor: Actor, seen: int) -> PracticeChoice:
    """Choose a practice (采用): all below the actor's level read it from now on. Twice has one effect. ``seen``: the sending that
    the page showed."""
    locked = _to_decide(practice, actor)
    own = locked.choices.filter(jurisdiction=actor.jurisdiction).first()
    if own is not None and own.withdrawn_at is None and locked.status == Status.CHOSEN and locked.round == seen:
        return own
    _check_decision(locked, actor, seen)
    choice = own or PracticeChoice(practice=locked, jurisdiction=actor.jurisdiction)
    choice.chosen_at, choice.chosen_by = clock.now(), actor.user
    choice.withdrawn_at, choice.withdrawn_by, choice.withdrawal_reason = None, None, ""
    choice.save()
    _decide(locked, Status.CHOSEN, actor)
    return choice


@transaction.atomic
def take_up_practice(
    unit: Jurisdiction, wording: Wording, *, sent_by: User, sent_at: datetime, actor: Actor
) -> Practice:
    """Choose what a report of ``unit`` tells of (采用), as if it had been sent in with the report: by whom, when. The actor's level
    may word it for its readers. Twice has one effect."""
    require(actor, CHOOSE, unit.path)
    if unit == actor.jurisdiction:
        raise PermissionDenied("本单位的经验做法由上级采用。")
    wording = checked_wording(unit, wording)
    if not wording.text:
        raise InvalidInput("还没有采用：请填写做法内容。")
    # The unit's row is the queue in which two clicks stand.
    Jurisdiction.objects.select_for_update().get(pk=unit.pk)
    words = {"jurisdiction": unit, "title": wording.title, "text": wording.text}
    for same in Practice.objects.filter(**words).exclude(status=Status.DRAFT):
        if same.choices.standing().filter(jurisdiction=actor.jurisdiction).exists():
            return same
        raise InvalidInput(f"{unit}已报送过“{same}”，内容相同，现为{same.get_status_display()}，请在“经验做法”里办理。")
    practice = Practice.objects.create(
        **words,
        community=wording.community,
        criteria=list(wording.criteria),
        origin=wording.origin,
        status=Status.WAITING,
        round=1,
        created_at=clock.now(),
        created_by=actor.user,
        sent_in=unit,
        holder=actor.jurisdiction,
        sent_at=sent_at,
        sent_by=sent_by,
    )
    choose_practice(practice, actor=actor, seen=practice.round)
    return practice


@transaction.atomic
def decline_practice(practice: Practice, reason: str, *, actor: Actor, seen: int) -> Practice:
    """Decline a practice (不采用) with a reason; what a lower level has chosen stays published there. Twice has one effect."""
    if not reason.strip():
        raise InvalidInput("请填写不采用的理由。")
    locked = _to_decide(practice, actor)
    if not locked.is_waiting and (locked.round, locked.decline_reason) == (seen, reason.strip()):
        return locked
    _check_decision(locked, actor, seen)
    locked.decline_reason = reason.strip()
    return _decide(locked, standing_status(locked, Status.DECLINED), actor)


@transaction.atomic
def hand_up_practice(practice: Practice, *, actor: Actor, seen: int) -> Practice:
    """Send what the actor's level has chosen on to the next one (向上推荐). Twice has one effect."""
    require(actor, CHOOSE, practice.path)
    locked = locked_practice(practice)
    if locked.is_waiting and locked.sent_in_id == actor.jurisdiction.pk:
        return locked
    if not may_hand_up(actor, locked):
        raise TransitionError(f"“{locked}”{_standing(locked)}，{actor.jurisdiction}现在不能向上推荐。")
    if seen != locked.round:
        raise StaleForm("后来又报送过，没有推荐。请核对后再办理。")
    return pass_on(locked, actor)


@transaction.atomic
def commend_practice(choice: PracticeChoice, commendation: Commendation, *, actor: Actor) -> PracticeChoice:
    """Put down that whom a chosen practice comes from was commended by a document (通报表扬); again corrects it."""
    locked = _own_choice(choice, actor, "登记通报表扬")
    number = commendation.document_number.strip()
    if not number:
        raise InvalidInput("请填写通报表扬的文号。")
    if commendation.commended_on > clock.today():
        raise InvalidInput(f"通报表扬日期 {commendation.commended_on:%Y-%m-%d} 还没有到，请核对。")
    if (locked.commended_in, locked.commended_on) == (number, commendation.commended_on):
        return locked
    locked.commended_in, locked.commended_on = number, commendation.commended_on
    locked.save()
    practice_commended.send(sender=PracticeChoice, row=locked)
    return locked


@transaction.atomic
def withdraw_choice(choice: PracticeChoice, reason: str, *, actor: Actor) -> PracticeChoice:
    """Withdraw a choice with a reason (撤回采用): those below read it no more, unless another level has chosen it too."""
    if not reason.strip():
        raise InvalidInput("请填写撤回采用的理由。")
    locked_practice(choice.practice)
    locked = _own_choice(choice, actor, "撤回")
    locked.withdrawn_at, locked.withdrawn_by = clock.now(), actor.user
    locked.withdrawal_reason = reason.strip()
    locked.save()
    practice = locked_practice(choice.practice)
    stands = practice.choices.standing().exists()
    is_handed_up_by_us = practice.is_waiting and practice.sent_in_id == actor.jurisdiction.pk
    if not stands and (practice.status == Status.CHOSEN or is_handed_up_by_us):
        practice.decline_reason, practice.holder = f"撤回采用：{reason.strip()}", actor.jurisdiction
        _decide(practice, Status.DECLINED, actor)
    return locked


def _to_decide(practice: Practice, actor: Actor) -> Practice:
    """The locked practice, for whoever may decide on it."""
    require(actor, CHOOSE, practice.path)
    locked = locked_practice(practice)
    if locked.holder is None or not actor.jurisdiction.contains(locked.holder.path):
        raise PermissionDenied(f"这份经验做法由{locked.holder or '上级'}办理，您所在的{actor.jurisdiction}不办理。")
    return locked


def _check_decision(practice: Practice, actor: Actor, seen: int) -> None:
    if not practice.is_waiting:
        raise TransitionError(f"“{practice}”{_standing(practice)}，现在不用办理。")
    if seen != practice.round:
        raise StaleForm("后来又重新报送过，没有办理。请核对最新内容。")
    if practice.sent_by_id == actor.user.pk:
        raise PermissionDenied("报送的人不能自己采用，请由同事办理。")


def _decide(practice: Practice, status: str, actor: Actor) -> Practice:
    practice.status, practice.decided_at, practice.decided_by = status, clock.now(), actor.user
    practice.save()
    practice_decided.send(sender=Practice, row=practice)
    return practice


def _own_choice(choice: PracticeChoice, actor: Actor, deed: str) -> PracticeChoice:
    if choice.jurisdiction != actor.jurisdiction:
        raise PermissionDenied(f"由{choice.jurisdiction}采用，由其{deed}。")
    require(actor, CHOOSE, choice.path)
    rows = PracticeChoice.objects.select_for_update(of=("self",)).select_related("practice", "jurisdiction")
    locked = rows.get(pk=choice.pk)
    if locked.withdrawn_at is not None:
        at = timezone.localtime(locked.withdrawn_at)
        raise TransitionError(f"采用已于 {at:%Y-%m-%d %H:%M} 撤回，不能{deed}。")
    return locked


def _standing(practice: Practice) -> str:
    at = (
        f"（{timezone.localtime(practice.decided_at):%Y-%m-%d %H:%M} {practice.holder}办理）"
        if practice.decided_at
        else ""
    )
    return f"{practice.get_status_display()}{at}"
