"""The data that the product is measured with keeps up with the tables: it is loaded too seldom to notice by itself."""

import re

import pytest
from django.db import connection

from benchmarks import dataset

STATEMENTS = [
    text
    for text in (*vars(dataset).values(), *dataset.BULK.values())
    if isinstance(text, str) and "INSERT INTO" in text
]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda text: text.split("INSERT INTO ")[1].split()[0])
def test_every_column_that_needs_a_value_is_filled(statement: str) -> None:
    """A trigger gives the path where a statement leaves it to one."""
    table, columns = re.search(r"INSERT INTO (\w+)\s+\(([^)]+)\)", statement).groups()  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            " FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s",
            [table],
        )
        known = dict(cursor.fetchall())
    named = {name.strip() for name in columns.split(",")}
    assert named <= set(known)
    assert {name for name, is_needed in known.items() if is_needed} - named == set()
