"""What machines ask of a web process, also while the database or the cache is away."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import Settings

from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.scope import scope_all
from apps.operations.tasks import measure_work
from apps.operations.work import WaitingWork, measure
from tests.factories import enrol, fill_in, submit

BEARER = {"authorization": "Bearer metrics-of-this-test"}


@pytest.fixture
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = "metrics-of-this-test"


@pytest.fixture(autouse=True)
def nothing_measured() -> Iterator[None]:
    cache.delete("operations:work")
    yield
    cache.delete("operations:work")


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("the database is away")

    monkeypatch.setattr(connection, "cursor", refuse)


def test_both_probes_answer(db: None) -> None:
    assert Client().get("/livez").json() == {"status": "ok"}
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "cache": "ok"})


def test_without_the_database_the_process_lives_and_is_not_ready(database_away: None) -> None:
    assert Client().get("/livez").status_code == 200
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "away")


def test_without_the_cache_it_is_ready(settings: Settings, db: None) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "apps.core.cache.TolerantRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "cache": "away"})


def test_probes_are_asked_by_any_host_name_and_without_tls(settings: Settings, db: None) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
    settings.ALLOWED_HOSTS = ["lvse.example"]
    for probe in ("/livez", "/readyz"):
        assert Client().get(probe, headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert Client().get("/", headers={"host": "lvse.example"}).status_code == 301
    base = (settings.BASE_DIR / "config/settings/prod.py").read_text()
    assert 'SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$", ' in base


def test_a_probe_is_only_read(db: None) -> None:
    assert Client().post("/livez").status_code == 404


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "metrics-of-this-test"}])
def test_metrics_are_nobodys_without_the_token(token: None, db: None, headers: dict[str, str]) -> None:
    assert Client().get("/metrics", headers=headers).status_code == 404


def test_without_a_token_set_an_empty_one_reads_no_metrics(settings: Settings, db: None) -> None:
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_metrics_count_requests_by_route_and_not_by_address(token: None, db: None) -> None:
    Client().get("/communities/987654321/")
    text = Client().get("/metrics", headers=BEARER).content.decode()
    line = 'green_community_requests_total{method="GET",route="/communities/<int:pk>/",status="3xx"}'
    assert line in text
    assert "987654321" not in text
    assert 'route="/livez"' not in text


def test_what_waits_is_counted_over_all_tenants(
    token: None, community: Callable[[str], Community], chuxiong: Campaign, street_officer: Actor
) -> None:
    planned = enrol(community("532301101006"), chuxiong, 2022)
    submit(fill_in(planned, actor=street_officer), actor=street_officer)
    with scope_all():
        assert dict(measure()["reviews"]["count"]) == {"province": 0, "city": 0, "district": 1, "street": 0}
    text = Client().get("/metrics", headers=BEARER).content.decode()
    assert 'green_community_reviews_waiting{level="district"} 1.0' in text
    assert 'green_community_exports{state="waiting"} 0.0' in text


def test_beat_measures_for_the_metrics(db: None) -> None:
    assert list(WaitingWork().collect()) == []
    measure_work()
    told = {family.name for family in WaitingWork().collect()}
    assert {
        "green_community_reviews_waiting",
        "green_community_exports",
        "green_community_work_measured_at_seconds",
    } <= told


def test_an_old_measurement_is_told_no_more(db: None) -> None:
    measure_work()
    cache.delete("operations:work")
    assert list(WaitingWork().collect()) == []
