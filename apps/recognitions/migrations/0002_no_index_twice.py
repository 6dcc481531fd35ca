"""A foreign key that a longer index begins with has none of its own: it would be read in its place, and written beside it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0010_no_index_twice"),
        ("recognitions", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="noticeentry",
            name="notice",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="entries",
                to="recognitions.publicnotice",
                verbose_name="公示",
            ),
        ),
        migrations.AlterField(
            model_name="recheck",
            name="recognition",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rechecks",
                to="campaigns.recognition",
                verbose_name="绿色社区认定",
            ),
        ),
    ]
