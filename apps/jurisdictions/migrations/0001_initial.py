"""The room's tables, behind the wall from the start."""

import django.db.models.deletion
from django.db import migrations, models

from apps.core.wall import TreeWall


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_application_role"),
    ]

    operations = [
        migrations.CreateModel(
            name="Jurisdiction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=12, null=True, unique=True, verbose_name="区划代码")),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
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
                    "kind",
                    models.CharField(
                        choices=[("administrative", "行政区划"), ("development_zone", "开发区")],
                        default="administrative",
                        max_length=20,
                        verbose_name="类别",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="jurisdictions.jurisdiction",
                        verbose_name="上级辖区",
                    ),
                ),
            ],
            options={
                "verbose_name": "行政区划",
                "verbose_name_plural": "行政区划",
                "permissions": [
                    ("manage_people", "管理人员与权限"),
                    ("manage_campaign", "管理创建行动"),
                    ("set_targets", "设定创建目标"),
                    ("enrol_communities", "编制年度创建计划"),
                    ("self_assess", "填报自评"),
                    ("review_assessments", "审核自评"),
                    ("recognise_communities", "认定绿色社区"),
                    ("export_reports", "导出报表"),
                ],
                "abstract": False,
                "indexes": [models.Index(fields=["path"], name="jurisdiction_path")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["nation", "province", "city", "district", "street"])),
                        name="jurisdiction_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent__isnull", False), ("level", "nation"), _connector="OR"),
                        name="jurisdiction_root_is_nation",
                    ),
                ],
            },
        ),
        TreeWall("jurisdictions_jurisdiction"),
    ]
