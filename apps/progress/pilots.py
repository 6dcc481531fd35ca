"""试点: the pilots of each street against what the campaign asks of a street, those that lack some first."""

from dataclasses import dataclass

from apps.campaigns.plan import PilotsRule
from apps.communities.confirming import CONFIRMING_WIDTHS
from apps.jurisdictions.models import Jurisdiction, paths_down_to
from apps.progress.extent import Extent

# What the last line adds up.
SUMMED = ("base", "pilots", "streets", "short", "above", "missing")

# Street by street (whatever communities lie right under), then added up by child; base and pilots as in the roll-up. The rule of a
# street is the nearest one above it; no more is asked of a street than it has communities. A child has a rule where all its streets
# have the same.
_PILOTS = """
WITH confirmed AS (
    SELECT path FROM communities_baseline
    WHERE year = %(year)s AND reopened_at IS NULL AND (path = ANY (%(above)s) OR path >= %(from)s AND path < %(to)s)
), units AS (
    SELECT path, sum(base)::int AS base, sum(pilots)::int AS pilots
    FROM (
        SELECT path, count(*) AS base, 0 AS pilots
        FROM communities_community
        WHERE within() AND counts_as_urban
          AND (opened_on IS NULL OR opened_on <= %(year_end)s) AND (closed_on IS NULL OR closed_on > %(year_end)s)
          AND left(path, %(district)s) NOT IN (SELECT path FROM confirmed)
          AND left(path, %(city)s) NOT IN (SELECT path FROM confirmed)
        GROUP BY 1
        UNION ALL
        SELECT path, count(*), 0 FROM communities_baselineentry
        WHERE within() AND year = %(year)s GROUP BY 1
        UNION ALL
        SELECT path, 0, count(*) FROM campaigns_participation
        WHERE within() AND campaign_id = ANY (%(family)s) AND year <= %(year)s AND is_pilot
          AND (ended_on IS NULL OR ended_on > %(year_end)s)
        GROUP BY 1
        UNION ALL
        SELECT path, base, pilots FROM campaigns_transferredfigures
        WHERE within() AND year = %(year)s
          AND (campaign_id IS NULL OR campaign_id = ANY (%(family)s))
    ) AS counted
    GROUP BY path
), rules AS (
    SELECT path, value::int AS least, upper::int AS most FROM campaigns_target
    WHERE campaign_id = %(campaign)s AND year = %(year)s AND kind = 'pilots_per_street'
      AND (path = ANY (%(above)s) OR path >= %(from)s AND path < %(to)s)
), ruled AS (
    SELECT u.*, CASE WHEN base > 0 THEN (SELECT ARRAY[r.least, r.most] FROM rules r WHERE starts_with(u.path, r.path)
                                         ORDER BY length(r.path) DESC LIMIT 1) END AS rule
    FROM units u
), summed AS (
    SELECT left(path, %(width)s) AS path, sum(base)::int AS base, sum(pilots)::int AS pilots,
           count(*) FILTER (WHERE base > 0)::int AS streets,
           count(*) FILTER (WHERE rule IS NOT NULL AND pilots < least(rule[1], base))::int AS short,
           count(*) FILTER (WHERE pilots > rule[2])::int AS above,
           coalesce(sum(least(rule[1], base) - pilots)
                    FILTER (WHERE rule IS NOT NULL AND pilots < least(rule[1], base)), 0)::int AS missing,
           count(rule) > 0 AS is_asked,
           CASE WHEN count(rule) = count(*) FILTER (WHERE base > 0) AND min(rule) = max(rule) THEN min(rule) END AS rule
    FROM ruled GROUP BY 1
)
SELECT j.id, j.path, j.code, j.name, j.level, s.base, s.pilots, s.streets, s.short, s.above, s.missing, s.is_asked, s.rule
FROM summed s JOIN jurisdictions_jurisdiction j USING (path)
WHERE s.base <> 0 OR s.pilots <> 0
ORDER BY s.missing DESC, s.short DESC, j.code NULLS LAST, j.id
"""


@dataclass(frozen=True)
class PilotsLine:
    """A street, or all streets of a child: ``streets`` with communities, of these ``short`` of and ``above`` what is asked; None
    where nothing is asked of any.

    ``rule``: what is asked of each of them, None where that differs; ``is_direct``: what lies right under the shown jurisdiction.
    """

    jurisdiction: Jurisdiction
    base: int
    pilots: int
    streets: int
    short: int | None
    above: int | None
    missing: int | None
    rule: PilotsRule | None
    is_direct: bool

    @property
    def verdict(self) -> str:
        """What is wrong with a street's number of pilots."""
        return self.rule.verdict(self.base, self.pilots) if self.rule is not None else ""


@dataclass(frozen=True)
class Pilots:
    """The lines, those that lack most first; ``rule``: what is asked of every street alike, None where that differs.

    ``is_by_street``: each line is one street; else go further down for them.
    """

    lines: list[PilotsLine]
    rule: PilotsRule | None
    is_by_street: bool

    def sum_of(self, name: str) -> int | None:
        """Add up one of the counts over all lines that know it; None where none does."""
        known = [count for line in self.lines if (count := getattr(line, name)) is not None]
        return sum(known) if known else None


def pilots_of(extent: Extent) -> Pilots:
    """Count by street; one query."""
    place = extent.place
    levels = {**CONFIRMING_WIDTHS, "above": paths_down_to(place.path)}
    lines = []
    for pk, path, code, name, level, *counted, is_asked, rule in extent.rows(_PILOTS, **levels):
        base, pilots, streets, *measured = counted
        jurisdiction = Jurisdiction(pk=pk, path=path, code=code, name=name, level=level)
        short, above, missing = measured if is_asked else (None, None, None)
        same = PilotsRule(*rule) if rule else None
        line = PilotsLine(jurisdiction, base, pilots, streets, short, above, missing, same, path == place.path)
        lines.append(line)
    rules = {line.rule for line in lines if line.streets}
    by_street = all(line.jurisdiction.level == "street" or line.is_direct for line in lines)
    return Pilots(lines, rules.pop() if len(rules) == 1 else None, by_street)
