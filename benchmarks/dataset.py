"""The nation at work: made once in databases of their own, and kept for the next run.

``national-2020`` is a campaign of three years with what came of it. ``measured-2020`` to ``measured-2022`` are one year each:
every community is assessed in every year, which gives some two million criterion results a year. All of it is invented.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "green_community_bench"
CAMPAIGN = "national-2020"
YEARS = (2020, 2021, 2022)
YEAR = 2022
# The campaign in which everybody is assessed in YEAR.
MEASURED = f"measured-{YEAR}"
SEED = 2022
# Of 124,649 communities: taking part, recognised, recognised and revoked since.
TAKING_PART = 87_254
RECOGNISED = 81_134
REVOKED = 400
OPEN_STAGES = ["planned", "drafting", "in_review", "returned"]
USERS = 45_000
# Who entered it all, as its history has it.
_WHO = '{"name": "测量", "unit": "测量用单位", "user": 1, "url": "POST /measured/"}'
# The parts of the tree that make up a hundredth and a tenth of the communities: 1,251 and 12,243.
SHARES: dict[int, str | None] = {1: "5323,5301,5325", 10: "32,53,46", 100: None}
# A province by itself, some four of a hundred communities, for what one office makes: it is filled in a few minutes.
ANHUI, ANHUI_CODE = 4, "340000000000"
_PARTS = SHARES | {ANHUI: "34"}

_LOAD = """
CREATE TEMPORARY TABLE results (code text, year int, is_pilot bool, stage text, recognised int, revoked bool) ON COMMIT DROP
"""
_PARTICIPATIONS = """
INSERT INTO campaigns_participation (campaign_id, community_id, year, is_pilot, stage, created_at)
SELECT k.id, c.id, r.year, r.is_pilot, r.stage, make_timestamptz(r.year, 3, 1, 9, 0, 0)
FROM results r JOIN communities_community c USING (code), campaigns_campaign k WHERE k.code = %s ORDER BY c.id
"""
_RECOGNITIONS = """
INSERT INTO campaigns_recognition
    (participation_id, campaign_id, community_id, year, document_number, correction_reason, recognised_at, revoked_at,
     revocation_reason)
SELECT p.id, p.campaign_id, p.community_id, r.recognised, '', '',
       make_timestamptz(r.recognised, 1 + (p.id % 11)::int, 1 + (p.id % 28)::int, 9, 0, 0),
       CASE WHEN r.revoked THEN make_timestamptz(r.recognised, 12, 1, 9, 0, 0) END,
       CASE WHEN r.revoked THEN '复查不达标' ELSE '' END
FROM results r JOIN communities_community c USING (code) JOIN campaigns_participation p ON p.community_id = c.id
WHERE r.recognised IS NOT NULL ORDER BY p.id
"""
_ASSESSMENTS = """
INSERT INTO assessments_assessment (participation_id, standard_id, status, holder_id, held_since, filled_in_by, round)
SELECT p.id, k.standard_id,
       CASE p.stage WHEN 'drafting' THEN 'draft' ELSE p.stage END,
       CASE WHEN p.stage = 'in_review' THEN coalesce(s.parent_id, s.id) ELSE s.id END,
       p.created_at, '{}', 1
FROM campaigns_participation p JOIN campaigns_campaign k ON k.id = p.campaign_id
JOIN communities_community c ON c.id = p.community_id JOIN jurisdictions_jurisdiction s ON s.id = c.jurisdiction_id
WHERE p.stage IN ('drafting', 'in_review', 'returned')
"""

# What fills a large table; the order matters. Every statement names the path, which the triggers would set otherwise.
BULK = {
    "accounts_user": """
        INSERT INTO accounts_user (path, username, password, display_name, jurisdiction_id, is_superuser, is_staff, is_active,
                                   must_change_password, date_joined)
        SELECT j.path, 'person-' || n, '!', '测量' || n, j.id, false, false, true, false, '2020-01-01'
        FROM (SELECT id, path, row_number() OVER (ORDER BY level = 'street', id) AS row, count(*) OVER () AS rows
              FROM jurisdictions_jurisdiction) AS j, generate_series(1, %(users)s) AS n WHERE (n - 1) %% j.rows + 1 = j.row
    """,
    "accounts_membership": """
        INSERT INTO accounts_membership (path, user_id, jurisdiction_id, role, department, created_at)
        SELECT u.path, u.id, j.id, CASE WHEN j.level = 'street' THEN 'street_officer' ELSE 'staff' END, '', u.date_joined
        FROM accounts_user u JOIN jurisdictions_jurisdiction j ON j.id = u.jurisdiction_id WHERE u.username LIKE 'person-%%'
    """,
    "communities_communitysurvey": """
        INSERT INTO communities_communitysurvey
            (path, community_id, year, households, population, area, estates, old_estates, property_coverage, parking_spaces,
             has_security_system, green_space, noise_complaints, noise_complaints_handled, trainings, heritage_sites, further,
             source, surveyed_on, version, recorded_at, recorded_by_id)
        SELECT c.path, c.id, y, 800 + c.id %% 2000, 2400 + c.id %% 6000, 20 + c.id %% 90, 3 + c.id %% 9, c.id %% 4, c.id %% 101,
               100 + c.id %% 900, c.id %% 3 > 0, c.id %% 50, 4 + c.id %% 7, c.id %% 5, c.id %% 6, 0, '{}', '入户调查',
               make_date(y, 6, 30), 1, make_timestamptz(y, 6, 30, 9, 0, 0), u.id
        FROM communities_community c JOIN person u ON u.jurisdiction_id = c.jurisdiction_id, unnest(%(years)s) AS y
    """,
    "campaigns_participation": """
        INSERT INTO campaigns_participation (path, campaign_id, community_id, year, is_pilot, stage, created_at, created_by_id)
        SELECT c.path, k.id, c.id, k.first_year, c.id %% 10 = 0,
               CASE WHEN h < 65 THEN 'recognised' WHEN h < 85 THEN 'in_review' WHEN h < 90 THEN 'returned' ELSE 'drafting' END,
               make_timestamptz(k.first_year, 3, 1, 9, 0, 0), u.id
        FROM communities_community c JOIN person u ON u.jurisdiction_id = c.jurisdiction_id, campaigns_campaign k,
             LATERAL (SELECT (c.id * 7919 + k.first_year * 31) %% 100 AS h) AS hashed
        WHERE k.code LIKE 'measured-%%' ORDER BY k.id, c.id
    """,
    "assessments_assessment": """
        INSERT INTO assessments_assessment
            (path, participation_id, standard_id, status, holder_id, held_since, filled_in_by, round, meets_standard)
        SELECT p.path, p.id, k.standard_id, CASE p.stage WHEN 'drafting' THEN 'draft' ELSE p.stage END,
               CASE WHEN p.stage = 'recognised' OR p.stage = 'in_review' AND p.id %% 10 = 0 THEN coalesce(t.parent_id, d.id)
                    WHEN p.stage = 'in_review' AND p.id %% 10 < 4 THEN coalesce(d.parent_id, s.id)
                    WHEN p.stage = 'in_review' THEN d.id ELSE s.id END,
               p.created_at + make_interval(days => 20 + (p.id %% 200)::int), ARRAY[p.created_by_id], 1,
               p.stage = 'recognised' OR p.stage = 'in_review' AND p.id %% 8 > 0
        FROM campaigns_participation p JOIN campaigns_campaign k ON k.id = p.campaign_id
        JOIN communities_community c ON c.id = p.community_id JOIN jurisdictions_jurisdiction s ON s.id = c.jurisdiction_id
        JOIN jurisdictions_jurisdiction d ON d.id = s.parent_id LEFT JOIN jurisdictions_jurisdiction t ON t.id = d.parent_id
        WHERE k.code LIKE 'measured-%%' ORDER BY p.id
    """,
    "campaigns_recognition": """
        INSERT INTO campaigns_recognition
            (path, participation_id, campaign_id, community_id, year, document_number, correction_reason, recognised_at,
             recognised_by_id, revocation_reason)
        SELECT p.path, p.id, p.campaign_id, p.community_id, p.year, '测量〔' || p.year || '〕1号', '',
               make_timestamptz(p.year, 6 + (p.id %% 6)::int, 1 + (p.id %% 28)::int, 9, 0, 0), p.created_by_id, ''
        FROM campaigns_participation p JOIN campaigns_campaign k ON k.id = p.campaign_id
        WHERE k.code LIKE 'measured-%%' AND p.stage = 'recognised' ORDER BY p.id
    """,
    "assessments_criterionresult": """
        INSERT INTO assessments_criterionresult
            (path, assessment_id, criterion_id, level, verdict, deductions, note, is_prefilled, version, updated_at,
             updated_by_id)
        SELECT a.path, a.id, c.id, 'street',
               CASE WHEN c.allows_not_applicable AND h < 70 THEN 'not_applicable'
                    WHEN NOT a.meets_standard AND h < 5 + c.number THEN 'not_met' ELSE 'met' END,
               '[]', '', false, 1, a.held_since, a.filled_in_by[1]
        FROM assessments_assessment a JOIN standards_criterion c USING (standard_id),
             LATERAL (SELECT (a.id * 7 + c.number * 13) %% 100 AS h) AS hashed
        WHERE a.filled_in_by <> '{}' ORDER BY a.id, c.number
    """,
    "assessments_reviewaction": """
        INSERT INTO assessments_reviewaction
            (path, assessment_id, kind, jurisdiction_id, user_id, at, comment, round, results)
        SELECT a.path, a.id, step.kind, step.place, a.filled_in_by[1],
               p.created_at + make_interval(days => (step.number * 12 + a.id %% 17)::int), '', 1, '{}'
        FROM assessments_assessment a JOIN campaigns_participation p ON p.id = a.participation_id
        JOIN communities_community c ON c.id = p.community_id JOIN jurisdictions_jurisdiction s ON s.id = c.jurisdiction_id,
             LATERAL (VALUES (1, 'open', s.id, true), (2, 'submit', s.id, a.status <> 'draft'),
                      (3, 'agree', s.parent_id, a.status = 'recognised' OR a.status = 'in_review' AND a.holder_id <> s.parent_id),
                      (4, 'return', s.parent_id, a.status = 'returned'),
                      (5, 'recognise', a.holder_id, a.status = 'recognised')) AS step (number, kind, place, is_taken)
        WHERE a.filled_in_by <> '{}' AND step.is_taken ORDER BY a.id, step.number
    """,
    "projects_project": """
        INSERT INTO projects_project
            (path, community_id, campaign_id, name, content, criteria, planned_start, planned_end, started_on, completed_on,
             end_reason, version, recorded_at, recorded_by_id)
        SELECT c.path, c.id, k.id, '测量用改造项目', '',
               ARRAY[(SELECT min(id) FROM standards_criterion WHERE standard_id = k.standard_id)],
               make_date(y, 3, 1), make_date(y, 10, 31), CASE WHEN h > 0 THEN make_date(y, 4, 1) END,
               CASE WHEN h > 1 THEN make_date(y, 9, 1) END, '', 1, make_timestamptz(y, 3, 1, 9, 0, 0), u.id
        FROM communities_community c JOIN person u ON u.jurisdiction_id = c.jurisdiction_id, campaigns_campaign k,
             LATERAL (SELECT (%(year)s - c.id %% 3)::int AS y, c.id / 3 %% 4 AS h) AS hashed
        WHERE k.code = %(code)s AND c.id %% 5 < 2 ORDER BY c.id
    """,
    "projects_funding": """
        INSERT INTO projects_funding (path, project_id, source, year, planned, spent)
        SELECT p.path, p.id, one.source, extract(year FROM p.planned_start), 10 + p.id %% 90 + one.part,
               CASE WHEN p.started_on IS NULL THEN 0 ELSE 5 + p.id %% 40 END
        FROM projects_project p, (VALUES (0, 'fiscal'), (7, 'private')) AS one (part, source) ORDER BY p.id, one.part
    """,
    "notifications_notification": """
        INSERT INTO notifications_notification (path, user_id, key, kind, title, text, url, created_at, read_at)
        SELECT u.path, u.id, 'measured-' || n, 'returned', '测量用消息 ' || n, '', '/', make_timestamptz(%(year)s, 6, n, 9, 0, 0),
               CASE WHEN n %% 2 = 0 THEN make_timestamptz(%(year)s, 7, n, 9, 0, 0) END
        FROM accounts_user u, generate_series(1, 6) AS n WHERE u.username LIKE 'person-%%'
    """,
}


def point_at_own_database(share: int = 100) -> None:
    """Let DATABASE_URL name the database of the whole nation, or of a share of it, before Django reads its settings."""
    url = urlsplit(os.environ["DATABASE_URL"])
    make_database(share)
    os.environ["DATABASE_URL"] = url._replace(path=f"/{name_of(share)}").geturl()
    # Measured behind the wall by a scope of its own; the owner makes the tables.
    os.environ["ACT_AS_OWNER"] = "true"


def make_database(share: int) -> None:
    """Make the database of a share of the nation, empty, unless there is one made for this state of the project."""
    url, name = urlsplit(os.environ["DATABASE_URL"]), name_of(share)
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as connection:
        made_for = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if made_for is None or made_for[0] != _fingerprint():
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def name_of(share: int) -> str:
    """Return the name of the database that holds ``share`` percent of the nation."""
    return DATABASE if share == 100 else f"{DATABASE}_{share}"


def fill(share: int = 100) -> None:
    """Make the tables and the results, unless a run before has."""
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_database(), shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname = current_database()"
        )
        name, made_for = cursor.fetchone()
        if made_for is not None:
            return
    call_command("migrate", verbosity=0)
    call_command("load_divisions", only=_PARTS[share], verbosity=1)
    call_command("load_standards", verbosity=0)
    call_command("load_campaigns", verbosity=0)
    _fill_three_years()
    _fill_measured(share)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(f"COMMENT ON DATABASE {name} IS '{_fingerprint()}'")


def _fill_three_years() -> None:
    """The campaign of three years, through the triggers that write histories and paths."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT code FROM communities_community ORDER BY code")
        codes = [code for (code,) in cursor.fetchall()]
        cursor.execute(_LOAD)
        with cursor.copy("COPY results FROM STDIN") as copy:
            for row in results(codes):
                copy.write_row(row)
        # The trigger of a history ends a subtransaction per row, which looks at every check that still waits for the commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_PARTICIPATIONS, [CAMPAIGN])
        cursor.execute(_RECOGNITIONS)
        cursor.execute(_ASSESSMENTS)


def _fill_measured(share: int) -> None:
    """The campaigns of one year each: millions of rows, with the triggers off; their histories are copied from them."""
    from django.db import connection, transaction

    values: dict[str, Any] = {"years": list(YEARS), "year": YEAR, "code": CAMPAIGN, "users": USERS * share // 100}
    with transaction.atomic():
        _make_campaigns_of_one_year()
    for table, statement in BULK.items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY VIEW person AS"
                " SELECT DISTINCT ON (jurisdiction_id) jurisdiction_id, id FROM accounts_user ORDER BY jurisdiction_id, id"
            )
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 names of our own tables
            last = cursor.fetchone()[0]
            with _unchecked(cursor, table, f"{table}event"):
                cursor.execute(statement, values)
                _copy_to_history(cursor, table, last)
            cursor.execute("DROP VIEW person")


def _make_campaigns_of_one_year() -> None:
    """The nation's campaign again for each year by itself, with a target."""
    from apps.campaigns.models import Campaign, Target

    whole = Campaign.objects.get(code=CAMPAIGN)
    for year in YEARS:
        campaign = Campaign.objects.create(
            code=f"measured-{year}",
            name=f"{year} 年测量用创建行动",
            jurisdiction=whole.jurisdiction,
            first_year=year,
            last_year=year,
            standard=whole.standard,
            review_chain=whole.review_chain,
            lead_departments=whole.lead_departments,
            status=Campaign.Status.OPEN,
        )
        Target.objects.create(campaign=campaign, jurisdiction=whole.jurisdiction, year=year, kind="percent", value=60)


@contextmanager
def _unchecked(cursor: Any, *tables: str) -> Iterator[None]:
    """Fill tables without their triggers, keys to other tables and indexes, which are made again at the end."""
    again: list[str] = []
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for name, definition in _told(
            cursor,
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            table,
        ):
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            again.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for name, definition in _told(
            cursor,
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            table,
        ):
            cursor.execute(f'DROP INDEX "{name}"')
            again.append(definition)
    yield
    for statement in again:
        cursor.execute(statement)
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _copy_to_history(cursor: Any, table: str, last: int) -> None:
    """One event for each row after ``last``, as if people had entered them in the course of the last three years."""
    columns = "SELECT column_name, column_name FROM information_schema.columns WHERE table_name = %s"
    own = {name for name, _ in _told(cursor, columns, table)}
    kept = ", ".join(f'"{name}"' for name, _ in _told(cursor, columns, f"{table}event") if name in own)
    cursor.execute(
        f"INSERT INTO {table}event (pgh_created_at, pgh_label, pgh_obj_id, pgh_context, {kept})"  # noqa: S608
        f" SELECT now() - make_interval(secs => (id::bigint * 7919) %% 94608000), 'insert', id, %s::jsonb, {kept}"
        f" FROM {table} WHERE id > %s ORDER BY 1",
        [_WHO, last],
    )


def _told(cursor: Any, statement: str, table: str) -> Sequence[tuple[str, str]]:
    cursor.execute(statement, [table])
    return cursor.fetchall()


def approver_of(code: str) -> Any:
    """Return an approver of the jurisdiction, made once."""
    from apps.accounts.domain import grant_membership
    from apps.accounts.models import Role, User
    from apps.jurisdictions.models import Jurisdiction

    place = Jurisdiction.objects.get(code=code)
    person = {"display_name": "测量", "jurisdiction": place}
    user, _ = User.objects.get_or_create(username=f"bench-{code}", defaults=person)
    grant_membership(user, place, Role.APPROVER)
    return user


def _fingerprint() -> str:
    """What the data were made by: another migration or data set makes them anew."""
    sources = [Path(__file__), *sorted(ROOT.glob("apps/*/migrations/*.py")), *sorted(ROOT.glob("fixtures/*/*.yaml"))]
    return sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]


def results(codes: list[str]) -> list[tuple[str, int, bool, str, int | None, bool]]:
    """What came of each community that takes part: code, planned year, pilot, stage, year of recognition, revoked."""
    random = Random(SEED)  # noqa: S311 the same every time, on purpose
    part, recognised, revoked = (count * len(codes) // 124_649 for count in (TAKING_PART, RECOGNISED, REVOKED))
    made: list[tuple[str, int, bool, str, int | None, bool]] = []
    for position, code in enumerate(random.sample(codes, part)):
        year, is_pilot = random.choice(YEARS), random.random() < 0.1
        if position < recognised + revoked:
            at = min(YEAR, year + (random.random() < 0.2))
            made.append((code, year, is_pilot, "recognised", at, position >= recognised))
        else:
            made.append((code, year, is_pilot, random.choice(OPEN_STAGES), None, False))
    return made
