"""No address of ours sends people on to somebody else's."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign

ClientOf = Callable[[Actor], Client]
PASSWORD = "测试用的密码 42"
ELSEWHERE = [
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "https://evil.example/",
    "http:evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "\\\\evil.example/",
    "/\\evil.example/",
    "\\/evil.example",
    "/\\/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\n//evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "//testserver@evil.example",
    "evil.example",
    "/%09/evil.example",
    "/x\r\nSet-Cookie: a=b",
]


def is_ours(location: str) -> bool:
    """Whether a browser that is sent to `location` stays with us; browsers drop tabs and line ends and turn \\ into /."""
    seen = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    return not seen.startswith("//") and ":" not in re.split(r"[/?#]", seen)[0]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_sign_in_leads_nowhere_else(street_officer: Actor, wanted: str) -> None:
    form = {"login": street_officer.user.username, "password": PASSWORD, "next": wanted}
    assert is_ours(Client().post("/accounts/login/", form)["Location"])
    del form["next"]
    response = Client().post("/accounts/login/", form, query_params={"next": wanted})
    assert is_ours(response["Location"])
    assert "Set-Cookie: a" not in str(response.headers)


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_sign_in_of_somebody_already_signed_in_leads_nowhere_else(
    client_of: ClientOf, street_officer: Actor, wanted: str
) -> None:
    response = client_of(street_officer).get("/accounts/login/", {"next": wanted})
    assert response.status_code == 302
    assert is_ours(response["Location"])


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_sign_out_leads_nowhere_else(client_of: ClientOf, street_officer: Actor, wanted: str) -> None:
    assert is_ours(client_of(street_officer).post("/accounts/logout/", {"next": wanted})["Location"])
    response = client_of(street_officer).post("/accounts/logout/", query_params={"next": wanted})
    assert is_ours(response["Location"])


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_switches_lead_nowhere_else(
    client_of: ClientOf, street_officer: Actor, chuxiong: Campaign, wanted: str
) -> None:
    client = client_of(street_officer)
    response = client.post("/campaigns/switch/", {"campaign": chuxiong.pk, "next": wanted})
    assert response.status_code == 302
    assert is_ours(response["Location"])
    form = {"membership": street_officer.membership.pk, "next": wanted}
    assert is_ours(client.post("/accounts/membership/", form)["Location"])


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example/..%2f", "/\\evil.example", "//evil.example"])
def test_paths_that_look_like_hosts_lead_nowhere_else(client_of: ClientOf, street_officer: Actor, path: str) -> None:
    for client in (Client(), client_of(street_officer)):
        response = client.get("/", PATH_INFO=path)
        assert response.status_code == 404 or is_ours(response["Location"])


def test_pages_of_ours_are_gone_back_to(client_of: ClientOf, street_officer: Actor, chuxiong: Campaign) -> None:
    response = client_of(street_officer).post(
        "/campaigns/switch/", {"campaign": chuxiong.pk, "next": "/plan/?year=2022"}
    )
    assert response["Location"] == "/plan/"


@pytest.mark.parametrize(
    ("location", "ours"),
    [
        *(("/", True), ("/plan/?at=a:b", True), ("plan", True)),
        *(("//evil.example", False), ("/\\evil", False), ("/\t/evil", False), ("https://x", False), ("http:x", False)),
    ],
)
def test_judgement_of_this_test(location: str, ours: bool) -> None:
    assert is_ours(location) is ours
