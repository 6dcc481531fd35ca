"""Changing a password: the first one at once, every one with consequences."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client

from apps.accounts.permissions import Actor
from tests.accounts.conftest import PASSWORD, Recorded, SignIn

NEW = "另一个长密码 2026"


def change(client: Client, new: str, *, old: str = PASSWORD, again: str | None = None) -> HttpResponse:
    body = {"oldpassword": old, "password1": new, "password2": new if again is None else again}
    return client.post("/accounts/password/change/", body)  # type: ignore[return-value]


@pytest.fixture
def newcomer(street_officer: Actor) -> Actor:
    street_officer.user.must_change_password = True
    street_officer.user.save()
    return street_officer


def test_first_password_is_changed_before_anything_else(newcomer: Actor, sign_in: SignIn) -> None:
    client, answer = sign_in(newcomer.user)
    assert client.get(answer["Location"])["Location"] == "/accounts/password/change/"
    for page in ("/progress/", "/accounts/sessions/", "/accounts/2fa/"):
        assert client.get(page)["Location"] == "/accounts/password/change/"
    assert client.post("/plan/", {})["Location"] == "/accounts/password/change/"
    page = client.get("/accounts/password/change/").content.decode()
    assert "请先修改密码" in page
    assert 'aria-label="我的账号"' not in page
    answer = change(client, NEW)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    newcomer.user.refresh_from_db()
    assert newcomer.user.must_change_password is False


def test_first_password_is_asked_for_in_words_behind_the_scenes(newcomer: Actor, sign_in: SignIn) -> None:
    client, _ = sign_in(newcomer.user)
    answer = client.get("/progress/", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "data-problem" in answer.content.decode()
    assert "请先修改密码" in answer.content.decode()
    answer = client.get("/progress/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (403, {"detail": "您还在使用初始密码，请先修改密码。"})


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (PASSWORD, "新密码不能与现在的密码相同"),
        ("532301101-street_officer", "密码与用户名太相似"),
        ("测试街道经办532301101", "太相似，请另设一个"),
        ("81726354819", "密码只包含数字"),
        ("password123456", "常见"),
        ("短密码", "密码太短，至少要有 10 个字符"),
        ("aaaaaaaaaaaa", "密码重复的字符太多，至少要有 5 种不同的字符"),
        ("1212abAB1212", "密码重复的字符太多"),
    ],
)
def test_change_password_refuses_a_weak_one_in_chinese(
    new: str, words: str, street_officer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    answer = change(client_of(street_officer), new)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    street_officer.user.refresh_from_db()
    assert street_officer.user.check_password(PASSWORD)


def test_change_password_needs_the_present_one_and_twice_the_same(
    street_officer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    client = client_of(street_officer)
    assert 'aria-label="我的账号"' in client.get("/accounts/password/change/").content.decode()
    assert "当前密码不正确" in change(client, NEW, old="不对").content.decode()
    assert "两次输入的新密码不一致" in change(client, NEW, again=NEW + "！").content.decode()


def test_change_password_with_wrong_present_one_is_recorded_and_locks(
    street_officer: Actor, sign_in: SignIn, recorded: Recorded
) -> None:
    client, _ = sign_in(street_officer.user)
    for _ in range(4):
        page = change(client, NEW, old="不对").content.decode()
        assert "当前密码不正确" in page
        assert "登录已暂停" not in page
    assert "登录已暂停，请 10 分钟后再试" in change(client, NEW, old="不对").content.decode()
    # Without allauth's own limit in front of it.
    cache.clear()
    assert "登录已暂停" in change(client, NEW).content.decode()
    failed = ("sign_in_failed", "修改密码时原密码不正确")
    assert recorded(street_officer.user)[1:] == [failed] * 5 + [("locked_out", "5 次失败，暂停 10 分钟")]
    assert "登录已暂停" in sign_in(street_officer.user)[1].content.decode()
    street_officer.user.refresh_from_db()
    assert street_officer.user.check_password(PASSWORD)


@pytest.mark.parametrize("old", ["", "不对"])
def test_change_password_does_not_tell_the_present_one_to_who_does_not_know_it(
    old: str, street_officer: Actor, sign_in: SignIn
) -> None:
    client, _ = sign_in(street_officer.user)
    assert "不能与现在的密码相同，请" not in change(client, PASSWORD, old=old).content.decode()


def test_change_password_ends_the_other_sessions_and_is_recorded(
    street_officer: Actor, sign_in: SignIn, recorded: Recorded
) -> None:
    other, here = sign_in(street_officer.user)[0], sign_in(street_officer.user)[0]
    assert other.get("/").status_code == 200
    change(here, NEW)
    assert other.get("/")["Location"] == "/accounts/login/?next=/"
    assert "密码已修改" in here.get("/").content.decode()
    # The session's own key has changed too: an old copy of the cookie is worth nothing.
    assert recorded(street_officer.user)[-1] == ("password_changed", "同时结束其他登录 1 处")


def test_change_password_of_the_only_session_ends_none_and_keeps_its_age(
    street_officer: Actor, sign_in: SignIn, recorded: Recorded
) -> None:
    client, _ = sign_in(street_officer.user)
    before = UserSession.objects.get(user=street_officer.user)
    UserSession.objects.filter(pk=before.pk).update(created_at=before.created_at - timedelta(hours=3))
    change(client, NEW)
    assert recorded(street_officer.user)[-1] == ("password_changed", "")
    assert client.get("/").status_code == 200
    after = UserSession.objects.get(user=street_officer.user)
    assert (after.pk, after.created_at) == (before.pk, before.created_at - timedelta(hours=3))
    assert after.session_key == client.cookies["sessionid"].value != before.session_key


def test_user_name_is_refused_as_password(street_officer: Actor) -> None:
    with pytest.raises(ValidationError):
        validate_password(street_officer.user.username, street_officer.user)


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("我的鹿城镇密码 2026", "鹿城镇"),
        ("mima-532301101-mima", "532301101"),
        ("LvSe-SheQu-2022", "lvseshequ"),
        ("这是绿色社区的密码 7", "绿色社区"),
    ],
)
def test_words_of_the_place_are_refused(street_officer: Actor, password: str, word: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, street_officer.user)
    assert refused.value.messages == [f"密码里不要有“{word}”这样容易猜到的内容。"]
    validate_password("与单位无关的一句话 8", street_officer.user)
