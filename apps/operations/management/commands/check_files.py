"""Compare files with the hashes that their rows keep."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.operations.commands import report
from apps.operations.stored_files import check_files


class Command(BaseCommand):
    help = "Read every file that a row names, in the storage or in a copy, and compare it with its hash."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--copy", type=Path, help="a directory that copy_files made")

    def handle(self, *args: Any, **options: Any) -> None:
        report(self, check_files(options["copy"]))
