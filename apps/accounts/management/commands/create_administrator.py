"""Make the first administrator of a jurisdiction."""

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.core.errors import InvalidInput
from apps.jurisdictions.divisions import full_code
from apps.jurisdictions.models import Jurisdiction


class Command(BaseCommand):
    help = "建立一个辖区的第一个单位管理员（全国的为平台管理员）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="用户名")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--jurisdiction", required=True, metavar="CODE", help="区划代码；全国为 000000000000")

    @transaction.atomic
    def handle(self, *args: Any, username: str, name: str, jurisdiction: str, **options: Any) -> None:
        try:
            unit = Jurisdiction.objects.filter(code=full_code(jurisdiction)).first()
        except InvalidInput as error:
            raise CommandError(error.message) from error
        if unit is None:
            raise CommandError(f"没有代码为 {jurisdiction} 的行政区划，请先执行 load_divisions。")
        if User.objects.filter(username=username).exists():
            raise CommandError(f"用户名“{username}”已存在。")
        user = User(username=username, display_name=name)
        password = getpass("密码：")
        if password != getpass("再输一次："):
            raise CommandError("两次输入的密码不同。")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("".join(error.messages)) from error
        user.set_password(password)
        user.save()
        membership = grant_membership(user, unit, Role.BUREAU_ADMIN if unit.parent_id else Role.PLATFORM_ADMIN)
        self.stdout.write(f"已建立 {username}：{membership}")
