"""What a later transfer moved is told by recognition: each stays in its month on both sides, and can be taken back on both."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The year is all that was known: its last day, as it was shown.
_DAYS = """
UPDATE %s SET recognitions = (SELECT jsonb_object_agg(key || '-12-31', value) FROM jsonb_each(recognitions)) WHERE recognitions <> '{}'
"""
_YEARS = """
UPDATE %s SET recognitions = (
    SELECT jsonb_object_agg(year, number) FROM (
        SELECT left(key, 4) AS year, sum(value::int) AS number FROM jsonb_each_text(recognitions) GROUP BY 1
    ) AS summed
) WHERE recognitions <> '{}'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0010_no_index_twice"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="transferredfigures",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="transferredfigures",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="transferredfigures",
            name="delete_delete",
        ),
        migrations.RenameField(model_name="transferredfigures", old_name="by_year", new_name="recognitions"),
        migrations.AlterField(
            model_name="transferredfigures",
            name="recognitions",
            field=models.JSONField(default=dict, verbose_name="认定数"),
        ),
        migrations.RunSQL(_DAYS % "campaigns_transferredfigures", _YEARS % "campaigns_transferredfigures"),
        migrations.RenameField(model_name="transferredfiguresevent", old_name="by_year", new_name="recognitions"),
        migrations.AlterField(
            model_name="transferredfiguresevent",
            name="recognitions",
            field=models.JSONField(default=dict, verbose_name="认定数"),
        ),
        migrations.RunSQL(_DAYS % "campaigns_transferredfiguresevent", _YEARS % "campaigns_transferredfiguresevent"),
        pgtrigger.migrations.AddTrigger(
            model_name="transferredfigures",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_transferredfiguresevent" ("base", "campaign_id", "effective_on", "enrolled", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pilots", "recognitions", "year") VALUES (NEW."base", NEW."campaign_id", NEW."effective_on", NEW."enrolled", NEW."id", NEW."jurisdiction_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."pilots", NEW."recognitions", NEW."year"); RETURN NULL;',
                    hash="88d98df0f6a30cdd2fe585f2391bb3a4b4782d89",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_08561",
                    table="campaigns_transferredfigures",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transferredfigures",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "campaigns_transferredfiguresevent" ("base", "campaign_id", "effective_on", "enrolled", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pilots", "recognitions", "year") VALUES (NEW."base", NEW."campaign_id", NEW."effective_on", NEW."enrolled", NEW."id", NEW."jurisdiction_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."pilots", NEW."recognitions", NEW."year"); RETURN NULL;',
                    hash="c8a528e5eadad701044bca216a1d0ed2c08a3e7f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b0e76",
                    table="campaigns_transferredfigures",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transferredfigures",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_transferredfiguresevent" ("base", "campaign_id", "effective_on", "enrolled", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pilots", "recognitions", "year") VALUES (OLD."base", OLD."campaign_id", OLD."effective_on", OLD."enrolled", OLD."id", OLD."jurisdiction_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."pilots", OLD."recognitions", OLD."year"); RETURN NULL;',
                    hash="94b0eae26fd35bf823a8b346a10277af6d327f27",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e0287",
                    table="campaigns_transferredfigures",
                    when="AFTER",
                ),
            ),
        ),
    ]
