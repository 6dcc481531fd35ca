from django.db import migrations

from apps.core.wall import ABOVE_SCOPE, IN_SCOPE

OF_MINE = """EXISTS (
    SELECT 1 FROM reorganisations_{of}succession s JOIN {places} p ON p.id IN (s.predecessor_id, s.successor_id)
    WHERE s.change_id = reorganisations_{of_change}.id AND {mine})"""
HERE = "p.path >= current_setting('app.scope_from', true) AND p.path < current_setting('app.scope_to', true)"
CHANGES = {
    "communitychange": OF_MINE.format(
        of="", places="communities_community", of_change="communitychange", mine=f"({HERE})"
    ),
    "jurisdictionchange": OF_MINE.format(
        of="jurisdiction",
        places="jurisdictions_jurisdiction",
        of_change="jurisdictionchange",
        mine=f"({HERE} OR starts_with(current_setting('app.scope_from', true), p.path))",
    ),
}


def _policy(table: str, condition: str) -> str:
    return f"ALTER POLICY reorganisations_{table}_select ON reorganisations_{table} USING ({condition});"


class Migration(migrations.Migration):
    """A change that was decided above is read below by those whose communities or jurisdictions it is about: its effects name
    the self-assessments of others."""

    dependencies = [("reorganisations", "0001_initial")]

    operations = [
        migrations.RunSQL(
            _policy(table, f"{IN_SCOPE} OR ({ABOVE_SCOPE} AND {of_mine})"),
            reverse_sql=_policy(table, f"{IN_SCOPE} OR {ABOVE_SCOPE}"),
        )
        for table, of_mine in CHANGES.items()
    ]
