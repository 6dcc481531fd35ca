"""What happened to a community, read from its participations, assessments and recognitions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils import timezone

from apps.assessments.models import Assessment, ReviewAction
from apps.campaigns.models import Participation, Recognition
from apps.communities.models import Community
from apps.core.rounding import plain

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
    def is_revoked(self) -> bool:
        """Whether it was recognised and no recognition stands."""
        return bool(self.recognitions) and all(one.revoked_at is not None for one in self.recognitions)


def participations_of(community: Community) -> list[Taking]:
    """Return how the community takes part in campaigns, the latest year first."""
    recognitions = Recognition.objects.select_related("recognised_by", "revoked_by").order_by("-recognised_at")
    participations = (
        Participation.objects.filter(community=community)
        .select_related("campaign__standard", "created_by")
        .prefetch_related(Prefetch("recognitions", recognitions))
        .order_by("-year", "-id")
    )
    begun = Assessment.objects.filter(participation__community=community).select_related("holder", "standard")
    assessments = {one.participation_id: one for one in begun}
    return [Taking(one, assessments.get(one.pk), list(one.recognitions.all())) for one in participations]


def history_of(community: Community, taking: Iterable[Taking]) -> list[tuple[int, list[Entry]]]:
    """Return the events by calendar year, newest first."""
    actions = (
        ReviewAction.objects.filter(assessment__participation__community=community)
        # The recognition itself tells of it.
        .exclude(kind=Kind.REVOKE)
        .select_related("user", "jurisdiction")
        .prefetch_related("returned_criteria__criterion")
        .defer("results")
    )
    entries = [_step(action) for action in actions]
    for one in taking:
        entries += _of_participation(one)
    years: dict[int, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.when, reverse=True):
        years.setdefault(timezone.localtime(entry.when).year, []).append(entry)
    return list(years.items())


def _of_participation(taking: Taking) -> Iterable[Entry]:
    one = taking.participation
    pilot = "，为试点" if one.is_pilot else ""
    yield Entry(one.created_at, str(one.created_by or ""), f"列入 {one.year} 年计划{pilot}", one.campaign.name)
    for recognition in taking.recognitions:
        if recognition.revoked_at is not None:
            what = f"摘牌（{recognition.year} 年认定）"
            yield Entry(
                recognition.revoked_at, str(recognition.revoked_by or ""), what, recognition.revocation_reason, "danger"
            )


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
