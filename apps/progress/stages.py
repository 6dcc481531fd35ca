"""环节: where the participating communities stand, and how many days a step of the way takes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from apps.campaigns.models import Participation
from apps.communities.models import CommunityQuerySet
from apps.core import clock
from apps.jurisdictions.models import Level
from apps.progress.extent import Extent

# Past the stages of Participation itself: recognised of a later year than the shown one; taken back; ended with its community.
LATER, REVOKED, ENDED, TRANSFERRED = "recognised_later", "revoked", "ended", "transferred"
_REVIEW = Participation.Stage.IN_REVIEW
LABELS: dict[str, str] = {
    Participation.Stage.PLANNED: "未填报",
    Participation.Stage.DRAFTING: "自评中",
    Participation.Stage.RETURNED: "退回修改",
    _REVIEW: "审核中",
    **{f"{_REVIEW}.{level}": f"{level.label}审核" for level in reversed(Level)},
    Participation.Stage.RECOGNISED: "已认定",
    LATER: "以后年度认定",
    REVOKED: "已摘牌",
    ENDED: "已终止",
    TRANSFERRED: "划转前数据",
}
# Stages that nothing waits in.
_OVER = {Participation.Stage.RECOGNISED, LATER, REVOKED, ENDED, TRANSFERRED}

# Each participation that the roll-up counts, with where it stands and since when. What waits at a level for a second approver
# waits at that level: below nobody learns of the proposal.
_PLACED = """
SELECT p.community_id,
       CASE WHEN p.stage = 'recognised' THEN
                CASE WHEN r.id IS NULL THEN 'revoked'
                     WHEN r.year BETWEEN %(first_year)s AND %(year)s AND (r.ended_on IS NULL OR r.ended_on > %(year_end)s)
                     THEN 'recognised' ELSE 'recognised_later' END
            WHEN p.ended_on IS NOT NULL THEN 'ended'
            WHEN p.stage = 'in_review' THEN coalesce('in_review.' || h.level, 'in_review')
            ELSE p.stage END AS stands,
       CASE WHEN p.ended_on IS NOT NULL OR p.stage = 'recognised' THEN NULL
            WHEN p.stage = 'planned' THEN p.created_at ELSE a.held_since END AS since
FROM campaigns_participation p
LEFT JOIN campaigns_recognition r ON r.participation_id = p.id AND r.revoked_at IS NULL
     AND within(r)
LEFT JOIN assessments_assessment a ON a.participation_id = p.id AND within(a)
     AND a.status IN ('draft', 'in_review', 'returned')
LEFT JOIN jurisdictions_jurisdiction h ON h.id = a.holder_id
WHERE within(p) AND p.campaign_id = ANY (%(family)s) AND p.year <= %(year)s
  AND (p.ended_on IS NULL OR p.ended_on > %(year_end)s)
"""
# Each stay that ended, of the year's plan, from the step that began it to the one that ended it, as if what was recalled (撤回自评)
# had never been submitted. Where it stood is told by the step that ended it: only who fills in submits, whoever reviews does the
# rest.
_STAYS = """
SELECT community_id,
       CASE kind WHEN 'open' THEN 'planned'
                 WHEN 'submit' THEN CASE WHEN lag(kind) OVER steps = 'return' THEN 'returned' ELSE 'drafting' END
                 ELSE 'in_review.' || level END AS stands,
       extract(epoch FROM at - coalesce(lag(at) OVER steps, created_at))::int / 86400 AS days
FROM (
    SELECT s.id, s.assessment_id, s.at, s.kind, lead(s.kind) OVER steps AS followed_by,
           p.community_id, p.created_at, j.level
    FROM assessments_reviewaction s
    JOIN assessments_assessment a ON a.id = s.assessment_id AND within(a)
    JOIN campaigns_participation p ON p.id = a.participation_id AND within(p)
    JOIN jurisdictions_jurisdiction j ON j.id = s.jurisdiction_id
    WHERE within(s) AND p.campaign_id = ANY (%(family)s) AND p.year = %(year)s
      AND (p.ended_on IS NULL OR p.ended_on > %(year_end)s)
      AND s.kind IN ('open', 'submit', 'recall', 'return', 'agree', 'recognise')
    WINDOW steps AS (PARTITION BY s.assessment_id ORDER BY s.at, s.id)
) AS taken
WHERE kind <> 'recall' AND followed_by IS DISTINCT FROM 'recall'
WINDOW steps AS (PARTITION BY assessment_id ORDER BY at, id)
"""
# By whole days: a median of them needs no sorting of all. A community that came back and left again counts twice among what ended,
# once among the communities.
_COUNTED = f"""
WITH stays AS ({_STAYS})
SELECT 'now', stands, extract(epoch FROM %(now)s - since)::int / 86400 AS days, count(*)::int
FROM ({_PLACED}) AS placed GROUP BY stands, days
UNION ALL
SELECT 'ended', stands, days, count(*)::int FROM stays GROUP BY stands, days
UNION ALL
SELECT 'communities', stands, NULL, count(DISTINCT community_id)::int FROM stays GROUP BY stands
UNION ALL
SELECT 'now', 'transferred', NULL, sum(enrolled)::int FROM campaigns_transferredfigures
WHERE within() AND year = %(year)s AND campaign_id = ANY (%(family)s) HAVING sum(enrolled) <> 0
"""  # noqa: S608 made of this module's own text


@dataclass(frozen=True)
class Stage:
    """How many stand at a stage, for how many days (the median); how often one of the year's plan left it, after how many, and
    how many communities these are."""

    key: str
    label: str
    count: int
    days_so_far: Fraction | None
    finished: int
    days: Fraction | None
    communities: int

    @property
    def is_over(self) -> bool:
        """Whether nothing waits here any more."""
        return self.key in _OVER

    @property
    def has_names(self) -> bool:
        return self.key != TRANSFERRED


@dataclass(frozen=True)
class Stages:
    """The stages in the order of the way; their counts make up the roll-up's participating communities."""

    lines: list[Stage]

    @property
    def total(self) -> int:
        return sum(one.count for one in self.lines)


def stages_of(extent: Extent) -> Stages:
    """Count and measure; one query. Stages of the chain that nobody reaches are left out."""
    found: dict[str, dict[str, Counter[int | None]]] = {"now": {}, "ended": {}, "communities": {}}
    for kind, stands, days, count in extent.rows(_COUNTED, now=clock.now()):
        found[kind].setdefault(stands, Counter())[days] += count
    always = {Participation.Stage.PLANNED, Participation.Stage.DRAFTING, Participation.Stage.RETURNED, "recognised"}
    shown = always | found["now"].keys() | found["ended"].keys()
    return Stages([_stage(key, found) for key in LABELS if key in shown])


def _stage(key: str, found: Mapping[str, Mapping[str, Counter[int | None]]]) -> Stage:
    """Add up what was found of one stage, by what is told of it and by days."""
    now, ended, communities = (found[kind].get(key, Counter()) for kind in ("now", "ended", "communities"))
    return Stage(
        key=key,
        label=LABELS[key],
        count=now.total(),
        days_so_far=median(now),
        finished=ended.total(),
        days=median(ended),
        communities=communities.total(),
    )


def median(days: Counter[int | None]) -> Fraction | None:
    """Return the middle of numbers of days, each as often as counted; of an even number of them the mean of the middle two."""
    known = sorted((one, count) for one, count in days.items() if one is not None)
    total = sum(count for _, count in known)
    if not total:
        return None
    reached, middle = 0, []
    for one, count in known:
        middle += [one] * sum(reached <= place < reached + count for place in ((total - 1) // 2, total // 2))
        reached += count
    return Fraction(sum(middle), len(middle))


def standing_at(communities: CommunityQuerySet, extent: Extent, key: str) -> CommunityQuerySet:
    """Those that a stage counts."""
    sql = f"SELECT community_id FROM ({_PLACED}) AS placed WHERE stands = %(key)s"  # noqa: S608
    return extent.narrowed(communities, sql, key=key)


def having_left(communities: CommunityQuerySet, extent: Extent, key: str) -> CommunityQuerySet:
    """Those of the year's plan that left a stage."""
    sql = f"SELECT community_id FROM ({_STAYS}) AS stays WHERE stands = %(key)s"  # noqa: S608
    return extent.narrowed(communities, sql, key=key)
