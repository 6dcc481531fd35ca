"""The empty database that the tests' databases are copied from: migrated once, for as long as the migrations stay as they are."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection as default
from django.db.backends.utils import CursorWrapper
from psycopg import sql

# Any number, the same in every process.
_LOCK = 20220815
_MODULE = re.compile(r"^(?:from|import) (apps[\w.]+)", re.MULTILINE)


def is_there(connection: Any) -> bool:
    """Whether the database that the tests of this process work on has been made before."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [connection.settings_dict["TEST"]["NAME"]])
        return cursor.fetchone() is not None


def ensure_template(connection: Any) -> None:
    """Have the template stand as the migrations say; of several processes one makes it, and the others wait."""
    name, wanted = connection.settings_dict["TEST"]["TEMPLATE"], _state_of_source()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            if _remembered(cursor, name) != wanted:
                _make(connection, name)
                # Last of all: without it the template is made anew.
                cursor.execute(f"COMMENT ON DATABASE {name} IS '{wanted}'")
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _state_of_source() -> str:
    """A sum over the migrations, what of the project they use, and the packages whose migrations run too.

    What is merely new need not be known here: the copies are migrated as well.
    """
    base = settings.BASE_DIR
    paths = {base / "requirements.txt", *base.glob("apps/*/migrations/*.py")}
    used = {module for path in paths for module in _MODULE.findall(path.read_text())}
    paths |= {base / f"{module.replace('.', '/')}.py" for module in used}
    digest = sha256(settings.APPLICATION_ROLE.encode())
    for path in sorted(paths):
        digest.update(_line_of(path))
    return digest.hexdigest()


def _line_of(path: Path) -> bytes:
    return b"%b %b\n" % (bytes(path.relative_to(settings.BASE_DIR)), sha256(path.read_bytes()).hexdigest().encode())


def _remembered(cursor: CursorWrapper, name: str) -> str | None:
    cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
    row = cursor.fetchone()
    return row[0] if row else None


def _make(connection: Any, name: str) -> None:
    described = connection.settings_dict
    before = described["NAME"], described["TEST"]
    described["TEST"] = described["TEST"] | {"NAME": name, "TEMPLATE": None}
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        described["NAME"], described["TEST"] = before


def copy_database(owner: str, name: str) -> None:
    """Make ``name`` a copy of the loaded database, for processes of the product; PostgreSQL copies what nobody uses."""
    loaded = default.settings_dict["NAME"]
    default.close()
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [loaded])
        copy = sql.Identifier(name)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, sql.Identifier(loaded)))
        server.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(copy))
