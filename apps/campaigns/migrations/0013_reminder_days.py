"""The days on which units are reminded of what is due, as data of the campaign."""

import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import apps.campaigns.models.campaign


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0012_adoptions"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="campaign",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="campaign",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="campaign",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="campaign",
            name="reminder_days_after",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                default=apps.campaigns.models.campaign.usual_days_after,
                size=None,
                verbose_name="逾期后提醒",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="reminder_days_before",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                default=apps.campaigns.models.campaign.usual_days_before,
                size=None,
                verbose_name="到期前提醒",
            ),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="reminder_days_after",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                default=apps.campaigns.models.campaign.usual_days_after,
                size=None,
                verbose_name="逾期后提醒",
            ),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="reminder_days_before",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                default=apps.campaigns.models.campaign.usual_days_before,
                size=None,
                verbose_name="到期前提醒",
            ),
        ),
        migrations.AlterField(
            model_name="campaignchange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "开展"),
                    ("head", "基本信息"),
                    ("chain", "审核层级"),
                    ("departments", "责任部门"),
                    ("targets", "创建目标"),
                    ("phases", "阶段"),
                    ("milestones", "里程碑"),
                    ("years", "年度"),
                    ("standard", "创建标准"),
                    ("rules", "认定规则"),
                    ("reminders", "报送提醒"),
                    ("closed", "结束"),
                    ("reopened", "重新开展"),
                ],
                max_length=20,
                verbose_name="调整事项",
            ),
        ),
        migrations.AlterField(
            model_name="campaignchangeevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "开展"),
                    ("head", "基本信息"),
                    ("chain", "审核层级"),
                    ("departments", "责任部门"),
                    ("targets", "创建目标"),
                    ("phases", "阶段"),
                    ("milestones", "里程碑"),
                    ("years", "年度"),
                    ("standard", "创建标准"),
                    ("rules", "认定规则"),
                    ("reminders", "报送提醒"),
                    ("closed", "结束"),
                    ("reopened", "重新开展"),
                ],
                max_length=20,
                verbose_name="调整事项",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="campaign",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_campaignevent" ("code", "document_number", "document_title", "first_year", "id", "issued_on", "jurisdiction_id", "last_year", "lead_departments", "name", "needs_second_approval", "notice_working_days", "parent_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publishes_list", "reminder_days_after", "reminder_days_before", "review_chain", "standard_id", "status", "summary_note") VALUES (NEW."code", NEW."document_number", NEW."document_title", NEW."first_year", NEW."id", NEW."issued_on", NEW."jurisdiction_id", NEW."last_year", NEW."lead_departments", NEW."name", NEW."needs_second_approval", NEW."notice_working_days", NEW."parent_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."publishes_list", NEW."reminder_days_after", NEW."reminder_days_before", NEW."review_chain", NEW."standard_id", NEW."status", NEW."summary_note"); RETURN NULL;',
                    hash="fa70852946ee1aa42c2a4df5b289bb8ac3c92543",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5522d",
                    table="campaigns_campaign",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="campaign",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "campaigns_campaignevent" ("code", "document_number", "document_title", "first_year", "id", "issued_on", "jurisdiction_id", "last_year", "lead_departments", "name", "needs_second_approval", "notice_working_days", "parent_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publishes_list", "reminder_days_after", "reminder_days_before", "review_chain", "standard_id", "status", "summary_note") VALUES (NEW."code", NEW."document_number", NEW."document_title", NEW."first_year", NEW."id", NEW."issued_on", NEW."jurisdiction_id", NEW."last_year", NEW."lead_departments", NEW."name", NEW."needs_second_approval", NEW."notice_working_days", NEW."parent_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."publishes_list", NEW."reminder_days_after", NEW."reminder_days_before", NEW."review_chain", NEW."standard_id", NEW."status", NEW."summary_note"); RETURN NULL;',
                    hash="48af2a91706ac55ce02824ab63b7136bfb1e487f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f2afa",
                    table="campaigns_campaign",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="campaign",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_campaignevent" ("code", "document_number", "document_title", "first_year", "id", "issued_on", "jurisdiction_id", "last_year", "lead_departments", "name", "needs_second_approval", "notice_working_days", "parent_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publishes_list", "reminder_days_after", "reminder_days_before", "review_chain", "standard_id", "status", "summary_note") VALUES (OLD."code", OLD."document_number", OLD."document_title", OLD."first_year", OLD."id", OLD."issued_on", OLD."jurisdiction_id", OLD."last_year", OLD."lead_departments", OLD."name", OLD."needs_second_approval", OLD."notice_working_days", OLD."parent_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."publishes_list", OLD."reminder_days_after", OLD."reminder_days_before", OLD."review_chain", OLD."standard_id", OLD."status", OLD."summary_note"); RETURN NULL;',
                    hash="7eae22ddadc68229d573dd950456dcb221f9e7b2",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4123f",
                    table="campaigns_campaign",
                    when="AFTER",
                ),
            ),
        ),
    ]
