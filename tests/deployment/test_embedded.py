"""The embedded servers really started, crashed, shared and stopped, each time in a directory of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from config.embedded import EmbeddedServiceError, Services, ensure_services, release_services
from config.embedded_watch import base_of, pid_of, remove_services
from tests.deployment.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
USE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from config.embedded import ensure_services
print(json.dumps(asdict(ensure_services(Path(sys.argv[1]), fsync=False))), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def var_dir(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "var"
    yield path
    release_services(path)
    remove_services(path)


@pytest.fixture
def user(var_dir: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start another process that uses the services until its standard input closes or it is killed."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen([sys.executable, "-c", USE, str(var_dir)], cwd=ROOT, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def services_of(process: subprocess.Popen[str]) -> Services:
    assert process.stdout is not None
    return Services(**json.loads(process.stdout.readline()))


def postgres_pid(var_dir: Path) -> int | None:
    data = base_of(var_dir) / "postgres" / "data"
    return pid_of(data / "postmaster.pid", data)


def valkey_pid(var_dir: Path) -> int | None:
    home = base_of(var_dir) / "valkey"
    return pid_of(home / "valkey.pid", home / "valkey.conf")


def test_ensure_gives_an_owner_without_power_over_the_cluster(var_dir: Path) -> None:
    services = ensure_services(var_dir, fsync=False)
    with psycopg.connect(services.database_url) as connection:
        role = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = user"
        ).fetchone()
        database = connection.execute(
            "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocale FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()
    assert role == ("green_community", False, False, True, True)
    assert database == ("green_community", "UTF8", "C.UTF-8")
    assert redis.Redis.from_url(services.redis_url).ping() is True


def test_ensure_lets_nobody_in_without_the_password(var_dir: Path) -> None:
    services = ensure_services(var_dir, fsync=False)
    address, database = services.database_url.rpartition("@")[2], "postgresql://postgres:wrong@"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(database + address)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url("redis://" + services.redis_url.rpartition("@")[2]).ping()
    state = var_dir / "embedded" / "state.json"
    assert state.stat().st_mode & 0o777 == 0o600
    assert (base_of(var_dir) / "postgres").stat().st_mode & 0o777 == 0o700


def test_ensure_starts_only_what_is_needed(var_dir: Path) -> None:
    services = ensure_services(var_dir, need=["valkey"])
    assert services.database_url == ""
    assert valkey_pid(var_dir) is not None
    assert postgres_pid(var_dir) is None


def test_restart_keeps_data_and_addresses(var_dir: Path) -> None:
    before = ensure_services(var_dir, fsync=False)
    with psycopg.connect(before.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '社区' AS word")
    redis.Redis.from_url(before.redis_url).set("kept", "1")
    release_services(var_dir)
    assert (postgres_pid(var_dir), valkey_pid(var_dir)) == (None, None)

    after = ensure_services(var_dir, fsync=False)
    assert after == before
    with psycopg.connect(after.database_url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("社区",)
    assert redis.Redis.from_url(after.redis_url).get("kept") == b"1"


def test_ensure_survives_a_crash_whose_pid_belongs_to_another_process(var_dir: Path) -> None:
    ensure_services(var_dir, fsync=False)
    crashed = postgres_pid(var_dir)
    assert crashed is not None
    os.kill(crashed, signal.SIGKILL)
    wait_until(lambda: postgres_pid(var_dir) is None, seconds=15)
    pid_file = base_of(var_dir) / "postgres" / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]))

    services = ensure_services(var_dir, fsync=False)
    with psycopg.connect(services.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_ensure_twice_at_once_starts_one_server(var_dir: Path, user: Callable[[], subprocess.Popen[str]]) -> None:
    first, second = user(), user()
    services = services_of(first)
    assert services_of(second) == services
    with psycopg.connect(services.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_services_stop_with_their_last_user(var_dir: Path, user: Callable[[], subprocess.Popen[str]]) -> None:
    first = user()
    services_of(first)
    second = user()
    services_of(second)
    first.communicate()
    time.sleep(0.5)
    assert postgres_pid(var_dir) is not None
    second.kill()
    wait_until(lambda: postgres_pid(var_dir) is None and valkey_pid(var_dir) is None, seconds=15)


def test_remove_refuses_while_somebody_uses_the_services(
    var_dir: Path, user: Callable[[], subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    services_of(user())
    with monkeypatch.context() as patch:
        patch.setattr("config.embedded_watch.PATIENCE", 0)
        with pytest.raises(EmbeddedServiceError, match="in use"):
            remove_services(var_dir)
    assert postgres_pid(var_dir) is not None


def test_ensure_names_the_log_when_a_server_does_not_start(var_dir: Path) -> None:
    ensure_services(var_dir, need=["postgres"], fsync=False)
    release_services(var_dir)
    data = base_of(var_dir) / "postgres" / "data"
    (data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedServiceError, match=f"(?s){data.parent}/log.*no_such_setting.*make reset"):
        ensure_services(var_dir, need=["postgres"], fsync=False)
