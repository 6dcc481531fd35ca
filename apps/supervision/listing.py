"""The list of visits, narrowed, and as a table; how a visit stands in a word."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import F, Q
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.core.xlsx import ListValue
from apps.jurisdictions.models import Jurisdiction
from apps.supervision.domain import visits_for
from apps.supervision.models import SupervisionVisit, SupervisionVisitQuerySet

Status = SupervisionVisit.Status
COLUMNS = [
    *("检查日期", "标题", "文号", "检查单位", "被检查单位", "被检查社区", "参加单位", "状态"),
    *("问题数", "整改完成", "待核查", "逾期", "最近整改期限", "印发日期"),
]
_CONDITIONS = {
    "draft": Q(status=Status.DRAFT),
    "open": Q(status=Status.ISSUED, found__gt=F("mended")),
    "late": Q(status=Status.ISSUED, late__gt=0),
    "answered": Q(status=Status.ISSUED, answered__gt=0),
    "mended": Q(status=Status.ISSUED, found=F("mended")),
    "withdrawn": Q(status=Status.WITHDRAWN),
}


def listed_visits(actor: Actor, place: Jurisdiction, state: str, year: int | None) -> SupervisionVisitQuerySet:
    """The visits to ``place`` and the units below it that the actor sees; drafts first, then the latest."""
    visits = visits_for(actor).below(place.path).counted()
    if state:
        visits = visits.filter(_CONDITIONS[state])
    if year:
        # Years that dates do not have are years without visits.
        first, last = (date(min(max(year, 1), 9999), *day) for day in ((1, 1), (12, 31)))
        visits = visits.filter(started_on__range=(first, last))
    return visits.order_by(F("issued_at").desc(nulls_first=True), "-pk")


def state_of(visit: SupervisionVisit) -> tuple[str, str]:
    """How a visit that is ``counted`` stands, in a word, and the tone of it."""
    found, mended, late = (getattr(visit, name) for name in ("found", "mended", "late"))
    if visit.status != Status.ISSUED:
        return str(visit.get_status_display()), "warning" if visit.is_draft else "danger"
    if not found:
        return "没有问题", "success"
    if found == mended:
        return "整改完成", "success"
    return ("有逾期", "danger") if late else ("整改中", "info")


def cells(visits: Iterable[SupervisionVisit]) -> Iterator[list[ListValue]]:
    for one in visits:
        counts: list[ListValue] = [getattr(one, name) for name in ("found", "mended", "answered", "late", "next_date")]
        facts: list[ListValue] = [one.started_on, one.title, one.document_number, str(one.office), str(one.unit)]
        facts += [str(one.community or ""), one.offices, state_of(one)[0]]
        yield [*facts, *counts, timezone.localtime(one.issued_at).date() if one.issued_at else None]
