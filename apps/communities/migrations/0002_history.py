"""The history of every row."""

import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from apps.core.wall import HistoryWall


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0001_initial"),
        ("jurisdictions", "0002_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="CommunityEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=12, null=True, verbose_name="区划代码")),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                ("counts_as_urban", models.BooleanField(default=True, verbose_name="计入城市社区")),
                ("opened_on", models.DateField(blank=True, null=True, verbose_name="设立日期")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="撤销日期")),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="community",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "communities_communityevent" ("closed_on", "code", "counts_as_urban", "id", "jurisdiction_id", "name", "opened_on", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."closed_on", NEW."code", NEW."counts_as_urban", NEW."id", NEW."jurisdiction_id", NEW."name", NEW."opened_on", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="faddb46db4a1667bc4b12aaf3213b8dac023ad63",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_e0892",
                    table="communities_community",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="community",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "communities_communityevent" ("closed_on", "code", "counts_as_urban", "id", "jurisdiction_id", "name", "opened_on", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."closed_on", NEW."code", NEW."counts_as_urban", NEW."id", NEW."jurisdiction_id", NEW."name", NEW."opened_on", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="eaed0ad02c0bebb1d3456877fd5d52351895d31d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9c278",
                    table="communities_community",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="community",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "communities_communityevent" ("closed_on", "code", "counts_as_urban", "id", "jurisdiction_id", "name", "opened_on", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."closed_on", OLD."code", OLD."counts_as_urban", OLD."id", OLD."jurisdiction_id", OLD."name", OLD."opened_on", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="09837299eea99e5eda27ec42be2d0e8c7d710a5e",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_27a3a",
                    table="communities_community",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="communityevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="所属辖区",
            ),
        ),
        migrations.AddField(
            model_name="communityevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="communities.community",
            ),
        ),
        HistoryWall("communities_communityevent", tracked="communities_community"),
    ]
