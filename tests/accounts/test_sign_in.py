"""Signing in: by name and password, nobody signs up."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts.permissions import Actor

PASSWORD = "测试用的密码 42"


def test_sign_in_leads_to_the_desk(street_officer: Actor) -> None:
    client = Client()
    response = client.post("/accounts/login/", {"login": street_officer.user.username, "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"] == "/"
    page = client.get("/").content.decode()
    assert "鹿城镇" in page
    assert "街道经办" in page


def test_sign_in_with_wrong_password_says_so_in_chinese(street_officer: Actor) -> None:
    response = Client().post("/accounts/login/", {"login": street_officer.user.username, "password": "不对"})
    assert response.status_code == 200
    assert "用户名或密码" in response.content.decode() or "不正确" in response.content.decode()


def test_sign_in_goes_back_to_the_page_asked_for(street_officer: Actor) -> None:
    client = Client()
    response = client.get("/progress/")
    assert response["Location"] == "/accounts/login/?next=/progress/"
    response = client.post(response["Location"], {"login": street_officer.user.username, "password": PASSWORD})
    assert response["Location"] == "/progress/"


def test_sign_up_is_closed(db: None) -> None:
    response = Client().get("/accounts/signup/")
    assert response.status_code == 200
    assert "<form" not in response.content.decode()
    Client().post("/accounts/signup/", {"username": "x", "password1": PASSWORD, "password2": PASSWORD})
    assert Client().login(username="x", password=PASSWORD) is False


def test_sign_out_ends_the_session(client_of: Callable[[Actor], Client], street_officer: Actor) -> None:
    client = client_of(street_officer)
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_private_pages_stay_in_no_cache(client_of: Callable[[Actor], Client], street_officer: Actor) -> None:
    assert client_of(street_officer).get("/")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("page", ["email/", "confirm-email/", "password/reset/", "login/code/"])
def test_pages_that_nobody_needs_are_not_served(db: None, page: str) -> None:
    assert Client().get(f"/accounts/{page}").status_code == 404


def test_wrong_passwords_slow_down_their_account_alone(street_officer: Actor, district_reviewer: Actor) -> None:
    cache.clear()
    for _ in range(6):
        response = Client().post("/accounts/login/", {"login": street_officer.user.username, "password": "不对"})
    assert "过多" in response.content.decode()
    good = {"login": district_reviewer.user.username, "password": PASSWORD}
    assert Client().post("/accounts/login/", good).status_code == 302
    cache.clear()
