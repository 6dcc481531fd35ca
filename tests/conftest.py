"""Real branches of the tree, loaded once per database, and the people who work in them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker, Settings
from xdist.scheduler import LoadScopeScheduling

from apps.accounts.acting import acting as acting_as
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from tests.factories import made_up
from tests.template_database import ensure_template, is_there

# 楚雄州; 天津市和平区; 合肥市瑶海区; 东莞市 has no districts; the other provinces stand for themselves.
BRANCHES = "5323,120101,340102,441900"

# What one process has to take altogether: another would start a site and a browser, or build a world, of its own.
TOGETHER = ("tests/e2e/", "tests/architecture/test_access.py")

# How long an example takes is the machine's affair, which others may be using.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


class _Shares(LoadScopeScheduling):
    """Hands out test by test, the groups first; pytest-xdist's own groups are lost on pytest 9.2, which names tests otherwise."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Shares:
    return _Shares(config, log)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Call a file by its length: an archive holds the moment it was made, and every process has to call a test the same."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Make the database that every process copies: rendering the migrations takes a minute."""
    with django_db_blocker.unblock():
        if django_db_createdb or not (django_db_keepdb and is_there(connection)):
            ensure_template(connection)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Load the branches, standards and campaigns that every test finds; a test's own writes are rolled back."""
    with django_db_blocker.unblock():
        # Never into the database that somebody works with.
        assert connection.settings_dict["NAME"].startswith("test_")
        call_command("load_divisions", only=BRANCHES, verbosity=0)
        call_command("load_standards", verbosity=0)
        call_command("load_campaigns", verbosity=0)


@pytest.fixture
def jurisdiction(db: None) -> Callable[[str], Jurisdiction]:
    """Return a jurisdiction by its code, which may leave out the zeros at its end."""
    return lambda code: Jurisdiction.objects.get(code=code.ljust(12, "0"))


@pytest.fixture
def community(db: None) -> Callable[[str], Community]:
    """Return a community by its code."""
    return lambda code: Community.objects.get(code=code)


@pytest.fixture
def make_actor(db: None) -> Callable[[str, Role], Actor]:
    """Return a function that makes a person with one membership: ``make_actor("532301", Role.STAFF)``."""
    return made_up


@pytest.fixture
def street_officer(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """鹿城镇's officer, who fills in self-assessments."""
    return make_actor("532301101", Role.STREET_OFFICER)


@pytest.fixture
def district_reviewer(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄市's clerk, who plans and reviews."""
    return make_actor("532301", Role.STAFF)


@pytest.fixture
def city_approver(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄州's approver, who recognises."""
    return make_actor("5323", Role.APPROVER)


@pytest.fixture
def province_reviewer(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """云南省's approver."""
    return make_actor("53", Role.APPROVER)


@pytest.fixture
def stranger(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """天津市's approver: another tenant."""
    return make_actor("12", Role.APPROVER)


@pytest.fixture
def acting() -> Callable[[Actor], AbstractContextManager[None]]:
    """Return a function that opens a person's scope as a request does: ``with acting(street_officer): …``."""
    return acting_as


@pytest.fixture
def client_of() -> Callable[[Actor], Client]:
    """Return a function that gives a signed-in browser of a person."""

    def sign_in(actor: Actor) -> Client:
        client = Client()
        client.force_login(actor.user)
        # The first request of a minute looks the session up; pages are counted without that.
        first = Client(raise_request_exception=False)
        first.cookies = client.cookies
        first.get(reverse("session_state"))
        return client

    return sign_in


@pytest.fixture
def chuxiong(db: None) -> Campaign:
    return Campaign.objects.select_related("standard", "jurisdiction").get(code="chuxiong-2021")


@pytest.fixture(autouse=True)
def _own_media(settings: Settings, tmp_path: Path) -> None:
    """Files of a test go to its own folder."""
    settings.MEDIA_ROOT = tmp_path
