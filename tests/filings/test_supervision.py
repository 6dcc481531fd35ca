"""Due dates are moved and units urged by whoever stands above, on record."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Milestone
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.filings.models import DueDateMove, Escalation
from apps.filings.obligations import find_owed
from apps.filings.supervision import escalate, move_due_date, take_back_move
from tests.factories import made_up
from tests.filings.conftest import SELF_EVALUATION, at, clerk, hand_in, milestone_of

pytestmark = pytest.mark.usefixtures("today")
LATER = date(2022, 9, 15)


@pytest.fixture
def milestone(chuxiong: Campaign) -> Milestone:
    return milestone_of(chuxiong)


def move(milestone: Milestone, actor: Actor, to: date = LATER, reason: str = "疫情", seen: str = "") -> DueDateMove:
    unit = clerk().jurisdiction
    with acting(actor):
        return move_due_date(milestone, unit, SELF_EVALUATION, to, reason, actor=actor, seen=seen)


def urge(milestone: Milestone, actor: Actor, text: str = "请于 3 个工作日内报送", **also: str) -> Escalation:
    unit = clerk().jurisdiction
    with acting(actor):
        return escalate(milestone, unit, SELF_EVALUATION, text, actor=actor, **also)


def test_move_a_date_and_take_it_back(milestone: Milestone, city_approver: Actor) -> None:
    moved = move(milestone, city_approver)
    assert (moved.moved_to, moved.reason, moved.moved_in) == (LATER, "疫情", city_approver.jurisdiction)
    assert move(milestone, city_approver).pk == moved.pk
    with pytest.raises(StaleForm, match="期限已调整为 2022-09-15"):
        move(milestone, city_approver, date(2022, 9, 20))
    assert move(milestone, city_approver, date(2022, 9, 20), seen="2022-09-15").pk == moved.pk
    for _ in range(2):
        with acting(city_approver):
            take_back_move(milestone, clerk().jurisdiction, SELF_EVALUATION, actor=city_approver)
    assert not DueDateMove.objects.exists()


@pytest.mark.parametrize(
    ("to", "reason", "said"),
    [
        (LATER, " ", "请填写调整理由"),
        (SELF_EVALUATION, "疫情", "2022-08-31 就是原定期限"),
        (date(2024, 1, 1), "疫情", "超过一年"),
    ],
)
def test_moving_is_judged(milestone: Milestone, city_approver: Actor, to: date, reason: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        move(milestone, city_approver, to, reason)


def test_no_unit_moves_its_own_date(milestone: Milestone, street_officer: Actor, stranger: Actor) -> None:
    own = made_up("532301", Role.APPROVER)
    with pytest.raises(PermissionDenied, match="不能由楚雄市自己办理"):
        move(milestone, own)
    for actor in (street_officer, stranger, made_up("5323", Role.VIEWER)):
        with pytest.raises(PermissionDenied):
            move(milestone, actor)


def test_what_was_handed_in_is_not_moved(milestone: Milestone, city_approver: Actor) -> None:
    hand_in(milestone, SELF_EVALUATION)
    with pytest.raises(TransitionError, match="已于 2022-08-15 报送"):
        move(milestone, city_approver)


def test_urge_what_is_late_until_it_is_handed_in(milestone: Milestone, city_approver: Actor) -> None:
    with pytest.raises(TransitionError, match="还有 16 天，还不用督办"):
        urge(milestone, city_approver)
    with at(2022, 9, 5):
        made = urge(milestone, city_approver, document_number="楚住建督〔2022〕1号")
        assert urge(milestone, city_approver, document_number="楚住建督〔2022〕1号").pk == made.pk
        owed = find_owed(milestone, clerk().jurisdiction, SELF_EVALUATION)
        assert owed is not None
        assert owed.is_urged
        filed = hand_in(milestone, SELF_EVALUATION)
        made.refresh_from_db()
        assert made.answered_at == filed.submitted_at
        with pytest.raises(TransitionError, match="已报送，不用督办"):
            urge(milestone, city_approver, "再次督办")


def test_urging_says_what(milestone: Milestone, city_approver: Actor) -> None:
    with at(2022, 9, 5), pytest.raises(InvalidInput, match="请填写督办内容"):
        urge(milestone, city_approver, "")
