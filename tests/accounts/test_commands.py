"""Giving people their places from the command line."""

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.management.commands import add_member
from apps.accounts.models import Membership, User

PASSWORD = "lu-se-she-qu-1"


def add(monkeypatch: pytest.MonkeyPatch, *passwords: str, **options: str) -> None:
    answers = iter(passwords)
    monkeypatch.setattr(add_member, "getpass", lambda prompt: next(answers))
    call_command("add_member", "guanli", **{"name": "管理员", "jurisdiction": "53", "role": "bureau_admin"} | options)


def test_add_member_makes_the_person(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, PASSWORD, PASSWORD)
    membership = Membership.objects.get(user__username="guanli")
    assert str(membership) == "云南省 · 单位管理员"
    assert membership.user.check_password(PASSWORD)


def test_add_member_gives_a_known_person_another_place(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, PASSWORD, PASSWORD)
    for _ in range(2):
        add(monkeypatch, jurisdiction="532301101", role="street_officer", name="")
    assert [str(one) for one in Membership.objects.filter(user__username="guanli").order_by("path")] == [
        "云南省 · 单位管理员",
        "鹿城镇 · 街道经办",
    ]


@pytest.mark.parametrize(
    ("passwords", "options", "message"),
    [
        ((PASSWORD, "lu-se-she-qu-2"), {}, "两次输入的密码不同"),
        (("12345678", "12345678"), {}, "密码"),
        ((), {"name": ""}, "没有用户“guanli”"),
        ((), {"jurisdiction": "99"}, "没有代码为 99 的行政区划"),
        ((), {"jurisdiction": "云南"}, "区划代码“云南”不对"),
    ],
)
def test_add_member_names_what_is_wrong(
    db: None, monkeypatch: pytest.MonkeyPatch, passwords: tuple[str, ...], options: dict[str, str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        add(monkeypatch, *passwords, **options)
    assert not User.objects.filter(username="guanli").exists()
