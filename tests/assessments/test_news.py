"""Two people in one form: each is told what the other changed, and nothing is overwritten."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.assessments.news import parse_numbers, parse_seen
from tests.factories import person_at, submit

HTMX = {"HX-Request": "true"}
ClientOf = Callable[[Actor], Client]


def save(client: Client, assessment: Assessment, number: int, **data: str) -> None:
    url = reverse("self_assessment_criterion", args=[assessment.pk, number])
    assert client.post(url, data, headers=HTMX).status_code == 200


def news(client: Client, assessment: Assessment, seen: str) -> Any:
    return client.get(reverse("self_assessment_news", args=[assessment.pk]), {"seen": seen}, headers=HTMX)


@pytest.fixture
def colleague(street_officer: Actor) -> Actor:
    return person_at(street_officer.jurisdiction, Role.STREET_OFFICER)


@pytest.mark.parametrize(
    ("text", "seen"),
    [("7:1,8:0", {7: 1, 8: 0}), ("", {}), ("7:1,x,8", {7: 1}), ("7:-1,99999999:1", {}), ("7:1\x00", {})],
)
def test_parse_seen_takes_pairs_alone(text: str, seen: dict[int, int]) -> None:
    assert parse_seen(text) == seen


def test_parse_numbers_takes_numbers_alone() -> None:
    assert parse_numbers("7,8,x,-1,") == [7, 8]


def test_news_tell_who_changed_what_when(
    drafted: Assessment, street_officer: Actor, colleague: Actor, client_of: ClientOf
) -> None:
    here, there = client_of(street_officer), client_of(colleague)
    assert news(here, drafted, "5:1,8:1").text.strip() == ""
    save(there, drafted, 5, seen="1", rule_2="1")
    save(here, drafted, 8, seen="1", rule_1_count="1")
    told = news(here, drafted, "5:1,8:1")
    assert told.status_code == 200
    assert "第 5 条" in told.text
    assert str(colleague.user) in told.text
    assert "第 8 条" not in told.text
    assert 'data-news-cards="5"' in told.text
    assert news(here, drafted, "5:2,8:2").text.strip() == ""


def test_news_say_that_it_was_submitted_meanwhile(
    drafted: Assessment, street_officer: Actor, colleague: Actor, client_of: ClientOf
) -> None:
    submit(drafted, actor=colleague)
    told = news(client_of(street_officer), drafted, "5:1")
    assert f"由鹿城镇 {colleague.user} 提交自评，现在由楚雄市办理" in told.text


def test_news_are_for_those_who_fill_in(
    drafted: Assessment,
    district_reviewer: Actor,
    stranger: Actor,
    client_of: ClientOf,
) -> None:
    assert news(client_of(district_reviewer), drafted, "5:1").status_code == 403
    assert news(client_of(stranger), drafted, "5:1").status_code == 404


@pytest.mark.parametrize("numbers", [[5], [5, 6, 9]])
def test_news_take_the_same_queries_for_any_number_of_criteria(
    drafted: Assessment,
    street_officer: Actor,
    colleague: Actor,
    client_of: ClientOf,
    numbers: list[int],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    here, there = client_of(street_officer), client_of(colleague)
    for number in numbers:
        save(there, drafted, number, seen="1", rule_1="1")
    with django_assert_max_num_queries(13):
        assert news(here, drafted, ",".join(f"{one}:1" for one in numbers)).status_code == 200


def test_cards_are_put_in_their_places_as_they_are_stored(
    drafted: Assessment, street_officer: Actor, colleague: Actor, client_of: ClientOf
) -> None:
    save(client_of(colleague), drafted, 5, seen="1", rule_2="1")
    here, url = client_of(street_officer), reverse("self_assessment_cards", args=[drafted.pk])
    answer = here.get(url, {"numbers": "5"}, headers=HTMX).text
    assert 'id="c5-seen" name="seen" value="2"' in answer
    assert 'id="c6-seen"' not in answer
    assert answer.count("<article") == 1
    assert here.get(url, {"numbers": ""}, headers=HTMX).text.strip() == ""
    assert here.get(url)["Location"] == reverse("self_assessment", args=[drafted.pk])
