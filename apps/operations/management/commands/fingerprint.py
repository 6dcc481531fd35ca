"""The database in a line for each table, to compare a restored one with."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from psycopg import sql


class Command(BaseCommand):
    help = "Write a line for each table: how many rows, and a hash of all of them. Two that are equal hold the same."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.savepoint_ids == []:
                # All tables as of one moment, while others go on writing.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            for table in sorted(connection.introspection.table_names(cursor)):
                # The order of rows is nobody's; a sum has none.
                cursor.execute(
                    sql.SQL(
                        "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {} t"
                    ).format(sql.Identifier(table))
                )
                number, digest = cursor.fetchone()
                self.stdout.write(f"{table}\t{number}\t{digest}")
