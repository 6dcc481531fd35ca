"""The migration operation that freezes published standards in the database."""

from django.db.migrations.operations import RunSQL

# How each part finds its standard; {row} is OLD or NEW.
_PARTS = {
    "standards_section": "{row}.standard_id",
    "standards_criterion": "{row}.standard_id",
    "standards_subitem": "(SELECT standard_id FROM standards_criterion WHERE id = {row}.criterion_id)",
    "standards_deductionrule": "(SELECT standard_id FROM standards_criterion WHERE id = {row}.criterion_id)",
}
_MESSAGE = "published standards are frozen; make a new version"


class FreezePublished(RunSQL):
    """Refuse every change to a published standard and its parts; only its place in the tree may follow a reorganisation."""

    def __init__(self) -> None:
        super().__init__(_whole() + "".join(_part(table) for table in _PARTS), reverse_sql=_thaw())

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, str]]:
        return (self.__class__.__qualname__, (), {})


def _whole() -> str:
    return f"""
CREATE FUNCTION standards_standard_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'published' AND (TG_OP = 'DELETE'
        OR to_jsonb(OLD) - 'path' - 'jurisdiction_id' IS DISTINCT FROM to_jsonb(NEW) - 'path' - 'jurisdiction_id') THEN
        RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON standards_standard
    FOR EACH ROW EXECUTE FUNCTION standards_standard_freeze();
"""


def _part(table: str) -> str:
    def published(row: str) -> str:
        owner = _PARTS[table].format(row=row)
        return f"EXISTS (SELECT 1 FROM standards_standard s WHERE s.id = {owner} AND s.status = 'published')"

    return f"""
CREATE FUNCTION {table}_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'path' = to_jsonb(NEW) - 'path' THEN
        RETURN NEW;
    END IF;
    IF (TG_OP <> 'INSERT' AND {published("OLD")}) OR (TG_OP <> 'DELETE' AND {published("NEW")}) THEN
        RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_freeze();
"""


def _thaw() -> str:
    return "".join(
        f"DROP TRIGGER frozen ON {table}; DROP FUNCTION {table}_freeze();" for table in ("standards_standard", *_PARTS)
    )
