"""The room's tables, behind the wall from the start."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from apps.core.wall import Wall, seen_with
from apps.standards.freeze import FreezePublished


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("jurisdictions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Standard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("code", models.SlugField(unique=True, verbose_name="标准代码")),
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
                (
                    "derived_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="derivations",
                        to="standards.standard",
                        verbose_name="依据标准",
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standards",
                        to="jurisdictions.jurisdiction",
                        verbose_name="发布辖区",
                    ),
                ),
            ],
            options={
                "verbose_name": "创建标准",
                "verbose_name_plural": "创建标准",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Section",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("title", models.CharField(max_length=200, verbose_name="内容")),
                ("weight", models.DecimalField(decimal_places=3, default=1, max_digits=6, verbose_name="权重")),
                (
                    "standard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="standards.standard",
                        verbose_name="标准",
                    ),
                ),
            ],
            options={
                "verbose_name": "内容",
                "verbose_name_plural": "内容",
                "ordering": ["standard", "number"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Criterion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "national_criterion",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refinements",
                        to="standards.criterion",
                        verbose_name="对应国家条目",
                    ),
                ),
                (
                    "section",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="criteria",
                        to="standards.section",
                        verbose_name="内容",
                    ),
                ),
                (
                    "standard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="criteria",
                        to="standards.standard",
                        verbose_name="标准",
                    ),
                ),
            ],
            options={
                "verbose_name": "标准条目",
                "verbose_name_plural": "标准条目",
                "ordering": ["standard", "number"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SubItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("text", models.TextField(verbose_name="分项内容")),
                ("points", models.DecimalField(decimal_places=2, max_digits=6, verbose_name="分值")),
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sub_items",
                        to="standards.criterion",
                        verbose_name="标准条目",
                    ),
                ),
            ],
            options={
                "verbose_name": "分项",
                "verbose_name_plural": "分项",
                "ordering": ["criterion", "number"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DeductionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="standards.criterion",
                        verbose_name="标准条目",
                    ),
                ),
                (
                    "sub_item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="standards.subitem",
                        verbose_name="分项",
                    ),
                ),
            ],
            options={
                "verbose_name": "扣分项",
                "verbose_name_plural": "扣分项",
                "ordering": ["criterion", "number"],
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="standard",
            index=models.Index(fields=["path"], name="standard_path"),
        ),
        migrations.AddConstraint(
            model_name="standard",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["pass_fail", "scored"])), name="standard_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="standard",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "published"])), name="standard_status"
            ),
        ),
        migrations.AddConstraint(
            model_name="standard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "pass_fail"), ("pass_mark", None), ("total_points", None)),
                    models.Q(
                        ("kind", "scored"),
                        ("pass_mark__gt", 0),
                        ("pass_mark__lte", models.F("total_points")),
                        ("total_points__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="standard_points_when_scored",
            ),
        ),
        migrations.AddIndex(
            model_name="section",
            index=models.Index(fields=["path"], name="section_path"),
        ),
        migrations.AddConstraint(
            model_name="section",
            constraint=models.UniqueConstraint(fields=("standard", "number"), name="section_number"),
        ),
        migrations.AddIndex(
            model_name="criterion",
            index=models.Index(fields=["path"], name="criterion_path"),
        ),
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.UniqueConstraint(fields=("standard", "number"), name="criterion_number"),
        ),
        migrations.AddIndex(
            model_name="subitem",
            index=models.Index(fields=["path"], name="subitem_path"),
        ),
        migrations.AddConstraint(
            model_name="subitem",
            constraint=models.UniqueConstraint(fields=("criterion", "number"), name="sub_item_number"),
        ),
        migrations.AddIndex(
            model_name="deductionrule",
            index=models.Index(fields=["path"], name="deductionrule_path"),
        ),
        migrations.AddConstraint(
            model_name="deductionrule",
            constraint=models.UniqueConstraint(fields=("criterion", "number"), name="rule_number"),
        ),
        migrations.AddConstraint(
            model_name="deductionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["fixed", "range", "count", "rate_shortfall", "count_shortfall", "bonus_range"])
                ),
                name="rule_kind",
            ),
        ),
        Wall(
            "standards_standard",
            parent="jurisdictions_jurisdiction",
            foreign_key="jurisdiction_id",
            read="status = 'published'",
        ),
        Wall(
            "standards_section",
            parent="standards_standard",
            foreign_key="standard_id",
            read=seen_with("standards_standard", "standard_id"),
        ),
        Wall(
            "standards_criterion",
            parent="standards_standard",
            foreign_key="standard_id",
            read=seen_with("standards_standard", "standard_id"),
        ),
        Wall(
            "standards_subitem",
            parent="standards_criterion",
            foreign_key="criterion_id",
            read=seen_with("standards_criterion", "criterion_id"),
        ),
        Wall(
            "standards_deductionrule",
            parent="standards_criterion",
            foreign_key="criterion_id",
            read=seen_with("standards_criterion", "criterion_id"),
        ),
        FreezePublished(),
    ]
