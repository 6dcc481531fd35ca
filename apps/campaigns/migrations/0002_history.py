"""The history of every row."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from apps.core.wall import HistoryWall


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        ("communities", "0002_history"),
        ("jurisdictions", "0002_history"),
        ("standards", "0002_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CampaignEvent",
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
                ("code", models.SlugField(db_index=False, verbose_name="行动代码")),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                ("document_title", models.CharField(blank=True, max_length=200, verbose_name="文件名称")),
                ("document_number", models.CharField(blank=True, max_length=100, verbose_name="文号")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="印发日期")),
                ("first_year", models.PositiveSmallIntegerField(verbose_name="起始年度")),
                ("last_year", models.PositiveSmallIntegerField(verbose_name="结束年度")),
                (
                    "review_chain",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("nation", "国家"),
                                ("province", "省级"),
                                ("city", "地级"),
                                ("district", "县级"),
                                ("street", "乡级"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                        verbose_name="审核层级",
                    ),
                ),
                (
                    "lead_departments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="参与部门",
                    ),
                ),
                ("summary_note", models.TextField(blank=True, verbose_name="附件2 注")),
                ("needs_second_approval", models.BooleanField(default=False, verbose_name="认定和摘牌须第二人复核")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MilestoneEvent",
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
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("title", models.CharField(max_length=200, verbose_name="事项")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("nation", "国家"),
                            ("province", "省级"),
                            ("city", "地级"),
                            ("district", "县级"),
                            ("street", "乡级"),
                        ],
                        max_length=10,
                        verbose_name="报送层级",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("plan", "方案计划"),
                            ("pilots", "试点"),
                            ("progress", "进展情况"),
                            ("self_evaluation", "自评"),
                            ("result_list", "创建成果名单"),
                            ("annual_report", "年度总结"),
                            ("evaluation", "年度评估"),
                            ("acceptance", "验收"),
                        ],
                        max_length=20,
                        verbose_name="类别",
                    ),
                ),
                (
                    "recurrence",
                    models.CharField(
                        choices=[("once", "一次"), ("monthly", "每月"), ("quarterly", "每季度"), ("yearly", "每年")],
                        max_length=10,
                        verbose_name="频次",
                    ),
                ),
                (
                    "dates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateField(), size=None, verbose_name="期限"
                    ),
                ),
                (
                    "required_parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="应含内容",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="依据")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ParticipationEvent",
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
                ("year", models.PositiveSmallIntegerField(verbose_name="计划年度")),
                ("is_pilot", models.BooleanField(default=False, verbose_name="试点")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("planned", "未填报"),
                            ("drafting", "自评中"),
                            ("in_review", "审核中"),
                            ("returned", "已退回"),
                            ("recognised", "已认定"),
                        ],
                        default="planned",
                        max_length=20,
                        verbose_name="进度",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="列入时间")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PhaseEvent",
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
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("title", models.CharField(max_length=100, verbose_name="阶段")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="开始")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="结束")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RecognitionEvent",
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
                ("year", models.PositiveSmallIntegerField(verbose_name="认定年度")),
                ("document_number", models.CharField(blank=True, max_length=100, verbose_name="认定文号")),
                ("recognised_at", models.DateTimeField(verbose_name="认定时间")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="摘牌时间")),
                ("revocation_reason", models.TextField(blank=True, verbose_name="摘牌理由")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SectionDepartmentsEvent",
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
                ("section_number", models.PositiveSmallIntegerField(verbose_name="内容序号")),
                (
                    "departments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50), size=None, verbose_name="责任部门"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TargetEvent",
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
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("percent", "占城市社区比例（%）"),
                            ("pilots_per_street", "每街道试点数"),
                            ("number", "社区数"),
                        ],
                        max_length=20,
                        verbose_name="类别",
                    ),
                ),
                ("value", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="目标值")),
                (
                    "upper",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True, verbose_name="上限"),
                ),
                ("document_number", models.CharField(blank=True, max_length=100, verbose_name="文号")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="依据")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="campaign",
            name="needs_second_approval",
            field=models.BooleanField(default=False, verbose_name="认定和摘牌须第二人复核"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="campaign",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_campaignevent" ("code", "document_number", "document_title", "first_year", "id", "issued_on", "jurisdiction_id", "last_year", "lead_departments", "name", "needs_second_approval", "parent_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "review_chain", "standard_id", "summary_note") VALUES (NEW."code", NEW."document_number", NEW."document_title", NEW."first_year", NEW."id", NEW."issued_on", NEW."jurisdiction_id", NEW."last_year", NEW."lead_departments", NEW."name", NEW."needs_second_approval", NEW."parent_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."review_chain", NEW."standard_id", NEW."summary_note"); RETURN NULL;',
                    hash="74e0f542075e7a691eea26e03a0200af91758fae",
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
                    func='INSERT INTO "campaigns_campaignevent" ("code", "document_number", "document_title", "first_year", "id", "issued_on", "jurisdiction_id", "last_year", "lead_departments", "name", "needs_second_approval", "parent_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "review_chain", "standard_id", "summary_note") VALUES (NEW."code", NEW."document_number", NEW."document_title", NEW."first_year", NEW."id", NEW."issued_on", NEW."jurisdiction_id", NEW."last_year", NEW."lead_departments", NEW."name", NEW."needs_second_approval", NEW."parent_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."review_chain", NEW."standard_id", NEW."summary_note"); RETURN NULL;',
                    hash="e380171763872e1d4320224c27d4440f4003c7e1",
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
                    func='INSERT INTO "campaigns_campaignevent" ("code", "document_number", "document_title", "first_year", "id", "issued_on", "jurisdiction_id", "last_year", "lead_departments", "name", "needs_second_approval", "parent_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "review_chain", "standard_id", "summary_note") VALUES (OLD."code", OLD."document_number", OLD."document_title", OLD."first_year", OLD."id", OLD."issued_on", OLD."jurisdiction_id", OLD."last_year", OLD."lead_departments", OLD."name", OLD."needs_second_approval", OLD."parent_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."review_chain", OLD."standard_id", OLD."summary_note"); RETURN NULL;',
                    hash="c67b6fea9b59e7cfa1e0ffb619e53c8b552c8d02",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4123f",
                    table="campaigns_campaign",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="milestone",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_milestoneevent" ("campaign_id", "dates", "id", "kind", "level", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recurrence", "required_parts", "source", "title") VALUES (NEW."campaign_id", NEW."dates", NEW."id", NEW."kind", NEW."level", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."recurrence", NEW."required_parts", NEW."source", NEW."title"); RETURN NULL;',
                    hash="0f8d54976e51282970f3f04f39f1ce2d29ec9ba6",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6cb6b",
                    table="campaigns_milestone",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="milestone",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "campaigns_milestoneevent" ("campaign_id", "dates", "id", "kind", "level", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recurrence", "required_parts", "source", "title") VALUES (NEW."campaign_id", NEW."dates", NEW."id", NEW."kind", NEW."level", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."recurrence", NEW."required_parts", NEW."source", NEW."title"); RETURN NULL;',
                    hash="479ac0c55997e2ce111f9622549012f9b5363f05",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_06bc0",
                    table="campaigns_milestone",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="milestone",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_milestoneevent" ("campaign_id", "dates", "id", "kind", "level", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recurrence", "required_parts", "source", "title") VALUES (OLD."campaign_id", OLD."dates", OLD."id", OLD."kind", OLD."level", OLD."number", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."recurrence", OLD."required_parts", OLD."source", OLD."title"); RETURN NULL;',
                    hash="9565473d27e5a28d05e0254ec33a7c034258cce3",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_97e7f",
                    table="campaigns_milestone",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="participation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_participationevent" ("campaign_id", "community_id", "created_at", "created_by_id", "id", "is_pilot", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "stage", "year") VALUES (NEW."campaign_id", NEW."community_id", NEW."created_at", NEW."created_by_id", NEW."id", NEW."is_pilot", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."stage", NEW."year"); RETURN NULL;',
                    hash="020e6f05a9e580063038b8ffbb80c5b00950af9f",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5f5fd",
                    table="campaigns_participation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="participation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "campaigns_participationevent" ("campaign_id", "community_id", "created_at", "created_by_id", "id", "is_pilot", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "stage", "year") VALUES (NEW."campaign_id", NEW."community_id", NEW."created_at", NEW."created_by_id", NEW."id", NEW."is_pilot", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."stage", NEW."year"); RETURN NULL;',
                    hash="d58aa88a744fd8bbe45f2b40f30d0919426df13f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6d754",
                    table="campaigns_participation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="participation",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_participationevent" ("campaign_id", "community_id", "created_at", "created_by_id", "id", "is_pilot", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "stage", "year") VALUES (OLD."campaign_id", OLD."community_id", OLD."created_at", OLD."created_by_id", OLD."id", OLD."is_pilot", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."stage", OLD."year"); RETURN NULL;',
                    hash="320bcd837b3d6fa4787242b848b4f4f225d9cbf6",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_1670b",
                    table="campaigns_participation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phase",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_phaseevent" ("campaign_id", "ends_on", "id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "title") VALUES (NEW."campaign_id", NEW."ends_on", NEW."id", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."starts_on", NEW."title"); RETURN NULL;',
                    hash="b72624d84d1c06905220151d41743ba64fd0bfed",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_205bd",
                    table="campaigns_phase",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phase",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "campaigns_phaseevent" ("campaign_id", "ends_on", "id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "title") VALUES (NEW."campaign_id", NEW."ends_on", NEW."id", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."starts_on", NEW."title"); RETURN NULL;',
                    hash="9dcdb2d53d7a98433192d9f51a8b710a688e6940",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_969b5",
                    table="campaigns_phase",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phase",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_phaseevent" ("campaign_id", "ends_on", "id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "title") VALUES (OLD."campaign_id", OLD."ends_on", OLD."id", OLD."number", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."starts_on", OLD."title"); RETURN NULL;',
                    hash="7b7a241558f3767aee22b5b22112b35c5cf3502d",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_94120",
                    table="campaigns_phase",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recognition",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_recognitionevent" ("campaign_id", "community_id", "document_number", "id", "participation_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recognised_at", "recognised_by_id", "revocation_reason", "revoked_at", "revoked_by_id", "year") VALUES (NEW."campaign_id", NEW."community_id", NEW."document_number", NEW."id", NEW."participation_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."recognised_at", NEW."recognised_by_id", NEW."revocation_reason", NEW."revoked_at", NEW."revoked_by_id", NEW."year"); RETURN NULL;',
                    hash="ea1ff3801741df1af8f6228009b33682ae01475e",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_58d19",
                    table="campaigns_recognition",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recognition",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "campaigns_recognitionevent" ("campaign_id", "community_id", "document_number", "id", "participation_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recognised_at", "recognised_by_id", "revocation_reason", "revoked_at", "revoked_by_id", "year") VALUES (NEW."campaign_id", NEW."community_id", NEW."document_number", NEW."id", NEW."participation_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."recognised_at", NEW."recognised_by_id", NEW."revocation_reason", NEW."revoked_at", NEW."revoked_by_id", NEW."year"); RETURN NULL;',
                    hash="685a430a3b75274745e38f5faf8b44398a93ecc9",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e724d",
                    table="campaigns_recognition",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recognition",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_recognitionevent" ("campaign_id", "community_id", "document_number", "id", "participation_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recognised_at", "recognised_by_id", "revocation_reason", "revoked_at", "revoked_by_id", "year") VALUES (OLD."campaign_id", OLD."community_id", OLD."document_number", OLD."id", OLD."participation_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."recognised_at", OLD."recognised_by_id", OLD."revocation_reason", OLD."revoked_at", OLD."revoked_by_id", OLD."year"); RETURN NULL;',
                    hash="fb041a7b0e7f888f5982a3c55bab6e55df86f624",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_590ec",
                    table="campaigns_recognition",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sectiondepartments",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_sectiondepartmentsevent" ("campaign_id", "departments", "id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "section_number") VALUES (NEW."campaign_id", NEW."departments", NEW."id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."section_number"); RETURN NULL;',
                    hash="7f2279f98308956f722464cb762ac8da19cbec94",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_4db2a",
                    table="campaigns_sectiondepartments",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sectiondepartments",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "campaigns_sectiondepartmentsevent" ("campaign_id", "departments", "id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "section_number") VALUES (NEW."campaign_id", NEW."departments", NEW."id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."section_number"); RETURN NULL;',
                    hash="803322af91d068d3971ed840b1c92f35cb1d3d01",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a3c9b",
                    table="campaigns_sectiondepartments",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sectiondepartments",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_sectiondepartmentsevent" ("campaign_id", "departments", "id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "section_number") VALUES (OLD."campaign_id", OLD."departments", OLD."id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."section_number"); RETURN NULL;',
                    hash="ff7a9c6554ffe3bccc88e2aa88dc24db92f350ba",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c0932",
                    table="campaigns_sectiondepartments",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="target",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_targetevent" ("campaign_id", "document_number", "id", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "upper", "value", "year") VALUES (NEW."campaign_id", NEW."document_number", NEW."id", NEW."jurisdiction_id", NEW."kind", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."source", NEW."upper", NEW."value", NEW."year"); RETURN NULL;',
                    hash="9449f1c3383ab1b0b7402ccb9aac88e947fd4bad",
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
                    func='INSERT INTO "campaigns_targetevent" ("campaign_id", "document_number", "id", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "upper", "value", "year") VALUES (NEW."campaign_id", NEW."document_number", NEW."id", NEW."jurisdiction_id", NEW."kind", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."source", NEW."upper", NEW."value", NEW."year"); RETURN NULL;',
                    hash="a9a0a59a3dc06f4d30113f7d862d847dbc4699dc",
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
                    func='INSERT INTO "campaigns_targetevent" ("campaign_id", "document_number", "id", "jurisdiction_id", "kind", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "upper", "value", "year") VALUES (OLD."campaign_id", OLD."document_number", OLD."id", OLD."jurisdiction_id", OLD."kind", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."source", OLD."upper", OLD."value", OLD."year"); RETURN NULL;',
                    hash="c6a3a1b4833a0656a3a018e205fb9ca9458fc542",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_5eeb7",
                    table="campaigns_target",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="发起辖区",
            ),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="campaigns.campaign",
                verbose_name="上级行动",
            ),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="campaigns.campaign",
            ),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="standard",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="standards.standard",
                verbose_name="创建标准",
            ),
        ),
        migrations.AddField(
            model_name="milestoneevent",
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
            model_name="milestoneevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="campaigns.milestone",
            ),
        ),
        migrations.AddField(
            model_name="participationevent",
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
            model_name="participationevent",
            name="community",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="communities.community",
                verbose_name="城市社区",
            ),
        ),
        migrations.AddField(
            model_name="participationevent",
            name="created_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="列入人",
            ),
        ),
        migrations.AddField(
            model_name="participationevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="campaigns.participation",
            ),
        ),
        migrations.AddField(
            model_name="phaseevent",
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
            model_name="phaseevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="campaigns.phase",
            ),
        ),
        migrations.AddField(
            model_name="recognitionevent",
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
            model_name="recognitionevent",
            name="community",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="communities.community",
                verbose_name="城市社区",
            ),
        ),
        migrations.AddField(
            model_name="recognitionevent",
            name="participation",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="campaigns.participation",
                verbose_name="参与创建",
            ),
        ),
        migrations.AddField(
            model_name="recognitionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="campaigns.recognition",
            ),
        ),
        migrations.AddField(
            model_name="recognitionevent",
            name="recognised_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="认定人",
            ),
        ),
        migrations.AddField(
            model_name="recognitionevent",
            name="revoked_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="摘牌人",
            ),
        ),
        migrations.AddField(
            model_name="sectiondepartmentsevent",
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
            model_name="sectiondepartmentsevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="campaigns.sectiondepartments",
            ),
        ),
        migrations.AddField(
            model_name="targetevent",
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
            model_name="targetevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="辖区",
            ),
        ),
        migrations.AddField(
            model_name="targetevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="campaigns.target",
            ),
        ),
        HistoryWall("campaigns_campaignevent", tracked="campaigns_campaign"),
        HistoryWall("campaigns_milestoneevent", tracked="campaigns_milestone"),
        HistoryWall("campaigns_participationevent", tracked="campaigns_participation"),
        HistoryWall("campaigns_phaseevent", tracked="campaigns_phase"),
        HistoryWall("campaigns_recognitionevent", tracked="campaigns_recognition"),
        HistoryWall("campaigns_sectiondepartmentsevent", tracked="campaigns_sectiondepartments"),
        HistoryWall("campaigns_targetevent", tracked="campaigns_target"),
    ]
