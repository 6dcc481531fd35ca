"""Tokens: who acts by them, and when they are refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from apps.accounts.acting import acting
from apps.accounts.models import AccessEvent, ApiToken, Role, User
from apps.accounts.permissions import Actor
from apps.accounts.tokens import make_token, revoke_token
from apps.core import clock
from apps.core.errors import InvalidInput
from apps.people.departing import suspend_person
from tests.api.conftest import Program, Scope, token_for

Make = Callable[..., Program]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def test_a_token_acts_in_its_membership(program: Make, district_reviewer: Actor) -> None:
    answer = program(district_reviewer).get("divisions", code="532301000000")
    assert answer.status_code == 200
    assert [one["name"] for one in answer.json()["results"]] == ["楚雄市"]
    assert answer["Cache-Control"] == "private, no-store"


def test_nobody_without_a_token(program: Make, db: None) -> None:
    answer = program().get("divisions")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.json() == answer.json() | {
        "type": "/api/problems/not-authenticated",
        "title": "没有带接口令牌",
        "status": 401,
        "code": "not-authenticated",
        "errors": [],
    }


def test_a_session_is_no_token(client_of: Callable[[Actor], Client], district_reviewer: Actor) -> None:
    assert client_of(district_reviewer).get("/api/v1/divisions").status_code == 401


def test_only_the_digest_is_kept(district_reviewer: Actor) -> None:
    made = token_for(district_reviewer)
    row = ApiToken.objects.values().get(pk=made.token.pk)
    assert made.text.startswith(row["prefix"])
    assert made.text not in str(row)
    event = ApiToken.pgh_event_model.objects.values().get()  # type: ignore[attr-defined]
    assert "digest" not in event


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"expires_at": timedelta(seconds=-1)}, "token-expired"),
        ({"revoked_at": timedelta()}, "token-revoked"),
    ],
)
def test_a_dead_token_is_refused_and_on_record(
    district_reviewer: Actor, change: dict[str, timedelta], code: str
) -> None:
    made = token_for(district_reviewer)
    ApiToken.objects.filter(pk=made.token.pk).update(**{name: clock.now() + by for name, by in change.items()})
    for _ in range(2):
        answer = Program(made.text).get("divisions")
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert AccessEvent.objects.filter(kind="token_refused", user=district_reviewer.user).count() == 1


def test_an_unknown_token_is_refused(db: None) -> None:
    assert Program("lssq_" + "x" * 43).get("divisions").json()["code"] == "token-unknown"


def test_tokens_die_with_the_account(make_actor: Callable[[str, Role], Actor], district_reviewer: Actor) -> None:
    made, administrator = token_for(district_reviewer), make_actor("532301", Role.BUREAU_ADMIN)
    make_actor("532301", Role.APPROVER)
    with acting(administrator):
        suspend_person(district_reviewer.user, actor=administrator)
    assert Program(made.text).get("divisions").json()["code"] == "account-suspended"
    User.objects.filter(pk=district_reviewer.user.pk).update(is_active=True)
    assert Program(made.text).get("divisions").json()["code"] == "token-revoked"


def test_tokens_die_with_the_membership(district_reviewer: Actor) -> None:
    made = token_for(district_reviewer)
    district_reviewer.membership.delete()
    assert Program(made.text).get("divisions").json()["code"] == "token-unknown"


def test_an_initial_password_is_changed_first(program: Make, district_reviewer: Actor) -> None:
    asked = program(district_reviewer)
    User.objects.filter(pk=district_reviewer.user.pk).update(must_change_password=True)
    answer = asked.get("divisions")
    assert (answer.status_code, answer.json()["code"]) == (403, "password-change-required")


def test_use_is_noted_coarsely(district_reviewer: Actor) -> None:
    made = token_for(district_reviewer)
    used = []
    for _ in range(2):
        Program(made.text).get("divisions", limit=1)
        used.append(ApiToken.objects.get(pk=made.token.pk).last_used_at)
    assert used[0] == used[1] is not None


def test_a_token_lasts_a_year_at_most(district_reviewer: Actor) -> None:
    too_long = clock.today() + timedelta(days=366)
    with acting(district_reviewer), pytest.raises(InvalidInput, match="最长一年"):
        make_token(district_reviewer.membership, "程序", Scope.READ, too_long, actor=district_reviewer)
    made = token_for(district_reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.filter(pk=made.token.pk).update(expires_at=clock.now() + timedelta(days=400))


def test_revoking_twice_is_once(district_reviewer: Actor) -> None:
    made = token_for(district_reviewer)
    with acting(district_reviewer):
        first = revoke_token(made.token, actor=district_reviewer)
        assert revoke_token(made.token, actor=district_reviewer).revoked_at == first.revoked_at
    assert AccessEvent.objects.filter(kind="token_revoked").count() == 1


def test_a_token_in_the_clear_is_refused(settings: Settings, program: Make, district_reviewer: Actor) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [r"^api/v"]
    asked = program(district_reviewer)
    answer = asked.get("divisions")
    assert (answer.status_code, answer.json()["code"]) == (403, "tls-required")
    assert asked.client.get("/api/v1/divisions?limit=1", headers=asked.headers, secure=True).status_code == 200


def test_rates(settings: Settings, program: Make, district_reviewer: Actor) -> None:
    settings.API_RATES = settings.API_RATES | {"token": "2/min", "refused": "1/min"}
    asked = program(district_reviewer)
    assert [asked.get("divisions", limit=1).status_code for _ in range(3)] == [200, 200, 429]
    answer = asked.get("divisions")
    assert 0 < int(answer["Retry-After"]) <= 60
    assert answer.json()["code"] == "too-many-requests"
    assert [program().get("divisions").status_code for _ in range(2)] == [401, 429]
