"""Policies made before this one compare paths with the bare settings too, so that the planner sees how long the range is; tables
of permissions that nothing reads any more go."""

import re
from typing import Any

from django.db import connection, migrations

_OF_GUARDIAN = ("guardian_userobjectpermission", "guardian_groupobjectpermission")
_HIDDEN = re.compile(
    r"(>=|<|starts_with\() ?\( SELECT current_setting\('(app\.scope_(?:from|to))'::text, true\) AS current_setting\)"
)


def show(apps: Any, schema_editor: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, policyname, qual, with_check FROM pg_policies WHERE schemaname = 'public'")
        for table, policy, using, check in cursor.fetchall():
            clauses = [
                f"{clause} ({_HIDDEN.sub(_bare, condition)})"
                for clause, condition in (("USING", using), ("WITH CHECK", check))
                if condition and _HIDDEN.search(condition)
            ]
            if clauses:
                cursor.execute(f"ALTER POLICY {policy} ON {table} {' '.join(clauses)}")
        for table in _OF_GUARDIAN:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


def _bare(found: re.Match[str]) -> str:
    return f"{found[1]} current_setting('{found[2]}'::text, true)"  # a space after the bracket does no harm


class Migration(migrations.Migration):
    dependencies = [("core", "0001_application_role")]
    operations = [migrations.RunPython(show, migrations.RunPython.noop)]
