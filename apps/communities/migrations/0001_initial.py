"""The room's tables, behind the wall from the start."""

import django.db.models.deletion
from django.db import migrations, models

from apps.core.wall import Wall


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("jurisdictions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Community",
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
                ("counts_as_urban", models.BooleanField(default=True, verbose_name="计入城市社区")),
                ("opened_on", models.DateField(blank=True, null=True, verbose_name="设立日期")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="撤销日期")),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="communities",
                        to="jurisdictions.jurisdiction",
                        verbose_name="所属辖区",
                    ),
                ),
            ],
            options={
                "verbose_name": "城市社区",
                "verbose_name_plural": "城市社区",
                "abstract": False,
                "indexes": [models.Index(fields=["path"], name="community_path")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opened_on__isnull", True),
                            ("closed_on__isnull", True),
                            ("closed_on__gt", models.F("opened_on")),
                            _connector="OR",
                        ),
                        name="community_closed_after_opened",
                    )
                ],
            },
        ),
        Wall("communities_community", parent="jurisdictions_jurisdiction", foreign_key="jurisdiction_id"),
    ]
