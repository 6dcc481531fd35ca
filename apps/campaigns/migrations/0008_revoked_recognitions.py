"""The recognitions taken back are found without reading the others."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0007_annual_plans"),
        ("communities", "0004_survey"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="recognition",
            index=models.Index(
                condition=models.Q(("revoked_at__isnull", False)), fields=["path"], name="recognition_revoked"
            ),
        ),
    ]
