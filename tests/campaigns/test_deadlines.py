"""By when self-assessments are wanted: what the level itself hands in, else what the campaign asks of the others."""

from datetime import date

from apps.campaigns.deadlines import deadline_of, deadlines
from apps.campaigns.models import Campaign, Milestone


def test_deadline_is_the_levels_own_or_that_of_the_others(chuxiong: Campaign) -> None:
    chuxiong.milestones.all().delete()
    add(chuxiong, 1, "district", Milestone.Kind.RESULT_LIST, date(2022, 11, 1), date(2022, 9, 1))
    add(chuxiong, 2, "city", Milestone.Kind.SELF_EVALUATION, date(2022, 12, 1))
    add(chuxiong, 3, "city", Milestone.Kind.ANNUAL_REPORT, date(2022, 1, 1))
    found = {level: deadline_of(chuxiong.pk, 2022, level) for level in ("street", "district", "city")}
    assert {level: one.day for level, one in found.items() if one} == {
        "street": date(2022, 12, 1),
        "district": date(2022, 9, 1),
        "city": date(2022, 12, 1),
    }
    assert deadline_of(chuxiong.pk, 2023, "street") is None
    assert list(deadlines(Campaign.objects.filter(pk=chuxiong.pk).values("pk"), "city")) == [(chuxiong.pk, 2022)]


def add(campaign: Campaign, number: int, level: str, kind: str, *dates: date) -> None:
    campaign.milestones.create(number=number, level=level, kind=kind, dates=sorted(dates), title="报送")
