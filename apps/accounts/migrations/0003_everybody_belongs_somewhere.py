"""Everybody belongs to the bureau of their first membership; who has none, to the nation."""

from typing import Any

from django.db import migrations


def give_homes(apps: Any, schema_editor: Any) -> None:
    User = apps.get_model("accounts", "User")
    nation = apps.get_model("jurisdictions", "Jurisdiction").objects.filter(parent__isnull=True).first()
    for user in User.objects.filter(jurisdiction__isnull=True):
        first = user.memberships.order_by("path", "id").first()
        user.jurisdiction = first.jurisdiction if first else nation
        user.save(update_fields=["jurisdiction"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_people")]
    operations = [migrations.RunPython(give_homes, migrations.RunPython.noop)]
