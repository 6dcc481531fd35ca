"""Load standards from their files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from apps.core.commands import WritingCommand
from apps.core.errors import InvalidInput
from apps.core.fixture_file import FixtureError
from apps.standards.loading import SOURCE, load_standard, read_standards


class Command(WritingCommand):
    help = "装载创建标准；可重复执行，已发布的标准不能改动"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", nargs="*", type=Path, metavar="FILE", help="标准文件，缺省为 fixtures/standards 下的全部"
        )

    @transaction.atomic
    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        try:
            outcomes = {
                file.code: load_standard(file) for file in read_standards(files or sorted(SOURCE.glob("*.yaml")))
            }
        except (FixtureError, InvalidInput) as error:
            raise CommandError(str(error)) from error
        if options["verbosity"] > 0:
            for code, outcome in outcomes.items():
                self.stdout.write(f"{code} {outcome}")
