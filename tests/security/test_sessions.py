"""A session belongs to whoever signed in, and a request to the page that sent it."""

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.accounts.middleware import MEMBERSHIP_KEY
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, Evidence
from apps.campaigns.models import Campaign, Participation

ClientOf = Callable[[Actor], Client]
PASSWORD = "测试用的密码 42"
LOGIN = "/accounts/login/"


def sign_in(client: Client, actor: Actor) -> None:
    form = {"login": actor.user.username, "password": PASSWORD}
    assert client.post(LOGIN, form).status_code == 302
    assert client.get("/").status_code == 200


def test_sign_in_changes_the_session_and_the_token(street_officer: Actor) -> None:
    client = Client()
    client.get(LOGIN)
    client.session["planted"] = "1"
    session = client.session
    session["planted"] = "1"
    session.save()
    before, token = session.session_key, client.cookies["csrftoken"].value
    sign_in(client, street_officer)
    assert client.session.session_key != before
    assert client.cookies["csrftoken"].value != token
    assert not SessionStore().exists(str(before))


def test_session_planted_by_somebody_else_is_not_adopted(street_officer: Actor) -> None:
    made_up = "a" * 32
    client = Client()
    client.cookies["sessionid"] = made_up
    sign_in(client, street_officer)
    assert client.session.session_key != made_up
    thief = Client()
    thief.cookies["sessionid"] = made_up
    assert thief.get("/").status_code == 302


def test_session_known_to_somebody_else_does_not_follow_into_the_account(street_officer: Actor) -> None:
    thief = Client()
    session = thief.session
    session[MEMBERSHIP_KEY] = 1
    session.save()
    victim = Client()
    victim.cookies["sessionid"] = str(session.session_key)
    thief.cookies["sessionid"] = str(session.session_key)
    sign_in(victim, street_officer)
    assert thief.get("/").status_code == 302


def test_signing_in_as_another_person_keeps_nothing_of_the_first(
    street_officer: Actor, district_reviewer: Actor, chuxiong: Campaign
) -> None:
    client = Client()
    sign_in(client, street_officer)
    client.post("/campaigns/switch/", {"campaign": chuxiong.pk})
    assert "campaign_id" in client.session
    first = client.session.session_key
    client.post("/accounts/logout/")
    sign_in(client, district_reviewer)
    assert client.session.session_key != first
    assert "campaign_id" not in client.session
    assert not SessionStore().exists(str(first))


def test_signing_out_ends_the_session_on_the_server(street_officer: Actor) -> None:
    client, copy = Client(), Client()
    sign_in(client, street_officer)
    copy.cookies["sessionid"] = client.cookies["sessionid"].value
    assert copy.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert copy.get("/").status_code == 302


def test_sign_out_by_a_link_does_nothing(client_of: ClientOf, street_officer: Actor) -> None:
    client = client_of(street_officer)
    for address in ("/accounts/logout/", "/accounts/logout/?_method=POST"):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
    assert client.get("/").status_code == 200


def test_sign_in_and_out_need_the_token(strict_client_of: ClientOf, street_officer: Actor) -> None:
    form = {"login": street_officer.user.username, "password": PASSWORD}
    assert Client(enforce_csrf_checks=True).post(LOGIN, form).status_code == 403
    client = strict_client_of(street_officer)
    assert client.post("/accounts/logout/").status_code == 403
    assert client.get("/").status_code == 200


def posts(patterns: list[URLPattern | URLResolver]) -> set[str]:
    """Every address of the installation, with 1 in the place of each part that varies."""
    found: set[str] = set()
    for entry in patterns:
        prefix = str(entry.pattern)
        if isinstance(entry, URLResolver):
            found |= {prefix + rest for rest in posts(entry.url_patterns)}
        else:
            found.add(prefix)
    return found


def addresses() -> list[str]:
    filled = {re.sub(r"<(\w+:)?\w+>", "1", one) for one in posts(get_resolver().url_patterns)}
    return sorted("/" + one.replace("^", "").replace("$", "").lstrip("/") for one in filled if "(" not in one)


def forms() -> list[str]:
    """Those that look at sessions: the API does not."""
    return [one for one in addresses() if not one.startswith("/api/v1/")]


def test_addresses_are_all_of_them() -> None:
    found = addresses()
    assert "/reviews/1/recognise/" in found
    assert "/accounts/logout/" in found
    assert len(found) > 35


def test_no_address_takes_a_post_without_the_token(strict_client_of: ClientOf, street_officer: Actor) -> None:
    client = strict_client_of(street_officer)
    answers = {address: client.post(address, {"x": "1"}).status_code for address in forms()}
    assert {address: status for address, status in answers.items() if status != 403} == {}


def test_no_address_takes_a_post_with_a_token_made_up(strict_client_of: ClientOf, street_officer: Actor) -> None:
    client = strict_client_of(street_officer)
    client.cookies["csrftoken"] = "a" * 32
    form = {"csrfmiddlewaretoken": "b" * 32}
    answers = {address: client.post(address, form).status_code for address in forms()}
    assert {address: status for address, status in answers.items() if status != 403} == {}


def test_a_session_opens_nothing_of_the_api(strict_client_of: ClientOf, street_officer: Actor) -> None:
    client = strict_client_of(street_officer)
    api = [one for one in addresses() if one.startswith("/api/v1/") and not one.endswith(".json")]
    assert "/api/v1/participations/enrol" in api
    assert {address: client.post(address, {"x": "1"}).status_code for address in api} == dict.fromkeys(api, 401)


def test_post_from_another_site_is_refused(
    strict_client_of: ClientOf, street_officer: Actor, chuxiong: Campaign
) -> None:
    client = strict_client_of(street_officer)
    client.get("/", secure=True)
    form = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value, "campaign": chuxiong.pk}

    def post(**headers: str) -> int:
        return client.post("/campaigns/switch/", form, secure=True, headers=headers).status_code

    assert post(origin="https://evil.example") == 403
    assert post(origin="null") == 403
    assert post(referer="https://evil.example/") == 403
    assert post(referer="https://testserver.evil.example/") == 403
    assert post() == 403
    assert post(origin="https://testserver") == 302


def test_steps_take_no_get(client_of: ClientOf, evidence: Evidence, street_officer: Actor) -> None:
    client = client_of(street_officer)
    override = {"x-http-method-override": "POST", "x-method-override": "POST", "x-http-method": "POST"}
    for name in ("evidence_delete", "review_agree", "review_recognise", "review_return", "plan_remove", "plan_pilot"):
        address = reverse(name, args=[evidence.pk if name == "evidence_delete" else evidence.assessment_id])
        assert client.get(address, {"_method": "POST"}, headers=override).status_code == 405, name
        assert client.post(address, headers={"x-http-method-override": "GET"}).status_code != 405, name
    for name in ("switch_campaign", "switch_membership", "export_request"):
        assert client.get(reverse(name), {"_method": "POST"}, headers=override).status_code == 405, name


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_other_methods_change_nothing(
    client_of: ClientOf, drafted: Assessment, street_officer: Actor, method: str
) -> None:
    client = client_of(street_officer)
    for address in (
        reverse("self_assessment", args=[drafted.pk]),
        reverse("self_assessment_submit", args=[drafted.pk]),
    ):
        answer = getattr(client, method)(address, headers={"x-http-method-override": "POST"})
        assert answer.status_code == 405
    assert Participation.objects.get(pk=drafted.participation_id).stage == Participation.Stage.DRAFTING


def test_membership_of_somebody_else_cannot_be_taken_on(
    client_of: ClientOf, street_officer: Actor, stranger: Actor, make_actor: Callable[[str, Role], Actor]
) -> None:
    client = client_of(street_officer)
    for pk in (stranger.membership.pk, "0", "-1", "", "1 OR 1=1"):
        assert client.post("/accounts/membership/", {"membership": pk}).status_code == 404
    session = client.session
    session[MEMBERSHIP_KEY] = stranger.membership.pk
    session.save()
    assert "鹿城镇" in client.get("/").text
    assert client.get("/progress/120000000000/").status_code == 404
