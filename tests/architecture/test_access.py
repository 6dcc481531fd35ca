"""The access matrix: every address, who gets what.

A route without a row fails. What belongs to another branch of the tree is 404, never 403: nobody learns that it exists. 403 is for
people who see the thing and may not do this with it; 409 for those whose turn it is not.
"""

from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker, Settings

from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.jurisdictions.models import Jurisdiction
from tests.architecture.access_api import ask, client_by_token
from tests.architecture.access_matrix import ACCOUNT, ADMINISTRATION, ADMINISTRATORS, ANYBODY, API, PEOPLE, WORK
from tests.architecture.access_world import World, body_of, build_world
from tests.pages import just_signed_in


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def _own_media(settings: Settings, media: Path) -> None:
    """The world's files are there for every column."""
    settings.MEDIA_ROOT = media


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker, media: Path) -> Iterator[World]:
    """Built once: each column undoes what it did to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=media):
            built = build_world()
        yield built
        transaction.set_rollback(True)


def routes(patterns: list[URLPattern | URLResolver] | None = None) -> list[str]:
    """Every address of the installation."""
    found = []
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            found += routes(entry.url_patterns)
        else:
            found.append(entry.name or str(entry.pattern))
    return found


def test_every_route_has_a_row() -> None:
    rows = [row for table in TABLES.values() for row in table]
    assert sorted(set(routes())) == sorted({row["route"].split()[-1] for row in rows})


def _rows(table: str) -> list[dict[str, str]]:
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


TABLES = {"api": _rows(API), "work": _rows(WORK), "administration": _rows(ADMINISTRATION), "account": _rows(ACCOUNT)}
COLUMNS = [
    *((table, who, place) for table in ("work", "api") for who, place in PEOPLE.items()),
    *(("administration", who, place) for who, place in ADMINISTRATORS.items()),
    *(("account", who, place) for who, place in ANYBODY.items()),
    *((table, who, None) for table in TABLES for who in ("no membership", "nobody")),
]


@pytest.mark.parametrize(("table", "who", "place"), COLUMNS, ids=lambda value: value if isinstance(value, str) else "")
def test_each_gets_what_the_matrix_says(
    table: str,
    who: str,
    place: tuple[str, Role] | None,
    world: World,
    make_actor: Callable[[str, Role], Actor],
    client_of: Callable[[Actor], Client],
) -> None:
    client = Client()
    if place is not None:
        actor = make_actor(*place)
        client = client_by_token(actor) if table == "api" else client_of(actor)
        if table in ("work", "administration"):
            just_signed_in(client)
        if who == "suspended":
            # While the session runs: the next request is nobody's.
            User.objects.filter(pk=actor.user.pk).update(is_active=False)
    elif who == "no membership":
        home = Jurisdiction.objects.get(code="530000000000")
        user = User.objects.create(username="nobody", display_name="无任职", jurisdiction=home)
        client.force_login(user)
    got = {}
    for row in TABLES[table]:
        *method, name = row["route"].split()
        url = reverse(name, args=[world.get(word, word) for word in row["on"].split()])
        cookies = copy(client.cookies)
        with transaction.atomic():
            if table == "api":
                answer = ask(client, method[0] if method else "GET", name, url, row["on"], world)
            else:
                answer = client.post(url, body_of(name, world)) if method == ["POST"] else client.get(url)
            transaction.set_rollback(True)
        client.cookies = cookies
        got[f"{row['route']} {row['on']}"] = str(answer.status_code)
    assert got == {f"{row['route']} {row['on']}": row[who] for row in TABLES[table]}
