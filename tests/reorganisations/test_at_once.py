"""Two people at the same moment, on two connections with committed rows."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.assessments.models import Assessment
from apps.assessments.second_approval import revoke_assessment
from apps.assessments.steps import lock
from apps.campaigns.models import Campaign, Participation, Recognition, TransferredFigures
from apps.communities.models import Baseline, Community
from apps.core import clock
from apps.core.errors import ProblemForPeople
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.projects.domain import change_project
from apps.projects.models import Project, TransferredFunds
from apps.projects.transfers import funds_of
from apps.reorganisations.baselines import confirm_baseline, reopen_baseline
from apps.reorganisations.communities import (
    NewCommunity,
    close_community,
    merge_communities,
    move_community,
    open_community,
)
from apps.reorganisations.jurisdictions import create_zone, merge_jurisdictions
from apps.reorganisations.models import CommunityChange, JurisdictionChange
from apps.reorganisations.past_years import counts_of
from tests.assessments.test_domain_at_once import history_taken_back, wait_for_a_lock
from tests.factories import agree, person_at, recognise, recognised_community, submitted_community
from tests.projects.conftest import facts, money, put_down
from tests.reorganisations.figures import order


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the transaction that every other test is rolled back with: what is written here is committed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def county(db: None) -> Iterator[Jurisdiction]:
    """牟定县; whatever was done in it is taken back afterwards."""
    with history_taken_back():
        people = set(User.objects.values_list("pk", flat=True))
        place = Jurisdiction.objects.get(code="532323000000")
        homes = dict(Community.objects.below(place.path).values_list("pk", "jurisdiction"))
        units = set(Jurisdiction.objects.values_list("pk", flat=True))
        yield place
        CommunityChange.objects.all().delete()
        JurisdictionChange.objects.all().delete()
        TransferredFigures.objects.all().delete()
        TransferredFunds.objects.all().delete()
        Project.objects.all().delete()
        Baseline.objects.all().delete()
        Assessment.objects.all().delete()
        Recognition.objects.all().delete()
        Participation.objects.all().delete()
        Community.objects.below(place.path).exclude(pk__in=homes).delete()
        for pk, home in homes.items():
            Community.objects.filter(pk=pk).update(jurisdiction=home, closed_on=None)
        Jurisdiction.objects.exclude(pk__in=units).delete()
        Jurisdiction.objects.below(place.path).update(closed_on=None)
        User.objects.exclude(pk__in=people).delete()


def two_streets(county: Jurisdiction) -> tuple[Jurisdiction, Jurisdiction]:
    """The one that the communities lie in, and another one."""
    gone = Community.objects.below(county.path).select_related("jurisdiction").order_by("pk")[0].jurisdiction
    return gone, Jurisdiction.objects.filter(parent=county).exclude(pk=gone.pk).order_by("pk")[0]


def at_once(
    actor: Actor,
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    other_actor: Actor | None = None,
    then: Callable[[], object] = lambda: None,
) -> str:
    """Do ``second`` on another connection while ``first`` is not committed, and ``then`` something else while it waits; return
    what came of ``second``."""
    there = other_actor or actor

    def elsewhere() -> str:
        try:
            with (
                clock.stopped_at(datetime(2022, 8, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))),
                scope(there.jurisdiction.path, user_id=there.user.pk),
            ):
                return str(second())
        except ProblemForPeople as error:
            return error.message
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as executor:
        with scope(actor.jurisdiction.path, user_id=actor.user.pk):
            first()
            other = executor.submit(elsewhere)
            wait_for_a_lock()
            then()
        return other.result(timeout=20)


def test_a_community_is_merged_once(county: Jurisdiction) -> None:
    clerk = person_at(county, Role.STAFF)
    one, two, three = Community.objects.below(county.path).select_related("jurisdiction").order_by("pk")[:3]
    said = at_once(
        clerk,
        lambda: merge_communities([one], two, order(), actor=clerk),
        lambda: merge_communities([one], three, order(), actor=clerk),
    )
    assert said == f"{one}已于 2022-08-01 撤销，不能再变更。"
    assert CommunityChange.objects.count() == 1


def test_the_same_form_sent_twice_at_once_has_one_effect(county: Jurisdiction) -> None:
    clerk = person_at(county, Role.STAFF)
    one = Community.objects.below(county.path).select_related("jurisdiction").order_by("pk")[0]
    once = order()
    at_once(
        clerk,
        lambda: close_community(one, once, actor=clerk),
        lambda: close_community(one, once, actor=clerk),
    )
    assert CommunityChange.objects.count() == 1


def test_a_baseline_waits_for_a_change_and_counts_what_is_there_then(county: Jurisdiction) -> None:
    clerk, approver = person_at(county, Role.STAFF), person_at(county, Role.APPROVER)
    one = Community.objects.below(county.path).select_related("jurisdiction").order_by("pk")[0]
    at_once(
        clerk,
        lambda: close_community(one, order(), actor=clerk),
        lambda: confirm_baseline(county, 2022, actor=approver),
    )
    assert Baseline.objects.get().number == 4


def test_a_community_moves_after_the_step_that_is_being_taken_on_its_self_assessment(county: Jurisdiction) -> None:
    one = Community.objects.below(county.path).select_related("jurisdiction").order_by("pk")[0]
    assessment = submitted_community(one, Campaign.objects.get(code="chuxiong-2021"), 2022)
    city = Jurisdiction.objects.get(code="532300000000")
    reviewer, mover = person_at(county, Role.STAFF), person_at(city, Role.STAFF)
    to = Jurisdiction.objects.get(code="532301101000")
    said = at_once(
        reviewer,
        lambda: lock(assessment.pk),
        lambda: move_community(one, to, order(), actor=mover),
        other_actor=mover,
        then=lambda: return_assessment(assessment, "材料不全", actor=reviewer),
    )
    assert said == "楚雄彝族自治州社区调整所属街道 2022-08-01"
    moved = Assessment.objects.get(pk=assessment.pk)
    assert (moved.status, moved.holder) == (Assessment.Status.RETURNED, to)


def test_a_street_that_is_merged_takes_no_new_community(county: Jurisdiction) -> None:
    clerk, administrator = person_at(county, Role.STAFF), person_at(county, Role.BUREAU_ADMIN)
    gone, into = two_streets(county)
    said = at_once(
        administrator,
        lambda: merge_jurisdictions(gone, into, order(), actor=administrator),
        lambda: open_community(NewCommunity("新设社区居民委员会", gone), order(), actor=clerk),
    )
    assert said == f"{gone}已于 2022-08-01 撤销，不能再变更。"


def test_a_community_that_is_being_opened_goes_with_its_street(county: Jurisdiction) -> None:
    clerk, administrator = person_at(county, Role.STAFF), person_at(county, Role.BUREAU_ADMIN)
    gone, into = two_streets(county)
    at_once(
        clerk,
        lambda: open_community(NewCommunity("新设社区居民委员会", gone), order(), actor=clerk),
        lambda: merge_jurisdictions(gone, into, order(), actor=administrator),
    )
    assert Community.objects.get(name="新设社区居民委员会").jurisdiction == into


def test_a_baseline_waits_for_a_zone_that_takes_single_communities(county: Jurisdiction) -> None:
    city = Jurisdiction.objects.get(code="532300000000")
    administrator, approver = person_at(city, Role.BUREAU_ADMIN), person_at(county, Role.APPROVER)
    one = Community.objects.below(county.path).select_related("jurisdiction").order_by("pk")[0]
    at_once(
        administrator,
        lambda: create_zone(city, "高新区", order(), actor=administrator, communities=[one]),
        lambda: confirm_baseline(county, 2022, actor=approver),
        other_actor=approver,
    )
    assert Baseline.objects.get().number == 4


def test_a_baseline_is_reopened_after_the_change_of_a_community(county: Jurisdiction) -> None:
    """Whichever comes second sees what the first has done."""
    city = Jurisdiction.objects.get(code="532300000000")
    clerk, approver, above = (
        person_at(county, Role.STAFF),
        person_at(county, Role.APPROVER),
        person_at(city, Role.APPROVER),
    )
    baseline = confirm_baseline(county, 2021, actor=approver)
    one = Community.objects.below(county.path).select_related("jurisdiction").order_by("pk")[0]
    at_once(
        clerk,
        lambda: close_community(one, order(), actor=clerk),
        lambda: reopen_baseline(baseline, "名单有误", actor=above),
        other_actor=above,
    )
    assert not TransferredFigures.objects.exists()
    assert Baseline.objects.get().reopened_at is not None


def recognised_in_2021(county: Jurisdiction) -> int:
    """How many the county counts as recognised in 2021."""
    found = counts_of(county.path, 2021, 2021).values()
    return sum(number for one in found for name, number in one.items() if name.startswith("2021-"))


def test_a_recognition_that_is_being_revoked_leaves_earlier_years_though_its_community_moves(
    county: Jurisdiction,
) -> None:
    city, chuxiong = Jurisdiction.objects.get(code="532300000000"), Campaign.objects.get(code="chuxiong-2021")
    approver, mover = person_at(city, Role.APPROVER), person_at(county, Role.STAFF)
    left, to = two_streets(county)
    one = Community.objects.filter(jurisdiction=left).select_related("jurisdiction").order_by("pk")[0]
    assessment = recognised_community(one, chuxiong, 2021).participation.assessment
    at_once(
        approver,
        lambda: revoke_assessment(assessment, "材料不实", actor=approver),
        lambda: move_community(one, to, order(), actor=mover),
        other_actor=mover,
    )
    assert recognised_in_2021(county) == 0


def test_a_recognition_as_of_last_year_counts_there_though_its_community_is_moving(county: Jurisdiction) -> None:
    """The step and the change also do not wait for each other: what is recognised has to be there."""
    city, chuxiong = Jurisdiction.objects.get(code="532300000000"), Campaign.objects.get(code="chuxiong-2021")
    approver, mover = person_at(city, Role.APPROVER), person_at(county, Role.STAFF)
    left, to = two_streets(county)
    one = Community.objects.filter(jurisdiction=left).select_related("jurisdiction").order_by("pk")[0]
    assessment = agree(submitted_community(one, chuxiong, 2021))
    at_once(
        approver,
        lambda: lock(assessment.pk),
        lambda: move_community(one, to, order(), actor=mover),
        other_actor=mover,
        then=lambda: recognise(assessment, year=2021, actor=approver),
    )
    assert recognised_in_2021(county) == 1
    assert Assessment.objects.get(pk=assessment.pk).path == to.path


def test_what_was_spent_last_year_and_is_being_corrected_stays_correct_though_the_street_is_merged(
    county: Jurisdiction,
) -> None:
    chuxiong = Campaign.objects.get(code="chuxiong-2021")
    clerk, administrator = person_at(county, Role.STAFF), person_at(county, Role.BUREAU_ADMIN)
    gone, into = two_streets(county)
    one = Community.objects.filter(jurisdiction=gone).select_related("jurisdiction").order_by("pk")[0]
    project = put_down(one, chuxiong, money(year=2021, spent=50), actor=clerk)
    at_once(
        clerk,
        lambda: change_project(project, facts(chuxiong, [money(year=2021, spent=70)]), actor=clerk),
        lambda: merge_jurisdictions(gone, into, order(), actor=administrator),
        other_actor=administrator,
    )
    spent = {place: sum(one.spent for one in funds_of(place.path, 2022).values()) for place in (county, gone, into)}
    assert spent == {county: Decimal(70), gone: Decimal(70), into: 0}
