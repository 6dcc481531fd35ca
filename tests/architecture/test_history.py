"""Every walled table has a history that nobody can change, or stands on the short list with the reason."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.utils import ProgrammingError
from pghistory.models import Event

from apps.accounts.models import AccessEvent, ApiAnswer
from apps.audit.sources import sources
from apps.audit.trail import ACCESS_ACTS
from apps.core.models import Walled
from apps.core.scope import scope_all

WITHOUT_HISTORY: dict[type[models.Model], str] = {
    AccessEvent: "is a record itself, and append-only",
    ApiAnswer: "repeats for a day what was answered; what was done has its history",
}
HISTORIES: list[Any] = [one for one in apps.get_models() if issubclass(one, Event) and one.pgh_tracked_model]
TRACKED: list[type[models.Model]] = [one.pgh_tracked_model for one in HISTORIES]
APPEND_ONLY: list[type[models.Model]] = [*HISTORIES, AccessEvent]


def table_of(model: type[models.Model]) -> str:
    return model._meta.db_table


def ask(statement: str, *values: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def test_every_walled_model_is_tracked_or_listed() -> None:
    walled = {one for one in apps.get_models() if issubclass(one, Walled)}
    assert walled - set(TRACKED) == set(WITHOUT_HISTORY)


def test_every_history_is_in_the_trail() -> None:
    assert {one.model for one in sources()} == {*HISTORIES, AccessEvent}
    assert [one.number for one in sources()] == list(range(len(sources())))


def test_every_kind_of_access_is_in_one_group_of_the_filter() -> None:
    grouped = [kind for _, kinds in ACCESS_ACTS.values() for kind in kinds]
    assert sorted(grouped) == sorted(AccessEvent.Kind)


@pytest.mark.parametrize("model", TRACKED, ids=table_of)
def test_insert_update_and_delete_are_written_by_the_database(db: None, model: type[models.Model]) -> None:
    triggers = ask(
        "SELECT substring(tgname from 'pgtrigger_([a-z]+)_'), tgtype & 28, tgenabled FROM pg_trigger"
        " WHERE tgrelid = %s::regclass AND tgname LIKE 'pgtrigger_%%' ORDER BY 1",
        table_of(model),
    )
    # Bits of tgtype: 4 insert, 8 delete, 16 update.
    assert triggers == [("delete", 8, "O"), ("insert", 4, "O"), ("update", 16, "O")]


@pytest.mark.parametrize("history", HISTORIES, ids=table_of)
def test_history_is_walled_and_indexed(db: None, history: type[models.Model]) -> None:
    table = table_of(history)
    walled = ask("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table)
    assert walled == [(True, True)]
    policies = ask("SELECT cmd, roles::text FROM pg_policies WHERE tablename = %s ORDER BY cmd", table)
    assert [cmd for cmd, _ in policies] == ["INSERT", "SELECT", "UPDATE"]
    # The only one that may change rows is the owner, when a jurisdiction moves.
    assert "public" not in str(policies[2][1])
    columns = ask(
        "SELECT array_agg(attname ORDER BY attnum) FROM pg_index JOIN pg_attribute ON attrelid = indexrelid"
        " WHERE indrelid = %s::regclass GROUP BY indexrelid ORDER BY 1",
        table,
    )
    assert columns == [(["path"],), (["pgh_created_at"],), (["pgh_id"],), (["pgh_obj_id", "pgh_id"],)]


@pytest.mark.parametrize("model", APPEND_ONLY, ids=table_of)
@pytest.mark.parametrize("statement", ["UPDATE {} SET path = path", "DELETE FROM {}", "TRUNCATE {}"])
def test_no_record_is_changed_by_web_or_worker(db: None, model: type[models.Model], statement: str) -> None:
    with scope_all():
        assert ask("SELECT current_user") == [("green_community_app",)]
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            ask(statement.format(table_of(model)))
