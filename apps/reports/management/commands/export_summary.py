"""Write 附件2 of a jurisdiction to a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.campaigns.models import Campaign
from apps.core.errors import InvalidInput
from apps.core.xlsx import workbook_bytes
from apps.evaluations.completion_summary import build_workbook
from apps.evaluations.summarising import summarise
from apps.jurisdictions.divisions import full_code
from apps.jurisdictions.models import Jurisdiction


class Command(BaseCommand):
    help = "导出附件2《绿色社区建设任务完成情况汇总表》"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--campaign", required=True, metavar="CODE", help="行动代码，例如 chuxiong-2021")
        parser.add_argument("--jurisdiction", required=True, metavar="CODE", help="填报单位的区划代码")
        parser.add_argument("--year", required=True, type=int, help="填报年度")
        parser.add_argument("--output", required=True, type=Path, metavar="FILE.xlsx", help="写到哪个文件")

    def handle(self, *args: Any, campaign: str, jurisdiction: str, year: int, output: Path, **options: Any) -> None:
        try:
            code = full_code(jurisdiction)
            found = Campaign.objects.select_related("jurisdiction").filter(code=campaign).first()
            unit = Jurisdiction.objects.filter(code=code).first()
            if found is None:
                raise InvalidInput(f"没有代码为“{campaign}”的创建行动。")
            if unit is None:
                raise InvalidInput(f"没有代码为 {code} 的行政区划。")
            output.write_bytes(workbook_bytes(build_workbook(summarise(found, unit, year))))
        except InvalidInput as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"写不了 {output}：{error.strerror}") from error
        self.stdout.write(f"已写入 {output}")
