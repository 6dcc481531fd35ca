"""Exports can be cancelled, made again and expire."""

import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import apps.reports.registry


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0011_recognitions_of_transfers"),
        ("jurisdictions", "0003_life_of_jurisdictions"),
        ("reports", "0002_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="exportjob",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="exportjob",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="exportjob",
            name="delete_delete",
        ),
        migrations.RemoveConstraint(
            model_name="exportjob",
            name="export_status",
        ),
        migrations.AddField(
            model_name="exportjob",
            name="asked_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="排队时间"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="exportjob",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="生成次数"),
        ),
        migrations.AddField(
            model_name="exportjob",
            name="called_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="派发时间"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="exportjob",
            name="interruptions",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="中断次数"),
        ),
        migrations.AddField(
            model_name="exportjobevent",
            name="asked_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="排队时间"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="exportjobevent",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="生成次数"),
        ),
        migrations.AddField(
            model_name="exportjobevent",
            name="called_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="派发时间"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="exportjobevent",
            name="interruptions",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="中断次数"),
        ),
        migrations.AlterField(
            model_name="exportjob",
            name="kind",
            field=models.CharField(choices=apps.reports.registry.choices, max_length=30, verbose_name="文件"),
        ),
        migrations.AlterField(
            model_name="exportjob",
            name="status",
            field=models.CharField(
                choices=[
                    ("waiting", "等待中"),
                    ("running", "生成中"),
                    ("done", "已完成"),
                    ("failed", "失败"),
                    ("cancelled", "已取消"),
                    ("expired", "已过期"),
                ],
                default="waiting",
                max_length=20,
                verbose_name="状态",
            ),
        ),
        migrations.AlterField(
            model_name="exportjobevent",
            name="kind",
            field=models.CharField(choices=apps.reports.registry.choices, max_length=30, verbose_name="文件"),
        ),
        migrations.AlterField(
            model_name="exportjobevent",
            name="status",
            field=models.CharField(
                choices=[
                    ("waiting", "等待中"),
                    ("running", "生成中"),
                    ("done", "已完成"),
                    ("failed", "失败"),
                    ("cancelled", "已取消"),
                    ("expired", "已过期"),
                ],
                default="waiting",
                max_length=20,
                verbose_name="状态",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exportjob",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "reports_exportjobevent" ("asked_at", "attempts", "called_at", "campaign_id", "created_at", "created_by_id", "failure", "file", "filename", "finished_at", "id", "interruptions", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "status", "year") VALUES (NEW."asked_at", NEW."attempts", NEW."called_at", NEW."campaign_id", NEW."created_at", NEW."created_by_id", NEW."failure", NEW."file", NEW."filename", NEW."finished_at", NEW."id", NEW."interruptions", NEW."jurisdiction_id", NEW."kind", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."started_at", NEW."status", NEW."year"); RETURN NULL;',
                    hash="1846aa28aecb05ab96e896a0d4764be196928a99",
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
                    func='INSERT INTO "reports_exportjobevent" ("asked_at", "attempts", "called_at", "campaign_id", "created_at", "created_by_id", "failure", "file", "filename", "finished_at", "id", "interruptions", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "status", "year") VALUES (NEW."asked_at", NEW."attempts", NEW."called_at", NEW."campaign_id", NEW."created_at", NEW."created_by_id", NEW."failure", NEW."file", NEW."filename", NEW."finished_at", NEW."id", NEW."interruptions", NEW."jurisdiction_id", NEW."kind", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."started_at", NEW."status", NEW."year"); RETURN NULL;',
                    hash="61ecc9b4b348b429c80e3c397e862a46b339e27c",
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
                    func='INSERT INTO "reports_exportjobevent" ("asked_at", "attempts", "called_at", "campaign_id", "created_at", "created_by_id", "failure", "file", "filename", "finished_at", "id", "interruptions", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "status", "year") VALUES (OLD."asked_at", OLD."attempts", OLD."called_at", OLD."campaign_id", OLD."created_at", OLD."created_by_id", OLD."failure", OLD."file", OLD."filename", OLD."finished_at", OLD."id", OLD."interruptions", OLD."jurisdiction_id", OLD."kind", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."started_at", OLD."status", OLD."year"); RETURN NULL;',
                    hash="f6836d78326ecaffc6e30a420b86a6f191d76a49",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_cf4cd",
                    table="reports_exportjob",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="exportjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("file", ""), ("status__in", ["waiting", "running", "cancelled", "expired"])),
                    models.Q(("status", "done"), models.Q(("file", ""), _negated=True)),
                    models.Q(("file", ""), ("status", "failed"), models.Q(("failure", ""), _negated=True)),
                    _connector="OR",
                ),
                name="export_status",
            ),
        ),
    ]
