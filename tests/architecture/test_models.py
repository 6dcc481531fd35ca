"""Every table is behind the wall, or on the short list of those that are not, with the reason."""

import pytest
from django.apps import apps
from django.db import connection, models
from pghistory.models import Event

from apps.accounts.models import AccessEvent
from apps.core.models import Walled
from tests.architecture.test_history import WITHOUT_HISTORY

# Tables without a jurisdiction's data.
OPEN_TABLES = {
    "auth_group": "Django's own, empty: roles are memberships",
    "auth_permission": "names of Django's permissions; what people may do stands in their memberships",
    "django_content_type": "names of models",
    "django_session": "keys of browsers; found by a secret key only",
    "account_emailconfirmation": "allauth's, empty: no mail address is confirmed",
    "socialaccount_socialapp": "allauth's, empty: the identity provider is named in the settings",
    "socialaccount_socialtoken": "allauth's, empty: no token is kept",
    "pghistory_context": "empty: the context stands in each event",
}
# Tables of another package that belong to a person, who belongs to a jurisdiction.
PERSONAL_TABLES = {
    "account_emailaddress",
    "mfa_authenticator",
    "socialaccount_socialaccount",
    "usersessions_usersession",
}


def tables() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if not model._meta.proxy and model._meta.managed]


def is_history(model: type[models.Model]) -> bool:
    return issubclass(model, Event)


@pytest.mark.parametrize("model", tables(), ids=lambda model: model._meta.db_table)
def test_every_model_is_walled_or_listed(db: None, model: type[models.Model]) -> None:
    table = model._meta.db_table
    if table in OPEN_TABLES:
        assert not issubclass(model, Walled)
        return
    is_walled = issubclass(model, Walled) or is_history(model) or table in PERSONAL_TABLES
    assert is_walled, f"{table} needs a wall, or a line in OPEN_TABLES that says why not"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relrowsecurity, relforcerowsecurity,"
            " (SELECT array_agg(cmd ORDER BY cmd) FROM pg_policies WHERE tablename = relname AND 'public' = ANY (roles)),"
            " (SELECT count(*) FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = 'set_path'),"
            " (SELECT collation_name FROM information_schema.columns WHERE table_name = relname AND column_name = 'path')"
            " FROM pg_class WHERE relname = %s",
            [table],
        )
        found = cursor.fetchone()
    written = (
        ["INSERT", "SELECT"] if is_history(model) or model is AccessEvent else ["DELETE", "INSERT", "SELECT", "UPDATE"]
    )
    keeps_path = issubclass(model, Walled)
    assert found == (True, True, written, int(keeps_path), None if table in PERSONAL_TABLES else "C")


@pytest.mark.parametrize(
    "model", [model for model in tables() if issubclass(model, Walled)], ids=lambda model: model._meta.db_table
)
def test_every_walled_model_has_a_history(model: type[models.Model]) -> None:
    histories = [one for one in tables() if is_history(one) and one.pgh_tracked_model is model]  # type: ignore[attr-defined]
    assert len(histories) == (0 if model in WITHOUT_HISTORY else 1)


def test_open_tables_hold_nothing_that_they_should_not(db: None) -> None:
    empty = [table for table, reason in OPEN_TABLES.items() if "empty" in reason]
    with connection.cursor() as cursor:
        for table in empty:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert (table, cursor.fetchone()) == (table, (0,))


def test_open_tables_exist(db: None) -> None:
    assert set(OPEN_TABLES) | PERSONAL_TABLES <= {model._meta.db_table for model in tables()}


# Indexes of one column that another index of the same table begins with.
_TWICE = """
SELECT one.relname FROM pg_index a JOIN pg_class one ON one.oid = a.indexrelid
JOIN pg_index b ON b.indrelid = a.indrelid AND b.indkey[0] = a.indkey[0] AND b.indclass[0] = a.indclass[0]
     AND b.indnkeyatts > 1 AND b.indpred IS NULL
WHERE a.indrelid = %s::regclass AND a.indnkeyatts = 1 AND NOT a.indisunique AND a.indpred IS NULL
"""


@pytest.mark.parametrize("model", [one for one in apps.get_models() if issubclass(one, Walled)])
def test_no_column_is_indexed_twice(db: None, model: type[models.Model]) -> None:
    """PostgreSQL may take the shorter one and read a whole campaign where the longer one knows the jurisdiction as well."""
    with connection.cursor() as cursor:
        cursor.execute(_TWICE, [model._meta.db_table])
        assert [name for (name,) in cursor.fetchall()] == [], "the foreign key wants db_index=False"
