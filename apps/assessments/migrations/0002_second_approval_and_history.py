"""Assignee, pictures for display, second approval; the history of every row."""

import django.core.serializers.json
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import apps.assessments.models
from apps.core.wall import HistoryWall, Wall


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0001_initial"),
        ("campaigns", "0002_history"),
        ("jurisdictions", "0002_history"),
        ("standards", "0002_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AssessmentEvent",
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
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("in_review", "审核中"),
                            ("returned", "已退回"),
                            ("recognised", "已认定"),
                        ],
                        default="draft",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("held_since", models.DateTimeField(verbose_name="到达时间")),
                ("round", models.PositiveSmallIntegerField(default=0, verbose_name="提交次数")),
                (
                    "total_points",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="得分"),
                ),
                ("meets_standard", models.BooleanField(blank=True, null=True, verbose_name="达到创建要求")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CriterionResultEvent",
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
                        verbose_name="层级",
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("met", "符合"),
                            ("not_met", "不符合"),
                            ("not_applicable", "不适用"),
                            ("scored", "已评分"),
                        ],
                        max_length=20,
                        verbose_name="结果",
                    ),
                ),
                (
                    "deductions",
                    models.JSONField(
                        blank=True,
                        default=list,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        verbose_name="扣分",
                    ),
                ),
                (
                    "points",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="得分"),
                ),
                ("note", models.TextField(blank=True, verbose_name="说明")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("updated_at", models.DateTimeField(verbose_name="更新时间")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EvidenceEvent",
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
                    "file",
                    models.FileField(
                        max_length=255, upload_to=apps.assessments.models.evidence_path, verbose_name="文件"
                    ),
                ),
                (
                    "display",
                    models.FileField(
                        blank=True,
                        max_length=255,
                        upload_to=apps.assessments.models.display_path,
                        verbose_name="显示用图",
                    ),
                ),
                (
                    "thumbnail",
                    models.FileField(
                        blank=True,
                        max_length=255,
                        upload_to=apps.assessments.models.thumbnail_path,
                        verbose_name="缩略图",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                ("size", models.PositiveIntegerField(verbose_name="大小（字节）")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("caption", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("round", models.PositiveSmallIntegerField(default=0, verbose_name="提交次数")),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ReturnedCriterionEvent",
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
                ("reason", models.TextField(verbose_name="退回理由")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ReviewActionEvent",
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
                        choices=[
                            ("open", "开始自评"),
                            ("submit", "提交自评"),
                            ("return", "退回"),
                            ("agree", "同意上报"),
                            ("recognise", "认定"),
                        ],
                        max_length=20,
                        verbose_name="动作",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("comment", models.TextField(blank=True, verbose_name="意见")),
                ("round", models.PositiveSmallIntegerField(verbose_name="提交次数")),
                (
                    "total_points",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="得分"),
                ),
                ("meets_standard", models.BooleanField(blank=True, null=True, verbose_name="达到创建要求")),
                (
                    "results",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="当时结果"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SecondApproval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("recognise", "认定"), ("revoke", "摘牌")], max_length=20, verbose_name="动作"
                    ),
                ),
                (
                    "values",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="拟办内容"
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="提出时间")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("open", "待复核"), ("confirmed", "已同意"), ("declined", "不同意")],
                        default="open",
                        max_length=20,
                        verbose_name="结果",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="复核时间")),
                ("decline_reason", models.TextField(blank=True, verbose_name="不同意理由")),
            ],
            options={
                "verbose_name": "复核",
                "verbose_name_plural": "复核",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SecondApprovalEvent",
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
                        choices=[("recognise", "认定"), ("revoke", "摘牌")], max_length=20, verbose_name="动作"
                    ),
                ),
                (
                    "values",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="拟办内容"
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="提出时间")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("open", "待复核"), ("confirmed", "已同意"), ("declined", "不同意")],
                        default="open",
                        max_length=20,
                        verbose_name="结果",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="复核时间")),
                ("decline_reason", models.TextField(blank=True, verbose_name="不同意理由")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="assessment",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="承办人",
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="display",
            field=models.FileField(
                blank=True, max_length=255, upload_to=apps.assessments.models.display_path, verbose_name="显示用图"
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="thumbnail",
            field=models.FileField(
                blank=True, max_length=255, upload_to=apps.assessments.models.thumbnail_path, verbose_name="缩略图"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_assessmentevent" ("assignee_id", "held_since", "holder_id", "id", "meets_standard", "participation_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "round", "standard_id", "status", "total_points") VALUES (NEW."assignee_id", NEW."held_since", NEW."holder_id", NEW."id", NEW."meets_standard", NEW."participation_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."round", NEW."standard_id", NEW."status", NEW."total_points"); RETURN NULL;',
                    hash="6932a6a1961e3c3d05d656554b2420989125bfc6",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3ca2a",
                    table="assessments_assessment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "assessments_assessmentevent" ("assignee_id", "held_since", "holder_id", "id", "meets_standard", "participation_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "round", "standard_id", "status", "total_points") VALUES (NEW."assignee_id", NEW."held_since", NEW."holder_id", NEW."id", NEW."meets_standard", NEW."participation_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."round", NEW."standard_id", NEW."status", NEW."total_points"); RETURN NULL;',
                    hash="918b1bbee0dd1ff5cacc6bf79b677fb53920dcbf",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d96c6",
                    table="assessments_assessment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_assessmentevent" ("assignee_id", "held_since", "holder_id", "id", "meets_standard", "participation_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "round", "standard_id", "status", "total_points") VALUES (OLD."assignee_id", OLD."held_since", OLD."holder_id", OLD."id", OLD."meets_standard", OLD."participation_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."round", OLD."standard_id", OLD."status", OLD."total_points"); RETURN NULL;',
                    hash="a58a8a91f6bbef84dfd4e8c1fb0847ac9a17f376",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_28394",
                    table="assessments_assessment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterionresult",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_criterionresultevent" ("assessment_id", "criterion_id", "deductions", "id", "level", "note", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "updated_at", "updated_by_id", "verdict", "version") VALUES (NEW."assessment_id", NEW."criterion_id", NEW."deductions", NEW."id", NEW."level", NEW."note", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."points", NEW."updated_at", NEW."updated_by_id", NEW."verdict", NEW."version"); RETURN NULL;',
                    hash="934d4b33d5d0edf843cbf9a6ceef5738ef8c9665",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_7d6fb",
                    table="assessments_criterionresult",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterionresult",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "assessments_criterionresultevent" ("assessment_id", "criterion_id", "deductions", "id", "level", "note", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "updated_at", "updated_by_id", "verdict", "version") VALUES (NEW."assessment_id", NEW."criterion_id", NEW."deductions", NEW."id", NEW."level", NEW."note", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."points", NEW."updated_at", NEW."updated_by_id", NEW."verdict", NEW."version"); RETURN NULL;',
                    hash="50df917ef8352c4f0ec814b5060dac1df41388f3",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6235a",
                    table="assessments_criterionresult",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterionresult",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_criterionresultevent" ("assessment_id", "criterion_id", "deductions", "id", "level", "note", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "updated_at", "updated_by_id", "verdict", "version") VALUES (OLD."assessment_id", OLD."criterion_id", OLD."deductions", OLD."id", OLD."level", OLD."note", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."points", OLD."updated_at", OLD."updated_by_id", OLD."verdict", OLD."version"); RETURN NULL;',
                    hash="90282cc62b4735c65c549bbf885f594f9290d39f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_b2114",
                    table="assessments_criterionresult",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_evidenceevent" ("assessment_id", "caption", "content_type", "criterion_id", "display", "file", "id", "name", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "round", "sha256", "size", "thumbnail", "uploaded_at", "uploaded_by_id") VALUES (NEW."assessment_id", NEW."caption", NEW."content_type", NEW."criterion_id", NEW."display", NEW."file", NEW."id", NEW."name", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."round", NEW."sha256", NEW."size", NEW."thumbnail", NEW."uploaded_at", NEW."uploaded_by_id"); RETURN NULL;',
                    hash="c3c940e268abc56ece61297fa46fff8e6705a377",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ccbe6",
                    table="assessments_evidence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "assessments_evidenceevent" ("assessment_id", "caption", "content_type", "criterion_id", "display", "file", "id", "name", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "round", "sha256", "size", "thumbnail", "uploaded_at", "uploaded_by_id") VALUES (NEW."assessment_id", NEW."caption", NEW."content_type", NEW."criterion_id", NEW."display", NEW."file", NEW."id", NEW."name", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."round", NEW."sha256", NEW."size", NEW."thumbnail", NEW."uploaded_at", NEW."uploaded_by_id"); RETURN NULL;',
                    hash="99d489f8c8168e87515229ce3dec78b3c6e73725",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_80e3c",
                    table="assessments_evidence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_evidenceevent" ("assessment_id", "caption", "content_type", "criterion_id", "display", "file", "id", "name", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "round", "sha256", "size", "thumbnail", "uploaded_at", "uploaded_by_id") VALUES (OLD."assessment_id", OLD."caption", OLD."content_type", OLD."criterion_id", OLD."display", OLD."file", OLD."id", OLD."name", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."round", OLD."sha256", OLD."size", OLD."thumbnail", OLD."uploaded_at", OLD."uploaded_by_id"); RETURN NULL;',
                    hash="5391f60ca215f2b9f85e146cfb3febb573a38fc5",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9ce85",
                    table="assessments_evidence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="returnedcriterion",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_returnedcriterionevent" ("action_id", "criterion_id", "id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") VALUES (NEW."action_id", NEW."criterion_id", NEW."id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."reason"); RETURN NULL;',
                    hash="1229282cd59ab9e0804e161f39ce77e700909fe7",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_94748",
                    table="assessments_returnedcriterion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="returnedcriterion",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "assessments_returnedcriterionevent" ("action_id", "criterion_id", "id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") VALUES (NEW."action_id", NEW."criterion_id", NEW."id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."reason"); RETURN NULL;',
                    hash="9dcbabd34767bbc9245b6e2fcd4906d2ae372ea1",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d58ca",
                    table="assessments_returnedcriterion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="returnedcriterion",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_returnedcriterionevent" ("action_id", "criterion_id", "id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") VALUES (OLD."action_id", OLD."criterion_id", OLD."id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."reason"); RETURN NULL;',
                    hash="3927600d7a334ed0f82b88ee69f560ae18baaffe",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c28ec",
                    table="assessments_returnedcriterion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reviewaction",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_reviewactionevent" ("assessment_id", "at", "comment", "id", "jurisdiction_id", "kind", "meets_standard", "passed_to_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "results", "round", "total_points", "user_id") VALUES (NEW."assessment_id", NEW."at", NEW."comment", NEW."id", NEW."jurisdiction_id", NEW."kind", NEW."meets_standard", NEW."passed_to_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."results", NEW."round", NEW."total_points", NEW."user_id"); RETURN NULL;',
                    hash="54fb1978a8457ab2837c9e870f1688e14ddd6a2f",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6bc7f",
                    table="assessments_reviewaction",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reviewaction",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "assessments_reviewactionevent" ("assessment_id", "at", "comment", "id", "jurisdiction_id", "kind", "meets_standard", "passed_to_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "results", "round", "total_points", "user_id") VALUES (NEW."assessment_id", NEW."at", NEW."comment", NEW."id", NEW."jurisdiction_id", NEW."kind", NEW."meets_standard", NEW."passed_to_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."results", NEW."round", NEW."total_points", NEW."user_id"); RETURN NULL;',
                    hash="87f0d531b526dec00a5323c301d521a1bafdd746",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1c811",
                    table="assessments_reviewaction",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reviewaction",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_reviewactionevent" ("assessment_id", "at", "comment", "id", "jurisdiction_id", "kind", "meets_standard", "passed_to_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "results", "round", "total_points", "user_id") VALUES (OLD."assessment_id", OLD."at", OLD."comment", OLD."id", OLD."jurisdiction_id", OLD."kind", OLD."meets_standard", OLD."passed_to_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."results", OLD."round", OLD."total_points", OLD."user_id"); RETURN NULL;',
                    hash="9a2850397dca4c61bee8a11a2c48ed71554ea58f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_134cd",
                    table="assessments_reviewaction",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="assessmentevent",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="承办人",
            ),
        ),
        migrations.AddField(
            model_name="assessmentevent",
            name="holder",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="当前办理",
            ),
        ),
        migrations.AddField(
            model_name="assessmentevent",
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
            model_name="assessmentevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="assessments.assessment",
            ),
        ),
        migrations.AddField(
            model_name="assessmentevent",
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
            model_name="criterionresultevent",
            name="assessment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="assessments.assessment",
                verbose_name="自评",
            ),
        ),
        migrations.AddField(
            model_name="criterionresultevent",
            name="criterion",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="standards.criterion",
                verbose_name="标准条目",
            ),
        ),
        migrations.AddField(
            model_name="criterionresultevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="assessments.criterionresult",
            ),
        ),
        migrations.AddField(
            model_name="criterionresultevent",
            name="updated_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="填报人",
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
            name="assessment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="assessments.assessment",
                verbose_name="自评",
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
            name="criterion",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="standards.criterion",
                verbose_name="标准条目",
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="assessments.evidence",
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
            name="uploaded_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="上传人",
            ),
        ),
        migrations.AddField(
            model_name="returnedcriterionevent",
            name="action",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="assessments.reviewaction",
                verbose_name="办理记录",
            ),
        ),
        migrations.AddField(
            model_name="returnedcriterionevent",
            name="criterion",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="standards.criterion",
                verbose_name="标准条目",
            ),
        ),
        migrations.AddField(
            model_name="returnedcriterionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="assessments.returnedcriterion",
            ),
        ),
        migrations.AddField(
            model_name="reviewactionevent",
            name="assessment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="assessments.assessment",
                verbose_name="自评",
            ),
        ),
        migrations.AddField(
            model_name="reviewactionevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="办理单位",
            ),
        ),
        migrations.AddField(
            model_name="reviewactionevent",
            name="passed_to",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="送达",
            ),
        ),
        migrations.AddField(
            model_name="reviewactionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="assessments.reviewaction",
            ),
        ),
        migrations.AddField(
            model_name="reviewactionevent",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="办理人",
            ),
        ),
        migrations.AddField(
            model_name="secondapproval",
            name="assessment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="second_approvals",
                to="assessments.assessment",
                verbose_name="自评",
            ),
        ),
        migrations.AddField(
            model_name="secondapproval",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="复核人",
            ),
        ),
        migrations.AddField(
            model_name="secondapproval",
            name="jurisdiction",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="办理单位",
            ),
        ),
        migrations.AddField(
            model_name="secondapproval",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="提出人",
            ),
        ),
        migrations.AddField(
            model_name="secondapprovalevent",
            name="assessment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="assessments.assessment",
                verbose_name="自评",
            ),
        ),
        migrations.AddField(
            model_name="secondapprovalevent",
            name="decided_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="复核人",
            ),
        ),
        migrations.AddField(
            model_name="secondapprovalevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="办理单位",
            ),
        ),
        migrations.AddField(
            model_name="secondapprovalevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="assessments.secondapproval",
            ),
        ),
        migrations.AddField(
            model_name="secondapprovalevent",
            name="proposed_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="提出人",
            ),
        ),
        migrations.AddIndex(
            model_name="secondapproval",
            index=models.Index(fields=["path"], name="secondapproval_path"),
        ),
        migrations.AddConstraint(
            model_name="secondapproval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "open")), fields=("assessment", "kind"), name="second_approval_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="secondapproval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("outcome", "open")),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False), ("outcome", "confirmed")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("outcome", "declined"),
                        models.Q(("decline_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="second_approval_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondapproval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="second_approval_by_another",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="secondapproval",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_secondapprovalevent" ("assessment_id", "decided_at", "decided_by_id", "decline_reason", "id", "jurisdiction_id", "kind", "outcome", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "values") VALUES (NEW."assessment_id", NEW."decided_at", NEW."decided_by_id", NEW."decline_reason", NEW."id", NEW."jurisdiction_id", NEW."kind", NEW."outcome", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."proposed_at", NEW."proposed_by_id", NEW."values"); RETURN NULL;',
                    hash="939eaea4bf280102ac7d0f27069afaa15fc1bdfe",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0ff1c",
                    table="assessments_secondapproval",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="secondapproval",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "assessments_secondapprovalevent" ("assessment_id", "decided_at", "decided_by_id", "decline_reason", "id", "jurisdiction_id", "kind", "outcome", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "values") VALUES (NEW."assessment_id", NEW."decided_at", NEW."decided_by_id", NEW."decline_reason", NEW."id", NEW."jurisdiction_id", NEW."kind", NEW."outcome", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."proposed_at", NEW."proposed_by_id", NEW."values"); RETURN NULL;',
                    hash="0e48c75637e86e6072fcfede86e01ad07b86e12c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_7f3ed",
                    table="assessments_secondapproval",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="secondapproval",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assessments_secondapprovalevent" ("assessment_id", "decided_at", "decided_by_id", "decline_reason", "id", "jurisdiction_id", "kind", "outcome", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "values") VALUES (OLD."assessment_id", OLD."decided_at", OLD."decided_by_id", OLD."decline_reason", OLD."id", OLD."jurisdiction_id", OLD."kind", OLD."outcome", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."proposed_at", OLD."proposed_by_id", OLD."values"); RETURN NULL;',
                    hash="74c3e8124b9c90db2de82af7efd40bdf175505d3",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a5078",
                    table="assessments_secondapproval",
                    when="AFTER",
                ),
            ),
        ),
        Wall("assessments_secondapproval", parent="assessments_assessment", foreign_key="assessment_id"),
        HistoryWall("assessments_assessmentevent", tracked="assessments_assessment"),
        HistoryWall("assessments_criterionresultevent", tracked="assessments_criterionresult"),
        HistoryWall("assessments_evidenceevent", tracked="assessments_evidence"),
        HistoryWall("assessments_returnedcriterionevent", tracked="assessments_returnedcriterion"),
        HistoryWall("assessments_reviewactionevent", tracked="assessments_reviewaction"),
        HistoryWall("assessments_secondapprovalevent", tracked="assessments_secondapproval"),
    ]
