"""The demo's accounts: named for what they do, aligned in the table, listed on the sign-in page."""

import re
from collections.abc import Callable
from io import StringIO
from unicodedata import east_asian_width

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.urls import resolve, reverse

from apps.accounts.models import Membership, Role, User
from apps.demo.accounts import all_accounts, create_accounts, sign_in_accounts
from apps.demo.context import sign_in
from apps.demo.fixture_format import accounts
from apps.jurisdictions.models import Jurisdiction

# What an account may be called: a place and a duty, or a duty alone; never a person.
DUTIES = re.compile(r"^\S+(经办|审批|审核|查看|管理员)（演示）$")


def table(*args: str) -> list[str]:
    out = StringIO()
    call_command("demo_accounts", *args, stdout=out)
    return out.getvalue().splitlines()


def test_accounts_are_named_for_a_duty() -> None:
    for one in all_accounts():
        assert DUTIES.match(one.display_name), one.display_name
        assert one.place.name in one.label


def test_accounts_hold_every_role() -> None:
    assert {one.role for one in all_accounts() if one.place.listed} == set(Role)


def test_password_satisfies_the_validators() -> None:
    for one in all_accounts():
        validate_password(accounts().password, User(username=one.username, display_name=one.display_name))


def test_create_accounts_twice_changes_nothing(db: None) -> None:
    assert create_accounts() == 79
    before = set(Membership.objects.values_list("pk", "user__username", "jurisdiction__code", "role"))
    assert create_accounts() == 0
    assert set(Membership.objects.values_list("pk", "user__username", "jurisdiction__code", "role")) == before
    assert User.objects.get(username="lucheng").check_password("lvse-2022-demo")
    assert Membership.objects.filter(user__username="shuanggang").count() == 2
    assert Membership.objects.get(user__username="huanbao").department == "楚雄彝族自治州生态环境局"


def test_demo_accounts_aligns_chinese_and_ascii(jurisdiction: Callable[[str], Jurisdiction]) -> None:
    create_accounts(jurisdiction("5323").path)
    headings, _, *rows = table("--all")
    assert headings.split() == ["角色", "辖区", "用户名", "密码"]
    assert rows[0].split() == ["街道经办", "鹿城镇", "lucheng", "lvse-2022-demo"]
    assert {_columns_before(row, "lvse-2022-demo") for row in rows} == {_columns_before(headings, "密码")}
    assert table()[-1].startswith("其余 ")
    assert len(table()) < len(rows)


def test_demo_accounts_before_seeding_says_what_to_run(db: None) -> None:
    with pytest.raises(CommandError, match="seed_demo"):
        table()


def test_sign_in_page_lists_the_main_accounts() -> None:
    request = RequestFactory().get(reverse("account_login"))
    request.resolver_match = resolve(request.path)
    context = sign_in(request)
    assert [one["username"] for one in context["demo_accounts"]] == [one.username for one in sign_in_accounts()]
    assert context["demo_accounts"][0] == {"username": "lucheng", "label": "鹿城镇 · 经办"}
    assert context["demo_password"] == "lvse-2022-demo"


def test_other_pages_do_not_list_the_accounts() -> None:
    request = RequestFactory().get(reverse("desk"))
    request.resolver_match = resolve(request.path)
    assert sign_in(request) == {}


def _columns_before(line: str, text: str) -> int:
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in line[: line.index(text)])
