"""The room's tables, behind the wall from the start."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from apps.core.wall import Wall


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
        ("jurisdictions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportJob",
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
                        choices=[("completion_summary", "附件2 完成情况汇总表")], max_length=30, verbose_name="文件"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "等待中"), ("running", "生成中"), ("done", "已完成"), ("failed", "失败")],
                        default="waiting",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("file", models.FileField(blank=True, max_length=255, upload_to="exports/%Y/%m", verbose_name="文件")),
                ("filename", models.CharField(blank=True, max_length=200, verbose_name="文件名")),
                ("failure", models.TextField(blank=True, verbose_name="失败原因")),
                ("created_at", models.DateTimeField(verbose_name="发起时间")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="开始时间")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="完成时间")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="campaigns.campaign",
                        verbose_name="创建行动",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发起人",
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="jurisdictions.jurisdiction",
                        verbose_name="填报单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "导出任务",
                "verbose_name_plural": "导出任务",
                "ordering": ["-created_at", "-id"],
                "abstract": False,
                "indexes": [models.Index(fields=["path"], name="exportjob_path")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("file", ""), ("status__in", ["waiting", "running"])),
                            models.Q(("status", "done"), models.Q(("file", ""), _negated=True)),
                            models.Q(("status", "failed"), models.Q(("failure", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="export_status",
                    )
                ],
            },
        ),
        Wall("reports_exportjob", parent="jurisdictions_jurisdiction", foreign_key="jurisdiction_id"),
    ]
