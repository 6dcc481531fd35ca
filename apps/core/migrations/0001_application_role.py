"""The role that web and worker act as."""

from django.db import migrations

from apps.core.wall import create_application_role


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(create_application_role, migrations.RunPython.noop)]
