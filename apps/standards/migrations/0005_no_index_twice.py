"""A foreign key that a longer index begins with has none of its own: it would be read in its place, and written beside it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("standards", "0004_rule_facts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="criterion",
            name="standard",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="criteria",
                to="standards.standard",
                verbose_name="标准",
            ),
        ),
        migrations.AlterField(
            model_name="deductionrule",
            name="criterion",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rules",
                to="standards.criterion",
                verbose_name="标准条目",
            ),
        ),
        migrations.AlterField(
            model_name="section",
            name="standard",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sections",
                to="standards.standard",
                verbose_name="标准",
            ),
        ),
        migrations.AlterField(
            model_name="subitem",
            name="criterion",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sub_items",
                to="standards.criterion",
                verbose_name="标准条目",
            ),
        ),
    ]
