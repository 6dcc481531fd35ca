"""The plain SQL that gives the numbers of a roll-up: one join of communities with what became of them."""

from typing import Any

from django.db import connection

# What a person would write by hand for one jurisdiction: its children's figures, and its own as the last row.
FIGURES = """
SELECT coalesce(j.code, 'total') AS code,
       count(*) FILTER (WHERE c.counted) AS base,
       count(p.id) AS enrolled,
       count(p.id) FILTER (WHERE p.is_pilot) AS pilots,
       count(p.id) FILTER (WHERE p.stage = 'in_review') AS in_review,
       count(r.id) FILTER (WHERE r.year = %(year)s) AS recognised,
       count(r.id) AS cumulative
FROM (
    SELECT id, left(path, %(width)s) AS place,
           counts_as_urban AND coalesce(opened_on, '-infinity') <= %(year_end)s
           AND coalesce(closed_on, 'infinity') > %(year_end)s AS counted
    FROM communities_community WHERE path >= %(from)s AND path < %(to)s
) c
JOIN jurisdictions_jurisdiction j ON j.path = c.place
LEFT JOIN campaigns_participation p
    ON p.community_id = c.id AND p.campaign_id = %(campaign)s AND p.year <= %(year)s
    AND p.path >= %(from)s AND p.path < %(to)s
LEFT JOIN campaigns_recognition r
    ON r.community_id = c.id AND r.campaign_id = %(campaign)s AND r.year <= %(year)s AND r.revoked_at IS NULL
    AND r.path >= %(from)s AND r.path < %(to)s
GROUP BY ROLLUP (j.code)
"""


def figures(campaign_id: int, path: str, year: int, width: int) -> dict[str, tuple[int, ...]]:
    """Return base, enrolled, pilots, in review, recognised and cumulative by the child's code, ``total`` for the sum."""
    parameters: dict[str, Any] = {
        "campaign": campaign_id,
        "from": path,
        "to": path + "~",
        "year": year,
        "year_end": f"{year}-12-31",
        "width": len(path) + width,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, parameters)
        return {code: tuple(counts) for code, *counts in cursor.fetchall()}
