"""The nation with three years of results, made once in a database of its own and kept for the next run."""

import os
from random import Random
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

DATABASE = "green_community_bench"
CAMPAIGN = "national-2020"
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
    (participation_id, campaign_id, community_id, year, document_number, recognised_at, revoked_at, revocation_reason)
SELECT p.id, p.campaign_id, p.community_id, r.recognised, '', make_timestamptz(r.recognised, 11, 1, 9, 0, 0),
       CASE WHEN r.revoked THEN make_timestamptz(r.recognised, 12, 1, 9, 0, 0) END, CASE WHEN r.revoked THEN '复查不达标' ELSE '' END
FROM results r JOIN communities_community c USING (code) JOIN campaigns_participation p ON p.community_id = c.id
WHERE r.recognised IS NOT NULL ORDER BY p.id
"""
_ASSESSMENTS = """
INSERT INTO assessments_assessment (participation_id, standard_id, status, holder_id, held_since, round)
SELECT p.id, k.standard_id,
       CASE p.stage WHEN 'drafting' THEN 'draft' ELSE p.stage END,
       CASE WHEN p.stage = 'in_review' THEN coalesce(s.parent_id, s.id) ELSE s.id END,
       p.created_at, 1
FROM campaigns_participation p JOIN campaigns_campaign k ON k.id = p.campaign_id
JOIN communities_community c ON c.id = p.community_id JOIN jurisdictions_jurisdiction s ON s.id = c.jurisdiction_id
WHERE p.stage IN ('drafting', 'in_review', 'returned')
"""


def point_at_own_database() -> None:
    """Make the database where it is missing and let DATABASE_URL name it; before Django reads its settings."""
    url = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(url.geturl(), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    os.environ["DATABASE_URL"] = url._replace(path=f"/{DATABASE}").geturl()
    # Measured behind the wall by a scope of its own; the owner makes the tables.
    os.environ["ACT_AS_OWNER"] = "true"


def fill() -> None:
    """Bring the tables up to date, and where there are no results yet, load the nation and make them."""
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM campaigns_recognition")
        if cursor.fetchone()[0] == RECOGNISED + REVOKED:
            return
        call_command("load_divisions", verbosity=1)
        call_command("load_standards", verbosity=0)
        call_command("load_campaigns", verbosity=0)
        cursor.execute("SELECT code FROM communities_community WHERE code IS NOT NULL ORDER BY code")
        codes = [code for (code,) in cursor.fetchall()]
        cursor.execute(_LOAD)
        with cursor.copy("COPY results FROM STDIN") as copy:
            for row in results(codes):
                copy.write_row(row)
        cursor.execute(_PARTICIPATIONS, [CAMPAIGN])
        cursor.execute(_RECOGNITIONS)
        cursor.execute(_ASSESSMENTS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def results(codes: list[str]) -> list[tuple[str, int, bool, str, int | None, bool]]:
    """What came of each community that takes part: code, planned year, pilot, stage, year of recognition, revoked."""
    random = Random(SEED)
    made = []
    for position, code in enumerate(random.sample(codes, TAKING_PART)):
        year, is_pilot = random.choice((2020, 2021, 2022)), random.random() < 0.1
        if position < RECOGNISED + REVOKED:
            recognised = min(2022, year + (random.random() < 0.2))
            made.append((code, year, is_pilot, "recognised", recognised, position >= RECOGNISED))
        else:
            made.append((code, year, is_pilot, random.choice(OPEN_STAGES), None, False))
    return made
