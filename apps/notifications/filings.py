"""What people are told of filings (报送): that one waits, what was decided, a moved date, that they are urged; and which of it
need not be read any more."""

from typing import Any

from django.db.models import F, QuerySet

from apps.filings.domain import DECIDE, FILE
from apps.filings.models import DueDateMove, Escalation, Filing
from apps.filings.obligations import filing_url
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.message import Message, people_with
from apps.notifications.models import Notification

Kind = Notification.Kind
Status = Filing.Status
_NAMED = "milestone__campaign", "jurisdiction"
_LONGEST_TITLE = 200


def submitted_filings() -> QuerySet[Filing]:
    return _filings().filter(status=Status.SUBMITTED)


def filing_waits(filing: Filing) -> list[Message]:
    """Whoever decides: of the nearest level above where somebody works who can."""
    late = max(0, ((filing.handed_in_on or filing.due_on) - _deadline(filing)).days)
    text = f"期限 {_deadline(filing):%Y-%m-%d}，" + (f"逾期 {late} 天报送。" if late else "按时报送。")
    if filing.round > 1:
        text += f"第 {filing.round} 次报送。"
    above: Jurisdiction | None = filing.jurisdiction.parent
    while above is not None:
        if people := people_with(above, DECIDE, but=[filing.submitted_by_id]):
            return [Message(Kind.FILING, people, _titled(filing, "待接收"), text, _page(filing))]
        above = above.parent
    return []


def withdrawn_filings() -> QuerySet[Filing]:
    return _filings().filter(status__in=[Status.DRAFT, Status.RETURNED], decided_at=None, round__gt=0)


def filing_asked_for(filing: Filing) -> list[str]:
    """Keys of the messages that ask for a decision on the filing, up to this submission."""
    return [f"filing:{filing.pk}:{number}" for number in range(1, filing.round + 1)]


def filing_answered(filing: Filing) -> list[str]:
    """Keys of the messages that ask for the filing, or for it to be mended, before this submission."""
    returned = [f"filing-decided:{filing.pk}:{number}" for number in range(1, filing.round)]
    identity = {"milestone": filing.milestone_id, "jurisdiction": filing.jurisdiction_id, "due_on": filing.due_on}
    urged = Escalation.objects.filter(answered_at__isnull=False, **identity).values_list("pk", flat=True)
    return [*returned, *(f"escalation:{pk}" for pk in urged)]


def decided_filings() -> QuerySet[Filing]:
    return _filings().filter(status__in=[Status.RETURNED, Status.ACCEPTED], decided_at__isnull=False)


def filing_decided(filing: Filing) -> list[Message]:
    """The unit that handed it in."""
    people = people_with(filing.jurisdiction, FILE, but=[filing.decided_by_id])
    if filing.is_accepted:
        text = f"{filing.decided_in}接收。"
        return [Message(Kind.FILING, people, _titled(filing, "已接收"), text, _page(filing))]
    text = "\n".join([*filing.reasons, "请修改后重新报送。"])
    return [Message(Kind.RETURNED, people, _titled(filing, f"被{filing.decided_in}退回"), text, _page(filing))]


def due_date_moves() -> QuerySet[DueDateMove]:
    return DueDateMove.objects.select_related(*_NAMED, "moved_in").annotate(edition=F("moved_to"))


def due_date_moved(move: Any) -> list[Message]:
    """The unit whose date it is."""
    people = people_with(move.jurisdiction, FILE, but=[move.moved_by_id])
    text = f"{move.moved_in}将期限由 {move.due_on:%Y-%m-%d} 调整为 {move.moved_to:%Y-%m-%d}。\n理由：{move.reason}"
    return [Message(Kind.FILING, people, _titled(move, "期限已调整"), text, _page(move))]


def open_escalations() -> QuerySet[Escalation]:
    return Escalation.objects.filter(answered_at=None).select_related(*_NAMED, "issued_in")


def escalated(escalation: Escalation) -> list[Message]:
    """The unit that is urged."""
    people = people_with(escalation.jurisdiction, FILE, but=[escalation.issued_by_id])
    number = f"（{escalation.document_number}）" if escalation.document_number else ""
    text = f"{escalation.issued_in}督办{number}：{escalation.text}"
    return [Message(Kind.URGED, people, _titled(escalation, "被督办"), text, _page(escalation))]


def _filings() -> QuerySet[Filing]:
    """With the number of the submission, so that each is told of."""
    return Filing.objects.select_related(*_NAMED, "jurisdiction__parent", "decided_in").annotate(edition=F("round"))


def _deadline(filing: Filing) -> Any:
    """The due date, or the one that it was moved to."""
    identity = {"milestone": filing.milestone_id, "jurisdiction": filing.jurisdiction_id, "due_on": filing.due_on}
    return DueDateMove.objects.filter(**identity).values_list("moved_to", flat=True).first() or filing.due_on


def _titled(row: Any, what: str) -> str:
    return f"{row.jurisdiction}“{row.milestone}”（{row.due_on:%Y-%m-%d}）{what}"[:_LONGEST_TITLE]


def _page(row: Any) -> str:
    return filing_url(row.milestone, row.jurisdiction, row.due_on)
