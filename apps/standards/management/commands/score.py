"""Score an assessment given as JSON."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from apps.core.fixture_file import FixtureError
from apps.standards.answers import parse_answers, parse_json
from apps.standards.domain import spec_of
from apps.standards.fixture_format import read_standard
from apps.standards.loading import SOURCE
from apps.standards.models import Standard
from apps.standards.scoring import ScoringError, score
from apps.standards.specs import StandardSpec

WRONG_INPUT = 2


class Command(BaseCommand):
    help = "按标准计分：输出各条得分、总分和是否达标（JSON）；输入有误时退出码为 2"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("standard", metavar="STANDARD", help="标准代码，例如 chuxiong-2021")
        parser.add_argument("file", type=Path, metavar="FILE.json", help="自评结果")

    def handle(self, *args: Any, standard: str, file: Path, **options: Any) -> None:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = "不是 UTF-8 文本" if isinstance(error, UnicodeDecodeError) else "打不开"
            raise CommandError(f"{file}：文件{reason}", returncode=WRONG_INPUT) from error
        try:
            spec = find_spec(standard)
            result = score(spec, parse_answers(spec, parse_json(text)))
        except ScoringError as error:
            raise CommandError(f"{file}：{error}", returncode=WRONG_INPUT) from error
        self.stdout.write(json.dumps(result.as_dict(), ensure_ascii=False, indent=2))


def find_spec(code: str) -> StandardSpec:
    """The standard as loaded; before anything is loaded, as in the project's own files."""
    try:
        stored = Standard.objects.filter(code=code).first()
    except DatabaseError:
        stored = None
    if stored is not None:
        return spec_of(stored)
    path = SOURCE / f"{code}.yaml"
    if path.parent != SOURCE or not path.is_file():
        raise CommandError(f"没有标准 {code}", returncode=WRONG_INPUT)
    try:
        return read_standard(path).to_spec()
    except FixtureError as error:
        raise CommandError(str(error), returncode=WRONG_INPUT) from error
