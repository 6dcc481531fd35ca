"""Load campaigns from their files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from apps.campaigns.loading import SOURCE, load_campaign, read_campaigns
from apps.core.commands import WritingCommand
from apps.core.errors import InvalidInput
from apps.core.fixture_file import FixtureError


class Command(WritingCommand):
    help = "装载绿色社区创建行动；可重复执行，已有的目标不变"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", nargs="*", type=Path, metavar="FILE", help="行动文件，缺省为 fixtures/campaigns 下的全部"
        )

    @transaction.atomic
    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        try:
            outcomes = {
                file.code: load_campaign(file) for file in read_campaigns(files or sorted(SOURCE.glob("*.yaml")))
            }
        except (FixtureError, InvalidInput) as error:
            raise CommandError(str(error)) from error
        if options["verbosity"] > 0:
            for code, outcome in outcomes.items():
                self.stdout.write(f"{code} {outcome}")
