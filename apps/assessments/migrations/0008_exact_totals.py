"""A total holds every decimal that weights give it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0007_ended")]

    operations = [
        migrations.AlterField(
            model_name=name,
            name="total_points",
            field=models.DecimalField("得分", max_digits=10, decimal_places=5, null=True, blank=True),
        )
        for name in ("assessment", "assessmentevent", "reviewaction", "reviewactionevent")
    ]
