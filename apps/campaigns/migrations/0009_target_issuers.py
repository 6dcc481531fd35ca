"""Who gave a target out (下达单位)."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0008_revoked_recognitions"),
        ("jurisdictions", "0003_life_of_jurisdictions"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="target",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="target",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="target",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="target",
            name="issued_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="下达单位",
            ),
        ),
        migrations.AddField(
            model_name="targetevent",
            name="issued_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="下达单位",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="target",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_targetevent" ("campaign_id", "document_number", "id", "issued_by_id", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "upper", "value", "year") VALUES (NEW."campaign_id", NEW."document_number", NEW."id", NEW."issued_by_id", NEW."jurisdiction_id", NEW."kind", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."source", NEW."upper", NEW."value", NEW."year"); RETURN NULL;',
                    hash="cc121aab8bba84dde9f77b2f28b6f55c67273b20",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_69655",
                    table="campaigns_target",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="target",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "campaigns_targetevent" ("campaign_id", "document_number", "id", "issued_by_id", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "upper", "value", "year") VALUES (NEW."campaign_id", NEW."document_number", NEW."id", NEW."issued_by_id", NEW."jurisdiction_id", NEW."kind", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."source", NEW."upper", NEW."value", NEW."year"); RETURN NULL;',
                    hash="d14524a2498159dea97e861085e9eb29943139c4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8603a",
                    table="campaigns_target",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="target",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_targetevent" ("campaign_id", "document_number", "id", "issued_by_id", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "upper", "value", "year") VALUES (OLD."campaign_id", OLD."document_number", OLD."id", OLD."issued_by_id", OLD."jurisdiction_id", OLD."kind", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."source", OLD."upper", OLD."value", OLD."year"); RETURN NULL;',
                    hash="8805b95574c46076c1644e733045de11cf8db722",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_5eeb7",
                    table="campaigns_target",
                    when="AFTER",
                ),
            ),
        ),
    ]
