"""How the embedded servers end: the locks of their users, the watcher that stops them after the last one, removal.

Runs by itself with any Python: it imports nothing of the project and nothing that is not in the standard library.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PATIENCE = 5  # seconds that a removal waits for the watcher


class EmbeddedServiceError(RuntimeError):
    """An embedded server cannot be started; the message says where to look and what to do."""


def state_dir(var_dir: Path) -> Path:
    return var_dir / "embedded"


def open_locked(path: Path, operation: int) -> int:
    # Python's file descriptors are closed on exec: no server inherits a lock. Forked children keep it, as they should.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, operation)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    descriptor = open_locked(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def watch(var_dir: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        watching = open_locked(state_dir(var_dir) / "watcher.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        alone = open_locked(state_dir(var_dir) / "users.lock", fcntl.LOCK_EX)
    except (BlockingIOError, FileNotFoundError):
        return
    stop_all(base_of(var_dir))
    # In this order: who gets the users' lock next must find that there is no watcher any more.
    os.close(watching)
    os.close(alone)


def stop_all(base: Path) -> None:
    stop(base / "postgres" / "data" / "postmaster.pid", base / "postgres" / "data", signal.SIGINT)
    stop(base / "valkey" / "valkey.pid", base / "valkey" / "valkey.conf", signal.SIGTERM)


def base_of(var_dir: Path) -> Path:
    return Path(read_state(var_dir).get("base", var_dir))


def read_state(var_dir: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads((state_dir(var_dir) / "state.json").read_text())
    except FileNotFoundError:
        return {}
    return state


def pid_of(pid_file: Path, argument: Path) -> int | None:
    """The server's pid, unless it has ended and its number is gone or another process's."""
    try:
        pid = int(pid_file.read_text().split(maxsplit=1)[0])
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        return None
    return pid if os.fsencode(argument) in arguments else None


def stop(pid_file: Path, argument: Path, stop_signal: signal.Signals) -> None:
    for number, patience in ((stop_signal, 60), (signal.SIGKILL, 5)):
        if (pid := pid_of(pid_file, argument)) is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while pid_of(pid_file, argument) == pid and time.monotonic() < deadline:
            time.sleep(0.02)


def remove_services(var_dir: Path) -> None:
    """Stop the servers and delete their data for good; refuses while a process uses them."""
    var_dir = var_dir.resolve()
    if not state_dir(var_dir).exists():
        return
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            last = open_locked(state_dir(var_dir) / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            # It may be only the watcher, stopping the servers of a command that has just ended.
            if time.monotonic() > deadline:
                raise EmbeddedServiceError(f"The services in {var_dir} are in use. Stop the demo first.") from None
            time.sleep(0.1)
    base = base_of(var_dir)
    stop_all(base)
    for folder in (base / "postgres", base / "valkey", base / "programs", state_dir(var_dir)):
        shutil.rmtree(folder, ignore_errors=True)
    if base != var_dir:
        shutil.rmtree(base, ignore_errors=True)
    os.close(last)


def main() -> None:
    command, var_dir = sys.argv[1], Path(sys.argv[2])
    if command == "watch":
        watch(var_dir)
    elif command == "remove":
        try:
            remove_services(var_dir)
        except EmbeddedServiceError as error:
            sys.exit(str(error))
    else:
        sys.exit("usage: embedded_watch.py {watch|remove} VAR_DIR")


if __name__ == "__main__":
    main()
