"""What is due follows from milestones, units and dates; states, lateness and rates are exact."""

from datetime import date
from fractions import Fraction

import pytest

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.entries import delete_entry
from apps.campaigns.models import Campaign, Milestone
from apps.core import clock
from apps.core.errors import InvalidInput
from apps.filings.obligations import BELOW, ITSELF, Counts, Query, State, child_width, find_owed
from apps.filings.supervision import move_due_date
from apps.jurisdictions.models import Jurisdiction
from tests.campaigns.drafts import seen
from tests.factories import made_up
from tests.filings.conftest import (
    SELF_EVALUATION,
    accept,
    at,
    clerk,
    draft,
    give_back,
    hand_in,
    milestone_of,
)

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def milestone(chuxiong: Campaign) -> Milestone:
    return milestone_of(chuxiong)


def state_of(milestone: Milestone, code: str, due_on: date = SELF_EVALUATION) -> tuple[State, str]:
    owed = find_owed(milestone, clerk(code).jurisdiction, due_on)
    assert owed is not None
    return owed.state, owed.timing


def test_each_state(milestone: Milestone, city_approver: Actor) -> None:
    assert state_of(milestone, "532301") == (State.AHEAD, "还有 16 天")
    with at(2022, 8, 31):
        assert state_of(milestone, "532301") == (State.TODAY, "今天到期")
    with at(2022, 9, 1):
        assert state_of(milestone, "532301") == (State.OVERDUE, "已逾期 1 天")
        filed = hand_in(milestone, SELF_EVALUATION)
        assert state_of(milestone, "532301") == (State.SUBMITTED, "逾期 1 天报送")
        give_back(filed, actor=city_approver)
        assert state_of(milestone, "532301") == (State.RETURNED, "逾期 1 天报送")
        accept(hand_in(milestone, SELF_EVALUATION), actor=city_approver)
        assert state_of(milestone, "532301") == (State.ACCEPTED, "逾期 1 天报送")
    on_time = hand_in(milestone, SELF_EVALUATION, actor=clerk("532302"))
    assert state_of(milestone, "532302") == (State.SUBMITTED, "按时报送")
    assert on_time.jurisdiction.name == "禄丰市"


def test_a_draft_is_not_handed_in(milestone: Milestone, district_reviewer: Actor) -> None:
    draft(milestone, district_reviewer.jurisdiction, SELF_EVALUATION, actor=district_reviewer)
    owed = find_owed(milestone, district_reviewer.jurisdiction, SELF_EVALUATION)
    assert owed is not None
    assert (owed.state, owed.is_draft, owed.handed_in_on) == (State.AHEAD, True, None)


def test_a_unit_owes_what_every_campaign_asks_of_its_level(chuxiong: Campaign) -> None:
    county = clerk().jurisdiction
    with acting(clerk()):
        owed = Query(county.path, ITSELF, year=2022).rows()
    assert [(one.kind, one.due_on) for one in owed] == [
        ("self_evaluation", SELF_EVALUATION),
        ("result_list", SELF_EVALUATION),
        ("annual_report", date(2022, 10, 20)),
    ]
    above = Jurisdiction.objects.get(code="530000000000")
    assert [(one.kind, one.due_on.isoformat()) for one in Query(above.path, ITSELF, year=2022).rows()] == [
        ("annual_report", "2022-11-30")
    ]


def test_a_unit_owes_what_falls_due_while_it_exists(milestone: Milestone) -> None:
    county = clerk().jurisdiction
    Jurisdiction.objects.filter(pk=county.pk).update(opened_on=date(2022, 1, 1), closed_on=SELF_EVALUATION)
    assert find_owed(milestone, county, SELF_EVALUATION) is None
    Jurisdiction.objects.filter(pk=county.pk).update(closed_on=date(2022, 9, 1))
    assert find_owed(milestone, county, SELF_EVALUATION) is not None
    assert find_owed(milestone, county, date(2021, 8, 31)) is None


def test_a_draft_campaign_asks_for_nothing_and_a_closed_one_for_nothing_more(
    milestone: Milestone, chuxiong: Campaign, city_approver: Actor
) -> None:
    county, campaigns = clerk().jurisdiction, Campaign.objects.filter(pk=chuxiong.pk)
    campaigns.update(status="draft")
    assert find_owed(milestone, county, SELF_EVALUATION) is None
    campaigns.update(status="closed")
    chuxiong.changes.create(
        kind="closed", reason="完成", changed_at=clock.midnight(date(2022, 3, 1)), changed_by=city_approver.user
    )
    assert find_owed(milestone, county, SELF_EVALUATION) is None
    assert find_owed(milestone, county, date(2021, 8, 31)) is not None


def test_a_filing_stays_where_the_milestone_has_its_date_no_more(milestone: Milestone) -> None:
    hand_in(milestone, SELF_EVALUATION)
    milestone.dates = [date(2022, 9, 15)]
    milestone.save()
    assert state_of(milestone, "532301")[0] == State.SUBMITTED
    assert find_owed(milestone, clerk("532302").jurisdiction, SELF_EVALUATION) is None
    assert state_of(milestone, "532302", date(2022, 9, 15))[0] == State.AHEAD


def test_counts_by_date_and_by_unit(milestone: Milestone, city_approver: Actor) -> None:
    hand_in(milestone, SELF_EVALUATION)
    with at(2022, 9, 2):
        accept(hand_in(milestone, SELF_EVALUATION, actor=clerk("532302")), actor=city_approver)
        query = Query(city_approver.jurisdiction.path, BELOW, milestone=milestone.pk, year=2022)
        counts = query.by_item()
        assert counts == {
            (milestone.pk, SELF_EVALUATION): Counts(
                units=10, on_time=1, late=1, missing=8, waiting=1, returned=0, accepted=1, moved=0
            )
        }
        one = counts[milestone.pk, SELF_EVALUATION]
        assert (one.expected, one.handed_in, one.rate) == (10, 2, Fraction(1, 10))
        by_unit = query.by_unit(child_width(city_approver.jurisdiction))
    assert len(by_unit) == 10
    assert by_unit[clerk("532302").jurisdiction.path, 3] == Counts(units=1, late=1, accepted=1)
    assert by_unit[clerk("532328").jurisdiction.path, 3] == Counts(units=1, missing=1)


def test_what_is_not_due_yet_is_not_expected(milestone: Milestone, city_approver: Actor) -> None:
    query = Query(city_approver.jurisdiction.path, BELOW, milestone=milestone.pk, year=2022)
    before = query.by_item()[milestone.pk, SELF_EVALUATION]
    assert (before.expected, before.rate) == (0, None)
    hand_in(milestone, SELF_EVALUATION)
    after = query.by_item()[milestone.pk, SELF_EVALUATION]
    assert (after.expected, after.rate) == (1, Fraction(1))


def test_a_moved_date_is_the_deadline(milestone: Milestone, city_approver: Actor) -> None:
    county = clerk().jurisdiction
    with acting(city_approver):
        move_due_date(milestone, county, SELF_EVALUATION, date(2022, 9, 15), "疫情", actor=city_approver)
    with at(2022, 9, 10):
        assert state_of(milestone, "532301") == (State.AHEAD, "还有 5 天")
        assert state_of(milestone, "532302") == (State.OVERDUE, "已逾期 10 天")
        hand_in(milestone, SELF_EVALUATION)
    assert state_of(milestone, "532301") == (State.SUBMITTED, "按时报送")


def test_a_milestone_with_filings_is_not_deleted(chuxiong: Campaign, district_reviewer: Actor) -> None:
    manager = made_up("5323", Role.BUREAU_ADMIN)
    milestone = milestone_of(chuxiong)
    milestone.dates = [SELF_EVALUATION]
    milestone.save()
    draft(milestone, district_reviewer.jurisdiction, SELF_EVALUATION, actor=district_reviewer)
    with acting(manager), pytest.raises(InvalidInput, match="已有单位报送或填报，不能删除"):
        delete_entry(milestone, actor=manager, seen=seen(chuxiong, milestone), reason="不再要求")
    assert Milestone.objects.filter(pk=milestone.pk).exists()
