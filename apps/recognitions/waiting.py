"""What waits for a person in this room, for the desk: notices that have ended, objections, re-checks, what was revoked."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, ReviewAction
from apps.assessments.opinions import objected_among
from apps.campaigns.models import Recognition
from apps.core import clock
from apps.core.todos import Source, Todo
from apps.recognitions.entries import is_over, lines_of_all, period_on
from apps.recognitions.models import NoticeEntry, Objection, PublicNotice, Recheck
from apps.recognitions.rechecks import due_for_recheck, latest, of_recognition_in_force, recordable_by
from apps.recognitions.standing_objections import standing_objections

# Below, a revocation is told of this long.
_TOLD = timedelta(days=60)
# Re-checks of the year stand on the desk from this month on.
_RECHECK_FROM = 7
_SHOWN = 8
# Counted no further on the desk; their list says exactly how many there are.
_COUNTED = 500


def sources_for(actor: Actor, upheld: Sequence[Objection] | None = None) -> list[Source]:
    """What waits for ``actor``, or what the street should know; ``upheld`` as ``upheld_at`` gives it, where it is known."""
    found: list[Source] = []
    if actor.can("review_assessments"):
        found += [
            Source(_open_objections(actor), lambda rows: _objections(rows, actor)),
            Source(None, lambda _: _upheld(actor, upheld_at(actor) if upheld is None else upheld)),
            Source(_over(actor), _ended_notices),
            Source(None, lambda _: _rechecks_due(actor)),
        ]
    if actor.can("review_assessments") or actor.can("self_assess"):
        found.append(Source(_to_rectify(actor), lambda rows: _rectifications(rows, actor)))
    if actor.can("self_assess"):
        lately = Recognition.objects.below(actor.jurisdiction.path).filter(revoked_at__gte=clock.now() - _TOLD)
        found.append(Source(lately, _revoked))
    return found


def told_with_notices(actor: Actor, upheld: Sequence[Objection]) -> set[int]:
    """The ids of the assessments here that wait for the end of a notice, the decision after it or a return: not for a review;
    ``upheld`` as ``upheld_at`` gives it.

    What departments object to is recognised singly, from its review.
    """
    here = actor.jurisdiction
    entries = NoticeEntry.objects.filter(
        notice__jurisdiction=here,
        notice__status=PublicNotice.Status.PUBLISHED,
        assessment__holder=here,
        assessment__status=Assessment.Status.IN_REVIEW,
    )
    returned = ReviewAction.objects.filter(
        assessment=OuterRef("assessment"),
        jurisdiction=OuterRef("notice__jurisdiction"),
        kind=ReviewAction.Kind.RETURN,
        at__date__gte=OuterRef("notice__starts_on"),
    )
    ids = set(entries.filter(~Exists(returned)).values_list("assessment", flat=True))
    return (ids - objected_among(ids, here)) | {one.entry.assessment_id for one in upheld}


def upheld_at(actor: Actor) -> list[Objection]:
    """The objections that were upheld against what still lies here, one for each assessment."""
    found = Objection.objects.filter(
        entry__assessment__holder=actor.jurisdiction,
        entry__assessment__status=Assessment.Status.IN_REVIEW,
        outcome=Objection.Outcome.SUSTAINED,
    )
    against = Assessment.objects.filter(pk__in=found.values("entry__assessment"))
    standing = standing_objections(against.order_by("pk")).values()
    upheld = [[one for one in ones if one.outcome == Objection.Outcome.SUSTAINED] for ones in standing]
    return [ones[0] for ones in upheld if ones]


def _upheld(actor: Actor, upheld: Sequence[Objection]) -> list[Todo]:
    action = "去退回" if actor.can("manage_recognition") else "查看"
    return [
        Todo(
            "异议成立",
            "danger",
            f"对{one.entry}的公示异议",
            "异议成立，请退回该社区的自评",
            reverse("review", args=[one.entry.assessment_id]),
            action,
            since=one.decided_at,
        )
        for one in upheld[:_SHOWN]
    ]


def _open_objections(actor: Actor) -> QuerySet[Objection]:
    return Objection.objects.filter(entry__notice__jurisdiction=actor.jurisdiction, outcome=Objection.Outcome.OPEN)


def _objections(rows: QuerySet[Objection], actor: Actor) -> list[Todo]:
    rows = rows.select_related("entry__assessment__participation__community").order_by("received_on")[:_SHOWN]
    action = "处理" if actor.can("manage_recognition") else "查看"
    return [
        Todo(
            "异议",
            "warning",
            f"对{one.entry}的公示异议",
            f"{one.received_on:%Y-%m-%d} 收到，处理前不作认定",
            reverse("notice_detail", args=[one.entry.notice_id]),
            action,
            since=one.recorded_at,
        )
        for one in rows
    ]


def _over(actor: Actor) -> QuerySet[PublicNotice]:
    """Notices that have ended with communities to recognise."""
    if not actor.can("recognise_communities"):
        return PublicNotice.objects.none()
    ended = PublicNotice.objects.published().filter(jurisdiction=actor.jurisdiction, ends_on__lt=clock.today())
    return ended.filter(entries__assessment__participation__stage="in_review").distinct()


def _ended_notices(rows: QuerySet[PublicNotice]) -> list[Todo]:
    found = []
    over = [one for one in rows.order_by("ends_on")[:_SHOWN] if is_over(one)]
    lines = lines_of_all(over)
    for notice in over:
        number = sum(not line.left_out for line in lines[notice.pk])
        if number:
            url = reverse("notice_decide", args=[notice.pk])
            note = f"{period_on(notice).last:%Y-%m-%d} 公示期满，{number} 个社区可以认定"
            found.append(Todo("公示期满", "info", notice.title, note, url, "作出认定"))
    return found


def _rechecks_due(actor: Actor) -> list[Todo]:
    today = clock.today()
    if today.month < _RECHECK_FROM:
        return []
    due = due_for_recheck(actor.jurisdiction.path, today.year).filter(recordable_by(actor))
    number = due.values("pk")[: _COUNTED + 1].count()
    if not number:
        return []
    url = f"{reverse('recheck_list')}?state=due"
    title, end = f"{today.year} 年还有 {_in_words(number)}绿色社区没有复查", date(today.year, 12, 31)
    return [Todo("复查", "neutral", title, "以前年度认定的，每年复查一次", url, "去登记", end)]


def _in_words(number: int) -> str:
    return f"{_COUNTED} 多个" if number > _COUNTED else f"{number} 个"


def _to_rectify(actor: Actor) -> QuerySet[Recheck]:
    rows = Recheck.objects.below(actor.jurisdiction.path).filter(latest(), result=Recheck.Result.RECTIFY)
    rows = rows.filter(of_recognition_in_force())
    return rows.filter(recordable_by(actor, "recognition__")) if actor.can("review_assessments") else rows


def _rectifications(rows: QuerySet[Recheck], actor: Actor) -> list[Todo]:
    # Who reviews is asked to record; the street is told.
    records = actor.can("review_assessments")
    rows = rows.select_related("recognition__community", "jurisdiction").order_by("rectify_by", "pk")[:_SHOWN]
    return [
        Todo(
            "限期整改",
            "danger" if one.rectify_by and one.rectify_by < clock.today() else "warning",
            f"{one.recognition.community} {one.year} 年复查",
            f"{one.jurisdiction}要求整改：{one.findings}",
            reverse("recheck_record", args=[one.recognition_id, one.year])
            if records
            else reverse("community_detail", args=[one.recognition.community_id]),
            "登记结果" if records else "查看",
            one.rectify_by,
            one.recorded_at,
        )
        for one in rows
    ]


def _revoked(rows: QuerySet[Recognition]) -> list[Todo]:
    rows = rows.select_related("community").order_by("-revoked_at")[:_SHOWN]
    return [
        Todo(
            "摘牌",
            "danger",
            f"{one.community}（{one.year} 年绿色社区）已摘牌",
            one.revocation_reason,
            reverse("community_detail", args=[one.community_id]),
            "查看",
            since=one.revoked_at,
        )
        for one in rows
    ]
