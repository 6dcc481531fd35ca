"""Too many wrong passwords: the account takes no more for a while, and says so; nobody learns which names there are."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.access import unknown_name
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from tests.accounts.conftest import Recorded, SignIn

WRONG = "用户名或密码不正确，或账号已停用。"
LOCKED = "登录已暂停，请 10 分钟后再试"


def test_sign_in_failed_is_recorded_with_bureau_and_address(
    street_officer: Actor, sign_in: SignIn, recorded: Recorded
) -> None:
    _, answer = sign_in(street_officer.user, "不对")
    assert WRONG in answer.content.decode()
    assert recorded(street_officer.user) == [("sign_in_failed", "用户名或密码不正确")]
    event = AccessEvent.objects.get()
    assert (event.jurisdiction, event.address) == (street_officer.jurisdiction, "127.0.0.1")


def test_sign_in_is_refused_with_right_password_after_five_failures(
    street_officer: Actor, sign_in: SignIn, recorded: Recorded
) -> None:
    for _ in range(4):
        assert WRONG in sign_in(street_officer.user, "不对")[1].content.decode()
    page = sign_in(street_officer.user, "不对")[1].content.decode()
    assert LOCKED in page
    assert page.count("忘记密码") == 1
    _, answer = sign_in(street_officer.user)
    assert answer.status_code == 200
    assert LOCKED in answer.content.decode()
    assert [kind for kind, _ in recorded(street_officer.user)] == ["sign_in_failed"] * 5 + ["locked_out"]


def test_lock_holds_without_the_cache_and_ends_by_itself(street_officer: Actor, sign_in: SignIn) -> None:
    for _ in range(5):
        cache.clear()
        sign_in(street_officer.user, "不对")
    cache.clear()
    assert LOCKED in sign_in(street_officer.user)[1].content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        cache.clear()
        assert sign_in(street_officer.user)[1].status_code == 302


def test_lock_says_how_many_minutes_are_left(street_officer: Actor, sign_in: SignIn) -> None:
    for _ in range(5):
        sign_in(street_officer.user, "不对")
    with time_machine.travel(timezone.now() + timedelta(minutes=6, seconds=30)):
        assert "请 4 分钟后再试" in sign_in(street_officer.user)[1].content.decode()


def test_four_failures_lock_nothing(street_officer: Actor, sign_in: SignIn) -> None:
    for _ in range(4):
        sign_in(street_officer.user, "不对")
    assert sign_in(street_officer.user)[1].status_code == 302


def test_unknown_name_is_answered_and_locked_like_a_known_one(
    street_officer: Actor, sign_in: SignIn, recorded: Recorded
) -> None:
    known = [sign_in(street_officer.user, "不对")[1].content.decode() for _ in range(6)]
    unknown = [sign_in("meiyou", "不对")[1].content.decode() for _ in range(6)]
    for one, other in zip(known, unknown, strict=True):
        assert (WRONG in one, LOCKED in one) == (WRONG in other, LOCKED in other)
    assert recorded("meiyou") == [("sign_in_failed", "用户名或密码不正确")] * 5 + [
        ("locked_out", "5 次失败，暂停 10 分钟")
    ]
    assert {event.jurisdiction.code for event in AccessEvent.objects.filter(user=None)} == {"000000000000"}


def test_password_typed_as_user_name_is_kept_nowhere(street_officer: Actor, sign_in: SignIn) -> None:
    typed = "Lucheng-2026 的密码"
    for _ in range(5):
        sign_in(typed, "不对")
    assert LOCKED in sign_in(typed, "不对")[1].content.decode()
    names = set(AccessEvent.objects.filter(user=None).values_list("name", flat=True))
    assert names == {unknown_name(typed)}
    assert re.fullmatch(r"Lu…#[0-9a-f]{16}", names.pop())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_accessevent t WHERE position('cheng' in t::text) > 0")
        assert cursor.fetchone() == (0,)


def test_unknown_names_with_the_same_beginning_are_locked_each_for_itself(sign_in: SignIn, chuxiong: Campaign) -> None:
    for _ in range(5):
        sign_in("meiyou", "不对")
    assert LOCKED in sign_in("meiyou", "不对")[1].content.decode()
    assert WRONG in sign_in("meishi", "不对")[1].content.decode()


def test_longest_name_and_shortest_are_taken(sign_in: SignIn, recorded: Recorded, chuxiong: Campaign) -> None:
    for name in ("无", "长" * 150):
        sign_in(name, "不对")
        assert recorded(name) == [("sign_in_failed", "用户名或密码不正确")]


@pytest.mark.parametrize(
    "variant", [str.upper, lambda name: f"{name}\u200b", lambda name: name.replace("5", "５"), lambda name: name + "．"]
)
def test_variant_of_a_name_opens_nothing_whether_it_is_locked_or_not(
    street_officer: Actor, sign_in: SignIn, variant: Callable[[str], str]
) -> None:
    name = street_officer.user.username
    assert WRONG in sign_in(variant(name))[1].content.decode()
    for _ in range(5):
        sign_in(street_officer.user, "不对")
    assert sign_in(variant(name))[1].status_code == 200
    assert LOCKED in sign_in(street_officer.user)[1].content.decode()


@pytest.mark.parametrize("space", [" ", "\u3000", "\xa0", "\t"])
def test_spaces_around_a_name_count_as_the_name(
    street_officer: Actor, sign_in: SignIn, recorded: Recorded, space: str
) -> None:
    for _ in range(5):
        sign_in(f"{space}{street_officer.user.username}{space}", "不对")
    assert LOCKED in sign_in(street_officer.user)[1].content.decode()
    assert LOCKED in sign_in(f"{street_officer.user.username}{space}")[1].content.decode()
    assert len(recorded(street_officer.user)) == 6


def test_suspended_person_is_answered_like_an_unknown_one(street_officer: Actor, sign_in: SignIn) -> None:
    street_officer.user.is_active = False
    street_officer.user.save()
    _, answer = sign_in(street_officer.user)
    assert answer.status_code == 200
    assert WRONG in answer.content.decode()


def test_lock_of_one_account_leaves_the_bureau_at_the_same_address_alone(
    street_officer: Actor, district_reviewer: Actor, sign_in: SignIn
) -> None:
    for _ in range(9):
        sign_in(street_officer.user, "不对")
    assert sign_in(district_reviewer.user)[1].status_code == 302


def test_another_host_name_gives_no_further_tries(street_officer: Actor, sign_in: SignIn) -> None:
    for number in range(5):
        sign_in(street_officer.user, "不对", HTTP_HOST=f"host{number}.example")
    assert LOCKED in sign_in(street_officer.user)[1].content.decode()


def test_confirming_ones_identity_counts_as_well(street_officer: Actor, sign_in: SignIn, recorded: Recorded) -> None:
    client, _ = sign_in(street_officer.user)
    for _ in range(5):
        answer = client.post("/accounts/reauthenticate/", {"password": "不对"})
        assert answer.status_code == 200
    answer = client.post("/accounts/reauthenticate/", {"password": "测试用的密码 42"})
    assert "登录已暂停" in answer.content.decode()
    assert recorded(street_officer.user)[1:] == [
        *[("sign_in_failed", "确认身份时密码不正确")] * 5,
        ("locked_out", "5 次失败，暂停 10 分钟"),
    ]


def test_sign_in_and_out_are_recorded(street_officer: Actor, sign_in: SignIn, recorded: Recorded) -> None:
    client, _ = sign_in(street_officer.user)
    client.post("/accounts/logout/")
    assert recorded(street_officer.user) == [("signed_in", "密码"), ("signed_out", "")]


def test_session_key_changes_with_signing_in(street_officer: Actor) -> None:
    client = Client()
    client.session["seen"] = 1
    client.get("/accounts/login/")
    session = client.session
    session["seen"] = 1
    session.save()
    client.cookies["sessionid"] = planted = str(session.session_key)
    client.post("/accounts/login/", {"login": street_officer.user.username, "password": "测试用的密码 42"})
    assert client.cookies["sessionid"].value != planted
    client.cookies["sessionid"] = planted
    assert client.get("/").status_code == 302
