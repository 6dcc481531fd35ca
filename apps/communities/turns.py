"""Turns at the added facts (调查项目): many put down values at once, whoever changes what is asked does so alone.

A value is checked by the field as it stands, and a field is changed by whether there are values: neither row knows the other.
The turns are advisory locks, kept to the end of the transaction.
"""

from django.db import connection


def keep_fields() -> None:
    """Wait until nobody changes what is asked, and let nobody do so before this transaction ends."""
    _take("pg_advisory_xact_lock_shared")


def change_fields_alone() -> None:
    """Wait until nobody puts down values, or changes what is asked, and let nobody before this transaction ends."""
    _take("pg_advisory_xact_lock")


def _take(lock: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtext('communities.survey_field'))")
