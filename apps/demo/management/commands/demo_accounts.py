"""Show who can sign in to the demo."""

from argparse import ArgumentParser
from typing import Any
from unicodedata import east_asian_width

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import Membership
from apps.demo.accounts import all_accounts
from apps.demo.fixture_format import accounts

_HEADINGS = ("角色", "辖区", "用户名", "密码")


class Command(BaseCommand):
    help = "列出演示账号：角色、辖区、用户名、密码"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="连同其余乡镇、街道的账号")

    def handle(self, *args: Any, **options: Any) -> None:
        existing = set(
            Membership.objects.filter(user__username__in={one.username for one in all_accounts()}).values_list(
                "user__username", "jurisdiction__code"
            )
        )
        found = [one for one in all_accounts() if (one.username, one.place.jurisdiction) in existing]
        if not found:
            raise CommandError("演示账号还没有生成，请先运行 manage.py seed_demo。")
        shown = [one for one in found if options["all"] or one.place.listed]
        rows = [(str(one.role.label), one.place.name, one.username, accounts().password) for one in shown]
        widths = [max(_width(cell) for cell in column) for column in zip(_HEADINGS, *rows, strict=True)]
        lines = [_line(row, widths) for row in (_HEADINGS, tuple("─" * width for width in widths), *rows)]
        if len(shown) < len(found):
            lines.append(f"其余 {len(found) - len(shown)} 个乡镇、街道的账号：manage.py demo_accounts --all")
        self.stdout.write("\n".join(lines))


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    """Columns that a terminal takes: Chinese characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
