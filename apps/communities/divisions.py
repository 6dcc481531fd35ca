"""Loads the urban residents' committees of the national codes as communities."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from apps.communities.spelling import spell
from apps.jurisdictions.divisions import fill_temporary


def load_communities(rows: Iterable[dict[str, str]]) -> int:
    """Insert the committees ``rows`` (code, name, street_code) whose street is loaded; return how many of them there are.

    Communities that exist stay as they are: a bureau may have surveyed or moved them since.
    """
    with connection.cursor() as cursor:
        fill_temporary(cursor, [(row["code"], row["name"], row["street_code"]) for row in rows])
        _spell_new_ones(cursor)
        cursor.execute(
            """
            INSERT INTO communities_community (code, name, jurisdiction_id, counts_as_urban, pinyin, initials)
            SELECT l.code, l.name, j.id, true, s.pinyin, s.initials
            FROM loaded l JOIN jurisdictions_jurisdiction j ON j.code = l.parent_code JOIN spelt s ON s.name = l.name
            ORDER BY l.code
            ON CONFLICT (code) DO NOTHING
            """
        )
        cursor.execute("SELECT count(*) FROM loaded l JOIN communities_community c ON c.code = l.code")
        return int(cursor.fetchone()[0])


def _spell_new_ones(cursor: Any) -> None:
    """Put the names that are not there yet, each once, with their spelling into the temporary table ``spelt``."""
    cursor.execute(
        "SELECT DISTINCT name FROM loaded l WHERE NOT EXISTS (SELECT 1 FROM communities_community c WHERE c.code = l.code)"
    )
    names = [name for (name,) in cursor.fetchall()]
    cursor.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS spelt (name text, pinyin text, initials text) ON COMMIT DROP; TRUNCATE spelt"
    )
    with cursor.copy("COPY spelt (name, pinyin, initials) FROM STDIN") as copy:
        for name in names:
            copy.write_row((name, *spell(name)))
    cursor.execute("ANALYZE spelt")
