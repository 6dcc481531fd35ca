"""Print the roll-up of a jurisdiction: its children and its total, as the page 进展 shows them."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.campaigns.models import Campaign
from apps.campaigns.ratios import decimal_places
from apps.campaigns.rollup import Line, roll_up
from apps.core.errors import InvalidInput
from apps.jurisdictions.divisions import full_code
from apps.jurisdictions.models import Jurisdiction


class Command(BaseCommand):
    help = "以 JSON 输出某辖区某年度的创建进展：下级各辖区和合计"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--campaign", metavar="CODE", required=True, help="创建行动代码，例如 chuxiong-2021")
        parser.add_argument("--jurisdiction", metavar="CODE", required=True, help="区划代码，末尾的零可省，例如 5323")
        parser.add_argument("--year", metavar="YEAR", type=int, required=True, help="年度，例如 2022")

    def handle(self, *args: Any, campaign: str, jurisdiction: str, year: int, **options: Any) -> None:
        within = Campaign.objects.select_related("jurisdiction").filter(code=campaign).first()
        if within is None:
            known = "、".join(Campaign.objects.order_by("code").values_list("code", flat=True)) or "一个也没有"
            raise CommandError(f"没有代码为“{campaign}”的创建行动。已有：{known}。")
        try:
            place = Jurisdiction.objects.filter(code=full_code(jurisdiction)).first()
        except InvalidInput as error:
            raise CommandError(error.message) from error
        if place is None:
            raise CommandError(f"没有区划代码为“{jurisdiction}”的辖区。")
        if not within.jurisdiction.contains(place.path):
            raise CommandError(f"{place}不在“{within}”范围内，它的范围是{within.jurisdiction}。")
        if year not in within.years:
            raise CommandError(f"“{within}”没有 {year} 年度，它的年度是 {within.first_year}–{within.last_year}。")
        rollup = roll_up(within, place, year)
        printed = {"children": [as_printed(line) for line in rollup.children], "total": as_printed(rollup.total)}
        self.stdout.write(json.dumps(printed, ensure_ascii=False, indent=2))


def as_printed(line: Line) -> dict[str, Any]:
    """One row for programs; ratios are decimal strings with four places, None where there is nothing to divide by."""
    return {
        "code": line.jurisdiction.code,
        "name": line.jurisdiction.name,
        "base": line.figures.base,
        "enrolled": line.figures.enrolled,
        "pilots": line.figures.pilots,
        "in_review": line.figures.in_review,
        "recognised": line.figures.recognised,
        "cumulative": line.figures.cumulative,
        "completion_ratio": decimal_places(line.figures.completion_ratio),
        "cumulative_ratio": decimal_places(line.figures.cumulative_ratio),
        "target": decimal_places(line.target_ratio),
        "gap": line.gap,
    }
