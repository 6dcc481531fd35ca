"""What everybody may read without signing in: published notices, and recognised lists where a campaign publishes them.

Nothing else is read here, and nothing about people. Each page reads in the scope of one jurisdiction, in a part of the transaction
that cannot write and is undone at its end. Only finding out who publishes at all asks over tenants, for that alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection, transaction
from django.db.models import Prefetch

from apps.campaigns.models import Campaign, Recognition, RecognitionQuerySet
from apps.campaigns.rollup import family_of
from apps.core.inputs import whole_number
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction, Level
from apps.recognitions.demonstration_bases import standing_bases
from apps.recognitions.entries import Line, is_over, lines_of, period_on
from apps.recognitions.listing import named
from apps.recognitions.models import DemonstrationBase, PublicNotice
from apps.recognitions.working_days import Period

PAGE_SIZE = 50


@dataclass(frozen=True)
class Publisher:
    """A jurisdiction that publishes: its name with those above it, what it publishes."""

    key: str
    name: str
    province: str
    notices: int
    has_list: bool


@dataclass(frozen=True)
class Published:
    """One community of a published list."""

    community: str
    street: str
    county: str
    year: int
    document_number: str
    bases: str


@dataclass(frozen=True)
class NoticeHead:
    """A published notice in a list."""

    pk: int
    title: str
    period: Period
    is_over: bool


@dataclass(frozen=True)
class PublicList:
    """What a jurisdiction publishes; ``page`` is None where its campaigns publish no list."""

    name: str
    notices: list[NoticeHead]
    page: Page[Published] | None
    counties: list[tuple[str, str]]
    years: list[int]


@dataclass(frozen=True)
class NoticeEntryShown:
    """One community of a published notice; ``is_off``: it has left the list since."""

    community: str
    street: str
    county: str
    is_off: bool
    is_recognised: bool


@dataclass(frozen=True)
class NoticeShown:
    """A published notice."""

    notice: PublicNotice
    office: str
    office_key: str
    period: Period
    is_over: bool
    entries: list[NoticeEntryShown]


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Read in the scope of ``path``: writing fails, and nothing of it outlasts the block."""
    with transaction.atomic():
        with scope(path):
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL transaction_read_only = on")
            yield
        # Undone, so that the rest of the request may write again: the record of a session, say.
        transaction.set_rollback(True)


def publishers() -> list[Publisher]:
    """Return the jurisdictions that publish anything, in code order."""
    with _everywhere():
        lists = set(Campaign.objects.issued().filter(publishes_list=True).values_list("jurisdiction", flat=True))
        issuers = list(PublicNotice.objects.published().values_list("jurisdiction", flat=True))
    rows = list(Jurisdiction.objects.filter(pk__in={*lists, *issuers}).in_code_order())
    provinces = {one.path: one.name for one in Jurisdiction.objects.filter(level=Level.PROVINCE)}
    return [
        Publisher(
            one.key,
            one.name,
            next((name for path, name in provinces.items() if one.path.startswith(path) and one.path != path), ""),
            issuers.count(one.pk),
            one.pk in lists,
        )
        for one in rows
    ]


def public_list(key: str, *, text: str = "", county: str = "", year: str = "", number: str = "") -> PublicList | None:
    """Return what the jurisdiction named by ``key`` publishes; None where it publishes nothing."""
    place = Jurisdiction.objects.with_key(key).first()
    if place is None:
        return None
    with reading(place.path):
        own = Campaign.objects.issued().filter(jurisdiction=place, publishes_list=True)
        # Each office answers for its own list: what carries out this place's campaigns shows only where it publishes too.
        family = {pk for one in own for pk in family_of(one)}
        campaigns = list(
            Campaign.objects.issued().filter(pk__in=family, publishes_list=True).values_list("pk", flat=True)
        )
        notices = PublicNotice.objects.published().filter(jurisdiction=place).order_by("-starts_on", "-pk")
        heads = [NoticeHead(one.pk, one.title, period_on(one), is_over(one)) for one in notices]
        if not campaigns:
            return PublicList(place.name, heads, None, [], []) if heads else None
        standing = Recognition.objects.below(place.path).in_force().filter(campaign__in=campaigns)
        years = sorted(set(standing.values_list("year", flat=True)), reverse=True)
        counties = Jurisdiction.objects.below(place.path).filter(level=Level.DISTRICT).exclude(pk=place.pk)
        offered = [(one.key, one.name) for one in counties.in_code_order()]
        page = _page(standing, place, text=text, county=county, year=year, number=number)
        return PublicList(place.name, heads, page, offered, years)


def public_notice(pk: int) -> NoticeShown | None:
    """Return a published notice; None for any other."""
    with _everywhere():
        places = Jurisdiction.objects.filter(
            pk__in=PublicNotice.objects.published().filter(pk=pk).values("jurisdiction")
        )
        place = places.first()
    if place is None:
        return None
    with reading(place.path):
        notice = PublicNotice.objects.published().select_related("campaign").filter(pk=pk).first()
        if notice is None:
            return None
        entries = [_shown(line) for line in lines_of(notice)]
        return NoticeShown(notice, place.name, place.key, period_on(notice), is_over(notice), entries)


@contextmanager
def _everywhere() -> Iterator[None]:
    """Read over tenants, from the nation: only who publishes, which is public."""
    nation = Jurisdiction.objects.filter(parent__isnull=True).first()
    with reading(nation.path if nation else ""):
        yield


def _page(
    rows: RecognitionQuerySet, place: Jurisdiction, *, text: str, county: str, year: str, number: str
) -> Page[Published]:
    if county:
        found = Jurisdiction.objects.below(place.path).with_key(county).first()
        rows = rows.below(found.path) if found else rows.none()
    if year:
        rows = rows.filter(year=whole_number(year, digits=4) or 0)
    bases = DemonstrationBase.objects.filter(standing_bases())
    rows = rows.filter(named(text[:60])).order_by("-year", "path", "community__code", "pk")
    rows = rows.select_related("community__jurisdiction__parent").prefetch_related(
        Prefetch("demonstration_bases", bases, to_attr="bases")
    )
    page: Page[Any] = Paginator(rows, PAGE_SIZE).get_page(number)
    page.object_list = [_published(one) for one in page.object_list]
    return page


def _published(one: Recognition) -> Published:
    street = one.community.jurisdiction
    bases: list[DemonstrationBase] = one.bases  # type: ignore[attr-defined]
    return Published(
        one.community.short_name,
        street.name,
        street.parent.name if street.parent else "",
        one.year,
        one.document_number,
        "、".join(dict.fromkeys(base.title for base in bases)),
    )


def _shown(line: Line) -> NoticeEntryShown:
    community = line.entry.assessment.participation.community
    street = community.jurisdiction
    stands = line.recognition is not None and line.recognition.revoked_at is None
    return NoticeEntryShown(
        community.short_name, street.name, street.parent.name if street.parent else "", line.is_off, stands
    )
