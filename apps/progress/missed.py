"""薄弱条目: the criteria most often missed in a year's assessments, across standards by their ties to the national criteria.

An assessment is counted from its submission on. Of its results the last word of whoever has decided counts; what a level is
still working on is its own, on this page as on every other.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from apps.communities.models import CommunityQuerySet
from apps.core.wall import LABEL_WIDTH
from apps.progress.extent import Extent

# The year's assessments that were submitted. Who fills in and has it back is told by the participation's stage, a reviewing
# level that has it back by the assessment's.
_COUNTED = """
counted AS (
    SELECT a.id, a.standard_id, a.status, p.stage, p.community_id,
           array_position(%(levels)s::text[], h.level::text) AS depth
    FROM campaigns_participation p
    JOIN assessments_assessment a ON a.participation_id = p.id
    JOIN jurisdictions_jurisdiction h ON h.id = a.holder_id
    WHERE within(p) AND p.campaign_id = ANY (%(family)s) AND p.year = %(year)s
      AND (p.ended_on IS NULL OR p.ended_on > %(year_end)s)
      AND within(a) AND a.status IN ('in_review', 'returned', 'recognised')
)
"""
# By assessment and criterion the last word, where it is more than 符合 without a loss. The first condition on the results is that
# of the index result_of_note: most results say nothing worth a look. Then who has decided: up to the holder where it goes up;
# sent back, everybody but the holder, whose work is not done; all where it has come back to who fills in.
_SAID = """
said AS (
    SELECT DISTINCT ON (r.assessment_id, r.criterion_id)
           r.assessment_id, r.criterion_id, r.verdict, r.points
    FROM assessments_criterionresult r
    JOIN counted c ON c.id = r.assessment_id
    WHERE within(r)
      AND (r.verdict IN ('not_met', 'not_applicable') OR r.deductions <> '[]' OR r.level <> 'street')
      AND CASE WHEN c.status = 'recognised' OR c.stage = 'returned' THEN true
               WHEN c.status = 'in_review' THEN array_position(%(levels)s::text[], r.level::text) > c.depth
               ELSE array_position(%(levels)s::text[], r.level::text) <> c.depth END
    ORDER BY r.assessment_id, r.criterion_id, array_position(%(levels)s::text[], r.level::text)
)
"""
# What each criterion counts for: the national one that it carries out, or itself. Nobody misses a bonus.
_TIES = """
ties AS (
    SELECT k.id, k.standard_id, coalesce(k.points, 0) AS points,
           coalesce(k.national_criterion_id, k.id) AS tied,
           count(*) OVER (PARTITION BY k.standard_id, coalesce(k.national_criterion_id, k.id)) AS parts
    FROM standards_criterion k WHERE k.standard_id IN (SELECT standard_id FROM counted) AND NOT k.is_bonus
)
"""
# What was said of an assessment on what is tied together: missed where one part is; not applicable where every part is.
_JUDGED = """
judged AS (
    SELECT t.tied, s.assessment_id,
           bool_or(s.verdict = 'not_met' OR s.verdict = 'scored' AND s.points < t.points) AS is_missed,
           count(*) FILTER (WHERE s.verdict = 'not_applicable') = min(t.parts) AS is_left_out,
           coalesce(sum(t.points - s.points) FILTER (WHERE s.verdict = 'scored'), 0) AS lost
    FROM said s JOIN ties t ON t.id = s.criterion_id
    GROUP BY t.tied, s.assessment_id
)
"""
_WITH = f"WITH {_COUNTED}, {_SAID}, {_TIES}, {_JUDGED}"
_FOUND = f"""
{_WITH}, sizes AS (
    SELECT standard_id, count(*) AS assessments FROM counted GROUP BY 1
), asked AS (
    SELECT t.tied, sum(z.assessments) FILTER (WHERE t.first) AS assessments, sum(z.assessments * t.points) AS points
    FROM (SELECT *, id = min(id) OVER (PARTITION BY standard_id, tied) AS first FROM ties) t
    JOIN sizes z USING (standard_id) GROUP BY t.tied
), found AS (
    SELECT tied, count(*) FILTER (WHERE is_missed) AS missed, count(*) FILTER (WHERE is_left_out) AS left_out,
           sum(lost) AS lost
    FROM judged GROUP BY tied
)
SELECT k.id, k.number, k.text, e.title, st.name, length(st.path) > %(nation)s,
       coalesce(f.missed, 0)::int, (a.assessments - coalesce(f.left_out, 0))::int, coalesce(f.lost, 0), a.points
FROM asked a
JOIN standards_criterion k ON k.id = a.tied
JOIN standards_section e ON e.id = k.section_id
JOIN standards_standard st ON st.id = k.standard_id
LEFT JOIN found f ON f.tied = a.tied
ORDER BY k.standard_id, k.number
"""  # noqa: S608 made of this module's own text


@dataclass(frozen=True)
class Missed:
    """A national criterion, or a local one without a tie: of how many assessed communities how many missed it.

    ``lost`` of ``points``: what was lost under the standards that score it.
    """

    pk: int
    number: int
    text: str
    section: str
    standard: str
    is_local: bool
    missed: int
    assessed: int
    lost: Fraction
    points: Fraction

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.missed, self.assessed) if self.assessed else None

    @property
    def share_lost(self) -> Fraction | None:
        return self.lost / self.points if self.points else None


@dataclass(frozen=True)
class MissedCriteria:
    """All criteria that the year's assessments answered, the most often missed first; those without a tie apart."""

    national: list[Missed]
    local: list[Missed]

    @property
    def is_scored(self) -> bool:
        """Whether points could be lost on any of them."""
        return any(one.points for one in [*self.national, *self.local])

    @property
    def is_empty(self) -> bool:
        return not any(one.assessed for one in [*self.national, *self.local])


def missed_of(extent: Extent) -> MissedCriteria:
    """Count what was missed; one query."""
    found = [_missed(*line) for line in extent.rows(_FOUND, nation=LABEL_WIDTH)]
    found.sort(key=lambda one: (-(one.share or 0), -one.missed, one.standard, one.number))
    return MissedCriteria([one for one in found if not one.is_local], [one for one in found if one.is_local])


def having_missed(communities: CommunityQuerySet, extent: Extent, criterion: int) -> CommunityQuerySet:
    """Those whose assessment of the year missed the criterion, or one that carries it out."""
    sql = f"""{_WITH} SELECT c.community_id FROM judged j JOIN counted c ON c.id = j.assessment_id
              WHERE j.tied = %(criterion)s AND j.is_missed"""  # noqa: S608 made of this module's own text
    return extent.narrowed(communities, sql, criterion=criterion)


def assessed_on(communities: CommunityQuerySet, extent: Extent, criterion: int) -> CommunityQuerySet:
    """Those whose assessment of the year answered the criterion, or one that carries it out, with more than 不适用."""
    sql = f"""{_WITH} SELECT c.community_id FROM counted c
              WHERE c.standard_id IN (SELECT standard_id FROM ties WHERE tied = %(criterion)s)
                AND c.id NOT IN (SELECT assessment_id FROM judged WHERE tied = %(criterion)s AND is_left_out)"""  # noqa: S608
    return extent.narrowed(communities, sql, criterion=criterion)


def _missed(*line: Any) -> Missed:
    pk, number, text, section, standard, is_local, missed, assessed, lost, points = line
    return Missed(pk, number, text, section, standard, is_local, missed, assessed, Fraction(lost), Fraction(points))
