"""The wall between tenants as migration operations: row-level security and the triggers that keep every row's path.

A walled table has a column ``path``: its jurisdiction's materialised path. The database sets it from the parent row at every
write and carries a change of the parent's path down to its children, so Python never writes it.
"""

from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.operations import RunSQL
from django.db.utils import ProgrammingError

# Evaluated once per statement, but the planner does not look inside; a bare current_setting() is evaluated when planning,
# and for each row where no index serves.
SCOPE_FROM = "(SELECT current_setting('app.scope_from', true))"
SCOPE_TO = "(SELECT current_setting('app.scope_to', true))"
USER_ID = "(SELECT nullif(current_setting('app.user_id', true), '')::bigint)"
SIGNING_IN = "((SELECT current_setting('app.signing_in', true)) = 'on')"
LABEL_WIDTH = 6
# A tenant is a province: the nation's label and its own.
TENANT_WIDTH = 2 * LABEL_WIDTH

# Bare: the planner has to see how much of a table the range is, or it plans a list of fifty rows for half the nation.
IN_SCOPE = "(path >= current_setting('app.scope_from', true) AND path < current_setting('app.scope_to', true))"
# No path is empty, so that nothing stands above an empty scope.
ABOVE_SCOPE = "starts_with(current_setting('app.scope_from', true), path)"
IN_TENANT = (
    f"(path >= (SELECT left(current_setting('app.scope_from', true), {TENANT_WIDTH}))"
    f" AND path < (SELECT left(current_setting('app.scope_from', true), {TENANT_WIDTH}) || '~')"
    f" AND length({SCOPE_FROM}) >= {TENANT_WIDTH})"
)

_AS_OWNER = " SECURITY DEFINER SET search_path = public, pg_temp"


class Wall(RunSQL):
    """Put a table behind the wall.

    ``parent`` and ``foreign_key`` say where the row's path comes from. ``read`` widens what may be read beside the rows in
    scope, by an SQL condition such as ``ABOVE_SCOPE``; ``write`` widens reading, adding and changing (never
    deleting), for a person's own rows and for signing in only. Rows of an ``append_only`` table are never changed or deleted.
    """

    def __init__(
        self,
        table: str,
        *,
        parent: str,
        foreign_key: str,
        read: str = "",
        write: str = "",
        append_only: bool = False,
    ) -> None:
        self.deconstructed = (
            (table,),
            {"parent": parent, "foreign_key": foreign_key, "read": read, "write": write, "append_only": append_only},
        )
        super().__init__(
            _path_triggers(table, parent, foreign_key, append_only=append_only)
            + _policies(table, read, write, append_only=append_only),
            reverse_sql=_remove(table, parent),
        )

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        return (self.__class__.__qualname__, *self.deconstructed)

    def describe(self) -> str:
        return f"Wall around {self.deconstructed[0][0]}"


class TreeWall(RunSQL):
    """The wall of the tree itself: everybody reads it, a branch writes only below itself; its labels make up the paths."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            _path_triggers(table, table, "parent_id", own_label=True) + _policies(table, "true"),
            reverse_sql=_remove(table, table),
        )

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, str]]:
        return (self.__class__.__qualname__, (self.table,), {})


class HistoryWall(RunSQL):
    """The wall of a history table of ``tracked``: rows carry the path that the tracked row had, and follow the tree.

    Append-only for whoever is not the owner. ``write`` widens what may be added, as the tracked table's does.
    """

    def __init__(self, table: str, *, tracked: str, write: str = "") -> None:
        self.deconstructed = ((table,), {"tracked": tracked, "write": write})
        super().__init__(
            _secure(table)
            + _policy(table, "SELECT", using=IN_SCOPE)
            + _append_policies(table, f"{IN_SCOPE} OR {write}" if write else IN_SCOPE)
            + f"CREATE INDEX {table}_path ON {table} (path); CREATE INDEX {table}_at ON {table} (pgh_created_at);"
            + f"CREATE INDEX {table}_of ON {table} (pgh_obj_id, pgh_id);"
            + _history_follows(table, tracked),
            reverse_sql=f"DROP TRIGGER history_follow ON {tracked}; DROP FUNCTION {table}_follow();"
            f"DROP INDEX {table}_path; DROP INDEX {table}_at; DROP INDEX {table}_of;" + _unsecure(table),
        )

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, str]]:
        return (self.__class__.__qualname__, *self.deconstructed)

    def describe(self) -> str:
        return f"Wall around the history table {self.deconstructed[0][0]}"


class PersonalWall(RunSQL):
    """The wall of a table of another package that holds what belongs to a person: read and written by that person, by whoever
    has the person in scope, and while somebody signs in."""

    def __init__(self, table: str, *, user_column: str = "user_id") -> None:
        self.deconstructed = ((table,), {"user_column": user_column})
        visible = (
            f"{user_column} = {USER_ID} OR {SIGNING_IN} OR"
            f" EXISTS (SELECT 1 FROM accounts_user p WHERE p.id = {user_column}"
            f" AND p.path >= {SCOPE_FROM} AND p.path < {SCOPE_TO})"
        )
        super().__init__(
            _secure(table) + _policy(table, "SELECT", using=visible) + _write_policies(table, visible),
            reverse_sql=_unsecure(table),
        )

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, str]]:
        return (self.__class__.__qualname__, *self.deconstructed)

    def describe(self) -> str:
        return f"Wall around {self.deconstructed[0][0]}"


def seen_with(parent: str, foreign_key: str) -> str:
    """The condition that a row is read wherever its parent row is read, by the parent's own policy."""
    return f"EXISTS (SELECT 1 FROM {parent} p WHERE p.id = {foreign_key})"


def create_application_role(apps: Any = None, schema_editor: Any = None) -> None:
    """Make the role that web and worker act as; it is the cluster's, so other databases may have made it already."""
    role = settings.APPLICATION_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            try:
                cursor.execute(
                    f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;"
                    " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
                )
            except ProgrammingError as error:
                raise RuntimeError(
                    f"The owner may not create roles. Let an administrator run: CREATE ROLE {role} NOLOGIN;"
                    f" GRANT {role} TO CURRENT_USER;"
                ) from error
        cursor.execute("SELECT pg_has_role(current_user, %s, 'SET')", [role])
        if not cursor.fetchone()[0]:
            cursor.execute(f"GRANT {role} TO CURRENT_USER")


def grant_tables(**kwargs: Any) -> None:
    """Let the application role work on every table; the policies decide on the rows."""
    role = settings.APPLICATION_ROLE
    with connection.cursor() as cursor:
        cursor.execute(
            f"GRANT USAGE ON SCHEMA public TO {role};"
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};"
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};"
            f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}"
        )
        # What has no policy for a change is never changed: histories and records of access.
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace AND NOT EXISTS"
            " (SELECT 1 FROM pg_policies WHERE schemaname = 'public' AND tablename = relname"
            " AND cmd IN ('UPDATE', 'ALL') AND 'public' = ANY (roles))"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")


def close_search_path(**kwargs: Any) -> None:
    """Let no table of a session's own stand in for ours: nobody makes temporary ones, and triggers look for tables here alone.

    Temporary tables are found first, otherwise, also by what runs with the owner's rights.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        cursor.execute(f'REVOKE TEMPORARY ON DATABASE "{cursor.fetchone()[0]}" FROM PUBLIC')
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang"
            " WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole AND lanname = 'plpgsql'"
            " AND NOT coalesce('search_path=public, pg_temp' = ANY (proconfig), false)"
        )
        for (function,) in cursor.fetchall():
            cursor.execute(f"ALTER FUNCTION {function} SET search_path = public, pg_temp")


def _path_triggers(
    table: str, parent: str, foreign_key: str, *, own_label: bool = False, append_only: bool = False
) -> str:
    definer = _AS_OWNER if append_only else ""
    label = f" || lpad(to_hex(NEW.id), {LABEL_WIDTH}, '0')" if own_label else ""
    # A longer label would be cut to the same one as another's, and two tenants share a path.
    fits = (
        f"IF NEW.id >= 16 ^ {LABEL_WIDTH} THEN RAISE EXCEPTION 'no label is left for {table}'; END IF;"
        if own_label
        else ""
    )
    root = f"IF NEW.{foreign_key} IS NULL THEN NEW.path := ''{label}; RETURN NEW; END IF;" if own_label else ""
    return f"""
CREATE FUNCTION {table}_set_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {fits}
    {root}
    SELECT p.path{label} INTO NEW.path FROM {parent} p WHERE p.id = NEW.{foreign_key};
    IF NEW.path IS NULL THEN
        RAISE EXCEPTION 'row of {table} has no visible parent' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER set_path BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_set_path();
CREATE FUNCTION {table}_follow() RETURNS trigger LANGUAGE plpgsql{definer} AS $$
BEGIN
    UPDATE {table} SET path = NEW.path WHERE {foreign_key} = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_follow AFTER UPDATE ON {parent} FOR EACH ROW
    WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION {table}_follow();
"""


def _append_policies(table: str, condition: str) -> str:
    """Rows are added; only the owner's functions change one, when its jurisdiction moves."""
    return (
        _policy(table, "INSERT", check=condition)
        + f"CREATE POLICY {table}_update ON {table} FOR UPDATE TO CURRENT_USER USING ({IN_SCOPE});"
    )


def _history_follows(table: str, tracked: str) -> str:
    """When the tree is rearranged, history goes with its row; when a row goes to another jurisdiction, what was done before stays
    with those who did it."""
    return f"""
CREATE FUNCTION {table}_follow() RETURNS trigger LANGUAGE plpgsql{_AS_OWNER} AS $$
BEGIN
    IF to_jsonb(NEW) - 'path' = to_jsonb(OLD) - 'path' THEN
        UPDATE {table} SET path = NEW.path WHERE pgh_obj_id = NEW.id AND path = OLD.path;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER history_follow AFTER UPDATE ON {tracked} FOR EACH ROW
    WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION {table}_follow();
"""


def _policies(table: str, read: str, write: str = "", *, append_only: bool = False) -> str:
    written = f"{IN_SCOPE} OR {write}" if write else IN_SCOPE
    select = f"{written} OR {read}" if read else written
    writing = _append_policies(table, written) if append_only else _write_policies(table, written, IN_SCOPE)
    return _secure(table) + _policy(table, "SELECT", using=select) + writing


def _secure(table: str) -> str:
    return f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"


def _unsecure(table: str) -> str:
    verbs = ("select", "insert", "update", "delete")
    policies = "".join(f"DROP POLICY IF EXISTS {table}_{verb} ON {table};" for verb in verbs)
    return (
        policies + f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
    )


def _write_policies(table: str, condition: str, delete: str = "") -> str:
    return (
        _policy(table, "INSERT", check=condition)
        + _policy(table, "UPDATE", using=condition, check=condition)
        + _policy(table, "DELETE", using=delete or condition)
    )


def _policy(table: str, verb: str, *, using: str = "", check: str = "") -> str:
    return (
        f"CREATE POLICY {table}_{verb.lower()} ON {table} FOR {verb}"
        + (f" USING ({using})" if using else "")
        + (f" WITH CHECK ({check})" if check else "")
        + ";\n"
    )


def _remove(table: str, parent: str) -> str:
    return (
        _unsecure(table)
        + f"DROP TRIGGER {table}_follow ON {parent}; DROP FUNCTION {table}_follow();"
        + f"DROP TRIGGER set_path ON {table}; DROP FUNCTION {table}_set_path();"
    )
