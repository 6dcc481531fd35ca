"""What a request runs as, from the session it brings."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from apps.accounts.permissions import Actor
from config.urls import urlpatterns as pages


def tell(request: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('role'), current_setting('app.scope_from'), current_setting('app.user_id'),"
            " current_setting('app.signing_in')"
        )
        return JsonResponse({"runs_as": cursor.fetchone()})


urlpatterns = [*pages, path("t/tell/", tell)]
pytestmark = pytest.mark.urls(__name__)
ClientOf = Callable[[Actor], Client]


def test_request_of_nobody_runs_as_nobody(client: Client, db: None) -> None:
    assert client.get("/t/tell/").json() == {"runs_as": ["green_community_app", "", "", "on"]}


def test_request_runs_in_the_jurisdiction_acted_in(district_reviewer: Actor, client_of: ClientOf) -> None:
    here, person = district_reviewer.jurisdiction.path, str(district_reviewer.user.pk)
    assert client_of(district_reviewer).get("/t/tell/").json() == {"runs_as": ["green_community_app", here, person, ""]}


@pytest.mark.parametrize("end", ["password", "suspended"])
def test_request_with_a_session_that_holds_no_more_runs_as_nobody(
    district_reviewer: Actor, client_of: ClientOf, end: str
) -> None:
    client = client_of(district_reviewer)
    user = district_reviewer.user
    if end == "password":
        user.set_password("另一个口令 42")
    else:
        user.is_active = False
    user.save()
    assert client.get("/t/tell/").json() == {"runs_as": ["green_community_app", "", "", "on"]}


def test_request_asks_for_its_session_once_a_minute(street_officer: Actor, client_of: ClientOf) -> None:
    client = client_of(street_officer)
    client.get("/t/tell/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/t/tell/")
    asked = [query["sql"] for query in queries if "usersessions" in query["sql"]]
    assert asked == []
    # The session, the person with their memberships and what is told; two settings of the scope around them, and the savepoint's.
    assert len([one for one in queries if one["sql"].startswith("SELECT") and "set_config" not in one["sql"]]) == 4
