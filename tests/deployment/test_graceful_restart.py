"""A restart of the web process fails nobody's request: a real gunicorn, asked without a pause while it starts anew."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings

from tests.deployment.waiting import wait_until

WORKERS = 2


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def ask(port: int, path: str = "/livez") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Authorization": "Bearer of-this-test"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def children(pid: int) -> set[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return set(map(int, found.stdout.split()))


def answers(port: int) -> bool:
    try:
        return ask(port)[0] == 200
    except OSError:
        return False


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """A gunicorn of the site as production starts it: its port and process."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "config/gunicorn.py"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
    # Nothing here asks the database: the probes answer before anything that does.
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "VAR_DIR": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "METRICS_TOKEN": "of-this-test",
    }
    with (tmp_path / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: answers(port) and len(children(process.pid)) == WORKERS)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_no_request_fails_while_all_workers_are_replaced(web: tuple[int, int]) -> None:
    port, pid = web
    old, over = children(pid), threading.Event()
    seen: list[int | str] = []

    def keep_asking() -> None:
        while not over.is_set():
            try:
                seen.append(ask(port)[0])
            except OSError as error:
                seen.append(repr(error))

    askers = [threading.Thread(target=keep_asking) for _ in range(4)]
    for one in askers:
        one.start()
    try:
        wait_until(lambda: len(seen) > 20)
        os.kill(pid, signal.SIGHUP)
        wait_until(lambda: not children(pid) & old and len(children(pid)) == WORKERS)
        restarted = len(seen)
        wait_until(lambda: len(seen) > restarted + 20)
    finally:
        over.set()
        for one in askers:
            one.join()
    assert set(seen) == {200}


def test_a_request_under_way_is_answered_before_its_worker_ends(web: tuple[int, int]) -> None:
    port, pid = web
    old = children(pid)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
        slow.sendall(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        time.sleep(0.5)
        os.kill(pid, signal.SIGHUP)
        time.sleep(1)
        slow.sendall(b"Connection: close\r\n\r\n")
        assert slow.recv(100).startswith(b"HTTP/1.1 200")
    wait_until(lambda: not children(pid) & old)


def test_the_processes_of_a_server_count_together_and_leave_nothing_behind(
    tmp_path: Path, web: tuple[int, int]
) -> None:
    port, pid = web
    for _ in range(12):
        # Refused before anything asks the database.
        assert ask(port, "/?%00")[0] == 400
    counted = 'green_community_requests_total{method="GET",route="(none)",status="4xx"} 12.0'
    assert all(counted in ask(port, "/metrics")[1] for _ in range(4))
    (counts,) = tmp_path.glob("green-community-metrics-*")
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not counts.exists())
