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
from apps.jurisdictions.models import Jurisdiction
from apps.standards.deriving import codes_of
from apps.standards.fixture_format import StandardFile
from apps.standards.loading import Outcome, file_of, load_standard, read_standards
from apps.standards.models import Standard
from apps.standards.sheet_layout import Content, in_order
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
    unit = unit or content.value("发布辖区代码")
    base, stands_on = _base(content), content.value("依据标准代码")
    missing = []
    if not unit:
        missing.append(content.problem("发布辖区代码", "没有填。请填 12 位区划代码，或用 --jurisdiction 指明。"))
    if base is None and stands_on:
        missing.append(content.problem("依据标准代码", f"没有标准 {stands_on}"))
    # What is left out is told already; the rest is checked with something in its place.
    parsed = parse_content(content, Defaults(unit or "0" * 12, _code(content, unit)), base)
    problems = in_order([*missing, *parsed.problems])
    if problems or parsed.file is None:
        raise CommandError("\n".join(f"{path}：{problem}" for problem in problems), returncode=WRONG_INPUT)
    return parsed.file


def _code(content: Content, unit: str) -> str:
    """The code to take where the sheet has none: that of the standard it was loaded as before, else a free one."""
    owner = Jurisdiction.objects.filter(code=unit).first()
    if owner is None:
        return "unnamed"
    before = Standard.objects.filter(jurisdiction=owner, name=content.value("标准名称")).order_by("-version", "-pk")
    loaded = before.first()
    return loaded.code if loaded else next(codes_of(owner))


def _base(content: Content) -> StandardFile | None:
    stored = Standard.objects.filter(code=content.value("依据标准代码")).first()
    return file_of(stored) if stored else None
