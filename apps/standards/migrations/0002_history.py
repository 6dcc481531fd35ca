"""The history of every row."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from apps.core.wall import HistoryWall


class Migration(migrations.Migration):
    dependencies = [
        ("jurisdictions", "0002_history"),
        ("standards", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CriterionEvent",
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
                ("number", models.PositiveSmallIntegerField(verbose_name="条目号")),
                ("text", models.TextField(verbose_name="标准条目")),
                (
                    "points",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="分值"),
                ),
                ("allows_not_applicable", models.BooleanField(default=False, verbose_name="允许不适用")),
                ("is_veto", models.BooleanField(default=False, verbose_name="一票否决")),
                ("is_mandatory", models.BooleanField(default=False, verbose_name="必备条目")),
                ("is_bonus", models.BooleanField(default=False, verbose_name="加分项")),
                ("scoring_text", models.TextField(blank=True, verbose_name="评分标准")),
                ("guidance", models.TextField(blank=True, verbose_name="说明")),
                (
                    "required_evidence",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="必需佐证材料",
                    ),
                ),
                (
                    "check_methods",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("documents", "查阅资料"),
                                ("site_visit", "现场查看"),
                                ("interviews", "访谈"),
                                ("questionnaire", "问卷"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="核查方式",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DeductionRuleEvent",
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
                ("text", models.TextField(verbose_name="扣分情形")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fixed", "固定扣分"),
                            ("range", "区间扣分"),
                            ("count", "按处扣分"),
                            ("rate_shortfall", "比率不足扣分"),
                            ("count_shortfall", "次数不足扣分"),
                            ("bonus_range", "区间加分"),
                        ],
                        max_length=20,
                        verbose_name="类型",
                    ),
                ),
                (
                    "points",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="分值（每档、每处、每次）"
                    ),
                ),
                (
                    "min_points",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="最少"),
                ),
                (
                    "max_points",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="最多"),
                ),
                (
                    "cap",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="扣分上限"),
                ),
                (
                    "full_value",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="满额值（%）"
                    ),
                ),
                (
                    "step",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="档距（百分点）"
                    ),
                ),
                (
                    "floor",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="不得分线（%）"
                    ),
                ),
                (
                    "rounding",
                    models.CharField(
                        choices=[("full_steps", "满一档才扣"), ("started_steps", "不足一档按一档扣")],
                        default="full_steps",
                        max_length=20,
                        verbose_name="档的取整",
                    ),
                ),
                ("required", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="应有次数")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="单位")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SectionEvent",
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
                ("title", models.CharField(max_length=200, verbose_name="内容")),
                ("weight", models.DecimalField(decimal_places=3, default=1, max_digits=6, verbose_name="权重")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StandardEvent",
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
                ("code", models.SlugField(db_index=False, verbose_name="标准代码")),
                ("name", models.CharField(max_length=200, verbose_name="标准名称")),
                ("document_title", models.CharField(blank=True, max_length=200, verbose_name="文件名称")),
                ("document_number", models.CharField(blank=True, max_length=100, verbose_name="文号")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="印发日期")),
                ("note", models.TextField(blank=True, verbose_name="注")),
                (
                    "kind",
                    models.CharField(
                        choices=[("pass_fail", "达标制"), ("scored", "评分制")], max_length=20, verbose_name="评价方式"
                    ),
                ),
                (
                    "total_points",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="总分"),
                ),
                (
                    "pass_mark",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="达标分"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "草稿"), ("published", "已发布")],
                        default="draft",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SubItemEvent",
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
                ("text", models.TextField(verbose_name="分项内容")),
                ("points", models.DecimalField(decimal_places=2, max_digits=6, verbose_name="分值")),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterion",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "standards_criterionevent" ("allows_not_applicable", "check_methods", "guidance", "id", "is_bonus", "is_mandatory", "is_veto", "national_criterion_id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "required_evidence", "scoring_text", "section_id", "standard_id", "text") VALUES (NEW."allows_not_applicable", NEW."check_methods", NEW."guidance", NEW."id", NEW."is_bonus", NEW."is_mandatory", NEW."is_veto", NEW."national_criterion_id", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."points", NEW."required_evidence", NEW."scoring_text", NEW."section_id", NEW."standard_id", NEW."text"); RETURN NULL;',
                    hash="10ef368a74191d8d1140947a1a208f2d64e3a972",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_78ab3",
                    table="standards_criterion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterion",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "standards_criterionevent" ("allows_not_applicable", "check_methods", "guidance", "id", "is_bonus", "is_mandatory", "is_veto", "national_criterion_id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "required_evidence", "scoring_text", "section_id", "standard_id", "text") VALUES (NEW."allows_not_applicable", NEW."check_methods", NEW."guidance", NEW."id", NEW."is_bonus", NEW."is_mandatory", NEW."is_veto", NEW."national_criterion_id", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."points", NEW."required_evidence", NEW."scoring_text", NEW."section_id", NEW."standard_id", NEW."text"); RETURN NULL;',
                    hash="dc5e67bc62e640e69674494fc806afb8255a17ad",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4987f",
                    table="standards_criterion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterion",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "standards_criterionevent" ("allows_not_applicable", "check_methods", "guidance", "id", "is_bonus", "is_mandatory", "is_veto", "national_criterion_id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "required_evidence", "scoring_text", "section_id", "standard_id", "text") VALUES (OLD."allows_not_applicable", OLD."check_methods", OLD."guidance", OLD."id", OLD."is_bonus", OLD."is_mandatory", OLD."is_veto", OLD."national_criterion_id", OLD."number", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."points", OLD."required_evidence", OLD."scoring_text", OLD."section_id", OLD."standard_id", OLD."text"); RETURN NULL;',
                    hash="ee9f49318e801ca80ddd5633b4b0ac5b4ededfba",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4880f",
                    table="standards_criterion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deductionrule",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "standards_deductionruleevent" ("cap", "criterion_id", "floor", "full_value", "id", "kind", "max_points", "min_points", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "required", "rounding", "step", "sub_item_id", "text", "unit") VALUES (NEW."cap", NEW."criterion_id", NEW."floor", NEW."full_value", NEW."id", NEW."kind", NEW."max_points", NEW."min_points", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."points", NEW."required", NEW."rounding", NEW."step", NEW."sub_item_id", NEW."text", NEW."unit"); RETURN NULL;',
                    hash="10a79e9a5124f29dc5919287ad37dcf7213a7cfd",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0f770",
                    table="standards_deductionrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deductionrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "standards_deductionruleevent" ("cap", "criterion_id", "floor", "full_value", "id", "kind", "max_points", "min_points", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "required", "rounding", "step", "sub_item_id", "text", "unit") VALUES (NEW."cap", NEW."criterion_id", NEW."floor", NEW."full_value", NEW."id", NEW."kind", NEW."max_points", NEW."min_points", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."points", NEW."required", NEW."rounding", NEW."step", NEW."sub_item_id", NEW."text", NEW."unit"); RETURN NULL;',
                    hash="9aecac7820ffb02ebcae8dd18084375c43506af8",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cf764",
                    table="standards_deductionrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deductionrule",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "standards_deductionruleevent" ("cap", "criterion_id", "floor", "full_value", "id", "kind", "max_points", "min_points", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "required", "rounding", "step", "sub_item_id", "text", "unit") VALUES (OLD."cap", OLD."criterion_id", OLD."floor", OLD."full_value", OLD."id", OLD."kind", OLD."max_points", OLD."min_points", OLD."number", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."points", OLD."required", OLD."rounding", OLD."step", OLD."sub_item_id", OLD."text", OLD."unit"); RETURN NULL;',
                    hash="ddd971a368b4fb17b51652092bf6db94ecbc3a2b",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a9e4d",
                    table="standards_deductionrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="section",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "standards_sectionevent" ("id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "standard_id", "title", "weight") VALUES (NEW."id", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."standard_id", NEW."title", NEW."weight"); RETURN NULL;',
                    hash="d082f9d4ed2d444f613201e2d9560258ba9ea338",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_25e6b",
                    table="standards_section",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="section",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "standards_sectionevent" ("id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "standard_id", "title", "weight") VALUES (NEW."id", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."standard_id", NEW."title", NEW."weight"); RETURN NULL;',
                    hash="9e03760a7b454f396738f4a48645c144d2cb2e80",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_00240",
                    table="standards_section",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="section",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "standards_sectionevent" ("id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "standard_id", "title", "weight") VALUES (OLD."id", OLD."number", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."standard_id", OLD."title", OLD."weight"); RETURN NULL;',
                    hash="ac24bfd44669c50babde04ec85d254d9f39689cc",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2a8af",
                    table="standards_section",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standard",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "standards_standardevent" ("code", "derived_from_id", "document_number", "document_title", "id", "issued_on", "jurisdiction_id", "kind", "name", "note", "pass_mark", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status", "total_points") VALUES (NEW."code", NEW."derived_from_id", NEW."document_number", NEW."document_title", NEW."id", NEW."issued_on", NEW."jurisdiction_id", NEW."kind", NEW."name", NEW."note", NEW."pass_mark", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."status", NEW."total_points"); RETURN NULL;',
                    hash="b8638a452078973664fbc48b3d46fbede9d1024b",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_4a1aa",
                    table="standards_standard",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standard",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "standards_standardevent" ("code", "derived_from_id", "document_number", "document_title", "id", "issued_on", "jurisdiction_id", "kind", "name", "note", "pass_mark", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status", "total_points") VALUES (NEW."code", NEW."derived_from_id", NEW."document_number", NEW."document_title", NEW."id", NEW."issued_on", NEW."jurisdiction_id", NEW."kind", NEW."name", NEW."note", NEW."pass_mark", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."status", NEW."total_points"); RETURN NULL;',
                    hash="93278ac4580508113265a64b22eca6fbd1a3fdd9",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c7301",
                    table="standards_standard",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standard",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "standards_standardevent" ("code", "derived_from_id", "document_number", "document_title", "id", "issued_on", "jurisdiction_id", "kind", "name", "note", "pass_mark", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status", "total_points") VALUES (OLD."code", OLD."derived_from_id", OLD."document_number", OLD."document_title", OLD."id", OLD."issued_on", OLD."jurisdiction_id", OLD."kind", OLD."name", OLD."note", OLD."pass_mark", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."status", OLD."total_points"); RETURN NULL;',
                    hash="2a383147912c15e20104c403e6d2920531d79b67",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_b5587",
                    table="standards_standard",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subitem",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "standards_subitemevent" ("criterion_id", "id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "text") VALUES (NEW."criterion_id", NEW."id", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."points", NEW."text"); RETURN NULL;',
                    hash="b55027bb8baca7e1f7a7beeb878ce5fd5e28abaa",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_51dca",
                    table="standards_subitem",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subitem",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "standards_subitemevent" ("criterion_id", "id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "text") VALUES (NEW."criterion_id", NEW."id", NEW."number", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."points", NEW."text"); RETURN NULL;',
                    hash="0de2dc1f94605f096a51e3ad61826d4338b163e9",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_7d6d5",
                    table="standards_subitem",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subitem",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "standards_subitemevent" ("criterion_id", "id", "number", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "text") VALUES (OLD."criterion_id", OLD."id", OLD."number", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."points", OLD."text"); RETURN NULL;',
                    hash="f8df6e6f396d10bb5019f44fb670050b57a209da",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_fed75",
                    table="standards_subitem",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="criterionevent",
            name="national_criterion",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="standards.criterion",
                verbose_name="对应国家条目",
            ),
        ),
        migrations.AddField(
            model_name="criterionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="standards.criterion",
            ),
        ),
        migrations.AddField(
            model_name="criterionevent",
            name="section",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="standards.section",
                verbose_name="内容",
            ),
        ),
        migrations.AddField(
            model_name="criterionevent",
            name="standard",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="standards.standard",
                verbose_name="标准",
            ),
        ),
        migrations.AddField(
            model_name="deductionruleevent",
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
            model_name="deductionruleevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="standards.deductionrule",
            ),
        ),
        migrations.AddField(
            model_name="deductionruleevent",
            name="sub_item",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="standards.subitem",
                verbose_name="分项",
            ),
        ),
        migrations.AddField(
            model_name="sectionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="standards.section",
            ),
        ),
        migrations.AddField(
            model_name="sectionevent",
            name="standard",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="standards.standard",
                verbose_name="标准",
            ),
        ),
        migrations.AddField(
            model_name="standardevent",
            name="derived_from",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="standards.standard",
                verbose_name="依据标准",
            ),
        ),
        migrations.AddField(
            model_name="standardevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="发布辖区",
            ),
        ),
        migrations.AddField(
            model_name="standardevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="standards.standard",
            ),
        ),
        migrations.AddField(
            model_name="subitemevent",
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
            model_name="subitemevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="standards.subitem",
            ),
        ),
        HistoryWall("standards_criterionevent", tracked="standards_criterion"),
        HistoryWall("standards_deductionruleevent", tracked="standards_deductionrule"),
        HistoryWall("standards_sectionevent", tracked="standards_section"),
        HistoryWall("standards_standardevent", tracked="standards_standard"),
        HistoryWall("standards_subitemevent", tracked="standards_subitem"),
    ]
