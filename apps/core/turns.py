"""Turns: one does something alone, or several together while nobody does it alone; kept to the end of the transaction.

They are advisory locks, for where there is no row that all concerned may lock.
"""

from django.db import connection


def take_turn(what: str, key: int | str = 0, *, shared: bool = False) -> None:
    """Wait for the turn at ``what``, of the thing that ``key`` names: alone, or ``shared`` with others who share it."""
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    own = "hashtext(%s)" if isinstance(key, str) else "%s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtext(%s), {own})", [what, key])
