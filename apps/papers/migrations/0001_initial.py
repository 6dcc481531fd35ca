"""单位信息, behind the wall from the start."""

import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from apps.core.wall import ABOVE_SCOPE, HistoryWall, Wall


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("jurisdictions", "0003_life_of_jurisdictions"),
    ]

    operations = [
        migrations.CreateModel(
            name="OfficeProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="单位全称")),
                ("heading", models.CharField(blank=True, max_length=60, verbose_name="发文机关标志")),
                ("number_pattern", models.CharField(blank=True, max_length=60, verbose_name="发文字号格式")),
                ("address", models.CharField(blank=True, max_length=100, verbose_name="单位地址")),
                ("contact_office", models.CharField(blank=True, max_length=50, verbose_name="联系科室")),
                ("contact_phone", models.CharField(blank=True, max_length=30, verbose_name="联系电话")),
                ("copies", models.CharField(blank=True, max_length=300, verbose_name="抄送")),
                ("version", models.PositiveIntegerField(default=0, verbose_name="版本")),
                (
                    "jurisdiction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="office_profile",
                        to="jurisdictions.jurisdiction",
                        verbose_name="辖区",
                    ),
                ),
            ],
            options={
                "verbose_name": "单位信息",
                "verbose_name_plural": "单位信息",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OfficeProfileEvent",
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
                ("name", models.CharField(blank=True, max_length=60, verbose_name="单位全称")),
                ("heading", models.CharField(blank=True, max_length=60, verbose_name="发文机关标志")),
                ("number_pattern", models.CharField(blank=True, max_length=60, verbose_name="发文字号格式")),
                ("address", models.CharField(blank=True, max_length=100, verbose_name="单位地址")),
                ("contact_office", models.CharField(blank=True, max_length=50, verbose_name="联系科室")),
                ("contact_phone", models.CharField(blank=True, max_length=30, verbose_name="联系电话")),
                ("copies", models.CharField(blank=True, max_length=300, verbose_name="抄送")),
                ("version", models.PositiveIntegerField(default=0, verbose_name="版本")),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="jurisdictions.jurisdiction",
                        verbose_name="辖区",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        to="papers.officeprofile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="officeprofile",
            index=models.Index(fields=["path"], name="officeprofile_path"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="officeprofile",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "papers_officeprofileevent" ("address", "contact_office", "contact_phone", "copies", "heading", "id", "jurisdiction_id", "name", "number_pattern", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (NEW."address", NEW."contact_office", NEW."contact_phone", NEW."copies", NEW."heading", NEW."id", NEW."jurisdiction_id", NEW."name", NEW."number_pattern", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."version"); RETURN NULL;',
                    hash="0a6eebb8b53d56585b64b430f2c633a0d0b92567",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_9ae97",
                    table="papers_officeprofile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="officeprofile",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "papers_officeprofileevent" ("address", "contact_office", "contact_phone", "copies", "heading", "id", "jurisdiction_id", "name", "number_pattern", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (NEW."address", NEW."contact_office", NEW."contact_phone", NEW."copies", NEW."heading", NEW."id", NEW."jurisdiction_id", NEW."name", NEW."number_pattern", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."version"); RETURN NULL;',
                    hash="79ba538ed8916ae3299395f9c8fa9a8e41914752",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_85f94",
                    table="papers_officeprofile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="officeprofile",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "papers_officeprofileevent" ("address", "contact_office", "contact_phone", "copies", "heading", "id", "jurisdiction_id", "name", "number_pattern", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (OLD."address", OLD."contact_office", OLD."contact_phone", OLD."copies", OLD."heading", OLD."id", OLD."jurisdiction_id", OLD."name", OLD."number_pattern", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."version"); RETURN NULL;',
                    hash="36ec816138363902b878fc536936f00a1ad15b08",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_fb0b3",
                    table="papers_officeprofile",
                    when="AFTER",
                ),
            ),
        ),
        # Whoever is below receives the documents that the profile is printed on.
        Wall(
            "papers_officeprofile",
            parent="jurisdictions_jurisdiction",
            foreign_key="jurisdiction_id",
            read=ABOVE_SCOPE,
        ),
        HistoryWall("papers_officeprofileevent", tracked="papers_officeprofile"),
    ]
