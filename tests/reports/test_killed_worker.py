"""Real workers, one of which is killed in the middle of a document."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from celery import Celery
from django.conf import settings
from psycopg.rows import dict_row

from tests.reports.slow_worker import CONTENT
from tests.template_database import copy_database

# Behind those of the browser tests.
QUEUE_NUMBER = 15
_ASK = """
from apps.accounts.models import Role
from apps.campaigns.models import Campaign
from apps.core.scope import scope
from apps.reports.domain import request_export
from apps.reports.tasks import hand_out
from tests.factories import made_up
from tests.reports.slow_worker import register_slow_kind
register_slow_kind()
actor = made_up("5323", Role.APPROVER)
campaign = Campaign.objects.select_related("jurisdiction").get(code="chuxiong-2021")
job = request_export("slow", campaign, actor.jurisdiction, 2022, actor=actor)
hand_out(job)
"""


@pytest.fixture
def environment(django_db_setup: None, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of processes of the product on a copy of the tests' database."""
    owner, name = os.environ["DATABASE_URL"], f"killed_{os.getpid()}"
    copy_database(owner, name)
    try:
        yield os.environ | {
            "DATABASE_URL": urlunsplit(urlsplit(owner)._replace(path=f"/{name}")),
            "REDIS_URL": urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{QUEUE_NUMBER}")),
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "VAR_DIR": str(tmp_path),
            "MEDIA_ROOT": str(tmp_path / "media"),
            "PYTHONPATH": str(settings.BASE_DIR),
        }
    finally:
        with psycopg.connect(owner, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def start_worker(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Return a function that starts a worker in a process group of its own; all are killed at the end."""
    started: list[subprocess.Popen[bytes]] = []
    worker_environment = {name: value for name, value in environment.items() if name != "ACT_AS_OWNER"}
    command = [sys.executable, "-m", "celery", "-A", "tests.reports.slow_worker", "worker", "--concurrency", "1"]

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "worker.log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    [*command, "--loglevel", "INFO", "--without-mingle", "--without-gossip"],
                    cwd=settings.BASE_DIR,
                    env=worker_environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
        return started[-1]

    yield start
    for process in started:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def test_job_of_a_killed_worker_is_made_by_the_next_one(
    environment: dict[str, str], start_worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    first = start_worker()
    asked = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", _ASK]
    subprocess.run(asked, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True)
    wait_until(environment, tmp_path, lambda job: job["status"] == "running")
    kill(first)
    assert job_of(environment)["status"] == "running"

    start_worker()
    beat = Celery(broker=environment["REDIS_URL"])
    beat.conf.task_ignore_result = True

    def is_done(job: dict[str, Any]) -> bool:
        # What beat does every 30 seconds.
        beat.send_task("apps.reports.tasks.hand_out_lost_exports")
        return bool(job["status"] == "done")

    job = wait_until(environment, tmp_path, is_done)
    assert (job["attempts"], job["interruptions"], job["filename"]) == (2, 1, "慢.txt")
    media = tmp_path / "media"
    assert [str(one.relative_to(media)) for one in media.rglob("*.*")] == [job["file"]]
    assert (media / job["file"]).read_bytes() == CONTENT


def wait_until(
    environment: dict[str, str], tmp_path: Path, arrived: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    for _ in range(60):
        job = job_of(environment)
        if arrived(job):
            return job
        time.sleep(0.5)
    pytest.fail(f"{job}\n{(tmp_path / 'worker.log').read_text()[-4000:]}")


def job_of(environment: dict[str, str]) -> dict[str, Any]:
    with psycopg.connect(environment["DATABASE_URL"], row_factory=dict_row) as database:
        database.execute("SELECT set_config('app.scope_from', '', true), set_config('app.scope_to', '~', true)")
        return database.execute("SELECT * FROM reports_exportjob").fetchone() or {"status": ""}
