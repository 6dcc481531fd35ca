"""Verbs of filings: saved as a draft, submitted, withdrawn by the unit; returned, accepted by the level above.

Files are in ``attachments``, moved dates and urging in ``supervision``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.campaigns.annual_plans import answering_to
from apps.campaigns.models import Milestone
from apps.campaigns.turns import work_under
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.filings.figures import WITHOUT_FIGURES, figures_for
from apps.filings.models import (
    ANSWERED_BY_EVALUATION,
    LONGEST_REASON,
    LONGEST_TEXT,
    LONGEST_TITLE,
    SEE_FILE,
    Escalation,
    Filing,
    FilingQuerySet,
)
from apps.filings.obligations import Owed, find_owed
from apps.filings.signals import filing_decided, filing_submitted, filing_withdrawn
from apps.jurisdictions.models import Jurisdiction

FILE, DECIDE = "file_reports", "decide_filings"
MOST_PARTS = 30
Status = Filing.Status

# Where a filing may go from each status.
TRANSITIONS: dict[str, set[str]] = {
    Status.DRAFT: {Status.SUBMITTED},
    Status.RETURNED: {Status.SUBMITTED},
    Status.SUBMITTED: {Status.DRAFT, Status.RETURNED, Status.ACCEPTED},
    Status.ACCEPTED: set(),
}


@dataclass(frozen=True)
class Content:
    """What is written in a filing: the parts as (title, text), those that are demanded first, and the narrative."""

    parts: Sequence[tuple[str, str]] = ()
    narrative: str = ""

    @property
    def stored(self) -> list[dict[str, str]]:
        return [{"title": title, "text": text} for title, text in self.parts]


def content_of(milestone: Milestone, filing: Filing | None) -> Content:
    """What stands in a filing, with every part that the milestone demands."""
    stored = {one["title"]: one["text"] for one in filing.parts} if filing else {}
    demanded = [(title, stored.pop(title, "")) for title in milestone.required_parts]
    return Content([*demanded, *stored.items()], filing.narrative if filing else "")


def decided_in(own: Jurisdiction) -> FilingQuerySet:
    """The filings that ``own`` decides on: of the units right below, and of those further below between which nobody works
    who could."""
    rows = Filing.objects.below(own.path).filter(answering_to(own, DECIDE)).exclude(jurisdiction=own)
    return rows.exclude(milestone__kind__in=ANSWERED_BY_EVALUATION)


def may_read(actor: Actor, filing: Filing) -> bool:
    """Whether a person may see what is in a filing: a draft is the unit's own until it is handed in."""
    return filing.status != Status.DRAFT or filing.jurisdiction_id == actor.jurisdiction.pk


def may_decide(actor: Actor, filing: Filing) -> bool:
    """Whether a person may accept or return a filing that waits: of the level above, and not who submitted it."""
    if not filing.is_waiting or not actor.can(DECIDE, filing.path) or actor.user.pk == filing.submitted_by_id:
        return False
    return decided_in(actor.jurisdiction).filter(pk=filing.pk).exists()


@transaction.atomic
def save_draft(
    milestone: Milestone, unit: Jurisdiction, due_on: date, content: Content, *, actor: Actor, seen: int
) -> Filing:
    """Keep what was written so far. ``seen``: the version that the form showed, 0 without any; StaleForm where a colleague has
    saved since. The same twice has one effect."""
    _require_own(actor, unit)
    milestone.campaign = work_under(milestone.campaign, "不能报送")
    _refuse_answered(milestone, due_on)
    if find_owed(milestone, unit, due_on) is None:
        raise InvalidInput(f"{unit}没有 {due_on:%Y-%m-%d} 到期的“{milestone}”，请从报送列表重新打开。")
    content = _checked(milestone, content)
    blank = {"version": 0, "saved_at": clock.now(), "saved_by": actor.user}
    made, _ = Filing.objects.get_or_create(milestone=milestone, jurisdiction=unit, due_on=due_on, defaults=blank)
    filing = _locked(made)
    _check_editable(filing)
    if filing.version and (filing.parts, filing.narrative) == (content.stored, content.narrative):
        return filing
    if seen != filing.version:
        raise StaleForm(
            f"“{filing.milestone}”刚刚由{filing.saved_by}改过，您填写的没有保存，还在下面。请打开最新内容，核对后再填。"
        )
    filing.parts, filing.narrative = content.stored, content.narrative
    _note_saved(filing, actor)
    return filing


@transaction.atomic
def submit_filing(filing: Filing, *, actor: Actor, seen: int) -> Filing:
    """Hand a filing in (报送): its figures are frozen, and it waits for the level above. What the milestone demands has to be
    there; after its date it is taken all the same, and counts as late. Twice has one effect."""
    _require_own(actor, filing.jurisdiction)
    work_under(filing.milestone.campaign, "不能报送")
    filing = _locked(filing)
    if filing.is_waiting:
        return filing
    _check_editable(filing)
    if seen != filing.version:
        raise StaleForm(f"“{filing.milestone}”刚刚由{filing.saved_by}改过，还没有报送。请核对最新内容后再报送。")
    if lacking := shortfalls(filing):
        raise InvalidInput(f"还没有报送：{'；'.join(lacking)}。")
    _go(filing, Status.SUBMITTED)
    if filing.milestone.kind not in WITHOUT_FIGURES:
        filing.figures = figures_for(filing.milestone, filing.jurisdiction, filing.due_on)
    filing.round += 1
    filing.submitted_at, filing.submitted_by = clock.now(), actor.user
    filing.handed_in_on = filing.handed_in_on or clock.today()
    filing.decided_in = filing.decided_at = filing.decided_by = None
    filing.save()
    _escalations(filing).filter(answered_at=None).update(answered_at=filing.submitted_at)
    filing_submitted.send(sender=Filing, row=filing)
    return filing


def shortfalls(filing: Filing) -> list[str]:
    """What a filing lacks to be submitted, in words."""
    texts = {one["title"]: one["text"] for one in filing.parts}
    blank = [title for title in filing.milestone.required_parts if not texts.get(title, "").strip()]
    found = [f"应含内容未填：{'、'.join(f'“{one}”' for one in blank)}"] if blank else []
    has_files = filing.attachments.exists()
    if not has_files and (pointing := [title for title, text in texts.items() if SEE_FILE in text]):
        found.append(f"{'、'.join(f'“{one}”' for one in pointing)}写明见附件，请上传附件")
    if not texts and not filing.narrative and not has_files:
        found.append("没有内容，请填写工作情况或者上传附件")
    return found


@transaction.atomic
def withdraw_filing(filing: Filing, *, actor: Actor, seen: int) -> Filing:
    """Take a filing back that the level above has not decided on (撤回). Withdrawn, it was not handed in, unless it had come back
    before. Twice has one effect. ``seen``: the submission that the page showed."""
    _require_own(actor, filing.jurisdiction)
    _refuse_answered(filing.milestone, filing.due_on)
    filing = _locked(filing)
    if filing.is_editable:
        return filing
    if filing.is_waiting and seen != filing.round:
        raise StaleForm("后来又重新报送过，没有撤回。请核对最新内容，要撤回的再点一次。")
    was_returned = bool(filing.reasons)
    _escalations(filing).filter(answered_at=filing.submitted_at).update(answered_at=None)
    _go(filing, Status.RETURNED if was_returned else Status.DRAFT)
    if not was_returned:
        filing.handed_in_on, filing.figures = None, {}
    filing.save()
    filing_withdrawn.send(sender=Filing, row=filing)
    return filing


@transaction.atomic
def return_filing(
    filing: Filing, reason: str, part_reasons: dict[str, str] | None = None, *, actor: Actor, seen: int
) -> Filing:
    """Give a filing back to be mended (退回): a reason for the whole, or reasons by the title of parts, or both."""
    reason, by_part = reason.strip(), {title: one.strip() for title, one in (part_reasons or {}).items() if one.strip()}
    if not reason and not by_part:
        raise InvalidInput("请填写退回理由：可以写总的理由，也可以逐项写。")
    for text in (reason, *by_part.values()):
        if len(text) > LONGEST_REASON:
            raise InvalidInput(f"退回理由有 {len(text)} 字，超过 {LONGEST_REASON} 字，请缩短。")
    filing = _to_decide(filing, actor)
    if unknown := set(by_part) - {one["title"] for one in filing.parts}:
        raise InvalidInput(f"报送件里没有“{next(iter(unknown))}”这一项，请刷新页面后再退回。")
    same = filing.decided_by_id == actor.user.pk and (filing.return_reason, filing.returned_parts) == (reason, by_part)
    if filing.is_returned and filing.round == seen and same:
        return filing
    _check_decision(filing, actor, seen)
    filing.return_reason, filing.returned_parts = reason, by_part
    return _decide(filing, Status.RETURNED, actor)


@transaction.atomic
def accept_filing(filing: Filing, *, actor: Actor, seen: int) -> Filing:
    """Accept a filing (接收) as it was submitted in ``seen``; it is not changed any more. Twice has one effect."""
    filing = _to_decide(filing, actor)
    if filing.is_accepted and filing.round == seen:
        return filing
    _check_decision(filing, actor, seen)
    return _decide(filing, Status.ACCEPTED, actor)


def decided(filing: Filing) -> str:
    """Who decided what, and when: 已于 2022-08-15 10:20 由楚雄彝族自治州李四接收."""
    at = f"{timezone.localtime(filing.decided_at):%Y-%m-%d %H:%M}" if filing.decided_at else ""
    return f"已于 {at} 由{filing.decided_in}{filing.decided_by}{'接收' if filing.is_accepted else '退回'}"


def last_before(milestone: Milestone, unit: Jurisdiction, due_on: date) -> Filing | None:
    """What the unit handed in for the milestone's date before this one."""
    earlier = Filing.objects.handed_in().filter(milestone=milestone, jurisdiction=unit, due_on__lt=due_on)
    return earlier.order_by("-due_on").first()


def said_of(owed: Owed) -> str:
    """A word on a filing handed in after its date."""
    return f"逾期 {owed.days_late} 天，计入逾期报送。" if owed.days_late else "按时报送。"


def _refuse_answered(milestone: Milestone, due_on: date) -> None:
    if milestone.kind in ANSWERED_BY_EVALUATION:
        year = milestone.year_reported(due_on)
        raise InvalidInput(f"“{milestone}”由 {year} 年度总结评估报告报送，请在“年度总结评估”里办理。")


def own_draft(milestone: Milestone, unit: Jurisdiction, due_on: date, *, actor: Actor) -> Filing:
    """The unit's filing, held for this transaction while it may be changed; made where nothing was saved yet."""
    filing = Filing.objects.filter(milestone=milestone, jurisdiction=unit, due_on=due_on).first()
    if filing is None:
        return _locked(save_draft(milestone, unit, due_on, Content(), actor=actor, seen=0))
    _require_own(actor, unit)
    filing = _locked(filing)
    _check_editable(filing)
    return filing


def _require_own(actor: Actor, unit: Jurisdiction) -> None:
    require(actor, FILE, unit.path)
    if actor.jurisdiction != unit:
        raise PermissionDenied(f"由{unit}自己报送，您所在的{actor.jurisdiction}不代为填报。")


def _checked(milestone: Milestone, content: Content) -> Content:
    """What was written, tidied; the parts that are demanded first, blank free ones left out."""
    written: dict[str, str] = {}
    for title, text in ((title.strip(), text.strip()) for title, text in content.parts):
        if not title and not text:
            continue
        if not title:
            raise InvalidInput(f"“{text[:20]}”没有标题，请填写标题。")
        if len(title) > LONGEST_TITLE:
            raise InvalidInput(f"标题“{title[:20]}…”有 {len(title)} 字，超过 {LONGEST_TITLE} 字，请缩短。")
        if title in written:
            raise InvalidInput(f"有两项都叫“{title}”，请改其中一个标题。")
        _check_length(title, text)
        written[title] = text
    demanded = [(title, written.pop(title, "")) for title in milestone.required_parts]
    free = [one for one in written.items() if one[1]]
    if len(demanded) + len(free) > MOST_PARTS:
        raise InvalidInput(f"内容超过 {MOST_PARTS} 项，请合并。")
    _check_length("工作情况", content.narrative.strip())
    return Content([*demanded, *free], content.narrative.strip())


def _check_length(title: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(f"“{title}”有 {len(text):,} 字，超过 {LONGEST_TEXT:,} 字。请缩短，或者作为附件上传。")


def _check_editable(filing: Filing) -> None:
    if filing.is_accepted:
        raise TransitionError(f"“{filing.milestone}”{decided(filing)}，不能再改。需要更正的，请在下一次报送中说明。")
    if filing.is_waiting:
        at = f"{timezone.localtime(filing.submitted_at):%Y-%m-%d %H:%M}" if filing.submitted_at else ""
        raise TransitionError(f"“{filing.milestone}”已于 {at} 由{filing.submitted_by}报送，要改的请先撤回。")


def _to_decide(filing: Filing, actor: Actor) -> Filing:
    """The locked filing, for whoever may decide on it."""
    require(actor, DECIDE, filing.path)
    _refuse_answered(filing.milestone, filing.due_on)
    if not decided_in(actor.jurisdiction).filter(pk=filing.pk).exists():
        raise PermissionDenied(f"{filing.jurisdiction}的报送由上一级办理，您所在的{actor.jurisdiction}不办理。")
    return _locked(filing)


def _check_decision(filing: Filing, actor: Actor, seen: int) -> None:
    if filing.decided_at and not filing.is_waiting:
        raise TransitionError(f"{filing.jurisdiction}的报送{decided(filing)}，不能再办理。")
    if not filing.is_waiting:
        raise TransitionError(f"{filing.jurisdiction}已撤回，还没有重新报送，现在不用办理。")
    if filing.round != seen:
        raise StaleForm(f"{filing.jurisdiction}已修改并重新报送。请核对最新内容后再办理。")
    if filing.submitted_by_id == actor.user.pk:
        raise PermissionDenied("这是您报送的，请由其他人员办理。")


def _decide(filing: Filing, status: Status, actor: Actor) -> Filing:
    _go(filing, status)
    filing.decided_at, filing.decided_by, filing.decided_in = clock.now(), actor.user, actor.jurisdiction
    if status == Status.ACCEPTED:
        filing.return_reason, filing.returned_parts = "", {}
    filing.save()
    filing_decided.send(sender=Filing, row=filing)
    return filing


def _go(filing: Filing, status: Status) -> None:
    if status not in TRANSITIONS[filing.status]:
        raise TransitionError(f"{filing}现为{filing.get_status_display()}，不能转为{status.label}。")
    filing.status = status


def _note_saved(filing: Filing, actor: Actor) -> None:
    filing.version += 1
    filing.saved_at, filing.saved_by = clock.now(), actor.user
    filing.save()


def _locked(filing: Filing) -> Filing:
    """The filing as it stands now, locked; read after the wait."""
    list(Filing.objects.select_for_update().filter(pk=filing.pk).values_list("pk"))
    return Filing.objects.with_context().select_related("saved_by").get(pk=filing.pk)


def _escalations(filing: Filing) -> Any:
    identity = {"milestone": filing.milestone_id, "jurisdiction": filing.jurisdiction_id, "due_on": filing.due_on}
    return Escalation.objects.filter(**identity)
