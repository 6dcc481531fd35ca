"""Every table is behind the wall, or on the short list of those that are not, with the reason."""

import pytest
from django.apps import apps
from django.db import connection, models

from apps.core.models import Walled

# Tables without a jurisdiction's data.
OPEN_TABLES = {
    "auth_group": "Django's own, empty: roles are memberships",
    "auth_permission": "names of verbs",
    "django_content_type": "names of models",
    "django_session": "keys of browsers; found by a secret key only",
    "accounts_user": "read before anybody's scope is known; holds a name and a password hash",
    "account_emailaddress": "allauth's, found by person",
    "account_emailconfirmation": "allauth's, found by a secret key only",
    "guardian_userobjectpermission": "which verbs a person has where; read for the person who acts",
    "guardian_groupobjectpermission": "guardian's own, empty: grants go to people",
}


def tables() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if not model._meta.proxy]


@pytest.mark.parametrize("model", tables(), ids=lambda model: model._meta.db_table)
def test_every_model_is_walled_or_listed(db: None, model: type[models.Model]) -> None:
    table = model._meta.db_table
    if table in OPEN_TABLES:
        assert not issubclass(model, Walled)
        return
    assert issubclass(model, Walled), f"{table} needs a wall, or a line in OPEN_TABLES that says why not"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relrowsecurity, relforcerowsecurity,"
            " (SELECT array_agg(cmd ORDER BY cmd) FROM pg_policies WHERE tablename = relname),"
            " (SELECT count(*) FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = 'set_path'),"
            " (SELECT collation_name FROM information_schema.columns WHERE table_name = relname AND column_name = 'path')"
            " FROM pg_class WHERE relname = %s",
            [table],
        )
        assert cursor.fetchone() == (True, True, ["DELETE", "INSERT", "SELECT", "UPDATE"], 1, "C")


def test_open_tables_exist(db: None) -> None:
    assert set(OPEN_TABLES) <= {model._meta.db_table for model in tables()}
