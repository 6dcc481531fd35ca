"""Programs that ask the API: a client with a token of a person."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client

from apps.accounts.acting import acting
from apps.accounts.models import ApiToken
from apps.accounts.permissions import Actor
from apps.accounts.tokens import NewToken, make_token
from apps.core import clock

Scope = ApiToken.Scope


def token_for(actor: Actor, scope: Scope = Scope.READ_WRITE) -> NewToken:
    """A token that the person made; the first one is called 测试程序."""
    name = f"测试程序{ApiToken.objects.filter(user=actor.user).count() or ''}"
    with acting(actor):
        return make_token(actor.membership, name, scope, clock.today() + timedelta(days=30), actor=actor)


class Program:
    """Asks below /api/v1/ with a token, in JSON."""

    def __init__(self, text: str = "") -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {text}"} if text else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        asked = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method, f"/api/v1/{path}", b"" if body is None else _json(body), "application/json", headers=asked
        )

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("PUT", path, body, **headers)


def _json(body: Any) -> bytes:
    import json

    return json.dumps(body, ensure_ascii=False).encode()


@pytest.fixture
def wsgi(db: None) -> Iterator[Any]:
    """The product as a server runs it, on the test's own connection, which stays open between requests."""
    signals = (request_started, request_finished)
    for one in signals:
        one.disconnect(close_old_connections)
    yield get_wsgi_application()
    for one in signals:
        one.connect(close_old_connections)


@pytest.fixture
def program() -> Callable[..., Program]:
    """Return a function that gives a person's program: ``program(actor)``; without a person, one without a token."""

    def made(actor: Actor | None = None, scope: Scope = Scope.READ_WRITE) -> Program:
        return Program(token_for(actor, scope).text if actor else "")

    return made
