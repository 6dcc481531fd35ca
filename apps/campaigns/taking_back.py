"""A recognition taken back after its community went elsewhere: earlier years lose it where they were reported."""

from collections import Counter
from datetime import date

from django.utils import timezone

from apps.campaigns.models import Recognition, TransferredFigures
from apps.jurisdictions.models import Jurisdiction


def correct_earlier_years(recognition: Recognition) -> None:
    """Take the recognition out of what transfers left where it was reported, and took away where it lies now.

    Without this the one place would count it still, and the other below nothing. What lies out of sight stays as it was.
    """
    key = f"{_counts_on(recognition)}#{recognition.pk}"
    rows = TransferredFigures.objects.filter(campaign=recognition.campaign_id, recognitions__has_key=key)
    moved: Counter[tuple[int, Jurisdiction]] = Counter()
    last: dict[int, date] = {}
    for row in rows.select_related("jurisdiction").order_by("pk"):
        moved[row.year, row.jurisdiction] += row.recognitions[key]
        last[row.year] = row.effective_on
    TransferredFigures.objects.bulk_create(
        TransferredFigures(
            jurisdiction=place,
            campaign=recognition.campaign,
            year=year,
            recognitions={key: -count},
            effective_on=last[year],
        )
        for (year, place), count in moved.items()
        if count
    )


def _counts_on(recognition: Recognition) -> date:
    """The day on which it counts, within its year (``rollup.DAY``)."""
    first, last = date(recognition.year, 1, 1), date(recognition.year, 12, 31)
    return min(max(timezone.localdate(recognition.recognised_at), first), last)
