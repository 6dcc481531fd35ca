"""What a later transfer moved is told by day, so that a recognition stays in its month on both sides."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The year is all that was known: its last day, as it was shown.
_DAYS = """
UPDATE %s SET by_day = (SELECT jsonb_object_agg(key || '-12-31', value) FROM jsonb_each(by_day)) WHERE by_day <> '{}'
"""
_YEARS = """
UPDATE %s SET by_day = (
    SELECT jsonb_object_agg(year, number) FROM (
        SELECT left(key, 4) AS year, sum(value::int) AS number FROM jsonb_each_text(by_day) GROUP BY 1
    ) AS summed
) WHERE by_day <> '{}'
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
        migrations.RenameField(model_name="transferredfigures", old_name="by_year", new_name="by_day"),
        migrations.AlterField(
            model_name="transferredfigures",
            name="by_day",
            field=models.JSONField(default=dict, verbose_name="各日认定数"),
        ),
        migrations.RunSQL(_DAYS % "campaigns_transferredfigures", _YEARS % "campaigns_transferredfigures"),
        migrations.RenameField(model_name="transferredfiguresevent", old_name="by_year", new_name="by_day"),
        migrations.AlterField(
            model_name="transferredfiguresevent",
            name="by_day",
            field=models.JSONField(default=dict, verbose_name="各日认定数"),
        ),
        migrations.RunSQL(_DAYS % "campaigns_transferredfiguresevent", _YEARS % "campaigns_transferredfiguresevent"),
        pgtrigger.migrations.AddTrigger(
            model_name="transferredfigures",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_transferredfiguresevent" ("base", "by_day", "campaign_id", "effective_on", "enrolled", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pilots", "year") VALUES (NEW."base", NEW."by_day", NEW."campaign_id", NEW."effective_on", NEW."enrolled", NEW."id", NEW."jurisdiction_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."pilots", NEW."year"); RETURN NULL;',
                    hash="c1bba021975444bbf531f819282388bb2beee41b",
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
                    func='INSERT INTO "campaigns_transferredfiguresevent" ("base", "by_day", "campaign_id", "effective_on", "enrolled", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pilots", "year") VALUES (NEW."base", NEW."by_day", NEW."campaign_id", NEW."effective_on", NEW."enrolled", NEW."id", NEW."jurisdiction_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."pilots", NEW."year"); RETURN NULL;',
                    hash="e5f6a5d7ced1ece2e42db10c4e5239063d2316a9",
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
                    func='INSERT INTO "campaigns_transferredfiguresevent" ("base", "by_day", "campaign_id", "effective_on", "enrolled", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pilots", "year") VALUES (OLD."base", OLD."by_day", OLD."campaign_id", OLD."effective_on", OLD."enrolled", OLD."id", OLD."jurisdiction_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."pilots", OLD."year"); RETURN NULL;',
                    hash="0b6bdaaee7a09cf7af85224f971bbb9d129e710a",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e0287",
                    table="campaigns_transferredfigures",
                    when="AFTER",
                ),
            ),
        ),
    ]
