"""Load one standard from the spreadsheet that a bureau filled in, or from YAML."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from apps.core.commands import WritingCommand
from apps.core.errors import InvalidInput
from apps.core.fixture_file import FixtureError
from apps.jurisdictions.divisions import full_code
from apps.standards.fixture_format import StandardFile
from apps.standards.loading import Outcome, file_of, load_standard, read_standards
from apps.standards.models import Standard
from apps.standards.sheet_layout import Content
from apps.standards.sheet_parsing import Defaults, parse_content
from apps.standards.sheet_reading import read_content

WRONG_INPUT = 2


class Command(WritingCommand):
    help = "装载一个创建标准（xlsx 模板或 YAML）；有误时逐处列出行和列，不装载，退出码为 2"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="填好的模板（.xlsx）或标准文件（.yaml）")
        parser.add_argument("--jurisdiction", metavar="CODE", help="发布辖区代码，代替文件里写的")

    @transaction.atomic
    def handle(self, *args: Any, file: Path, jurisdiction: str | None, **options: Any) -> None:
        try:
            unit = full_code(jurisdiction) if jurisdiction else ""
            standard = _read_sheet(file, unit) if file.suffix.lower() == ".xlsx" else read_standards([file])[0]
            if unit:
                standard = standard.model_copy(update={"jurisdiction": unit})
            outcome = load_standard(standard)
        except (FixtureError, InvalidInput) as error:
            raise CommandError(str(error), returncode=WRONG_INPUT) from error
        if outcome is Outcome.SKIPPED:
            raise CommandError(f"没有装载辖区 {standard.jurisdiction}", returncode=WRONG_INPUT)
        if options["verbosity"] > 0:
            self.stdout.write(f"{standard.code} {outcome}")


def _read_sheet(path: Path, unit: str) -> StandardFile:
    """The standard that a spreadsheet holds; everything that is wrong with it is told at once."""
    try:
        with path.open("rb") as file:
            content = read_content(file)
    except OSError as error:
        raise CommandError(f"{path}：文件打不开", returncode=WRONG_INPUT) from error
    unit, code = unit or content.value("发布辖区代码"), content.value("标准代码")
    base = _base(content)
    lines = [f"“标准”表“{label}”：没有填" for label, text in (("标准代码", code), ("发布辖区代码", unit)) if not text]
    if base is None and content.value("依据标准代码"):
        lines.append(f"“标准”表“依据标准代码”：没有标准 {content.value('依据标准代码')}")
    # What is left out is told already; the rest is checked with something in its place.
    parsed = parse_content(content, Defaults(unit or "0" * 12, code or "unnamed"), base)
    lines += map(str, parsed.problems)
    if lines or parsed.file is None:
        raise CommandError("\n".join(f"{path}：{line}" for line in lines), returncode=WRONG_INPUT)
    return parsed.file


def _base(content: Content) -> StandardFile | None:
    stored = Standard.objects.filter(code=content.value("依据标准代码")).first()
    return file_of(stored) if stored else None
