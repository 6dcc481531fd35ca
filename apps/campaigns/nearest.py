"""Which campaign is worked under at a place: of those that carry one another out, the nearest one that has the year."""

from collections.abc import Collection, Iterable, Mapping

from apps.campaigns.models import Campaign
from apps.jurisdictions.models import paths_down_to


def campaigns_around(paths: Collection[str]) -> list[Campaign]:
    """The opened campaigns of the jurisdictions in which ``paths`` lie; one query."""
    around = {above for path in paths for above in paths_down_to(path)}
    return list(Campaign.objects.issued().filter(path__in=around).select_related("jurisdiction"))


def executing(campaign: Campaign, campaigns: Iterable[Campaign], path: str, year: int) -> Campaign | None:
    """The one of ``campaigns`` by which ``campaign`` is carried out at ``path`` in ``year``, if it is another.

    The years decide, and not whether it is closed: what a nearer campaign has no year for is done in ``campaign`` itself.
    """
    by_pk = {one.pk: one for one in campaigns}
    here = (one for one in by_pk.values() if path.startswith(one.path) and one.first_year <= year <= one.last_year)
    nearer = [one for one in here if _carries_out(one, campaign, by_pk)]
    return max(nearer, key=lambda one: (len(one.path), one.first_year), default=None)


def _carries_out(one: Campaign, campaign: Campaign, by_pk: Mapping[int, Campaign]) -> bool:
    """Whether ``one`` carries ``campaign`` out, itself or through others."""
    if one.parent_id is None:
        return False
    above = by_pk.get(one.parent_id)
    return one.parent_id == campaign.pk or (above is not None and _carries_out(above, campaign, by_pk))
