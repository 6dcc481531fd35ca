"""Verbs of supervision visits (督导检查): draft, edit, discard, issue, withdraw; answering and checking is in ``mending``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.history import was_deleted
from apps.jurisdictions.models import Jurisdiction, Level
from apps.standards.national import national_criteria
from apps.supervision.models import LONGEST_TEXT, SupervisionVisit, SupervisionVisitQuerySet, VisitFinding
from apps.supervision.signals import visit_issued, visit_withdrawn

SUPERVISE = "supervise"
MOST_FINDINGS = 60
Status = SupervisionVisit.Status

_STALE = "这次督导检查刚刚由同事改过，{deed}。请核对后再办理。"


@dataclass(frozen=True)
class FindingFacts:
    """One finding as it is written down; ``criterion`` is the id of a national criterion."""

    text: str
    mend_by: date | None = None
    criterion: int | None = None


@dataclass(frozen=True, kw_only=True)
class VisitFacts:
    """What is written down of a visit."""

    title: str
    started_on: date
    ended_on: date | None = None
    document_number: str = ""
    offices: str = ""
    people: str = ""
    looked_at: str = ""
    summary: str = ""
    findings: Sequence[FindingFacts] = ()


def visits_for(actor: Actor) -> SupervisionVisitQuerySet:
    """The visits that an office sees: its own with the drafts; issued ones that it, or a unit below it, has received."""
    seen = Q(office=actor.jurisdiction) | ~Q(status=Status.DRAFT)
    named = "campaign", "office", "unit__parent", "community", "issued_by"
    return SupervisionVisit.objects.filter(seen).select_related(*named)


@transaction.atomic
def draft_visit(
    campaign: Campaign | None, unit: Jurisdiction, community: Community | None = None, *, actor: Actor
) -> SupervisionVisit:
    """Begin to write down a visit of the actor's office to ``unit``, or to a community there.

    A second click returns the draft of the same day that nobody has touched yet.
    """
    here = actor.jurisdiction
    require(actor, SUPERVISE, unit.path)
    if here.level == Level.STREET:
        raise PermissionDenied("督导检查由县级以上单位开展，街道（镇、乡）不用登记。")
    if unit == here or not here.contains(unit.path):
        raise InvalidInput(f"“{unit}”不是{here}的下级单位，请选择被检查的下级单位。")
    if campaign is None:
        raise InvalidInput(f"{here}还没有创建行动，发起创建行动后再登记督导检查。")
    if not campaign.jurisdiction.contains(unit.path):
        raise InvalidInput(f"“{campaign}”不包括{unit}，请换一个创建行动。")
    if community is not None and not unit.contains(community.path):
        raise InvalidInput(f"“{community}”不在{unit}，请重新选择社区。")
    # The unit's row is the queue in which two clicks stand.
    Jurisdiction.objects.select_for_update().get(pk=unit.pk)
    mine = {"campaign": campaign, "office": here, "unit": unit, "community": community, "created_by": actor.user}
    drafts = SupervisionVisit.objects.filter(**mine, status=Status.DRAFT, version=1)
    same = drafts.filter(created_at__date=clock.today()).first()
    if same is not None:
        return same
    title = f"关于{unit}{community or ''}绿色社区创建工作督导检查的反馈意见"
    return SupervisionVisit.objects.create(**mine, title=title, started_on=clock.today(), created_at=clock.now())


@transaction.atomic
def edit_visit(visit: SupervisionVisit, facts: VisitFacts, *, actor: Actor, seen: int) -> SupervisionVisit:
    """Change a draft, its findings with it; ``seen``: the version that the form showed."""
    locked = _locked(visit, actor)
    _require_draft(locked, "修改")
    if seen != locked.version:
        raise StaleForm(_STALE.format(deed="您的修改没有保存"))
    _check(facts)
    for name in ("title", "document_number", "offices", "people", "looked_at", "summary"):
        setattr(locked, name, getattr(facts, name).strip())
    locked.started_on, locked.ended_on = facts.started_on, facts.ended_on
    locked.version += 1
    locked.save()
    _put_down(locked, facts.findings)
    return locked


@transaction.atomic
def discard_visit(visit: SupervisionVisit, *, actor: Actor) -> None:
    """Throw a draft away; doing it twice has one effect."""
    require_own(visit, actor)
    locked = SupervisionVisit.objects.select_for_update(of=("self",)).filter(pk=visit.pk).first()
    if locked is not None:
        _require_draft(locked, "删除")
        locked.delete()


def was_discarded(pk: int, actor: Actor) -> bool:
    """Whether there was a draft of the actor's office with this id that is thrown away, for who may do that."""
    return actor.can(SUPERVISE) and was_deleted(SupervisionVisit, pk, office=actor.jurisdiction)


@transaction.atomic
def issue_visit(visit: SupervisionVisit, *, actor: Actor, seen: int) -> SupervisionVisit:
    """Issue what a visit found (印发反馈意见): the visited unit reads it and has to answer every finding by its day.

    Done twice it has one effect.
    """
    locked = _locked(visit, actor)
    if locked.status == Status.ISSUED and locked.issued_by_id == actor.user.pk:
        return locked
    _require_draft(locked, "印发")
    if seen != locked.version:
        raise StaleForm(_STALE.format(deed="没有印发"))
    if lacking := shortfalls(locked, list(locked.findings.all())):
        raise InvalidInput(f"还没有印发：{'；'.join(lacking)}。")
    locked.status, locked.issued_at, locked.issued_by = Status.ISSUED, clock.now(), actor.user
    locked.version += 1
    locked.save()
    visit_issued.send(sender=SupervisionVisit, row=locked)
    return locked


def shortfalls(visit: SupervisionVisit, findings: Sequence[VisitFinding]) -> list[str]:
    """What a draft lacks to be issued, in words."""
    found = []
    if not visit.offices and not visit.people:
        found.append("没有填写参加单位或检查人员")
    if not visit.summary and not findings:
        found.append("没有填写总体情况，也没有填写问题")
    if undated := [str(one.number) for one in findings if one.mend_by is None]:
        found.append(f"问题 {'、'.join(undated)} 没有整改期限")
    if early := [str(one.number) for one in findings if one.mend_by and one.mend_by < clock.today()]:
        found.append(f"问题 {'、'.join(early)} 的整改期限已经过了，请改为今天或以后")
    return found


@transaction.atomic
def withdraw_visit(visit: SupervisionVisit, reason: str, *, actor: Actor) -> SupervisionVisit:
    """Withdraw what was issued with a reason, which the visited unit reads in its place; nothing is to be mended any more."""
    locked = _locked(visit, actor)
    if locked.status == Status.WITHDRAWN and locked.withdrawn_at is not None:
        at = timezone.localtime(locked.withdrawn_at)
        raise TransitionError(f"“{locked}”已于 {at:%Y-%m-%d %H:%M} 由 {locked.withdrawn_by} 撤回。")
    if locked.status != Status.ISSUED:
        raise TransitionError(f"“{locked}”还没有印发，可以直接删除草稿。")
    if not reason.strip():
        raise InvalidInput("请填写撤回的理由。")
    locked.status, locked.withdrawn_at, locked.withdrawn_by = Status.WITHDRAWN, clock.now(), actor.user
    locked.withdrawal_reason = reason.strip()
    locked.version += 1
    locked.save()
    visit_withdrawn.send(sender=SupervisionVisit, row=locked)
    return locked


def require_own(visit: SupervisionVisit, actor: Actor) -> None:
    """PermissionDenied for people of another office than the one that visits, and for who may not supervise there."""
    if actor.jurisdiction != visit.office:
        raise PermissionDenied(f"这次督导检查由{visit.office}办理。")
    require(actor, SUPERVISE, visit.path)


def _locked(visit: SupervisionVisit, actor: Actor) -> SupervisionVisit:
    require_own(visit, actor)
    rows = SupervisionVisit.objects.select_for_update(of=("self",)).select_related("office", "unit", "withdrawn_by")
    locked = rows.filter(pk=visit.pk).first()
    if locked is None:
        raise TransitionError(f"“{visit}”已被同事删除。")
    return locked


def _require_draft(visit: SupervisionVisit, deed: str) -> None:
    if not visit.is_draft:
        raise TransitionError(f"“{visit}”{visit.get_status_display()}，不能{deed}。")


def _check(facts: VisitFacts) -> None:
    if not facts.title.strip():
        raise InvalidInput("请填写标题。")
    if facts.started_on > clock.today():
        raise InvalidInput(f"检查日期 {facts.started_on:%Y-%m-%d} 还没有到，检查以后再登记。")
    if facts.ended_on and facts.ended_on < facts.started_on:
        raise InvalidInput(f"检查结束日期 {facts.ended_on:%Y-%m-%d} 早于开始日期，请核对。")
    if len(facts.findings) > MOST_FINDINGS:
        raise InvalidInput(f"问题有 {len(facts.findings)} 项，超过 {MOST_FINDINGS} 项，请合并。")
    for number, one in enumerate(facts.findings, 1):
        if not one.text.strip():
            raise InvalidInput(f"第 {number} 项问题没有填写内容，请填写，或者清空这一行。")
        if len(one.text) > LONGEST_TEXT:
            raise InvalidInput(f"第 {number} 项问题有 {len(one.text):,} 字，超过 {LONGEST_TEXT:,} 字，请缩短。")
    named = {one.criterion for one in facts.findings if one.criterion}
    if named and not named <= {one.pk for one in national_criteria()}:
        raise InvalidInput("问题对应的条目不在国家标准里，请刷新页面后重新选择。")


def _put_down(visit: SupervisionVisit, findings: Sequence[FindingFacts]) -> None:
    """Let the findings be these, in their order."""
    standing = list(visit.findings.order_by("number"))
    for row in standing[len(findings) :]:
        row.delete()
    for number, facts in enumerate(findings, 1):
        row = standing[number - 1] if number <= len(standing) else VisitFinding(visit=visit)
        now = (number, facts.text.strip(), facts.mend_by, facts.criterion)
        if row.pk is None or (row.number, row.text, row.mend_by, row.criterion_id) != now:
            row.number, row.text, row.mend_by, row.criterion_id = now
            row.save()
