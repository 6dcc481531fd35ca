"""The yearly re-check of recognised communities (复查): which are due, and recording what was found.

The level that recognised answers for it; the districts below may record it too. What fails is revoked by the level that recognised.
"""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.campaigns.models import Recognition, RecognitionQuerySet
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import paths_down_to
from apps.recognitions.authority import authority_of, recognised_by
from apps.recognitions.models import Recheck
from apps.recognitions.signals import recheck_recorded

Result = Recheck.Result

_LONGEST_RECTIFYING = timedelta(days=365)


def due_for_recheck(path: str, year: int) -> RecognitionQuerySet:
    """Return the recognitions in force of earlier years below ``path`` that were not re-checked in ``year``."""
    checked = Recheck.objects.filter(recognition=OuterRef("pk"), year=year)
    return Recognition.objects.below(path).in_force().filter(~Exists(checked), year__lt=year)


def latest() -> Q:
    """The condition that a re-check is the last one of its recognition."""
    later = Recheck.objects.filter(recognition=OuterRef("recognition"), year__gt=OuterRef("year"))
    return Q(~Exists(later))


def overdue_at(today: date) -> Q:
    """The condition that a rectification should have been finished and nobody has said that it was."""
    return Q(result=Result.RECTIFY, rectify_by__lt=today) & latest() & of_recognition_in_force()


def of_recognition_in_force() -> Q:
    """The condition that a row's recognition is neither revoked nor ended with its community."""
    return Q(recognition__revoked_at__isnull=True, recognition__ended_on__isnull=True)


def recordable_by(actor: Actor, of: str = "") -> Q:
    """The condition that ``may_record``, for what lies below the actor's office; ``of``: where a row names its recognition, as
    ``recognition__``."""
    if not actor.can("review_assessments"):
        return Q(pk__in=[])
    return recognised_by(paths_down_to(actor.jurisdiction.path), of)


def may_record(recognition: Recognition, actor: Actor) -> bool:
    """Whether the actor's office is the one that recognised, or one of review below it."""
    below = Recognition.objects.below(actor.jurisdiction.path)
    return below.filter(recordable_by(actor), pk=recognition.pk).exists()


def refuse_other_offices(recognition: Recognition, actor: Actor) -> None:
    """PermissionDenied for everybody who may not record the re-check."""
    if not may_record(recognition, actor):
        raise PermissionDenied(f"复查由{authority_of(recognition)}及其下属县（市、区）办理。")


@transaction.atomic
def record_recheck(
    recognition: Recognition,
    *,
    year: int,
    checked_on: date,
    result: Recheck.Result,
    findings: str = "",
    rectify_by: date | None = None,
    actor: Actor,
    seen: int | None = None,
) -> Recheck:
    """Record the re-check of a year, or what came of it since: a rectification that was asked for becomes 通过 or 不通过.

    ``seen``: the version that the form showed, 0 for none; StaleForm where somebody has recorded another since.
    The same twice by one person has one effect.
    """
    require(actor, "review_assessments", recognition.path)
    locked = Recognition.objects.select_for_update(of=("self",)).select_related("community").get(pk=recognition.pk)
    refuse_other_offices(locked, actor)
    if locked.revoked_at is not None:
        raise TransitionError(f"{locked.community}已摘牌，不再复查。")
    if locked.ended_on is not None:
        raise TransitionError(f"{locked.community}的认定已于 {locked.ended_on:%Y-%m-%d} 随社区终止，不再复查。")
    existing = Recheck.objects.filter(recognition=locked, year=year).select_related("recorded_by").first()
    findings = findings.strip()
    rectify_by = rectify_by if result == Result.RECTIFY else None
    if existing is not None and existing.recorded_by == actor.user:
        known = (existing.checked_on, existing.result, existing.findings, existing.rectify_by)
        if known == (checked_on, result, findings, rectify_by):
            return existing
    if seen is not None and seen != (existing.version if existing else 0):
        who = f"由{existing.recorded_by}" if existing else ""
        raise StaleForm(f"{locked.community} {year} 年的复查刚刚{who}登记过，您填写的没有保存。请核对后再改。")
    _check(locked, year, checked_on, result, findings, rectify_by, is_new=existing is None)
    recheck, _ = Recheck.objects.update_or_create(
        recognition=locked,
        year=year,
        defaults={
            "jurisdiction": actor.jurisdiction,
            "checked_on": checked_on,
            "result": result,
            "findings": findings,
            "rectify_by": rectify_by,
            "version": existing.version + 1 if existing else 1,
            "recorded_at": clock.now(),
            "recorded_by": actor.user,
        },
    )
    recheck_recorded.send(sender=Recheck, row=recheck)
    return recheck


def _check(
    recognition: Recognition,
    year: int,
    checked_on: date,
    result: str,
    findings: str,
    rectify_by: date | None,
    *,
    is_new: bool,
) -> None:
    today = clock.today()
    if not recognition.year <= year <= today.year:
        raise InvalidInput(
            f"复查年度 {year} 不对：{recognition.community} {recognition.year} 年认定，现在是 {today.year} 年。"
        )
    if is_new and year != today.year:
        raise InvalidInput(f"{year} 年没有复查记录，不能补登。请登记 {today.year} 年的复查。")
    _check_day(recognition, year, checked_on)
    if result not in Result.values:
        raise InvalidInput("请选择复查结果：通过、限期整改或不通过。")
    if result != Result.PASSED and not findings:
        raise InvalidInput("限期整改、不通过的，请填写复查发现的问题。")
    if result == Result.RECTIFY:
        _check_rectify_by(rectify_by, checked_on)


def _check_rectify_by(rectify_by: date | None, checked_on: date) -> None:
    if rectify_by is None or rectify_by <= checked_on:
        raise InvalidInput("请填写整改期限，应晚于复查日期。")
    last = checked_on + _LONGEST_RECTIFYING
    if rectify_by > last:
        raise InvalidInput(f"整改期限 {rectify_by:%Y-%m-%d} 太远，最晚到 {last:%Y-%m-%d}（复查后一年），请核对年份。")


def _check_day(recognition: Recognition, year: int, checked_on: date) -> None:
    recognised_on = timezone.localtime(recognition.recognised_at).date()
    first, named = max((date(year, 1, 1), f" {year}-01-01"), (recognised_on, f"认定日期 {recognised_on:%Y-%m-%d}"))
    if not first <= checked_on <= clock.today():
        raise InvalidInput(f"复查日期 {checked_on:%Y-%m-%d} 不对：应在{named} 至今天之间。")
