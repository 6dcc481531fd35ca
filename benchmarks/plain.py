"""The plain SQL that gives the numbers of a roll-up, as one would write it by hand for one jurisdiction."""

from decimal import Decimal
from typing import Any

from django.db import connection

FIGURES = """
WITH RECURSIVE family AS (
    SELECT %(campaign)s::bigint AS id
    UNION SELECT c.id FROM campaigns_campaign c JOIN family ON c.parent_id = family.id
), places AS (
    SELECT code, path FROM jurisdictions_jurisdiction WHERE parent_id = %(jurisdiction)s
), confirmed AS (
    SELECT path FROM communities_baseline WHERE year = %(year)s AND reopened_at IS NULL
), based AS (
    SELECT left(path, %(width)s) AS path, count(*) AS base
    FROM (
        SELECT path FROM communities_community
        WHERE path >= %(from)s AND path < %(to)s AND counts_as_urban
          AND (opened_on IS NULL OR opened_on <= %(year_end)s) AND (closed_on IS NULL OR closed_on > %(year_end)s)
          AND NOT EXISTS (SELECT FROM confirmed WHERE starts_with(communities_community.path, confirmed.path))
        UNION ALL
        SELECT path FROM communities_baselineentry WHERE path >= %(from)s AND path < %(to)s AND year = %(year)s
    ) AS urban
    GROUP BY 1
), enrolled AS (
    SELECT left(path, %(width)s) AS path, count(*) AS enrolled, count(*) FILTER (WHERE is_pilot) AS pilots,
           count(*) FILTER (WHERE stage = 'in_review') AS in_review
    FROM campaigns_participation
    WHERE path >= %(from)s AND path < %(to)s AND year <= %(year)s AND campaign_id IN (SELECT id FROM family)
      AND (ended_on IS NULL OR ended_on > %(year_end)s)
    GROUP BY 1
), recognised AS (
    SELECT left(path, %(width)s) AS path, count(*) FILTER (WHERE year = %(year)s) AS recognised, count(*) AS cumulative
    FROM campaigns_recognition
    WHERE path >= %(from)s AND path < %(to)s AND year BETWEEN %(first_year)s AND %(year)s AND revoked_at IS NULL
      AND campaign_id IN (SELECT id FROM family) AND (ended_on IS NULL OR ended_on > %(year_end)s)
    GROUP BY 1
), counted AS (
    SELECT coalesce(code, 'total') AS code, CASE WHEN code IS NULL THEN %(from)s ELSE min(path) END AS path,
           coalesce(sum(base), 0) AS base, coalesce(sum(enrolled), 0) AS enrolled, coalesce(sum(pilots), 0) AS pilots,
           coalesce(sum(in_review), 0) AS in_review, coalesce(sum(recognised), 0) AS recognised,
           coalesce(sum(cumulative), 0) AS cumulative
    FROM places LEFT JOIN based USING (path) LEFT JOIN enrolled USING (path) LEFT JOIN recognised USING (path)
    GROUP BY ROLLUP (code)
)
SELECT code, base, enrolled, pilots, in_review, recognised, cumulative,
       round(recognised / nullif(base, 0), 4), round(cumulative / nullif(base, 0), 4),
       round(target.value / 100, 4), greatest(0, ceil(target.value * base / 100) - cumulative)
FROM counted LEFT JOIN LATERAL (
    SELECT value FROM campaigns_target t
    WHERE t.campaign_id = %(campaign)s AND t.year = %(year)s AND t.kind = 'percent' AND starts_with(counted.path, t.path)
    ORDER BY t.path DESC LIMIT 1
) AS target ON true
ORDER BY code
"""


def figures(parameters: dict[str, Any]) -> dict[str, tuple[Decimal | None, ...]]:
    """Return the eleven figures by the child's code, ``total`` for the sum."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, parameters)
        return {code: tuple(counts) for code, *counts in cursor.fetchall()}
