"""Sums of past years stay with the jurisdiction that reported them, whatever becomes of communities and jurisdictions.

As ``reorganisations.past_years`` does for communities: the places are summed before and after a change, and the difference is
written down as TransferredFunds. Projects themselves go where their communities go.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from apps.jurisdictions.models import Jurisdiction
from apps.projects.models import Funding, TransferredFunds
from apps.projects.sums import Amounts, by_campaign

# By campaign, year and source.
Funds = dict[tuple[int, int, str], Amounts]


def funds_of(path: str, before: int) -> Funds:
    """Sum the funds of the jurisdiction with ``path`` in every year before ``before``."""
    funds: Funds = defaultdict(Amounts, by_campaign(Funding.objects.below(path).filter(year__lt=before)))
    for one in TransferredFunds.objects.below(path).filter(year__lt=before):
        key = one.campaign_id, one.year, one.source
        funds[key] = funds[key].plus(Amounts(one.planned, one.spent))
    return funds


class PastFunds:
    """The funds of ``places``, and so of all above them, in the years before ``effective_on``, as they stand before a change."""

    def __init__(self, places: Iterable[Jurisdiction], effective_on: date) -> None:
        self._effective_on = effective_on
        self._before = {one.pk: funds_of(one.path, effective_on.year) for one in places}

    def keep(self, places: Iterable[Jurisdiction]) -> None:
        """After the change, let them stay; what it has made stands among ``places`` and had nothing.

        Of two that lie in one another the lower one is put right first.
        """
        # A place may have moved with the change.
        now = Jurisdiction.objects.filter(pk__in=[one.pk for one in places])
        for place in sorted(now, key=lambda one: -len(one.path)):
            before, after = self._before.get(place.pk, {}), funds_of(place.path, self._effective_on.year)
            TransferredFunds.objects.bulk_create(_rows(place, before, after, self._effective_on))


def _rows(place: Jurisdiction, before: Funds, after: Funds, effective_on: date) -> Iterator[TransferredFunds]:
    for key in sorted({*before, *after}):
        was, now = before.get(key, Amounts()), after.get(key, Amounts())
        if was != now:
            campaign, year, source = key
            yield TransferredFunds(
                jurisdiction=place,
                campaign_id=campaign,
                year=year,
                source=source,
                planned=was.planned - now.planned,
                spent=was.spent - now.spent,
                effective_on=effective_on,
            )
