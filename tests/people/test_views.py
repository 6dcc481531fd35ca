"""Pages of people: who sees whom, what is masked, what is refused, how many queries."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.accounts.domain import grant_membership
from apps.accounts.models import AccessEvent, Invitation, Role, User
from apps.accounts.permissions import Actor
from apps.accounts.security_policy import reach
from apps.jurisdictions.models import Jurisdiction
from apps.people.inviting import NewPerson, invite_people, open_invitation
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


def test_other_unit_on_the_invite_page_keeps_what_was_typed(administrator: Actor, client_of: ClientOf) -> None:
    client = client_of(administrator)
    body = {"display_name": "测试甲", "role": "staff", "office": "测试科", "by_mail": "on", "place": "532301000000"}
    answer = client.post(reverse("person_invite"), body)
    form = answer.context["form"]
    assert (answer.status_code, form.errors, User.objects.filter(display_name="测试甲").exists()) == (200, {}, False)
    kept = [form[name].value() for name in ("display_name", "role", "office", "by_mail")]
    assert kept == ["测试甲", "staff", "测试科", "on"]
    assert answer.headers["HX-Replace-Url"] == f"{reverse('person_invite')}?jurisdiction=532301000000"
    assert "邀请到楚雄市" in answer.content.decode()
    assert client.post(reverse("person_invite"), body | {"place": "120000000000"}).status_code == 404


@pytest.mark.parametrize("number", ["13800000000", "138 0000 0000", "138-0000-0000", "+86 13800000000"])
def test_mobile_number_is_refused(number: str, administrator: Actor, client_of: ClientOf) -> None:
    body = {"display_name": "测试甲", "role": "staff", "office_phone": number}
    answer = client_of(administrator).post(reverse("person_invite"), body)
    assert answer.status_code == 422
    assert answer.context["form"].errors["office_phone"] == ["只登记办公电话，不登记个人手机号。"]


def test_nobody_to_take_over_leads_to_inviting_and_cannot_be_sent(
    administrator: Actor, active: Callable[..., User], client_of: ClientOf, duties: FakeDuties
) -> None:
    user, client = active(), client_of(administrator)
    membership = user.memberships.get()
    invite = f'href="{reverse("person_invite")}?jurisdiction=532301000000"'
    addresses = [
        (reverse("person_depart", args=[user.pk]), 'type="submit">办理离岗</button>'),
        (reverse("membership_change", args=[membership.pk]) + "?jurisdiction=532302000000", "调整到禄丰市"),
        (reverse("person_detail", args=[user.pk]), 'type="submit">停用账号</button>'),
        (reverse("person_detail", args=[user.pk]), 'type="submit">免去</button>'),
    ]
    for address, button in addresses:
        page = client.get(address).content.decode()
        assert (address, button in page, invite in page) == (address, True, False)
    duties.todos[membership.pk] = 2
    for address, button in addresses:
        page = client.get(address).content.decode()
        assert (address, button in page, invite in page) == (address, False, True)


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("person_suspend", {}, True),
        ("person_depart", {"confirmed": "1"}, True),
        ("membership_end", {}, True),
        ("membership_change", {"role": "viewer"}, True),
        ("membership_change", {"role": "approver"}, False),
    ],
)
def test_hand_over_is_confirmed(
    name: str,
    body: dict[str, str],
    told: bool,
    administrator: Actor,
    active: Callable[..., User],
    client_of: ClientOf,
    duties: FakeDuties,
) -> None:
    user, colleague, client = active(), active(), client_of(administrator)
    User.objects.filter(pk=colleague.pk).update(display_name="测试乙")
    membership = user.memberships.get()
    duties.todos[membership.pk] = 2
    pk = membership.pk if name.startswith("membership") else user.pk
    answer = client.post(reverse(name, args=[pk]), body | {f"successor_{membership.pk}": colleague.pk}, follow=True)
    assert ("待办 2 件移交给测试乙。" in answer.content.decode()) is told
    assert duties.moved == ([(membership.pk, colleague.pk)] if told else [])


def test_ending_the_last_administrator_below_warns(
    administrator: Actor, active: Callable[..., User], client_of: ClientOf
) -> None:
    warning = "楚雄市没有其他能登录的单位管理员"
    only, client = active(role=Role.BUREAU_ADMIN), client_of(administrator)
    for name in ("person_detail", "person_depart"):
        assert warning in client.get(reverse(name, args=[only.pk])).content.decode()
    active(role=Role.BUREAU_ADMIN)
    assert warning not in client.get(reverse("person_detail", args=[only.pk])).content.decode()


def test_reset_account_is_said_to_wait_for_a_new_password(
    administrator: Actor, active: Callable[..., User], invited: Callable[..., Invitation], client_of: ClientOf
) -> None:
    user, newcomer, client = active(), invited().user, client_of(administrator)
    User.objects.filter(pk=user.pk).update(last_login="2022-08-01T00:00:00Z")
    client.post(reverse("person_reset", args=[user.pk]))
    for person, said in [(user, True), (newcomer, False)]:
        page = client.get(reverse("person_detail", args=[person.pk])).content.decode()
        slip = client.post(reverse("slips"), {"person": person.pk}).content.decode()
        assert ("待重设密码" in page, "重设密码凭证" in slip, "账号激活凭证" in slip) == (said, said, not said)


def test_slips_called_again_lead_to_the_list(administrator: Actor, client_of: ClientOf) -> None:
    assert client_of(administrator).get(reverse("slips")).headers["Location"] == reverse("person_list")


def test_edit_offers_no_empty_bureau(administrator: Actor, active: Callable[..., User], client_of: ClientOf) -> None:
    form = client_of(administrator).get(reverse("person_detail", args=[active().pk])).context["form"]
    assert [label for _, label in form.fields["jurisdiction"].choices] == ["楚雄市"]


def test_list_offers_slips_only_where_somebody_waits_for_one(
    administrator: Actor, active: Callable[..., User], invited: Callable[..., Invitation], client_of: ClientOf
) -> None:
    active()
    client, url = client_of(administrator), reverse("person_list")
    assert "打印激活凭证" not in client.get(url).content.decode()
    invited()
    assert "打印激活凭证" in client.get(url).content.decode()


def test_slips_and_bulk_ask_as_often_for_one_person_as_for_three(
    administrator: Actor, invited: Callable[..., Invitation], acting: Acting, jurisdiction: Place, client_of: ClientOf
) -> None:
    people, client = [invited().user_id for _ in range(3)], client_of(administrator)
    asked = []
    for chosen in (people[:1], people[:1], people):
        with CaptureQueriesContext(connection) as captured:
            client.post(reverse("slips"), {"person": chosen})
        asked.append(len(captured))
    assert asked[1] == asked[2]
    asked = []
    for number in (1, 3):
        newcomers = [NewPerson(jurisdiction("532301"), Role.STAFF, "测试乙") for _ in range(number)]
        with acting(administrator), CaptureQueriesContext(connection) as captured:
            invite_people(newcomers, actor=administrator)
        asked.append(len(captured))
    assert asked[0] == asked[1] < 30


def test_person_page_asks_little_more_for_every_membership(
    administrator: Actor, active: Callable[..., User], jurisdiction: Place, client_of: ClientOf
) -> None:
    user, client = active(), client_of(administrator)
    url = reverse("person_detail", args=[user.pk])
    client.get(url)
    one = _queries(client, url)
    for code in ("532302", "532322"):
        grant_membership(user, jurisdiction(code), Role.STAFF)
    assert _queries(client, url) - one <= 2 * 2


def test_list_offers_slips_of_those_only_whose_account_one_may_look_after(
    county_administrator: Actor, invited: Callable[..., Invitation], jurisdiction: Place, client_of: ClientOf
) -> None:
    own, shared = invited().user, invited().user
    grant_membership(shared, jurisdiction("532322"), Role.STAFF)
    client = client_of(county_administrator)
    page = client.get(reverse("person_list")).content.decode()
    assert [f'value="{one.pk}"' in page for one in (own, shared)] == [True, False]
    answer = client.post(reverse("slips"), {"person": [own.pk, shared.pk]})
    assert (answer.status_code, answer.context["missing"]) == (200, 1)
    assert [one.user for one in answer.context["invitations"]] == [own]
    assert "账号由其他单位管理" in answer.content.decode()


@pytest.mark.parametrize(
    ("state", "found"),
    [("invited", ["xin"]), ("reset", ["lao"]), ("", ["guan", "lao", "xin"])],
)
def test_list_tells_who_was_reset_from_who_never_came(
    state: str,
    found: list[str],
    administrator: Actor,
    active: Callable[..., User],
    invited: Callable[..., Invitation],
    client_of: ClientOf,
) -> None:
    User.objects.filter(pk=administrator.user.pk).update(username="guan")
    user, client = active("lao"), client_of(administrator)
    invited("xin")
    User.objects.filter(pk=user.pk).update(last_login="2022-08-01T00:00:00Z")
    client.post(reverse("person_reset", args=[user.pk]))
    answer = client.get(reverse("person_list"), {"state": state})
    labels = {row["person"].username: row["state"] for row in answer.context["rows"]}
    said = {"guan": "在用", "lao": "待重设密码", "xin": "待激活"}
    assert labels == {name: said[name] for name in found}
    sheet = load_workbook(
        BytesIO(client.get(reverse("person_list"), {"format": "xlsx", "state": state}).content)
    ).active
    assert {row[1]: row[4] for row in list(sheet.values)[1:]} == labels  # type: ignore[union-attr]


def test_list_narrowed_to_who_lacks_two_factor_is_what_the_requirement_counts(
    administrator: Actor, active: Callable[..., User], invited: Callable[..., Invitation], client_of: ClientOf
) -> None:
    for name, role in [("yi", Role.APPROVER), ("er", Role.APPROVER), ("san", Role.STAFF)]:
        active(name, role=role)
    invited("si", role=Role.APPROVER)
    for user in (administrator.user, User.objects.get(username="er")):
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    answer = client_of(administrator).get(reverse("person_list"), {"two_factor": "lacking"})
    assert [row["person"].username for row in answer.context["rows"]] == ["yi"]
    assert "清除条件" in answer.content.decode()
    assert reach(administrator.jurisdiction) == (3, 1)


def test_add_page_says_that_the_bureau_stays_and_leads_to_moving(
    administrator: Actor, active: Callable[..., User], jurisdiction: Place, client_of: ClientOf
) -> None:
    user, client = active(), client_of(administrator)
    url, moving = (
        reverse("membership_add", args=[user.pk]),
        reverse("membership_change", args=[user.memberships.get().pk]),
    )
    said = "所属单位仍是楚雄市，账号由那里管理"
    page = client.get(url).content.decode()
    assert (said in page, moving in page) == (False, False)
    page = client.get(f"{url}?jurisdiction=532302000000").content.decode()
    assert (said in page, f'href="{moving}?jurisdiction=532302000000"' in page) == (True, True)
    grant_membership(user, jurisdiction("532301"), Role.VIEWER)
    page = client.get(f"{url}?jurisdiction=532302000000").content.decode()
    assert (said in page, moving in page) == (True, False)
    assert f'href="{reverse("person_detail", args=[user.pk])}"' in page
