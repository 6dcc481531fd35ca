"""The trail: one list over every history table and the records of access, newest first. What a line says is in lines.py."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from apps.accounts.models import AccessEvent, Contact, Invitation, Membership, User
from apps.audit.discretion import withheld_from
from apps.audit.sources import Model, Source, sources
from apps.jurisdictions.models import Jurisdiction

Kind = AccessEvent.Kind

# What the records of access are called together, in the filter.
ACCESS_ACTS: Mapping[str, tuple[str, frozenset[Kind]]] = {
    "sign_in": (
        "登录与账号安全",
        frozenset({
            Kind.SIGNED_IN, Kind.SIGNED_OUT, Kind.SIGN_IN_FAILED, Kind.LOCKED_OUT, Kind.IDLED_OUT, Kind.SESSION_ENDED,
            Kind.PASSWORD_CHANGED, Kind.TWO_FACTOR_ADDED, Kind.TWO_FACTOR_REMOVED, Kind.RECOVERY_CODES, Kind.LINKED,
            Kind.MEMBERSHIP_SWITCHED, Kind.TOKEN_REFUSED,
        }),
    ),
    "download": ("下载", frozenset({Kind.DOWNLOADED})),
    "export": ("导出", frozenset({Kind.EXPORTED})),
    "refused": ("没有权限被拒", frozenset({Kind.REFUSED})),
    "rights": (
        "人员与权限",
        frozenset({
            Kind.GRANTED, Kind.ENDED, Kind.INVITED, Kind.CODE_SHOWN, Kind.ACTIVATED, Kind.RESET, Kind.UNLOCKED,
            Kind.SUSPENDED, Kind.RESUMED, Kind.HANDED_OVER, Kind.ERASED, Kind.SYSTEM_ADDED, Kind.TOKEN_MADE,
            Kind.TOKEN_REVOKED,
        }),
    ),
}  # fmt: skip
# What may happen to a row, by the label of its event.
ROW_ACTS: Mapping[str, str] = {"insert": "新增", "update": "修改", "delete": "删除"}


class Mark(NamedTuple):
    """A place in the trail: what stands after it is older, or of the same moment and further down."""

    at: datetime
    source: int
    row: int

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}-{self.source}-{self.row}"

    @classmethod
    def parse(cls, text: str) -> "Mark | None":
        """Return the mark that an address holds; None for anything else."""
        parts = text.split("-")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 18 for part in parts):
            return None
        micros, source, row = map(int, parts)
        try:
            at = datetime.fromtimestamp(0, tz=timezone.get_current_timezone()) + timedelta(microseconds=micros)
        except OverflowError:
            return None
        return cls(at, source, row)


@dataclass(frozen=True)
class Asked:
    """What the trail is narrowed to. Times are real ones; ``path`` is the jurisdiction that is looked at.

    ``reader`` is who asks: of upper levels' work some is withheld (discretion.py); None: nothing is.
    ``person`` is a part of a name, as it was then or is now, or of a user name: of who did it, or of whom it was done to.
    """

    path: str
    since: datetime | None = None
    until: datetime | None = None
    act: str = ""
    thing: str = ""
    person: str = ""
    request: UUID | None = None
    reader: Jurisdiction | None = None
    leaves_out_machines: bool = False


def find(asked: Asked, *, limit: int, after: Mark | None = None) -> list[Mark]:
    """Return the newest ``limit`` marks of what was asked for, behind ``after``, in one query, and one for a person."""
    people = _people_called(asked.person)
    branches = [(source, _rows(source, asked, people)) for source in sources() if _may_hold(source, asked)]
    return merge(branches, limit=limit, after=after)


def merge(branches: Iterable[tuple[Source, QuerySet[Any]]], *, limit: int, after: Mark | None = None) -> list[Mark]:
    """Return the newest ``limit`` marks of all ``branches`` together.

    Each branch is ordered and cut before they are put together, so that each may walk its own index and reads no more than
    the page holds.
    """
    cut = [_cut(source, rows, limit, after) for source, rows in branches]
    if not cut:
        return []
    together = (
        cut[0]
        if len(cut) == 1
        else cut[0].union(*cut[1:], all=True).order_by("-trail_at", "-trail_source", "-trail_row")[:limit]
    )
    return [Mark(*row) for row in together]


def _cut(source: Source, rows: QuerySet[Any], limit: int, after: Mark | None) -> QuerySet[Any]:
    if after is not None:
        older = Q(**{f"{source.at}__lt": after.at})
        if source.number < after.source:
            older = Q(**{f"{source.at}__lte": after.at})
        elif source.number == after.source:
            older |= Q(**{source.at: after.at, "pk__lt": after.row})
        rows = rows.filter(older)
    named = rows.order_by(f"-{source.at}", "-pk").annotate(
        trail_at=F(source.at), trail_source=Value(source.number), trail_row=F("pk")
    )
    return named.values_list("trail_at", "trail_source", "trail_row")[:limit]


def _may_hold(source: Source, asked: Asked) -> bool:
    if asked.thing and asked.thing != source.key:
        return False
    return not asked.act or (asked.act in ROW_ACTS) == (source.tracked is not None)


def _people_called(text: str) -> list[int]:
    """The accounts whose user name, or name of today, holds the text; of those that the reader may see."""
    if not text:
        return []
    called = Q(username__icontains=text) | Q(display_name__icontains=text)
    return list(QuerySet(User).filter(called).values_list("pk", flat=True))


def _rows(source: Source, asked: Asked, people: Sequence[int]) -> QuerySet[Any]:
    """The rows of one table. The path stands beside the wall's own condition, so that the planner knows how few it leaves."""
    rows = source.rows.filter(path__gte=asked.path, path__lt=asked.path + "~")
    if asked.reader is not None:
        rows = rows.exclude(withheld_from(asked.reader, source.tracked))
    if asked.since is not None:
        rows = rows.filter(**{f"{source.at}__gte": asked.since})
    if asked.until is not None:
        rows = rows.filter(**{f"{source.at}__lt": asked.until})
    if asked.request is not None:
        rows = rows.filter(**{source.request: asked.request})
    if asked.person:
        concerned = _by(asked.person, people) | _done_to(source.tracked, people) if source.tracked else None
        rows = rows.filter(concerned or _of_access(asked.person, people))
    if asked.leaves_out_machines and source.tracked:
        # A machine's step is what a task did, also on a person's behalf, or what came from nobody and from no page.
        rows = rows.filter(pgh_context__has_any_keys=["user", "url"]).exclude(pgh_context__has_key="task")
    if asked.act:
        rows = rows.filter(pgh_label=asked.act) if source.tracked else rows.filter(kind__in=_kinds(asked.act))
    return rows


class _AnyOf(Func):
    """``value = ANY(array)``."""

    template, arg_joiner = "%(expressions)s)", " = ANY("
    output_field = BooleanField()


def _by(name: str, people: Sequence[int]) -> Q:
    """What was changed by a person: called so then, or one of ``people``, given as one value however many they are."""
    named = Q(pgh_context__name__icontains=name)
    if not people:
        return named
    ids = Value([str(pk) for pk in people], output_field=ArrayField(TextField()))
    return named | Q(_AnyOf(KeyTextTransform("user", "pgh_context"), ids))


def _done_to(tracked: Model, people: Sequence[int]) -> Q:
    """What was changed of the people themselves: the account, its memberships, contact data and codes."""
    if tracked is User:
        return Q(pgh_obj_id__in=people)
    return Q(user__in=people) if tracked in (Membership, Contact, Invitation) else Q()


def _of_access(name: str, people: Sequence[int]) -> Q:
    # Of a name that nobody has only the beginning is kept; what follows it is a digest.
    unknown = Q(user__isnull=True, name__istartswith=name)
    known = Q(user__isnull=False, name__icontains=name) | Q(user__in=people)
    return known | unknown | Q(subject__icontains=name, kind__in=ACCESS_ACTS["rights"][1])


def _kinds(act: str) -> Sequence[str]:
    return sorted(ACCESS_ACTS[act][1]) if act in ACCESS_ACTS else []
