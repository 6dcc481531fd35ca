"""Loads the national codes: jurisdictions and what lies under them, set-wise through temporary tables."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from apps.core.errors import InvalidInput
from apps.jurisdictions.models import Level

SOURCE = settings.BASE_DIR / "fixtures" / "divisions"
NATION_CODE = "000000000000"
NATION_NAME = "全国"


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a gzipped CSV file with a header."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def full_code(code: str) -> str:
    """Return ``code`` (2 to 12 digits) with the zeros of a 12-digit code behind it; InvalidInput for anything else."""
    if not (code.isascii() and code.isdigit() and 2 <= len(code) <= 12):
        raise InvalidInput(f"区划代码“{code}”不对：应为 2 到 12 位数字，例如 5323 或 532300000000。")
    return code.ljust(12, "0")


def select_branch(rows: Iterable[dict[str, str]], branches: list[str]) -> list[dict[str, str]]:
    """Keep the jurisdictions ``branches`` (12-digit codes), all below them and their ancestors; InvalidInput for an unknown one."""
    by_code = {row["code"]: row for row in rows}
    kept: set[str] = set()
    for branch in branches:
        if branch not in by_code:
            raise InvalidInput(f"区划代码 {branch} 不在 2023 年区划数据中。")
        code = branch
        while code:
            kept.add(code)
            code = by_code[code]["parent_code"]
    below = set(branches)
    for code, row in by_code.items():  # parents stand before their children
        if row["parent_code"] in below:
            below.add(code)
    return [row for code, row in by_code.items() if code in kept or code in below]


def load_jurisdictions(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, int]]:
    """Insert ``rows`` level by level, the nation's root first; yield each level with its number of rows.

    Jurisdictions that exist stay as they are: a bureau may have renamed or moved them since.
    """
    by_level: dict[str, list[tuple[str, str, str]]] = {level: [] for level in Level.values}
    by_level[Level.NATION] = [(NATION_CODE, NATION_NAME, "")]
    for row in rows:
        by_level[row["level"]].append((row["code"], row["name"], row["parent_code"] or NATION_CODE))
    with connection.cursor() as cursor:
        for level, batch in by_level.items():
            fill_temporary(cursor, batch)
            cursor.execute(
                """
                INSERT INTO jurisdictions_jurisdiction (code, name, level, kind, parent_id)
                SELECT l.code, l.name, %s, 'administrative', p.id
                FROM loaded l LEFT JOIN jurisdictions_jurisdiction p ON p.code = l.parent_code
                WHERE NOT EXISTS (SELECT 1 FROM jurisdictions_jurisdiction e WHERE e.code = l.code)
                ORDER BY l.code
                ON CONFLICT (code) DO NOTHING
                """,
                [level],
            )
            yield level, len(batch)


def fill_temporary(cursor: Any, batch: list[tuple[str, str, str]]) -> None:
    """Put (code, name, parent_code) into the temporary table ``loaded``: COPY is refused behind a policy."""
    cursor.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS loaded (code text, name text, parent_code text) ON COMMIT DROP; TRUNCATE loaded"
    )
    with cursor.copy("COPY loaded (code, name, parent_code) FROM STDIN") as copy:
        for line in batch:
            copy.write_row(line)
