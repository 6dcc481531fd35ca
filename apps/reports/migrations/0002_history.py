"""The history of every row."""

import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from apps.core.wall import HistoryWall


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0002_history"),
        ("jurisdictions", "0002_history"),
        ("reports", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportJobEvent",
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
                (
                    "kind",
                    models.CharField(
                        choices=[("completion_summary", "附件2 完成情况汇总表")], max_length=30, verbose_name="文件"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "等待中"), ("running", "生成中"), ("done", "已完成"), ("failed", "失败")],
                        default="waiting",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("file", models.FileField(blank=True, max_length=255, upload_to="exports/%Y/%m", verbose_name="文件")),
                ("filename", models.CharField(blank=True, max_length=200, verbose_name="文件名")),
                ("failure", models.TextField(blank=True, verbose_name="失败原因")),
                ("created_at", models.DateTimeField(verbose_name="发起时间")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="开始时间")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="完成时间")),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exportjob",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "reports_exportjobevent" ("campaign_id", "created_at", "created_by_id", "failure", "file", "filename", "finished_at", "id", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "status", "year") VALUES (NEW."campaign_id", NEW."created_at", NEW."created_by_id", NEW."failure", NEW."file", NEW."filename", NEW."finished_at", NEW."id", NEW."jurisdiction_id", NEW."kind", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."started_at", NEW."status", NEW."year"); RETURN NULL;',
                    hash="2bc478df3027d9eac1a875e1d9b091f67b0ad49f",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5d0d7",
                    table="reports_exportjob",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exportjob",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "reports_exportjobevent" ("campaign_id", "created_at", "created_by_id", "failure", "file", "filename", "finished_at", "id", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "status", "year") VALUES (NEW."campaign_id", NEW."created_at", NEW."created_by_id", NEW."failure", NEW."file", NEW."filename", NEW."finished_at", NEW."id", NEW."jurisdiction_id", NEW."kind", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."started_at", NEW."status", NEW."year"); RETURN NULL;',
                    hash="01c5f5376613220fc97ba164c5d051958d05e2ca",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_20843",
                    table="reports_exportjob",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exportjob",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "reports_exportjobevent" ("campaign_id", "created_at", "created_by_id", "failure", "file", "filename", "finished_at", "id", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "status", "year") VALUES (OLD."campaign_id", OLD."created_at", OLD."created_by_id", OLD."failure", OLD."file", OLD."filename", OLD."finished_at", OLD."id", OLD."jurisdiction_id", OLD."kind", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."started_at", OLD."status", OLD."year"); RETURN NULL;',
                    hash="8d7b23b96461ede05342bc3580a6c0424d3401d8",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_cf4cd",
                    table="reports_exportjob",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="exportjobevent",
            name="campaign",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="campaigns.campaign",
                verbose_name="创建行动",
            ),
        ),
        migrations.AddField(
            model_name="exportjobevent",
            name="created_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="发起人",
            ),
        ),
        migrations.AddField(
            model_name="exportjobevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="填报单位",
            ),
        ),
        migrations.AddField(
            model_name="exportjobevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="reports.exportjob",
            ),
        ),
        HistoryWall("reports_exportjobevent", tracked="reports_exportjob"),
    ]
