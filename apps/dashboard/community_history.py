"""What happened to a community, read from its participations, assessments and recognitions."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Prefetch
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, ReviewAction
from apps.assessments.steps import told_to
from apps.campaigns.models import Participation, Recognition
from apps.communities.models import Community
from apps.core.rounding import plain
from apps.recognitions.entries import period_on
from apps.recognitions.models import DemonstrationBase, NoticeEntry, PublicNotice, Recheck

Kind = ReviewAction.Kind
_TONES = {
    Kind.SUBMIT: "info",
    Kind.RETURN: "danger",
    Kind.AGREE: "info",
    Kind.RECOGNISE: "success",
    Kind.PROPOSE_RECOGNISE: "info",
    Kind.PROPOSE_REVOKE: "info",
    Kind.DECLINE: "danger",
}


@dataclass(frozen=True)
class Entry:
    """One line of the history, as the timeline shows it."""

    when: datetime
    who: str
    what: str
    note: str = ""
    tone: str = "neutral"


@dataclass(frozen=True)
class Taking:
    """A participation with its assessment, if begun, and its recognitions, revoked ones included, newest first."""

    participation: Participation
    assessment: Assessment | None
    recognitions: list[Recognition]

    @property
    def is_adopted(self) -> bool:
        """Whether it began with a recognition that was taken over from paper: nobody had put it on a plan."""
        return any(one.adoption_id is not None for one in self.recognitions)

    @property
    def is_revoked(self) -> bool:
        """Whether it was recognised and no recognition stands."""
        return bool(self.recognitions) and all(one.revoked_at is not None for one in self.recognitions)


def participations_of(community: Community) -> list[Taking]:
    """Return how the community takes part in campaigns, the latest year first."""
    bases = DemonstrationBase.objects.select_related("jurisdiction").order_by("named_on")
    recognitions = (
        Recognition.objects.select_related(
            "recognised_by", "revoked_by", "authority", "adoption__jurisdiction", "adoption__adopted_by"
        )
        .prefetch_related(Prefetch("demonstration_bases", bases))
        .order_by("-recognised_at")
    )
    participations = (
        Participation.objects.filter(community=community)
        .select_related("campaign__standard", "created_by")
        .prefetch_related(Prefetch("recognitions", recognitions))
        .order_by("-year", "-id")
    )
    begun = Assessment.objects.filter(participation__community=community).select_related("holder", "standard")
    assessments = {one.participation_id: one for one in begun}
    return [Taking(one, assessments.get(one.pk), list(one.recognitions.all())) for one in participations]


def history_of(community: Community, taking: Collection[Taking], actor: Actor) -> list[tuple[int, list[Entry]]]:
    """Return the events that ``actor`` may read by calendar year, newest first."""
    steps = (
        ReviewAction.objects.filter(assessment__participation__community=community)
        .select_related("user", "jurisdiction")
        .prefetch_related("returned_criteria__criterion")
        .defer("results")
    )
    actions = told_to(actor, steps)
    # The recognition itself tells of its being taken back, in the words of the step.
    entries = [_step(action) for action in actions if action.kind != Kind.REVOKE]
    revocations = {action.assessment_id: action for action in actions if action.kind == Kind.REVOKE}
    for one in taking:
        entries += _of_participation(one, revocations.get(one.assessment.pk) if one.assessment else None)
    entries += _around_recognition(community, taking)
    years: dict[int, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.when, reverse=True):
        years.setdefault(timezone.localtime(entry.when).year, []).append(entry)
    return list(years.items())


def _of_participation(taking: Taking, revocation: ReviewAction | None) -> Iterable[Entry]:
    one = taking.participation
    pilot = "，为试点" if one.is_pilot else ""
    if not taking.is_adopted:
        yield Entry(one.created_at, str(one.created_by or ""), f"列入 {one.year} 年计划{pilot}", one.campaign.name)
    for recognition in taking.recognitions:
        if (adoption := recognition.adoption) is not None:
            who, said = (
                f"{adoption.jurisdiction} {adoption.adopted_by}",
                f"{adoption.document_number}：{adoption.reason}",
            )
            yield Entry(adoption.adopted_at, who, f"接收认定（{recognition.year} 年绿色社区）", said, "success")
        if recognition.revoked_at is not None:
            who, said = str(recognition.revoked_by or ""), recognition.revocation_reason
            if revocation is not None:
                who, said = f"{revocation.jurisdiction} {revocation.user}", revocation.comment
            yield Entry(recognition.revoked_at, who, f"摘牌（{recognition.year} 年认定）", said, "danger")


def _around_recognition(community: Community, taking: Iterable[Taking]) -> Iterable[Entry]:
    """Public notices, re-checks and demonstration bases; what was objected is not for everybody who sees the community."""
    kept = NoticeEntry.objects.filter(assessment__participation__community=community)
    for notice in PublicNotice.objects.published().filter(entries__in=kept).select_related("jurisdiction"):
        if notice.starts_on is not None:
            what = f"公示 {notice.working_days} 个工作日，至 {period_on(notice).last:%Y-%m-%d}"
            yield Entry(_morning(notice.starts_on), str(notice.jurisdiction), what, notice.title, "info")
    for recheck in Recheck.objects.filter(recognition__community=community).select_related("jurisdiction"):
        what = f"{recheck.year} 年复查：{recheck.get_result_display()}"
        if recheck.rectify_by is not None:
            what += f"，期限 {recheck.rectify_by:%Y-%m-%d}"
        tone = "success" if recheck.result == Recheck.Result.PASSED else "danger"
        yield Entry(_morning(recheck.checked_on), str(recheck.jurisdiction), what, recheck.findings, tone)
    for base in _bases_of(taking):
        office = str(base.jurisdiction)
        yield Entry(_morning(base.named_on), office, f"命名为{base.title}", base.document_number, "success")
        if base.ended_at is not None:
            yield Entry(base.ended_at, office, f"{base.title}撤销", base.end_reason, "danger")


def _morning(day: date) -> datetime:
    """For what is known by the day."""
    return timezone.make_aware(datetime.combine(day, time(9)))


def standing_bases_of(taking: Iterable[Taking]) -> list[DemonstrationBase]:
    """Return the demonstration bases that the community is now."""
    standing = [one for one in _bases_of(taking) if one.ended_at is None and one.recognition.revoked_at is None]
    return sorted(standing, key=lambda one: one.named_on)


def _bases_of(taking: Iterable[Taking]) -> Iterable[DemonstrationBase]:
    """Every base that the community ever was, read with its recognitions."""
    for one in taking:
        for recognition in one.recognitions:
            yield from recognition.demonstration_bases.all()


def _step(action: ReviewAction) -> Entry:
    singly = [f"第 {one.criterion.number} 条：{one.reason}" for one in action.returned_criteria.all()]
    points = "" if action.total_points is None else f"，{plain(action.total_points)} 分"
    return Entry(
        action.at,
        f"{action.jurisdiction} {action.user}",
        f"{action.get_kind_display()}{points}",
        "；".join([action.comment, *singly] if action.comment else singly),
        _TONES.get(Kind(action.kind), "neutral"),
    )
