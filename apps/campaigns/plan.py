"""What the page 年度计划 shows: communities by street with their place in the plan, against target and pilots rule."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.campaigns.domain import Stage, campaigns_above
from apps.campaigns.drilldown import lasting_to
from apps.campaigns.models import Campaign, Participation, Recognition, Target
from apps.campaigns.rollup import Figures, Line, Rollup, count_each, family_of, roll_up
from apps.communities.models import Community, CommunityQuerySet, is_counted_in
from apps.jurisdictions.models import Jurisdiction, Level, paths_down_to

SHOWN = {"": "全部", "open": "未列入", "enrolled": "已列入", "pilots": "试点"}


@dataclass(frozen=True)
class PilotsRule:
    """How many pilots each street is to have in the plan's year (每个街道试点 1–2 个)."""

    least: int
    most: int | None

    def __str__(self) -> str:
        if self.most is None:
            return f"至少 {self.least} 个"
        return f"{self.least} 个" if self.least == self.most else f"{self.least}–{self.most} 个"

    def verdict(self, base: int, pilots: int) -> str:
        """What is wrong with a street's number of pilots; '' where nothing is."""
        if pilots < (least := min(self.least, base)):
            return f"还差 {least - pilots} 个"
        return f"多 {pilots - self.most} 个" if self.most is not None and pilots > self.most else ""

    def is_missed(self, figures: Figures) -> bool:
        """Whether a street has too few pilots; no more is asked of one than it has communities."""
        return figures.pilots < min(self.least, figures.base)


@dataclass(frozen=True)
class Choice:
    """A community on the page: on the plan, free to be put there, or neither because of ``obstacle``."""

    community: Community
    participation: Participation | None
    obstacle: str = ""
    is_revoked: bool = False

    @property
    def is_free(self) -> bool:
        return self.participation is None and not self.obstacle

    @property
    def is_pilot(self) -> bool:
        return self.participation is not None and self.participation.is_pilot

    @property
    def is_changeable(self) -> bool:
        """Whether it can be taken off the plan, or made a pilot."""
        part = self.participation
        return part is not None and part.stage == Stage.PLANNED and part.ended_on is None

    @property
    def state(self) -> str:
        """Under which keys of SHOWN it is found, with spaces between."""
        if self.participation is not None:
            return "enrolled pilots" if self.is_pilot else "enrolled"
        return "open" if self.is_free else ""


@dataclass(frozen=True)
class Street:
    """The communities right under one jurisdiction, in code order."""

    jurisdiction: Jurisdiction
    figures: Figures
    rule: PilotsRule | None
    choices: list[Choice]

    @property
    def pilots_verdict(self) -> str:
        """What is wrong with the number of pilots; nothing is asked of a street without communities."""
        return self.rule.verdict(self.figures.base, self.figures.pilots) if self.rule and self.figures.base else ""

    @property
    def is_short(self) -> bool:
        """Whether it has fewer pilots than the rule asks for."""
        return self.rule is not None and self.rule.is_missed(self.figures)

    @property
    def has_free(self) -> bool:
        """Whether there is anything left to be put on the plan."""
        return any(choice.is_free for choice in self.choices)


@dataclass(frozen=True)
class Sheet:
    """The plan of one jurisdiction for a year, street by street; ``rollup`` holds the figures up to that year."""

    rollup: Rollup
    rule: PilotsRule | None
    streets: list[Street]

    @property
    def this_year(self) -> int:
        """How many were put on the plan of this very year."""
        return sum(one.participation.year == self.rollup.year for one in self.choices() if one.participation)

    @property
    def missing(self) -> int | None:
        return missing_of(self.rollup.total)

    @property
    def short_of_pilots(self) -> int:
        """Streets that have fewer pilots than the rule asks for."""
        return sum(street.is_short for street in self.streets)

    def choices(self) -> Iterator[Choice]:
        return (choice for street in self.streets for choice in street.choices)


def missing_of(line: Line) -> int | None:
    """How many communities are still to be put on the plan so that the target can be reached; None without a target."""
    return None if line.wanted is None else max(0, line.wanted - line.figures.enrolled)


def plans_itself(place: Jurisdiction) -> bool:
    """Whether streets stand right under ``place``: the level that chooses communities (区县; 东莞 and its like too)."""
    return Jurisdiction.objects.filter(parent=place, level=Level.STREET).exists()


def sheet_of(campaign: Campaign, place: Jurisdiction, year: int) -> Sheet:
    """Read the plan of ``place``, a street or one that plans itself; the same number of queries whatever its size."""
    rollup = roll_up(campaign, place, year)
    rules = pilots_rules(campaign, place, year)
    choices: dict[int, list[Choice]] = {}
    for choice in _choices(campaign, place, year):
        choices.setdefault(choice.community.jurisdiction_id, []).append(choice)
    lines = [(line.jurisdiction, line.figures.without_transfers(year)) for line in rollup.children]
    if place.pk in choices:
        lines.insert(0, (place, rollup.own))
    streets = [
        Street(one, figures, nearest_rule(rules, one.path), choices[one.pk])
        for one, figures in lines
        if one.pk in choices
    ]
    return Sheet(rollup, nearest_rule(rules, place.path), streets)


def hidden_choices(sheet: Sheet, text: str, street: str, shown: str) -> set[int]:
    """Ids of the communities that a filter leaves out: by part of a name or code, by street, by key of SHOWN."""
    return {
        choice.community.pk
        for one in sheet.streets
        for choice in one.choices
        if (street and one.jurisdiction.key != street) or not _matches(choice, text, shown)
    }


def _choices(campaign: Campaign, place: Jurisdiction, year: int) -> Iterator[Choice]:
    above = campaigns_above(campaign)
    parts = _parts(place, year, [*family_of(campaign), *above])
    communities = _listed(place, year, parts)
    counted = set(communities.counted_in(year).values_list("pk", flat=True))
    standing = Recognition.objects.standing().filter(participation=OuterRef("pk"))
    taking_part = {
        one.community_id: one for one in parts.select_related("campaign").annotate(is_standing=Exists(standing))
    }
    for community in communities.in_code_order():
        part = taking_part.get(community.pk)
        if part is not None and part.campaign_id not in above:
            is_revoked = part.stage == Stage.RECOGNISED and not part.is_standing
            yield Choice(community, part, is_revoked=is_revoked)
        elif part is not None:
            yield Choice(community, None, f"已参加“{part.campaign.name}”")
        elif community.pk in counted:
            yield Choice(community, None)
        else:
            yield Choice(community, None, "不计入城市社区")


def short_below(rollup: Rollup, rules: Mapping[str, PilotsRule]) -> list[Jurisdiction]:
    """The streets below, as their sheets have them, that have fewer pilots than their rule asks for."""
    campaign, place, year = rollup.campaign, rollup.total.jurisdiction, rollup.year
    parts = _parts(place, year, [*family_of(campaign), *campaigns_above(campaign)])
    streets = set(_listed(place, year, parts).values_list("jurisdiction", flat=True))
    found = []
    for one, figures in count_each(campaign, place, year):
        rule = nearest_rule(rules, one.path) if one.pk in streets else None
        if rule is not None and rule.is_missed(figures.without_transfers(year)):
            found.append(one)
    return found


def _parts(place: Jurisdiction, year: int, campaigns: Collection[int]) -> QuerySet[Participation]:
    return Participation.objects.below(place.path).filter(lasting_to(year), campaign__in=campaigns)


def _listed(place: Jurisdiction, year: int, parts: QuerySet[Participation]) -> CommunityQuerySet:
    """The communities that the plan of a year lists: those not closed, and the closed ones that count or took part."""
    shown = Q(closed_on=None) | is_counted_in(year) | Q(pk__in=parts.values("community"))
    return Community.objects.below(place.path).filter(shown)


def pilots_rules(campaign: Campaign, place: Jurisdiction, year: int) -> dict[str, PilotsRule]:
    """The rules of a year that may hold at ``place`` or below it, by the path where they are set."""
    targets = Target.objects.filter(
        Q(path__in=paths_down_to(place.path)) | Q(path__startswith=place.path),
        campaign=campaign,
        year=year,
        kind=Target.Kind.PILOTS_PER_STREET,
    )
    return {one.path: PilotsRule(int(one.value), None if one.upper is None else int(one.upper)) for one in targets}


def nearest_rule(rules: Mapping[str, PilotsRule], path: str) -> PilotsRule | None:
    """The rule that holds at ``path``."""
    return next((rules[one] for one in reversed(paths_down_to(path)) if one in rules), None)


def _matches(choice: Choice, text: str, shown: str) -> bool:
    community = choice.community
    named = text in community.name or (community.code or "").startswith(text)
    return named and (not shown or shown in choice.state.split())
