"""What the browser is told, exactly, under production's settings."""

import importlib
from collections.abc import Callable
from html.parser import HTMLParser
from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from tests.security.conftest import HOST

ClientOf = Callable[[Actor], Client]
PASSWORD = "测试用的密码 42"
SECURE: dict[str, Any] = {"secure": True, "headers": {"host": HOST}}

HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
        "midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=()"
    ),
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


def assert_hardened(response: Any) -> None:
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert set(response.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert "Server" not in response.headers
    assert "X-Powered-By" not in response.headers


@pytest.mark.parametrize("address", ["/accounts/login/", "/nowhere/", "/?%00", "/readyz", "/", "/static/css/theme.css"])
def test_every_answer_has_the_headers(production: Settings, db: None, address: str) -> None:
    assert_hardened(Client().get(address, **SECURE))


def test_pages_of_a_member_have_the_headers(production: Settings, client_of: ClientOf, street_officer: Actor) -> None:
    client = client_of(street_officer)
    page = client.get("/", **SECURE)
    assert page.status_code == 200
    assert_hardened(page)
    refused = client.get("/reviews/", **SECURE)
    assert refused.status_code == 403
    assert_hardened(refused)
    assert_hardened(client.post("/", {}, CONTENT_LENGTH="999999999999", **SECURE))
    assert_hardened(client.get("/", secure=True, headers={"host": "evil.example"}))


def test_failure_has_the_headers(production: Settings, client_of: ClientOf, street_officer: Actor) -> None:
    client = client_of(street_officer)
    client.raise_request_exception = False
    production.MIDDLEWARE = [*production.MIDDLEWARE, "tests.security.test_headers.failing"]
    answer = client.get("/", **SECURE)
    assert answer.status_code == 500
    assert_hardened(answer)


def failing(_: object) -> Callable[[object], HttpResponse]:
    """A middleware in whose place everything goes wrong."""

    def fail(request: object) -> HttpResponse:
        raise RuntimeError("made to fail")

    return fail


def test_cookies_are_bound_to_host_and_tls(production: Settings, street_officer: Actor) -> None:
    client = Client()
    client.get("/accounts/login/", **SECURE)
    form = {"login": street_officer.user.username, "password": PASSWORD}
    response = client.post("/accounts/login/", form, **SECURE)
    assert response.status_code == 302
    assert {"__Host-sessionid", "__Host-csrftoken"} <= set(client.cookies)
    for name, cookie in client.cookies.items():
        assert cookie["secure"], name
        assert cookie["path"] == "/", name
        assert cookie["domain"] == "", name
        assert cookie["samesite"] == "Lax", name
    assert client.cookies["__Host-sessionid"]["httponly"]
    # Scripts read the token itself, so that a page left open sends the newest one.
    assert not client.cookies["__Host-csrftoken"]["httponly"]


def test_plain_http_is_sent_to_tls(production: Settings, db: None) -> None:
    response = Client().get("/accounts/login/?next=/reports/", headers={"host": HOST})
    assert response.status_code == 301
    assert response["Location"] == f"https://{HOST}/accounts/login/?next=/reports/"
    assert Client().get("/readyz", headers={"host": HOST}).status_code == 200
    proxied = {"host": HOST, "x-forwarded-proto": "https"}
    assert Client().get("/accounts/login/", headers=proxied).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", f"{HOST}.evil.example", f"a.{HOST}", f"{HOST}@evil.example", ""])
def test_other_hosts_are_refused(production: Settings, db: None, host: str) -> None:
    response = Client().get("/accounts/login/", secure=True, headers={"host": host})
    assert response.status_code == 400
    assert "系统没有看懂这次请求" in response.text
    assert "evil" not in response.text


def test_forwarded_host_is_not_believed(production: Settings, db: None) -> None:
    headers = {"host": HOST, "x-forwarded-host": "evil.example"}
    response = Client().get("/reports/", secure=True, headers=headers)
    assert response["Location"] == "/accounts/login/?next=/reports/"
    assert "evil" not in Client().get("/accounts/login/", secure=True, headers=headers).text


@pytest.mark.parametrize("hosts", ["*", f"{HOST},*", f".{HOST}"])
def test_production_refuses_patterns_of_hosts(load_production: Callable[..., ModuleType], hosts: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS"):
        load_production(ALLOWED_HOSTS=hosts)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_production_has_no_default_for(
    load_production: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    load_production()
    monkeypatch.delenv(name)
    with pytest.raises(Exception, match=name):
        importlib.import_module("config.settings.prod")


def test_production_does_not_debug(production: Settings, load_production: Callable[..., ModuleType]) -> None:
    assert load_production().DEBUG is False
    assert load_production().DEMO is False
    assert "apps.demo" not in load_production().INSTALLED_APPS


class Inline(HTMLParser):
    """Collects what the policy would stop: scripts and styles in the page, handlers in attributes, javascript: addresses."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and not (given.get("src") or "").startswith("/static/")):
            self.found.append(tag)
        for name, value in given.items():
            if (
                name == "style"
                or name.startswith(("on", "hx-on"))
                or (value or "").strip().lower().startswith(("javascript:", "js:"))
            ):
                self.found.append(f"{tag} {name}")
            if name in ("src", "href", "action") and (value or "").startswith(("//", "http:", "https:")):
                self.found.append(f"{tag} {name}={value}")


def test_check_finds_what_the_policy_stops() -> None:
    page = (
        "<script>1</script><script src=//x.example></script><p style='a' onclick='b' hx-on:click='c'><style></style>"
        "<a href=' JavaScript:1'><p hx-vals='js:{}'><img src='http://x.example'>"
    )
    assert len(Inline(page).found) == 10


def test_pages_need_no_exception(
    client_of: ClientOf, drafted: Assessment, street_officer: Actor, district_reviewer: Actor, city_approver: Actor
) -> None:
    one = [drafted.pk]
    pages = {
        street_officer: [
            *("/", "/communities/", "/progress/532301000000/", "/assessments/", "/standards/", "/nowhere/", "/?%00"),
            reverse("self_assessment", args=one),
            reverse("self_assessment_submit", args=one),
        ],
        district_reviewer: ["/plan/", "/reviews/", reverse("review", args=one)],
        city_approver: [
            *("/reports/", "/campaigns/", "/campaigns/chuxiong-2021/", "/progress/532300000000/", "/accounts/logout/"),
            reverse("community_detail", args=[drafted.participation.community_id]),
        ],
    }
    found = {}
    for actor, addresses in pages.items():
        client = client_of(actor)
        for address in addresses:
            response = client.get(address)
            assert response["Content-Type"].startswith("text/html")
            found[address] = Inline(response.text).found
    found["sign-in"] = Inline(Client().get("/accounts/login/").text).found
    assert {address: what for address, what in found.items() if what} == {}
