"""Migrations that run while the release before is still serving: docs/operations.md, "Updating without a pause"."""

import pytest
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser import analyse_sql_statements

# The last ones that make a database from nothing; whatever comes after runs on a bureau's data, under the pages of before.
FROM_NOTHING = {
    "accounts": 7,
    "assessments": 10,
    "bulletins": 1,
    "campaigns": 14,
    "communities": 5,
    "core": 2,
    "evaluations": 1,
    "filings": 1,
    "jurisdictions": 3,
    "notifications": 11,
    "papers": 1,
    "practices": 1,
    "projects": 3,
    "recognitions": 2,
    "reorganisations": 2,
    "reports": 3,
    "standards": 6,
    "supervision": 1,
}
# A new room's own tables are nobody's yet.
INITIAL = 1


def later() -> list[tuple[str, str]]:
    loader = MigrationLoader(None)
    own = [key for key, one in loader.disk_migrations.items() if one.__module__.startswith("apps.")]
    return sorted((app, name) for app, name in own if int(name[:4]) > FROM_NOTHING.get(app, INITIAL))


def objections(app: str, name: str) -> list[str]:
    """What the linter has against a migration."""
    linter = MigrationLinter(no_cache=True, no_output=True)
    in_sql, _, _ = analyse_sql_statements(linter.sql_analyser_class, linter.get_sql(app, name))
    in_python, _, _ = linter.analyse_data_migration(MigrationLoader(None).disk_migrations[app, name])
    return [one.message for one in (*in_sql, *in_python)]


@pytest.mark.django_db
def test_migrations_leave_the_release_before_working() -> None:
    assert {f"{app} {name}": found for app, name in later() if (found := objections(app, name))} == {}


@pytest.mark.django_db
def test_the_linter_sees_a_column_that_the_release_before_does_not_fill() -> None:
    assert "NOT NULL constraint on columns" in objections("campaigns", "0014_reminder_days")


def test_the_start_names_migrations_that_are_there() -> None:
    loader = MigrationLoader(None)
    last = {app: max(int(name[:4]) for one, name in loader.disk_migrations if one == app) for app in FROM_NOTHING}
    assert all(number <= last[app] for app, number in FROM_NOTHING.items())
