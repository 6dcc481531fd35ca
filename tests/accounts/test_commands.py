"""Making the first administrator."""

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.management.commands import create_administrator
from apps.accounts.models import Membership, User


def create(monkeypatch: pytest.MonkeyPatch, *passwords: str, **options: str) -> None:
    answers = iter(passwords)
    monkeypatch.setattr(create_administrator, "getpass", lambda prompt: next(answers))
    call_command("create_administrator", "guanli", **{"name": "管理员", "jurisdiction": "53"} | options)


def test_create_administrator_of_a_province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch, "lu-se-she-qu-1", "lu-se-she-qu-1")
    membership = Membership.objects.get(user__username="guanli")
    assert (membership.jurisdiction.name, membership.role) == ("云南省", "bureau_admin")
    assert membership.user.check_password("lu-se-she-qu-1")


def test_create_administrator_of_the_platform(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch, "lu-se-she-qu-1", "lu-se-she-qu-1", jurisdiction="000000000000")
    assert Membership.objects.get(user__username="guanli").role == "platform_admin"


@pytest.mark.parametrize(
    ("passwords", "options", "message"),
    [
        (("lu-se-she-qu-1", "lu-se-she-qu-2"), {}, "两次输入的密码不同"),
        (("12345678", "12345678"), {}, "密码"),
        ((), {"jurisdiction": "99"}, "没有代码为 99 的行政区划"),
        ((), {"jurisdiction": "云南"}, "区划代码“云南”不对"),
    ],
)
def test_create_administrator_names_what_is_wrong(
    db: None, monkeypatch: pytest.MonkeyPatch, passwords: tuple[str, ...], options: dict[str, str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        create(monkeypatch, *passwords, **options)
    assert not User.objects.filter(username="guanli").exists()
