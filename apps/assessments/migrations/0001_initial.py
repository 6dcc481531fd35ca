"""The room's tables, behind the wall from the start."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.assessments.models
from apps.core.wall import Wall


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
        ("jurisdictions", "0001_initial"),
        ("standards", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_assessments",
                        to="jurisdictions.jurisdiction",
                        verbose_name="当前办理",
                    ),
                ),
                (
                    "participation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessment",
                        to="campaigns.participation",
                        verbose_name="参与创建",
                    ),
                ),
                (
                    "standard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="standards.standard",
                        verbose_name="创建标准",
                    ),
                ),
            ],
            options={
                "verbose_name": "自评",
                "verbose_name_plural": "自评",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CriterionResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="assessments.assessment",
                        verbose_name="自评",
                    ),
                ),
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="standards.criterion",
                        verbose_name="标准条目",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="填报人",
                    ),
                ),
            ],
            options={
                "verbose_name": "条目结果",
                "verbose_name_plural": "条目结果",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                ("size", models.PositiveIntegerField(verbose_name="大小（字节）")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("caption", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("round", models.PositiveSmallIntegerField(default=0, verbose_name="提交次数")),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="assessments.assessment",
                        verbose_name="自评",
                    ),
                ),
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="standards.criterion",
                        verbose_name="标准条目",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
            ],
            options={
                "verbose_name": "佐证材料",
                "verbose_name_plural": "佐证材料",
                "ordering": ["criterion_id", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ReviewAction",
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
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="actions",
                        to="assessments.assessment",
                        verbose_name="自评",
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="jurisdictions.jurisdiction",
                        verbose_name="办理单位",
                    ),
                ),
                (
                    "passed_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="jurisdictions.jurisdiction",
                        verbose_name="送达",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="办理人",
                    ),
                ),
            ],
            options={
                "verbose_name": "办理记录",
                "verbose_name_plural": "办理记录",
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ReturnedCriterion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("reason", models.TextField(verbose_name="退回理由")),
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="standards.criterion",
                        verbose_name="标准条目",
                    ),
                ),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="returned_criteria",
                        to="assessments.reviewaction",
                        verbose_name="办理记录",
                    ),
                ),
            ],
            options={
                "verbose_name": "退回条目",
                "verbose_name_plural": "退回条目",
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(fields=["path"], name="assessment_path"),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(fields=["holder", "status"], name="assessment_queue"),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "in_review", "returned", "recognised"])),
                name="assessment_status",
            ),
        ),
        migrations.AddIndex(
            model_name="criterionresult",
            index=models.Index(fields=["path"], name="criterionresult_path"),
        ),
        migrations.AddConstraint(
            model_name="criterionresult",
            constraint=models.UniqueConstraint(fields=("assessment", "criterion", "level"), name="result_once"),
        ),
        migrations.AddConstraint(
            model_name="criterionresult",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["met", "not_met", "not_applicable", "scored"])),
                name="result_verdict",
            ),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["path"], name="evidence_path"),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["sha256"], name="evidence_sha256"),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(fields=("assessment", "criterion", "sha256"), name="evidence_once"),
        ),
        migrations.AddIndex(
            model_name="reviewaction",
            index=models.Index(fields=["path"], name="reviewaction_path"),
        ),
        migrations.AddIndex(
            model_name="returnedcriterion",
            index=models.Index(fields=["path"], name="returnedcriterion_path"),
        ),
        migrations.AddConstraint(
            model_name="returnedcriterion",
            constraint=models.UniqueConstraint(fields=("action", "criterion"), name="returned_criterion_once"),
        ),
        migrations.AddConstraint(
            model_name="returnedcriterion",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="returned_criterion_reason"
            ),
        ),
        Wall("assessments_assessment", parent="campaigns_participation", foreign_key="participation_id"),
        Wall("assessments_criterionresult", parent="assessments_assessment", foreign_key="assessment_id"),
        Wall("assessments_evidence", parent="assessments_assessment", foreign_key="assessment_id"),
        Wall("assessments_reviewaction", parent="assessments_assessment", foreign_key="assessment_id"),
        Wall("assessments_returnedcriterion", parent="assessments_reviewaction", foreign_key="action_id"),
    ]
