"""Play the demo's story; what has been played stays."""

from argparse import ArgumentParser
from collections import Counter
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.campaigns.models import Campaign
from apps.core.errors import InvalidInput
from apps.core.fixture_file import FixtureError
from apps.core.history import recording
from apps.demo.accounts import Troupe, create_accounts
from apps.demo.evaluations import tasks_of_evaluations
from apps.demo.filings import tasks_of_filings
from apps.demo.fixture_format import Story, stories
from apps.demo.plans import tasks_of_plans
from apps.demo.projects import tasks_of_projects
from apps.demo.recognition import tasks_around
from apps.demo.story import Stage, Task
from apps.demo.visits import tasks_of_visits
from apps.jurisdictions.models import Jurisdiction

_NAME = "seed_demo"


class Command(BaseCommand):
    help = "生成演示账号和演示数据（均为虚构）；可重复执行，已有的不变"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", metavar="CODE", default="", help="只生成这一支的演示数据，例如 532301")

    def handle(self, *args: Any, only: str, **options: Any) -> None:
        self._is_quiet = options["verbosity"] == 0
        try:
            branch = _path_of(only) if only else ""
            with recording(command=_NAME):
                self._say(f"演示账号：新增 {create_accounts(branch)} 项任职")
            troupe = Troupe()
            for story in stories():
                self._play(story, troupe, branch)
        except (FixtureError, InvalidInput, LookupError) as error:
            raise CommandError(str(error)) from error

    def _play(self, story: Story, troupe: Troupe, branch: str) -> None:
        campaign = Campaign.objects.select_related("standard").filter(code=story.campaign).first()
        if campaign is None:
            if not branch:
                self._say(f"{story.title}：没有装载创建行动 {story.campaign}，跳过")
            return
        stage = Stage(story, campaign, troupe, branch)
        if stage.missing and not branch:
            self._say(f"{story.title}：没有装载行政区划 {'、'.join(stage.missing)}，跳过")
        around = [
            task
            for tasks in (
                *(tasks_around, tasks_of_projects, tasks_of_plans),
                *(tasks_of_filings, tasks_of_visits, tasks_of_evaluations),
            )
            for task in tasks(campaign, troupe, branch)
        ]
        tasks = sorted([*stage.tasks(), *around], key=lambda task: task.moment)
        for (year, month), group in groupby(tasks, key=lambda task: (task.moment.year, task.moment.month)):
            self._say(f"{story.title} {year} 年 {month} 月：{_run(list(group))}")

    def _say(self, line: str) -> None:
        if not self._is_quiet:
            self.stdout.write(line)
            self.stdout.flush()


def _path_of(code: str) -> str:
    """Return the path of the jurisdiction with ``code``, which may leave out the zeros at its end."""
    jurisdiction = Jurisdiction.objects.filter(code=code.ljust(12, "0")).first()
    if jurisdiction is None:
        raise InvalidInput(f"没有装载行政区划 {code}。")
    return jurisdiction.path


def _run(tasks: list[Task]) -> str:
    """Run the tasks of a month; return how many of each kind they were."""
    counts: Counter[str] = Counter()
    for task in tasks:
        # Each as an operation of its own, as in life.
        with recording(command=_NAME):
            task.run()
        counts[task.label] += task.size
    return "，".join(f"{label} {count}" for label, count in counts.items())
