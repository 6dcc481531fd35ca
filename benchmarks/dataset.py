"""The nation with three years of results, made once in a database of its own and kept for the next run."""

import os
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
YEAR = 2022
SEED = 2022
# Of 124,649 communities: taking part, recognised, recognised and revoked since.
TAKING_PART = 87_254
RECOGNISED = 81_134
REVOKED = 400
OPEN_STAGES = ["planned", "drafting", "in_review", "returned"]

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
SELECT p.id, p.campaign_id, p.community_id, r.recognised, '', '', make_timestamptz(r.recognised, 11, 1, 9, 0, 0),
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


def point_at_own_database() -> None:
    """Let DATABASE_URL name a database made for this state of the project, before Django reads its settings."""
    url = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(url.geturl(), autocommit=True) as connection:
        made_for = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone()
        if made_for is None or made_for[0] != _fingerprint():
            name = sql.Identifier(DATABASE)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    os.environ["DATABASE_URL"] = url._replace(path=f"/{DATABASE}").geturl()
    # Measured behind the wall by a scope of its own; the owner makes the tables.
    os.environ["ACT_AS_OWNER"] = "true"


def fill() -> None:
    """Make the tables and the results, unless a run before has."""
    from django.core.management import call_command
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        if cursor.fetchone()[0] is not None:
            return
    call_command("migrate", verbosity=0)
    call_command("load_divisions", verbosity=1)
    call_command("load_standards", verbosity=0)
    call_command("load_campaigns", verbosity=0)
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
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(f"COMMENT ON DATABASE {DATABASE} IS '{_fingerprint()}'")


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
    made: list[tuple[str, int, bool, str, int | None, bool]] = []
    for position, code in enumerate(random.sample(codes, TAKING_PART)):
        year, is_pilot = random.choice((2020, 2021, 2022)), random.random() < 0.1
        if position < RECOGNISED + REVOKED:
            recognised = min(2022, year + (random.random() < 0.2))
            made.append((code, year, is_pilot, "recognised", recognised, position >= RECOGNISED))
        else:
            made.append((code, year, is_pilot, random.choice(OPEN_STAGES), None, False))
    return made
