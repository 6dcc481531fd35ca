"""Load the divisions of 2023: the tree of jurisdictions and the urban residents' committees."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import connection, transaction
from tqdm import tqdm

from apps.communities.divisions import load_communities
from apps.core.commands import WritingCommand
from apps.core.errors import InvalidInput
from apps.jurisdictions.divisions import SOURCE, full_code, load_jurisdictions, read_rows, select_branch
from apps.jurisdictions.models import Level


class Command(WritingCommand):
    help = "装载 2023 年全国行政区划和城市社区；可重复执行，已有的不变"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", metavar="CODE,CODE", help="只装载这几支及其上级，例如 5323")
        parser.add_argument(
            "--communities", metavar="CODE,CODE", help="区划全部装载，社区只装载这几支，例如 11,12,5323"
        )

    @transaction.atomic
    def handle(self, *args: Any, only: str | None, communities: str | None, **options: Any) -> None:
        try:
            rows = list(read_rows(SOURCE / "jurisdictions-2023.csv.gz"))
            branches = _codes(only)
            if branches:
                rows = select_branch(rows, branches)
            wanted = _codes(communities) or branches
            streets = {row["code"] for row in (select_branch(rows, wanted) if wanted else rows)}
        except InvalidInput as error:
            raise CommandError(error.message) from error
        committees = [row for row in read_rows(SOURCE / "communities-2023.csv.gz") if row["street_code"] in streets]
        with tqdm(total=len(rows) + 1 + len(committees), unit="行", disable=options["verbosity"] == 0) as progress:
            for level, count in load_jurisdictions(rows):
                progress.set_description(str(Level(level).label))
                progress.update(count)
            progress.set_description("社区")
            loaded = load_communities(committees)
            progress.update(len(committees))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE jurisdictions_jurisdiction; ANALYZE communities_community")
        self.stdout.write(f"行政区划 {len(rows)} 个，城市社区 {loaded} 个。")


def _codes(listed: str | None) -> list[str]:
    return [] if listed is None else [full_code(code) for code in listed.split(",")]
