"""Pages of people: who sees whom, what is masked, what is refused, how many queries."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.accounts.domain import grant_membership
from apps.accounts.models import AccessEvent, Invitation, Role, User
from apps.accounts.permissions import Actor
from apps.jurisdictions.models import Jurisdiction
from apps.people.inviting import open_invitation
from tests.people.conftest import FakeDuties

Acting = Callable[[Actor], AbstractContextManager[None]]
ClientOf = Callable[[Actor], Client]
Place = Callable[[str], Jurisdiction]


def test_list_shows_people_of_the_branch_with_contact_masked(
    administrator: Actor, active: Callable[..., User], stranger: Actor, client_of: ClientOf
) -> None:
    active("ceshi-jia")
    page = client_of(administrator).get(reverse("person_list")).content.decode()
    assert "ceshi-jia" in page
    assert "0878-****001" in page
    assert "c***@example.cn" in page
    assert "0878-0000001" not in page
    assert "ceshi@example.cn" not in page
    assert stranger.user.username not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["guan", "xian", "zhen"]),
        ("jurisdiction=532301000000", ["xian", "zhen"]),
        ("jurisdiction=532301000000&role=staff", ["xian"]),
        ("state=invited", ["zhen"]),
        ("state=active", ["guan", "xian"]),
        ("state=departed", []),
        ("q=zhe", ["zhen"]),
        ("q=测试甲", ["xian", "zhen"]),
        ("role=platform_admin", []),
    ],
)
def test_list_is_narrowed(
    query: str,
    found: list[str],
    administrator: Actor,
    active: Callable[..., User],
    invited: Callable[..., Invitation],
    client_of: ClientOf,
) -> None:
    User.objects.filter(pk=administrator.user.pk).update(username="guan")
    active("xian")
    invited("zhen", "532301101", Role.STREET_OFFICER)
    rows = client_of(administrator).get(f"{reverse('person_list')}?{query}").context["rows"]
    assert [row["person"].username for row in rows] == found


def test_list_asks_as_often_for_one_person_as_for_three(
    administrator: Actor,
    active: Callable[..., User],
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client, url = client_of(administrator), reverse("person_list")
    client.get(url)
    with django_assert_num_queries(_queries(client, url)):
        client.get(url)
    before = _queries(client, url)
    for _ in range(2):
        grant_membership(active(), Jurisdiction.objects.get(code="532302000000"), Role.VIEWER)
    with django_assert_num_queries(before):
        client.get(url)


def _queries(client: Client, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)


def test_download_is_masked_and_recorded(
    administrator: Actor, active: Callable[..., User], client_of: ClientOf
) -> None:
    active("ceshi-jia")
    answer = client_of(administrator).get(reverse("person_list"), {"format": "xlsx"})
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.values)  # type: ignore[union-attr]
    assert rows[2][:8] == (
        *("测试甲", "ceshi-jia", "楚雄市", "楚雄市 · 经办人", "在用", "测试科"),
        *("0878-****001", "c***@example.cn"),
    )
    event = AccessEvent.objects.get(kind="exported")
    assert (event.subject, event.jurisdiction.name) == ("楚雄彝族自治州人员名单（2 人）", "楚雄彝族自治州")


def test_person_page_shows_contact_to_the_administrator(
    administrator: Actor, active: Callable[..., User], client_of: ClientOf
) -> None:
    page = client_of(administrator).get(reverse("person_detail", args=[active().pk])).content.decode()
    assert "0878-0000001" in page
    assert "办理离岗" in page


def test_person_outside_is_not_found_and_others_may_not_look(
    county_administrator: Actor,
    city_approver: Actor,
    active: Callable[..., User],
    stranger: Actor,
    client_of: ClientOf,
) -> None:
    inside, beside = active(), active(code="532302")
    client = client_of(county_administrator)
    assert client.get(reverse("person_detail", args=[inside.pk])).status_code == 200
    for person in (beside, stranger.user, city_approver.user):
        for name in ("person_detail", "person_depart", "membership_add"):
            assert (name, client.get(reverse(name, args=[person.pk])).status_code) == (name, 404)
        for name in ("edit", "code", "mail", "reset", "suspend", "resume", "erase", "depart"):
            assert client.post(reverse(f"person_{name}", args=[person.pk])).status_code == 404
    for membership in (beside.memberships.get(), stranger.membership):
        assert client.post(reverse("membership_end", args=[membership.pk])).status_code == 404
        assert client.get(reverse("membership_change", args=[membership.pk])).status_code == 404
    assert client_of(city_approver).get(reverse("person_list")).status_code == 403
    assert Client().get(reverse("person_list")).status_code == 302


def test_invite_page_invites_and_mails_the_link(
    administrator: Actor,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client = client_of(administrator)
    url = reverse("person_invite") + "?jurisdiction=532301000000"
    assert "自动编为 532301-01" in client.get(url).content.decode()
    body = {"display_name": "测试甲", "role": "staff", "by_mail": "1"}
    answer = client.post(url, body)
    assert (answer.status_code, "要发激活链接，请填电子邮箱" in answer.content.decode()) == (422, True)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(url, body | {"email": "ceshi@example.cn"})
    user = User.objects.get(username="532301-01")
    invitation = open_invitation(user)
    assert invitation is not None
    assert answer["Location"] == reverse("person_detail", args=[user.pk])
    (letter,) = mail.outbox
    assert letter.to == ["ceshi@example.cn"]
    assert f"http://testserver/activate/{invitation.code}/" in letter.body
    assert "单位和角色：楚雄市，经办人" in letter.body


def test_invite_page_of_another_branch_is_not_found_and_posted_fields_move_nothing(
    county_administrator: Actor, client_of: ClientOf, jurisdiction: Place
) -> None:
    client, body = client_of(county_administrator), {"display_name": "测试甲", "role": "staff"}
    for code in ("532302000000", "530000000000", "120000000000", "x"):
        assert client.post(f"{reverse('person_invite')}?jurisdiction={code}", body).status_code == 404
    extra = {"jurisdiction": jurisdiction("12").pk, "is_superuser": "1", "is_staff": "1", "password": "x"}
    assert client.post(reverse("person_invite"), body | extra).status_code == 302
    user = User.objects.get(display_name="测试甲")
    assert (user.jurisdiction.name, user.is_superuser, user.has_usable_password()) == ("楚雄市", False, False)
    assert client.post(reverse("person_invite"), body | {"role": "platform_admin"}).status_code == 422


def test_edit_refuses_a_bureau_of_another_branch(
    administrator: Actor, active: Callable[..., User], client_of: ClientOf, jurisdiction: Place
) -> None:
    user = active()
    url = reverse("person_edit", args=[user.pk])
    for code in ("12", "53"):
        body = {"display_name": "测试乙", "jurisdiction": jurisdiction(code).pk}
        assert client_of(administrator).post(url, body).status_code == 422
    user.refresh_from_db()
    assert (user.display_name, user.jurisdiction.name) == ("测试甲", "楚雄市")


def test_suspend_dialog_comes_back_with_the_todos(
    administrator: Actor, active: Callable[..., User], client_of: ClientOf, duties: FakeDuties
) -> None:
    user, colleague = active(), active()
    membership = user.memberships.get()
    duties.todos[membership.pk] = 2
    client, url = client_of(administrator), reverse("person_suspend", args=[user.pk])
    answer = client.post(url)
    assert answer.status_code == 409
    assert "还有待办：待审核的自评 2 件" in answer.content.decode()
    assert client.post(url, {f"successor_{membership.pk}": "999999"}).status_code == 422
    assert client.post(url, {f"successor_{membership.pk}": colleague.pk}).status_code == 302
    assert duties.moved == [(membership.pk, colleague.pk)]


def test_depart_takes_two_steps(administrator: Actor, active: Callable[..., User], client_of: ClientOf) -> None:
    user, client = active(), client_of(administrator)
    url = reverse("person_depart", args=[user.pk])
    assert "删除科室、办公电话和电子邮箱" in client.get(url).content.decode()
    assert client.post(url).status_code == 422
    assert client.post(url, {"confirmed": "1"}).status_code == 302
    assert User.objects.get(pk=user.pk).state == User.State.DEPARTED


def test_change_page_moves_to_the_unit_of_the_address(
    administrator: Actor, active: Callable[..., User], client_of: ClientOf
) -> None:
    membership = active().memberships.get()
    url = reverse("membership_change", args=[membership.pk])
    client = client_of(administrator)
    assert client.post(f"{url}?jurisdiction=120000000000", {"role": "staff"}).status_code == 404
    assert client.post(f"{url}?jurisdiction=532302000000", {"role": "approver"}).status_code == 302
    membership.refresh_from_db()
    assert str(membership) == "禄丰市 · 审批人"


def test_last_administrator_sees_why_they_cannot_leave(administrator: Actor, client_of: ClientOf) -> None:
    client = client_of(administrator)
    page = client.get(reverse("person_detail", args=[administrator.user.pk])).content.decode()
    assert "唯一的管理员，不能退出" in page
    answer = client.post(reverse("membership_end", args=[administrator.membership.pk]))
    assert answer.status_code == 409


def test_slips_show_codes_of_ones_own_people_only(
    county_administrator: Actor, invited: Callable[..., Invitation], client_of: ClientOf
) -> None:
    own, beside = invited(), invited(code="532302")
    answer = client_of(county_administrator).post(
        reverse("slips"), {"person": [own.user_id, beside.user_id, "x", "9" * 30]}
    )
    page = answer.content.decode()
    assert own.code in page
    assert beside.code not in page
    assert "http://testserver/activate/" in page
    assert AccessEvent.objects.filter(kind="code_shown").count() == 1
