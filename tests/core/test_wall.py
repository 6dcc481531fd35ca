"""The wall in PostgreSQL, tried with raw SQL as the role that web and worker act as."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from apps.accounts.domain import grant_membership
from apps.accounts.models import Membership, Role
from apps.accounts.permissions import Actor
from apps.campaigns.domain import enrol_communities
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.scope import is_limited_to, scope, scope_all
from apps.jurisdictions.models import Jurisdiction

Acting = Callable[[Actor], AbstractContextManager[None]]
FindJurisdiction = Callable[[str], Jurisdiction]
FindCommunity = Callable[[str], Community]

# A committee of 鹿城镇 in 楚雄市, one of 天津市和平区.
LONGJIANG = "532301101006"
HEPING = "120101"


def ask(statement: str, *values: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def count(table: str) -> Any:
    return ask(f"SELECT count(*) FROM {table}")[0][0]


@pytest.fixture
def enrolled(chuxiong: Campaign, district_reviewer: Actor, acting: Acting, community: FindCommunity) -> None:
    with acting(district_reviewer):
        enrol_communities(chuxiong, 2022, [community(LONGJIANG)], actor=district_reviewer)


def test_select_without_scope_sees_no_row(enrolled: None) -> None:
    with scope(""):
        assert ask("SELECT current_user")[0][0] == "green_community_app"
        assert count("communities_community") == 0
        assert count("campaigns_participation") == 0
        assert count("campaigns_campaign") == 0
        assert count("accounts_membership") == 0


@pytest.mark.parametrize(
    ("code", "communities", "participations"),
    [
        ("532301101", 19, 1),  # the street itself
        ("532301", 31, 1),  # its county
        ("5323", 163, 1),
        ("532302", 45, 0),  # the county beside
        ("532301102", 10, 0),  # the street beside
        ("12", 64, 0),  # another tenant
        ("000000000000", 163 + 64 + 66 + 247, 1),
    ],
)
def test_select_sees_own_branch_only(
    enrolled: None, jurisdiction: FindJurisdiction, code: str, communities: int, participations: int
) -> None:
    with scope(jurisdiction(code).path):
        assert count("communities_community") == communities
        assert count("campaigns_participation") == participations


def test_insert_into_other_tenant_is_refused(
    chuxiong: Campaign, jurisdiction: FindJurisdiction, community: FindCommunity
) -> None:
    target = community(LONGJIANG)
    with (
        pytest.raises(ProgrammingError, match="row-level security|no visible parent"),
        scope(jurisdiction(HEPING).path),
    ):
        ask(
            "INSERT INTO campaigns_participation (campaign_id, community_id, year, is_pilot, stage, created_at)"
            " VALUES (%s, %s, 2022, false, 'planned', now())",
            chuxiong.pk,
            target.pk,
        )


def test_insert_with_forged_path_takes_the_parents_path(
    chuxiong: Campaign, jurisdiction: FindJurisdiction, community: FindCommunity
) -> None:
    target = community(LONGJIANG)
    with scope(jurisdiction("532301").path):
        rows = ask(
            "INSERT INTO campaigns_participation (campaign_id, community_id, year, is_pilot, stage, created_at, path)"
            " VALUES (%s, %s, 2022, false, 'planned', now(), '') RETURNING path",
            chuxiong.pk,
            target.pk,
        )
    assert rows == [(target.path,)]


def test_update_and_delete_reach_no_other_tenant(enrolled: None, jurisdiction: FindJurisdiction) -> None:
    with scope(jurisdiction("12").path):
        assert ask("UPDATE campaigns_participation SET is_pilot = true RETURNING id") == []
        assert ask("DELETE FROM campaigns_participation RETURNING id") == []
    assert ask("SELECT is_pilot FROM campaigns_participation") == [(False,)]


def test_update_that_moves_a_row_out_of_scope_is_refused(
    jurisdiction: FindJurisdiction, community: FindCommunity
) -> None:
    heping_street = Jurisdiction.objects.filter(parent=jurisdiction(HEPING)).first()
    assert heping_street is not None
    target = community(LONGJIANG)
    with pytest.raises(ProgrammingError, match="row-level security"), scope(jurisdiction("5323").path):
        ask("UPDATE communities_community SET jurisdiction_id = %s WHERE id = %s", heping_street.pk, target.pk)
    target.refresh_from_db()
    assert target.jurisdiction.code == "532301101000"


def test_tree_is_read_by_all_and_written_by_its_branch(jurisdiction: FindJurisdiction) -> None:
    whole = Jurisdiction.objects.count()
    with scope(jurisdiction(HEPING).path):
        assert count("jurisdictions_jurisdiction") == whole
        assert ask("UPDATE jurisdictions_jurisdiction SET name = '改' WHERE code = '532301000000' RETURNING id") == []


def test_campaign_is_read_below_and_written_by_its_issuer(chuxiong: Campaign, jurisdiction: FindJurisdiction) -> None:
    with scope(jurisdiction("532301101").path):
        codes = [row[0] for row in ask("SELECT code FROM campaigns_campaign ORDER BY code")]
        assert codes == ["chuxiong-2021", "national-2020"]
        assert count("campaigns_target") > 0
        assert ask("UPDATE campaigns_campaign SET name = '改' RETURNING id") == []
        assert ask("DELETE FROM campaigns_target RETURNING id") == []
    with scope(jurisdiction("12").path):
        codes = [row[0] for row in ask("SELECT code FROM campaigns_campaign ORDER BY code")]
        assert codes == ["national-2020", "tianjin-2020"]


def test_published_standard_is_read_by_all_and_frozen(jurisdiction: FindJurisdiction) -> None:
    with scope(jurisdiction("12").path):
        assert ask(
            "SELECT count(*) FROM standards_criterion c JOIN standards_standard s ON s.id = c.standard_id"
            " WHERE s.code = 'chuxiong-2021'"
        ) == [(17,)]
        assert (
            ask(
                "UPDATE standards_criterion SET text = '改' WHERE standard_id ="
                " (SELECT id FROM standards_standard WHERE code = 'chuxiong-2021') RETURNING id"
            )
            == []
        )
    for statement in (
        "UPDATE standards_standard SET name = '改' WHERE code = 'chuxiong-2021'",
        "UPDATE standards_deductionrule SET points = 1",
        "DELETE FROM standards_criterion",
    ):
        with pytest.raises(Exception, match="frozen"), transaction.atomic():
            ask(statement)


def test_moving_a_jurisdiction_carries_every_row_below_it(
    enrolled: None, jurisdiction: FindJurisdiction, community: FindCommunity
) -> None:
    town, new_county = jurisdiction("532301101"), jurisdiction("532302")
    town.parent = new_county
    town.save()
    town.refresh_from_db()
    assert town.path == new_county.path + f"{town.pk:06x}"
    assert community(LONGJIANG).path == town.path
    assert ask("SELECT path FROM campaigns_participation") == [(town.path,)]
    with scope(new_county.path):
        assert count("campaigns_participation") == 1
    with scope(jurisdiction("532301").path):
        assert count("campaigns_participation") == 0


def test_scope_ends_with_its_block_also_after_an_error(jurisdiction: FindJurisdiction) -> None:
    before = count("communities_community")
    with scope(jurisdiction("532301").path):
        assert count("communities_community") == 31
        with scope(jurisdiction("532301101").path):
            assert count("communities_community") == 19
        assert count("communities_community") == 31
        with pytest.raises(ProgrammingError), scope(jurisdiction("532302").path):
            ask("SELECT no_such_column FROM communities_community")
        assert count("communities_community") == 31
    assert count("communities_community") == before
    with scope_all():
        assert count("communities_community") == before


def test_is_limited_to_tells_only_of_the_scope_in_force(jurisdiction: FindJurisdiction) -> None:
    county, prefecture = jurisdiction("532301").path, jurisdiction("5323").path
    assert not is_limited_to(county)
    with scope(prefecture):
        assert (is_limited_to(prefecture), is_limited_to(county)) == (True, False)
        with scope(county):
            assert (is_limited_to(prefecture), is_limited_to(county)) == (False, True)
        with scope_all():
            assert (is_limited_to(prefecture), is_limited_to("")) == (False, False)
        with pytest.raises(LookupError), scope(county):
            raise LookupError
        assert (is_limited_to(prefecture), is_limited_to(county)) == (True, False)
    assert not is_limited_to(prefecture)


def test_application_role_cannot_bypass_policies(db: None) -> None:
    assert ask("SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = 'green_community_app'") == [
        (False, False, False)
    ]
    assert ask("SELECT count(*) FROM pg_class WHERE relowner = 'green_community_app'::regrole") == [(0,)]


def test_membership_stays_in_the_tenant_of_its_person(
    street_officer: Actor, city_approver: Actor, jurisdiction: FindJurisdiction
) -> None:
    heping = jurisdiction(HEPING)
    statement = (
        "INSERT INTO accounts_membership (user_id, jurisdiction_id, role, created_at) VALUES (%s, %s, 'viewer', now())"
    )
    with (
        pytest.raises(ProgrammingError, match="stays in the tenant"),
        scope(heping.path, user_id=street_officer.user.pk),
    ):
        ask(statement, street_officer.user.pk, heping.pk)
    with pytest.raises(ProgrammingError, match="stays in the tenant"), scope(heping.path):
        ask(statement, city_approver.user.pk, heping.pk)


def test_person_stays_in_the_tenant_of_their_memberships(
    make_actor: Callable[[str, Role], Actor], jurisdiction: FindJurisdiction
) -> None:
    nation = jurisdiction("000000000000")
    person = make_actor("000000000000", Role.VIEWER).user
    for code in ("5323", "12"):
        grant_membership(person, jurisdiction(code), Role.VIEWER)
    with pytest.raises(ProgrammingError, match="stays in the tenant"), scope(nation.path):
        ask("UPDATE accounts_user SET jurisdiction_id = %s WHERE id = %s", jurisdiction("12").pk, person.pk)
    Membership.objects.exclude(jurisdiction__code="120000000000").filter(user=person).delete()
    with scope(nation.path):
        ask("UPDATE accounts_user SET jurisdiction_id = %s WHERE id = %s", jurisdiction("12").pk, person.pk)
        assert ask("SELECT current_setting('app.scope_from')") == [(nation.path,)]


def test_history_follows_the_tree_and_stays_when_its_row_goes(
    street_officer: Actor, jurisdiction: FindJurisdiction
) -> None:
    town, old, new = jurisdiction("532301101"), jurisdiction("532301"), jurisdiction("532302")
    membership = street_officer.membership
    town.parent = new
    town.save()
    town.refresh_from_db()
    assert set(membership.history.values_list("path", flat=True)) == {town.path}  # type: ignore[attr-defined]
    membership.jurisdiction = old
    membership.save()
    assert list(membership.history.order_by("pgh_id").values_list("pgh_label", "path")) == [  # type: ignore[attr-defined]
        ("insert", town.path),
        ("update", town.path),
        ("update", old.path),
    ]
