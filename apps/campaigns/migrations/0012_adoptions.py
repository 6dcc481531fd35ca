"""Recognitions of earlier years that were taken over from paper, and the decision by which."""

import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from apps.core.wall import ABOVE_SCOPE, HistoryWall, Wall


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0011_recognitions_of_transfers"),
        ("communities", "0005_no_index_twice"),
        ("jurisdictions", "0003_life_of_jurisdictions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Adoption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("document_number", models.CharField(max_length=100, verbose_name="文号")),
                ("decided_on", models.DateField(verbose_name="文件日期")),
                ("reason", models.TextField(verbose_name="接收理由")),
                ("sources", models.TextField(verbose_name="来源文件")),
                ("adopted_at", models.DateTimeField(verbose_name="接收时间")),
            ],
            options={
                "verbose_name": "接收认定",
                "verbose_name_plural": "接收认定",
                "ordering": ["-adopted_at", "-id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AdoptionEvent",
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
                ("document_number", models.CharField(max_length=100, verbose_name="文号")),
                ("decided_on", models.DateField(verbose_name="文件日期")),
                ("reason", models.TextField(verbose_name="接收理由")),
                ("sources", models.TextField(verbose_name="来源文件")),
                ("adopted_at", models.DateTimeField(verbose_name="接收时间")),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="recognition",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="recognition",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="recognition",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="recognition",
            name="authority",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="认定单位",
            ),
        ),
        migrations.AddField(
            model_name="recognitionevent",
            name="authority",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="认定单位",
            ),
        ),
        migrations.AddField(
            model_name="adoption",
            name="adopted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="接收人",
            ),
        ),
        migrations.AddField(
            model_name="adoption",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adoptions",
                to="campaigns.campaign",
                verbose_name="创建行动",
            ),
        ),
        migrations.AddField(
            model_name="adoption",
            name="jurisdiction",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="接收单位",
            ),
        ),
        migrations.AddField(
            model_name="recognition",
            name="adoption",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="recognitions",
                to="campaigns.adoption",
                verbose_name="接收认定",
            ),
        ),
        migrations.AddField(
            model_name="recognitionevent",
            name="adoption",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="campaigns.adoption",
                verbose_name="接收认定",
            ),
        ),
        migrations.AddConstraint(
            model_name="recognition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("adoption__isnull", True), ("authority__isnull", True)),
                    models.Q(("adoption__isnull", False), ("authority__isnull", False)),
                    _connector="OR",
                ),
                name="recognition_adopted_authority",
            ),
        ),
        migrations.AddField(
            model_name="adoptionevent",
            name="adopted_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="接收人",
            ),
        ),
        migrations.AddField(
            model_name="adoptionevent",
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
            model_name="adoptionevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="接收单位",
            ),
        ),
        migrations.AddField(
            model_name="adoptionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="campaigns.adoption",
            ),
        ),
        migrations.AddIndex(
            model_name="adoption",
            index=models.Index(fields=["path"], name="adoption_path"),
        ),
        migrations.AddConstraint(
            model_name="adoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("document_number", ""), _negated=True), models.Q(("reason", ""), _negated=True)
                ),
                name="adoption_on_record",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recognition",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_recognitionevent" ("adoption_id", "authority_id", "campaign_id", "community_id", "correction_reason", "document_number", "ended_on", "id", "participation_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recognised_at", "recognised_by_id", "revocation_reason", "revoked_at", "revoked_by_id", "year") VALUES (NEW."adoption_id", NEW."authority_id", NEW."campaign_id", NEW."community_id", NEW."correction_reason", NEW."document_number", NEW."ended_on", NEW."id", NEW."participation_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."recognised_at", NEW."recognised_by_id", NEW."revocation_reason", NEW."revoked_at", NEW."revoked_by_id", NEW."year"); RETURN NULL;',
                    hash="1d7a04579eb44748ff80c4cfa7dd66411d69e858",
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
                    func='INSERT INTO "campaigns_recognitionevent" ("adoption_id", "authority_id", "campaign_id", "community_id", "correction_reason", "document_number", "ended_on", "id", "participation_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recognised_at", "recognised_by_id", "revocation_reason", "revoked_at", "revoked_by_id", "year") VALUES (NEW."adoption_id", NEW."authority_id", NEW."campaign_id", NEW."community_id", NEW."correction_reason", NEW."document_number", NEW."ended_on", NEW."id", NEW."participation_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."recognised_at", NEW."recognised_by_id", NEW."revocation_reason", NEW."revoked_at", NEW."revoked_by_id", NEW."year"); RETURN NULL;',
                    hash="cbbaf44eebb8695972f6b0114e56247a74a7e6b8",
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
                    func='INSERT INTO "campaigns_recognitionevent" ("adoption_id", "authority_id", "campaign_id", "community_id", "correction_reason", "document_number", "ended_on", "id", "participation_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recognised_at", "recognised_by_id", "revocation_reason", "revoked_at", "revoked_by_id", "year") VALUES (OLD."adoption_id", OLD."authority_id", OLD."campaign_id", OLD."community_id", OLD."correction_reason", OLD."document_number", OLD."ended_on", OLD."id", OLD."participation_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."recognised_at", OLD."recognised_by_id", OLD."revocation_reason", OLD."revoked_at", OLD."revoked_by_id", OLD."year"); RETURN NULL;',
                    hash="b93b2798f301516ac1e70062426ea1c607253832",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_590ec",
                    table="campaigns_recognition",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="adoption",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_adoptionevent" ("adopted_at", "adopted_by_id", "campaign_id", "decided_on", "document_number", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sources") VALUES (NEW."adopted_at", NEW."adopted_by_id", NEW."campaign_id", NEW."decided_on", NEW."document_number", NEW."id", NEW."jurisdiction_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."reason", NEW."sources"); RETURN NULL;',
                    hash="fbbbfd9d84b8456870fbbfc27ca3f4347cf52215",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b9764",
                    table="campaigns_adoption",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="adoption",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "campaigns_adoptionevent" ("adopted_at", "adopted_by_id", "campaign_id", "decided_on", "document_number", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sources") VALUES (NEW."adopted_at", NEW."adopted_by_id", NEW."campaign_id", NEW."decided_on", NEW."document_number", NEW."id", NEW."jurisdiction_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."reason", NEW."sources"); RETURN NULL;',
                    hash="4ddf94eb5f085b11d08e7f9002b5d159b7b35144",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8f383",
                    table="campaigns_adoption",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="adoption",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_adoptionevent" ("adopted_at", "adopted_by_id", "campaign_id", "decided_on", "document_number", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sources") VALUES (OLD."adopted_at", OLD."adopted_by_id", OLD."campaign_id", OLD."decided_on", OLD."document_number", OLD."id", OLD."jurisdiction_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."reason", OLD."sources"); RETURN NULL;',
                    hash="6d5676e094f840248b1df8ab1169a053c4be1e1c",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_63ce1",
                    table="campaigns_adoption",
                    when="AFTER",
                ),
            ),
        ),
        Wall(
            "campaigns_adoption",
            parent="jurisdictions_jurisdiction",
            foreign_key="jurisdiction_id",
            read=ABOVE_SCOPE,
        ),
        HistoryWall("campaigns_adoptionevent", tracked="campaigns_adoption"),
    ]
