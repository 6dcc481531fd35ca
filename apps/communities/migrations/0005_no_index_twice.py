"""A foreign key that a longer index begins with has none of its own: it would be read in its place, and written beside it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0004_survey"),
        ("jurisdictions", "0003_life_of_jurisdictions"),
    ]

    operations = [
        migrations.AlterField(
            model_name="baselineentry",
            name="community",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="baseline_entries",
                to="communities.community",
                verbose_name="城市社区",
            ),
        ),
        migrations.AlterField(
            model_name="communitysurvey",
            name="community",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="surveys",
                to="communities.community",
                verbose_name="城市社区",
            ),
        ),
        migrations.AlterField(
            model_name="surveyfield",
            name="jurisdiction",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="survey_fields",
                to="jurisdictions.jurisdiction",
                verbose_name="设置单位",
            ),
        ),
    ]
