"""Policies made before this one compare paths with the bare settings too, so that the planner sees how long the range is."""

import re
from typing import Any

from django.db import connection, migrations

_HIDDEN = re.compile(r"(>=|<) \( SELECT current_setting\('(app\.scope_(?:from|to))'::text, true\) AS current_setting\)")


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


def _bare(found: re.Match[str]) -> str:
    return f"{found[1]} current_setting('{found[2]}'::text, true)"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_application_role")]
    operations = [migrations.RunPython(show, migrations.RunPython.noop)]
