"""Loads the urban residents' committees of the national codes as communities."""

from collections.abc import Iterable

from django.db import connection

from apps.jurisdictions.divisions import fill_temporary


def load_communities(rows: Iterable[dict[str, str]]) -> int:
    """Insert the committees ``rows`` (code, name, street_code) whose street is loaded; return how many of them there are.

    Communities that exist stay as they are: a bureau may have surveyed or moved them since.
    """
    with connection.cursor() as cursor:
        fill_temporary(cursor, [(row["code"], row["name"], row["street_code"]) for row in rows])
        cursor.execute(
            """
            INSERT INTO communities_community (code, name, jurisdiction_id, counts_as_urban)
            SELECT l.code, l.name, j.id, true
            FROM loaded l JOIN jurisdictions_jurisdiction j ON j.code = l.parent_code
            ORDER BY l.code
            ON CONFLICT (code) DO NOTHING
            """
        )
        cursor.execute("SELECT count(*) FROM loaded l JOIN communities_community c ON c.code = l.code")
        return int(cursor.fetchone()[0])
