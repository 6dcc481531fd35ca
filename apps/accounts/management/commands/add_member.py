"""Give a person a role in a jurisdiction; a new user name makes a new person."""

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.core.commands import WritingCommand
from apps.core.errors import InvalidInput
from apps.jurisdictions.divisions import full_code
from apps.jurisdictions.models import Jurisdiction


class Command(WritingCommand):
    help = "授予任职；用户名不存在时先建立用户并设定密码"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="用户名")
        parser.add_argument("--name", default="", help="姓名；新用户必填")
        parser.add_argument("--jurisdiction", required=True, metavar="CODE", help="区划代码；全国为 000000000000")
        parser.add_argument("--role", required=True, choices=Role.values, help="角色")

    @transaction.atomic
    def handle(self, *args: Any, username: str, name: str, jurisdiction: str, role: str, **options: Any) -> None:
        try:
            unit = Jurisdiction.objects.filter(code=full_code(jurisdiction)).first()
        except InvalidInput as error:
            raise CommandError(error.message) from error
        if unit is None:
            raise CommandError(f"没有代码为 {jurisdiction} 的行政区划，请先执行 load_divisions。")
        user = User.objects.filter(username=username).first() or _new_user(username, name, unit)
        self.stdout.write(f"{username}：{grant_membership(user, unit, Role(role))}")


def _new_user(username: str, name: str, unit: Jurisdiction) -> User:
    if not name:
        raise CommandError(f"没有用户“{username}”。新建用户请用 --name 写明姓名。")
    user = User(username=username, display_name=name, jurisdiction=unit, must_change_password=True)
    password = getpass("密码：")
    if password != getpass("再输一次："):
        raise CommandError("两次输入的密码不同。")
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise CommandError("".join(error.messages)) from error
    user.set_password(password)
    user.save()
    return user
