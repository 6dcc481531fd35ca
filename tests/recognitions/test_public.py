"""What everybody may read without signing in, and what nobody may."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Recognition
from apps.campaigns.notice_rules import set_notice_rules
from apps.communities.models import Community
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.recognitions import public
from apps.recognitions.demonstration_bases import name_base
from apps.recognitions.models import PublicNotice
from apps.recognitions.notices import withdraw_notice
from apps.recognitions.objections import record_objection
from tests.factories import recognised_community
from tests.recognitions.conftest import Acting, act, at

MakeActor = Callable[[str, Role], Actor]
PREFECTURE = "532300000000"


@pytest.fixture
def open_list(chuxiong: Campaign, make_actor: MakeActor, acting: Acting) -> None:
    """楚雄州 publishes its list."""
    act(
        make_actor("5323", Role.BUREAU_ADMIN), acting, set_notice_rules, chuxiong, 0, publishes_list=True, reason="测试"
    )


def test_public_pages_of_nobody_who_publishes_are_404(
    client: Client, recognised: Recognition, drafted: PublicNotice
) -> None:
    assert client.get("/public/").status_code == 200
    assert "楚雄" not in client.get("/public/").content.decode()
    for address in (f"/public/{PREFECTURE}/", "/public/999999999999/", "/public/x/", f"/public/notices/{drafted.pk}/"):
        assert client.get(address).status_code == 404
    assert client.post("/public/").status_code == 405


def test_public_notice_shows_the_list_and_nothing_of_people(
    client: Client, published: PublicNotice, held: list[Assessment], city_approver: Actor, acting: Acting
) -> None:
    entry = published.entries.order_by("assessment").first()
    act(city_approver, acting, record_objection, entry, received_on=date(2022, 8, 15), is_signed=True, text="不实反映")
    act(city_approver, acting, return_assessment, held[1], "退回补正")
    answer = client.get(reverse("public_notice", args=[published.pk]))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert all(str(one.participation.community) in page for one in held)
    assert (page.count("已移出名单"), "0878-3012345" in page) == (1, True)
    for hidden in ("不实反映", "退回补正", "异议办理", city_approver.user.display_name, "测试"):
        assert hidden not in page
    assert (answer["Cache-Control"], answer.cookies) == ("no-cache", {})
    assert answer["Content-Security-Policy"]
    assert "楚雄彝族自治州" in client.get("/public/").content.decode()


def test_public_notice_withdrawn_is_404(
    client: Client, published: PublicNotice, city_approver: Actor, acting: Acting
) -> None:
    act(city_approver, acting, withdraw_notice, published, "有误")
    assert client.get(reverse("public_notice", args=[published.pk])).status_code == 404


@pytest.mark.usefixtures("open_list")
def test_public_list_holds_what_stands_and_its_demonstration_bases(
    client: Client, recognised: Recognition, city_approver: Actor, acting: Acting
) -> None:
    facts = {"title": "示范教育基地", "document_number": "楚〔2022〕1号", "named_on": date(2022, 8, 15)}
    act(city_approver, acting, name_base, recognised, **facts)
    page = client.get(f"/public/{PREFECTURE}/").content.decode()
    assert str(recognised.community) in page
    assert "示范教育基地" in page
    assert city_approver.user.display_name not in page
    Recognition.objects.filter(pk=recognised.pk).update(revoked_at="2022-08-16T00:00:00Z", revocation_reason="不通过")
    page = client.get(f"/public/{PREFECTURE}/").content.decode()
    assert (str(recognised.community) in page, "0 个绿色社区" in page, "不通过" in page) == (False, True, False)


@pytest.mark.usefixtures("open_list")
def test_public_list_does_not_hold_what_ended_with_its_community(client: Client, recognised: Recognition) -> None:
    Recognition.objects.filter(pk=recognised.pk).update(ended_on=date(2022, 8, 15))
    page = client.get(f"/public/{PREFECTURE}/").content.decode()
    assert (str(recognised.community) in page, "0 个绿色社区" in page) == (False, True)


@pytest.mark.usefixtures("open_list")
def test_public_list_is_searched_by_name_county_and_year(client: Client, recognised: Recognition) -> None:
    def number(**query: str) -> int:
        page = client.get(f"/public/{PREFECTURE}/", query).context["page_obj"]
        return int(page.paginator.count)

    name = recognised.community.short_name
    assert (number(), number(q=name), number(q="鹿城"), number(q="没有这个")) == (1, 1, 1, 0)
    assert (number(county="532301000000"), number(county="532302000000"), number(county="110000000000")) == (1, 0, 0)
    assert (number(year="2021"), number(year="2022"), number(year="二"), number(year="99999")) == (1, 0, 0, 0)


@pytest.mark.usefixtures("open_list")
def test_public_list_asks_the_same_number_of_queries_for_more_rows(
    client: Client,
    recognised: Recognition,
    chuxiong: Campaign,
    community: Callable[[str], Community],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    with django_assert_max_num_queries(80) as few:  # type: ignore[attr-defined]
        client.get(f"/public/{PREFECTURE}/")
    with at(date(2021, 9, 2)):
        for code in ("532301101003", "532301101005"):
            recognised_community(community(code), chuxiong, 2021)
    with django_assert_max_num_queries(len(few.captured_queries)):  # type: ignore[attr-defined]
        assert client.get(f"/public/{PREFECTURE}/").context["page_obj"].paginator.count == 3


def test_signed_in_people_get_pages_that_stay_out_of_caches(
    client_of: Callable[[Actor], Client], published: PublicNotice, stranger: Actor
) -> None:
    answer = client_of(stranger).get(reverse("public_notice", args=[published.pk]))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")


def test_reading_cannot_write_and_leaves_the_transaction_as_it_was(jurisdiction: Callable[[str], Jurisdiction]) -> None:
    place, other = jurisdiction("5323"), jurisdiction("12")
    with scope(other.path):
        with pytest.raises(DatabaseError, match="read-only"), public.reading(place.path):
            Jurisdiction.objects.filter(pk=place.pk).update(name="改名")
        with public.reading(place.path):
            assert {one[:12] for one in Community.objects.values_list("path", flat=True)} == {place.path[:12]}
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only'), current_setting('app.scope_from')")
            assert cursor.fetchone() == ("off", other.path)
        assert not Community.objects.below(place.path).exists()
        with transaction.atomic():
            assert Jurisdiction.objects.filter(pk=other.pk).update(name=other.name) == 1


@pytest.mark.django_db
def test_public_pages_are_limited_by_address(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.recognitions.views import public as pages

    monkeypatch.setattr(pages, "_LIMITS", {"public": "2/m/ip"})
    assert [client.get("/public/").status_code for _ in range(3)] == [200, 200, 429]


def test_public_list_holds_what_carries_out_the_places_campaign(
    client: Client, recognised: Recognition, chuxiong: Campaign
) -> None:
    above = chuxiong.parent
    assert above is not None
    address = f"/public/{above.jurisdiction.key}/"
    assert client.get(address).status_code == 404
    Campaign.objects.filter(pk=above.pk).update(publishes_list=True)
    # Nor does the list of 楚雄州 show above, which publishes none.
    assert "0 个绿色社区" in client.get(address).content.decode()
    assert client.get(f"/public/{PREFECTURE}/").status_code == 404
    Campaign.objects.filter(pk=chuxiong.pk).update(publishes_list=True)
    assert str(recognised.community) in client.get(address).content.decode()


def test_public_notice_is_asked_for_anew_and_gone_once_withdrawn(
    client: Client, published: PublicNotice, city_approver: Actor, acting: Acting
) -> None:
    address = reverse("public_notice", args=[published.pk])
    kept = {"If-None-Match": client.get(address)["ETag"]}
    assert client.get(address, headers=kept).status_code == 304
    act(city_approver, acting, withdraw_notice, published, "有误")
    assert client.get(address, headers=kept).status_code == 404
