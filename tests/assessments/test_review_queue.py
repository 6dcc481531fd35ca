"""The queue of a reviewing level: what waits, what is elsewhere, how it is narrowed."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.assessments.models import Assessment
from apps.core.scope import scope
from tests.factories import agree

ClientOf = Callable[[Actor], Client]


def test_review_queue_shows_what_waits(at_district: Client, submitted: Assessment) -> None:
    page = at_district.get(reverse("review_queue"))
    assert [one.pk for one in page.context["page_obj"]] == [submitted.pk]
    assert {name: count for name, _, count in page.context["tabs"]} == {
        "waiting": 1,
        "below": 0,
        "above": 0,
        "returned": 0,
        "recognised": 0,
    }
    text = page.content.decode()
    assert "龙江社区" in text
    assert "今天" in text
    assert "第 1 次" in text


def test_review_queue_follows_the_assessment(
    at_district: Client, client_of: ClientOf, city_approver: Actor, submitted: Assessment
) -> None:
    at_city = client_of(city_approver)

    def counts(client: Client) -> dict[str, int]:
        page = client.get(reverse("review_queue"))
        return {name: count for name, _, count in page.context["tabs"] if count}

    assert (counts(at_district), counts(at_city)) == ({"waiting": 1}, {"below": 1})
    agree(submitted)
    assert (counts(at_district), counts(at_city)) == ({"above": 1}, {"waiting": 1})
    with scope(city_approver.jurisdiction.path, user_id=city_approver.user.pk):
        return_assessment(submitted, "请核实", actor=city_approver)
    assert (counts(at_district), counts(at_city)) == ({"waiting": 1}, {"returned": 1})


def test_review_queue_filters_by_area_name_and_campaign(at_district: Client, submitted: Assessment) -> None:
    queue = reverse("review_queue")
    for query, found in [
        ("?q=龙江", 1),
        ("?q=532301101006", 1),
        ("?q=东兴", 0),
        ("?area=532301101000", 1),
        ("?area=532301102000", 0),
        ("?of=chuxiong-2021", 1),
        ("?of=tianjin-2020", 0),
    ]:
        assert len(at_district.get(queue + query).context["page_obj"]) == found, query
    assert at_district.get(queue + "?area=110101000000").status_code == 404
