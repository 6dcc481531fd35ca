"""The OpenAPI document: without warnings, valid, and kept: whatever is asked as any role, nothing fails or answers otherwise."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from tests.api.conftest import Program, token_for
from tests.factories import enrol, fill_in, recognised_community, submit

CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_headers_conformance, response_schema_conformance),
]
ROLES = [
    ("532301101", Role.STREET_OFFICER),
    ("532301", Role.STAFF),
    ("5323", Role.APPROVER),
    ("5323", Role.BUREAU_ADMIN),
    ("5323", Role.VIEWER),
    ("5323", Role.DEPARTMENT_REVIEWER),
    ("000000000000", Role.PLATFORM_ADMIN),
    None,
]


def test_the_document_is_made_without_a_warning() -> None:
    said = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=said)
    assert said.getvalue().startswith("openapi: 3.1.0")


def test_every_operation_has_a_summary_and_an_own_name(db: None) -> None:
    document = Client().get("/api/v1/openapi.json").json()
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len(operations) > 60
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert [one["operationId"] for one in operations if not one.get("summary")] == []
    assert [one["operationId"] for one in operations if one.get("security") != [{"token": []}]] == []


def test_the_page_shows_every_operation(client_of: Callable[[Actor], Client], district_reviewer: Actor) -> None:
    client = client_of(district_reviewer)
    document = client.get("/api/v1/openapi.json").json()
    page = client.get("/api/docs/").content.decode()
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page
    assert "<script" not in page.split("<main", 1)[1].split("</main>", 1)[0]
    answer = client.get("/api/problems/stale")
    assert (answer.status_code, answer["Location"]) == (302, "/api/docs/#problem-stale")


@pytest.fixture
def world(chuxiong: Campaign, community: Callable[[str], Community]) -> None:
    recognised_community(community("532301101001"), chuxiong, 2022)
    submit(fill_in(enrol(community("532301101006"), chuxiong, 2022)))
    fill_in(enrol(community("532301101008"), chuxiong, 2022))


def test_nothing_fails_whatever_is_asked(world: None, wsgi: Any, make_actor: Callable[[str, Role], Actor]) -> None:
    """A few made-up requests for every operation, each asked as every role; what they did is undone."""
    everybody = [Program(token_for(make_actor(*who)).text).headers if who else {} for who in ROLES]
    asked = 0

    for result in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", wsgi).get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]

        @hypothesis.settings(
            max_examples=2,
            derandomize=True,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            nonlocal asked
            # Each other one: the second made-up request is for the others.
            for headers in everybody[asked // 4 % 2 :: 2]:
                asked += 1
                with transaction.atomic():
                    case.call_and_validate(headers=headers, checks=CHECKS)
                    transaction.set_rollback(True)

        ask()
    assert asked > 400
