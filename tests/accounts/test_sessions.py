"""Sessions: they rest and end, they are listed and ended, and what was taken away counts at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.devices import device_words
from apps.accounts.domain import end_membership, grant_membership
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.accounts.sessions import end_sessions_of
from apps.jurisdictions.models import Jurisdiction
from tests.accounts.conftest import Recorded, SignIn

HTMX = {"HX-Request": "true"}
ENDED = "您的登录已被结束，或账号已停用。请重新登录；登录不了的，请联系本单位管理员。"
MakeActor = Callable[[str, Role], Actor]
ClientOf = Callable[[Actor], Client]


def later(**how_long: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**how_long), tick=False)


def test_session_ends_after_a_rest_and_says_so(street_officer: Actor, sign_in: SignIn, recorded: Recorded) -> None:
    client, _ = sign_in(street_officer.user)
    with later(minutes=29):
        assert client.get("/").status_code == 200
    with later(minutes=58):
        assert client.get("/").status_code == 200
    with later(minutes=89):
        answer = client.get("/progress/")
        assert answer["Location"] == "/accounts/login/?next=/progress/"
        assert "超过 30 分钟没有操作，系统已退出登录" in client.get(answer["Location"]).content.decode()
    assert recorded(street_officer.user)[-1] == ("idled_out", "超过 30 分钟没有操作")
    assert not UserSession.objects.filter(user=street_officer.user).exists()


def test_session_ends_after_twelve_hours_of_work(street_officer: Actor, sign_in: SignIn, recorded: Recorded) -> None:
    client, _ = sign_in(street_officer.user)
    UserSession.objects.update(created_at=timezone.now() - timedelta(hours=12, seconds=1))
    assert client.get("/").status_code == 302
    assert recorded(street_officer.user)[-1] == ("idled_out", "登录已满 12 小时")


def test_session_is_not_kept_by_what_pages_ask_on_their_own(street_officer: Actor, sign_in: SignIn) -> None:
    client, _ = sign_in(street_officer.user)
    with later(minutes=20):
        assert client.get("/progress/", headers=HTMX | {"X-Background": "1"}).status_code == 302
        assert client.get("/accounts/session/").json()["left"] in (599, 600)
    with later(minutes=31):
        assert client.get("/accounts/session/").json()["user"] is None


def test_session_is_kept_by_working_on(street_officer: Actor, sign_in: SignIn) -> None:
    client, _ = sign_in(street_officer.user)
    with later(minutes=29):
        state = client.post("/accounts/session/").json()
        assert (state["user"], state["left"]) == (street_officer.user.pk, 1800)
        assert len(state["csrf"]) == 64


def test_last_seen_is_written_once_a_minute(street_officer: Actor, sign_in: SignIn) -> None:
    client, _ = sign_in(street_officer.user)
    first = UserSession.objects.get().last_seen_at
    with later(seconds=50):
        client.get("/")
    assert UserSession.objects.get().last_seen_at == first
    with later(seconds=70):
        client.get("/")
        assert UserSession.objects.get().last_seen_at == timezone.now()


def test_rest_is_as_long_as_the_setting_says(street_officer: Actor, sign_in: SignIn, settings: Settings) -> None:
    settings.IDLE_SECONDS = 300
    client, _ = sign_in(street_officer.user)
    with later(minutes=6):
        assert client.get("/").status_code == 302


def test_ended_session_answers_htmx_with_401_and_an_event(street_officer: Actor, sign_in: SignIn) -> None:
    client, _ = sign_in(street_officer.user)
    with later(minutes=31):
        answer = client.post("/plan/", {}, headers=HTMX)
    assert answer.status_code == 401
    assert answer["HX-Trigger"] == "session-ended"
    assert "登录已过期，操作没有完成" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_anonymous_htmx_and_json_get_401(db: None) -> None:
    assert Client().get("/progress/", headers=HTMX).status_code == 401
    answer = Client().get("/progress/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (401, {"detail": "登录已过期，操作没有完成。请重新登录。"})


def test_form_sent_after_the_end_leads_back_to_its_page(street_officer: Actor, sign_in: SignIn) -> None:
    client, _ = sign_in(street_officer.user)
    with later(minutes=31):
        answer = client.post("/plan/", {}, headers={"Referer": "http://testserver/plan/?year=2022#top"})
        assert answer["Location"] == "/accounts/login/?next=%2Fplan%2F%3Fyear%3D2022"
        assert "刚才提交的内容没有保存" in client.get(answer["Location"]).content.decode()
        answer = client.post("/plan/", {}, headers={"Referer": "https://elsewhere.example/x"})
        assert answer["Location"] == "/accounts/login/?next=%2F"


def test_page_of_another_person_is_not_acted_upon(
    street_officer: Actor, district_reviewer: Actor, client_of: ClientOf
) -> None:
    client = client_of(street_officer)
    own, other = str(street_officer.user.pk), str(district_reviewer.user.pk)
    assert client.get("/communities/", headers=HTMX | {"X-Page-User": own}).status_code == 200
    answer = client.get("/communities/", headers=HTMX | {"X-Page-User": other})
    assert (answer.status_code, answer["HX-Trigger"]) == (401, "session-changed")
    assert "另一位用户" in answer.content.decode()


def test_session_state_tells_nobody_anything(db: None) -> None:
    state = Client().get("/accounts/session/").json()
    assert (state["user"], state["name"], state["left"]) == (None, "", 0)


def test_sessions_are_listed_and_ended_one_by_one(street_officer: Actor, sign_in: SignIn, recorded: Recorded) -> None:
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0"
    other, _ = sign_in(street_officer.user, HTTP_USER_AGENT=edge)
    here, _ = sign_in(street_officer.user)
    page = here.get("/accounts/sessions/").content.decode()
    assert "Edge 浏览器 120，Windows 10 或 11" in page
    assert page.count("本机") == 1
    row = UserSession.objects.get(user_agent=edge)
    here.post("/accounts/sessions/end/", {"session": row.pk})
    assert other.get("/").status_code == 302
    assert here.get("/").status_code == 200
    assert recorded(street_officer.user)[-1] == ("session_ended", "Edge 浏览器 120，Windows 10 或 11")


def test_all_other_sessions_are_ended(street_officer: Actor, sign_in: SignIn, recorded: Recorded) -> None:
    others = [sign_in(street_officer.user)[0] for _ in range(3)]
    here, _ = sign_in(street_officer.user)
    here.post("/accounts/sessions/end/")
    assert [one.get("/").status_code for one in others] == [302, 302, 302]
    assert here.get("/").status_code == 200
    assert recorded(street_officer.user)[-1] == ("session_ended", "其他全部 3 处")


def test_session_of_another_person_cannot_be_ended(
    street_officer: Actor, district_reviewer: Actor, sign_in: SignIn
) -> None:
    other, _ = sign_in(district_reviewer.user)
    here, _ = sign_in(street_officer.user)
    theirs = UserSession.objects.get(user=district_reviewer.user)
    assert here.post("/accounts/sessions/end/", {"session": theirs.pk}).status_code == 404
    assert here.post("/accounts/sessions/end/", {"session": "x"}).status_code == 404
    assert other.get("/").status_code == 200


def test_role_taken_away_counts_from_the_next_request(
    street_officer: Actor, client_of: ClientOf, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    grant_membership(street_officer.user, jurisdiction("532301101"), Role.VIEWER)
    client = client_of(street_officer)
    client.post("/accounts/membership/", {"membership": street_officer.membership.pk})
    assert "街道经办" in client.get("/").content.decode()
    end_membership(street_officer.membership)
    page = client.get("/").content.decode()
    assert "您刚才使用的任职已被免去，现在的身份是鹿城镇 · 查看。" in page


def test_last_role_taken_away_leaves_nothing(street_officer: Actor, client_of: ClientOf) -> None:
    client = client_of(street_officer)
    assert client.get("/").status_code == 200
    end_membership(street_officer.membership)
    assert client.get("/").status_code == 403


def test_suspended_person_is_out_at_the_next_request(street_officer: Actor, client_of: ClientOf) -> None:
    client = client_of(street_officer)
    street_officer.user.is_active = False
    street_officer.user.save()
    assert client.get("/", headers=HTMX).status_code == 401
    assert client.get("/")["Location"] == "/accounts/login/?next=/"
    assert ENDED in client.get("/accounts/login/").content.decode()


def test_session_ended_from_elsewhere_is_told_once(street_officer: Actor, sign_in: SignIn) -> None:
    client, _ = sign_in(street_officer.user)
    end_sessions_of(street_officer.user)
    client.get("/")
    page = client.get("/accounts/login/").content.decode()
    assert page.count(ENDED) == 1
    assert page.count("忘记密码") == 1
    client.get("/")
    assert ENDED not in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("has_signed_out", [True, False])
def test_nobody_else_is_told_of_an_ended_session(has_signed_out: bool, street_officer: Actor, sign_in: SignIn) -> None:
    client = Client()
    if has_signed_out:
        client, _ = sign_in(street_officer.user)
        client.post("/accounts/logout/")
    client.get("/")
    assert ENDED not in client.get("/accounts/login/").content.decode()


def test_switch_of_membership_is_recorded(
    street_officer: Actor, client_of: ClientOf, jurisdiction: Callable[[str], Jurisdiction], recorded: Recorded
) -> None:
    viewer = grant_membership(street_officer.user, jurisdiction("532301101"), Role.VIEWER)
    client = client_of(street_officer)
    client.post("/accounts/membership/", {"membership": viewer.pk})
    client.post("/accounts/membership/", {"membership": viewer.pk})
    assert recorded(street_officer.user) == [("membership_switched", "改为 鹿城镇 · 查看")]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 6.1; rv:115.0) Gecko/20100101 Firefox/115.0", "Firefox 浏览器 115，Windows 7"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2) AppleWebKit/605 Version/17.2 Mobile Safari/604",
            "Safari 浏览器 17，iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 13; X) AppleWebKit/537 Chrome/116 MicroMessenger/8.0", "微信，安卓 13"),
        ("Mozilla/5.0 (X11; Linux x86_64) UOS Chrome/108.0 Safari/537", "Chrome 浏览器 108，统信 UOS"),
        ("curl/8.4", "curl/8.4"),
        ("", "未知设备"),
    ],
)
def test_device_is_told_in_words(user_agent: str, words: str) -> None:
    assert device_words(user_agent) == words


@pytest.mark.parametrize(
    "page", ["/accounts/sessions/", "/accounts/2fa/", "/accounts/identity/", "/accounts/signed-in/"]
)
def test_own_account_is_open_without_a_membership(page: str, street_officer: Actor, client_of: ClientOf) -> None:
    end_membership(street_officer.membership)
    assert client_of(street_officer).get(page).status_code == 200
    assert Client().get(page)["Location"] == f"/accounts/login/?next={page}"
