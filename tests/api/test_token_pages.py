"""The pages of tokens: one's own, and those of the unit with other systems."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from apps.accounts.acting import acting
from apps.accounts.models import AccessEvent, ApiToken, Membership, Role, User
from apps.accounts.permissions import Actor
from apps.core import clock
from apps.core.errors import TransitionError
from apps.people.inviting import issue_code, reset_sign_in
from apps.people.systems import roles_for_systems
from tests.api.conftest import Program, token_for
from tests.pages import just_signed_in
from tests.pages import text as text_of


def form(**changed: Any) -> dict[str, Any]:
    return {"name": "市数据平台", "scope": "read", "expires_on": clock.today() + timedelta(days=90)} | changed


@pytest.fixture
def administrator(make_actor: Callable[[str, Role], Actor]) -> Actor:
    return make_actor("532301", Role.BUREAU_ADMIN)


def shown_in(page: str) -> str:
    return page.split('id="token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]


def test_a_token_is_shown_once(client_of: Callable[[Actor], Client], district_reviewer: Actor) -> None:
    client = just_signed_in(client_of(district_reviewer))
    answer = client.post("/accounts/tokens/add/", form())
    text = shown_in(answer.content.decode())
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert Program(text).get("divisions", limit=1).status_code == 200
    page = client.get("/accounts/tokens/").content.decode()
    assert text not in page
    assert text[:10] in page
    assert AccessEvent.objects.get(kind="token_made").subject.endswith(f"市数据平台，只读取，{text[:10]}…")
    # The form sent twice makes one.
    again = client.post("/accounts/tokens/add/", form())
    assert (again.status_code, ApiToken.objects.count()) == (422, 1)
    assert "已有用途为“市数据平台”的有效令牌" in text_of(again)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "请填写用途"),
        ({"expires_on": "2020-01-01"}, "有效期 2020-01-01 不对"),
        ({"expires_on": "明天"}, "不是日期"),
        ({"scope": "all"}, "没有“all”这个选项"),
    ],
)
def test_what_no_token_can_be(
    client_of: Callable[[Actor], Client], district_reviewer: Actor, changed: dict[str, str], words: str
) -> None:
    answer = just_signed_in(client_of(district_reviewer)).post("/accounts/tokens/add/", form(**changed))
    assert (answer.status_code, ApiToken.objects.count()) == (422, 0)
    assert words in text_of(answer)


def test_the_password_is_asked_for_again(client_of: Callable[[Actor], Client], district_reviewer: Actor) -> None:
    client = client_of(district_reviewer)
    answer = client.get("/accounts/tokens/add/")
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/accounts/reauthenticate/?next=%2Faccounts%2Ftokens%2Fadd%2F",
    )


def test_a_system_acts_and_never_signs_in(client_of: Callable[[Actor], Client], administrator: Actor) -> None:
    client = just_signed_in(client_of(administrator))
    answer = client.post("/systems/add/", form(system="数据共享平台", role="staff", scope="read_write"))
    assert answer.status_code == 200, text_of(answer)
    asked = Program(shown_in(answer.content.decode()))
    user = User.objects.get(is_system=True)
    assert (user.state, user.display_name) == (User.State.SYSTEM, "数据共享平台")
    assert asked.get("communities", limit=1).status_code == 200
    assert authenticate(username=user.username, password="") is None
    browser = Client()
    browser.force_login(user, backend="apps.accounts.backends.PersonBackend")
    assert browser.get("/").status_code == 302
    with acting(administrator):
        for verb in (issue_code, reset_sign_in):
            with pytest.raises(TransitionError, match="系统账号"):
                verb(user, actor=administrator)
    assert "系统账号" in text_of(client.get(f"/people/{user.pk}/"))
    assert not Membership.objects.effective().filter(user=user).exists()
    again = client.post("/systems/add/", form(system="数据共享平台", role="staff"))
    assert "已有名为“数据共享平台”的系统账号" in text_of(again)


def test_a_system_gets_a_further_token(client_of: Callable[[Actor], Client], administrator: Actor) -> None:
    client = just_signed_in(client_of(administrator))
    client.post("/systems/add/", form(system="数据共享平台", role="viewer"))
    held = Membership.objects.get(user__is_system=True)
    answer = client.post(f"/systems/{held.pk}/token/", form(name="换新"))
    assert Program(shown_in(answer.content.decode())).get("divisions", limit=1).status_code == 200
    assert held.api_tokens.count() == 2
    assert text_of(client.get("/systems/")).count("数据共享平台") >= 2
    User.objects.filter(pk=held.user_id).update(is_active=False)
    refused = client.post(f"/systems/{held.pk}/token/", form(name="再换"))
    assert (refused.status_code, held.api_tokens.count()) == (422, 2)
    assert "不能创建令牌" in text_of(refused)


def test_no_system_looks_after_people(administrator: Actor) -> None:
    roles = roles_for_systems(administrator)
    assert Role.STAFF in roles
    assert not {Role.BUREAU_ADMIN, Role.PLATFORM_ADMIN, Role.DEPARTMENT_REVIEWER} & set(roles)


def test_an_administrator_revokes_a_persons_token(
    client_of: Callable[[Actor], Client], administrator: Actor, district_reviewer: Actor
) -> None:
    made = token_for(district_reviewer)
    client = client_of(administrator)
    assert "测试程序" in text_of(client.get("/systems/"))
    answer = client.post(f"/accounts/tokens/{made.token.pk}/revoke/", {"next": "/systems/"})
    assert (answer.status_code, answer["Location"]) == (302, "/systems/")
    assert Program(made.text).get("divisions").json()["code"] == "token-revoked"
    away = client.post(f"/accounts/tokens/{made.token.pk}/revoke/", {"next": "https://elsewhere.example/"})
    assert away["Location"] == "/accounts/tokens/"


def test_the_list_asks_as_often_for_three_as_for_one(
    client_of: Callable[[Actor], Client], administrator: Actor, district_reviewer: Actor, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = client_of(administrator), []
    for number in (1, 2):
        for _ in range(number):
            token_for(district_reviewer)
        with CaptureQueriesContext(connection) as queries:
            client.get("/systems/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
