"""Signing in through an identity provider: the whole way, against a provider that runs here."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as configured
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import Role, SecurityPolicy, User
from apps.accounts.permissions import Actor
from tests.accounts.conftest import PASSWORD, Recorded, SignIn
from tests.accounts.oidc_provider import CLIENT, SECRET, Provider, running

LOGIN = "/accounts/oidc/sso/login/"


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    with running(Provider()) as one:
        app = {
            "provider_id": "sso",
            "name": "统一身份认证",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": one.address, "oauth_pkce_enabled": True, "scope": ["openid", "profile"]},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield one


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def visit(address: str) -> str:
    """Be the browser at the provider: return where it sends one."""
    try:
        urllib.request.build_opener(_Stay).open(address, timeout=5)
    except urllib.error.HTTPError as answer:
        return str(answer.headers["Location"])
    raise AssertionError(address)


def go(client: Client, **posted: str) -> str:
    """Press the button and sign in at the provider; return the address that one comes back to."""
    answer = client.post(LOGIN, posted)
    assert answer.status_code == 302, answer.content.decode()
    return visit(answer["Location"])


def come_back(client: Client, address: str) -> HttpResponse:
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")  # type: ignore[return-value]


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/session/").json()["user"] is not None


@pytest.fixture
def linked(street_officer: Actor) -> Actor:
    SocialAccount.objects.create(user=street_officer.user, provider="sso", uid="subject-1")
    return street_officer


def test_sign_in_page_offers_it_only_where_it_is_set_up(db: None, provider: Provider, settings: Settings) -> None:
    assert "使用统一身份认证登录" in Client().get("/accounts/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "统一身份认证" not in Client().get("/accounts/login/").content.decode()
    assert Client().get(LOGIN).status_code == 404
    assert Client().get("/accounts/oidc/sso/callback/").status_code == 404


def test_sign_in_of_a_linked_person(linked: Actor, provider: Provider, recorded: Recorded) -> None:
    client = Client()
    answer = come_back(client, go(client, next="/progress/"))
    assert (answer.status_code, answer["Location"]) == (302, "/progress/")
    assert is_signed_in(client)
    assert recorded(linked.user)[-1] == ("signed_in", "统一身份认证")
    assert set(provider.asked["scope"].split()) == {"openid", "profile"}
    assert provider.asked["code_challenge_method"] == "S256"


def test_nothing_that_the_provider_tells_is_kept(linked: Actor, provider: Provider) -> None:
    provider.claims = {"name": "张三", "email": "zhangsan@example.test", "phone_number": "13800000000"}
    client = Client()
    come_back(client, go(client))
    assert SocialAccount.objects.get().extra_data == {}
    linked.user.refresh_from_db()
    assert linked.user.display_name == "测试街道经办532301101"


def test_sign_in_of_an_unknown_person_is_refused(street_officer: Actor, provider: Provider, recorded: Recorded) -> None:
    before = User.objects.count()
    client = Client()
    answer = come_back(client, go(client))
    assert answer.status_code == 403
    assert "在本平台没有对应的用户，不能登录" in answer.content.decode()
    assert not is_signed_in(client)
    assert User.objects.count() == before
    assert recorded("subject-1") == [("sign_in_failed", "统一身份认证账号没有对应的用户")]


def test_sign_in_of_a_suspended_person_is_refused(linked: Actor, provider: Provider) -> None:
    linked.user.is_active = False
    linked.user.save()
    client = Client()
    answer = come_back(client, go(client))
    assert answer["Location"] == "/accounts/inactive/"
    assert "此账号已停用" in client.get("/accounts/inactive/").content.decode()
    assert not is_signed_in(client)


def test_claim_finds_the_person_and_links(
    street_officer: Actor, provider: Provider, settings: Settings, recorded: Recorded
) -> None:
    settings.OIDC_MATCH_CLAIM = "preferred_username"
    provider.claims = {"preferred_username": street_officer.user.username}
    client = Client()
    come_back(client, go(client))
    assert is_signed_in(client)
    assert SocialAccount.objects.get().uid == "subject-1"
    assert recorded(street_officer.user) == [("linked", ""), ("signed_in", "统一身份认证")]


def test_claim_is_not_enough_for_a_person_linked_to_another_identity(
    linked: Actor, provider: Provider, settings: Settings
) -> None:
    settings.OIDC_MATCH_CLAIM = "preferred_username"
    provider.subject, provider.claims = "subject-2", {"preferred_username": linked.user.username}
    client = Client()
    assert come_back(client, go(client)).status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize("claim", ["", "preferred_username"])
def test_missing_claim_finds_nobody(claim: str, street_officer: Actor, provider: Provider, settings: Settings) -> None:
    settings.OIDC_MATCH_CLAIM = claim
    client = Client()
    assert come_back(client, go(client)).status_code == 403


def test_claim_does_not_link_a_suspended_person(street_officer: Actor, provider: Provider, settings: Settings) -> None:
    settings.OIDC_MATCH_CLAIM = "preferred_username"
    provider.claims = {"preferred_username": street_officer.user.username}
    street_officer.user.is_active = False
    street_officer.user.save()
    client = Client()
    assert come_back(client, go(client))["Location"] == "/accounts/inactive/"
    assert not SocialAccount.objects.exists()


def _fails(client: Client, answer: HttpResponse) -> bool:
    return answer.status_code == 401 and "统一身份认证没有完成" in answer.content.decode() and not is_signed_in(client)


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "of another sign-in"},
        {"aud": "another client"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"sub": "subject-2"},
    ],
    ids=lambda wrong: str(*wrong),
)
def test_id_token_that_does_not_fit_is_refused(wrong: dict[str, object], linked: Actor, provider: Provider) -> None:
    provider.wrong = wrong
    client = Client()
    assert _fails(client, come_back(client, go(client)))


def test_id_token_of_another_key_is_refused(linked: Actor, provider: Provider) -> None:
    provider.signs_with_own_key = False
    client = Client()
    assert _fails(client, come_back(client, go(client)))


def test_user_data_of_another_person_are_refused(linked: Actor, provider: Provider) -> None:
    provider.user_data = {"sub": "subject-2"}
    client = Client()
    assert _fails(client, come_back(client, go(client)))


def test_answer_meant_for_another_browser_is_refused(linked: Actor, provider: Provider) -> None:
    mine, theirs = Client(), Client()
    address = go(mine)
    assert _fails(theirs, come_back(theirs, address))
    theirs_state = parse_qs(urlsplit(go(theirs)).query)["state"][0]
    stolen = address.partition("state=")[0] + f"state={theirs_state}"
    assert _fails(theirs, come_back(theirs, stolen))
    assert come_back(mine, address).status_code in (302, 401)


def test_answer_is_taken_once(linked: Actor, provider: Provider) -> None:
    client = Client()
    address = go(client)
    come_back(client, address)
    client.post("/accounts/logout/")
    assert _fails(client, come_back(client, address))


def test_refusal_at_the_provider_is_told(linked: Actor, provider: Provider) -> None:
    provider.refuses = "access_denied"
    client = Client()
    answer = come_back(client, go(client))
    assert answer["Location"] == "/accounts/identity/login/cancelled/"
    assert "您取消了统一身份认证" in client.get(answer["Location"]).content.decode()
    provider.refuses = "server_error"
    assert _fails(client, come_back(client, go(client)))


def test_provider_that_is_away_is_told(linked: Actor, provider: Provider) -> None:
    client = Client()
    provider.is_down = True
    assert _fails(client, client.post(LOGIN))  # type: ignore[arg-type]
    provider.is_down = False
    address = go(client)
    provider.is_down = True
    assert _fails(client, come_back(client, address))


def test_sign_in_is_not_started_by_a_link(linked: Actor, provider: Provider) -> None:
    page = Client().get(LOGIN)
    assert page.status_code == 200
    assert "即将转到统一身份认证登录" in page.content.decode()
    assert Client().get(f"{LOGIN}?process=redirect").status_code == 404
    assert Client(enforce_csrf_checks=True).post(LOGIN).status_code == 403


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/"])
def test_sign_in_leads_to_no_other_site(target: str, linked: Actor, provider: Provider) -> None:
    client = Client()
    assert come_back(client, go(client, next=target))["Location"] == "/"


def test_two_factor_is_asked_for_as_well(linked: Actor, provider: Provider, sign_in: SignIn) -> None:
    Authenticator.objects.create(user=linked.user, type="totp", data={"secret": "x"})
    client = Client()
    assert come_back(client, go(client))["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)


def test_person_links_and_unlinks_ones_own_identity(
    street_officer: Actor, provider: Provider, sign_in: SignIn, recorded: Recorded
) -> None:
    client, _ = sign_in(street_officer.user)
    assert "绑定统一身份认证" in client.get("/accounts/identity/").content.decode()
    answer = come_back(client, go(client, process="connect"))
    assert answer["Location"] == "/accounts/identity/"
    account = SocialAccount.objects.get(user=street_officer.user)
    page = client.get("/accounts/identity/").content.decode()
    assert "统一身份认证已绑定" in page
    assert "解除绑定" in page
    client.post("/accounts/identity/", {"account": account.pk})
    assert not SocialAccount.objects.exists()
    assert recorded(street_officer.user) == [("signed_in", "密码"), ("linked", ""), ("linked", "解除绑定")]


def test_linking_needs_the_password_again_when_sign_in_was_long_ago(
    street_officer: Actor, provider: Provider, sign_in: SignIn
) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=6)):
        client, _ = sign_in(street_officer.user)
    answer = client.post(LOGIN, {"process": "connect"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    client.post(answer["Location"], {"password": PASSWORD})
    assert come_back(client, go(client, process="connect"))["Location"] == "/accounts/identity/"


def test_identity_of_another_person_is_not_linked(
    linked: Actor, district_reviewer: Actor, provider: Provider, sign_in: SignIn
) -> None:
    client, _ = sign_in(district_reviewer.user)
    come_back(client, go(client, process="connect"))
    assert "已经绑定了另一个用户" in client.get("/accounts/identity/").content.decode()
    assert SocialAccount.objects.get().user == linked.user


def test_required_two_factor_comes_first_for_linked_people_too(
    make_actor: Callable[[str, Role], Actor], provider: Provider
) -> None:
    approver = make_actor("5323", Role.APPROVER)
    SocialAccount.objects.create(user=approver.user, provider="sso", uid="subject-1")
    SecurityPolicy.objects.create(jurisdiction=approver.jurisdiction, requires_two_factor=True)
    client = Client()
    come_back(client, go(client))
    assert client.get("/")["Location"] == "/accounts/2fa/totp/activate/"


def test_settings_alone_switch_it_on() -> None:
    code = (
        "import django; django.setup(); from django.conf import settings as s;"
        "app = s.SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS'][0];"
        "print(app['name'], app['client_id'], app['settings']['server_url'], s.OIDC_MATCH_CLAIM,"
        " s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "OIDC_SERVER_URL": "https://sso.example/realms/gov",
        "OIDC_CLIENT_ID": "green",
        "OIDC_CLIENT_SECRET": "secret",
        "OIDC_NAME": "省统一身份认证",
        "OIDC_MATCH_CLAIM": "preferred_username",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=configured.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == (
        "省统一身份认证 green https://sso.example/realms/gov preferred_username"
        """ ["'self'", 'https://sso.example']"""
    )
