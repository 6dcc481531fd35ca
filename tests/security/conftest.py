"""Production's settings on top of the tests' ones, and an assessment at hand."""

import importlib
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from apps.accounts.permissions import Actor
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import Assessment, Evidence
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from config.settings import base
from tests.factories import enrol, fill_in

HOST = "green.example"
_ENVIRONMENT = {
    "SECRET_KEY": "for this test alone",
    "ALLOWED_HOSTS": HOST,
    "DATABASE_URL": "postgres://app@db.example/app",
    "REDIS_URL": "redis://valkey.example/0",
}


@pytest.fixture
def load_production(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """Return a function that loads production's settings anew from a given environment."""

    def load(**changed: str) -> ModuleType:
        for name, value in {**_ENVIRONMENT, **changed}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delitem(sys.modules, "config.settings.prod", raising=False)
        try:
            return importlib.import_module("config.settings.prod")
        finally:
            sys.modules.pop("config.settings.prod", None)

    return load


@pytest.fixture
def production(load_production: Callable[..., ModuleType], settings: Settings) -> Settings:
    """Everything that production sets otherwise than every installation; database, cache and files stay the tests'."""
    loaded = load_production()
    for name in dir(loaded):
        if name.isupper() and getattr(loaded, name) != getattr(base, name, None):
            setattr(settings, name, getattr(loaded, name))
    return settings


@pytest.fixture
def strict_client_of() -> Callable[[Actor], Client]:
    """Return a function that gives a signed-in browser whose requests need their CSRF token."""

    def sign_in(actor: Actor) -> Client:
        client = Client(enforce_csrf_checks=True)
        client.force_login(actor.user)
        return client

    return sign_in


@pytest.fixture
def drafted(community: Callable[[str], Community], chuxiong: Campaign, street_officer: Actor) -> Assessment:
    """龙江社区's self-assessment, filled in by 鹿城镇's officer and not submitted."""
    return fill_in(enrol(community("532301101006"), chuxiong, 2022), actor=street_officer)


@pytest.fixture
def evidence(
    drafted: Assessment, street_officer: Actor, acting: Callable[[Actor], AbstractContextManager[None]]
) -> Evidence:
    """A document behind the first criterion of that self-assessment."""
    file = SimpleUploadedFile("材料.pdf", b"%PDF-1.4\n%%EOF\n")
    with acting(street_officer):
        return attach_evidence(drafted, drafted.standard.criteria.get(number=1), file, actor=street_officer)
