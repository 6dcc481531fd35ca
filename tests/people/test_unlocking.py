"""Who is locked out after wrong passwords: shown to their administrators, who may let them try again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts import lockout
from apps.accounts.models import AccessEvent, Role, User
from apps.accounts.permissions import Actor
from apps.core.errors import TransitionError
from apps.people.inviting import unlock_sign_in

Acting = Callable[[Actor], AbstractContextManager[None]]
Active = Callable[..., User]
ClientOf = Callable[[Actor], Client]

PASSWORD = "测试用的登录密码 42"
NOON = timezone.make_aware(timezone.datetime(2026, 3, 2, 12, 0))  # type: ignore[attr-defined]


def sign_in(user: User, password: str = PASSWORD) -> HttpResponse:
    return Client().post("/accounts/login/", {"login": user.username, "password": password})  # type: ignore[return-value]


def lock_out(*people: User) -> None:
    for user in people:
        for _ in range(lockout.FAILURES):
            sign_in(user, "不对")


@pytest.fixture
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.mark.usefixtures("noon")
def test_list_and_page_say_until_when_somebody_is_locked_out(
    administrator: Actor, active: Active, client_of: ClientOf
) -> None:
    locked, other = active("suo"), active("ta")
    lock_out(locked)
    client = client_of(administrator)
    rows = client.get(reverse("person_list")).context["rows"]
    until = {row["person"].username: row["locked_until"] for row in rows}
    assert (until["suo"], until["ta"]) == (NOON + timedelta(minutes=10), None)
    assert client.get(reverse("person_list")).content.decode().count("已锁定，至 12:10") == 1
    for person, said in [(locked, True), (other, False)]:
        page = client.get(reverse("person_detail", args=[person.pk])).content.decode()
        assert ("已锁定，至 12:10" in page, reverse("person_unlock", args=[person.pk]) in page) == (said, said)
    with time_machine.travel(NOON + timedelta(minutes=10), tick=False):
        assert "已锁定" not in client.get(reverse("person_list")).content.decode()


def test_list_asks_as_often_for_one_who_is_locked_out_as_for_three(
    administrator: Actor, active: Active, client_of: ClientOf
) -> None:
    client, asked, url = client_of(administrator), [], reverse("person_list")
    for number in (1, 2):
        lock_out(*[active() for _ in range(number)])
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            page = client.get(url).content.decode()
        asked.append(len(captured))
    assert (page.count("已锁定，至"), asked[0]) == (3, asked[1])


def test_unlock_lets_the_person_in_at_once_and_is_recorded(
    administrator: Actor,
    active: Active,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user, client = active("suo"), client_of(administrator)
    lock_out(user)
    assert sign_in(user).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("person_unlock", args=[user.pk]), follow=True)
    page = answer.content.decode()
    assert ("已解除测试甲的登录锁定" in page, "已锁定" in page) == (True, False)
    event = AccessEvent.objects.get(kind="unlocked")
    assert (event.user, event.subject, event.jurisdiction.name) == (administrator.user, "测试甲（suo）", "楚雄市")
    assert sign_in(user).status_code == 302


def test_unlock_starts_the_count_anew(
    administrator: Actor,
    active: Active,
    acting: Acting,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user = active()
    lock_out(user)
    with acting(administrator), django_capture_on_commit_callbacks(execute=True):
        unlock_sign_in(user, actor=administrator)
    for _ in range(lockout.FAILURES - 1):
        sign_in(user, "不对")
    assert lockout.minutes_locked(user.username) == 0
    sign_in(user, "不对")
    assert lockout.minutes_locked(user.username) == 10


def test_unlock_of_one_leaves_others_locked(administrator: Actor, active: Active, acting: Acting) -> None:
    one, other = active("suo"), active("suo-2")
    User.objects.filter(pk=one.pk).update(display_name="甲（suo-2）")
    lock_out(one, other)
    with acting(administrator):
        unlock_sign_in(one, actor=administrator)
        assert set(lockout.locked_until([one, other])) == {other.pk}
    assert (lockout.minutes_locked("suo"), lockout.minutes_locked("suo-2")) == (0, 10)


def test_unlock_of_who_is_not_locked_out_is_refused(administrator: Actor, active: Active, acting: Acting) -> None:
    user = active()
    with acting(administrator), pytest.raises(TransitionError, match="测试甲的登录没有锁定，不用解除。"):
        unlock_sign_in(user, actor=administrator)


@pytest.mark.parametrize(("code", "role"), [("532301101", Role.BUREAU_ADMIN), ("532302", Role.BUREAU_ADMIN)])
def test_unlock_below_or_beside_is_refused(
    code: str, role: Role, active: Active, make_actor: Callable[[str, Role], Actor], acting: Acting
) -> None:
    user, actor = active(), make_actor(code, role)
    lock_out(user)
    with acting(actor), pytest.raises(PermissionDenied):
        unlock_sign_in(user, actor=actor)
    assert lockout.minutes_locked(user.username) == 10


def test_unlock_of_oneself_or_without_the_verb_is_refused(
    administrator: Actor, city_approver: Actor, active: Active, acting: Acting
) -> None:
    user = active()
    lock_out(user)
    with acting(city_approver), pytest.raises(PermissionDenied):
        unlock_sign_in(user, actor=city_approver)
    with acting(administrator), pytest.raises(PermissionDenied, match="自己的账号"):
        unlock_sign_in(administrator.user, actor=administrator)
