"""The request's transaction and scope, tried with views that know nothing of them."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import engines
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import path

from apps.accounts.domain import end_membership, grant_membership
from apps.accounts.models import AccessEvent, Membership, Role, User
from apps.accounts.permissions import Actor
from apps.communities.models import Community
from apps.core import history
from apps.core.errors import TransitionError
from apps.jurisdictions.models import Jurisdiction
from config.urls import urlpatterns as pages

ClientOf = Callable[[Actor], Client]


def naive(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Community.objects.count())


def naive_template(request: HttpRequest) -> SimpleTemplateResponse:
    template = engines["django"].from_string("{{ communities.count }}")
    return SimpleTemplateResponse(template, {"communities": Community.objects.all()})


def naive_stream(request: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        yield str(Community.objects.count())

    return StreamingHttpResponse(lines())


def write_then_fail(request: HttpRequest) -> HttpResponse:
    Community.objects.update(name="改")
    raise TransitionError("龙江社区 已提交，不能再改。")


def write_then_crash(request: HttpRequest) -> HttpResponse:
    Community.objects.update(name="改")
    raise ZeroDivisionError


def broken_statement(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM communities_community")
    return HttpResponse()


def write_impossible(request: HttpRequest) -> HttpResponse:
    Community.objects.update(name="龙江\x00社区")
    return HttpResponse()


urlpatterns = [
    *pages,
    path("t/impossible/", write_impossible),
    path("t/naive/", naive),
    path("t/template/", naive_template),
    path("t/stream/", naive_stream),
    path("t/fail/", write_then_fail),
    path("t/crash/", write_then_crash),
    path("t/broken/", broken_statement),
]

pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize("page", ["/t/naive/", "/t/template/"])
def test_naive_view_sees_the_scope_only(
    page: str, client_of: ClientOf, street_officer: Actor, district_reviewer: Actor, stranger: Actor
) -> None:
    assert client_of(street_officer).get(page).content == b"19"
    assert client_of(district_reviewer).get(page).content == b"31"
    assert client_of(stranger).get(page).content == b"64"
    assert Client().get(page).content == b"0"


def test_streaming_body_is_built_within_the_scope(client_of: ClientOf, street_officer: Actor) -> None:
    assert client_of(street_officer).get("/t/stream/").getvalue() == b"19"


def test_refused_verb_answers_in_words_and_writes_nothing(client_of: ClientOf, street_officer: Actor) -> None:
    response = client_of(street_officer).get("/t/fail/")
    assert response.status_code == 409
    assert "龙江社区 已提交，不能再改。" in response.content.decode()
    assert not Community.objects.filter(name="改").exists()


def test_refused_verb_answers_htmx_with_a_part(client_of: ClientOf, street_officer: Actor) -> None:
    response = client_of(street_officer).get("/t/fail/", headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert "<html" not in response.content.decode()


def test_value_that_the_database_cannot_hold_is_refused_in_words(client_of: ClientOf, street_officer: Actor) -> None:
    client = client_of(street_officer)
    response = client.get("/t/impossible/")
    assert response.status_code == 422
    assert "不能保存的字符" in response.content.decode()
    assert client.get("/t/naive/").content == b"19"


def test_crash_writes_nothing_and_the_connection_goes_on(client_of: ClientOf, street_officer: Actor) -> None:
    client = client_of(street_officer)
    client.raise_request_exception = False
    for page in ("/t/crash/", "/t/broken/"):
        response = client.get(page)
        assert response.status_code == 500
        assert "ZeroDivisionError" not in response.content.decode()
    assert not Community.objects.filter(name="改").exists()
    assert client.get("/t/naive/").content == b"19"


def test_membership_is_switched_and_the_scope_with_it(
    client_of: ClientOf, street_officer: Actor, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    second = grant_membership(street_officer.user, jurisdiction("5323"), Role.VIEWER)
    client = client_of(street_officer)
    assert client.get("/t/naive/").content == b"163"  # the one higher in the tree comes first
    response = client.post("/accounts/membership/", {"membership": street_officer.membership.pk})
    assert response.status_code == 302
    assert client.get("/t/naive/").content == b"19"
    client.post("/accounts/membership/", {"membership": second.pk})
    assert client.get("/t/naive/").content == b"163"


def test_membership_of_another_person_cannot_be_taken(
    client_of: ClientOf, street_officer: Actor, district_reviewer: Actor
) -> None:
    client = client_of(street_officer)
    for membership in (district_reviewer.membership.pk, 0, ""):
        assert client.post("/accounts/membership/", {"membership": membership}).status_code == 404
    assert client.post("/accounts/membership/", {"membership": "x"}).status_code == 404
    assert client.get("/t/naive/").content == b"19"


def test_person_without_membership_sees_nothing(db: None) -> None:
    client = Client()
    client.force_login(
        User.objects.create(
            username="nobody", display_name="无任职", jurisdiction=Jurisdiction.objects.get(code="530000000000")
        ),
    )
    assert client.get("/t/naive/").content == b"0"
    response = client.get("/")
    assert response.status_code == 403
    page = response.content.decode()
    assert "还没有任职单位" in page
    assert "您现在没有任职" in page
    assert 'href="/accounts/password/change/"' in page
    assert "返回工作台" not in page
    # Signing out from here takes along what was kept in the browser as well.
    assert "data-session" in page
    assert "js/session" in page


def test_grants_end_with_the_membership_but_for_another_role(
    street_officer: Actor, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    user, town = street_officer.user, jurisdiction("532301101")
    viewer = grant_membership(user, town, Role.VIEWER)
    end_membership(street_officer.membership)
    assert not Actor(user, viewer).can("self_assess")
    again = grant_membership(user, town, Role.STREET_OFFICER)
    assert grant_membership(user, town, Role.STREET_OFFICER) == again
    assert Actor(user, again).can("self_assess")
    assert Membership.objects.filter(user=user).count() == 2


def test_grant_reaches_down_the_tree_never_up_or_across(
    district_reviewer: Actor, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    assert district_reviewer.can("review_assessments", jurisdiction("532301101").path)
    assert not district_reviewer.can("review_assessments", jurisdiction("5323").path)
    assert not district_reviewer.can("review_assessments", jurisdiction("532302").path)
    assert not district_reviewer.can("recognise_communities", jurisdiction("532301").path)


def test_grant_of_another_membership_does_not_count(
    district_reviewer: Actor, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    other = grant_membership(district_reviewer.user, jurisdiction("532302"), Role.APPROVER)
    acting_elsewhere = Actor(district_reviewer.user, other)
    assert not acting_elsewhere.can("review_assessments", jurisdiction("532301101").path)
    assert acting_elsewhere.can("recognise_communities")


def test_refusal_is_recorded_though_its_transaction_is_undone(client_of: ClientOf, street_officer: Actor) -> None:
    assert client_of(street_officer).get("/reviews/").status_code == 403
    event = AccessEvent.objects.get(kind=AccessEvent.Kind.REFUSED)
    assert (event.user, event.subject, event.address) == (street_officer.user, "GET /reviews/", "127.0.0.1")
    assert (event.unit, event.role, event.path) == ("鹿城镇", Role.STREET_OFFICER, street_officer.jurisdiction.path)


def test_refusal_belongs_to_the_request_that_was_refused(
    client_of: ClientOf, street_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr("apps.accounts.permissions.Actor.can", lambda *args: seen.append(history.current()))
    assert client_of(street_officer).get("/reviews/").status_code == 403
    event = AccessEvent.objects.get(kind=AccessEvent.Kind.REFUSED)
    (facts,) = {one.id for one in seen if one is not None}
    assert event.request_id == facts
    assert history.current() is None


def test_other_answers_of_403_are_no_refusals(street_officer: Actor) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(street_officer.user)
    assert client.post("/plan/", {"community": "1"}).status_code == 403
    street_officer.user.must_change_password = True
    street_officer.user.save()
    assert client.get("/progress/", headers={"HX-Request": "true"}).status_code == 403
    assert not AccessEvent.objects.filter(kind=AccessEvent.Kind.REFUSED).exists()
