"""The demo on one machine: prepares the data once, then runs web, worker and beat until one ends or it is stopped."""

import ctypes
import fcntl
import hashlib
import json
import multiprocessing
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Popen, Process

from config.embedded import ensure_services, release_services
from config.embedded_watch import EmbeddedServiceError, open_locked

ROOT = Path(__file__).resolve().parent.parent
VAR_DIR = ROOT / "var"
PREPARED = VAR_DIR / "demo-prepared.json"
TIME_ZONE = ZoneInfo("Asia/Shanghai")
BUSINESS_START = date(2022, 8, 15)
DEMO_BRANCHES = "11,12,32,34,5323"
# A connection that is kept open stays with its worker, however busy that is: without, whoever is free takes the next request.
GUNICORN_OPTIONS = "--config config/gunicorn.py --workers 2 --log-level warning"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Step:
    """A management command, repeated only when a file that it reads has changed since it last ran."""

    title: str
    command: str
    reads: tuple[str, ...]

    def fingerprint(self, database: str) -> str:
        digest = hashlib.sha256(f"{self.command} {database}".encode())
        for pattern in self.reads:
            for path in sorted(ROOT.glob(pattern)):
                if path.is_file():
                    digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
        return digest.hexdigest()


STEPS = (
    Step("更新数据库结构", "migrate --no-input --verbosity 0", ("apps/*/migrations/*.py",)),
    Step("导入行政区划和社区", f"load_divisions --communities {DEMO_BRANCHES}", ("fixtures/divisions/**/*",)),
    Step("导入创建标准", "load_standards", ("fixtures/standards/**/*",)),
    Step("导入创建行动", "load_campaigns", ("fixtures/campaigns/**/*",)),
    Step("生成演示数据", "seed_demo", ("fixtures/demo/**/*",)),
    Step(
        "收集静态文件",
        "collectstatic --no-input --verbosity 0",
        ("static/**/*", "config/settings/*.py", "package-lock.json", "requirements.txt"),
    ),
)


class DemoError(Exception):
    """The demo cannot start; the message is for the person at the terminal."""


def main() -> int:
    host = os.environ.get("HOST") or "127.0.0.1"
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        port = check_port(host, os.environ.get("PORT") or "8000")
        VAR_DIR.mkdir(exist_ok=True)
        only_demo = open_locked(VAR_DIR / "demo.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _fail("本目录的演示已在运行。 The demo of this directory is running already.")
    except (DemoError, OSError) as error:
        return _fail(str(error))
    _adopt_orphans()
    try:
        environment = connect()
        prepare(environment)
        return serve(host, port, environment)
    except KeyboardInterrupt:
        return 0
    except (DemoError, EmbeddedServiceError) as error:
        return _fail(str(error))
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        release_services(VAR_DIR)
        _reap()
        os.close(only_demo)


def check_port(host: str, text: str) -> int:
    """Return the port to serve on, or say what is wrong with it."""
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise DemoError(f"PORT={text} 不是端口号。 PORT={text} is not a port number.")
    try:
        socket.create_server((host, int(text))).close()
    except OSError as error:
        raise DemoError(
            f"端口 {host}:{text} 不能使用（可能已被占用），请换一个端口，例如：PORT=8001 make demo\n"
            f"Port {host}:{text} cannot be used ({error.strerror}). Choose another, e.g.: PORT=8001 make demo"
        ) from None
    return int(text)


def connect() -> dict[str, str]:
    """Start the services that the environment does not name; return the environment of every process of the demo."""
    environment = {
        # A line for each request would carry away the address and the accounts that were printed.
        "LOG_LEVEL": "WARNING",
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "CLOCK_OFFSET_SECONDS": str(clock_offset()),
        "PYTHONUNBUFFERED": "1",
        # Celery's, about being run by root: on a person's own machine that is how they started the demo.
        "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms",
    }
    services = {"DATABASE_URL": "postgres", "REDIS_URL": "valkey"}
    need = [service for variable, service in services.items() if not os.environ.get(variable)]
    if need:
        started = ensure_services(VAR_DIR, need=need)
        addresses = {"DATABASE_URL": started.database_url, "REDIS_URL": started.redis_url}
        environment.update({variable: url for variable, url in addresses.items() if url})
    return environment


def clock_offset() -> int:
    """Seconds from today to the business date, whole days: the hour stays the one on the wall. Fixed at the first start."""
    path = VAR_DIR / "demo-clock"
    if not path.exists():
        path.write_text(str((BUSINESS_START - datetime.now(TIME_ZONE).date()).days * 24 * 3600))
    return int(path.read_text())


def prepare(environment: dict[str, str]) -> None:
    """Run the steps from the first one on that is new, changed or was interrupted."""
    before: dict[str, str] = json.loads(PREPARED.read_text()) if PREPARED.exists() else {}
    done: dict[str, str] = {}
    for step in STEPS:
        fingerprint = step.fingerprint(os.environ.get("DATABASE_URL", "embedded"))
        if before.get(step.command) == fingerprint:
            done[step.command] = fingerprint
            continue
        before.clear()
        print(f"→ {step.title} ({step.command.split()[0]})", flush=True)
        # In a session of its own, so that Ctrl-C reaches the launcher alone, which ends the step without a traceback.
        result = subprocess.run(_manage(step.command), cwd=ROOT, env=environment, check=False, start_new_session=True)
        if result.returncode != 0:
            raise DemoError(f"“{step.title}”没有完成。 manage.py {step.command} failed; see above.")
        done[step.command] = fingerprint
        PREPARED.write_text(json.dumps(done, indent=1))


def serve(host: str, port: int, environment: dict[str, str]) -> int:
    python = shlex.quote(sys.executable)
    schedule = shlex.quote(str(VAR_DIR / "celerybeat-schedule"))
    manager = _Manager(Printer(_Terminal()))
    for name, command in {
        "web": f"gunicorn config.wsgi --bind {host}:{port} {GUNICORN_OPTIONS}",
        "worker": "celery -q -A config worker --concurrency 2 --loglevel WARNING",
        "beat": f"celery -q -A config beat --loglevel WARNING --pidfile= --schedule {schedule}",
    }.items():
        manager.add_process(name, f"exec {python} -m {command}", env=environment, cwd=str(ROOT))
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    threading.Thread(target=announce, args=(host, port, environment), daemon=True).start()
    try:
        manager.loop()
    finally:
        for child in multiprocessing.active_children():
            child.kill()
    stopped_by_user = manager.returncode in {128 + signal.SIGINT, 128 + signal.SIGTERM}
    return 0 if stopped_by_user else manager.returncode or 1


def announce(host: str, port: int, environment: dict[str, str]) -> None:
    """Say where the demo is and who can sign in, once it answers."""
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/"  # noqa: S104
    if not any(_answers(f"{address}readyz") for _ in _seconds(120)):
        print(f"{address}readyz does not answer yet; see the lines above.", file=_Terminal())
        return
    accounts = subprocess.run(
        _manage("demo_accounts"), cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    table = accounts.stdout.strip() or accounts.stderr.strip()
    print(
        f"\n{table}\n\n绿色社区创建管理平台（演示）已启动 The demo is ready: {address}\nCtrl-C 停止 stops it\n",
        file=_Terminal(),
    )


class _Manager(Manager):
    """Lets the signals to stop in only when every process has started: before, honcho knows nobody to pass them to."""

    def __init__(self, printer: Printer) -> None:
        super().__init__(printer)
        self._process_ctor = _Child

    def _all_started(self) -> bool:
        if started := super()._all_started():
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        return bool(started)


class _Child(Process):
    """Web, worker or beat: told to stop when the launcher ends, even if that is killed."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        self._child_ctor = partial(Popen, preexec_fn=self._before_exec)
        super().run(events, ignore_signals)

    @staticmethod
    def _before_exec() -> None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


class _Terminal:
    """Standard output. When it has closed, nobody watches the demo any more, and it stops."""

    def write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError:
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
            os.kill(os.getpid(), signal.SIGTERM)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return sys.stdout.isatty()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10):  # noqa: S310
            return True
    except OSError:
        return False


def _seconds(limit: int) -> Iterator[float]:
    deadline = time.monotonic() + limit
    while (left := deadline - time.monotonic()) > 0:
        time.sleep(0.3)
        yield left


def _manage(command: str) -> list[str]:
    return [sys.executable, "manage.py", *command.split()]


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _adopt_orphans() -> None:
    # The servers detach from who starts them. Where process 1 reaps nothing, as in many containers, they would stay as
    # zombies.
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _reap() -> None:
    for _ in _seconds(5):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return


if __name__ == "__main__":
    sys.exit(main())
