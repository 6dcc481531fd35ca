"""Activating an account in a browser that nobody is signed in to."""

from collections.abc import Callable

from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Invitation, User
from apps.accounts.permissions import Actor

PASSWORD = {"password1": "测试用的登录密码 42", "password2": "测试用的登录密码 42"}


def test_link_is_taken_out_of_the_address_and_leads_to_the_password(invited: Callable[..., Invitation]) -> None:
    invitation, client = invited("ceshi-jia"), Client()
    answer = client.get(reverse("activate_with", args=[invitation.code]))
    assert (answer.status_code, answer["Location"], answer["Referrer-Policy"]) == (302, "/activate/", "no-referrer")
    page = client.get("/activate/")
    assert "测试甲" in page.content.decode()
    assert "楚雄市 · 经办人" in page.content.decode()
    before = client.session.session_key
    answer = client.post("/activate/", PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session.session_key != before
    assert client.get("/").status_code == 200
    assert (
        Client().post("/accounts/login/", {"login": "ceshi-jia", "password": PASSWORD["password1"]}).status_code == 302
    )


def test_typed_code_may_be_small_and_without_hyphens(invited: Callable[..., Invitation]) -> None:
    invitation, client = invited(), Client()
    answer = client.post("/activate/", {"code": invitation.code.lower().replace("-", "")})
    assert (answer.status_code, answer["Location"]) == (302, "/activate/")
    answer = client.post("/activate/", {"password1": "12345678901", "password2": "12345678901"})
    assert answer.status_code == 422
    answer = client.post("/activate/", PASSWORD | {"password2": "另外一个登录密码 42"})
    assert "两次输入的密码不同" in answer.content.decode()
    assert client.post("/activate/", PASSWORD).status_code == 302


def test_wrong_code_shows_nobody(invited: Callable[..., Invitation]) -> None:
    invited()
    answer = Client().post("/activate/", {"code": "AAAA-BBBB-CCCC"})
    assert answer.status_code == 422
    assert "激活凭证不对" in answer.content.decode()
    assert "测试甲" not in answer.content.decode()
    assert Client().get("/activate/").status_code == 200
    assert Client().post("/activate/").status_code == 422


def test_many_wrong_codes_are_refused_for_a_while_right_ones_are_not_counted(
    invited: Callable[..., Invitation],
) -> None:
    client = Client()
    for _ in range(30):
        assert client.post("/activate/", {"code": "AAAA-BBBB-CCCC"}).status_code == 422
    assert client.post("/activate/", {"code": "AAAA-BBBB-CCCC"}).status_code == 429
    assert client.get("/activate/AAAA-BBBB-CCCC/").status_code == 429
    assert client.get(reverse("activate_with", args=[invited().code])).status_code == 429
    other = Client(REMOTE_ADDR="192.0.2.7")
    for _ in range(40):
        assert other.post("/activate/", {"code": invited().code}).status_code == 302


def test_code_withdrawn_between_the_steps_is_refused(
    invited: Callable[..., Invitation],
) -> None:
    invitation, client = invited(), Client()
    client.post("/activate/", {"code": invitation.code})
    User.objects.filter(pk=invitation.user_id).update(is_active=False)
    Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=invitation.issued_at)
    answer = client.post("/activate/", PASSWORD)
    assert (answer.status_code, "已经作废" in answer.content.decode()) == (422, True)
    assert not User.objects.get(pk=invitation.user_id).has_usable_password()


def test_signed_in_people_are_asked_to_sign_out(
    administrator: Actor, invited: Callable[..., Invitation], client_of: Callable[[Actor], Client]
) -> None:
    client = client_of(administrator)
    client.get(reverse("activate_with", args=[invited().code]))
    page = client.get("/activate/").content.decode()
    assert "请先退出登录" in page
    assert "测试甲" not in page


def test_session_keeps_no_code(invited: Callable[..., Invitation]) -> None:
    for follow in (
        lambda client, code: client.get(reverse("activate_with", args=[code])),
        lambda client, code: client.post("/activate/", {"code": code}),
    ):
        invitation, client = invited(), Client()
        follow(client, invitation.code)
        kept = " ".join(map(str, client.session.values()))
        assert str(invitation.code_hash) in kept
        assert not any(signs in kept for signs in (invitation.code, invitation.code.replace("-", "")))


def test_link_with_an_unknown_code_leaves_no_session_and_is_counted(invited: Callable[..., Invitation]) -> None:
    invited()
    sessions = Session.objects.count()
    client = Client()
    for _ in range(30):
        answer = client.get("/activate/AAAA-BBBB-CCCC/")
        assert (answer.status_code, answer["Referrer-Policy"]) == (422, "no-referrer")
        assert "激活凭证不对" in answer.content.decode()
    assert client.get("/activate/AAAA-BBBB-CCCC/").status_code == 429
    assert Session.objects.count() == sessions
