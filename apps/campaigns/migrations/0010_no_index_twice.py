"""A foreign key that a longer index begins with has none of its own: it would be read in its place, and written beside it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0009_target_issuers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="annualplan",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="plans",
                to="campaigns.campaign",
                verbose_name="创建行动",
            ),
        ),
        migrations.AlterField(
            model_name="milestone",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="milestones",
                to="campaigns.campaign",
                verbose_name="创建行动",
            ),
        ),
        migrations.AlterField(
            model_name="participation",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="participations",
                to="campaigns.campaign",
                verbose_name="创建行动",
            ),
        ),
        migrations.AlterField(
            model_name="phase",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="phases",
                to="campaigns.campaign",
                verbose_name="创建行动",
            ),
        ),
        migrations.AlterField(
            model_name="recognition",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="recognitions",
                to="campaigns.campaign",
                verbose_name="创建行动",
            ),
        ),
        migrations.AlterField(
            model_name="sectiondepartments",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="section_departments",
                to="campaigns.campaign",
                verbose_name="创建行动",
            ),
        ),
        migrations.AlterField(
            model_name="target",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="targets",
                to="campaigns.campaign",
                verbose_name="创建行动",
            ),
        ),
    ]
