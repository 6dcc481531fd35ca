"""What becomes of participations, self-assessments, recognitions and baseline entries when communities change."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.accounts.permissions import Actor
from apps.assessments.ending import (
    UNDER_WAY,
    end_assessment,
    follow_places,
    open_proposal_among,
    to_be_moved,
)
from apps.assessments.models import Assessment
from apps.campaigns.domain import line_of
from apps.campaigns.models import Participation, Recognition
from apps.communities.confirming import CONFIRMING_WIDTHS
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.recognitions.authority import seat_adopted
from apps.recognitions.models import DemonstrationBase, NoticeEntry, PublicNotice
from apps.reorganisations.carrying_out import ENDED_UNDER_WAY, Effect, Order, effect
from apps.reorganisations.models import CommunityChange

Stage = Participation.Stage

# Of several that cannot all go over, the one that has come furthest does.
_FURTHEST_FIRST = [Stage.RECOGNISED, Stage.IN_REVIEW, Stage.RETURNED, Stage.DRAFTING, Stage.PLANNED]


@dataclass(frozen=True)
class Part:
    """A participation with what hangs on it."""

    participation: Participation
    recognition: Recognition | None
    assessment: Assessment | None

    @property
    def is_revoked(self) -> bool:
        return self.participation.stage == Stage.RECOGNISED and self.recognition is None

    @property
    def is_under_way(self) -> bool:
        return self.assessment is not None and self.assessment.status in UNDER_WAY

    @property
    def name(self) -> str:
        return f"{self.participation.community}（{self.participation.campaign.name}）"


def parts_of(communities: Collection[Community]) -> list[Part]:
    """Return how ``communities`` take part, the furthest first."""
    rows = (
        Participation.objects.going_on()
        .filter(community__in=communities)
        .select_related("campaign", "community__jurisdiction")
        .order_by("pk")
    )
    standing = Recognition.objects.in_force().filter(participation__community__in=communities)
    recognitions = {one.participation_id: one for one in standing.select_for_update()}
    assessments = {one.participation_id: one for one in _assessments_of([one.pk for one in communities])}
    found = [Part(one, recognitions.get(one.pk), assessments.get(one.pk)) for one in rows]
    return sorted(found, key=_rank)


def settle(
    change: CommunityChange, parts: Iterable[Part], heir: Community | None, order: Order, actor: Actor
) -> list[Effect]:
    """Let every part go over to ``heir``, or end with its community where there is none or the heir takes part already.

    What the heir itself takes part in stays as it stands, also where another one has come further; of several parts of one line
    the first goes over.
    """
    effects: list[Effect] = []
    taken = set(Participation.objects.filter(community=heir).values_list("campaign", flat=True)) if heir else set()
    for part in parts:
        if heir is not None and not part.is_revoked and not taken & set(line_of(part.participation.campaign)):
            taken.add(part.participation.campaign_id)
            effects += _go_over(part, heir)
        else:
            effects += _end(change, part, order, actor)
    return effects


def _rank(part: Part) -> tuple[int, int, int]:
    stages = [one.value for one in _FURTHEST_FIRST]
    place = len(stages) if part.is_revoked else stages.index(part.participation.stage)
    return place, part.recognition.year if part.recognition else part.participation.year, part.participation.pk


def _go_over(part: Part, heir: Community) -> list[Effect]:
    name, participation = part.name, part.participation
    participation.community = heir
    participation.save(update_fields=["community"])
    Recognition.objects.filter(participation=participation).update(community=heir)
    effects = []
    if part.recognition is not None:
        what = f"{part.recognition.year} 年绿色社区认定"
        effects.append(effect(what, name, f"由{heir}承接", "认定年度、文号不变", "success"))
    else:
        what = f"{participation.year} 年计划，{participation.get_stage_display()}"
        effects.append(effect(what, name, f"由{heir}承接", "", "success"))
    return effects + seat(part)


def seat(part: Part) -> list[Effect]:
    """Let the self-assessment come to the office that answers for the community's place now."""
    if part.assessment is None:
        adopted = seat_adopted([part.participation.community_id])
        note = "复查、摘牌由新单位办理"
        return [effect("绿色社区管理", part.name, f"由{old}转到{new}", note) for old, new in adopted]
    moved = to_be_moved(Assessment.objects.with_context().filter(pk=part.assessment.pk))
    if not moved:
        return []
    _check_free([part.assessment], "所属单位变动")
    follow_places(moved)
    fate = f"由{part.assessment.holder}转到{moved[0].to}"
    if not part.is_under_way:
        return [effect("绿色社区管理", part.name, fate, "复查、摘牌由新单位办理")]
    return [effect("自评", part.name, fate, "接着办理", "info", part.assessment.pk)]


def _end(change: CommunityChange, part: Part, order: Order, actor: Actor) -> list[Effect]:
    participation, day = part.participation, order.effective_on
    if part.assessment is not None:
        _check_free([part.assessment], "社区" + change.get_kind_display())
    note = f"{day.year} 年起不再计入，以前年度不变"
    participation.ended_on = day
    participation.save(update_fields=["ended_on"])
    effects = []
    if part.recognition is not None:
        part.recognition.ended_on = day
        part.recognition.save(update_fields=["ended_on"])
        DemonstrationBase.objects.filter(recognition=part.recognition, ended_at=None).update(
            ended_at=clock.now(), end_reason=f"社区{change.get_kind_display()}：{change.reason}"
        )
        effects.append(effect(f"{part.recognition.year} 年绿色社区认定", part.name, "随社区终止", note, "warning"))
    elif not part.is_under_way:
        what = (
            "已摘牌的创建" if part.is_revoked else f"{participation.year} 年计划，{participation.get_stage_display()}"
        )
        effects.append(effect(what, part.name, "随社区终止", note, "warning"))
    if part.is_under_way and part.assessment is not None:
        effects.append(_end_under_way(change, part, part.assessment, order, actor))
    return effects


def _end_under_way(change: CommunityChange, part: Part, assessment: Assessment, order: Order, actor: Actor) -> Effect:
    if not order.ends_assessments:
        raise InvalidInput(
            f"{part.name}的自评{assessment.get_status_display()}，现在由{assessment.holder}办理。"
            "请等办结后再变更；确需现在变更的，在预览页勾选“终止正在办理的自评”。"
        )
    said = f"社区于 {order.effective_on:%Y-%m-%d} {change.get_kind_display()}，自评终止，不用再办理。{change.reason}"
    stood = f"原由{assessment.holder}办理（{assessment.get_status_display()}）"
    end_assessment(assessment, said, actor=actor)
    note = f"{stood}；{order.effective_on.year} 年起不再计入参与创建，以前年度不变"
    return effect("自评", part.name, ENDED_UNDER_WAY, note, "danger", assessment.pk)


def _check_free(assessments: Collection[Assessment], why: str) -> None:
    """TransitionError where others are in the middle of deciding on one of them."""
    named = {one.pk: f"{one.participation.community}（{one.participation.campaign.name}）" for one in assessments}
    if (proposal := open_proposal_among(assessments)) is not None:
        name, office = named[proposal.assessment_id], proposal.jurisdiction
        raise TransitionError(f"{name}有事项等待{office}复核，不能因{why}改动。请等{office}办结或撤回复核后再变更。")
    held = NoticeEntry.objects.filter(
        assessment__in=[one for one in assessments if one.status in UNDER_WAY],
        notice__status=PublicNotice.Status.PUBLISHED,
    )
    if (entry := held.select_related("notice").first()) is not None:
        name = named[entry.assessment_id]
        raise TransitionError(f"{name}列在“{entry.notice.title}”中，不能因{why}改动。请先作出认定，或者撤回公示。")


_TO_NEW_BASELINE = """
UPDATE communities_baselineentry e SET baseline_id = b.id FROM communities_baseline b
WHERE e.community_id = ANY (%(communities)s) AND b.year = e.year AND b.reopened_at IS NULL
  AND b.path IN (left(e.path, %(city)s), left(e.path, %(district)s)) AND e.baseline_id <> b.id
"""
_OUT_OF_BASELINE = """
DELETE FROM communities_baselineentry e
WHERE community_id = ANY (%(communities)s) AND NOT EXISTS (
    SELECT 1 FROM communities_baseline b
    WHERE b.year = e.year AND b.reopened_at IS NULL AND b.path IN (left(e.path, %(city)s), left(e.path, %(district)s)))
"""
_INTO_BASELINE = """
INSERT INTO communities_baselineentry (baseline_id, community_id, year)
SELECT b.id, c.id, b.year FROM communities_community c
JOIN communities_baseline b ON b.reopened_at IS NULL AND b.path IN (left(c.path, %(city)s), left(c.path, %(district)s))
WHERE c.id = ANY (%(communities)s) AND c.counts_as_urban
  AND (c.opened_on IS NULL OR c.opened_on <= make_date(b.year, 12, 31))
  AND (c.closed_on IS NULL OR c.closed_on > make_date(b.year, 12, 31))
ON CONFLICT (community_id, year) DO NOTHING
"""


def entries_follow(communities: Iterable[int]) -> None:
    """After communities (ids) came to another place, let the standing baselines there count them, and no others.

    In every year a community is on the list of the unit that it belongs to, if that unit has confirmed, and on none otherwise:
    so whoever reopens a baseline later opens the right one.
    """
    parameters: dict[str, Any] = {"communities": list(communities), **CONFIRMING_WIDTHS}
    with connection.cursor() as cursor:
        for statement in (_TO_NEW_BASELINE, _OUT_OF_BASELINE, _INTO_BASELINE):
            cursor.execute(statement, parameters)


def seat_all(communities: Collection[int]) -> list[Effect]:
    """Let the self-assessments of communities (ids) come to the offices that answer for them now; told by office."""
    moved = to_be_moved(_assessments_of(communities))
    _check_free([one.assessment for one in moved], "区划调整")
    follow_places(moved)
    told = Counter((str(one.holder), str(to)) for one, to in moved)
    told.update((str(old), str(to)) for old, to in seat_adopted(communities))
    return [
        effect("自评、认定", f"{number} 件", f"由{old}转到{new}", "", "info") for (old, new), number in told.items()
    ]


def _assessments_of(communities: Collection[int]) -> list[Assessment]:
    rows = Assessment.objects.with_context().filter(participation__community__in=communities)
    return list(rows.order_by("pk"))
