"""A foreign key that a longer index begins with has none of its own: it would be read in its place, and written beside it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0005_no_index_twice"),
        ("projects", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="funding",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="funding",
                to="projects.project",
                verbose_name="建设改造项目",
            ),
        ),
        migrations.AlterField(
            model_name="project",
            name="community",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="projects",
                to="communities.community",
                verbose_name="城市社区",
            ),
        ),
    ]
