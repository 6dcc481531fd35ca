"""Copy evidence and other files beside the backup of the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.operations.commands import report
from apps.operations.stored_files import copy_files


class Command(BaseCommand):
    help = "Copy the files that rows name into a directory, with a list of their hashes; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        report(self, copy_files(options["target"]))
