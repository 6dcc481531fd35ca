"""The communities behind each figure of a roll-up: the same rules as rollup.py, as querysets of names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left

from apps.campaigns.models import Campaign, Participation, Recognition, RecognitionQuerySet
from apps.campaigns.rollup import family_of
from apps.communities.confirming import CONFIRMING_WIDTHS
from apps.communities.models import Baseline, BaselineEntry, Community, CommunityQuerySet, is_counted_in

BASE, ABSENT, ENROLLED, PILOTS = "base", "absent", "enrolled", "pilots"
CUMULATIVE, UNRECOGNISED = "cumulative", "none"
# Recognised once, and taken back: a stage, and an answer to whether a community is recognised.
REVOKED = "revoked"

# What a list of communities can be narrowed to; a participation's stages stand beside the roll-up's figures.
STAGES: dict[str, str] = {
    BASE: "城市社区底数",
    ENROLLED: "参与创建（含已认定）",
    PILOTS: "试点",
    Participation.Stage.PLANNED.value: "未填报",
    Participation.Stage.DRAFTING.value: "自评中",
    Participation.Stage.IN_REVIEW.value: "审核中",
    Participation.Stage.RETURNED.value: "已退回",
    REVOKED: "已摘牌",
    ABSENT: "未参与创建",
}


def at_stage(communities: CommunityQuerySet, campaign: Campaign, year: int, stage: str) -> CommunityQuerySet:
    """Narrow to those that the figure ``stage`` (a key of STAGES) of the campaign's family counts by the end of ``year``."""
    if stage == BASE:
        return base_of(communities, year)
    taking_part = Participation.objects.filter(
        lasting_to(year), community=OuterRef("pk"), campaign__in=family_of(campaign), year__lte=year
    )
    if stage == ABSENT:
        return base_of(communities, year).filter(~Exists(taking_part))
    if stage == REVOKED:
        return revoked(communities, campaign, year)
    if stage == PILOTS:
        taking_part = taking_part.filter(is_pilot=True)
    elif stage != ENROLLED:
        # Where it stands is a figure of now: what has ended stands nowhere any more.
        taking_part = taking_part.going_on().filter(stage=stage)
    return communities.filter(Exists(taking_part))


def base_of(communities: CommunityQuerySet, year: int) -> CommunityQuerySet:
    """Narrow to the base of ``year``: who is on a confirmed list, and where none is confirmed the live one."""
    confirmed = list(Baseline.objects.standing().filter(year=year).values_list("path", flat=True))
    if not confirmed:
        return communities.counted_in(year)
    listed = Exists(BaselineEntry.objects.filter(community=OuterRef("pk"), year=year))
    units = {level: Left("path", width) for level, width in CONFIRMING_WIDTHS.items()}
    within = Q(city__in=confirmed) | Q(district__in=confirmed)
    return communities.alias(**units).filter(Q(listed) | (is_counted_in(year) & ~within))


def is_in_base(year: int) -> Q:
    """Whether a community is in the base of ``year``, as ``base_of`` has it, for one of which that is asked on the way."""
    units = [Left(OuterRef("path"), width) for width in CONFIRMING_WIDTHS.values()]
    confirmed = Baseline.objects.standing().filter(year=year, path__in=units)
    listed = BaselineEntry.objects.filter(community=OuterRef("pk"), year=year)
    return Q(Exists(listed)) | (is_counted_in(year) & Q(~Exists(confirmed)))


def recognised(
    communities: CommunityQuerySet, campaign: Campaign, first: int, last: int, at: int | None = None
) -> CommunityQuerySet:
    """Narrow to those with a standing recognition of the years from ``first`` to ``last`` in the campaign's family, as it stands
    at the end of the year ``at`` (default: ``last``)."""
    return communities.filter(Exists(_standing(campaign, first, last, at)))


def unrecognised(communities: CommunityQuerySet, campaign: Campaign, year: int) -> CommunityQuerySet:
    """Narrow to the base of ``year`` that still lacks a standing recognition then."""
    standing = _standing(campaign, campaign.first_year, year)
    return base_of(communities, year).filter(~Exists(standing))


def revoked(communities: CommunityQuerySet, campaign: Campaign, year: int) -> CommunityQuerySet:
    """Narrow to those whose recognition was taken back (摘牌), on the plan by the end of ``year``, in the campaign's family."""
    taken_back = Recognition.objects.filter(
        community=OuterRef("pk"),
        campaign__in=family_of(campaign),
        participation__year__lte=year,
        revoked_at__isnull=False,
    )
    standing = Recognition.objects.standing().filter(community=OuterRef("pk"), campaign__in=family_of(campaign))
    return communities.filter(Exists(taken_back), ~Exists(standing))


@dataclass(frozen=True)
class Row:
    """A community with how it stands in a campaign's family."""

    community: Community
    participation: Participation | None
    recognition: Recognition | None

    @property
    def is_revoked(self) -> bool:
        """Whether its recognition was taken back (摘牌)."""
        part = self.participation
        return self.recognition is None and part is not None and part.stage == Participation.Stage.RECOGNISED

    @property
    def stage_words(self) -> str:
        """Where it stands, as campaigns/_stage.html shows it; '' where it takes no part."""
        part = self.participation
        if part is None or self.is_revoked:
            return "" if part is None else "已摘牌"
        is_ended = part.ended_on is not None and part.stage != Participation.Stage.RECOGNISED
        return "已终止" if is_ended else part.get_stage_display()


def rows_of(communities: Iterable[Community], campaign: Campaign | None) -> list[Row]:
    """Join communities with their participation and standing recognition; three queries whatever their number."""
    listed = list(communities)
    if campaign is None or not listed:
        return [Row(one, None, None) for one in listed]
    rows = {"community__in": [one.pk for one in listed], "campaign__in": family_of(campaign)}
    participations = Participation.objects.filter(**rows).order_by("year", "id")
    recognitions = Recognition.objects.standing().filter(**rows).order_by("year", "id")
    taking_part = {one.community_id: one for one in participations}
    standing = {one.community_id: one for one in recognitions}
    return [Row(one, taking_part.get(one.pk), standing.get(one.pk)) for one in listed]


def _standing(campaign: Campaign, first: int, last: int, at: int | None = None) -> RecognitionQuerySet:
    return Recognition.objects.standing().filter(
        lasting_to(at or last), community=OuterRef("pk"), campaign__in=family_of(campaign), year__range=(first, last)
    )


def lasting_to(year: int) -> Q:
    """What had not ended with its community by the end of ``year``."""
    return Q(ended_on=None) | Q(ended_on__gt=date(year, 12, 31))
