"""Tags of a community's or a jurisdiction's own page: where it came from, what became of it, and the menu of changes."""

from typing import Any

from django import template
from django.db.models import Q

from apps.accounts.permissions import Actor
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.models import JurisdictionChange, JurisdictionSuccession, Succession

register = template.Library()

# In the order of the menu; the kinds of the addresses.
_MENU = (
    ("rename", "更名"),
    ("move", "调整所属街道"),
    ("merge", "合并"),
    ("split", "拆分"),
    ("close", "撤销"),
)


@register.inclusion_tag("reorganisations/_menu.html", takes_context=True)
def change_menu(context: template.Context, community: Community) -> dict[str, Any]:
    """`{% change_menu community %}`: the changes that the person may make to a community that exists."""
    actor: Actor | None = context.get("actor")
    may = actor is not None and actor.can("change_communities", community.path) and community.closed_on is None
    return {"community": community, "kinds": _MENU if may else ()}


@register.inclusion_tag("reorganisations/_succession.html", takes_context=True)
def succession(context: template.Context, community: Community) -> dict[str, Any]:
    """`{% succession community %}`: what it was made of and what became of it; nothing where nothing has changed, which a
    community annotated with ``has_changed`` knows by itself."""
    if not getattr(community, "has_changed", True):
        return {"rows": [], "community": community}
    rows = Succession.objects.filter(Q(predecessor=community) | Q(successor=community))
    found = rows.select_related("change__recorded_by", "predecessor", "successor").order_by(
        "change__effective_on", "id"
    )
    return {"rows": list(found), "community": community, "actor": context.get("actor")}


@register.inclusion_tag("reorganisations/_units_before.html")
def units_before(community: Community) -> dict[str, Any]:
    """`{% units_before community %}`: how the units that it belongs to were reorganised, and by which zone it was taken over."""
    line = Jurisdiction.objects.ancestors_of(community.jurisdiction.path)
    moved = Q(successions__successor__in=line, successions__predecessor__isnull=False)
    singly = Q(effects__contains=[{"community": community.pk}])
    found = JurisdictionChange.objects.filter(moved | singly).distinct().order_by("effective_on", "id")
    rows = []
    for change in found.prefetch_related("successions__successor"):
        steps = [
            str(one) for one in change.successions.all() if one.predecessor_id and one.name_before != one.name_after
        ]
        taken = [one for one in change.taken_singly if one.get("community") == community.pk]
        rows.append((change, [*steps, *(f"{one['name']}{one['fate']}" for one in taken)]))
    return {"rows": [row for row in rows if row[1]]}


@register.inclusion_tag("reorganisations/_jurisdiction_succession.html")
def jurisdiction_succession(place: Jurisdiction) -> dict[str, Any]:
    """`{% jurisdiction_succession place %}`: how the jurisdiction was reorganised; nothing where it was not."""
    rows = JurisdictionSuccession.objects.filter(Q(predecessor=place) | Q(successor=place))
    return {"rows": list(rows.select_related("change").order_by("change__effective_on", "id")), "place": place}
