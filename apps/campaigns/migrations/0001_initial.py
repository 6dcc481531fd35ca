"""The room's tables, behind the wall from the start."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from apps.core.wall import ABOVE_SCOPE, Wall


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("communities", "0001_initial"),
        ("jurisdictions", "0001_initial"),
        ("standards", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("code", models.SlugField(unique=True, verbose_name="行动代码")),
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
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="jurisdictions.jurisdiction",
                        verbose_name="发起辖区",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="campaigns.campaign",
                        verbose_name="上级行动",
                    ),
                ),
                (
                    "standard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="standards.standard",
                        verbose_name="创建标准",
                    ),
                ),
            ],
            options={
                "verbose_name": "创建行动",
                "verbose_name_plural": "创建行动",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="campaigns.campaign",
                        verbose_name="创建行动",
                    ),
                ),
            ],
            options={
                "verbose_name": "里程碑",
                "verbose_name_plural": "里程碑",
                "ordering": ["campaign", "number"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Participation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to="campaigns.campaign",
                        verbose_name="创建行动",
                    ),
                ),
                (
                    "community",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to="communities.community",
                        verbose_name="城市社区",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="列入人",
                    ),
                ),
            ],
            options={
                "verbose_name": "参与创建",
                "verbose_name_plural": "参与创建",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Phase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="phases",
                        to="campaigns.campaign",
                        verbose_name="创建行动",
                    ),
                ),
            ],
            options={
                "verbose_name": "阶段",
                "verbose_name_plural": "阶段",
                "ordering": ["campaign", "number"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Recognition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recognitions",
                        to="campaigns.campaign",
                        verbose_name="创建行动",
                    ),
                ),
                (
                    "community",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recognitions",
                        to="communities.community",
                        verbose_name="城市社区",
                    ),
                ),
                (
                    "participation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recognitions",
                        to="campaigns.participation",
                        verbose_name="参与创建",
                    ),
                ),
                (
                    "recognised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="认定人",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="摘牌人",
                    ),
                ),
            ],
            options={
                "verbose_name": "绿色社区认定",
                "verbose_name_plural": "绿色社区认定",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SectionDepartments",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="section_departments",
                        to="campaigns.campaign",
                        verbose_name="创建行动",
                    ),
                ),
            ],
            options={
                "verbose_name": "责任部门",
                "verbose_name_plural": "责任部门",
                "ordering": ["campaign", "section_number"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="targets",
                        to="campaigns.campaign",
                        verbose_name="创建行动",
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="jurisdictions.jurisdiction",
                        verbose_name="辖区",
                    ),
                ),
            ],
            options={
                "verbose_name": "创建目标",
                "verbose_name_plural": "创建目标",
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(fields=["path"], name="campaign_path"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_year__lte", models.F("last_year"))), name="campaign_years"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(condition=models.Q(("review_chain__len__gte", 2)), name="campaign_chain"),
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(fields=["path"], name="milestone_path"),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.UniqueConstraint(fields=("campaign", "number"), name="milestone_number"),
        ),
        migrations.AddIndex(
            model_name="participation",
            index=models.Index(fields=["path"], name="participation_path"),
        ),
        migrations.AddIndex(
            model_name="participation",
            index=models.Index(fields=["campaign", "path"], name="participation_campaign"),
        ),
        migrations.AddConstraint(
            model_name="participation",
            constraint=models.UniqueConstraint(fields=("campaign", "community"), name="participation_once"),
        ),
        migrations.AddConstraint(
            model_name="participation",
            constraint=models.CheckConstraint(
                condition=models.Q(("stage__in", ["planned", "drafting", "in_review", "returned", "recognised"])),
                name="participation_stage",
            ),
        ),
        migrations.AddIndex(
            model_name="phase",
            index=models.Index(fields=["path"], name="phase_path"),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.UniqueConstraint(fields=("campaign", "number"), name="phase_number"),
        ),
        migrations.AddIndex(
            model_name="recognition",
            index=models.Index(fields=["path"], name="recognition_path"),
        ),
        migrations.AddIndex(
            model_name="recognition",
            index=models.Index(fields=["campaign", "path"], name="recognition_campaign"),
        ),
        migrations.AddConstraint(
            model_name="recognition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=("participation",),
                name="recognition_standing_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="recognition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("revoked_at__isnull", True), models.Q(("revocation_reason", ""), _negated=True), _connector="OR"
                ),
                name="recognition_revocation_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="sectiondepartments",
            index=models.Index(fields=["path"], name="sectiondepartments_path"),
        ),
        migrations.AddConstraint(
            model_name="sectiondepartments",
            constraint=models.UniqueConstraint(fields=("campaign", "section_number"), name="section_departments_once"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["path"], name="target_path"),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.UniqueConstraint(fields=("campaign", "jurisdiction", "year", "kind"), name="target_once"),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "percent"), ("value__gt", 0), ("value__lte", 100)),
                    models.Q(("kind__in", ["pilots_per_street", "number"]), ("value__gte", 0)),
                    _connector="OR",
                ),
                name="target_value",
            ),
        ),
        Wall(
            "campaigns_campaign", parent="jurisdictions_jurisdiction", foreign_key="jurisdiction_id", read=ABOVE_SCOPE
        ),
        Wall("campaigns_phase", parent="campaigns_campaign", foreign_key="campaign_id", read=ABOVE_SCOPE),
        Wall("campaigns_milestone", parent="campaigns_campaign", foreign_key="campaign_id", read=ABOVE_SCOPE),
        Wall("campaigns_sectiondepartments", parent="campaigns_campaign", foreign_key="campaign_id", read=ABOVE_SCOPE),
        Wall("campaigns_target", parent="jurisdictions_jurisdiction", foreign_key="jurisdiction_id", read=ABOVE_SCOPE),
        Wall("campaigns_participation", parent="communities_community", foreign_key="community_id"),
        Wall("campaigns_recognition", parent="communities_community", foreign_key="community_id"),
    ]
