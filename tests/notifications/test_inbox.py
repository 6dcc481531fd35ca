"""The inbox and the bell: one's own, the unread first, read by a click, whatever the membership one acts in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.domain import grant_membership
from apps.accounts.models import AccessEvent, Membership, Role
from apps.accounts.permissions import Actor
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.models import Notification

Kind = Notification.Kind
Place = Callable[[str], Jurisdiction]
INBOX = "/notifications/"


def tell(actor: Actor, number: int = 1, **fields: object) -> Notification:
    values = {
        "kind": Kind.RETURNED,
        "title": f"退回第 {number} 件",
        "text": "材料不全\n第 5 条：缺台账",
        "url": "/reviews/",
        "created_at": clock.now() + timedelta(seconds=number),
    } | fields
    return Notification.objects.create(user=actor.user, key=f"return:{number}", **values)


def titles(client: Client, **query: str | int) -> list[str]:
    return [one.title for one in client.get(INBOX, query).context["page_obj"]]


@pytest.fixture
def client(client_of: Callable[[Actor], Client], district_reviewer: Actor) -> Client:
    return client_of(district_reviewer)


def test_list_shows_the_unread_first_and_nobody_elses(
    client: Client, district_reviewer: Actor, street_officer: Actor
) -> None:
    tell(district_reviewer, 1)
    tell(district_reviewer, 2)
    tell(district_reviewer, 3, read_at=clock.now())
    tell(street_officer, 4)
    assert titles(client) == ["退回第 2 件", "退回第 1 件", "退回第 3 件"]
    page = client.get(INBOX).text
    assert "材料不全<br>第 5 条：缺台账" in page
    assert '未读 <b class="text-danger">2</b> 条' in page


def test_list_shows_one_kind(client: Client, district_reviewer: Actor) -> None:
    tell(district_reviewer, 1)
    tell(district_reviewer, 2, kind=Kind.ARRIVED)
    response = client.get(INBOX, {"kind": "arrived"})
    assert [one.title for one in response.context["page_obj"]] == ["退回第 2 件"]
    assert [one.value for one, _ in response.context["kinds"]] == ["returned", "arrived"]
    assert len(titles(client, kind="no")) == 2


def test_list_goes_on_in_pages(client: Client, district_reviewer: Actor) -> None:
    for number in range(31):
        tell(district_reviewer, number)
    assert (len(titles(client)), len(titles(client, page=2)), len(titles(client, page="x"))) == (30, 1, 30)


def test_list_keeps_the_number_of_queries(client: Client, district_reviewer: Actor) -> None:
    client.get(INBOX)
    counts = []
    for number in (1, 2, 3):
        tell(district_reviewer, number)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(INBOX).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[2]


def test_open_marks_as_read_and_goes_there(client: Client, district_reviewer: Actor) -> None:
    told = tell(district_reviewer, url="/reviews/")
    assert client.get(reverse("notification_open", args=[told.pk])).status_code == 405
    response = client.post(reverse("notification_open", args=[told.pk]))
    assert (response.status_code, response["Location"]) == (302, "/reviews/")
    told.refresh_from_db()
    first_read = told.read_at
    assert first_read is not None
    client.post(reverse("notification_open", args=[told.pk]))
    told.refresh_from_db()
    assert told.read_at == first_read


def test_open_acts_in_the_membership_that_it_concerns(
    client: Client, district_reviewer: Actor, jurisdiction: Place
) -> None:
    other = grant_membership(district_reviewer.user, jurisdiction("532302"), Role.STAFF)
    told = tell(district_reviewer, url=f"/reviews/?as={other.pk}")
    response = client.post(reverse("notification_open", args=[told.pk]), follow=True)
    assert response.context["actor"].membership == other
    assert f"已切换到 {other}。" in response.text
    assert AccessEvent.objects.filter(kind="membership_switched", user=district_reviewer.user).count() == 1


def test_open_says_that_the_membership_has_ended(client: Client, district_reviewer: Actor, jurisdiction: Place) -> None:
    other = grant_membership(district_reviewer.user, jurisdiction("532302"), Role.STAFF)
    told = tell(district_reviewer, url=f"/reviews/?as={other.pk}")
    Membership.objects.filter(pk=other.pk).delete()
    response = client.post(reverse("notification_open", args=[told.pk]), follow=True)
    assert response.redirect_chain == [(INBOX, 302)]
    assert "您已不在这条消息所涉及的任职单位" in response.text


@pytest.mark.parametrize("url", ["", "//elsewhere.example/", "https://elsewhere.example/"])
def test_open_stays_on_this_site(client: Client, district_reviewer: Actor, url: str) -> None:
    told = tell(district_reviewer, url=url)
    assert client.post(reverse("notification_open", args=[told.pk]))["Location"] in (INBOX, "/")


@pytest.mark.parametrize("name", ["notification_open", "notification_read"])
def test_what_another_person_was_told_is_not_found(
    client: Client, street_officer: Actor, district_reviewer: Actor, name: str
) -> None:
    told = tell(street_officer)
    assert client.post(reverse(name, args=[told.pk])).status_code == 404
    told.refresh_from_db()
    assert told.read_at is None


def test_read_one_stays_where_one_was(client: Client, district_reviewer: Actor) -> None:
    told, other = tell(district_reviewer, 1), tell(district_reviewer, 2)
    response = client.post(reverse("notification_read", args=[told.pk]), {"kind": "returned", "page": "2"})
    assert response["Location"] == "/notifications/?kind=returned&page=2"
    assert list(Notification.objects.unread()) == [other]


def test_read_all_reads_ones_own(client: Client, district_reviewer: Actor, street_officer: Actor) -> None:
    tell(district_reviewer, 1)
    tell(district_reviewer, 2)
    theirs = tell(street_officer, 3)
    response = client.post(reverse("notification_read_all"), follow=True)
    assert "已将 2 条消息标为已读。" in response.text
    assert "没有消息" not in response.text
    assert list(Notification.objects.unread()) == [theirs]
    assert "没有未读消息。" in client.post(reverse("notification_read_all"), follow=True).text


def test_bell_counts_the_unread_on_pages_and_asks_nothing_for_fragments(
    client: Client, district_reviewer: Actor
) -> None:
    assert "bell-count" not in client.get(INBOX).text
    tell(district_reviewer, 1)
    assert 'class="bell-count"' in client.get(INBOX).text
    for number in range(2, 102):
        tell(district_reviewer, number)
    assert "99+" in client.get(INBOX).text

    def asked(**headers: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/reviews/", headers=headers)
        return sum('"notifications_notification"' in one["sql"] for one in captured)

    assert (asked(), asked(**{"HX-Request": "true"})) == (1, 0)


def test_empty_inbox_says_what_will_come(client: Client) -> None:
    assert "没有消息" in client.get(INBOX).text
