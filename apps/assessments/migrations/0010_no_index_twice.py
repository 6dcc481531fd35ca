"""A foreign key that a longer index begins with has none of its own: it would be read in its place, and written beside it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0009_results_of_note_and_steps"),
        ("jurisdictions", "0003_life_of_jurisdictions"),
    ]

    operations = [
        migrations.AlterField(
            model_name="assessment",
            name="holder",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="held_assessments",
                to="jurisdictions.jurisdiction",
                verbose_name="当前办理",
            ),
        ),
        migrations.AlterField(
            model_name="criterionresult",
            name="assessment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="results",
                to="assessments.assessment",
                verbose_name="自评",
            ),
        ),
        migrations.AlterField(
            model_name="departmentopinion",
            name="assessment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="opinions",
                to="assessments.assessment",
                verbose_name="自评",
            ),
        ),
        migrations.AlterField(
            model_name="evidence",
            name="assessment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="evidence",
                to="assessments.assessment",
                verbose_name="自评",
            ),
        ),
        migrations.AlterField(
            model_name="evidence",
            name="site_visit",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="evidence",
                to="assessments.sitevisit",
                verbose_name="现场核查",
            ),
        ),
        migrations.AlterField(
            model_name="returnedcriterion",
            name="action",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="returned_criteria",
                to="assessments.reviewaction",
                verbose_name="办理记录",
            ),
        ),
        migrations.AlterField(
            model_name="returnnote",
            name="assessment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="return_notes",
                to="assessments.assessment",
                verbose_name="自评",
            ),
        ),
        migrations.AlterField(
            model_name="reviewaction",
            name="assessment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="actions",
                to="assessments.assessment",
                verbose_name="自评",
            ),
        ),
    ]
