"""Narrowing and ordering the queue; it stays narrowed for who comes back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.assessments.claims import claim_assessment
from apps.assessments.domain import return_assessment
from apps.assessments.models import Assessment
from apps.assessments.queue_filter import dues_of
from apps.campaigns.models import Campaign, Participation
from apps.core import clock
from apps.core.scope import scope
from tests.assessments.reviewing import others_of, seen, url
from tests.factories import agree, submit

QUEUE = reverse("review_queue")


def found(client: Client, query: str) -> list[int]:
    return [one.pk for one in client.get(f"{QUEUE}?{query}").context["page_obj"]]


def test_queue_filters_by_what_came_back_pilot_and_person(
    at_district: Client,
    submitted: Assessment,
    district_reviewer: Actor,
    street_officer: Actor,
    chuxiong: Campaign,
) -> None:
    pilot, returned, failing = others_of(3, chuxiong)
    Participation.objects.filter(pk=pilot.participation_id).update(is_pilot=True)
    Assessment.objects.filter(pk=failing.pk).update(meets_standard=False)
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        return_assessment(returned, "请补充", actor=district_reviewer)
    submit(returned)
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        claim_assessment(submitted, actor=district_reviewer)
    for query, expected in [
        ("pilot=1", {pilot.pk}),
        ("returned=1", {returned.pk}),
        ("state=fails", {failing.pk}),
        ("state=above", set()),
        ("state=fresh&pilot=1", {pilot.pk}),
        ("assignee=mine", {submitted.pk}),
        ("assignee=claimed", {submitted.pk}),
        ("assignee=free", {pilot.pk, returned.pk, failing.pk}),
        (f"assignee=u{district_reviewer.user.pk}", {submitted.pk}),
        (f"assignee=u{street_officer.user.pk}", set()),
        ("assignee=nobody&age=x", {submitted.pk, pilot.pk, returned.pk, failing.pk}),
    ]:
        assert set(found(at_district, query)) == expected, query


def test_queue_filters_by_age_in_days(at_district: Client, submitted: Assessment) -> None:
    Assessment.objects.filter(pk=submitted.pk).update(held_since=clock.now() - timedelta(days=3))
    assert [len(found(at_district, f"age={days}")) for days in (0, 1, 3, 4)] == [1, 1, 1, 0]


def test_queue_shows_and_filters_by_the_due_date(
    at_district: Client, submitted: Assessment, district_reviewer: Actor
) -> None:
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        campaign = submitted.participation.campaign
        due = dues_of(district_reviewer.jurisdiction, [campaign])[campaign.pk, 2022]
    page = at_district.get(QUEUE)
    assert (page.context["has_due"], page.context["page_obj"][0].due_on) == (True, due)
    left = (due - clock.today()).days
    for days, number in [(max(left, 0), 1), (max(left - 1, 0), 0 if left > 0 else 1)]:
        assert len(found(at_district, f"due={days}")) == number


def test_queue_sorts_by_points_and_code(at_district: Client, submitted: Assessment, chuxiong: Campaign) -> None:
    other = others_of(1, chuxiong)[0]
    Assessment.objects.filter(pk=other.pk).update(total_points=70)
    first, second = sorted([submitted, other], key=lambda one: str(one.participation.community.code))
    assert found(at_district, "sort=points") == [other.pk, submitted.pk]
    assert found(at_district, "sort=community") == [first.pk, second.pk]
    assert found(at_district, "sort=arrived") == found(at_district, "sort=x") == [submitted.pk, other.pk]


def test_queue_keeps_its_filters_for_the_way_back_and_the_next(
    at_district: Client, submitted: Assessment, chuxiong: Campaign
) -> None:
    pilot, other = others_of(2, chuxiong)
    Participation.objects.filter(pk__in=[pilot.participation_id, submitted.participation_id]).update(is_pilot=True)
    at_district.get(f"{QUEUE}?pilot=1")
    page = at_district.get(url("review", submitted))
    assert f'href="{QUEUE}?pilot=1"' in page.text
    assert (page.context["position"].size, page.context["position"].following) == (2, pilot.pk)
    # What is not in that part has its place in the whole queue.
    assert at_district.get(url("review", other)).context["position"].size == 3
    at_district.post(url("review_agree", submitted), {"seen": seen(submitted)})
    done = at_district.post(url("review_agree", pilot), {"seen": seen(pilot)})
    assert done.headers["Location"] == url("review", other)


def test_queue_narrowed_to_a_place_of_another_membership_is_forgotten(
    client_of: Callable[[Actor], Client], city_approver: Actor, submitted: Assessment
) -> None:
    client = client_of(city_approver)
    agree(submitted)
    session = client.session
    session["review_queue"] = "area=110101000000"
    session.save()
    assert client.get(url("review", submitted)).context["position"].size == 1


@pytest.mark.parametrize("tab", ["waiting", "below", "recognised"])
def test_queue_keeps_what_was_chosen_across_tabs(tab: str, at_district: Client, submitted: Assessment) -> None:
    page = at_district.get(f"{QUEUE}?tab={tab}&state=fails&q={submitted.participation.community.name}")
    assert page.status_code == 200
    assert 'name="state"' in page.text
