"""People, what they sign in with, and their histories go behind the wall; a membership stays in the person's tenant."""

import django.db.models.deletion
from django.db import migrations, models

from apps.core.wall import (
    ABOVE_SCOPE,
    IN_TENANT,
    SIGNING_IN,
    TENANT_WIDTH,
    USER_ID,
    HistoryWall,
    PersonalWall,
    Wall,
)

_OWN = f"id = {USER_ID}"
_OF_USER = f"user_id = {USER_ID}"

_IN_OWN_TENANT = f"""
CREATE FUNCTION accounts_membership_in_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_user u WHERE u.id = NEW.user_id
        AND (length(u.path) < {TENANT_WIDTH} OR starts_with(NEW.path, left(u.path, {TENANT_WIDTH})));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a membership stays in the tenant of its person' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenant BEFORE INSERT OR UPDATE ON accounts_membership
    FOR EACH ROW EXECUTE FUNCTION accounts_membership_in_tenant();
-- The owner's function: it has to see the memberships that whoever changes the person does not.
CREATE FUNCTION accounts_user_in_tenant() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    scope_from text := current_setting('app.scope_from', true);
    scope_to text := current_setting('app.scope_to', true);
    strays boolean;
BEGIN
    PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', '~', true);
    SELECT EXISTS (SELECT 1 FROM accounts_membership m WHERE m.user_id = NEW.id
        AND NOT starts_with(m.path, left(NEW.path, {TENANT_WIDTH}))) INTO strays;
    PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
    IF strays THEN
        RAISE EXCEPTION 'a person stays in the tenant of their memberships' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenant BEFORE UPDATE OF jurisdiction_id ON accounts_user FOR EACH ROW
    WHEN (OLD.jurisdiction_id IS DISTINCT FROM NEW.jurisdiction_id) EXECUTE FUNCTION accounts_user_in_tenant();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_everybody_belongs_somewhere"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("usersessions", "0001_initial"),
    ]
    operations = [
        migrations.AlterField(
            model_name="user",
            name="jurisdiction",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="people",
                to="jurisdictions.jurisdiction",
                verbose_name="所属单位",
            ),
        ),
        migrations.AlterField(
            model_name="userevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="所属单位",
            ),
        ),
        # Whoever signed something must stay readable where it was signed, so that the whole tenant and those above are read.
        Wall(
            "accounts_user",
            parent="jurisdictions_jurisdiction",
            foreign_key="jurisdiction_id",
            read=f"{IN_TENANT} OR {ABOVE_SCOPE}",
            write=f"{_OWN} OR {SIGNING_IN}",
        ),
        Wall(
            "accounts_contact",
            parent="accounts_user",
            foreign_key="user_id",
            read=_OF_USER,
        ),
        Wall("accounts_invitation", parent="accounts_user", foreign_key="user_id", write=SIGNING_IN),
        Wall(
            "accounts_securitypolicy",
            parent="jurisdictions_jurisdiction",
            foreign_key="jurisdiction_id",
            read=ABOVE_SCOPE,
        ),
        Wall(
            "accounts_accessevent",
            parent="jurisdictions_jurisdiction",
            foreign_key="jurisdiction_id",
            write=f"{_OF_USER} OR {SIGNING_IN}",
            append_only=True,
        ),
        PersonalWall("mfa_authenticator"),
        PersonalWall("usersessions_usersession"),
        PersonalWall("socialaccount_socialaccount"),
        PersonalWall("account_emailaddress"),
        HistoryWall("accounts_userevent", tracked="accounts_user", write=f"{_OWN} OR {SIGNING_IN}"),
        HistoryWall("accounts_contactevent", tracked="accounts_contact"),
        HistoryWall("accounts_membershipevent", tracked="accounts_membership"),
        HistoryWall("accounts_invitationevent", tracked="accounts_invitation", write=SIGNING_IN),
        HistoryWall("accounts_securitypolicyevent", tracked="accounts_securitypolicy"),
        migrations.RunSQL(
            _IN_OWN_TENANT,
            "DROP TRIGGER tenant ON accounts_user; DROP FUNCTION accounts_user_in_tenant();"
            "DROP TRIGGER tenant ON accounts_membership; DROP FUNCTION accounts_membership_in_tenant();",
        ),
        # Lets the new trigger set the paths.
        migrations.RunSQL("UPDATE accounts_user SET jurisdiction_id = jurisdiction_id", migrations.RunSQL.noop),
    ]
