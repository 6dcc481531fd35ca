"""Whatever histories leave behind: every block adds up to the roll-up's figures, and every figure has as many names."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Participation, Recognition, TransferredFigures
from apps.campaigns.rollup import roll_up
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from apps.progress.behind import behind
from apps.progress.extent import Extent
from apps.progress.pilots import pilots_of
from apps.progress.stages import stages_of
from apps.progress.trend import trend_of

Place = Callable[[str], Jurisdiction]
Stage = Participation.Stage
TODAY = date(2023, 6, 30)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_blocks_add_up_to_the_roll_up(chuxiong: Campaign, jurisdiction: Place, seed: int) -> None:
    any_history(chuxiong, jurisdiction("532301"), Random(seed))
    for code in ("5323", "532301", "532301101"):
        for year in chuxiong.years:
            rollup = roll_up(chuxiong, jurisdiction(code), year)
            figures, extent = rollup.total.figures, Extent.of(rollup)
            stages = stages_of(extent)
            assert stages.total == figures.enrolled
            in_review = [one.count for one in stages.lines if one.key.startswith("in_review")]
            assert sum(in_review) == figures.in_review
            trend = trend_of(extent, rollup.total.wanted, TODAY)
            recognised = next(one.count for one in stages.lines if one.key == "recognised")
            assert recognised + figures.before_transfers(year).cumulative == figures.cumulative
            assert trend.months[-1].cumulative == figures.cumulative
            before = roll_up(chuxiong, jurisdiction(code), year - 1).total.figures.cumulative
            assert trend.months[-1].before == (before if year > chuxiong.first_year else None)
            assert trend.curve[chuxiong.first_year, 12] == figures.by_year[chuxiong.first_year]
            pilots = pilots_of(extent)
            assert (pilots.sum_of("pilots"), pilots.sum_of("base")) == (figures.pilots, figures.base)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_figures_have_as_many_names(chuxiong: Campaign, jurisdiction: Place, seed: int) -> None:
    any_history(chuxiong, jurisdiction("532301"), Random(seed), transfers=False)
    place = jurisdiction("5323")
    communities = Community.objects.below(place.path)
    for year in chuxiong.years:
        rollup = roll_up(chuxiong, place, year)
        extent = Extent.of(rollup)
        wanted = {f"at.{one.key}": one.count for one in stages_of(extent).lines}
        for month in trend_of(extent, rollup.total.wanted, TODAY).months:
            wanted[f"in.{month.key}"] = month.recognised or 0
            wanted[f"by.{month.key}"] = month.cumulative or 0
        for key, count in wanted.items():
            figure = behind(key, extent)
            assert figure is not None
            assert figure.narrowed(communities).count() == count, key


def any_history(campaign: Campaign, place: Jurisdiction, random: Random, *, transfers: bool = True) -> None:
    """Rows as any history may leave them, written past the verbs for speed."""
    Recognition.objects.all().delete()
    Assessment.objects.all().delete()
    Participation.objects.all().delete()
    TransferredFigures.objects.all().delete()
    line = list(Jurisdiction.objects.ancestors_of(place.path))
    for community in Community.objects.below(place.path).select_related("jurisdiction"):
        community.counts_as_urban = random.random() < 0.9
        community.closed_on = random.choice([None, None, None, date(2021, 7, 1), date(2022, 7, 1)])
        community.save()
        if random.random() < 0.8:
            _takes_part(campaign, community, [*line[2:], community.jurisdiction], random)
    streets = Jurisdiction.objects.filter(parent=place)
    for street in streets if transfers else streets.none():
        numbers = {name: random.randint(-2, 2) for name in ("base", "enrolled", "pilots")}
        TransferredFigures.objects.create(
            jurisdiction=street,
            campaign=campaign,
            year=2021,
            recognitions={"2021-11-10": random.randint(-1, 2)},
            effective_on=date(2022, 8, 1),
            **numbers,
        )


def _takes_part(campaign: Campaign, community: Community, chain: list[Jurisdiction], random: Random) -> None:
    stage, year = random.choice(Stage.values), random.choice(campaign.years)
    ended = random.choice([None, None, None, date(2021, 6, 30), date(2022, 6, 30), date(2023, 3, 1)])
    begun = datetime(year, 3, 1, tzinfo=UTC)
    part = Participation.objects.create(
        campaign=campaign,
        community=community,
        year=year,
        stage=stage,
        is_pilot=random.random() < 0.3,
        created_at=begun,
        ended_on=ended,
    )
    if stage in (Stage.DRAFTING, Stage.IN_REVIEW, Stage.RETURNED):
        Assessment.objects.create(
            participation=part,
            standard=campaign.standard,
            status={Stage.DRAFTING: "draft"}.get(Stage(stage), stage),
            holder=random.choice(chain[:-1]) if stage == Stage.IN_REVIEW else chain[-1],
            held_since=begun,
        )
    if stage == Stage.RECOGNISED:
        revoked = random.choice([None, None, begun])
        Recognition.objects.create(
            participation=part,
            campaign=campaign,
            community=community,
            year=random.choice([one for one in campaign.years if one >= year]),
            recognised_at=datetime(random.randint(2020, 2023), random.randint(1, 12), 28, 20, tzinfo=UTC),
            revoked_at=revoked,
            revocation_reason="复查不达标",
            ended_on=ended,
        )
