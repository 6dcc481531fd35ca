"""The projects that a community's page shows: its own, and those of communities that it stands for (merged into it, or split)."""

from dataclasses import dataclass
from typing import Any

from django.db.models.expressions import RawSQL

from apps.accounts.permissions import Actor
from apps.communities.models import Community
from apps.core import clock
from apps.projects.domain import VERB
from apps.projects.models import Project
from apps.projects.sums import Amounts, with_amounts

# The community itself, and whatever ended in it, through any number of changes.
_STANDS_FOR = """
WITH RECURSIVE kept AS (
    SELECT %s::bigint AS id
    UNION
    SELECT s.predecessor_id
    FROM reorganisations_succession s
    JOIN kept ON s.successor_id = kept.id
    JOIN communities_community c ON c.id = s.predecessor_id AND c.closed_on IS NOT NULL
)
SELECT id FROM kept
"""


@dataclass(frozen=True)
class CommunityProject:
    """A project with its sums; ``is_inherited``: of a community that this one stands for."""

    project: Project
    amounts: Amounts
    is_inherited: bool
    is_late: bool


def projects_of(community: Community, actor: Actor) -> dict[str, Any]:
    """What the community's page shows of projects; one query."""
    found = Project.objects.filter(community__in=RawSQL(_STANDS_FOR, [community.pk]))  # noqa: S611 the id is a parameter
    today, rows, total = clock.today(), [], Amounts()
    for one in with_amounts(found).select_related("community").order_by("planned_start", "id"):
        amounts = Amounts(one.planned_sum, one.spent_sum)  # type: ignore[attr-defined]
        rows.append(CommunityProject(one, amounts, one.community_id != community.pk, one.is_late_on(today)))
        total = total.plus(amounts)
    may_add = community.closed_on is None and actor.can(VERB, community.path)
    return {"rows": rows, "total": total, "may_add": may_add}
