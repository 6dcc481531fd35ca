"""Verbs of public notices (公示): draft, edit, discard, publish, withdraw.

Whoever takes several locks takes the assessments' first, in the order of their ids, then the notice's.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.assessments.models import Assessment
from apps.campaigns.last_level import recognises
from apps.campaigns.models import Campaign
from apps.campaigns.notice_rules import MOST_DAYS, notice_days_of
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.history import was_deleted
from apps.core.inputs import names_mobile
from apps.jurisdictions.models import Jurisdiction
from apps.recognitions.candidates import candidates_of, returned_today
from apps.recognitions.models import NoticeEntry, PublicNotice
from apps.recognitions.signals import notice_published, notice_withdrawn
from apps.recognitions.working_days import period_of

Status = PublicNotice.Status

# What every notice lasts at least, whatever the campaign says.
FEWEST_DAYS = 5
_REACHABLE = re.compile(r"\d{5,}|[^\s@]+@[^\s@]+\.[^\s@]+|\d{3,4}[-－—]\d{6,}")


@dataclass(frozen=True)
class Wording:
    """What a notice says beside its list."""

    title: str
    text: str
    contact: str
    working_days: int
    year: int


def fewest_days(campaign: Campaign) -> int:
    """Return the least number of working days for a notice under ``campaign``."""
    return max(notice_days_of(campaign), FEWEST_DAYS)


@transaction.atomic
def draft_notice(campaign: Campaign, assessments: Collection[int], *, actor: Actor) -> PublicNotice:
    """Draft a notice of the actor's jurisdiction for the chosen assessments, in the usual words."""
    here = actor.jurisdiction
    require(actor, "review_assessments", here.path)
    if not recognises(here, campaign):
        raise PermissionDenied(f"“{campaign}”的认定不由{here}办理，公示由认定单位发布。")
    _lock(assessments)
    _check_entries(campaign, here, assessments)
    year = campaign.year_for(clock.today().year)
    notice = PublicNotice.objects.create(
        campaign=campaign,
        jurisdiction=here,
        year=year,
        title=f"关于{year}年拟认定绿色社区名单的公示",
        text=_usual_words(campaign, year),
        contact="",
        working_days=fewest_days(campaign),
        created_at=clock.now(),
        created_by=actor.user,
    )
    NoticeEntry.objects.bulk_create(NoticeEntry(notice=notice, assessment_id=pk) for pk in sorted(set(assessments)))
    return notice


@transaction.atomic
def edit_notice(
    notice: PublicNotice, wording: Wording, assessments: Collection[int], *, actor: Actor, seen: int | None = None
) -> PublicNotice:
    """Change words and list of a draft. ``seen``: the version that the form showed."""
    _may_work_on(notice, "review_assessments", actor)
    chosen = {*assessments}
    _lock(chosen | _ids_of(notice))
    locked = _locked(notice)
    _require_draft(locked, "修改")
    if seen is not None and seen != locked.version:
        raise StaleForm("这份草稿刚刚由同事改过，您的修改没有保存。请核对后再保存。")
    _check_wording(locked.campaign, wording)
    standing = _ids_of(locked)
    _check_entries(locked.campaign, locked.jurisdiction, chosen, beside=locked.pk)
    locked.entries.exclude(assessment__in=chosen).delete()
    NoticeEntry.objects.bulk_create(NoticeEntry(notice=locked, assessment_id=pk) for pk in sorted(chosen - standing))
    locked.title, locked.text, locked.contact = wording.title.strip(), wording.text.strip(), wording.contact.strip()
    locked.working_days, locked.year, locked.version = wording.working_days, wording.year, locked.version + 1
    locked.save(update_fields=["title", "text", "contact", "working_days", "year", "version"])
    return locked


@transaction.atomic
def discard_notice(notice: PublicNotice, *, actor: Actor) -> None:
    """Throw a draft away; doing it twice has one effect."""
    _may_work_on(notice, "review_assessments", actor)
    locked = PublicNotice.objects.select_for_update(of=("self",)).filter(pk=notice.pk).first()
    if locked is None:
        return
    _require_draft(locked, "删除")
    locked.delete()


def was_discarded(pk: int, actor: Actor) -> bool:
    """Whether there was a draft of the actor's office with this id that is thrown away, for who may do that."""
    return actor.can("review_assessments") and was_deleted(PublicNotice, pk, jurisdiction=actor.jurisdiction)


@transaction.atomic
def publish_notice(notice: PublicNotice, *, actor: Actor, seen: int | None = None) -> PublicNotice:
    """Publish a draft (发布公示): from tomorrow on its working days are counted, and nothing in it changes any more."""
    _may_work_on(notice, "manage_recognition", actor)
    _lock(_ids_of(notice))
    locked = _locked(notice)
    _require_draft(locked, "发布")
    if seen is not None and seen != locked.version:
        raise StaleForm("这份草稿刚刚由同事改过，没有发布。请核对后再发布。")
    if not locked.contact:
        raise InvalidInput("没有填写异议受理方式，公示后无从反映问题。请先填写单位的办公电话或邮箱。")
    wording = Wording(locked.title, locked.text, locked.contact, locked.working_days, locked.year)
    _check_wording(locked.campaign, wording)
    chosen = _ids_of(locked)
    _check_entries(locked.campaign, locked.jurisdiction, chosen, beside=locked.pk)
    if back := returned_today(chosen, locked.jurisdiction):
        names = "、".join(str(one.participation.community) for one in back)
        raise TransitionError(f"{names}今天退回过又报来。为免与退回混淆，请移出名单，或明天再发布。")
    today = clock.today()
    locked.status, locked.starts_on = Status.PUBLISHED, today
    locked.ends_on = period_of(today, locked.working_days).last
    locked.published_by, locked.version = actor.user, locked.version + 1
    locked.save(update_fields=["status", "starts_on", "ends_on", "published_by", "version"])
    notice_published.send(sender=PublicNotice, row=locked)
    return locked


@transaction.atomic
def withdraw_notice(notice: PublicNotice, reason: str, *, actor: Actor) -> PublicNotice:
    """Withdraw a published notice with a reason: its communities may go on another one, unless objections still stand."""
    _may_work_on(notice, "manage_recognition", actor)
    # Whoever recognises one of its communities holds that one's lock.
    _lock(_ids_of(notice))
    locked = _locked(notice)
    if locked.status == Status.WITHDRAWN:
        at = timezone.localtime(locked.withdrawn_at) if locked.withdrawn_at else clock.now()
        raise TransitionError(f"“{locked.title}”已于 {at:%Y-%m-%d %H:%M} 撤回。")
    if locked.status != Status.PUBLISHED:
        raise TransitionError(f"“{locked.title}”还没有发布，可以直接删除草稿。")
    if not reason.strip():
        raise InvalidInput("请填写撤回公示的理由。")
    recognised = locked.entries.filter(assessment__status=Assessment.Status.RECOGNISED).count()
    if recognised:
        raise TransitionError(f"按这份公示已认定 {recognised} 个社区，公示不能撤回。有问题的社区请办理摘牌。")
    locked.status, locked.withdrawn_at, locked.withdrawal_reason = Status.WITHDRAWN, clock.now(), reason.strip()
    locked.version += 1
    locked.save(update_fields=["status", "withdrawn_at", "withdrawal_reason", "version"])
    notice_withdrawn.send(sender=PublicNotice, row=locked)
    return locked


def refuse_others(notice: PublicNotice, actor: Actor) -> None:
    """PermissionDenied for people of another jurisdiction than the notice's own."""
    if actor.jurisdiction != notice.jurisdiction:
        raise PermissionDenied(f"这份公示由{notice.jurisdiction}办理，其他单位只能查看。")


def _may_work_on(notice: PublicNotice, verb: str, actor: Actor) -> None:
    if verb == "manage_recognition" and not actor.can(verb):
        raise PermissionDenied("公示由审批人发布、撤回。请交本单位的审批人办理。")
    require(actor, verb, notice.path)
    refuse_others(notice, actor)


def _require_draft(notice: PublicNotice, what: str) -> None:
    if notice.status == Status.DRAFT:
        return
    who = f"由{notice.published_by}" if notice.published_by else ""
    on = f"于 {notice.starts_on:%Y-%m-%d} " if notice.starts_on else ""
    raise TransitionError(
        f"“{notice.title}”已{on}{who}发布，不能再{what}。"
        + ("它已撤回。" if notice.status == Status.WITHDRAWN else "确有错误的，由审批人撤回后重新公示。")
    )


def _check_wording(campaign: Campaign, wording: Wording) -> None:
    fewest = fewest_days(campaign)
    if not fewest <= wording.working_days <= MOST_DAYS:
        raise InvalidInput(f"公示 {wording.working_days} 个工作日不对：应为 {fewest} 至 {MOST_DAYS} 个工作日。")
    if wording.year not in campaign.years:
        raise InvalidInput(
            f"认定年度 {wording.year} 不在“{campaign}”的 {campaign.first_year}–{campaign.last_year} 年内。"
        )
    if not wording.title.strip():
        raise InvalidInput("请填写公示标题。")
    for label, text in (("标题", wording.title), ("正文", wording.text), ("异议受理方式", wording.contact)):
        if names_mobile(text):
            raise InvalidInput(f"{label}里有手机号码。公示面向社会，请填单位的办公电话或邮箱，不填个人联系方式。")
    if wording.contact.strip() and not _REACHABLE.search(wording.contact):
        raise InvalidInput("异议受理方式里没有电话或邮箱。请填单位的办公电话（如 0878-3012345）或邮箱。")


def _check_entries(
    campaign: Campaign, here: Jurisdiction, assessments: Collection[int], *, beside: int | None = None
) -> None:
    """InvalidInput or TransitionError unless every chosen assessment lies here, meets the standard and is on no other notice."""
    if not assessments:
        raise InvalidInput("没有选择社区。请至少选择一个拟认定的社区。")
    found = {one.assessment.pk: one for one in candidates_of(here, campaign, only=assessments, beside=beside)}
    if gone := [pk for pk in set(assessments) if pk not in found]:
        names = Assessment.objects.with_context().filter(pk__in=gone)
        said = "、".join(str(one.participation.community) for one in names) or f"{len(gone)} 件"
        raise TransitionError(f"{said}已不在{here}待认定，请移出名单后再办理。")
    refused = [f"{one.assessment.participation.community}：{one.reason}" for one in found.values() if one.reason]
    if refused:
        raise TransitionError("这些社区现在不能公示，请移出名单：" + "".join(refused))


def _usual_words(campaign: Campaign, year: int) -> str:
    number = f"（{campaign.document_number}）" if campaign.document_number else ""
    basis = f"根据《{campaign.document_title}》{number}，" if campaign.document_title else ""
    return (
        f"{basis}按照《{campaign.standard.name}》，经社区自评、逐级审核，拟认定下列社区为{year}年度绿色社区。"
        "为广泛听取意见，接受社会监督，现予公示。\n"
        "公示期内，任何单位和个人对公示名单有异议的，可以通过下列方式向我单位反映。"
        "反映问题应实事求是，提供具体事实和线索；以单位名义反映的应加盖公章，以个人名义反映的提倡实名。"
    )


def _ids_of(notice: PublicNotice) -> set[int]:
    return set(NoticeEntry.objects.filter(notice=notice).values_list("assessment", flat=True))


def _lock(assessments: Collection[int]) -> None:
    list(Assessment.objects.select_for_update().filter(pk__in=assessments).order_by("pk").values_list("pk"))


def _locked(notice: PublicNotice) -> PublicNotice:
    rows = PublicNotice.objects.select_for_update(of=("self",)).select_related(
        "campaign__standard", "jurisdiction", "published_by"
    )
    locked = rows.filter(pk=notice.pk).first()
    if locked is None:
        raise TransitionError(f"草稿“{notice.title}”已由同事删除。")
    return locked
