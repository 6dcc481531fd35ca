"""Signing in as a browser does, and what is on record about it."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from apps.accounts.access import unknown_name
from apps.accounts.models import AccessEvent, User

PASSWORD = "测试用的密码 42"

SignIn = Callable[..., tuple[Client, HttpResponse]]
Recorded = Callable[..., list[tuple[str, str]]]


@pytest.fixture(autouse=True)
def _no_limits_of_other_tests() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def sign_in() -> SignIn:
    """Return a function that signs in with a password and gives the browser and the answer."""

    def post(user: User | str, password: str = PASSWORD, **headers: str) -> tuple[Client, HttpResponse]:
        client = Client(**headers)  # type: ignore[arg-type]
        name = user if isinstance(user, str) else user.username
        return client, client.post("/accounts/login/", {"login": name, "password": password})  # type: ignore[return-value]

    return post


@pytest.fixture
def recorded() -> Recorded:
    """Return a function that gives the records of access about a person as (kind, subject), the oldest first."""

    def read(user: User | str) -> list[tuple[str, str]]:
        events = AccessEvent.objects.order_by("pk")
        events = (
            events.filter(name=unknown_name(user), user=None) if isinstance(user, str) else events.filter(user=user)
        )
        return list(events.values_list("kind", "subject"))

    return read
