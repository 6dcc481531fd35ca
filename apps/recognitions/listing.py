"""The lists of this room as querysets: recognised communities, re-checks, demonstration bases, notices."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Exists, Max, Min, OuterRef, Prefetch, Q, QuerySet, When

from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Recognition, RecognitionQuerySet
from apps.campaigns.rollup import family_of
from apps.core import clock
from apps.core.xlsx import ListValue
from apps.recognitions.authority import AUTHORITY, authority_of
from apps.recognitions.demonstration_bases import standing_bases
from apps.recognitions.models import DemonstrationBase, NoticeEntry, PublicNotice, Recheck
from apps.recognitions.rechecks import due_for_recheck, latest, overdue_at, recordable_by

NAMED = ("community__jurisdiction__parent", "campaign", *AUTHORITY)
STATES = {"standing": "有效", "revoked": "已摘牌", "ended": "已终止", "demonstration": "示范教育基地"}
RECHECK_STATES = {
    "due": "今年待复查",
    "overdue": "整改逾期",
    "rectify": "整改中",
    "passed": "今年已通过",
    "failed": "不通过",
}
BASE_STATES = {"standing": "有效", "ended": "已撤销"}

RECOGNISED_COLUMNS = ["社区", "街道（镇、乡）", "县（市、区）", "认定年度", "认定文号", "认定时间", "认定单位"]
RECOGNISED_COLUMNS += ["状态", "摘牌时间", "摘牌理由", "示范教育基地"]
RECHECK_COLUMNS = ["社区", "街道（镇、乡）", "县（市、区）", "认定年度", "认定文号", "复查年度", "复查日期"]
RECHECK_COLUMNS += ["复查结果", "整改期限", "是否逾期", "复查情况", "复查单位"]
BASE_COLUMNS = ["社区", "街道（镇、乡）", "县（市、区）", "称号", "命名单位", "命名文号", "命名日期", "示范内容"]
BASE_COLUMNS += ["状态", "撤销时间", "撤销理由"]


@dataclass(frozen=True)
class RecheckRow:
    """A recognition with its last re-check; ``is_due``: this year's is still to be made. ``may_record``: by who looks at it."""

    recognition: Recognition
    last: Recheck | None
    is_due: bool
    is_overdue: bool
    may_record: bool


def named(text: str, prefix: str = "") -> Q:
    """The condition that each word of ``text`` is part of the community's name, or of its street's."""
    found = Q()
    for word in text.split():
        found &= Q(**{f"{prefix}community__name__contains": word}) | Q(
            **{f"{prefix}community__jurisdiction__name__contains": word}
        )
    return found


def recognitions_at(path: str, asked: dict[str, str], campaign: Campaign | None) -> RecognitionQuerySet:
    """The recognised list: those below ``path`` that pass every condition, the latest first."""
    rows = Recognition.objects.below(path).select_related(*NAMED)
    if campaign is not None:
        rows = rows.filter(campaign__in=family_of(campaign))
    if asked["year"]:
        rows = rows.filter(year=asked["year"])
    match asked["state"]:
        case "standing":
            rows = rows.in_force()
        case "revoked":
            rows = rows.revoked()
        case "ended":
            rows = rows.standing().filter(ended_on__isnull=False)
        case "demonstration":
            bases = DemonstrationBase.objects.filter(standing_bases())
            rows = rows.filter(pk__in=bases.values("recognition"))
    standing = DemonstrationBase.objects.filter(standing_bases()).select_related("jurisdiction")
    rows = rows.prefetch_related(Prefetch("demonstration_bases", standing, to_attr="bases"))
    return rows.filter(named(asked["q"])).order_by("-year", "-recognised_at", "path", "pk")


def recognised_until(year: int, path: str, campaign: Campaign) -> RecognitionQuerySet:
    """The green communities below ``path`` recognised by ``year`` and neither revoked nor ended, in the order of a printed list."""
    asked = {"q": "", "year": "", "state": "standing"}
    rows = recognitions_at(path, asked, campaign).filter(year__gte=campaign.first_year, year__lte=year)
    return rows.order_by("year", "path", "community__code", "pk")


def rechecks_at(path: str, asked: dict[str, str]) -> RecognitionQuerySet:
    """The list of re-checks: recognitions in force of earlier years, first what is overdue, then what is due this year."""
    year, today = clock.today().year, clock.today()
    last = Recheck.objects.below(path).filter(latest())
    overdue = Recheck.objects.below(path).filter(overdue_at(today))
    rows = Recognition.objects.below(path).in_force().filter(year__lt=year)
    match asked["state"]:
        case "due":
            rows = due_for_recheck(path, year)
        case "overdue":
            rows = rows.filter(pk__in=overdue.values("recognition"))
        case "rectify" | "failed":
            rows = rows.filter(pk__in=last.filter(result=asked["state"]).values("recognition"))
        case "passed":
            rows = rows.filter(pk__in=last.filter(result="passed", year=year).values("recognition"))
    if asked["year"]:
        rows = rows.filter(year=asked["year"])
    rows = rows.select_related(*NAMED).prefetch_related(
        Prefetch("rechecks", Recheck.objects.select_related("jurisdiction").order_by("-year"), to_attr="known")
    )
    first = Case(
        When(Exists(overdue.filter(recognition=OuterRef("pk"))), then=0),
        When(~Exists(Recheck.objects.filter(recognition=OuterRef("pk"), year=year)), then=1),
        default=2,
    )
    return rows.filter(named(asked["q"])).order_by(first, "path", "pk")


def recheck_rows(rows: list[Recognition], actor: Actor) -> list[RecheckRow]:
    """Give each recognition, as ``rechecks_at`` loads them, its last re-check."""
    today = clock.today()
    below = Recognition.objects.below(actor.jurisdiction.path)
    own = below.filter(recordable_by(actor), pk__in=[one.pk for one in rows])
    recordable = set(own.values_list("pk", flat=True))
    return [_recheck_row(one, today, may_record=one.pk in recordable) for one in rows]


def _recheck_row(recognition: Recognition, today: date, *, may_record: bool) -> RecheckRow:
    known: list[Recheck] = recognition.known  # type: ignore[attr-defined]
    last = known[0] if known else None
    is_overdue = last is not None and last.rectify_by is not None and last.rectify_by < today
    return RecheckRow(recognition, last, last is None or last.year < today.year, is_overdue, may_record)


def bases_at(path: str, asked: dict[str, str]) -> QuerySet[DemonstrationBase]:
    """The list of demonstration bases, the latest named first."""
    community = "recognition__community__jurisdiction__parent"
    rows = DemonstrationBase.objects.below(path).select_related(community, "jurisdiction")
    if asked["state"]:
        rows = rows.filter(standing_bases()) if asked["state"] == "standing" else rows.exclude(standing_bases())
    if asked["year"]:
        rows = rows.filter(named_on__year=asked["year"])
    return rows.filter(named(asked["q"], "recognition__")).order_by("-named_on", "path", "pk")


def notices_for(actor: Actor) -> QuerySet[PublicNotice]:
    """The notices that an office sees: of its area, and published ones of the offices above it with its own communities."""
    # Of a list above, the entries of the office's own communities are in scope.
    listed = Exists(NoticeEntry.objects.filter(notice=OuterRef("pk")))
    above = PublicNotice.objects.exclude(status=PublicNotice.Status.DRAFT).filter(listed)
    seen = PublicNotice.objects.below(actor.jurisdiction.path) | above
    return seen.select_related("campaign__standard", "jurisdiction", "created_by", "published_by")


def with_counts(notices: QuerySet[PublicNotice]) -> QuerySet[PublicNotice]:
    """With the number of communities and of open objections, as far as they are in scope; drafts first, then the latest."""
    return notices.annotate(
        communities=Count("entries", distinct=True),
        open_objections=Count("entries__objections", filter=Q(entries__objections__outcome="open"), distinct=True),
    ).order_by("-starts_on", "-pk")


def years_recognised(path: str) -> list[int]:
    """The years that a list of recognitions offers, the latest first."""
    span = Recognition.objects.below(path).aggregate(first=Min("year"), last=Max("year"))
    return [] if span["first"] is None else list(range(span["last"], span["first"] - 1, -1))


def place_cells(recognition: Recognition) -> list[ListValue]:
    """Community, street and county, as the first columns of every sheet."""
    street = recognition.community.jurisdiction
    return [recognition.community.short_name, street.name, street.parent.name if street.parent else ""]


def recognised_cells(rows: list[Recognition]) -> list[list[ListValue]]:
    return [
        [
            *place_cells(one),
            one.year,
            one.document_number or None,
            one.recognised_at,
            str(authority_of(one)),
            _state(one),
            one.revoked_at,
            one.revocation_reason or None,
            "、".join(base.title for base in one.bases) or None,  # type: ignore[attr-defined]
        ]
        for one in rows
    ]


def _state(one: Recognition) -> str:
    if one.revoked_at is not None:
        return "已摘牌"
    return "有效" if one.ended_on is None else f"已终止（{one.ended_on:%Y-%m-%d}）"


def recheck_cells(rows: list[RecheckRow]) -> list[list[ListValue]]:
    return [
        [
            *place_cells(row.recognition),
            row.recognition.year,
            row.recognition.document_number or None,
            row.last.year if row.last else None,
            row.last.checked_on if row.last else None,
            row.last.get_result_display() if row.last else "未复查",
            row.last.rectify_by if row.last else None,
            row.is_overdue,
            (row.last.findings or None) if row.last else None,
            str(row.last.jurisdiction) if row.last else None,
        ]
        for row in rows
    ]


def base_cells(rows: QuerySet[DemonstrationBase]) -> list[list[ListValue]]:
    return [
        [
            *place_cells(one.recognition),
            one.title,
            str(one.jurisdiction),
            one.document_number or None,
            one.named_on,
            one.note or None,
            "已撤销" if one.ended_at else "有效",
            one.ended_at,
            one.end_reason or None,
        ]
        for one in rows
    ]
