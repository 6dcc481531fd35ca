"""Two-factor sign-in: switched on, used once per code, required from above."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from apps.accounts.allauth_internals import code_of_step
from apps.accounts.domain import grant_membership
from apps.accounts.models import Membership, Role, SecurityPolicy, User
from apps.accounts.permissions import Actor
from apps.accounts.two_factor import TwoFactorAdapter
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from tests.accounts.conftest import PASSWORD, Recorded, SignIn

ACTIVATE = "/accounts/2fa/totp/activate/"


def code_of(secret: str, *, steps: int = 0) -> str:
    return code_of_step(secret, int(timezone.now().timestamp()) // 30 + steps)


def activate(client: Client) -> str:
    """Switch it on as the page asks; return the secret."""
    page = client.get(ACTIVATE).content.decode()
    found = re.search(r'class="totp-secret"[^>]*>([A-Z2-7]{32})<', page)
    assert found, page
    answer = client.post(ACTIVATE, {"code": code_of(found[1])})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    return found[1]


def codes_of(client: Client) -> list[str]:
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    return re.findall(r"<code>(\d{8})</code>", page)


def second_step(client: Client, code: str) -> int:
    return client.post("/accounts/2fa/authenticate/", {"code": code}).status_code


@pytest.fixture
def protected(city_approver: Actor, sign_in: SignIn) -> tuple[User, str, list[str]]:
    """A person with two-factor sign-in: the user, the secret, the recovery codes."""
    with time_machine.travel(timezone.now() - timedelta(minutes=5)):
        client, _ = sign_in(city_approver.user)
        secret = activate(client)
        codes = codes_of(client)
    return city_approver.user, secret, codes


def test_activation_shows_secret_and_inline_picture(city_approver: Actor, sign_in: SignIn) -> None:
    client, _ = sign_in(city_approver.user)
    page = client.get(ACTIVATE).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    assert "启用两步验证" in page


def test_activation_says_so_once(
    city_approver: Actor, sign_in: SignIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client, _ = sign_in(city_approver.user)
    secret = re.search(r"[A-Z2-7]{32}(?=<)", client.get(ACTIVATE).content.decode())
    assert secret
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(ACTIVATE, {"code": code_of(secret[0])})
    assert [str(one) for one in get_messages(answer.wsgi_request)] == ["两步验证已启用，恢复码已生成，请保存恢复码。"]
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/accounts/2fa/recovery-codes/generate/")
    assert [str(one) for one in get_messages(answer.wsgi_request)] == ["恢复码已生成，请保存。"]


def test_times_are_those_of_the_demo(
    protected: tuple[User, str, list[str]], client_of: Callable[[Actor], Client], settings: Settings
) -> None:
    user = protected[0]
    settings.CLOCK_OFFSET_SECONDS = -3 * 365 * 86400
    membership = Membership.objects.select_related("jurisdiction").get(user=user)
    client = client_of(Actor(user, membership))
    then = timezone.localtime(clock.now())
    assert (
        f"{timezone.localtime(clock.now() - timedelta(minutes=5)):%Y-%m-%d}"
        in client.get("/accounts/2fa/").content.decode()
    )
    page = client.get("/accounts/sessions/").content.decode()
    assert f"{then:%Y-%m-%d}" in page
    assert f"{timezone.localtime():%Y-%m-%d}" not in page


def test_activation_with_wrong_code_switches_nothing_on(city_approver: Actor, sign_in: SignIn) -> None:
    client, _ = sign_in(city_approver.user)
    client.get(ACTIVATE)
    answer = client.post(ACTIVATE, {"code": "000000"})
    assert "验证码不正确" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_activation_needs_the_password_again_when_sign_in_was_long_ago(city_approver: Actor, sign_in: SignIn) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=6)):
        client, _ = sign_in(city_approver.user)
    answer = client.get(ACTIVATE)
    assert answer["Location"] == f"/accounts/reauthenticate/?next={ACTIVATE.replace('/', '%2F')}"
    answer = client.post(answer["Location"], {"password": PASSWORD})
    assert answer["Location"] == ACTIVATE
    assert client.get(ACTIVATE).status_code == 200


def test_sign_in_asks_for_the_code(protected: tuple[User, str, list[str]], sign_in: SignIn, recorded: Recorded) -> None:
    user, secret, _ = protected
    client, answer = sign_in(user)
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/")["Location"] == "/accounts/login/?next=/"
    assert second_step(client, "000000") == 200
    assert second_step(client, code_of(secret)) == 302
    assert client.get("/").status_code == 200
    assert recorded(user)[1:] == [
        ("two_factor_added", ""),
        ("recovery_codes", ""),
        ("sign_in_failed", "两步验证的验证码不正确"),
        ("signed_in", "密码、两步验证"),
    ]


def test_sign_in_begun_with_the_old_password_ends_with_it(
    protected: tuple[User, str, list[str]], sign_in: SignIn, recorded: Recorded
) -> None:
    user, secret, codes = protected
    begun, _ = sign_in(user)
    here, _ = sign_in(user)
    assert second_step(here, code_of(secret)) == 302
    body = {"oldpassword": PASSWORD, "password1": "另一个长密码 2026", "password2": "另一个长密码 2026"}
    assert here.post("/accounts/password/change/", body)["Location"] == "/"
    answer = begun.post("/accounts/2fa/authenticate/", {"code": code_of(secret, steps=1)})
    assert answer["Location"] == "/"
    assert begun.get("/")["Location"] == "/accounts/login/?next=/"
    page = begun.get("/accounts/login/?next=/")
    assert page.status_code == 200
    assert page.content.decode().count("密码已修改，请重新登录。") == 1
    assert "登录已过期" not in page.content.decode()
    assert second_step(begun, codes[0]) == 302
    assert begun.get("/")["Location"] == "/accounts/login/?next=/"
    assert recorded(user)[-1] == ("sign_in_failed", "登录途中密码已修改")
    assert second_step(sign_in(user, "另一个长密码 2026")[0], codes[0]) == 302


def test_code_of_the_activation_is_taken(city_approver: Actor, sign_in: SignIn) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        client, _ = sign_in(city_approver.user)
        secret = activate(client)
        cache.clear()
        assert second_step(sign_in(city_approver.user)[0], code_of(secret)) == 200
        assert second_step(sign_in(city_approver.user)[0], code_of(secret, steps=-1)) == 200
        assert second_step(sign_in(city_approver.user)[0], code_of(secret, steps=1)) == 302


def test_code_is_taken_once_even_without_the_cache(protected: tuple[User, str, list[str]], sign_in: SignIn) -> None:
    user, secret, _ = protected
    code = code_of(secret)
    assert second_step(sign_in(user)[0], code) == 302
    assert second_step(sign_in(user)[0], code) == 200
    cache.clear()
    assert second_step(sign_in(user)[0], code) == 200
    assert second_step(sign_in(user)[0], code_of(secret, steps=-1)) == 200
    assert second_step(sign_in(user)[0], code_of(secret, steps=1)) == 302


def test_five_wrong_codes_lock_the_account(protected: tuple[User, str, list[str]], sign_in: SignIn) -> None:
    user, secret, _ = protected
    client, _ = sign_in(user)
    for _ in range(4):
        assert second_step(client, "000000") == 200
    answer = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "登录已暂停，请 10 分钟后再试" in answer.content.decode()
    answer = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert "登录已暂停" in answer.content.decode()
    assert "登录已暂停" in sign_in(user)[1].content.decode()


def test_recovery_code_is_taken_once(protected: tuple[User, str, list[str]], sign_in: SignIn) -> None:
    user, _, codes = protected
    assert len(codes) == 10
    client, _ = sign_in(user)
    assert second_step(client, codes[3]) == 302
    assert codes_of(client) == [*codes[:3], *codes[4:]]
    answer = sign_in(user)[0].post("/accounts/2fa/authenticate/", {"code": codes[3]})
    assert "恢复码不正确或已经用过，请换一个。" in answer.content.decode()
    assert "身份验证器上现在显示的" not in answer.content.decode()
    assert second_step(sign_in(user)[0], codes[4]) == 302


def test_recovery_codes_are_downloaded_and_renewed(
    protected: tuple[User, str, list[str]], sign_in: SignIn, recorded: Recorded
) -> None:
    user, secret, codes = protected
    client, _ = sign_in(user)
    second_step(client, code_of(secret))
    answer = client.get("/accounts/2fa/recovery-codes/download/")
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E6%81%A2%E5%A4%8D%E7%A0%81.txt"
    assert "no-store" in answer["Cache-Control"]
    assert all(code in answer.content.decode() for code in codes)
    client.post("/accounts/2fa/recovery-codes/generate/")
    assert not set(codes_of(client)) & set(codes)
    assert recorded(user)[-1] == ("recovery_codes", "")


def test_secrets_are_encrypted_and_survive_a_new_key(
    protected: tuple[User, str, list[str]], settings: Settings
) -> None:
    user, secret, _ = protected
    row = Authenticator.objects.get(user=user, type="totp")
    assert secret not in str(row.data)
    assert TwoFactorAdapter().decrypt(row.data["secret"]) == secret
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert TwoFactorAdapter().decrypt(row.data["secret"]) == secret
    call_command("renew_encryption", verbosity=0)
    settings.SECRET_KEY_FALLBACKS = []
    row.refresh_from_db()
    assert TwoFactorAdapter().decrypt(row.data["secret"]) == secret


def test_deactivation_removes_the_codes_too(
    protected: tuple[User, str, list[str]], sign_in: SignIn, recorded: Recorded
) -> None:
    user, secret, _ = protected
    client, _ = sign_in(user)
    second_step(client, code_of(secret))
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=user).exists()
    assert recorded(user)[-1] == ("two_factor_removed", "")


@pytest.fixture
def required(jurisdiction: Callable[[str], Jurisdiction]) -> SecurityPolicy:
    """云南省 requires it."""
    return SecurityPolicy.objects.create(jurisdiction=jurisdiction("53"), requires_two_factor=True)


def test_required_two_factor_comes_before_anything_else(
    city_approver: Actor, required: SecurityPolicy, sign_in: SignIn
) -> None:
    client, _ = sign_in(city_approver.user)
    for page in ("/", "/progress/", "/accounts/sessions/", "/accounts/2fa/"):
        assert client.get(page)["Location"] == ACTIVATE
    assert client.post("/plan/", {})["Location"] == ACTIVATE
    answer = client.get("/progress/", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "请先启用" in answer.content.decode()
    activate(client)
    assert client.get("/").status_code == 200


def test_required_two_factor_cannot_be_switched_off(
    protected: tuple[User, str, list[str]], required: SecurityPolicy, sign_in: SignIn
) -> None:
    user, secret, _ = protected
    client, _ = sign_in(user)
    second_step(client, code_of(secret))
    page = client.get("/accounts/2fa/").content.decode()
    assert "要求审批人和管理员使用两步验证，不能停用" in page
    assert "/totp/deactivate/" not in page
    assert "不能停用" in client.get("/accounts/2fa/totp/deactivate/").content.decode()
    answer = client.post("/accounts/2fa/totp/deactivate/")
    assert answer.status_code == 200
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_required_two_factor_of_another_membership_holds_too(
    protected: tuple[User, str, list[str]],
    required: SecurityPolicy,
    sign_in: SignIn,
    jurisdiction: Callable[[str], Jurisdiction],
) -> None:
    user, secret, _ = protected
    grant_membership(user, jurisdiction("5323"), Role.VIEWER)
    client, _ = sign_in(user)
    second_step(client, code_of(secret))
    viewer = Membership.objects.get(user=user, role=Role.VIEWER)
    client.post("/accounts/membership/", {"membership": viewer.pk})
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=user, type="totp").exists()


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER, Role.DEPARTMENT_REVIEWER])
def test_two_factor_is_not_required_of_others(
    role: Role, make_actor: Callable[[str, Role], Actor], required: SecurityPolicy, client_of: Callable[[Actor], Client]
) -> None:
    assert client_of(make_actor("5323", role)).get("/").status_code == 200


def test_requirement_of_one_tenant_is_not_anothers(
    stranger: Actor, required: SecurityPolicy, client_of: Callable[[Actor], Client]
) -> None:
    assert client_of(stranger).get("/").status_code == 200
